"""Channels between stages: order, bound, replacement, end."""

from __future__ import annotations

import asyncio

import pytest

from firmware_bridge.emulator.clock import run_virtual
from host.channels import Channel, ChannelClosedError


def test_values_come_in_order_and_then_it_ends():
    async def main() -> list[int]:
        channel: Channel[int] = Channel(10)
        for value in range(3):
            await channel.put(value)
        channel.close()
        return [value async for value in channel]

    assert run_virtual(main()) == [0, 1, 2]


def test_a_full_channel_lets_the_sender_wait_and_drops_nothing():
    async def main() -> tuple[list[int], float]:
        channel: Channel[int] = Channel(2)
        got = []

        async def send() -> None:
            for value in range(6):
                await channel.put(value)
                assert len(channel) <= 2
            channel.close()

        async with asyncio.TaskGroup() as group:
            group.create_task(send())
            async for value in channel:
                await asyncio.sleep(1.0)
                got.append(value)
        return got, asyncio.get_running_loop().time()

    assert run_virtual(main()) == ([0, 1, 2, 3, 4, 5], 6.0)


def test_a_value_that_makes_the_last_superfluous_takes_its_place_even_when_full():
    async def main() -> list[int]:
        channel: Channel[int] = Channel(2, lambda old, new: old // 10 == new // 10)
        for value in (1, 11, 12, 13):
            await channel.put(value)
        channel.close()
        return [value async for value in channel]

    assert run_virtual(main()) == [1, 13]


def test_waiting_has_an_end_and_takes_nothing():
    async def main() -> None:
        channel: Channel[int] = Channel(1)
        with pytest.raises(TimeoutError):
            await channel.get(timeout_s=2.0)
        assert asyncio.get_running_loop().time() == 2.0
        await channel.put(5)
        assert await channel.get(timeout_s=0.0) == 5

    run_virtual(main())


def test_a_closed_channel_wakes_whoever_waits_on_either_side():
    async def main() -> None:
        full, empty = Channel[int](1), Channel[int](1)
        await full.put(1)
        waiting = [asyncio.ensure_future(full.put(2)), asyncio.ensure_future(empty.get())]
        await asyncio.sleep(1.0)
        full.close()
        empty.close()
        assert [type(e) for e in await asyncio.gather(*waiting, return_exceptions=True)] == [ChannelClosedError] * 2
        assert await full.get() == 1

    run_virtual(main())


def test_what_must_not_wait_takes_the_place_of_the_oldest():
    async def main() -> None:
        channel: Channel[int] = Channel(2)
        assert [channel.put_over(value) for value in range(4)] == [None, None, 0, 1]
        assert [await channel.get(), await channel.get()] == [2, 3]
        channel.close()
        with pytest.raises(ChannelClosedError):
            channel.put_over(5)

    run_virtual(main())
