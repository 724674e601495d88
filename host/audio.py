"""A sound file as a microphone: any rate and number of channels in, 16 kHz mono out, piece by piece.

Files of hours are never held in memory. 16 kHz 16-bit mono passes bit for bit. Reads WAV, FLAC, Ogg and MP3
(libsndfile); what a file claims of itself is checked before anything is allocated for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from host.contracts import AudioChunk, Samples
from host.errors import AudioInputError, BackendMissingError

__all__ = ["RATE_HZ", "FileMicrophone", "Resampler", "read_samples"]

RATE_HZ: Final = 16_000

_CHUNK_SAMPLES: Final = 1600  # 100 ms
_RATES_HZ: Final = (1_000, 768_000)  # what sound cards and file formats in use have
_CHANNELS_MAX: Final = 32
_KINDS: Final = "Give a WAV, FLAC, Ogg or MP3 file"


class FileMicrophone:
    """A sound file as a source of sound; it is read as fast as its reader takes it."""

    def __init__(self, path: Path) -> None:
        """Look at the file; it is read by `chunks`.

        Raises:
            AudioInputError: it is missing, unreadable, no sound file, or holds no sound.
            BackendMissingError: the library that reads sound files is not installed.
        """
        self._path = path
        with _opened(path) as sound:
            self.duration_s: float = sound.frames / sound.samplerate
            """Length, as the file itself claims."""

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        return RATE_HZ

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """The whole file once, from its start, in chunks of 100 ms.

        Raises:
            AudioInputError: the file is damaged further on, or has gone; what came before it is good.
        """
        clock = asyncio.get_running_loop().time
        start = 0
        for samples in _pieces(self._path):
            yield AudioChunk(samples, start, RATE_HZ, heard_at_s=clock())
            start += len(samples)


def read_samples(path: Path) -> Samples:
    """A whole file as 16 kHz mono. Raises as `FileMicrophone` and its `chunks` do."""
    FileMicrophone(path)
    return np.concatenate([np.empty(0, np.int16), *_pieces(path)])


class Resampler:
    """From any rate to 16 kHz, piece by piece; how the input is cut makes no difference.

    A windowed-sinc filter, read from a table of its phases by linear interpolation: flat to 6.6 kHz (from 16 kHz on; in
    proportion below), at least 70 dB down where the other side of the lower Nyquist frequency would fold back on
    speech. Output sample 0 lies on input sample 0; the output lasts as long as the input.
    """

    _PHASES = 512  # linear interpolation between them errs by less than 16 bits resolve
    _LOBES = 24  # zero crossings of the sinc on each side
    _PASS = 0.91  # cut-off, as a part of the lower Nyquist frequency

    def __init__(self, rate_hz: int) -> None:
        """Convert from `rate_hz`, 1 000 to 768 000."""
        common = math.gcd(rate_hz, RATE_HZ)
        self._up, self._down = RATE_HZ // common, rate_hz // common
        cutoff = self._PASS * min(1.0, RATE_HZ / rate_hz)
        self._half = math.ceil(self._LOBES / cutoff)
        phases = np.arange(self._PHASES + 1)[:, np.newaxis] / self._PHASES
        distance = np.arange(1 - self._half, self._half + 1)[np.newaxis, :] - phases
        window = np.cos(np.pi / 2 * np.clip(distance / self._half, -1, 1)) ** 2
        table = cutoff * np.sinc(cutoff * distance) * window
        self._table = table / table.sum(axis=1, keepdims=True)  # every phase passes a steady value unchanged
        self._pending = np.zeros(self._half - 1)  # silence before the first sample
        self._first = 1 - self._half  # input index of the first pending sample
        self._made = 0

    def feed(self, samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Take more input; return the output that is complete."""
        self._pending = np.concatenate([self._pending, samples])
        ready = self._first + len(self._pending) - self._half  # input places before this have all neighbours at hand
        made = self._convert(max(0, -(-ready * self._up // self._down) - self._made))
        done = (self._made * self._down) // self._up - self._half + 1 - self._first
        self._pending, self._first = self._pending[done:], self._first + done
        return made

    def finish(self) -> npt.NDArray[np.float64]:
        """Return the rest."""
        return self.feed(np.zeros(self._half))

    def _convert(self, count: int) -> npt.NDArray[np.float64]:
        """The next `count` output samples."""
        place = np.arange(self._made, self._made + count) * self._down
        self._made += count
        base, remainder = np.divmod(place, self._up)
        phase, blend = np.divmod(remainder * self._PHASES, self._up)
        result = np.empty(count)
        span = np.arange(1 - self._half, self._half + 1)
        step = max(1, (1 << 20) // len(span))  # outputs at a time: 8 MB of neighbours
        for i in range(0, count, step):
            part = slice(i, i + step)
            neighbours = self._pending[base[part, np.newaxis] + span - self._first]
            share = (blend[part] / self._up)[:, np.newaxis]
            weights = self._table[phase[part]] * (1 - share) + self._table[phase[part] + 1] * share
            result[part] = np.einsum("ij,ij->i", neighbours, weights)
        return result


def _pieces(path: Path) -> Iterator[Samples]:
    """The file as 16 kHz mono, in pieces of 100 ms."""
    with _opened(path) as sound:
        exact = sound.samplerate == RATE_HZ and sound.channels == 1 and sound.subtype == "PCM_16"
        blocks = _blocks(path, sound, "int16" if exact else "float64")
        if exact:
            yield from (block[:, 0] for block in blocks)
            return
        resampler = None if sound.samplerate == RATE_HZ else Resampler(sound.samplerate)
        pending = np.empty(0, np.int16)
        for block in blocks:
            mono = np.clip(np.nan_to_num(block), -1, 1).mean(axis=1)  # floats may hold anything
            pending = np.concatenate([pending, _int16(resampler.feed(mono) if resampler else mono)])
            while len(pending) >= _CHUNK_SAMPLES:
                yield pending[:_CHUNK_SAMPLES]
                pending = pending[_CHUNK_SAMPLES:]
        if resampler:
            pending = np.concatenate([pending, _int16(resampler.finish())])
        if len(pending):
            yield pending


def _blocks(path: Path, sound: Any, dtype: str) -> Iterator[npt.NDArray[Any]]:
    """Arrays of (frames, channels), about 100 ms each."""
    import soundfile  # noqa: PLC0415 - imported when used

    count = max(1, sound.samplerate // 10)
    while True:
        try:
            block = sound.read(count, dtype=dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            at = sound.tell() / sound.samplerate
            raise AudioInputError(f"{_shown(path)} is damaged after {at:.1f} s", "Convert it again") from error
        if len(block) == 0:
            return
        yield block


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file as libsndfile sees it."""
    try:
        import soundfile  # noqa: PLC0415 - imported when used
    except (ImportError, OSError) as error:  # OSError: the package is there but not its libsndfile
        raise BackendMissingError(
            f"sound files cannot be read: {error}", "Install it: pip install 'sidelight[transcribe]'"
        ) from error
    with _stream(path) as stream:
        try:
            sound = soundfile.SoundFile(stream)
        except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
            what = "is not a sound file that can be read" if stream.seek(0, 2) else "is empty"
            raise AudioInputError(f"{_shown(path)} {what}", _KINDS) from error
        with sound:
            if problem := _problem(sound):
                raise AudioInputError(f"{_shown(path)} {problem}", _KINDS)
            yield sound


def _stream(path: Path) -> BinaryIO:
    try:
        if path.exists() and not path.is_file():
            raise AudioInputError(f"{_shown(path)} is not a file", _KINDS)
        return path.open("rb")
    except FileNotFoundError as error:
        raise AudioInputError(f"there is no file {_shown(path)}", "Check its name") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or error
        raise AudioInputError(f"{_shown(path)} cannot be opened: {reason}", "Check its name and its rights") from error


def _problem(sound: Any) -> str:
    """What is wrong with what a file says of itself; empty if nothing."""
    low, high = _RATES_HZ
    if not low <= sound.samplerate <= high:
        return f"has {sound.samplerate} samples a second; {low} to {high} can be read"
    if sound.channels > _CHANNELS_MAX:
        return f"has {sound.channels} channels; at most {_CHANNELS_MAX} can be read"
    return "" if sound.frames else "holds no sound"


def _int16(samples: npt.NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _shown(path: Path) -> str:
    """A file's name as it may be printed, whatever it is called."""
    return ascii(str(path))
