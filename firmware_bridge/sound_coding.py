"""How sound crosses the link: samples as they are, or LC3; which of them for which glasses.

LC3 at 32 kbit/s is 4 kB/s, an eighth of what 16 bit samples take: those do not fit through a connection with intervals
of 30 to 50 ms, which Halo asks for. Where the codec is not installed Halo sends 8 bit samples at 8 kHz instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from firmware_bridge import lc3
from firmware_bridge.link import GlassesKind

__all__ = ["NO_CODEC", "Lc3", "Pcm", "SoundCoding", "coding_for"]

Samples = npt.NDArray[np.int16]

NO_CODEC: Final = "the codec of Halo's sound (LC3) is not installed: it comes with 8 bit at 8 kHz"

LC3_FRAME_BYTES: Final = 40  # of 10 ms: 32 kbit/s, which LC3 was made for at 16 kHz (specification 1.0, annex E)
LC3_DURATION: Final = 1000  # device reference 2.7: in 10 us


class SoundCoding(Protocol):
    """One way to carry sound.

    Attributes:
        rate_hz: of the microphone, for `Listen`.
        carried: bits a sample, or bytes of an LC3 frame, for `Listen`.
        bits: how exact it is in bits a sample, 8 or 16.
    """

    @property
    def rate_hz(self) -> int: ...  # noqa: D102
    @property
    def carried(self) -> int: ...  # noqa: D102
    @property
    def bits(self) -> int: ...  # noqa: D102

    def count(self, size: int) -> int | None:
        """Samples of the recording in so many bytes; None where that is no whole number of them."""
        ...

    def index(self, index: int) -> int:
        """The sample of the recording that the glasses call so."""
        ...

    def decode(self, data: bytes) -> Samples:
        """The samples of a packet, which follows the one before unless `index` said otherwise."""
        ...


@dataclass(frozen=True, slots=True)
class Pcm:
    """Samples of 8 or 16 bits; each stands for `times` of the recording."""

    bits: int
    rate_hz: int = 16000
    times: int = 1

    @property
    def carried(self) -> int:
        """SoundCoding."""
        return self.bits

    def count(self, size: int) -> int | None:
        """SoundCoding."""
        samples, rest = divmod(size, self.bits // 8)
        return None if rest else samples * self.times

    def index(self, index: int) -> int:
        """SoundCoding."""
        return index * self.times

    def decode(self, data: bytes) -> Samples:
        """SoundCoding."""
        if self.bits == 16:
            samples = np.frombuffer(data, "<i2").astype(np.int16, copy=False)
        else:
            samples = np.frombuffer(data, np.int8).astype(np.int16) << 8
        return samples if self.times == 1 else np.repeat(samples, self.times)


@dataclass(frozen=True, slots=True)
class Lc3:
    """Frames of 10 ms. One decoder for each stream, for a frame continues the one before."""

    rate_hz: int
    _codec: lc3.Codec = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Make the decoder."""
        object.__setattr__(self, "_codec", lc3.Codec(self.rate_hz, LC3_DURATION, LC3_FRAME_BYTES * 800))

    @property
    def carried(self) -> int:
        """SoundCoding."""
        return LC3_FRAME_BYTES

    @property
    def bits(self) -> int:
        """SoundCoding."""
        return 16

    def count(self, size: int) -> int | None:
        """SoundCoding."""
        frames, rest = divmod(size, LC3_FRAME_BYTES)
        return None if rest else frames * self.rate_hz // 100

    def index(self, index: int) -> int:
        """SoundCoding."""
        return index

    def decode(self, data: bytes) -> Samples:
        """SoundCoding."""
        frames = (data[at : at + LC3_FRAME_BYTES] for at in range(0, len(data), LC3_FRAME_BYTES))
        return np.frombuffer(b"".join(map(self._codec.decode, frames)), "<i2").astype(np.int16, copy=False)


def coding_for(glasses: GlassesKind, rate_hz: int, bits: int) -> SoundCoding:
    """How these glasses send sound that is wanted with this rate (8000 or 16000) and depth (8 or 16)."""
    if glasses == "frame":
        return Pcm(bits, rate_hz)
    return Lc3(rate_hz) if lc3.available() else Pcm(8, 8000, rate_hz // 8000)
