"""Recordings of a receiver, played; and a place that does not change."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from host.contracts.position import Fix, Lost
from host.errors import PositionError
from host.paths import named
from host.position.gpx import GpxReader
from host.position.measurement import POINTS_MAX, Measurement, NoFix
from host.position.nmea import SENTENCE_MAX, NmeaReader
from host.position.timeline import timeline

__all__ = ["Fixed", "Replay", "read_gpx", "read_nmea"]

FILE_MAX_BYTES: Final = 256 << 20
_PIECE_BYTES: Final = 64 << 10

Stretches = Iterable[Sequence[Measurement]]


class Fixed:
    """A place as a `PositionSource` of `host/contracts`: one fix, and the end."""

    name: Final = "fixed"
    moves: Final = False

    def __init__(self, lat: float, lon: float) -> None:
        """The place, in degrees north and east."""
        self._fix = Fix(lat, lon, accuracy_m=1.0, time_s=0.0, source=self.name)

    def now_s(self) -> float:
        """As in the contract."""
        return 0.0

    async def reports(self) -> AsyncGenerator[Fix | Lost, None]:
        """As in the contract."""
        yield self._fix


class Replay:
    """A recording as a `PositionSource` of `host/contracts`.

    The reports are the same at every speed, and so are their times. Who takes long over one holds up the clock.
    """

    moves: Final = True

    def __init__(self, path: str, speed: float, *, name: str, read: Callable[[BinaryIO], Stretches]) -> None:
        """Prepare; nothing is read.

        Args:
            path: of the file, as the user wrote it.
            speed: seconds of the recording in a second; infinity is as fast as the reports are taken.
            name: of the source.
            read: what the file says.
        """
        self._path, self._speed, self._read = path, speed, read
        self.name = name
        self._passed_s = 0.0  # on the recording's clock,
        self._next_s = 0.0  # which stands still here until that report was given
        self._at: float | None = None  # loop time of `_passed_s`
        self._kept: Stretches | None = None

    def read(self) -> None:
        """Read the file, which else happens with the first report. Raises PositionError."""
        self._kept = self._stretches()

    def now_s(self) -> float:
        """As in the contract."""
        if self._at is None or not math.isfinite(self._speed):
            return self._passed_s
        return min(self._passed_s + (asyncio.get_running_loop().time() - self._at) * self._speed, self._next_s)

    async def reports(self) -> AsyncGenerator[Fix | Lost, None]:
        """As in the contract."""
        loop = asyncio.get_running_loop()
        for at_s, report in timeline(await asyncio.to_thread(self._stretches), self.name):
            self._at, self._passed_s = loop.time(), self.now_s()
            self._next_s = at_s
            wait_s = 0.0 if math.isinf(self._speed) else (at_s - self._passed_s) / self._speed
            await asyncio.sleep(max(0.0, wait_s))
            self._passed_s = at_s
            self._at = loop.time()
            yield report

    def _stretches(self) -> Stretches:
        if self._kept is not None:
            return self._kept
        path = named(self._path)
        try:
            if path.exists() and not path.is_file():
                raise PositionError(f"{self._path!a:.200} is not a file", "Name a recording")
            with path.open("rb") as file:
                return self._read(file)
        except FileNotFoundError as error:
            raise PositionError(f"there is no file {self._path!a:.200}", "Check its name") from error
        except (OSError, ValueError) as error:  # ValueError: a name with a zero in it
            reason = error.strerror if isinstance(error, OSError) else "that is no name of a file"
            raise PositionError(f"{self._path!a:.200} cannot be read: {reason}", "Check its name and rights") from error


def read_gpx(file: BinaryIO) -> Stretches:
    """Stretches of a GPX file. Raises PositionError."""
    reader = GpxReader()
    read = 0
    while piece := file.read(_PIECE_BYTES):
        read += len(piece)
        if read > FILE_MAX_BYTES:
            raise PositionError("the GPX file is larger than any walk", "Cut it, or export one walk")
        reader.feed(piece)
    return reader.close()


def read_nmea(file: BinaryIO) -> Stretches:
    """Stretches of a file of NMEA sentences. Raises PositionError."""
    reader, count = NmeaReader(), 0
    stretches: list[list[Measurement]] = [[]]
    for said in _said(file, reader):
        if isinstance(said, Measurement):
            stretches[-1].append(said)
            count += 1
        elif stretches[-1]:
            stretches.append([])
        if count > POINTS_MAX:
            raise PositionError(f"the NMEA file has more than {POINTS_MAX} positions", "Cut it: a day has 86400")
    kept = [stretch for stretch in stretches if stretch]
    if not reader.sentences:
        raise PositionError("the file is no NMEA 0183: no sentence is whole", "Name a file that a receiver's app wrote")
    if not kept:
        raise PositionError("the receiver had no fix in all of the NMEA file", "Name another file")
    return kept


def _said(file: BinaryIO, reader: NmeaReader) -> Iterator[Measurement | NoFix]:
    read = 0
    while line := file.readline(SENTENCE_MAX):
        read += len(line)
        if read > FILE_MAX_BYTES:
            raise PositionError("the NMEA file is larger than any walk", "Cut it, or name that of one walk")
        said = reader.read(line)
        if said is not None:
            yield said
    last = reader.close()
    if last is not None:
        yield last
