from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call, error_of

from firmware_bridge.emulator.microphone import BLOCK_S, BLOCK_SAMPLES, RING_SAMPLES, Microphone
from firmware_bridge.emulator.sound import Recording


def ramp(count: int) -> np.ndarray:
    """Samples that differ from their neighbours, over the whole range of 16 bits."""
    return ((np.arange(count) * 37 + 11) % 65536 - 32768).astype(np.int16)


def make(sound: np.ndarray | None = None, *, waits: bool = True, strict: bool = False) -> tuple[PartsBoard, Microphone]:
    board = PartsBoard(strict=strict)
    return board, Microphone(board, None if sound is None else Recording(sound), waits_for_reader=waits)


def start(microphone: Microphone, rate: int = 16000, depth: int = 16) -> None:
    call(microphone.api(), "start", {b"sample_rate": rate, b"bit_depth": depth})


def read(microphone: Microphone, size: int) -> Any:
    return call(microphone.api(), "read", size)


def drain(board: PartsBoard, microphone: Microphone, size: int, every_s: float, limit: int = 100_000) -> bytes:
    """Read `size` bytes at a time until the sound has ended."""
    found = bytearray()
    for _ in range(limit):
        if microphone.ended:
            return bytes(found)
        found += read(microphone, size)
        board.wait(every_s)
    raise AssertionError("the sound did not end")


@pytest.mark.reference("2.7 start")
def test_errors_of_start() -> None:
    """2.7: texts of start, and their order."""
    _, microphone = make()
    api = microphone.api()
    assert error_of(api, "start", {b"sample_rate": 44100, b"bit_depth": 3}) == "sample rate must be 8000 or 16000"
    assert error_of(api, "start", {b"bit_depth": 3}) == "bit depth must be 8 or 16"
    assert error_of(api, "start", {b"bit_depth": True}) == (
        "bad argument #-1 to 'start' (number expected, got boolean)"
    )
    call(api, "start")
    assert error_of(api, "start", {b"sample_rate": 1}) == "already started"


@pytest.mark.reference("2.7 start", "4 microphone rates")
def test_defaults_are_8_khz_and_8_bit() -> None:
    """2.7: the argument may be absent; defaults 8000 and 8."""
    sound = ramp(4000)
    board, microphone = make(sound)
    call(microphone.api(), "start")
    board.wait(0.1)
    assert read(microphone, 512) == (sound[:1024:2] >> 8).astype(np.int8).tobytes()


@pytest.mark.reference("2.7 read", "2.7 read memory")
def test_errors_of_read() -> None:
    """2.7: bytes must be even; a negative count is not enough memory."""
    _, microphone = make()
    start(microphone)
    assert error_of(microphone.api(), "read", 3) == "bytes must be a multiple of 2"
    assert error_of(microphone.api(), "read", -1) == "bytes must be a multiple of 2"
    assert error_of(microphone.api(), "read", -2) == "not enough memory"
    assert error_of(microphone.api(), "read", 10**6) == "not enough memory"
    assert error_of(microphone.api(), "read") == "bad argument #1 to 'read' (number expected, got no value)"


@pytest.mark.reference("2.7 read", "2.7 stop")
def test_nil_only_when_stopped_and_drained() -> None:
    """2.7: "" while running and empty, nil when stopped and drained; data stays readable after stop."""
    sound = ramp(4000)
    board, microphone = make(sound)
    assert read(microphone, 2) is None
    start(microphone)
    assert read(microphone, 2) == b""
    assert read(microphone, 0) == b""
    board.wait(0.020)
    assert read(microphone, 0) == b""
    call(microphone.api(), "stop")
    call(microphone.api(), "stop")
    board.wait(1)
    assert read(microphone, 1000) == sound[:256].astype("<i2").tobytes()
    assert read(microphone, 1000) is None
    assert read(microphone, 0) is None


@pytest.mark.reference("2.7 blocks")
def test_samples_come_in_blocks_of_128() -> None:
    """2.7: 128-sample (8 ms) DMA blocks."""
    board, microphone = make(ramp(4000))
    start(microphone)
    board.wait(0.0079)
    assert read(microphone, 1000) == b""
    board.wait(0.0002)
    assert len(read(microphone, 1000)) == 256
    board.wait(0.024)
    assert len(read(microphone, 100)) == 100
    assert len(read(microphone, 1000)) == 3 * 256 - 100


