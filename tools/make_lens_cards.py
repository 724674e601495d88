"""Draw a card in each script on the lens of the emulated Frame and keep its picture: docs/lens-text/*.png.

    python -m tools.make_lens_cards

It needs the extras `emulator` and `text` and, on Debian, the packages fonts-noto-core and fonts-noto-cjk. The pictures
in the documentation are what it writes; somebody who reads the script should look at them when they change.
"""

# ruff: noqa: RUF001 - the samples are in every script
from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

from firmware_bridge import Glasses
from firmware_bridge.emulator import loop_for, save_png
from host.app.glasses import GlassesLens
from host.app.lens_text import LensText
from host.fonts import Fonts
from host.lens.cards import Block, cards
from host.lens.display_list import DisplayList
from host.lens.shape import FRAME
from host.lens.shaping import TextSize

FOLDER: Final = Path(__file__).parents[1] / "docs" / "lens-text"

GLASSES: Final = "emulator:frame?speed=max"

SAMPLES: Final = {
    "latin": ("cs", "Dobrý den! Kde je nádraží? Vlak jede v 14:05, cena je 250 Kč.", "Good day! Where is the station?"),
    "greek": ("el", "Πού είναι ο σταθμός; Το τρένο φεύγει στις 14:05.", "Where is the station?"),
    "cyrillic": ("ru", "Где находится вокзал? Поезд отправляется в 14:05.", "Where is the station?"),
    "arabic": (
        "ar",
        "أين المحطة؟ القطار رقم 12 (Express) يغادر الساعة ١٤:٠٥، والثمن 250 ريالًا.",
        "Where is the station?",
    ),
    "hebrew": ("he", "איפה התחנה? רכבת 12 (Express) יוצאת בשעה 14:05. שָׁלוֹם!", "Where is the station?"),
    "thai": ("th", "สถานีรถไฟอยู่ที่ไหน รถไฟออกเวลา 14:05 น. ผู้ใหญ่ซื้อตั๋วที่นี่", "Where is the station?"),
    "devanagari": ("hi", "स्टेशन कहाँ है? गाड़ी 14:05 बजे चलती है। क्षत्रिय, द्वितीय, कर्म।", "Where is the station?"),
    "chinese-simplified": (
        "zh-Hans",
        "火车站在哪里？列车将于14:05发车，直达北京南站，请准备好车票。",
        "Where is the station?",
    ),
    "chinese-traditional": (
        "zh-Hant",
        "火車站在哪裡？列車將於14:05發車，直達臺北車站，請準備好車票。",
        "Where is the station?",
    ),
    "japanese": (
        "ja",
        "駅はどこですか。列車は14時05分に発車します。直行ですので、お急ぎください。",
        "Where is the station?",
    ),
    "korean": ("ko", "역이 어디에 있습니까? 열차는 14시 05분에 출발합니다.", "Where is the station?"),
}
"""Name of the picture: language, text, and the same or its beginning in English."""


SIZES: Final = "列车将于十四点发车"


def main() -> None:
    """Write all pictures, or those that are named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lens_text = LensText(Fonts.of_this_computer(), FRAME)
    wanted = sys.argv[1:] or list(SAMPLES)
    pictures = {}
    for name in (name for name in wanted if name in SAMPLES):
        language, text, english = SAMPLES[name]
        large, small = lens_text.font(language), lens_text.font("en", "small")
        pictures[name] = cards([Block(text, large), Block(english, small, "grey")], FRAME)[0]
    if "sizes" in wanted or not sys.argv[1:]:
        sizes: tuple[TextSize, ...] = ("large", "normal", "small")
        pictures["sizes"] = cards([Block(SIZES, lens_text.font("zh-Hans", size)) for size in sizes], FRAME)[0]
    with asyncio.Runner(loop_factory=loop_for(GLASSES)) as runner:
        runner.run(_draw(pictures))


async def _draw(pictures: dict[str, DisplayList]) -> None:
    async with Glasses.open(GLASSES) as glasses:
        lens = GlassesLens(glasses)
        for name, picture in pictures.items():
            await lens.show(picture)
            await asyncio.sleep(1)  # lit, and not only on its way
            save_png(glasses.source.device.display, FOLDER / f"{name}.png")  # type: ignore[attr-defined]
            print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
