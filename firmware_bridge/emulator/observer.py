"""What the wearer of emulated glasses sees: as a picture at any moment, and as a film.

Observers look on and never steer: nothing here changes what the glasses do or when.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firmware_bridge.emulator.gif import GifWriter, Indices, Palette
from firmware_bridge.errors import InputError

Picture = NDArray[np.uint8]
"""(height, width, 3), red, green and blue from 0 to 255."""
OnLit = Callable[[float, Callable[[], Picture]], None]

FILM_MAX_BYTES: Final = 200_000_000
_SHORTEST_CS: Final = 2  # shorter frames are slowed down by most viewers
_LAST_S: Final = 1.0  # what the last frame gets at least, so that it is seen

_logger = logging.getLogger(__name__)


def indexed(picture: Picture) -> tuple[Indices, Palette]:
    """A picture as indices, (height, width), and its colours: sixteen, or 256 where they do not suffice.

    A picture of more has the 256 that are nearest to it.
    """
    packed = picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colours, indices = np.unique(packed, return_inverse=True)
    if len(colours) > 256:
        image = Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE)
        entries = np.frombuffer(bytes(image.getpalette() or ()), np.uint8).reshape(-1, 3)
        chosen = np.asarray(image, np.uint8)
    else:
        entries = (colours[:, None] >> np.array([16, 8, 0], np.uint32)).astype(np.uint8)
        chosen = indices.reshape(picture.shape[:2]).astype(np.uint8)
    palette = np.zeros((16 if len(entries) <= 16 else 256, 3), np.uint8)
    palette[: len(entries)] = entries
    return chosen, palette


def png(display: Lens) -> bytes:
    """What the wearer sees at this moment, as a PNG file."""
    return later_png(display)()


def later_png(display: Lens) -> Callable[[], bytes]:
    """What the wearer sees at this moment, to be made a PNG file when it is wanted, in whichever thread."""
    indices, palette = display.indexed()
    kept = indices.copy()

    def made() -> bytes:
        image = Image.fromarray(kept)
        image.putpalette(palette.tobytes())
        buffer = io.BytesIO()
        image.save(buffer, "PNG", bits=4 if len(palette) <= 16 else 8)
        return buffer.getvalue()

    return made


def save_png(display: Lens, path: Path) -> None:
    """Write what the wearer sees at this moment.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.write_bytes(png(display))
    except OSError as error:
        raise _unwritable(path, error) from error


class Lens(Protocol):
    """A lens that can be looked at, in this process or another."""

    observers: list[OnLit]

    @property
    def time(self) -> float:
        """Seconds, by the clock of `observers`."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...

    def picture(self) -> Picture:
        """What the wearer sees at this moment."""
        ...

    def indexed(self) -> tuple[Indices, Palette]:
        """The same as palette indices, (height, width), and 16 or 256 colours, (n, 3); to be copied if kept."""
        ...


class LensFilm:
    """Films the lens into an animated GIF: each change when it was lit, for as long as it stayed.

        with LensFilm(display, Path("lens.gif")):
            ...

    Written as it goes, so memory stays the same however long it runs; a film that reaches 200 MB ends there.

    Attributes:
        frames: pictures that differ from the one before.
        ended: why the film ended before `close`; empty while it runs.
    """

    def __init__(self, display: Lens, path: Path) -> None:
        """Begin with what is shown now.

        Raises:
            InputError: the file cannot be written.
        """
        self.frames = 0
        self.ended = ""
        self._display = display
        self._path = path
        self._shown: tuple[Indices, Palette] | None = None
        self._shown_since = display.time
        self._owed_cs = 0.0  # what rounding to hundredths of a second has left over
        try:
            self._file: BinaryIO = path.open("wb")
            self._writer = GifWriter(self._file, *display.size)
        except OSError as error:
            raise _unwritable(path, error) from error
        self._see(display.time, display.picture)
        display.observers.append(self._see)

    def close(self) -> None:
        """End the film; repeated calls do nothing."""
        if self._see in self._display.observers:
            self._display.observers.remove(self._see)
        if not self._file.closed:
            self._guarded(lambda: self._finish(max(self._display.time, self._shown_since + _LAST_S)))
            self._guarded(self._file.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _see(self, lit_at: float, _picture: Callable[[], Picture]) -> None:
        if not self.ended:
            self._guarded(lambda: self._take(lit_at))

    def _take(self, lit_at: float) -> None:
        indices, palette = self._display.indexed()
        if self._shown is not None and np.array_equal(palette[indices], self._shown[1][self._shown[0]]):
            return
        self._put(lit_at)
        self._shown, self._shown_since = (indices.copy(), palette), lit_at
        self.frames += 1
        if self._file.tell() > FILM_MAX_BYTES:
            self._end(f"it has reached {FILM_MAX_BYTES // 1_000_000} MB")

    def _put(self, until: float) -> None:
        """Write the picture shown so far, unless it was there too briefly to be seen."""
        if self._shown is None:
            return
        lasted_cs = (until - self._shown_since) * 100 + self._owed_cs
        if round(lasted_cs) < _SHORTEST_CS:
            self._owed_cs = lasted_cs
            return
        self._owed_cs = lasted_cs - round(lasted_cs)
        self._writer.add(*self._shown, round(lasted_cs))

    def _finish(self, until: float) -> None:
        if not self.ended:
            self._put(until)
            self._writer.close()

    def _guarded(self, write: Callable[[], None]) -> None:
        """A film that cannot be written must not stop the glasses."""
        try:
            write()
        except OSError as error:
            self._end(error.strerror or str(error))

    def _end(self, reason: str) -> None:
        if not self.ended:
            self.ended = reason
            _logger.warning("the film of the lens %s ends early: %s", self._path.name, reason)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"the picture of the lens cannot be written: {path}: {error.strerror or error}",
        "Give a folder that exists and that you may write.",
    )
