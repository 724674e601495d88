"""Taps, motion, the battery and what is ordered beside them, through lost links; glasses that refuse or complain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from scripted_glasses import ScriptedGlasses

from firmware_bridge import DeviceError, Glasses, LinkLostError, LinkTimeoutError, LocalProtocolError, StateChange
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.messages import Battery, BatteryLevel, Failed, Screen, Sense, Sleep, Tapped, WriteText

pytestmark = pytest.mark.usefixtures("each_device")

SAMPLE = bytes([0, 1] * 6)


async def all_of(values: AsyncIterator[object]) -> None:
    async with contextlib.aclosing(values):  # type: ignore[type-var]
        async for _ in values:
            pass


async def first_of(values: AsyncIterator[object]) -> object:
    async with contextlib.aclosing(values):  # type: ignore[type-var]
        return await anext(values)


def test_the_battery_is_asked_again_on_the_next_session() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            asked = 0

            def answer(_order: object) -> None:
                nonlocal asked
                asked += 1
                if asked < 3:
                    source.cut()
                else:
                    source.report(BatteryLevel(77))

            source.on[Battery] = answer
            assert await asyncio.gather(glasses.battery(), glasses.battery()) == [77, 77]
            await asyncio.sleep(0.1)
            source.on[Battery] = lambda _order: source.report(BatteryLevel(255))
            assert await glasses.battery() == 100

    run_virtual(main())


def test_no_answer_about_the_battery_is_an_error_in_time_and_no_end() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        loop = asyncio.get_running_loop()
        async with Glasses(source) as glasses:
            for away in (False, True):
                source.away = away
                if away:
                    source.cut()
                began = loop.time()
                with pytest.raises(LinkTimeoutError, match="how full their battery is"):
                    await glasses.battery()
                assert loop.time() - began == pytest.approx(10)
            source.away = False
            source.on[Battery] = lambda _order: source.report(Failed(Battery.CODE, b"no gauge"))
            with pytest.raises(DeviceError, match="cannot say how full") as caught:
                await glasses.battery()
            assert caught.value.device_text == "no gauge"
            source.on[Battery] = lambda _order: source.report(BatteryLevel(5))
            assert await glasses.battery() == 5

    run_virtual(main())


@pytest.mark.parametrize("sensor", ["taps", "motion"])
def test_who_listens_hears_on_the_next_session_too(sensor: str) -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            heard: list[object] = []

            async def listen() -> None:
                async for value in getattr(glasses, sensor)():
                    heard.append(value)  # noqa: PERF401 - read while it grows

            def tell() -> None:
                source.report(Tapped(1000, 0)) if sensor == "taps" else source.sensor(SAMPLE)

            source.on[Sense] = lambda _order: (source.on.clear(), source.cut())  # before it is acknowledged
            listening = asyncio.create_task(listen())
            for connection in (2, 3):
                await asyncio.sleep(1)
                assert source.connections == connection
                assert source.given(Sense)[-1] == (Sense(1, 0) if sensor == "taps" else Sense(0, 100))
                tell()
                await asyncio.sleep(0.1)
                assert len(heard) == connection - 1
                source.cut()
            source.away = True
            source.cut()
            listening.cancel()
            await asyncio.wait({listening})
            source.away = False
            await asyncio.sleep(5)
            assert source.given(Sense)[-1] == Sense(0, 0)  # nobody listens: the glasses need not tell

    run_virtual(main())


def test_a_listener_that_comes_or_goes_while_a_session_resumes_is_not_forgotten() -> None:
    async def main() -> None:
        for turns in range(60):
            source = ScriptedGlasses()
            async with Glasses(source) as glasses:
                sound = asyncio.create_task(first_of(glasses.microphone()))  # so that resuming takes a moment
                await asyncio.sleep(0.1)
                source.cut()
                source.epoch = 255
                await asyncio.sleep(0.3 + turns * 0.001)
                tap = asyncio.create_task(first_of(glasses.taps()))
                await asyncio.sleep(1)
                assert source.given(Sense)[-1:] == [Sense(1, 0)], turns
                tap.cancel()
                sound.cancel()
                await asyncio.sleep(0.1)
                assert source.given(Sense)[-1] == Sense(0, 0)

    run_virtual(main())


def test_the_listener_with_the_shortest_period_decides() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            slow, fast = (asyncio.create_task(first_of(glasses.motion(period))) for period in (1.0, 0.05))
            await asyncio.sleep(0.1)
            assert source.given(Sense)[-1] == Sense(0, 50)
            fast.cancel()
            await asyncio.sleep(0.1)
            assert source.given(Sense)[-1] == Sense(0, 1000)
            source.sensor(b"short")
            source.sensor(SAMPLE)
            await slow
            await asyncio.sleep(0.1)
            assert source.given(Sense)[-1] == Sense(0, 0)

    run_virtual(main())


def test_the_lens_stays_switched_off_through_a_lost_link() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            source.on[Screen] = lambda _order: (source.on.clear(), source.cut())
            await glasses.screen(on=False, brightness=-1)
            source.orders.clear()
            source.cut()
            await asyncio.sleep(1)
            assert source.given(Screen) == [Screen(0, -1)]
            with pytest.raises(LocalProtocolError, match="no brightness 3"):
                await glasses.screen(on=True, brightness=3)
            source.away = True
            source.cut()
            with pytest.raises(LinkTimeoutError, match="do not answer"):
                await glasses.screen(on=True)

    run_virtual(main())


def test_motion_is_spared_and_comes_again() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            listening = asyncio.create_task(anext(glasses.motion()))
            await asyncio.sleep(1)
            glasses.spare(sound=False, motion=True)
            await asyncio.sleep(1)
            source.cut()
            await asyncio.sleep(1)
            glasses.spare(sound=False, motion=False)
            await asyncio.sleep(1)
            listening.cancel()
            assert [order.period_ms for order in source.given(Sense)] == [100, 0, 0, 100]  # the next session, too

    run_virtual(main())


def test_the_lens_is_on_whoever_used_the_glasses_before() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source):
            await asyncio.sleep(0.5)
            assert source.given(Screen) == [Screen(1, 0)]

    run_virtual(main())


def test_glasses_that_do_not_sleep_say_so_in_time() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        loop = asyncio.get_running_loop()
        async with Glasses(source) as glasses:
            began = loop.time()
            with pytest.raises(LinkTimeoutError, match="do not go to sleep"):
                await glasses.sleep()
            assert loop.time() - began == pytest.approx(10)
            source.on[Sleep] = lambda _order: source.report(Failed(Sleep.CODE, b"charging"))
            with pytest.raises(DeviceError, match="refuse to sleep") as caught:
                await glasses.sleep()
            assert caught.value.device_text == "charging"
            began = loop.time()
            twice = await asyncio.gather(glasses.sleep(), glasses.sleep(), return_exceptions=True)
            assert [str(error) for error in twice] == [str(caught.value)] * 2
            assert loop.time() - began < 1
            source.on[Sleep] = lambda _order: source.cut()
            await glasses.sleep()

    run_virtual(main())


@pytest.mark.parametrize(
    "call",
    [
        lambda glasses: all_of(glasses.taps()),
        lambda glasses: all_of(glasses.motion()),
        lambda glasses: all_of(glasses.states()),
        lambda glasses: all_of(glasses.microphone()),
        Glasses.battery,
        Glasses.take_photo,
        Glasses.sleep,
        Glasses.clear,
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_closing_the_glasses_ends_every_call(call: Callable[[Glasses], Awaitable[object]], *, before: bool) -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        calling = None
        async with Glasses(source) as glasses:
            source.away = True
            source.cut()
            await asyncio.sleep(0)
            if before:
                calling = asyncio.ensure_future(call(glasses))
                await asyncio.sleep(1)
        with pytest.raises(LinkLostError, match="the glasses were closed"):
            async with asyncio.timeout(1):
                await (calling or call(glasses))

    run_virtual(main())


def test_an_error_on_the_glasses_is_told_once_and_nothing_ends(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> list[StateChange]:
        source = ScriptedGlasses()
        told: list[StateChange] = []
        async with Glasses(source) as glasses:

            async def watch() -> None:
                async for change in glasses.states():
                    told.append(change)  # noqa: PERF401 - read while it grows

            watching = asyncio.create_task(watch())
            for n in range(300):
                source.report(Failed(0, b"scene:31: not enough memory \x1b[2J"))
                source.report(Failed(WriteText.CODE, b"bad argument"))
                source.report(Failed(0, b"%d" % (n // 3)))
                await asyncio.sleep(0.05)
            source.on[Battery] = lambda _order: source.report(BatteryLevel(5))
            assert await glasses.battery() == 5
            assert source.connections == 1
            watching.cancel()
        return told

    with caplog.at_level(logging.WARNING, "firmware_bridge.trouble"):
        told = run_virtual(main())
    assert told[0].state == "trouble"
    assert "not enough memory \\x1b[2J" in told[0].detail
    assert "scene.lua:" in told[0].detail
    assert len(told) == len({change.detail for change in told}) == len(caplog.records) == 32
