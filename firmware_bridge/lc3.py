"""The LC3 codec, as Halo's microphone and speaker use it and this computer hears it.

The only file that knows Google's liblc3 (lc3py, Apache-2.0).
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

INSTALL = "pip install 'sidelight[lc3]'"
MIN_FRAME_BYTES = 20  # LC3 specification 1.0, 3.2.5: of one channel


class Encoder(Protocol):
    """Encodes one channel, frame after frame."""

    def encode(self, samples: bytes) -> bytes:
        """A frame of 16-bit samples, little-endian."""
        ...


class Decoder(Protocol):
    """Decodes one channel, frame after frame."""

    def decode(self, frame: bytes) -> bytes:
        """A frame; the samples are 16-bit, little-endian."""
        ...


def available() -> bool:
    """Whether the codec is installed; there are wheels for Linux on x86-64 only."""
    return find_spec("lc3") is not None


def frame_samples(rate_hz: int, duration: int) -> int:
    """Samples of one frame; `duration` in 10 us, as Halo counts it: 750 or 1000."""
    return rate_hz * duration // 100_000


def frame_bytes(duration: int, bitrate: int) -> int:
    """Bytes of one frame of one channel (2.7)."""
    return bitrate * duration // 800_000


class Codec:
    """One channel in one direction, or both."""

    def __init__(self, rate_hz: int, duration: int, bitrate: int) -> None:
        """Make it.

        Raises:
            ImportError: the codec is not installed.
        """
        self._bytes = frame_bytes(duration, bitrate)
        self._rate_hz, self._duration_us = rate_hz, duration * 10
        self._lc3, self._path = _library()
        self._encoder: Any = None
        self._decoder: Any = None

    def encode(self, samples: bytes) -> bytes:
        """Encoder."""
        if self._encoder is None:
            self._encoder = self._lc3.Encoder(self._duration_us, self._rate_hz, libpath=self._path)
        return bytes(self._encoder.encode(samples, self._bytes, 16))

    def decode(self, frame: bytes) -> bytes:
        """Decoder."""
        if self._decoder is None:
            self._decoder = self._lc3.Decoder(self._duration_us, self._rate_hz, libpath=self._path)
        return bytes(self._decoder.decode(frame, 16))


@cache
def _library() -> tuple[Any, str | None]:
    """The package, and where its library lies; None where the package has to look for it.

    It would look for that and for the C library anew for each stream, in files and with a program, which a confined
    device has given up.
    """
    import lc3  # noqa: PLC0415 - where it is used, for it may be absent

    lc3.find_library = cache(lc3.find_library)
    found = next((Path(lc3.__file__).parent / ".lc3py.mesonpy.libs").glob("*lc3*"), None)  # as in its wheels
    return lc3, None if found is None else str(found)
