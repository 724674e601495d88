"""The lens of glasses that are confined to another process."""

from __future__ import annotations

import asyncio
import zlib

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator.confinement import LIT
from firmware_bridge.emulator.observer import OnLit, Picture


class RemoteLens:
    """What the wearer of confined glasses sees; a `Lens` for `LensFilm`.

    Attributes:
        observers: called when it has changed, with the time in seconds at which the picture is lit.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        """Dark.

        Args:
            size: width and height in pixels.
        """
        self.observers: list[OnLit] = []
        self._size = size
        self._indices = np.zeros(size[::-1], np.uint8)
        self._colours = np.zeros((16, 3), np.uint8)

    @property
    def time(self) -> float:
        """Seconds, by the clock of `observers`."""
        return asyncio.get_running_loop().time()

    @property
    def size(self) -> tuple[int, int]:
        """Lens: width and height."""
        return self._size

    def indexed(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Palette indices, (height, width), and the colours, (n, 3)."""
        return self._indices, self._colours

    def picture(self) -> Picture:
        """What the wearer sees."""
        return self._colours[self._indices]

    def take(self, since: float, body: bytes) -> None:
        """A picture from the process. Raises ValueError, zlib.error where it is none."""
        lit_at, width, height, count = LIT.unpack_from(body)
        if (width, height) != self._size or count not in (16, 256):
            raise ValueError("no picture of these glasses")
        colours = np.frombuffer(body[LIT.size : LIT.size + 3 * count], np.uint8).reshape(count, 3)
        pixels = zlib.decompressobj().decompress(body[LIT.size + 3 * count :], height * width)
        indices = np.frombuffer(pixels, np.uint8).reshape(height, width)
        if indices.max() >= count:
            raise ValueError("no colour")
        self._indices, self._colours = indices, colours
        for observer in self.observers:
            observer(since + lit_at, self.picture)
