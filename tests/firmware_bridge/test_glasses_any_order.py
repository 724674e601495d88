"""Calls, lost links, restarts and cancellations in any order: nothing hangs, nothing leaks, and all works afterwards.

python -m pytest -m slow tests/firmware_bridge/test_glasses_any_order.py      # many more of them
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import glasses_end
import numpy as np
import pytest
from glasses_end import HELLO, emulated, lit, picture_of, settle
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from firmware_bridge import Bitmap, Glasses, GlassesError, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.source import EmulatorSource

pytestmark = pytest.mark.usefixtures("each_device")


async def follow(values: AsyncIterator[object]) -> None:
    async with contextlib.aclosing(values):  # type: ignore[type-var]
        async for _ in values:
            pass


CALLS: dict[str, Callable[[Glasses], Awaitable[object]]] = {
    "text": lambda glasses: glasses.show(Scene((Text(1, 0, 0, "one"), Text(2, 0, 60, "two")))),
    "bitmap": lambda glasses: glasses.show(Scene((Bitmap(1, 0, 0, 160, 1, bytes(range(200)) * 5),))),
    "clear": Glasses.clear,
    "photo": lambda glasses: glasses.take_photo(resolution=100, exposures=1),
    "microphone": lambda glasses: follow(glasses.microphone()),
    "quiet microphone": lambda glasses: follow(glasses.microphone(8000, 8)),
    "taps": lambda glasses: follow(glasses.taps()),
    "motion": lambda glasses: follow(glasses.motion(0.05)),
    "battery": Glasses.battery,
    "screen": lambda glasses: glasses.screen(on=True, brightness=1),
    "awake": lambda glasses: glasses.keep_camera_awake(on=True),
    "asleep": lambda glasses: glasses.keep_camera_awake(on=False),
}
EVENTS: dict[str, Callable[[EmulatorSource], object]] = {
    "cut": lambda source: source.faults.cut_now(),
    "cut when the next order comes": lambda source: source.faults.next("down", "cut"),
    "cut when the next report comes": lambda source: source.faults.next("up", "cut"),
    "away": lambda source: source.faults.cut_for(1.5),
    "restart": lambda source: source.device.restart(),
    "tap": lambda source: source.device.tap(),
}
steps = st.lists(
    st.tuples(
        st.sampled_from(["call", "call", "call", "cancel", "event"]),
        st.integers(0, 10**6),
        st.sampled_from([0.0, 0.0, 0.001, 0.01, 0.05, 0.3, 2.0]),
    ),
    max_size=25,
)


@cache
def hello(_device: str) -> np.ndarray:
    with ThreadPoolExecutor(1) as elsewhere:  # there is an event loop here
        return elsewhere.submit(lambda: run_virtual(picture_of(HELLO))).result()


async def storm(script: list[tuple[str, int, float]]) -> None:
    unhandled: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unhandled.append(context))
    wanted = hello(glasses_end.device)
    before = asyncio.all_tasks()
    calls: list[asyncio.Task[object]] = []
    async with emulated() as (glasses, source):
        for kind, number, pause in script:
            running = [task for task in calls if not task.done()]
            if kind == "call":
                name = list(CALLS)[number % len(CALLS)]
                calls.append(asyncio.create_task(CALLS[name](glasses), name=name))  # type: ignore[arg-type]
            elif kind == "cancel" and running:
                running[number % len(running)].cancel()
            elif kind == "event":
                EVENTS[list(EVENTS)[number % len(EVENTS)]](source)
            await asyncio.sleep(pause)
        await asyncio.sleep(15)  # longer than a link is lost, and than anything but a photo is waited for
        endless = {"microphone", "quiet microphone", "taps", "motion"}
        assert {task.get_name() for task in calls if not task.done()} <= endless
        for task in calls:
            task.cancel()
        if calls:
            await asyncio.wait(calls)
        for task in calls:
            if not task.cancelled() and task.exception() is not None:
                assert isinstance(task.exception(), GlassesError), task
        await asyncio.sleep(1)
        assert not source.device.microphone.running
        await glasses.screen(on=True)
        await glasses.show(HELLO)
        await settle()
        assert (lit(source) == wanted).all()
        with Image.open(io.BytesIO((await glasses.take_photo(resolution=100, exposures=0)).jpeg)) as image:
            assert image.size == ((100, 100) if glasses.info.kind == "frame" else (640, 480))
        assert await glasses.battery() > 0
        tap = asyncio.ensure_future(anext(glasses.taps()))
        await asyncio.sleep(0.3)
        source.device.tap()
        async with asyncio.timeout(2):
            await tap
            async with contextlib.aclosing(glasses.microphone()) as sound:  # type: ignore[type-var]
                await anext(sound)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert unhandled == []


@settings(max_examples=4, deadline=None)
@given(steps)
def test_whatever_happens_in_any_order(script: list[tuple[str, int, float]]) -> None:
    run_virtual(storm(script))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(steps)
def test_whatever_happens_in_any_order_often(script: list[tuple[str, int, float]]) -> None:
    run_virtual(storm(script))
