"""Playing a recording."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted_link import Device, User, record, replay, run_virtual_record, sound

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import (
    InputError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    NotFoundError,
)
from firmware_bridge.link import Link, LinkInfo, LinkSource
from firmware_bridge.link_replay import MAX_FILE_BYTES, ReplaySource
from firmware_bridge.link_trace import TraceSource


def test_answers_wait_for_what_they_answer(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def recorded(_user: User, link: Link) -> None:
        await link.write(b"one")
        await asyncio.sleep(1)
        await link.write(b"two")
        await asyncio.sleep(1)

    async def later(user: User, link: Link) -> None:
        assert link.info == LinkInfo("replay", "Frame 4F", "", 244, 0xDEADBEEF)
        await asyncio.sleep(5)
        assert user.came == []
        await link.write(b"one")
        await asyncio.sleep(3)
        assert user.came == [(5.1, b"1")]
        await link.write(b"two")
        await asyncio.sleep(1)
        assert user.came == [(5.1, b"1"), (8.2, b"2"), (8.3, b"3")]
        assert user.source.input_ended is not None
        assert user.source.input_ended.is_set()

    async def main() -> None:
        device = Device()
        device.answers = {b"one": [(0.1, b"1")], b"two": [(0.2, b"2"), (0.3, b"3")]}
        await record(path, device, recorded)
        await replay(path, later, strict=True)

    run_virtual(main())


def test_a_value_repeated_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def recorded(_user: User, link: Link) -> None:
        for value in (b"one", b"one", b"two"):
            await link.write(value)
            await asyncio.sleep(1)

    async def once(user: User, link: Link) -> None:
        await link.write(b"one")
        await link.write(b"two")
        await link.write(b"two")
        await asyncio.sleep(9)
        assert user.values == [b"1", b"1", b"2"]

    async def main() -> None:
        device = Device()
        device.answers = {b"one": [(0.1, b"1")], b"two": [(0.1, b"2")]}
        await record(path, device, recorded)
        await replay(path, once, strict=True)

    run_virtual(main())


def play_sound(device: Device) -> None:
    device.answers = {b"listen": [(0.1 * n, sound(n)) for n in range(1, 21)]}
    device.answers[b"caption"] = [(0.05, b"ok")]
    device.end_at(2.0)


async def captions(_user: User, link: Link) -> None:
    await link.write(b"listen")
    for n in range(4):
        await asyncio.sleep(0.55)
        await link.write(b"caption %d" % n)
    await asyncio.sleep(1)


def test_sound_flows_whatever_the_program_writes(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def silent(user: User, link: Link) -> None:
        await asyncio.sleep(3)
        assert user.came == [], "nobody has asked for sound"
        await link.write(b"listen")
        await asyncio.sleep(4)
        # Recorded without voices: header and length as they were, the samples zero.
        assert user.came == [(round(3 + 0.1 * n, 4), sound(n)[:6] + bytes(200)) for n in range(1, 21)]
        assert user.source.input_ended is not None
        assert user.source.input_ended.is_set()

    async def main() -> None:
        await record(path, Device(play_sound), captions)
        await replay(path, silent)

    run_virtual(main())


def test_sound_can_be_told_to_wait(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def slowly(user: User, link: Link) -> None:
        await link.write(b"listen")
        await asyncio.sleep(1.01)
        user.source.pause_input(paused=True)
        await asyncio.sleep(10)
        assert len(user.came) == 10
        user.source.pause_input(paused=False)
        await asyncio.sleep(4)
        assert [value[2] for value in user.values] == list(range(1, 21))
        # It goes on where it was, no faster than it is spoken.
        assert [when for when, _ in user.came[10:]] == [round(11.01 + 0.1 * n, 4) for n in range(10)]

    async def main() -> None:
        await record(path, Device(play_sound), captions)
        await replay(path, slowly)

    run_virtual(main())


def test_each_stream_begins_when_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def recorded(_user: User, link: Link) -> None:
        for value in (b"listen", b"again"):
            await link.write(value)
            await asyncio.sleep(1)

    async def slowly(user: User, link: Link) -> None:
        await link.write(b"listen")
        await asyncio.sleep(5)
        assert user.came == [(0.1, sound(1))]
        await link.write(b"again")
        await asyncio.sleep(5)
        assert user.came[1:] == [(5.2, sound(2, epoch=1))]

    async def main() -> None:
        device = Device()
        device.answers = {b"listen": [(0.1, sound(1))], b"again": [(0.2, sound(2, epoch=1))]}
        await record(path, device, recorded, include_media=True)
        await replay(path, slowly)

    run_virtual(main())


def test_faster_than_it_was(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def fast(user: User, link: Link) -> None:
        await link.write(b"listen")
        await asyncio.sleep(0.21)
        assert len(user.came) == 20

    async def main() -> None:
        await record(path, Device(play_sound), captions)
        await replay(path, fast, speed=10)

    run_virtual(main())


def test_each_connection_of_a_file_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    def first(device: Device) -> None:
        device.at(0.1, sound(1))
        device.lose_at(0.5)

    def second(device: Device) -> None:
        device.at(0.1, sound(1, epoch=1))

    async def session(source: LinkSource) -> tuple[list[bytes], list[str]]:
        user = User(source)
        told = []
        for _ in range(3):
            try:
                link = await user.connect()
            except LinkError as error:
                told.append(f"{error.code}: {error.message}")
                continue
            await asyncio.sleep(1)
            await link.disconnect()
        told += [f"{error.code}: {error.message}" for error in user.losses]
        return user.values, told

    async def main() -> None:
        source = TraceSource(Device(first, NotFoundError("away"), second), path)
        values, told = await session(source)
        await source.close()
        player = ReplaySource(path)
        replayed, told_again = await session(player)
        assert [value[:6] for value in replayed] == [value[:6] for value in values]
        assert (
            told_again
            == [f"{text} (recorded)" for text in told]
            == [
                "not-found: away (recorded)",
                "link-lost: gone (recorded)",
            ]
        )
        assert player.input_ended is not None
        assert player.input_ended.is_set()
        with pytest.raises(InputError) as caught:
            await User(player).connect()
        assert caught.value.message == f"{path} ends here"
        assert not caught.value.retry

    run_virtual(main())


def test_a_lost_connection_takes_no_more_values(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def nothing(_user: User, _link: Link) -> None:
        await asyncio.sleep(1)

    async def write(user: User, link: Link) -> None:
        await asyncio.sleep(1)
        assert len(user.losses) == 1
        with pytest.raises(LinkLostError):
            await link.write(b"x")

    async def main() -> None:
        await record(path, Device(lambda device: device.lose_at(0.5)), nothing)
        await replay(path, write)

    run_virtual(main())


def test_a_program_that_behaves_otherwise(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "trace.jsonl"

    async def use(_user: User, link: Link) -> None:
        await link.write(b"one")
        await link.write(b"two")

    async def otherwise(_user: User, link: Link) -> None:
        await link.write(b"one")
        await link.write(b"2")
        await link.write(b"3")

    async def strictly(_user: User, link: Link) -> None:
        await link.write(b"one")
        with pytest.raises(LocalProtocolError) as caught:
            await link.write(b"2")
        assert caught.value.message == f"value 2 written differs from {path}"
        for value in (b"", b"x" * 245):
            with pytest.raises(LocalProtocolError):
                await link.write(value)

    async def main() -> None:
        await record(path, Device(), use)
        with caplog.at_level(logging.INFO):
            await replay(path, otherwise)
        await replay(path, strictly, strict=True)

    run_virtual(main())
    assert caplog.text.count("from value 2 on, the program behaves otherwise") == 1


def test_a_file_cut_anywhere_plays_or_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    run_virtual_record(path, captions, play_sound)
    whole = path.read_bytes()
    cut = tmp_path / "cut.jsonl"
    played = 0
    for at in range(0, len(whole), 7):
        cut.write_bytes(whole[:at])
        with suppress(InputError):
            ReplaySource(cut)
            played += 1
    assert played > len(whole) // 7 * 0.8


def test_what_is_no_file(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path / "missing", "cannot be read: No such file or directory"),
        (tmp_path, "is not a file"),
        (tmp_path / "pipe", "is not a file"),
        (huge, f"has more than {MAX_FILE_BYTES} bytes"),
        (Path("a\0b"), "cannot be read: that is no file name"),
    ):
        with pytest.raises(InputError) as caught:
            ReplaySource(path)
        assert says in caught.value.message
        assert caught.value.hint


def test_what_a_listener_does_wrong_is_not_hidden(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "trace.jsonl"

    async def wait(_user: User, _link: Link) -> None:
        await asyncio.sleep(1)

    async def main() -> None:
        await record(path, Device(lambda device: device.at(0.1, b"x")), wait)

        def broken(_value: bytes) -> None:
            raise ZeroDivisionError

        link = await ReplaySource(path).connect(broken, lambda _error: None)
        await asyncio.sleep(1)
        await link.disconnect()

    run_virtual(main())
    assert "what listens to the replay failed" in caplog.text


STEPS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from(["out", "answer", "sound"]), st.integers(0, 3)), max_size=25
)


@given(STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_program_sees_the_same_again(tmp_path: Path, steps: list[tuple[int, str, int]]) -> None:
    """Whatever was written and came, in whatever order: played to the same program, each value comes when it came."""
    path = tmp_path / "trace.jsonl"
    path.unlink(missing_ok=True)
    times, at = [], 0
    for gap, _, _ in steps:
        at += gap
        times.append(at / 100)

    def script(device: Device) -> None:
        for n, (when, (_, kind, number)) in enumerate(zip(times, steps, strict=True)):
            if kind == "answer":
                device.at(when, bytes([0x30 + number]) * (n + 1))
            elif kind == "sound":
                device.at(when, sound(n, epoch=number))

    async def use(_user: User, link: Link) -> None:
        start = asyncio.get_running_loop().time()
        for when, (_, kind, number) in zip(times, steps, strict=True):
            await asyncio.sleep(start + when - asyncio.get_running_loop().time())
            if kind == "out":
                await link.write(bytes([0x41 + number]))
        await asyncio.sleep(1)

    async def main() -> None:
        first = await record(path, Device(script), use, include_media=True)
        again = await replay(path, use, strict=True)
        assert again.came == first.came

    run_virtual(main())


def test_an_attempt_that_was_given_up_is_answered_as_late(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"

    async def main() -> None:
        source = TraceSource(Device(None, NotFoundError("away")), path)
        user = User(source)
        await user.connect()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await user.connect()
        await source.close()
        player = User(ReplaySource(path))
        await player.connect()
        start = asyncio.get_running_loop().time()
        with pytest.raises(LinkTimeoutError) as caught:
            await player.connect()
        assert caught.value.message == "cancelled (recorded)"
        assert asyncio.get_running_loop().time() - start == pytest.approx(20.0)

    run_virtual(main())
