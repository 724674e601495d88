"""What `frame.microphone.start` and `frame.speaker.start` take of their table (device reference 2.7 and 2.8); pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firmware_bridge.emulator.board import Args, LuaApiError, LuaValue
from firmware_bridge.lc3 import frame_bytes, frame_samples

BITRATE_STEP = 8000
BITRATE_MAX = 96_000


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """One way to record or to play.

    Attributes:
        lc3: encoded; else PCM, 16 bit unless `bit_depth` says 8.
        rate_hz: 8000 or 16000.
        bit_depth: 8 or 16.
        channels: 1 or 2.
        duration: of an LC3 frame, in 10 us: 750 or 1000.
        bitrate: of an LC3 channel, bit/s.
    """

    lc3: bool = False
    rate_hz: int = 8000
    bit_depth: int = 16
    channels: int = 1
    duration: int = 1000
    bitrate: int = 16_000

    @property
    def frame_bytes(self) -> int:
        """Bytes of the LC3 frames of all channels."""
        return frame_bytes(self.duration, self.bitrate) * self.channels

    @property
    def frame_samples(self) -> int:
        """Samples of a frame, each channel."""
        return frame_samples(self.rate_hz, self.duration)


def table_of(args: Args) -> Mapping[LuaValue, LuaValue]:
    """Argument 1, which must be a table."""
    table = args.raw(1)
    if not isinstance(table, dict):
        raise LuaApiError("Expected a configuration table")
    return table


def number_of(table: Mapping[LuaValue, LuaValue], name: bytes, default: int) -> int:
    """A field that is a number; anything else counts as not given, and a fraction as 0."""
    value = table.get(name)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | bytes):
        return default
    try:
        number = Args("start", (value,)).number(-1)
    except LuaApiError:
        return default
    return int(number) if number == number and abs(number) < 2**31 and number == int(number) else 0  # noqa: PLR0124


def read_settings(table: Mapping[LuaValue, LuaValue], depths: tuple[int, ...]) -> AudioSettings:
    """The settings that microphone and speaker have in common.

    Raises:
        LuaApiError: one is not possible.
    """
    encoder = table.get(b"encoder")
    lc3 = isinstance(encoder, bytes) and encoder.partition(b"\0")[0] == b"lc3"
    rate = number_of(table, b"sample_rate", 8000)
    if rate not in (8000, 16000):
        raise LuaApiError("Sample rate must be 8000 or 16000")
    channels = number_of(table, b"channels", 1)
    if not 1 <= channels <= 2:
        raise LuaApiError("Channels must be 1 or 2")
    depth = number_of(table, b"bit_depth", 16)
    if depth not in depths:
        raise LuaApiError("Bit depth must be 16" if depths == (16,) else "Bit depth must be 8 or 16")
    if not lc3:
        return AudioSettings(rate_hz=rate, bit_depth=depth, channels=channels)
    if depth != 16:
        raise LuaApiError("Bit depth applies to PCM only (LC3 encodes 16-bit input)")
    duration, bitrate = number_of(table, b"duration", 1000), number_of(table, b"bitrate", 16_000)
    if duration not in (750, 1000):
        raise LuaApiError("LC3 duration must be 750 or 1000")
    if bitrate % BITRATE_STEP or bitrate > BITRATE_MAX or bitrate <= 0:
        raise LuaApiError("Bitrate must be multiple of 8000 and <= 96000")
    return AudioSettings(True, rate, 16, channels, duration, bitrate)
