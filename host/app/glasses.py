"""The glasses as the features' contracts want them: a microphone, a lens, events about the link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from types import MappingProxyType
from typing import Any, Final, TypeVar

from firmware_bridge import (
    NO_CODEC,
    Bitmap,
    Glasses,
    GlassesError,
    Glyph,
    Glyphs,
    PlacedGlyph,
    Rect,
    Scene,
    StateChange,
    Text,
    glyph_cells,
    loop_for,
)
from firmware_bridge import Item as SceneItem
from host.contracts import AudioChunk
from host.errors import LensError
from host.events import BatteryLevel, Event, LinkState, Notice
from host.lens.display_list import BitmapItem, DisplayList, GlyphItem, Item, RectItem, TextItem
from host.lens.display_list import Glyph as LensGlyph
from host.lens.font import BuiltInFont, font_of
from host.lens.shape import LensShape
from host.lens.shaping import TextSize

__all__ = [
    "LOW_BATTERY_PERCENT",
    "NO_GLASSES",
    "GlassesLens",
    "GlassesMicrophone",
    "built_in_font",
    "compute_reporter",
    "report_battery",
    "report_states",
    "run_on_clock",
]

T = TypeVar("T")

NO_GLASSES = "none"
"""`--glasses` for the terminal only."""

LOW_BATTERY_PERCENT = 15
"""A charge that is told to be little: some twenty minutes, where a whole one lasts two to three hours; our choice."""

_BATTERY_EVERY_S = 300.0
"""A full charge of Frame lasts hours; each question is a packet both ways."""

_GET_CODEC: Final = "Run: pip install 'sidelight[lc3]' (there are wheels for Linux on x86-64)"


_CELLS: Final[dict[TextSize, int]] = {"small": 8, "normal": 8, "large": 16}
"""Pixels across and down of a letter of Halo's font (device reference 2.4): of 16 only 14 fit a line."""


def built_in_font(shape: LensShape, size: TextSize = "normal", *, spacing: int = 4) -> BuiltInFont:
    """The font of the glasses that have a lens of this shape; its measures are the firmware's.

    Args:
        shape: of the lens: a round one is Halo's.
        size: of the text; Frame's font has only one.
        spacing: pixels after each glyph, on Frame.
    """
    if not shape.round:
        return font_of(glyph_cells(), spacing=spacing)
    cell = _CELLS[size]
    return BuiltInFont(MappingProxyType({chr(code): cell for code in range(0x20, 0x7F)}), cell, 0, cell)


class GlassesMicrophone:
    """The glasses' microphone; the `Microphone` of `host/contracts`."""

    def __init__(self, glasses: Glasses, *, rate_hz: int = 16000, bits: int = 16) -> None:
        """Listen at `rate_hz` (8000 or 16000) with `bits` (8 or 16) a sample, once `chunks` is read."""
        self._glasses, self._rate_hz, self._bits = glasses, rate_hz, bits

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        return self._rate_hz

    async def chunks(self) -> AsyncGenerator[AudioChunk, None]:
        """Sound until a recording played into emulated glasses ends, or the iterator is closed.

        Raises:
            GlassesError: the glasses are out of reach for good.
        """
        sound = self._glasses.microphone(self._rate_hz, self._bits)
        async with contextlib.aclosing(sound):  # type: ignore[type-var]  # an async generator, typed as an iterator
            async for chunk in sound:
                yield AudioChunk(
                    chunk.samples, chunk.start, chunk.rate_hz, chunk.bits, chunk.lost_reason, chunk.heard_at_s
                )


class GlassesLens:
    """The glasses' lens; the `Lens` of `host/contracts`."""

    def __init__(self, glasses: Glasses) -> None:
        """Draw on the lens of `glasses`, which are open."""
        self._glasses = glasses

    @property
    def shape(self) -> LensShape:
        """What of it is seen."""
        info = self._glasses.info
        return LensShape(info.width, info.height, info.round)

    async def show(self, picture: DisplayList) -> None:
        """Show this and nothing else, as the contract says. Raises LensError."""
        try:
            await self._glasses.show(Scene(tuple(_drawn(item) for item in picture.items)))
        except GlassesError as error:
            raise LensError(error.message, error.hint) from error


def run_on_clock(main: Coroutine[Any, Any, T], uri: str) -> T:
    """Run to its end on the clock that this address asks for: real time, or the virtual time of speed=max.

    Raises:
        UriError, NotInstalledError: the address is one of emulated glasses and cannot be used.
    """
    try:
        with asyncio.Runner(loop_factory=loop_for(uri)) as runner:
            return runner.run(main)
    finally:
        main.close()  # if it was interrupted before it began


def compute_reporter(uri: str) -> Callable[[float], None] | None:
    """Whom to tell of CPU seconds spent in other processes, so that a virtual clock can charge them."""
    if not uri.strip().lower().startswith("emulator:"):
        return None
    from firmware_bridge.emulator import report_compute  # noqa: PLC0415 - the emulator is an extra

    return report_compute


async def report_states(glasses: Glasses, report: Callable[[Event], None], elapsed: Callable[[], float]) -> None:
    """Report every change of the link until cancelled, or until the glasses are out of reach for good.

    Of tries to connect one after another only the first: an hour out of reach has hundreds.
    """
    before = ""
    with contextlib.suppress(GlassesError):  # the microphone raises the same
        async for change in glasses.states():
            if not before == change.state == "connecting":
                report(_event_of(change, elapsed()))
            before = change.state


async def report_battery(glasses: Glasses, report: Callable[[Event], None], elapsed: Callable[[], float]) -> None:
    """Report the charge once in a while until cancelled; a time at which the glasses do not tell is left out."""
    while True:
        with contextlib.suppress(GlassesError):
            report(BatteryLevel(t=elapsed(), percent=await glasses.battery()))
        await asyncio.sleep(_BATTERY_EVERY_S)


def _event_of(change: StateChange, t: float) -> Event:
    if change.state == "quality":
        hint = _GET_CODEC if change.detail == NO_CODEC else "Come closer to the computer"
        return Notice(t=t, code="sound-quality", message=change.detail, hint=hint)
    if change.state == "trouble":
        return Notice(t=t, code="glasses-trouble", message=change.detail, hint="Restart the glasses if it stays")
    return LinkState(t=t, state=change.state, detail=change.detail)


def _drawn(item: Item) -> SceneItem:
    match item:
        case TextItem():
            return Text(item.id, item.x, item.y, item.text, item.colour, item.spacing, item.size)
        case BitmapItem():
            return Bitmap(item.id, item.x, item.y, item.width, item.bits, item.data, item.colour)
        case RectItem():
            return Rect(item.id, item.x, item.y, item.width, item.height, item.colour)
        case GlyphItem():
            placed = tuple(PlacedGlyph(one.x, one.y, _picture(one.glyph)) for one in item.placed)
            return Glyphs(item.id, item.x, item.y, placed, item.colour)


def _picture(glyph: LensGlyph) -> Glyph:
    return Glyph(glyph.width, glyph.height, glyph.bits, glyph.data)
