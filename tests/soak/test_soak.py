"""The bounded part of the soak; `python -m tests.soak` for more."""

from __future__ import annotations

from pathlib import Path

import pytest
from soak.play import play
from soak.sound import SoundCheck, recording, write_recording

from firmware_bridge import AudioChunk

OPERATIONS = 60


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_wrong_under_random_operations_and_faults(seed: int, tmp_path: Path) -> None:
    write_recording(tmp_path / "noise.wav")
    outcome = play(seed, OPERATIONS, tmp_path / "noise.wav", recording())
    again = f"python -m tests.soak --seed {seed} --operations {OPERATIONS} -v"
    assert not outcome.wrong, f"{outcome.wrong}; {again}"
    assert outcome.operations == OPERATIONS
    assert outcome.counts["rests"] >= 2


def chunk(start: int, at: int, count: int, lost: str | None = None) -> AudioChunk:
    samples = recording()[at : at + count] * (lost is None)
    return AudioChunk(samples, start, 16000, 16, lost, 0.0)


def test_the_check_of_sound_sees_what_is_wrong() -> None:
    """A soak that cannot fail shows nothing."""

    def wrong(*chunks: AudioChunk, starts: tuple[int, ...] = ()) -> list[str]:
        check = SoundCheck(recording(), 16000)
        for one in chunks:
            check.take(one, starts)
        return check.wrong

    first = chunk(0, 5000, 100)
    assert not wrong(first, chunk(100, 5100, 100))
    assert not wrong(first, chunk(100, 0, 50, "link lost"), chunk(150, 5150, 100))
    assert not wrong(first, chunk(100, 0, 50, "link lost"), chunk(150, 5200, 100), starts=(100,))
    assert "untold" in wrong(first, chunk(100, 5200, 100))[0]
    assert "too few" in wrong(first, chunk(100, 0, 50, "link lost"), chunk(150, 5200, 100))[0]
    assert "comes after" in wrong(first, chunk(90, 5100, 100))[0]
    assert "not of the recording" in wrong(AudioChunk(recording()[::-1][:100], 0, 16000, 16, None, 0.0))[0]
