"""The emulated Halo's speaker: audio characteristic, `frame.speaker`, `frame.sound` (device reference 1.10, 2.8)."""

from __future__ import annotations

import errno
import logging
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_bridge import lc3
from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaValue, type_name
from firmware_bridge.emulator.halo.audio_settings import AudioSettings, number_of, read_settings, table_of
from firmware_bridge.emulator.halo.bluetooth import Waits
from firmware_bridge.gatt import INSUFFICIENT_RESOURCES

RING_BYTES: Final = 8193  # 1.10
PIECE_BYTES: Final = 480  # 1.10: what the speaker's thread reads at a time
AHEAD_S: Final = 0.060  # estimate: sound that the hardware holds
VOLUME: Final = 50
PRESETS: Final = (b"pickup", b"laser", b"explosion", b"powerup", b"hit", b"jump", b"blip")
KEPT_SAMPLES: Final = 16_000 * 60
"""What is remembered of what was played, for whoever looks on."""

_logger = logging.getLogger(__name__)


class Speaker:
    """The speaker, and its parts of the Lua API.

    Attributes:
        played: the last minute that was played, 16-bit samples at `rate_hz`, channels one after the other.
        rate_hz: of what was played last.
        dropped_bytes: parts of LC3 frames that were cut apart by a read (1.10).
    """

    def __init__(self, board: Board, waits: Waits) -> None:
        """Silent."""
        self.played: NDArray[np.int16] = np.empty(0, np.int16)
        self.rate_hz = 8000
        self.dropped_bytes = 0
        self._board = board
        self._waits = waits
        self._settings: AudioSettings | None = None
        self._decoders: list[lc3.Codec] = []
        self._volume = VOLUME
        self._ring = bytearray()
        self._busy_until = 0.0
        self._reading = False
        self._sound_until = 0.0

    def api(self) -> Api:
        """The functions of `frame.speaker`."""
        return {
            "start": self._start,
            "stop": lambda _args: self._stop(),
            "play": self._play,
            "volume": self._set_volume,
        }

    def sound_api(self) -> Api:
        """The functions of `frame.sound`."""
        return {
            "play": lambda args: self._preset("play", args, waits=True),
            "play_async": lambda args: self._preset("play_async", args, waits=False),
            "stop": lambda _args: self._end_sound(),
            "is_playing": lambda _args: self._board.now() < self._sound_until,
        }

    def reset(self) -> None:
        """The Lua VM starts: silence."""
        self._stop()
        self._end_sound()

    def interrupt(self) -> None:
        """0x03: silence (1.7)."""
        self._stop()

    def clear(self) -> None:
        """The link is gone, and what it brought."""
        self._ring.clear()

    def on_audio(self, data: bytes) -> int:
        """A value came by the audio characteristic. Returns 0, or an ATT error where there is no room (1.10)."""
        if len(self._ring) + len(data) > RING_BYTES:
            return INSUFFICIENT_RESOURCES
        self._ring += data
        self._read_on()
        return 0

    # --- frame.speaker ------------------------------------------------------------------------------------------

    def _start(self, args: Args) -> None:
        table = table_of(args)
        self._stop()
        settings = read_settings(table, (16,))
        volume = number_of(table, b"volume", VOLUME)
        if not 0 <= volume <= 100:
            raise LuaApiError("Volume must be 0-100")
        if not 0 <= number_of(table, b"gain", 0) <= 12:
            raise LuaApiError("Gain must be 0-12 dB")
        if settings.lc3 and not lc3.available():
            _logger.warning("the emulated Halo has no LC3 codec: %s", lc3.INSTALL)
            raise LuaApiError("Failed to initialize speaker (may be occupied by LE Audio)")
        if settings.lc3 and settings.frame_bytes < lc3.MIN_FRAME_BYTES * settings.channels:
            raise LuaApiError("Failed to create LC3 decoder for channel 0")
        self._decoders = [
            lc3.Codec(settings.rate_hz, settings.duration, settings.bitrate)
            for _ in range(settings.channels if settings.lc3 else 0)
        ]
        self._settings, self._volume, self.rate_hz = settings, volume, settings.rate_hz
        self._busy_until = self._board.now()
        self._read_on()

    def _stop(self) -> None:
        self._settings = None

    def _play(self, args: Args) -> None:
        """Past the ring; waits while the hardware has enough."""
        data = args.string(1)
        settings = self._settings
        if settings is None:
            raise LuaApiError("Speaker not started")
        if settings.lc3 and len(data) % settings.frame_bytes:
            raise LuaApiError(f"LC3 data length must be multiple of {settings.frame_bytes}")
        self._sounds(data, settings)
        self._waits.pause(self._busy_until - AHEAD_S - self._board.now())

    def _set_volume(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return self._volume
        volume = args.integer(1)
        if not 0 <= volume <= 100:
            raise LuaApiError("Volume must be 0-100")
        self._volume = volume
        return None

    def _read_on(self) -> None:
        """Have the thread read when the hardware has room again."""
        if self._reading or self._settings is None or not self._ring:
            return
        self._reading = True
        self._board.call_at(max(self._board.now(), self._busy_until - AHEAD_S), self._read)

    def _read(self) -> None:
        self._reading = False
        if self._settings is None:
            return
        data = bytes(self._ring[:PIECE_BYTES])
        del self._ring[:PIECE_BYTES]
        self._sounds(data, self._settings)
        self._read_on()

    def _sounds(self, data: bytes, settings: AudioSettings) -> None:
        """Data goes to the hardware."""
        if settings.lc3:
            size = settings.frame_bytes
            rest = len(data) % size
            self.dropped_bytes += rest
            frames = [data[at : at + size] for at in range(0, len(data) - rest, size)]
            parts = [self._decoded(frame) for frame in frames]
            samples = np.concatenate(parts) if parts else np.empty(0, np.int16)
        else:
            samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
        self.played = np.concatenate([self.played, samples])[-KEPT_SAMPLES:]
        seconds = len(samples) / settings.channels / settings.rate_hz
        self._busy_until = max(self._busy_until, self._board.now()) + seconds

    def _decoded(self, frame: bytes) -> NDArray[np.int16]:
        """One frame of each channel, one sample of each in turn."""
        size = len(frame) // len(self._decoders)
        channels = [
            np.frombuffer(decoder.decode(frame[n * size : (n + 1) * size]), "<i2").astype(np.int16)
            for n, decoder in enumerate(self._decoders)
        ]
        return np.stack(channels, axis=1).ravel()

    # --- frame.sound --------------------------------------------------------------------------------------------

    def _preset(self, function: str, args: Args, *, waits: bool) -> LuaValue:
        """How they sound is nobody's business: they take their time."""
        name = args.string(1).partition(b"\0")[0]
        options = args.raw(2)
        if options is not None and not isinstance(options, dict):
            args.error(2, f"table expected, got {type_name(options)}")
        fields = {key: _field(function, options or {}, key, default) for key, default in _SOUND_DEFAULTS.items()}
        if fields[b"sample_rate"] not in (8000, 16000):
            raise LuaApiError("sample_rate must be 8000 or 16000")
        problem = 0 if name in PRESETS else errno.ENOENT
        text = "unknown sound preset"
        if not problem and (self._settings is not None or self._board.now() < self._sound_until):
            problem, text = errno.EBUSY, "speaker is busy"
        if problem:
            return None, text.encode(), -problem
        seconds = max(fields[b"duration_ms"], 0) / 1000
        self._sound_until = self._board.now() + seconds
        if waits:
            self._waits.pause(seconds)
        return True

    def _end_sound(self) -> None:
        self._sound_until = 0.0


_SOUND_DEFAULTS: Final = {b"seed": 1, b"sample_rate": 16_000, b"duration_ms": 1000, b"volume": 20}


def _field(function: str, options: dict[LuaValue, LuaValue], name: bytes, default: int) -> int:
    return default if options.get(name) is None else Args(function, (options[name],)).integer(-1)
