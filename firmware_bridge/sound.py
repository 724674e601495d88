"""From audio packets to contiguous sound, and the queue where it waits: what is lost becomes measured silence; pure.

Audio packets carry the index of their first sample and no check of their own (the radio has one). A packet that does
not continue the last is held until the next one tells whether sound is missing or the packet was damaged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from firmware_bridge.sound_coding import Pcm, Samples, SoundCoding
from firmware_bridge.wire import AudioPacket

__all__ = ["AudioChunk", "SoundAssembler", "SoundQueue"]

MAX_GAP_S: Final = 3600.0  # what is missing after more than an hour is a new recording
SLACK_S: Final = 2.5  # the glasses' ring holds 2.05 s that may come after a pause
QUEUE_S: Final = 30.0  # sound that waits for a slow listener before the oldest is given up
QUEUE_CHUNKS: Final = 1 << 17  # the same in number: twice 30 s of the smallest packets (ATT MTU 23)
GAPS: Final = 1024  # stretches given up for different reasons that are told apart
TOO_SLOW: Final = "this computer is too slow"
DRIFT: Final = 200e-6  # the glasses' clock and ours run apart, two crystals at their worst
_SILENCE: Final = np.zeros(16000, np.int16)  # one second at most; all silence is a view of it, so a gap takes no memory
_SILENCE.flags.writeable = False
_INDEX_SPAN: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound from the glasses; chunks are contiguous.

    Attributes:
        samples: shape (n,), n >= 1, read-only, int16 whatever bit depth it was carried with.
        start: index of the first sample in the recording.
        rate_hz: samples a second, 16000 or 8000.
        bits: how exact it was carried, in bits a sample, 8 or 16.
        lost_reason: None for sound; for silence that stands for lost sound, why it was lost.
        heard_at_s: event loop time at which the last sample was spoken, as near as it is known.
    """

    samples: Samples
    start: int
    rate_hz: int
    bits: int
    lost_reason: str | None
    heard_at_s: float


