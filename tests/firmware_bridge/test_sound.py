"""Audio packets to contiguous sound: gaps, damage, late packets, new streams."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.sound import AudioChunk, SoundAssembler, SoundQueue
from firmware_bridge.sound_coding import Pcm
from firmware_bridge.wire import AudioPacket

RATE = 16000
N = 119  # samples in a full packet


def packets(samples: np.ndarray, epoch: int = 1, first: int = 0) -> list[AudioPacket]:
    return [AudioPacket(epoch, first + at, samples[at : at + N].tobytes()) for at in range(0, len(samples), N)]


def assemble(sent: list[AudioPacket], start: float = 0.0) -> tuple[SoundAssembler, list[AudioChunk]]:
    assembler = SoundAssembler(RATE)
    assembler.begin(1, Pcm(16), start)
    chunks = []
    for packet in sent:
        chunks += assembler.feed(packet, start + (packet.index + N) / RATE + 0.03)
    return assembler, chunks


def joined(chunks: list[AudioChunk]) -> np.ndarray:
    at = chunks[0].start if chunks else 0
    for chunk in chunks:
        assert chunk.start == at
        at += len(chunk.samples)
    return np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, np.int16)


def noise(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 30000, n).astype(np.int16)


@given(st.integers(1, 5000))
def test_undisturbed_sound_is_bit_identical(n: int) -> None:
    samples = noise(n)
    assembler, chunks = assemble(packets(samples))
    assert np.array_equal(joined(chunks), samples)
    assert assembler.lost_samples == 0


@given(st.integers(0, 2**32), st.integers(3, 40))
def test_whatever_is_lost_doubled_or_swapped_the_rest_stays_in_its_place(seed: int, count: int) -> None:
    chance = random.Random(seed)
    samples = noise(count * N)
    sent = packets(samples)
    kept = [p for n, p in enumerate(sent) if n in (0, count - 1, count - 2) or chance.random() > 0.2]
    doubled = [p for packet in kept for p in [packet] * chance.choice([1, 1, 2])]
    for n in range(1, len(doubled) - 3):
        if chance.random() < 0.1:
            doubled[n], doubled[n + 1] = doubled[n + 1], doubled[n]
    assembler, chunks = assemble(doubled)
    chunks += assembler.finish(9.0)
    sound = joined(chunks)
    for chunk in chunks:
        expected = samples[chunk.start : chunk.start + len(chunk.samples)]
        assert np.array_equal(chunk.samples, expected) or (chunk.lost_reason and not chunk.samples.any())
    assert len(sound) == len(samples)


def test_a_gap_is_silence_of_the_right_length_with_its_reason() -> None:
    samples = noise(N * 40)
    sent = packets(samples)
    assembler, _ = assemble(sent[:10])
    assembler.link_lost()
    later = [c for p in sent[30:] for c in assembler.feed(p, (p.index + N) / RATE + 0.03)]
    assert assembler.lost_samples == 20 * N
    assert later[0].lost_reason == "link lost"
    assert not later[0].samples.any()
    assert later[0].start == 10 * N
    assert later[1].lost_reason is None


def test_a_flipped_bit_in_an_index_costs_one_packet_and_no_more() -> None:
    samples = noise(N * 10)
    sent = packets(samples)
    sent[4] = AudioPacket(1, sent[4].index ^ (1 << 13), sent[4].data)
    assembler, chunks = assemble(sent)
    assert assembler.lost_samples == N
    assert len(joined(chunks)) == len(samples)
    assert assembler.rejected == 1


@given(st.integers(0, 2**32 - 1), st.binary(max_size=240))
def test_no_packet_makes_endless_silence(index: int, data: bytes) -> None:
    assembler, chunks = assemble(packets(noise(N * 4)))
    for extra in (0, 1):
        chunks += assembler.feed(AudioPacket(1, (index + extra * len(data) // 2) % 2**32, data), 0.06)
    assert sum(len(c.samples) for c in chunks) < 4 * RATE


def test_a_new_stream_counts_what_was_missed_by_the_clock() -> None:
    samples = noise(N * 20)
    assembler, _ = assemble(packets(samples))
    ended = N * 20 / RATE + 0.03
    assembler.begin(2, Pcm(8), ended + 1)
    # One second passes; then a packet arrives whose sound was spoken just before.
    packet = AudioPacket(2, 0, bytes(238))
    chunks = assembler.feed(packet, ended + 1 + 238 / RATE)
    silence = [c for c in chunks if c.lost_reason]
    assert sum(len(c.samples) for c in silence) == pytest.approx(RATE, abs=2)
    assert chunks[-1].bits == 8
    assert len(chunks[-1].samples) == 238


def test_eight_bit_sound_is_widened() -> None:
    assembler = SoundAssembler(RATE)
    assembler.begin(3, Pcm(8), 0.0)
    (chunk,) = assembler.feed(AudioPacket(3, 0, bytes([0x7F, 0x80, 0x01])), 1.0)
    assert chunk.samples.tolist() == [0x7F00, -0x8000, 0x0100]


def test_what_is_held_comes_out_at_the_end() -> None:
    sent = packets(noise(N * 5))
    assembler, chunks = assemble([*sent[:2], sent[4]])
    assert sum(len(c.samples) for c in chunks) == 2 * N
    rest = assembler.finish(1.0)
    assert sum(len(c.samples) for c in rest) == 3 * N


def test_lag_grows_where_packets_come_later_and_later() -> None:
    assembler = SoundAssembler(RATE)
    assembler.begin(1, Pcm(16), 0.0)
    for n, packet in enumerate(packets(noise(N * 50))):
        assembler.feed(packet, n * 0.02)
    assert assembler.lag_s == pytest.approx(49 * (0.02 - N / RATE), abs=1e-3)
    assembler.rebase()
    assert assembler.lag_s == 0


def test_what_is_lost_between_two_streams_of_a_slow_link_is_counted_by_when_it_was_spoken() -> None:
    """Sound came ever later; the new stream begins in time: the difference is lost, and the timeline stays true."""
    assembler = SoundAssembler(RATE)
    assembler.begin(1, Pcm(16), 0.0)
    sent = packets(noise(N * 100))
    for n, packet in enumerate(sent):
        assembler.feed(packet, (packet.index + N) / RATE + 0.03 + n * 0.01)
    spoken_s = N * 100 / RATE
    assembler.begin(2, Pcm(8), spoken_s + 1.1)
    chunks = assembler.feed(AudioPacket(2, 0, bytes(160)), spoken_s + 2.0 + 0.03)
    silence = sum(len(chunk.samples) for chunk in chunks if chunk.lost_reason)
    assert silence / RATE == pytest.approx(2.0 - 0.01, abs=0.002)
    assert assembler.position / RATE == pytest.approx(spoken_s + 2.0, abs=0.002)


def test_what_is_held_when_a_new_stream_begins_is_not_forgotten() -> None:
    sent = packets(noise(N * 5))
    assembler, _ = assemble([*sent[:2], sent[4]])
    rest = assembler.begin(2, Pcm(8), 1.0)
    assert sum(len(chunk.samples) for chunk in rest) == 3 * N


@pytest.mark.parametrize("waited", [0, 1, 100])
@pytest.mark.parametrize("clock_s", [5.0, 600.0])
def test_a_link_lost_for_long_is_a_gap_behind_what_waited_whatever_our_clock_says(waited: int, clock_s: float) -> None:
    """A suspended computer's clock stands still: the glasses are then further ahead than time seems to allow."""
    samples = noise(N * (waited + 15))
    sent = packets(samples)
    assembler, _ = assemble(sent[:5])
    assembler.link_lost()
    slept = RATE * 600
    chunks = []
    for n, packet in enumerate(sent[5:]):
        index = packet.index if n < waited else packet.index + slept
        chunks += assembler.feed(AudioPacket(1, index, packet.data), (packet.index + N) / RATE + clock_s)
    assert {chunk.lost_reason for chunk in chunks} == {"link lost", None}
    assert assembler.lost_samples == slept
    assert assembler.rejected == 0


