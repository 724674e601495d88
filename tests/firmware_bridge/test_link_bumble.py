"""The link over a whole Bluetooth stack: two virtual controllers, host stacks and GATT on both sides (Bumble)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install bumble==0.0.236")

from bumble_radio import ADDRESS, BumbleAir

from firmware_bridge.ble_devices import parse_wanted
from firmware_bridge.errors import LinkError, LinkLostError, PairingError
from firmware_bridge.link_ble import BleLink, BleSource


def on_air(air_of: Callable[[], BumbleAir], body: Callable[[BumbleAir, BleSource], Awaitable[Any]]) -> None:
    async def main() -> None:
        air = air_of()
        await air.start()
        source = BleSource(parse_wanted("Frame 4F"), radio=air.radio())
        await body(air, source)
        await source.close()
        assert not air.connected

    asyncio.run(main())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(("mtu", "largest"), [(247, 244), (100, 97), (23, 20)])
def test_values_cross_in_both_directions(mtu: int, largest: int) -> None:
    async def body(air: BumbleAir, source: BleSource) -> None:
        came: list[bytes] = []
        link: BleLink = await source.connect(came.append, print)
        assert (link.info.name, link.info.address) == ("Frame 4F", ADDRESS)
        assert link.info.max_value_bytes == largest
        sent = [bytes([n]) * largest for n in range(1, 9)]
        for n, value in enumerate(sent):
            await link.write(value, response=n % 4 == 3)
        await until(lambda: len(air.received) == len(sent))
        assert air.received == sent
        for value in sent:
            await air.notify(value)
        await until(lambda: len(came) == len(sent))
        assert came == sent

    on_air(lambda: BumbleAir(mtu=mtu), body)


def test_a_lost_link_ends_a_write_under_way_and_the_same_pair_is_found_again() -> None:
    async def body(air: BumbleAir, source: BleSource) -> None:
        losses: list[LinkError] = []
        link = await source.connect(print, losses.append)
        write = asyncio.ensure_future(link.write(b"x", response=True))
        await asyncio.sleep(0)
        air.out_of_range()
        with pytest.raises(LinkLostError):
            await write
        await until(lambda: len(losses) == 1)
        air.received.clear()
        again = await source.connect(print, losses.append)
        await again.write(b"again", response=True)
        assert air.received == [b"again"]
        assert len(losses) == 1

    on_air(BumbleAir, body)


def test_glasses_that_refuse_to_pair() -> None:
    async def body(air: BumbleAir, source: BleSource) -> None:
        with pytest.raises(PairingError) as caught:
            await source.connect(print, print)
        assert "refused to pair" in caught.value.message
        await until(lambda: not air.connected)

    on_air(lambda: BumbleAir(accepts_pairing=False), body)
