"""The emulated Frame's microphone: a ring of samples that device time fills (device reference 2.7).

The hardware always samples at 16 kHz and 16 bit and hands over blocks of 128 samples; the firmware keeps the last
32 768. 8 kHz is every other sample (no filter), 8 bit the high byte.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np

from firmware_bridge.emulator.board import Api, Args, Fields, FrameBoard, LuaApiError, LuaValue
from firmware_bridge.emulator.power import OnTime
from firmware_bridge.emulator.sound import RATE_HZ, LiveSound, QuietRoom, Samples, Sound

RING_SAMPLES: Final = 32_768  # 2.7: 2.048 s
BLOCK_SAMPLES: Final = 128  # 2.7: one DMA block, 8 ms
BLOCK_S: Final = BLOCK_SAMPLES / RATE_HZ
_SAMPLE_S: Final = 0.5e-6  # estimate: about 30 cycles of the 64 MHz processor to move one sample
_MARKS: Final = 4096


class Microphone:
    """The microphone, and its part of the Lua API (`frame.microphone`).

    With `waits_for_reader` the sound's clock waits for the reader: it runs with device time while the microphone is
    started and the ring has room, and stands still while the ring is full, so the writer never laps the reader; what
    was not read when the microphone is stopped is heard again after the next start. Nothing of a recording is ever
    lost on the glasses. Without it, the writer laps the reader unnoticed, as on the hardware.

    Attributes:
        on_ended: called once when the last sample of a sound that ends has been read; it must not run Lua.
        samples_lost: samples of the sound that were overwritten before they were read.
    """

    def __init__(self, board: FrameBoard, sound: Sound | None, *, waits_for_reader: bool) -> None:
        """Hear `sound`; None is a quiet room."""
        self.on_ended: Callable[[], None] | None = None
        self.samples_lost = 0
        self._board = board
        self._sound: Sound = sound if sound is not None else QuietRoom(board.random.getrandbits(64))
        self._waits = waits_for_reader
        self._running = False
        self.on_time = OnTime(board)
        self._step = 2  # samples of the ring for one of the output
        self._bytes = 1
        # Positions in the sound. The ring holds the samples before `_written`; its own indices are these modulo its
        # size.
        self._written = 0
        self._read = 0
        self._clock = 0.0  # device time at which the block before `_written` was complete
        self._marks: deque[tuple[int, float]] = deque(maxlen=_MARKS)
        self._paused = False
        self._told = False

    @property
    def running(self) -> bool:
        """Whether the microphone is started."""
        return self._running

    @property
    def position(self) -> int:
        """Samples of the sound that have been read, those between every other one included."""
        return self._read

    @property
    def ended(self) -> bool:
        """Whether the sound has an end and everything up to it has been read."""
        return self._sound.length is not None and self._read >= self._sound.length

    def pause(self, *, paused: bool) -> None:
        """Stop the sound's clock, or let it go on: nothing comes into the ring meanwhile. A quiet room never stops."""
        if paused == self._paused or isinstance(self._sound, QuietRoom):
            return
        self._catch_up()
        self._paused = paused
        if self._running and not paused:
            self._mark(self._board.now())

    def hear(self, samples: Samples) -> None:
        """Let these be heard in place of what is; nothing of them is lost. `acts.Hear` says what comes after them."""
        self._catch_up()
        if not isinstance(self._sound, LiveSound):
            self._sound = LiveSound(self._sound)
        self._sound.play(samples, self._written, self._read)
        self._waits = True

    def heard_at(self, position: int) -> float | None:
        """Device time in seconds at which a sample of the sound was in the air; None if it was not, or long ago."""
        for first, time in reversed(self._marks):
            if first <= position:
                return time + (position + 1 - first) / RATE_HZ if position < self._written else None
        return None

    def reset(self) -> None:
        """The Lua VM starts.

        The reference does not say whether the firmware stops the microphone (`choices.py`).
        """
        if self._board.choices.microphone_after_reset == "stops":
            self._stop_sampling()

    def api(self) -> Api:
        """The functions of `frame.microphone`."""
        return {"start": self._start, "stop": self._stop, "read": self._read_bytes}

    def _start(self, args: Args) -> None:
        if self._running:
            raise LuaApiError("already started")
        options = args.raw(1) if isinstance(args.raw(1), dict) else {}
        fields = Fields("start", options)
        rate, depth = fields.integer(b"sample_rate", 8000), fields.integer(b"bit_depth", 8)
        if rate not in (8000, 16000):
            raise LuaApiError("sample rate must be 8000 or 16000")
        if depth not in (8, 16):
            raise LuaApiError("bit depth must be 8 or 16")
        self._step = RATE_HZ // rate
        self._bytes = depth // 8
        if self._waits:
            self._written = self._read
        else:
            self._lose(self._written - self._read)
        self._running = True
        self.on_time.switch(on=True)
        self._mark(self._board.now())

    def _stop(self, _args: Args) -> None:
        self._stop_sampling()

    def _read_bytes(self, args: Args) -> LuaValue:
        size = args.integer(1)
        if size % 2:
            raise LuaApiError("bytes must be a multiple of 2")
        if not 0 <= size <= self._board.free_heap():
            raise LuaApiError("not enough memory")
        self._catch_up()
        held = self._written - self._read
        if held == 0 and not self._running:
            return (None,)
        count = min(held, size // self._bytes * self._step)
        samples = self._sound.take(self._read, count)[:: self._step]
        self._read += count
        self._board.charge(len(samples) * _SAMPLE_S)
        if self.ended and not self._told:
            self._told = True
            if self.on_ended is not None:
                self.on_ended()
        return _encode(samples, self._bytes)

    def _stop_sampling(self) -> None:
        self._catch_up()
        self._running = False
        self.on_time.switch(on=False)

    def _catch_up(self) -> None:
        """Put into the ring what has been sampled since the last time."""
        if not self._running or self._paused:
            return
        now = self._board.now()
        blocks = int((now - self._clock) / BLOCK_S + 1e-6)
        room = (RING_SAMPLES - (self._written - self._read)) // BLOCK_SAMPLES - 1  # a ring quite full looks empty
        if self._waits and blocks > room:
            self._advance(room)
            self._mark(now)
            return
        self._clock += blocks * BLOCK_S
        self._advance(blocks)
        if not self._waits:
            # The reader's index has been passed once for each whole turn: so much is gone without a trace.
            self._lose((self._written - self._read) // RING_SAMPLES * RING_SAMPLES)

    def _advance(self, blocks: int) -> None:
        self._written += max(blocks, 0) * BLOCK_SAMPLES
        if self._sound.length is not None:
            self._written = min(self._written, self._sound.length)

    def _lose(self, count: int) -> None:
        self._read += count
        self.samples_lost += count

    def _mark(self, now: float) -> None:
        """The sound's clock goes on from here."""
        self._clock = now
        while self._marks and self._marks[-1][0] >= self._written:
            self._marks.pop()
        self._marks.append((self._written, now))


def _encode(samples: Samples, width: int) -> bytes:
    return samples.astype("<i2").tobytes() if width == 2 else (samples >> 8).astype(np.int8).tobytes()