def test_an_hour_of_silence_takes_no_memory() -> None:
    sent = packets(noise(N * 10))
    assembler, _ = assemble(sent[:5])
    assembler.link_lost()
    chunks = [
        chunk
        for packet in sent[5:]
        for chunk in assembler.feed(AudioPacket(1, packet.index + RATE * 3600, packet.data), 3605.0)
    ]
    silence = [chunk.samples for chunk in chunks if chunk.lost_reason]
    assert sum(map(len, silence)) == RATE * 3600
    assert all(samples.base is silence[0].base for samples in silence)
    assert not silence[0].flags.writeable


def test_clocks_that_drift_apart_are_no_slow_link() -> None:
    assembler = SoundAssembler(RATE)
    assembler.begin(1, Pcm(16), 0.0)
    for second in range(6 * 3600):
        assembler.feed(AudioPacket(1, second * RATE, bytes(2 * RATE)), (second + 1) * (1 + 100e-6))
    assert assembler.lag_s < 0.01


def chunk_of(samples: np.ndarray, start: int, reason: str | None = None) -> AudioChunk:
    return AudioChunk(samples, start, RATE, 16, reason, 0.0)


@given(st.lists(st.tuples(st.integers(1, 3 * RATE), st.sampled_from([None, None, "link lost"]), st.booleans())))
def test_sound_that_waits_is_contiguous_bounded_and_its_loss_counted(
    steps: list[tuple[int, str | None, bool]],
) -> None:
    queue, at, taken, lost = SoundQueue(RATE), 0, [], 0
    for count, reason, take in steps * 8:
        queue.put([chunk_of(np.zeros(count, np.int16), at, reason)])
        at += count
        lost += count if reason else 0
        assert queue.samples <= 30 * RATE
        if take and (chunk := queue.take()) is not None:
            taken.append(chunk)
    while (chunk := queue.take()) is not None:
        taken.append(chunk)
    assert not queue
    assert queue.samples == 0
    assert len(joined(taken)) == at
    assert sum(len(chunk.samples) for chunk in taken if chunk.lost_reason) == lost + queue.given_up
    assert {chunk.lost_reason for chunk in taken} <= {None, "link lost", "this computer is too slow"}


def test_what_is_given_up_keeps_its_reasons_apart_for_as_long_as_memory_allows() -> None:
    queue = SoundQueue(RATE)
    for start in (0, 3 * RATE):
        sound, silence = np.ones(2 * RATE, np.int16), np.zeros(RATE, np.int16)
        queue.put([chunk_of(sound, start), chunk_of(silence, start + 2 * RATE, "link lost")])
    queue.put([chunk_of(np.ones(30 * RATE, np.int16), 6 * RATE)])
    gaps = [queue.take() for _ in range(6)]
    slow = "this computer is too slow"
    assert [gap.lost_reason for gap in gaps if gap] == [slow, slow, "link lost", slow, slow, "link lost"]
    at = 36 * RATE
    for n in range(5000):
        queue.put([chunk_of(np.ones(RATE, np.int16), at), chunk_of(np.zeros(1, np.int16), at + RATE, f"reason {n}")])
        at += RATE + 1
    taken = []
    while (chunk := queue.take()) is not None:
        taken.append(chunk)
    assert taken[0].start == 6 * RATE
    assert len(joined(taken)) == at - 6 * RATE
    assert len({chunk.lost_reason for chunk in taken}) < 1200
