"""An emulated Frame's lens to measure on: what pictures cost on the link, and when they are lit; in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np

from firmware_bridge import Glasses
from host.app.glasses import GlassesLens
from host.app.lens_text import LensText
from host.fonts import Fonts, require
from host.lens.display_list import BitmapItem, DisplayList, GlyphItem
from host.lens.font import Font
from host.lens.shape import FRAME
from host.lens.shaped_font import ShapedFont

if TYPE_CHECKING:
    from firmware_bridge.emulator import EmulatorSource

__all__ = [
    "COSTS_HEAD",
    "LIMIT",
    "MeasuredLens",
    "as_bitmaps",
    "costs_of",
    "costs_row",
    "fonts_for",
    "only_glyphs",
    "open_lens",
]

LIMIT: Final = 0.25  # of the bytes of pictures, that warm Chinese may cost
COSTS_HEAD: Final = f"{'cold':>7} {'warm':>7} {'pictures':>9} {'cold':>6} {'warm':>6}"
SETTLE_S: Final = 0.5  # a picture lit, and the hidden buffer cleared


def fonts_for(languages: Iterable[str]) -> LensText:
    """Fonts of this computer. Raises BackendMissingError, FontError: text in one of the languages cannot be shaped."""
    fonts = Fonts.of_this_computer()
    text = LensText(fonts, FRAME)
    for language in languages:
        require(language, fonts)
    return text


class MeasuredLens:
    """Glasses, and an eye on what they show."""

    def __init__(self, glasses: Glasses, source: EmulatorSource) -> None:
        """Look at open glasses, whose device `source` has."""
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
async def open_lens(*, slow: bool = False) -> AsyncIterator[MeasuredLens]:
    """A started Frame of the nominal or the slow model."""
    from firmware_bridge.emulator import EmulatorSource, parse_uri  # noqa: PLC0415 - the Lua VM is loaded when used

    source = EmulatorSource(parse_uri(f"emulator:frame?slow={int(slow)}"))
    async with Glasses(source) as glasses:
        lens = MeasuredLens(glasses, source)
        await asyncio.sleep(SETTLE_S)
        yield lens


async def costs_of(cards: Sequence[DisplayList], as_glyphs: Sequence[DisplayList]) -> dict[str, float]:
    """Bytes both ways of cards shown one after another, and their share of what their lines cost as pictures of ink.

    Args:
        cards: as they are shown; the first time nothing of them is on the glasses (cold), the second time (warm) all
            that there is room for.
        as_glyphs: the same, all their lines glyphs.
    """
    async with open_lens() as lens:
        cold, warm = [await lens.cost(cards) for _ in range(2)]
    async with open_lens() as lens:
        picture = await lens.cost(map(as_bitmaps, as_glyphs))
    return {
        "cold_bytes": cold,
        "warm_bytes": warm,
        "picture_bytes": picture,
        "cold_share": cold / picture,
        "warm_share": warm / picture,
    }


def costs_row(costs: Mapping[str, float], *, met: bool | None) -> str:
    """A row below `COSTS_HEAD`; `met` says whether the share of the warm is at most `LIMIT`, where that matters."""
    verdict = "" if met is None else f"   at most {LIMIT:g}: {'yes' if met else 'NO'}"
    return (
        f"{costs['cold_bytes']:>7} {costs['warm_bytes']:>7} {costs['picture_bytes']:>9} "
        f"{costs['cold_share']:>6.2f} {costs['warm_share']:>6.3f}{verdict}"
    )


def only_glyphs(font: Font) -> Font:
    """The same font, with which every line is glyphs."""
    return replace(font, built_in=None) if isinstance(font, ShapedFont) else font


def as_bitmaps(card: DisplayList) -> DisplayList:
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
