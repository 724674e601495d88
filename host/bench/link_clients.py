"""Who drives the glasses in `bench link`: one contract, and ourselves behind it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final, Protocol

from firmware_bridge import Bitmap, Glasses, Item, LinkSource, Quality, Scene, Text
from host.bench.link_rig import STAGES, Stage

__all__ = ["Client", "Heard", "Sidelight"]

SETTLE_S: Final = 1.0  # what was on its way has arrived


@dataclass(slots=True)
class Heard:
    """Sound that a client got.

    Attributes:
        samples: of real sound, at 16 kHz.
        known_lost: samples that it knows to be missing.
        behind: samples that the device read and the client cannot have had yet, or None where it got all to the end.
    """

    samples: int = 0
    known_lost: int = 0
    behind: bool = False


class Client(Protocol):
    """A program that uses the glasses. What it cannot do raises; what its library raises passes through."""

    name: str

    async def start(self) -> None:
        """Find the glasses, connect, and have everything ready that the other calls need."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def caption(self, text: str) -> None:
        """Show text of one or two lines, with a newline between, where the stage has it, instead of the one before;
        returns when the library does.
        """
        ...

    async def picture(self, pixels: bytes) -> None:
        """Show a picture of the stage's size, 4 bits a pixel, at the top; returns when the glasses have it."""
        ...

    async def photo(self) -> bytes:
        """Take a photo of the stage's size: the JPEG."""
        ...

    async def listen(self, seconds: float) -> Heard:
        """Hear for so long, as well as the link lets it."""
        ...


class Sidelight:
    """Ourselves.

    Attributes:
        name: in tables.
        glasses: while started.
    """

    name = "sidelight"

    def __init__(self, source: LinkSource) -> None:
        self._source = _Kept(source)
        self._caption: tuple[Item, ...] = ()
        self._picture: tuple[Item, ...] = ()
        self._stack = contextlib.AsyncExitStack()
        self.glasses: Glasses

    async def start(self) -> None:
        """Client."""
        self.glasses = await self._stack.enter_async_context(Glasses(self._source))

    async def stop(self) -> None:
        """Client."""
        await self._stack.aclose()

    async def caption(self, text: str) -> None:
        """Client."""
        stage = self._stage
        self._caption = tuple(
            Text(n, stage.caption_x, stage.caption_y + n * stage.line_rows, line, size=stage.letter)
            for n, line in enumerate(text.split("\n"))
        )
        await self._show()

    async def picture(self, pixels: bytes) -> None:
        """Client."""
        self._picture = (Bitmap(0, 0, 0, self._stage.picture_width, 4, pixels),)
        await self._show()

    async def photo(self) -> bytes:
        """Client."""
        size = self._stage.photo_pixels
        photo = await self.glasses.take_photo(resolution=size, quality=Quality.VERY_HIGH, exposures=0)
        return photo.jpeg

    async def listen(self, seconds: float) -> Heard:
        """Client."""
        heard = Heard(behind=True)
        sound = self.glasses.microphone()
        try:
            async with asyncio.timeout(seconds):
                async for chunk in sound:
                    if chunk.lost_reason is None:
                        heard.samples += len(chunk.samples)
                    else:
                        heard.known_lost += len(chunk.samples)
        except TimeoutError:
            pass  # that is how it ends
        finally:
            await sound.aclose()  # type: ignore[attr-defined] # it is an asynchronous generator
        return heard

    @property
    def _stage(self) -> Stage:
        return STAGES[self.glasses.info.kind]

    async def _show(self) -> None:
        await self.glasses.show(Scene((*self._caption, *self._picture)))


class _Kept:
    """A source that outlives the programs that use it, as real glasses do."""

    def __init__(self, source: LinkSource) -> None:
        self.input_ended = source.input_ended
        self.connect = source.connect
        self.pause_input = source.pause_input

    async def close(self) -> None:
        """Leave it to its maker."""
