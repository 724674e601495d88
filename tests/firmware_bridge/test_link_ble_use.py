"""The link over Bluetooth once it is open: values, loss, cancelling, disconnecting, connecting again."""

from __future__ import annotations

import asyncio

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError
from fake_radio import Air, Glasses, Wearer, connected, now

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import LinkError, LinkLostError, LocalProtocolError, PairingError
from firmware_bridge.link_ble import BleLink


def test_values_go_out_in_order_and_come_in_in_order() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        glasses = wearer.air.glasses[0]
        await asyncio.gather(*(link.write(bytes([n]), response=n % 3 == 0) for n in range(20)))
        assert glasses.received == [(bytes([n]), n % 3 == 0) for n in range(20)]
        for n in range(5):
            glasses.notify(bytes([n]) * 244)
        assert wearer.values == [bytes([n]) * 244 for n in range(5)]
        assert all(type(value) is bytes for value in wearer.values)

    connected(body)


@pytest.mark.parametrize("size", [0, 245])
def test_values_of_a_wrong_length_are_our_fault(size: int) -> None:
    async def body(_wearer: Wearer, link: BleLink) -> None:
        with pytest.raises(LocalProtocolError) as caught:
            await link.write(bytes(size))
        assert caught.value.message == f"a value has {size} bytes; 1 to 244 can be sent"

    air, _ = connected(body)
    assert air.glasses[0].received == []


def test_a_refused_value_is_an_error_and_the_link_goes_on() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        glasses = wearer.air.glasses[0]
        glasses.write_error = BleakGATTProtocolError(0x11)
        with pytest.raises(LinkError) as caught:
            await link.write(b"x", response=True)
        assert "refused a value" in caught.value.message
        assert "Insufficient Resource" in caught.value.message
        glasses.write_error = BleakGATTProtocolError(0x05)
        with pytest.raises(PairingError):
            await link.write(b"x", response=True)
        glasses.write_error = None
        await link.write(b"y")
        assert wearer.losses == []

    connected(body)


@pytest.mark.parametrize("leaks", [False, True])
def test_a_link_lost_in_mid_write_ends_every_write_and_is_told_once(*, leaks: bool) -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        glasses = wearer.air.glasses[0]
        writes = [asyncio.ensure_future(link.write(b"x")) for _ in range(3)]
        await asyncio.sleep(1.0)
        glasses.drop()
        started = now()
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(r) for r in results] == [LinkLostError] * 3
        assert now() == started
        with pytest.raises(LinkLostError):
            await link.write(b"x")
        glasses.notify(b"too late")
        assert wearer.values == []
        assert [e.message for e in wearer.losses] == ["the connection to Frame 4F was lost"]
        assert wearer.losses[0].retry

    connected(body, Glasses(write_hangs=True, leaks_cancellation=leaks))


def test_a_call_cancelled_behind_our_back_is_a_lost_link() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        write = asyncio.ensure_future(link.write(b"x"))
        await asyncio.sleep(0.5)
        client = wearer.air.glasses[0].client
        assert client is not None
        client.cancel_pending()
        with pytest.raises(LinkLostError):
            await write
        assert len(wearer.losses) == 1

    connected(body, Glasses(write_hangs=True))


def test_a_real_cancellation_of_a_write_stays_one() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        write = asyncio.ensure_future(link.write(b"x"))
        await asyncio.sleep(0.5)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        wearer.air.glasses[0].write_hangs = False
        await link.write(b"y")
        assert wearer.air.glasses[0].received == [(b"y", False)]

    connected(body, Glasses(write_hangs=True, leaks_cancellation=True))


def test_a_system_that_swallows_a_value_is_a_lost_link_in_the_end() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        started = now()
        with pytest.raises(LinkLostError):
            await link.write(b"x", response=True)
        assert now() - started == pytest.approx(30.0)
        assert len(wearer.losses) == 1
        assert not link.is_open

    connected(body, Glasses(write_hangs=True))


def test_disconnecting_is_quiet_repeatable_and_ends_a_pending_write() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        write = asyncio.ensure_future(link.write(b"x"))
        await asyncio.sleep(0.1)
        await asyncio.gather(link.disconnect(), link.disconnect())
        await link.disconnect()
        with pytest.raises(LinkLostError):
            await write
        with pytest.raises(LinkLostError):
            await link.write(b"x")
        assert wearer.losses == []

    connected(body, Glasses(write_hangs=True, disconnect_s=0.5))


@pytest.mark.parametrize("error", [BleakError("stuck"), asyncio.CancelledError()])
def test_disconnecting_never_raises(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        air = Air([Glasses(disconnect_error=error)])
        link = await Wearer(air).connect()
        await link.disconnect()

    run_virtual(main())
    assert ("disconnecting from Frame 4F failed" in caplog.text) == isinstance(error, BleakError)


def test_a_disconnect_that_hangs_is_given_up() -> None:
    async def main() -> None:
        link = await Wearer(Air([Glasses(disconnect_s=1000.0)])).connect()
        started = now()
        await link.disconnect()
        assert now() - started < 15.0

    run_virtual(main())


def test_a_cancelled_disconnect_can_be_repeated() -> None:
    async def main() -> None:
        air = Air([Glasses(disconnect_s=1.0)])
        wearer = Wearer(air)
        link = await wearer.connect()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await link.disconnect()
        await wearer.source.close()
        assert air.holds_nothing()

    run_virtual(main())


def test_reconnecting_goes_to_the_same_pair() -> None:
    async def main() -> None:
        air = Air([Glasses()])
        wearer = Wearer(air)
        first = await wearer.connect()
        with pytest.raises(LocalProtocolError) as caught:
            await wearer.connect()
        assert caught.value.message == "these glasses are already connected"
        air.glasses.insert(0, Glasses("Frame A0", "D1:00:00:00:00:A0", rssi=-20))
        air.glasses[1].drop()
        assert len(wearer.losses) == 1
        second = await wearer.connect()
        assert second.info.address == first.info.address
        assert second.info.nonce != first.info.nonce
        assert not first.is_open
        await second.write(b"again")
        assert air.glasses[1].received == [(b"again", False)]
        await wearer.source.close()
        assert air.holds_nothing()

    run_virtual(main())


def test_the_connection_before_is_released_before_the_next() -> None:
    """BlueZ keeps a D-Bus connection per link until `disconnect`, also after the link was lost."""

    async def main() -> None:
        air = Air([Glasses()])
        wearer = Wearer(air)
        first = await wearer.connect()
        air.glasses[0].drop()
        await wearer.connect()
        assert first._client is None
        await wearer.source.close()

    run_virtual(main())
