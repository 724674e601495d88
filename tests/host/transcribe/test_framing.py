"""Chunks into frames: nothing lost, nothing moved, gaps measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.contracts import AudioChunk
from host.transcribe.framing import FRAME_SAMPLES, RATE_HZ, Break, Frame, Framer, Missing

NOISE = np.random.default_rng(1).integers(-20000, 20000, 60_000).astype(np.int16)
PIECES = st.lists(st.tuples(st.integers(1, 9000), st.sampled_from([None, None, None, "link lost", "slow"])), max_size=8)


def chunks(pieces, rate_hz=RATE_HZ) -> list[AudioChunk]:
    made, start = [], 0
    for wanted, lost in pieces:
        count = min(wanted, len(NOISE) - start)
        samples = np.zeros(count, np.int16) if lost else NOISE[start : start + count]
        if count:
            made.append(AudioChunk(samples, start, rate_hz, lost_reason=lost, heard_at_s=(start + count) / rate_hz))
        start += count
    return made


def framed(parts: list[AudioChunk]) -> list[Frame | Missing | Break]:
    framer, out = Framer(), []
    for part in parts:
        out += framer.feed(part, part.heard_at_s + 0.1)
    return out + framer.rest()


@given(PIECES)
@settings(deadline=None, max_examples=60)
def test_every_sample_is_in_its_frame_and_long_gaps_are_left_out(pieces):
    parts = chunks(pieces)
    whole = np.concatenate([p.samples for p in parts] + [np.zeros(FRAME_SAMPLES, np.int16)])
    position, skipped = 0, 0
    for item in framed(parts):
        match item:
            case Frame(index, samples):
                assert index == position
                assert len(samples) == FRAME_SAMPLES
                expected = whole[index * FRAME_SAMPLES : (index + 1) * FRAME_SAMPLES]
                assert (samples[: len(expected)] == expected).all()
                position += 1
            case Break(frames):
                left_out = whole[position * FRAME_SAMPLES : (position + frames) * FRAME_SAMPLES]
                assert not left_out.any()
                position += frames
                skipped += frames
    assert position == -(-(len(whole) - FRAME_SAMPLES) // FRAME_SAMPLES)
    assert (skipped > 0) <= any(p.lost_reason for p in parts)


@given(PIECES)
@settings(deadline=None, max_examples=60)
def test_gaps_are_reported_with_their_place_length_and_reason(pieces):
    parts = chunks(pieces)
    expected: list[list] = []
    for part in parts:
        if part.lost_reason is None:
            continue
        end = part.start + len(part.samples)
        if expected and expected[-1][1] == part.start and expected[-1][2] == part.lost_reason:
            expected[-1][1] = end
        else:
            expected.append([part.start, end, part.lost_reason])
    found = [item for item in framed(parts) if isinstance(item, Missing)]
    assert [[round(m.start_s * RATE_HZ), round(m.end_s * RATE_HZ), m.reason] for m in found] == expected


@given(PIECES, st.lists(st.integers(1, 700), min_size=1, max_size=5))
@settings(deadline=None, max_examples=40)
def test_how_sound_is_cut_into_chunks_changes_nothing(pieces, cuts):
    parts = chunks(pieces)
    recut = []
    for part in parts:
        start, k = 0, 0
        while start < len(part.samples):
            piece = part.samples[start : start + cuts[k % len(cuts)]]
            recut.append(AudioChunk(piece, part.start + start, part.rate_hz, lost_reason=part.lost_reason))
            start, k = start + len(piece), k + 1

    def facts(items):
        return [(i.index, i.samples.tobytes()) if isinstance(i, Frame) else i for i in items]

    assert facts(framed(parts)) == facts(framed(recut))


def test_a_frame_knows_when_its_last_sample_was_spoken_and_arrived():
    framer = Framer()
    frames = framer.feed(AudioChunk(NOISE[:1600], 0, RATE_HZ, heard_at_s=10.0), 10.25)
    assert [round(f.heard_at_s, 4) for f in frames] == [
        round(10.0 - (1600 - n) / RATE_HZ, 4) for n in (512, 1024, 1536)
    ]
    assert {f.arrived_at_s for f in frames} == {10.25}


def test_sound_at_8_khz_is_doubled_and_keeps_its_tone():
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)).astype(np.int16)
    parts = [AudioChunk(tone[k : k + 333], k, 8000) for k in range(0, 8000, 333)]
    sound = np.concatenate([f.samples for f in framed(parts)])[:16000].astype(float)
    spectrum = np.abs(np.fft.rfft(sound[2000:14000] * np.hanning(12000)))
    frequency = np.argmax(spectrum) * RATE_HZ / 12000
    assert frequency == pytest.approx(1000, abs=2)
    mirrored = spectrum[round(7000 * 12000 / RATE_HZ) - 20 :].max()
    assert mirrored < spectrum.max() / 100
    assert np.abs(sound[2000:14000]).max() == pytest.approx(8000, rel=0.02)


def test_a_gap_at_8_khz_is_as_long_as_it_was():
    parts = [
        AudioChunk(NOISE[:800], 0, 8000),
        AudioChunk(np.zeros(8000, np.int16), 800, 8000, lost_reason="link lost"),
        AudioChunk(NOISE[:800], 8800, 8000),
    ]
    assert [m for m in framed(parts) if isinstance(m, Missing)] == [Missing(0.1, 1.1, "link lost")]
