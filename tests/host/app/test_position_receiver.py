"""A receiver as a source: what is told when it is silent, blind or gone, and how often it is tried again."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing

import pytest

from firmware_bridge.emulator.clock import run_virtual
from host.app.position_receiver import Receiving
from host.contracts.position import Fix
from host.errors import PositionError
from host.position.measurement import Measurement, NoFix


class Scripted:
    """Each life is what is said, a second after the last; numbers are pauses, an error is its end."""

    name = "scripted"

    def __init__(self, *lives, quiet_s=10.0):
        self.lives, self.quiet_s = list(lives), quiet_s
        self.connected, self.closed = [], 0
        self._life = []

    async def connect(self):
        self.connected.append(asyncio.get_running_loop().time())
        self._life = list(self.lives.pop(0)) if self.lives else []
        if self._life and isinstance(self._life[0], PositionError):
            raise self._life.pop(0)

    async def read(self):
        while self._life:
            if isinstance(self._life[0], float):
                await asyncio.sleep(self._life[0])
                self._life.pop(0)
                continue
            await asyncio.sleep(1)
            said = self._life.pop(0)
            if isinstance(said, Exception):
                raise said
            return said
        await asyncio.sleep(1e9)

    async def close(self):
        self.closed += 1


def here(number=0):
    return Measurement(43.73 + number * 1e-5, 7.42)


def gone():
    return PositionError("it has gone", "Wait")


async def reported(receiver, for_s=300):
    seen, loop = [], asyncio.get_running_loop()
    try:
        async with asyncio.timeout(for_s), aclosing(Receiving(receiver).reports()) as reports:
            async for report in reports:
                seen.append((round(loop.time(), 1), report))  # noqa: PERF401 - kept when time is up
    except TimeoutError:
        return seen
    raise AssertionError("a receiver has no end")


def told(seen):
    return [(at, "fix" if isinstance(said, Fix) else (said.code, said.message, said.since_s)) for at, said in seen]


def test_fixes_with_the_time_at_which_they_came():
    seen = run_virtual(reported(Scripted([here(n) for n in range(3)]), 5))
    assert told(seen) == [(1, "fix"), (2, "fix"), (3, "fix")]
    assert [(fix.time_s, fix.source) for _, fix in seen] == [(1, "scripted"), (2, "scripted"), (3, "scripted")]


def test_a_receiver_that_is_not_there_at_the_start_is_an_error_and_nothing_stays_open():
    receiver = Scripted([PositionError("gpsd is not running", "Start it")])
    with pytest.raises(PositionError, match="gpsd is not running"):
        run_virtual(reported(receiver))
    assert receiver.closed


def test_no_fix_yet_is_told_at_once_and_once():
    seen = run_virtual(reported(Scripted([*[NoFix()] * 30, here(), here(1)]), 40))
    assert told(seen)[:2] == [(1, ("no-fix", "the receiver has no fix", None)), (31, "fix")]
    assert seen[0][1].hint.startswith("Go where it sees the sky")


def test_a_fix_that_is_lost_is_told_after_ten_seconds_with_since_when():
    seen = run_virtual(reported(Scripted([here(), *[NoFix()] * 20, here(1), *[NoFix()] * 5, here(2)]), 40))
    assert told(seen) == [
        (1, "fix"),
        (11, ("no-fix", "the receiver has no fix", 1)),
        (22, "fix"),
        (28, "fix"),
        (38, ("silent", "the receiver says nothing", 28)),
    ]


def test_other_reasons_are_told_too():
    seen = run_virtual(reported(Scripted([NoFix("gpsd runs, but has no receiver"), NoFix(), NoFix()]), 9))
    assert [said.message for _, said in seen] == ["gpsd runs, but has no receiver", "the receiver has no fix"]


def test_silence_is_told_and_what_may_hang_is_connected_again():
    receiver = Scripted([here()], [], [here(1)])
    seen = run_virtual(reported(receiver, 70))
    assert told(seen) == [
        (1, "fix"),
        (11, ("silent", "the receiver says nothing", 1)),
        (63.5, "fix"),
    ]
    assert receiver.connected == [0.0, 31.5, 62.5]


def test_a_receiver_that_hangs_in_one_place_is_no_position():
    stuck = Measurement(43.73, 7.42, utc_s=5.0)
    seen = run_virtual(reported(Scripted([stuck] * 20), 15))
    assert told(seen) == [(1, "fix"), (11, ("no-fix", "the receiver has no fix", 1))]


def test_one_that_is_back_at_once_is_not_told_of():
    receiver = Scripted([here(), gone()], [here(1)])
    assert told(run_virtual(reported(receiver, 8))) == [(1, "fix"), (3.5, "fix")]


def test_one_that_is_back_with_another_clock_is_believed_at_once():
    lives = (
        [Measurement(43.73, 7.42, utc_s=1e9 + n) for n in range(3)],
        [Measurement(43.73, 7.42, utc_s=n) for n in range(3)],
    )
    receiver = Scripted([*lives[0], gone()], list(lives[1]))
    assert told(run_virtual(reported(receiver, 9))) == [(n, "fix") for n in (1, 2, 3, 5.5, 6.5, 7.5)]


def test_one_that_is_back_gets_its_time_for_a_fix():
    receiver = Scripted([here(), gone()], [gone()], [*[NoFix()] * 5, here(1), *[NoFix()] * 12])
    seen = run_virtual(reported(receiver, 30))
    assert [at for at, _ in seen] == [1, 2.5, 9.5, 19.5]
    assert [code for code, *_ in (said for _, said in told(seen) if said != "fix")] == ["unreachable", "no-fix"]


def test_one_that_has_gone_is_told_of_and_tried_ever_more_rarely():
    receiver = Scripted([here(), gone()], *[[gone()] for _ in range(8)], [here(1)])
    seen = run_virtual(reported(receiver, 130))
    assert told(seen) == [(1, "fix"), (2.5, ("unreachable", "it has gone", 1)), (124.5, "fix")]
    waits = [b - a for a, b in zip(receiver.connected[1:], receiver.connected[2:], strict=False)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert receiver.closed >= len(receiver.connected)


def test_who_speaks_only_on_moving_may_be_silent_for_ever():
    receiver = Scripted([here(), 3000.0, here(1)], quiet_s=math.inf)
    assert told(run_virtual(reported(receiver, 4000))) == [(1, "fix"), (3002, "fix")]
    assert receiver.connected == [0.0]


def test_cancelled_at_any_moment_it_is_closed():
    for moment in range(1, 30):
        receiver = Scripted([here(), gone()], [gone()], [here(1), 5.0, here(2)])
        run_virtual(reported(receiver, moment / 4))
        assert receiver.closed >= 1
        assert receiver.closed >= len(receiver.connected)
