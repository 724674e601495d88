from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.emulator.sound import QuietRoom, Recording, Resampler


def tone(hz: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)


def convert(samples: np.ndarray, rate: int, pieces: int = 7) -> np.ndarray:
    resampler = Resampler(rate)
    made = [resampler.feed(piece) for piece in np.array_split(samples, pieces)]
    return np.concatenate([*made, resampler.finish()])


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 44101])
@pytest.mark.parametrize("hz", [100, 3400])
def test_a_tone_keeps_its_shape_and_place(rate: int, hz: float) -> None:
    made = convert(tone(hz, rate), rate)
    assert len(made) == 16000
    assert np.abs(made - tone(hz, 16000))[400:-400].max() < 1e-4


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
def test_what_16_khz_cannot_carry_is_removed(rate: int) -> None:
    assert np.abs(convert(tone(9000, rate), rate))[400:-400].max() < 1e-4


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([1000, 8000, 11025, 16001, 22050, 44100, 48000, 768000]),
    length=st.integers(0, 30000),
    pieces=st.integers(1, 9),
)
def test_length_and_result_do_not_depend_on_the_pieces(rate: int, length: int, pieces: int) -> None:
    samples = np.random.default_rng(length).uniform(-1, 1, length)
    made = convert(samples, rate, pieces)
    assert len(made) == -(-length * 16000 // rate)
    assert np.allclose(made, convert(samples, rate, 1), atol=1e-9)


def test_a_quiet_room_is_quiet_but_never_silent() -> None:
    room = QuietRoom(seed=3)
    noise = room.take(0, 50_000)
    assert room.length is None
    assert 2.5 < noise.std() < 3.5
    assert np.abs(noise).max() < 30
    assert not np.array_equal(noise, QuietRoom(seed=4).take(0, 50_000))


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, 10**9), count=st.integers(0, 9000))
def test_a_stretch_of_noise_is_always_the_same(start: int, count: int) -> None:
    room = QuietRoom(seed=3)
    again = [room.take(at, 1) for at in range(start, start + count, max(1, count // 7))]
    assert len(room.take(start, count)) == count
    assert [int(x[0]) for x in again] == room.take(start, count)[:: max(1, count // 7)].tolist()


def test_a_looped_recording_begins_again() -> None:
    sound = Recording(np.array([1, 2, 3], np.int16), loop=True)
    assert sound.length is None
    assert sound.take(2, 5).tolist() == [3, 1, 2, 3, 1]
    once = Recording(np.array([1, 2, 3], np.int16))
    assert once.length == 3
    assert once.take(2, 5).tolist() == [3]
