"""From audio packets to contiguous sound: gaps are found, measured and filled with silence; pure.

Audio packets carry the index of their first sample and no check of their own (the radio has one). A packet that does
not continue the last is held until the next one tells whether sound is missing or the packet was damaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from firmware_bridge.wire import AudioPacket

__all__ = ["AudioChunk", "SoundAssembler"]

Samples = npt.NDArray[np.int16]

MAX_GAP_S: Final = 3600.0  # what is missing after more than an hour is a new recording
SLACK_S: Final = 2.5  # the glasses' ring holds 2.05 s that may come after a pause
FILL_CHUNK_S: Final = 1.0
_INDEX_SPAN: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound from the glasses; chunks are contiguous.

    Attributes:
        samples: shape (n,), n >= 1, int16 whatever bit depth it was carried with.
        start: index of the first sample in the recording.
        rate_hz: samples a second, 16000 or 8000.
        bits: bit depth it was carried with, 8 or 16.
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
        self._bits = 16
        self._expected = 0  # index in the stream of the sample that should come next
        self._held: AudioPacket | None = None
        self._fresh = False  # the stream has begun and nothing of it has come
        self._reason = "sound lost"
        self._last_at = 0.0
        self._spoken_at = 0.0  # the last sample was spoken, on the same clock as `heard_at_s`
        self._delay_base: float | None = None

    @property
    def lag_s(self) -> float:
        """How much later the last packet came than the quickest of its stream; grows where the link is too slow."""
        return self._lag

    _lag = 0.0

    def begin(self, epoch: int, bits: int, now: float) -> list[AudioChunk]:
        """A stream begins (the order to start it was sent): what is left of the one before.

        What is missing between the two counts as lost.
        """
        rest = self.finish(now)
        self._epoch, self._bits = epoch, bits
        self._expected, self._held, self._fresh = 0, None, True
        self._delay_base, self._lag = None, 0.0
        return rest

    def link_lost(self) -> None:
        """The next gap is the link's fault."""
        self._reason = "link lost"

    def rebase(self) -> None:
        """Forget how quick packets were: the source of sound was paused."""
        self._delay_base, self._lag = None, 0.0

    def feed(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        """Take a packet that arrived at `now`; the sound that is complete with it, oldest first."""
        width = self._bits // 8
        if packet.epoch != self._epoch or len(packet.data) % width:
            self.rejected += 1
            return []
        chunks: list[AudioChunk] = []
        if self._fresh:
            self._fresh = False
            chunks += self._fill_before_stream(packet, now)
        ahead = (packet.index - self._expected) % _INDEX_SPAN
        if ahead == 0:
            chunks += self._take(packet, now)
            held, self._held = self._held, None
            if held is not None and held.index == self._expected:
                chunks += self._take(held, now)
            elif held is not None and (held.index - self._expected) % _INDEX_SPAN < _INDEX_SPAN // 2:
                self._held = held
            return chunks
        if ahead > _INDEX_SPAN // 2 or ahead > (now - self._last_at + SLACK_S) * self._rate:
            self.rejected += 1  # older than what was delivered, or further ahead than time allows
            return chunks
        held, self._held = self._held, packet
        if held is not None and (packet.index - held.index) % _INDEX_SPAN == len(held.data) // width:
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
        if self._bits == 16:
            samples = np.frombuffer(packet.data, "<i2").astype(np.int16, copy=False)
        else:
            samples = np.frombuffer(packet.data, np.int8).astype(np.int16) << 8
        count = len(samples)
        if not count:
            return []  # a packet without sound says only where the next sample will be
        self._expected = (self._expected + count) % _INDEX_SPAN
        self._last_at = now
        delay = now - self._expected / self._rate
        self._delay_base = delay if self._delay_base is None else min(delay, self._delay_base)
        self._lag = delay - self._delay_base
        self._spoken_at = self._delay_base + self._expected / self._rate
        chunk = AudioChunk(samples, self.position, self._rate, self._bits, None, self._spoken_at)
        self.position += count
        self._reason = "sound lost"
        return [chunk]

    def _gap(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        missing = (packet.index - self._expected) % _INDEX_SPAN
        self._expected = packet.index
        return self._silence(missing, now)

    def _fill_before_stream(self, packet: AudioPacket, now: float) -> list[AudioChunk]:
        """Sound missed between two streams, by this computer's clock; the first stream defines the start."""
        if self.position == 0:
            return []
        began = now - (packet.index + len(packet.data) // (self._bits // 8)) / self._rate
        return self._silence(max(0, round((began - self._spoken_at) * self._rate)), now)

    def _silence(self, count: int, now: float) -> list[AudioChunk]:
        count = min(count, round(MAX_GAP_S * self._rate))
        self.lost_samples += count
        chunks = []
        step = round(FILL_CHUNK_S * self._rate)
        while count > 0:
            n = min(count, step)
            silence = np.zeros(n, np.int16)
            chunks.append(AudioChunk(silence, self.position, self._rate, self._bits, self._reason, now))
            self.position += n
            count -= n
        return chunks
