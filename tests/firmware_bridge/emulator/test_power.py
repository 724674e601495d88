"""What the emulated glasses use: how long each part is on, and a battery that empties."""

from __future__ import annotations

import asyncio

import pytest
from frame_desk import Desk, on_desk
from halo_desk import HaloDesk, on_halo
from hypothesis import given
from hypothesis import strategies as st
from parts_board import PartsBoard

from firmware_bridge.emulator.acts import Charge, Press, Tap
from firmware_bridge.emulator.power import Battery, OnTime


def test_a_part_counts_while_it_and_the_glasses_are_on() -> None:
    board = PartsBoard()
    part = OnTime(board, on=True)
    for seconds, change in (
        (2.0, lambda: part.switch(on=False)),
        (3.0, lambda: part.switch(on=True)),
        (5.0, lambda: part.power(on=False)),
        (7.0, lambda: part.power(on=True)),
        (11.0, lambda: None),
    ):
        board.wait(seconds)
        change()
    assert part.seconds == 2.0 + 5.0 + 11.0


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans(), st.booleans()), max_size=20))
def test_no_part_is_on_longer_than_time_goes_on(steps: list[tuple[float, bool, bool]]) -> None:
    board = PartsBoard()
    part, before = OnTime(board), 0.0
    for seconds, on, whole in steps:
        (part.power if whole else part.switch)(on=on)
        board.wait(seconds)
        assert before <= part.seconds <= board.now() + 1e-6
        before = part.seconds


def test_a_battery_drains_while_the_glasses_are_on_and_says_once_that_it_is_empty() -> None:
    board, said = PartsBoard(), []
    battery = Battery(board, 50.0, 100.0, lambda: said.append(board.now()))
    board.wait(3600)
    assert battery.percent == 50.0  # they are not on
    battery.power(on=True)
    board.wait(900)
    assert battery.percent == 25.0
    battery.charge(100)
    board.wait(3599)
    assert not said
    board.wait(2)
    assert said == [3600 + 900 + 3600]
    assert battery.percent == 0.0


def test_frame_counts_and_sleeps() -> None:
    async def main(desk: Desk) -> None:
        frame = desk.frame
        lens, camera = frame.display.on_time, frame.camera.on_time
        await desk.lua("frame.display.power_save(true) frame.camera.power_save(true) frame.microphone.start{}")
        before = lens.seconds, camera.seconds, frame.microphone.on_time.seconds
        await asyncio.sleep(10)
        after = lens.seconds, camera.seconds, frame.microphone.on_time.seconds
        assert after == (before[0], before[1], pytest.approx(before[2] + 10))
        await desk.lua("frame.display.power_save(false)")
        await asyncio.sleep(5)
        assert lens.seconds == pytest.approx(before[0] + 5, abs=0.2)
        desk.frame.written(b"frame.sleep()")
        await asyncio.sleep(1)
        asleep = lens.seconds
        await asyncio.sleep(10)
        assert lens.seconds == asleep

    on_desk(main)


def test_an_empty_frame_switches_off_and_comes_back_from_the_cradle() -> None:
    async def main(desk: Desk) -> None:
        await asyncio.sleep(60)
        assert await desk.one("print(frame.battery_level())") == "1.0"
        await asyncio.sleep(60)
        assert not desk.frame.powered
        desk.frame.act(Tap())
        await asyncio.sleep(1)
        assert not desk.frame.powered  # nothing wakes what is empty
        desk.frame.act(Charge(80))
        await asyncio.sleep(1)
        assert desk.frame.powered
        assert 79 < desk.frame.system.battery.percent <= 80

    on_desk(main, "emulator:frame?battery=2&drain=60")


def test_an_empty_halo_is_woken_by_its_button_once_charged() -> None:
    async def main(desk: HaloDesk) -> None:
        assert desk.halo.camera.on_time.seconds == 0.0
        await asyncio.sleep(130)
        desk.halo.act(Press())
        assert not desk.halo.powered
        desk.halo.act(Charge(50))
        desk.halo.act(Press())
        assert desk.halo.powered

    on_halo(main, "emulator:halo?battery=2&drain=60")