class SoundAssembler:
    """One recording from one or more streams (a stream ends where the app restarts or the bit depth changes).

    Attributes:
        position: index of the next sample of the recording.
        lost_samples: samples that were filled with silence.
        rejected: packets that were damaged, repeated or too late.
    """

    def __init__(self, rate_hz: int) -> None:
        self.position = 0
        self.lost_samples = 0
        self.rejected = 0
        self._rate = rate_hz
        self._epoch = -1
        self._coding: SoundCoding = Pcm(16)
        self._expected = 0  # index in the stream of the sample that should come next
        self._held: AudioPacket | None = None
        self._fresh = False  # the stream has begun and nothing of it has come
        self._unsure = 0  # samples after a lost link among which what was given up meanwhile may be missing
        self._known_at = 0.0  # up to here sound is accounted for, on the clock that `begin` and `feed` are given
        self._last_at = 0.0
        self._spoken_at = 0.0  # the last sample was spoken, on the same clock as `heard_at_s`
        self._delay_base: float | None = None

    @property
    def lag_s(self) -> float:
        """How much later the last packet came than the quickest of its stream; grows where the link is too slow."""
        return self._lag

    _lag = 0.0

    def begin(self, epoch: int, coding: SoundCoding, now: float) -> list[AudioChunk]:
        """A stream begins (the order to start it was sent): what is left of the one before.

        What is missing between the two counts as lost.
        """
        rest = self.finish(now)
        self._epoch, self._coding = epoch, coding
        self._expected, self._held, self._fresh = 0, None, True
        self._delay_base, self._lag = None, 0.0
        self._known_at = self._last_at = now
        return rest

    def link_lost(self) -> None:
        """The next gap is the link's fault, and may be of any length: this computer may have slept, its clock too.

        It comes at once, or behind what waited on the glasses and was not given up: a packet, or all of the ring.
        """
        self._unsure = round(SLACK_S * self._rate)

    def rebase(self) -> None:
        """Forget how quick packets were: the source of sound was paused."""
        self._delay_base, self._lag = None, 0.0

    def feed(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        """Take a packet that arrived at `now`; the sound that is complete with it, oldest first."""
        count = self._coding.count(len(packet.data))
        if packet.epoch != self._epoch or count is None:
            self.rejected += 1
            return []
        chunks: list[AudioChunk] = []
        if self._fresh:
            self._fresh = False
            chunks += self._fill_before_stream(packet, now)
        index = self._coding.index(packet.index)
        ahead = (index - self._expected) % _INDEX_SPAN
        if ahead == 0:
            chunks += self._take(packet, now)
            held, self._held = self._held, None
            waited = 0 if held is None else (self._coding.index(held.index) - self._expected) % _INDEX_SPAN
            if held is not None and waited == 0:
                chunks += self._take(held, now)
            elif held is not None and waited < _INDEX_SPAN // 2:
                self._held = held
            return chunks
        too_far = not self._unsure and ahead > (now - self._known_at + SLACK_S) * self._rate
        if too_far or ahead > _INDEX_SPAN // 2:
            self.rejected += 1  # further ahead than time allows, or older than what was delivered
            return chunks
        held, self._held = self._held, packet
        if held is not None and (index - self._coding.index(held.index)) % _INDEX_SPAN == self._count(held):
            self._held = None
            return [*chunks, *self._gap(held, now), *self._take(held, now), *self._take(packet, now)]
        if held is not None:
            self.rejected += 1
        return chunks

    def finish(self, now: float) -> list[AudioChunk]:
        """The source has ended: what is still held."""
        held, self._held = self._held, None
        return [*self._gap(held, now), *self._take(held, now)] if held is not None else []

    def _take(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        samples = self._coding.decode(packet.data)
        count = len(samples)
        if not count:
            return []  # a packet without sound says only where the next sample will be
        self._expected = (self._expected + count) % _INDEX_SPAN
        delay = now - self._expected / self._rate
        allowed = (now - self._last_at) * DRIFT
        self._delay_base = delay if self._delay_base is None else min(delay, self._delay_base + allowed)
        self._last_at = now
        self._lag = delay - self._delay_base
        self._spoken_at = self._known_at = self._delay_base + self._expected / self._rate
        chunk = AudioChunk(samples, self.position, self._rate, self._coding.bits, None, self._spoken_at)
        self.position += count
        self._unsure = max(0, self._unsure - count)
        return [chunk]

    def _count(self, packet: AudioPacket) -> int:
        return self._coding.count(len(packet.data)) or 0

    def _gap(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        index = self._coding.index(packet.index) % _INDEX_SPAN
        missing = (index - self._expected) % _INDEX_SPAN
        self._expected = index
        return self._silence(missing, now)

    def _fill_before_stream(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        """Sound missed between two streams, by this computer's clock; the first stream defines the start."""
        if self.position == 0:
            return []
        began = now - (self._coding.index(packet.index) + self._count(packet)) / self._rate
        return self._silence(max(0, round((began - self._spoken_at) * self._rate)), now)

    def _silence(self, count: int, now: float) -> list[AudioChunk]:
        count = min(count, round(MAX_GAP_S * self._rate))
        self.lost_samples += count
        reason = "link lost" if self._unsure else "sound lost"
        self._unsure = 0 if count else self._unsure
        chunks = []
        while count > 0:
            silence = _SILENCE[:count]
            chunks.append(AudioChunk(silence, self.position, self._rate, self._coding.bits, reason, now))
            self.position += len(silence)
            count -= len(silence)
        return chunks


class SoundQueue:
    """Sound that waits for its listener, contiguous; beyond `QUEUE_S` of it the oldest becomes silence that says so.

    Attributes:
        samples: samples of sound that wait; silence is not counted, a long gap makes nobody late.
        given_up: samples of sound that became silence.
    """

    def __init__(self, rate_hz: int) -> None:
        self.samples = 0
        self.given_up = 0
        self._rate = rate_hz
        self._chunks: deque[AudioChunk] = deque()
        self._gaps: deque[_Gap] = deque()  # what was given up, before all of `_chunks`

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._chunks or self._gaps)

    def put(self, chunks: list[AudioChunk]) -> None:
        """Let these wait; they continue the last."""
        for chunk in chunks:
            self._chunks.append(chunk)
            self.samples += _sound_in(chunk)
        while self.samples > QUEUE_S * self._rate or len(self._chunks) > QUEUE_CHUNKS:
            self._give_up(self._take())

    def take(self) -> AudioChunk | None:
        """The oldest chunk; None where none waits."""
        if not self._gaps:
            return self._take() if self._chunks else None
        gap = self._gaps[0]
        silence = AudioChunk(_SILENCE[: gap.count], gap.start, self._rate, gap.bits, gap.reason, gap.heard_at_s)
        gap.start += len(silence.samples)
        gap.count -= len(silence.samples)
        if not gap.count:
            self._gaps.popleft()
        return silence

    def _take(self) -> AudioChunk:
        chunk = self._chunks.popleft()
        self.samples -= _sound_in(chunk)
        return chunk

    def _give_up(self, chunk: AudioChunk) -> None:
        """Only how much it was and why it is lost; for a listener that has long been gone, not even why."""
        self.given_up += _sound_in(chunk)
        reason = chunk.lost_reason or TOO_SLOW
        count, bits, heard_at_s = len(chunk.samples), chunk.bits, chunk.heard_at_s
        last = self._gaps[-1] if self._gaps else None
        if last is None or (last.reason != reason and len(self._gaps) < GAPS):
            self._gaps.append(_Gap(chunk.start, count, reason, bits, heard_at_s))
        else:
            last.count += count
            last.bits, last.heard_at_s = bits, heard_at_s
            last.reason = reason if last.reason == reason else TOO_SLOW


@dataclass(slots=True)
class _Gap:
    start: int
    count: int
    reason: str
    bits: int
    heard_at_s: float


def _sound_in(chunk: AudioChunk) -> int:
    return 0 if chunk.lost_reason else len(chunk.samples)
