"""Making the next session: how often it is tried, and what waits when there will be none."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from scripted_glasses import ScriptedGlasses

from firmware_bridge import AccessDeniedError, Glasses, GlassesError, LinkLostError, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import AdapterError, LinkError
from firmware_bridge.link import Link, OnLost, OnValue
from firmware_bridge.messages import Clear, Hello, Show
from firmware_bridge.reconnect import delays

HELLO = Scene((Text(1, 0, 0, "hello"),))


class Refusing(ScriptedGlasses):
    """Connecting fails with `error`, while there is one."""

    error: LinkError | None = None
    tries = 0

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        self.tries += 1
        if self.error is not None:
            raise self.error
        return await super().connect(on_value, on_lost, timeout_s=timeout_s)


def test_delays_grow_to_their_limit() -> None:
    first = list(itertools.islice(delays(), 12))
    assert first == sorted(first)
    assert (first[0], first[-1]) == (0.2, 5.0)


def test_an_app_that_fails_as_soon_as_it_is_ready_is_not_tried_without_end() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source, give_up_s=120) as glasses:
            source.on[Clear] = lambda _order: source.cut()
            source.cut()
            with pytest.raises(LinkLostError, match="out of reach for 2 minutes"):
                await glasses.show(HELLO)
            assert source.connections < 40
            with pytest.raises(LinkLostError, match="out of reach"):
                await glasses.show(HELLO)

    run_virtual(main())


def test_hours_away_are_waited_for_without_searching_all_the_time() -> None:
    async def main() -> None:
        source = Refusing()
        async with Glasses(source, give_up_s=24 * 3600) as glasses:
            source.error = LinkLostError("not there")
            source.cut()
            await asyncio.sleep(8 * 3600)
            assert source.tries < 8 * 120 + 150
            source.error = None
            await asyncio.sleep(30)
            await glasses.show(HELLO)

    run_virtual(main())


def test_a_link_that_is_lost_now_and_then_is_made_again_at_once() -> None:
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            for n in range(30):
                await asyncio.sleep(4)
                source.cut()
                began = asyncio.get_running_loop().time()
                await glasses.show(Scene((Text(1, 0, 0, f"{n}"),)))
                assert asyncio.get_running_loop().time() - began < 0.6

    run_virtual(main())


def test_what_waiting_cannot_mend_ends_every_wait_and_a_missing_adapter_does_not() -> None:
    async def main() -> None:
        source = Refusing()
        async with Glasses(source) as glasses:
            source.error = AdapterError("no Bluetooth adapter")
            source.cut()
            await asyncio.sleep(30)
            source.error = None
            await glasses.show(HELLO)
            source.error = AccessDeniedError("Bluetooth is forbidden")
            showing = asyncio.create_task(glasses.show(Scene()))
            source.cut()
            with pytest.raises(AccessDeniedError):
                await showing
            with pytest.raises(AccessDeniedError):
                await glasses.battery()
            tries = source.tries
            await asyncio.sleep(60)
            assert source.tries == tries

    run_virtual(main())


def test_glasses_that_cannot_be_opened_end_who_listens_already() -> None:
    async def main() -> None:
        source = Refusing()
        source.error = LinkError("the radio is broken")
        glasses = Glasses(source)
        states = [change.state for change in []]

        async def watch() -> None:
            async for change in glasses.states():
                states.append(change.state)  # noqa: PERF401 - read while it grows

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        with pytest.raises(LinkError, match="radio is broken"):
            await glasses.__aenter__()
        with pytest.raises(LinkError, match="radio is broken"):
            async with asyncio.timeout(1):
                await watching
        assert states == ["connecting"]

    run_virtual(main())


def test_opening_can_be_given_up_at_any_moment_and_leaves_no_task() -> None:
    async def main() -> None:
        for turns in range(60):
            source = ScriptedGlasses()
            source.on[Hello] = lambda _order: None
            before = asyncio.all_tasks()
            opening = asyncio.create_task(Glasses(source).__aenter__())
            await asyncio.sleep(turns * 0.002)
            opening.cancel()
            await asyncio.wait({opening})
            if not opening.cancelled():
                await opening.result().__aexit__()
            assert asyncio.all_tasks() == before

    run_virtual(main())


def test_a_picture_of_another_program_with_the_same_number_is_not_taken_for_ours() -> None:
    """While we are away another program may use the glasses; it counts its pictures as we do."""

    async def main() -> None:
        source = ScriptedGlasses()
        source.on[Show] = lambda order: setattr(source, "shown", order.version)
        async with Glasses(source) as glasses:
            await glasses.show(HELLO)
            count = len(source.given(Show))
            source.shown = count  # as many pictures as we had shown
            source.orders.clear()
            source.cut()
            await asyncio.sleep(1)
            assert source.given(Clear)

    run_virtual(main())


def test_a_failure_of_our_own_ends_every_wait_with_its_name() -> None:
    class Broken(ScriptedGlasses):
        async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
            if self.connections:
                raise ZeroDivisionError("a bug")
            return await super().connect(on_value, on_lost, timeout_s=timeout_s)

    async def main() -> None:
        source = Broken()
        async with Glasses(source) as glasses:
            source.cut()
            with pytest.raises(GlassesError, match="ZeroDivisionError"):
                await glasses.show(HELLO)

    run_virtual(main())