@pytest.mark.parametrize(("rate", "depth"), [(16000, 16), (16000, 8), (8000, 16), (8000, 8)])
@pytest.mark.parametrize("count", [50_000, 49_999, 129])
@pytest.mark.reference("2.7 sampling")
def test_a_recording_arrives_exactly_as_the_firmware_reduces_it(rate: int, depth: int, count: int) -> None:
    """2.7: 8 kHz is every other sample, 8 bit the high byte, signed; little endian."""
    sound = ramp(count)
    board, microphone = make(sound)
    start(microphone, rate, depth)
    kept = sound[:: 16000 // rate]
    expected = kept.astype("<i2").tobytes() if depth == 16 else (kept >> 8).astype(np.int8).tobytes()
    assert drain(board, microphone, 240, 0.003) == expected


@pytest.mark.reference("2.7 ring")
def test_without_waiting_the_writer_laps_the_reader() -> None:
    """2.7: overflow is undetected; a whole turn of the ring, 2.048 s, is gone without a trace."""
    sound = ramp(200_000)
    board, microphone = make(sound, waits=False)
    start(microphone)
    board.wait(1.0)
    first = read(microphone, 2000)
    board.wait(4.0)
    second = read(microphone, 2000)
    assert first == sound[:1000].tobytes()
    assert second == sound[1000 + 2 * RING_SAMPLES :][:1000].tobytes()
    assert microphone.samples_lost == 2 * RING_SAMPLES


def test_a_ring_exactly_full_looks_empty() -> None:
    """2.7: the writer laps the reader."""
    board, microphone = make(ramp(200_000), waits=False)
    start(microphone)
    board.wait(RING_SAMPLES / 16000 + 0.0001)
    assert read(microphone, 1000) == b""


def test_a_waiting_recording_stands_still_while_the_ring_is_full() -> None:
    sound = ramp(200_000)
    board, microphone = make(sound)
    start(microphone)
    board.wait(60)
    held = RING_SAMPLES - BLOCK_SAMPLES
    assert read(microphone, 2 * held) == sound[:held].tobytes()
    # Only what was sampled during that long read is there, and it follows on without a gap.
    assert read(microphone, 2000) == sound[held : held + 2 * BLOCK_SAMPLES].tobytes()
    board.wait(BLOCK_S)
    assert read(microphone, 2000) == sound[held + 2 * BLOCK_SAMPLES : held + 3 * BLOCK_SAMPLES].tobytes()
    assert microphone.samples_lost == 0


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.floats(0, 4), st.integers(0, 40_000), st.sampled_from(["read", "stop", "start", "reset"])),
        max_size=40,
    ),
    seed=st.integers(0, 100),
)
def test_nothing_of_a_waiting_recording_is_ever_lost(steps: list[tuple[float, int, str]], seed: int) -> None:
    sound = np.random.default_rng(seed).integers(-32768, 32768, 100_000).astype(np.int16)
    board, microphone = make(sound)
    start(microphone)
    found = bytearray()
    for wait, size, step in steps:
        board.wait(wait)
        if step == "read":
            found += read(microphone, size * 2) or b""
        elif step == "reset":
            microphone.reset()
        elif step == "stop" or not microphone.running:
            call(microphone.api(), "stop")
            if step == "start":
                start(microphone)
    if not microphone.running:
        start(microphone)
    found += drain(board, microphone, 20_000, 0.5)
    assert bytes(found) == sound.astype("<i2").tobytes()
    assert microphone.samples_lost == 0


@pytest.mark.parametrize("waits", [False, True])
def test_a_paused_recording_goes_on_where_it_was(*, waits: bool) -> None:
    sound = ramp(60_000)
    board, microphone = make(sound, waits=waits)
    start(microphone)
    board.wait(0.5)
    microphone.pause(paused=True)
    microphone.pause(paused=True)
    board.wait(10)
    found = read(microphone, 60_000)
    board.wait(10)
    assert read(microphone, 60_000) == b""
    microphone.pause(paused=False)
    while len(found) < 120_000:
        board.wait(0.5)
        found += read(microphone, 60_000)
    assert found == sound.tobytes()
    assert microphone.samples_lost == 0


def test_a_paused_microphone_can_be_stopped_and_started() -> None:
    sound = ramp(30_000)
    board, microphone = make(sound)
    microphone.pause(paused=True)
    start(microphone)
    board.wait(5)
    assert read(microphone, 1000) == b""
    call(microphone.api(), "stop")
    assert read(microphone, 1000) is None
    microphone.pause(paused=False)
    start(microphone)
    assert drain(board, microphone, 4000, 0.1) == sound.tobytes()


def test_a_quiet_room_cannot_be_paused() -> None:
    board, microphone = make()
    start(microphone)
    microphone.pause(paused=True)
    board.wait(1)
    assert len(read(microphone, 1000)) == 1000


def test_the_end_is_told_once_when_the_last_sample_was_read() -> None:
    board, microphone = make(ramp(1000))
    told: list[float] = []
    microphone.on_ended = lambda: told.append(board.now())
    start(microphone)
    board.wait(10)
    assert len(read(microphone, 1998)) == 1998
    assert not microphone.ended
    assert told == []
    assert len(read(microphone, 1998)) == 2
    assert microphone.ended
    assert read(microphone, 100) == b""
    board.wait(1)
    assert read(microphone, 100) == b""
    assert len(told) == 1


def test_without_a_file_a_quiet_room_is_heard_for_ever() -> None:
    board, microphone = make()
    start(microphone)
    heard = b""
    for _ in range(50):
        board.wait(0.1)
        heard += read(microphone, 4000)
    assert abs(len(heard) / 2 - board.now() * 16000) <= BLOCK_SAMPLES + 16000 * 0.001  # reading takes time, too
    assert 2 < np.frombuffer(heard, "<i2").std() < 4
    assert not microphone.ended


def test_the_time_a_sample_was_in_the_air() -> None:
    """Pauses of the sound's clock are accounted for."""
    board, microphone = make(ramp(200_000))
    board.wait(5)
    start(microphone)
    board.wait(1)
    read(microphone, 2)
    assert microphone.heard_at(0) == pytest.approx(5 + 1 / 16000)
    assert microphone.heard_at(8000) == pytest.approx(5.5, abs=1e-4)
    assert microphone.heard_at(20_000) is None
    board.wait(10)
    read(microphone, 2 * RING_SAMPLES)
    board.wait(1)
    read(microphone, 2 * RING_SAMPLES)
    position = RING_SAMPLES - BLOCK_SAMPLES + 1600
    assert microphone.heard_at(position) == pytest.approx(16.1, abs=0.02)


@pytest.mark.reference("2.7 start")
def test_a_vm_restart_stops_the_microphone_or_not() -> None:
    """1.7 and 2.7 leave it open: stopped, and still running under strict."""
    for strict in (False, True):
        _, microphone = make(strict=strict)
        start(microphone)
        microphone.reset()
        assert microphone.running is strict
