"""This computer's microphone, for people whose glasses are charging; the `Microphone` of `host/contracts`.

PortAudio (through sounddevice) calls from a thread of its own with what it heard; the newest half minute waits for the
reader. What is lost, here or in the sound card, is silence of the same length that says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any, Final

import numpy as np

from host.audio import RATE_HZ, Resampler
from host.contracts import AudioChunk, Samples
from host.errors import AudioInputError, BackendMissingError

__all__ = ["ComputerMicrophone", "input_devices"]

_WAITING_MAX_S: Final = 30.0  # as for the glasses' microphone: a recogniser that is busy for longer has failed
_SILENT_MAX_S: Final = 3.0  # PortAudio calls every few tens of milliseconds as long as the device is there
_CHUNK_S: Final = 0.1
_FULL_SCALE: Final = 32768.0


class ComputerMicrophone:
    """A microphone of this computer, by name or number; the system's own choice where none is named."""

    def __init__(self, device: str = "") -> None:
        """Find the microphone; it is opened by `chunks`.

        Args:
            device: a part of its name, its number as `input_devices` gives it, or empty for the system's default.

        Raises:
            AudioInputError: there is none, or none of that name.
            BackendMissingError: sounddevice or PortAudio is not installed.
        """
        library = _sounddevice()
        wanted: int | str | None = int(device) if device.strip().isdecimal() else device.strip() or None
        try:
            found = library.query_devices(wanted, "input")
        except (library.PortAudioError, ValueError, OverflowError) as error:
            raise _not_found(device, library) from error
        self._library, self._device = library, int(found["index"])
        self.name: str = str(found["name"])
        """As the system calls it; text from outside."""
        self._source_hz = _best_rate(library, self._device, float(found["default_samplerate"]))

    @property
    def rate_hz(self) -> int:
        """Samples a second of every chunk."""
        return RATE_HZ

    async def chunks(self) -> AsyncGenerator[AudioChunk, None]:
        """Sound until the iterator is closed, which releases the microphone.

        Raises:
            AudioInputError: it cannot be opened (another program has it, no permission), or it was taken away; what
                came before is good.
        """
        loop = asyncio.get_running_loop()
        inbox = _Inbox(loop, round(_WAITING_MAX_S * self._source_hz))
        cutter = _Cutter(self._source_hz)
        stream: Any = None
        try:
            stream = self._library.RawInputStream(
                samplerate=self._source_hz, device=self._device, channels=1, dtype="int16", callback=inbox.heard
            )
            stream.start()
        except self._library.PortAudioError as error:
            if stream is not None:
                stream.close(ignore_errors=True)
            raise AudioInputError(
                f"the microphone {self.name!r} cannot be opened: {_words(error)}",
                "End the program that uses it, allow this terminal to use the microphone, or name another one with "
                "--audio-device",
            ) from error
        try:
            while True:
                try:
                    async with asyncio.timeout(_SILENT_MAX_S):
                        samples, lost, overflowed = await inbox.take()
                except TimeoutError as error:
                    raise AudioInputError(
                        f"the microphone {self.name!r} gives no more sound", "Was it unplugged? Start again with it"
                    ) from error
                for chunk in cutter.cut(samples, lost, overflowed=overflowed, now=loop.time()):
                    yield chunk
        finally:
            await asyncio.to_thread(stream.close, ignore_errors=True)


def input_devices() -> list[tuple[int, str]]:
    """Number and name of every microphone of this computer. Raises BackendMissingError."""
    library = _sounddevice()
    return [(int(d["index"]), str(d["name"])) for d in library.query_devices() if d["max_input_channels"] > 0]


