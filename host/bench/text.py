"""`sidelight bench text`: what lines in three scripts cost on the link, beside sending each line as a picture.

The same sentences are shown one after another on an emulated Frame, twice: the first time no glyph is on the glasses
(cold), the second time all of them are that the glasses have room for (warm). The picture of a line is its ink, one bit
a pixel, over the same link. Everything happens in virtual time, so the figures are the same on every computer with
the same fonts.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from firmware_bridge import Glasses
from host.app.glasses import GlassesLens, frame_font
from host.app.lens_text import LensText
from host.bench.link_captions import spread
from host.bench.sentences import SENTENCES
from host.fonts import Fonts, require
from host.lens.cards import Block, cards
from host.lens.display_list import BitmapItem, DisplayList, GlyphItem, TextItem
from host.lens.font import Font
from host.lens.shaped_font import ShapedFont
from host.lens.shaping import TextSize

if TYPE_CHECKING:
    from firmware_bridge.emulator import EmulatorSource

__all__ = ["add_arguments", "run"]

LIMIT: Final = 0.25  # of the bytes of pictures, that warm Chinese may cost
LINE_CHARACTERS: Final = 12
LINES: Final = 20
FIRST_IDEOGRAPH: Final = 0x4E00
EVERY_SO_MANY: Final = 61  # ideographs between two that are taken: dense and simple ones alike
WIDTH, HEIGHT = 640, 400
SETTLE_S: Final = 0.5  # a picture lit, and the hidden buffer cleared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench text`."""
    parser.add_argument("--size", choices=("small", "normal"), default="normal", help="of the text (default normal)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; tables by `line`, and their rows as JSON values.

    Raises:
        BackendMissingError, FontError: text cannot be shaped here.
        ImportError: the emulator is not installed.
    """
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    rows: list[dict[str, Any]] = []
    line("bytes both ways for 20 sentences, and their share of what the lines cost as pictures of 1 bit a pixel")
    line(f"{'':<4} {'sent as':<15} {'cold':>7} {'warm':>7} {'pictures':>9} {'cold':>6} {'warm':>6}")
    for language in SENTENCES:
        costs = run_virtual(_bytes(language, args.size))
        row = {"language": language, **costs, "met": costs["warm_share"] <= LIMIT if language == "zh" else None}
        rows.append(row)
        verdict = "" if row["met"] is None else f"   at most {LIMIT:g}: {'yes' if row['met'] else 'NO'}"
        line(
            f"{language:<4} {costs['sent_as']:<15} {costs['cold_bytes']:>7} {costs['warm_bytes']:>7} "
            f"{costs['picture_bytes']:>9} {costs['cold_share']:>6.2f} {costs['warm_share']:>6.3f}{verdict}"
        )
    line("")
    line(f"from the call to the lit lens, a line of {LINE_CHARACTERS} Chinese characters")
    line(f"{'device':<8} {'':<8} {'p50':>8} {'p95':>8} {'max':>8}")
    for device, slow in (("nominal", False), ("slow", True)):
        for kind, times in run_virtual(_delays(args.size, slow=slow)).items():
            figures = {key: round(1000 * value, 1) for key, value in spread("lit", times).items()}
            rows.append({"device": device, "line": kind, **{f"{key[:-2]}_ms": v for key, v in figures.items()}})
            line(f"{device:<8} {kind:<8} " + " ".join(f"{value:>5.0f} ms" for value in figures.values()))
    return rows


async def _bytes(language: str, size: TextSize) -> dict[str, Any]:
    """What the sentences of a language cost."""
    font = _font(language, size)
    cards = [_card(font, sentence) for sentence in SENTENCES[language]]
    pictures = [_picture(card) for card in _shaped(font, SENTENCES[language])]
    async with _glasses() as lens:
        cold, warm = [await lens.cost(cards) for _ in range(2)]
    async with _glasses() as lens:
        picture = await lens.cost(pictures)
    built_in = any(isinstance(item, TextItem) for card in cards for item in card.items)
    return {
        "sent_as": "text" if built_in else "glyphs",
        "cold_bytes": cold,
        "warm_bytes": warm,
        "picture_bytes": picture,
        "cold_share": cold / picture,
        "warm_share": warm / picture,
    }


async def _delays(size: TextSize, *, slow: bool) -> dict[str, list[float]]:
    """Seconds from the call to the lit lens, of each line, by what the glasses had of it before."""
    font = _font("zh", size)
    chance = Random(7)  # noqa: S311 - repeatable on purpose
    many = [chr(FIRST_IDEOGRAPH + EVERY_SO_MANY * n) for n in range(LINES * LINE_CHARACTERS)]
    cold = ["".join(many[at : at + LINE_CHARACTERS]) for at in range(0, len(many), LINE_CHARACTERS)]
    warm = ["".join(chance.sample(cold[-1], LINE_CHARACTERS)) for _ in range(LINES)]
    async with _glasses(slow=slow) as lens:
        times = {
            "cold": [await lens.show(_card(font, text), chance) for text in cold],
            "warm": [await lens.show(_card(font, text), chance) for text in warm],
        }
    async with _glasses(slow=slow) as lens:
        times["picture"] = [await lens.show(_picture(card), chance) for card in _shaped(font, cold)]
    return times


class _Lens:
    """Glasses, and an eye on what they show."""

    def __init__(self, glasses: Glasses, source: EmulatorSource) -> None:
        self._glasses = glasses
        self._lens = GlassesLens(glasses)
        self._lit: list[tuple[float, bytes]] = []
        power_on = asyncio.get_running_loop().time() - source.device.now()
        source.device.display.observers.append(
            lambda at, picture: self._lit.append((power_on + at, picture().tobytes()))
        )

    async def cost(self, pictures: Iterable[DisplayList]) -> int:
        """Bytes both ways of showing them one after another."""
        before = self._bytes()
        for picture in pictures:
            await self._lens.show(picture)
            await asyncio.sleep(SETTLE_S)
        return self._bytes() - before

    async def show(self, picture: DisplayList, chance: Random) -> float:
        """Seconds from the call, at any moment, until the lens shows all of it."""
        await asyncio.sleep(chance.uniform(0, 0.1))
        self._lit.clear()
        asked = asyncio.get_running_loop().time()
        await self._lens.show(picture)
        await asyncio.sleep(SETTLE_S)
        return next(at for at, look in self._lit if look == self._lit[-1][1]) - asked

    def _bytes(self) -> int:
        session = self._glasses.session
        return 0 if session is None else session.traffic.bytes_out + session.traffic.bytes_in


@asynccontextmanager
async def _glasses(*, slow: bool = False) -> AsyncIterator[_Lens]:
    from firmware_bridge.emulator import EmulatorSource, parse_uri  # noqa: PLC0415 - as above

    source = EmulatorSource(parse_uri(f"emulator:frame?slow={int(slow)}"))
    async with Glasses(source) as glasses:
        lens = _Lens(glasses, source)
        await asyncio.sleep(SETTLE_S)
        yield lens


def _font(language: str, size: TextSize) -> Font:
    fonts = Fonts.of_this_computer()
    text = LensText(fonts, frame_font())
    require(language, fonts)
    return text.font(language, size)


def _card(font: Font, sentence: str) -> DisplayList:
    return cards([Block(sentence, font)], WIDTH, HEIGHT)[0]


def _shaped(font: Font, sentences: Iterable[str]) -> list[DisplayList]:
    """Cards on which all lines are glyphs."""
    glyphs = replace(font, built_in=None) if isinstance(font, ShapedFont) else font
    return [_card(glyphs, sentence) for sentence in sentences]


def _picture(card: DisplayList) -> DisplayList:
    """Every line of glyphs as one bitmap of its ink."""
    return DisplayList(tuple(_bitmap(item) for item in card.items if isinstance(item, GlyphItem)))


def _bitmap(item: GlyphItem) -> BitmapItem:
    width = max(one.x + one.glyph.width for one in item.placed)
    ink = np.zeros((max(one.y + one.glyph.height for one in item.placed), width), np.uint8)
    for one in item.placed:
        glyph = one.glyph
        bits = np.unpackbits(np.frombuffer(glyph.data, np.uint8))[: glyph.height * glyph.width]
        ink[one.y : one.y + glyph.height, one.x : one.x + glyph.width] |= bits.reshape(glyph.height, glyph.width)
    return BitmapItem(item.id, item.x, item.y, width, 1, np.packbits(ink).tobytes(), item.colour)
