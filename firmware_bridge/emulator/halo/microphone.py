"""The emulated Halo's microphone: PCM or LC3 frames in a ring of 64 KiB (device reference 2.7)."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from firmware_bridge import lc3
from firmware_bridge.emulator.board import Api, Args, Board, LuaApiError, LuaValue, TakesCallback
from firmware_bridge.emulator.halo.audio_settings import AudioSettings, number_of, read_settings, table_of
from firmware_bridge.emulator.power import OnTime
from firmware_bridge.emulator.sound import RATE_HZ, LiveSound, QuietRoom, Samples, Sound

RING_BYTES: Final = 64 * 1024  # 2.7
READ_MAX_BYTES: Final = 4096  # 2.7
BLOCK_MS: Final = 10  # estimate: what PCM comes in; LC3 comes in frames
SETTLE_S: Final = 0.040  # 5, Halo 7, estimate: nothing comes until the microphone has settled
GAIN_DB: Final = 10
AAD_DB: Final = (60, 100)  # 2.7: threshold of the acoustic activity detector
AAD_MS: Final = (0, 10_000)
_BUSY: Final = "Failed to initialize microphone (may be occupied by LE Audio)"
_READ_S: Final = 15e-6  # estimate: a read takes a lock twice, whatever is there
_START_S: Final = 0.010  # estimate
_BYTE_S: Final = 20e-9  # estimate

_logger = logging.getLogger(__name__)


class Microphone:
    """The microphone, and its part of the Lua API (`frame.microphone`).

    With `waits_for_reader` the sound's clock waits for the reader: it stands still while the ring is full, and nothing
    of a recording is ever lost. Without it the oldest blocks are dropped whole, as on the hardware.

    Attributes:
        on_ended: called once when the last sample of a sound that ends has been read; it must not run Lua.
        samples_lost: samples of the sound that were dropped before they were read.
    """

    def __init__(self, board: Board, sound: Sound | None, *, waits_for_reader: bool) -> None:
        """Hear `sound`; None is a quiet room."""
        self.on_ended: Callable[[], None] | None = None
        self.samples_lost = 0
        self._board = board
        self._sound: Sound = sound if sound is not None else QuietRoom(board.random.getrandbits(64))
        self._waits = waits_for_reader
        self._settings: AudioSettings | None = None
        self.on_time = OnTime(board)
        self._encoders: list[lc3.Codec] = []
        self._gain_db = 0
        self._aec = self._voice = False
        self._ring: deque[tuple[bytes, int]] = deque()  # blocks, and where in the sound each ends
        self._held = 0
        self._heard = 0  # samples of the sound that are in blocks
        self._read = 0  # samples of the sound that have been read
        self._left = 0  # of these, samples that were in the ring when it was stopped
        self._clock = 0.0  # device time up to which the sound was heard
        self._marks: deque[tuple[int, float]] = deque(maxlen=4096)
        self._paused = False
        self._told = False

    @property
    def running(self) -> bool:
        """Whether the microphone is started."""
        return self._settings is not None

    def pause(self, *, paused: bool) -> None:
        """Stop the sound's clock, or let it go on. A quiet room never stops."""
        if paused == self._paused or isinstance(self._sound, QuietRoom):
            return
        self._catch_up()
        self._paused = paused
        self._clock = self._board.now()

    @property
    def position(self) -> int:
        """Samples of the sound that have been read, or dropped because nobody did; those left at a stop are not."""
        return self._read - self._left

    def hear(self, samples: Samples) -> None:
        """Let these be heard in place of what is; nothing of them is lost. `acts.Hear` says what comes after them."""
        self._catch_up()
        if not isinstance(self._sound, LiveSound):
            self._sound = LiveSound(self._sound)
        self._sound.play(samples, self._heard, self._read)
        self._waits = True

    def heard_at(self, position: int) -> float | None:
        """Device time in seconds at which a sample of the sound was in the air; None if it was not, or long ago."""
        for first, time in reversed(self._marks):
            if first <= position:
                return time + (position + 1 - first) / RATE_HZ if position < self._heard else None
        return None

    def reset(self) -> None:
        """The Lua VM starts: it is stopped."""
        self._stop()

    def interrupt(self) -> None:
        """0x03: it is stopped (1.7)."""
        self._stop()

    def api(self) -> Api:
        """The functions of `frame.microphone`."""
        return {
            "start": self._start,
            "stop": lambda _args: self._stop(),
            "read": self._read_bytes,
            "gain": self._gain,
            "status": lambda _args: "streaming" if self.running else "stopped",
            "aec": self._switch("_aec"),
            "voice": self._switch("_voice"),
            "aad_callback": TakesCallback(self._aad_callback),
        }

    def _start(self, args: Args) -> None:
        """Starting again changes the settings (2.7)."""
        table = table_of(args)
        self._stop()
        settings = read_settings(table, (8, 16))
        gain = number_of(table, b"gain", 0)
        if abs(gain) > GAIN_DB:
            raise LuaApiError("Gain must be -10 to 10")
        if settings.lc3 and not lc3.available():
            _logger.warning("the emulated Halo has no LC3 codec: %s", lc3.INSTALL)
            raise LuaApiError(_BUSY)
        if settings.lc3 and settings.frame_bytes < lc3.MIN_FRAME_BYTES * settings.channels:
            raise LuaApiError("Failed to create LC3 encoder for channel 0")
        self._encoders = [
            lc3.Codec(settings.rate_hz, settings.duration, settings.bitrate)
            for _ in range(settings.channels if settings.lc3 else 0)
        ]
        self._board.charge(_START_S)
        self._gain_db, self._settings = gain, settings
        self.on_time.switch(on=True)
        self._heard = self._read
        self._clock = self._board.now() + SETTLE_S

    def _stop(self) -> None:
        """What was not read is gone (2.7); of a recording it is heard again."""
        if not self._waits:
            self._catch_up()
            self.samples_lost += self._heard - self._read
            self._left += self._heard - self._read
            self._read = self._heard
        self._settings = None
        self.on_time.switch(on=False)
        self._ring.clear()
        self._held = 0

    def _read_bytes(self, args: Args) -> LuaValue:
        size = args.integer(1)
        if size <= 0 or size % 2:
            raise LuaApiError("Bytes must be positive and even")
        if size > READ_MAX_BYTES:
            raise LuaApiError("Bytes exceeds maximum of 4096")
        if self._settings is None:
            return (None,)
        self._board.charge(_READ_S)
        self._catch_up()
        size = min(size, self._held)
        if not self._settings.lc3:
            size -= size % 2
        data = self._take(size)
        self._board.charge(len(data) * _BYTE_S)
        if self._sound.length is not None and self._read >= self._sound.length and not self._told:
            self._told = True
            if self.on_ended is not None:
                self.on_ended()
        return data

    def _take(self, size: int) -> bytes:
        """The oldest bytes; blocks are no borders."""
        taken = bytearray()
        while len(taken) < size:
            block, end = self._ring.popleft()
            need = size - len(taken)
            taken += block[:need]
            if len(block) > need:
                self._ring.appendleft((block[need:], end))
            else:
                self._read = end
        self._held -= size
        return bytes(taken)

    def _catch_up(self) -> None:
        """Hear what has been in the air since the last time."""
        settings = self._settings
        if settings is None or self._paused:
            return
        seconds = settings.duration / 1e5 if settings.lc3 else BLOCK_MS / 1000
        step = round(seconds * RATE_HZ)
        due = int((self._board.now() - self._clock) / seconds + 1e-6)
        size = settings.frame_bytes if settings.lc3 else step * settings.rate_hz // RATE_HZ * settings.channels * (
            settings.bit_depth // 8
        )  # fmt: skip
        room = RING_BYTES // size
        if not self._waits and due > room:  # older ones would be dropped at once
            self._ring.clear()
            self._held = 0
            self._heard += (due - room) * step
            self.samples_lost += self._heard - self._read
            self._read = self._heard
            self._clock += (due - room) * seconds
            due = room
        for _ in range(due):
            if self._held + size > RING_BYTES:
                if self._waits:
                    self._clock = self._board.now()
                    return
                self._drop()
            count = step if self._sound.length is None else max(min(step, self._sound.length - self._heard), 0)
            if count == 0:
                self._clock = self._board.now()
                return
            samples = np.pad(self._sound.take(self._heard, count), (0, step - count))
            self._marks.append((self._heard, self._clock))
            self._heard += count
            self._clock += seconds
            self._ring.append((self._encode(samples, settings), self._heard))
            self._held += size

    def _drop(self) -> None:
        block, end = self._ring.popleft()
        self._held -= len(block)
        self.samples_lost += end - self._read
        self._read = end

    def _encode(self, samples: Samples, settings: AudioSettings) -> bytes:
        if self._gain_db:
            loud = np.rint(samples * 10 ** (self._gain_db / 20))
            samples = np.clip(loud, -32768, 32767).astype(np.int16)
        if settings.rate_hz < RATE_HZ:
            pairs = samples[: len(samples) // 2 * 2].reshape(-1, 2).astype(np.int32)
            samples = (pairs.sum(axis=1) >> 1).astype(np.int16)
        if settings.lc3:
            pcm = samples.astype("<i2").tobytes()
            return b"".join(encoder.encode(pcm) for encoder in self._encoders)
        heard = np.repeat(samples, settings.channels)
        return heard.astype("<i2").tobytes() if settings.bit_depth == 16 else (heard >> 8).astype(np.int8).tobytes()

    def _gain(self, args: Args) -> LuaValue:
        if len(args) == 0:
            return self._gain_db
        if self._settings is None:
            raise LuaApiError("Microphone not initialized")
        gain = args.integer(1)
        if abs(gain) > GAIN_DB:
            raise LuaApiError("Gain must be -10 to 10")
        self._gain_db = gain
        return None

    def _switch(self, name: str) -> Callable[[Args], LuaValue]:
        """A switch that is kept and changes nothing: there is no echo to cancel."""

        def switch(args: Args) -> LuaValue:
            if len(args) == 0:
                return getattr(self, name)
            setattr(self, name, args.raw(1) not in (None, False))
            return None

        return switch

    def _aad_callback(self, args: Args) -> None:
        """Checked and kept quiet: what is heard never wakes it."""
        function = args.raw(1)
        if len(args) == 0 or not (function is None or callable(function)):
            raise LuaApiError("expected function or nil")
        for n, (low, high) in ((2, AAD_DB), (3, AAD_MS)):
            if args.raw(n) is not None and not low <= args.integer(n) <= high:
                args.error(n, f"must be between {low} and {high}")
