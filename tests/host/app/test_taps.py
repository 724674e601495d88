"""One tap or two at once, by the glasses' own clock."""

from __future__ import annotations

import asyncio

import pytest

from firmware_bridge import LinkError, Tap
from firmware_bridge.emulator.clock import run_virtual
from host.app.taps import DOUBLE_S, follow_taps


def made(*taps, end=None, late=0.0):
    """What comes of taps at these seconds, each reported so much later; (seconds of the loop, what)."""
    found = []

    async def coming():
        for at_s in taps:
            await asyncio.sleep(at_s + late - asyncio.get_running_loop().time())
            yield Tap(time_s=100 + at_s)
        if end is not None:
            raise end

    async def main():
        clock = asyncio.get_running_loop().time
        await follow_taps(
            coming(), lambda at_s: found.append((round(at_s, 3), "b")), lambda: found.append((clock(), "p"))
        )

    run_virtual(main())
    return found


def test_one_tap_is_told_with_the_time_it_was_made():
    assert made(1.0, 3.0) == [(1.0, "b"), (3.0, "b")]


def test_two_at_once_are_one_double_tap():
    assert [what for _, what in made(1.0, 1.25, 5.0)] == ["p", "b"]
    assert [what for _, what in made(1.0, 1.0 + DOUBLE_S)] == ["p"]


def test_three_are_a_double_and_a_single_one():
    assert [what for _, what in made(1.0, 1.25, 1.5)] == ["p", "b"]


def test_two_that_are_too_far_apart_are_two_though_the_second_is_soon_there():
    assert [what for _, what in made(1.0, 1.6)] == ["b", "b"]
    assert [what for _, what in made(1.0, 1.6, 1.85)] == ["b", "p"]


@pytest.mark.parametrize("end", [None, LinkError("the glasses are gone", "")])
def test_it_ends_with_the_glasses_and_the_last_tap_counts(end):
    assert made(1.0, end=end) == [(1.0, "b")]


def test_cancelled_it_lets_go_of_the_taps():
    closed = []

    async def coming():
        try:
            yield Tap(time_s=1.0)
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async def main():
        task = asyncio.create_task(follow_taps(coming(), lambda _at_s: None, lambda: None))
        await asyncio.sleep(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())
    assert closed == [True]


def test_where_three_mean_something_they_are_told_apart():
    async def coming(*moments: float):
        for at_s in moments:
            await asyncio.sleep(at_s - asyncio.get_running_loop().time())
            yield Tap(time_s=100 + at_s)

    async def main():
        found = []
        await follow_taps(
            coming(1.0, 5.0, 5.2, 9.0, 9.25, 9.5, 9.75),
            lambda at_s: found.append((round(at_s, 3), 1)),
            lambda: found.append((None, 2)),
            lambda at_s: found.append((round(at_s, 3), 3)),
        )
        return found

    assert run_virtual(main()) == [(1.0, 1), (None, 2), (9.0, 3), (9.75, 1)]


def pressed(*, triple=False, button=False):
    """What comes of a tap, a click 0.2 s later, two clicks and a long press: each meaning's calls, in order."""

    async def coming():
        for at_s, press in ((1.0, ""), (1.2, "single"), (5.0, "double"), (9.0, "long"), (9.2, "")):
            await asyncio.sleep(at_s - asyncio.get_running_loop().time())
            yield Tap(time_s=100 + at_s, button=press)

    async def main():
        found = []
        await follow_taps(
            coming(),
            lambda _at_s: found.append(1),
            lambda: found.append(2),
            (lambda _at_s: found.append(3)) if triple else None,
            found.append if button else None,
        )
        return found

    return run_virtual(main())


def test_a_click_of_the_button_belongs_to_no_tap():
    assert pressed() == [1, 1, 2, 1]
    assert pressed(triple=True) == [1, 1, 2, 3, 1]
    assert pressed(triple=True, button=True) == [1, "single", "double", "long", 1]