class _Inbox:
    """From PortAudio's thread to the event loop: the newest `limit` samples, and how many had to go."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int) -> None:
        self._loop, self._limit = loop, limit
        self._lock = threading.Lock()
        self._blocks: deque[bytes] = deque()
        self._waiting = 0
        self._lost = 0
        self._overflowed = False
        self._arrived = asyncio.Event()

    def heard(self, block: Any, _frames: int, _time: Any, status: Any) -> None:
        """PortAudio's callback, in its own thread."""
        with self._lock:
            wake = not self._blocks
            self._blocks.append(bytes(block))
            self._waiting += len(block) // 2
            self._overflowed |= bool(status.input_overflow)
            while self._waiting > self._limit:
                gone = len(self._blocks.popleft()) // 2
                self._waiting -= gone
                self._lost += gone
        if wake:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever listened
                self._loop.call_soon_threadsafe(self._arrived.set)

    async def take(self) -> tuple[Samples, int, bool]:
        """All that waits: samples, how many went missing before them, and whether the sound card lost some."""
        await self._arrived.wait()
        self._arrived.clear()
        with self._lock:
            taken = np.frombuffer(b"".join(self._blocks), np.int16), self._lost, self._overflowed
            self._blocks.clear()
            self._waiting, self._lost, self._overflowed = 0, 0, False
        return taken


class _Cutter:
    """Makes contiguous chunks at 16 kHz of what arrives at the device's own rate."""

    def __init__(self, source_hz: int) -> None:
        self._source_hz = source_hz
        self._resampler = None if source_hz == RATE_HZ else Resampler(source_hz)
        self._pending: Samples = np.empty(0, np.int16)
        self._start = 0

    def cut(self, samples: Samples, lost: int, *, overflowed: bool, now: float) -> list[AudioChunk]:
        """What is whole. An overflow of the sound card is of unknown length and counts as one chunk."""
        chunks = []
        missing = round(lost * RATE_HZ / self._source_hz) or (round(_CHUNK_S * RATE_HZ) if overflowed else 0)
        if missing:
            reason = "the computer was too slow for its microphone"
            chunks += [self._chunk(self._pending, now)] if len(self._pending) else []
            self._pending = np.empty(0, np.int16)
            chunks.append(self._chunk(np.zeros(missing, np.int16), now, reason))
        self._pending = np.concatenate([self._pending, self._converted(samples)])
        size = round(_CHUNK_S * RATE_HZ)
        whole = len(self._pending) // size * size
        for first in range(0, whole, size):
            later_s = (len(self._pending) - first - size) / RATE_HZ
            chunks.append(self._chunk(self._pending[first : first + size], now - later_s))
        self._pending = self._pending[whole:]
        return chunks

    def _converted(self, samples: Samples) -> Samples:
        if self._resampler is None:
            return samples
        made = self._resampler.feed(samples.astype(np.float64) / _FULL_SCALE)
        return np.clip(np.rint(made * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)

    def _chunk(self, samples: Samples, heard_at_s: float, lost_reason: str | None = None) -> AudioChunk:
        chunk = AudioChunk(samples, self._start, RATE_HZ, lost_reason=lost_reason, heard_at_s=heard_at_s)
        self._start += len(samples)
        return chunk


def _sounddevice() -> Any:
    try:
        import sounddevice  # noqa: PLC0415 - an extra, imported when used
    except ImportError as error:
        raise BackendMissingError(
            "the computer's microphone needs the package sounddevice", "Install it: pip install 'sidelight[microphone]'"
        ) from error
    except OSError as error:  # the package is there, the system's library is not
        raise BackendMissingError(
            "the computer's microphone needs the library PortAudio", "Install it: sudo apt install libportaudio2"
        ) from error
    return sounddevice


def _best_rate(library: Any, device: int, usual_hz: float) -> int:
    """16 kHz if the device can, else its own rate."""
    try:
        library.check_input_settings(device=device, channels=1, dtype="int16", samplerate=RATE_HZ)
    except library.PortAudioError:
        return round(usual_hz)
    return RATE_HZ


def _not_found(device: str, library: Any) -> AudioInputError:
    inputs = [(int(d["index"]), str(d["name"])) for d in library.query_devices() if d["max_input_channels"] > 0]
    if not inputs:
        return AudioInputError("this computer has no microphone", "Plug one in, or use --audio glasses or --audio FILE")
    listed = ", ".join(f"{number} {name!r:.60}" for number, name in inputs)
    which = f"named {device!r:.60}" if device.strip() else "chosen in the system's settings"
    return AudioInputError(f"there is no one microphone {which}", f"There are: {listed}")


def _words(error: Exception) -> str:
    return str(error.args[0] if error.args else error).partition(" [")[0]
