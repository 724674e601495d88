"""Draw docs/page/*.png: the page by day, by night, on a phone and for Halo in everyday mode, all invented.

    python tools/make_page_pictures.py

Needs the extras `web` and `emulator`, Playwright and Debian's Chromium.
"""

from __future__ import annotations

import asyncio
import io
import math
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from firmware_bridge import Glasses, Scene, Text
from firmware_bridge.emulator import EmulatorSource, parse_uri
from host.app.lens_view import follow_glasses
from host.app.page_actions import actions_offered
from host.events import (
    BatteryLevel,
    Event,
    Instruction,
    LinkState,
    Notice,
    Partial,
    PositionFix,
    PriceRead,
    RouteFound,
    Sentence,
    Translation,
)
from host.web.address import Address
from host.web.server import Page, serving

FOLDER = Path(__file__).parents[1] / "docs" / "page"
SAID = (
    ("Ann", "Good morning, the table by the window is free.", "Guten Morgen, der Tisch am Fenster ist frei."),
    ("Ben", "Thank you. Could we see the menu?", "Danke. Könnten wir die Karte sehen?"),
    ("Ann", "Of course. The soup of the day is pumpkin.", "Natürlich. Die Tagessuppe ist Kürbis."),
)
LENS = (
    Text(1, 20, 90, "Of course. The soup of the day"),
    Text(2, 20, 150, "is pumpkin.", "yellow"),
    Text(3, 20, 230, "Die Tagessuppe ist K\u00fcrbis.", "skyblue"),
)
ROUND = (
    Text(1, 40, 80, "The soup is"),
    Text(2, 64, 108, "pumpkin.", "yellow"),
    Text(3, 40, 148, "Die Suppe", "skyblue"),
)
SCREENS = {
    "day": ({"width": 1280, "height": 800}, "light"),
    "night": ({"width": 1280, "height": 800}, "dark"),
    "phone": ({"width": 390, "height": 844}, "dark"),
}


def told() -> Iterator[Event]:
    """What a page is told in a while of use."""
    yield LinkState(t=0.0, state="ready", detail="Frame 4F")
    yield BatteryLevel(t=0.1, percent=78.0)
    for n, (speaker, text, other) in enumerate(SAID):
        t = 4.0 * n
        yield Sentence(t=t + 3, text=text, start_s=t, end_s=t + 3, language="en", speaker=speaker)
        yield Translation(t=t + 3.4, source=text, target=other, from_="en", to="de", backend="demo", start_s=t)
    yield Partial(t=14.0, text="and with it there is fresh")
    yield PriceRead(
        t=20.0,
        file="",
        accepted=True,
        amount="3.49",
        seconds={},
        text="Oat drink 1 l: 3.49 EUR",
        compared=["last week 3.29 EUR"],
    )
    way = [[43.7300 + 0.0016 * math.sin(n / 2.3), 7.4200 + 0.0007 * n] for n in range(9)]
    yield RouteFound(
        t=30.0,
        destination="Flower Park",
        lat=way[-1][0],
        lon=way[-1][1],
        distance_m=760.0,
        duration_s=560.0,
        mode="walk",
        map="demo",
        licence="\u00a9 OpenStreetMap contributors",
        text="",
        points=way,
    )
    yield PositionFix(t=31.0, lat=(way[2][0] + way[3][0]) / 2, lon=(way[2][1] + way[3][1]) / 2, accuracy_m=4.0)
    yield Instruction(
        t=31.0,
        text="left into Church Walk",
        maneuver="left",
        distance_m=80.0,
        street="Church Walk",
        then="",
        sentence="",
        remaining_m=540.0,
        remaining_s=400.0,
        soon=False,
        line="",
    )
    yield Notice(t=32.0, code="quality", message="the sound got worse", hint="Move nearer")


@contextmanager
def worn(page: Page, kind: str = "frame") -> Iterator[None]:
    """Emulated glasses that show something, in a thread of their own; Halo's in everyday mode."""
    loop, over, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    async def wear() -> None:
        async with Glasses(EmulatorSource(parse_uri(f"emulator:{kind}"))) as glasses:
            follow_glasses(glasses, page.see, page.offer, lambda: 0.0)
            await glasses.show(Scene(LENS if kind == "frame" else ROUND))
            if kind == "halo":
                page.offer(actions_offered(lambda _name: "", lambda _error: None), "assistant")
            await asyncio.sleep(0.5)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(wear()))
    thread.start()
    try:
        if not ready.wait(60):
            sys.exit("the emulated glasses do not start")
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def small(png: bytes) -> bytes:
    """The picture in as few bytes as it needs: 128 colours are enough for it."""
    buffer = io.BytesIO()
    picture = (
        Image.open(io.BytesIO(png)).convert("RGB").quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    )
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    """Draw all of them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no Chromium here: apt install chromium")
    FOLDER.mkdir(exist_ok=True)
    with serving(Address()) as page, worn(page), sync_playwright() as started:
        for event in told():
            page.tell(event)
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (size, scheme) in SCREENS.items():
            draw(browser, page.url, FOLDER / f"{name}.png", {"viewport": size, "color_scheme": scheme})
        browser.close()
    with serving(Address()) as page, worn(page, "halo"), sync_playwright() as started:
        for event in told():
            page.tell(LinkState(t=0.0, state="ready", detail="Halo 4F") if isinstance(event, LinkState) else event)
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        draw(browser, page.url, FOLDER / "halo.png", {"viewport": SCREENS["day"][0], "color_scheme": "light"})
        browser.close()


def draw(browser: Any, url: str, path: Path, options: dict[str, Any]) -> None:
    """One picture of the page."""
    context = browser.new_context(**options)
    tab = context.new_page()
    tab.goto(url)
    tab.get_by_text("live", exact=True).wait_for()
    tab.wait_for_function("() => document.getElementById('picture').naturalWidth > 0")
    tab.get_by_text("Packets of the link").click()
    tab.wait_for_timeout(500)
    path.write_bytes(small(tab.screenshot(full_page=True)))
    context.close()


if __name__ == "__main__":
    main()
