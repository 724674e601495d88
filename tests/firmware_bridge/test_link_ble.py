"""The link over Bluetooth: bleak's own client and scanner, on a radio without hardware (fake_radio.py)."""

from __future__ import annotations

import asyncio
import logging

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)
from fake_radio import Air, Glasses, Wearer, connected, fails, now

from firmware_bridge.ble_devices import ANY, Wanted
from firmware_bridge.ble_search import scan
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import (
    AccessDeniedError,
    AdapterError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    NotFoundError,
    PairingError,
    SeveralFoundError,
)
from firmware_bridge.gatt import SERVICE_UUID
from firmware_bridge.link import Link, LinkSource
from firmware_bridge.link_ble import SCAN_S, BleLink, BleSource

# Finding


def test_it_keeps_the_contract() -> None:
    async def body(wearer: Wearer, link: BleLink) -> None:
        as_source: LinkSource = wearer.source
        as_link: Link = link
        assert as_source.input_ended is None
        assert as_link.info.kind == "ble"
        assert (as_link.info.name, as_link.info.address) == ("Frame 4F", "C6:11:22:33:44:4F")
        assert 0 <= as_link.info.nonce < 2**32

    air, _ = connected(body)
    assert air.scan_filters == [[SERVICE_UUID]]


def test_a_named_pair_ends_the_scan_early() -> None:
    async def main() -> None:
        air = Air([Glasses("Frame A0", "D1:00:00:00:00:A0", advertise_from_s=0.3), Glasses()])
        for rest, at_most in (("frame a0", 1.0), ("D1:00:00:00:00:A0", 0.5)):
            wearer, started = Wearer(air, rest), now()
            link = await wearer.connect()
            assert link.info.name == "Frame A0"
            assert now() - started < at_most
            await link.disconnect()

    run_virtual(main())


def test_without_a_name_the_others_are_waited_for() -> None:
    late = Glasses("Frame A0", "D1:00:00:00:00:A0", rssi=-80, advertise_from_s=1.5)
    error = fails(Air([Glasses(), late]))
    assert isinstance(error, SeveralFoundError)
    assert [address for _, address, _ in error.candidates] == ["C6:11:22:33:44:4F", "D1:00:00:00:00:A0"]


def test_the_strongest_is_taken_when_asked_for() -> None:
    async def body(_wearer: Wearer, link: BleLink) -> None:
        assert link.info.name == "Halo 07"

    far, near = Glasses(rssi=-85), Glasses("Halo 07", "D1:00:00:00:00:07", rssi=-40)
    connected(body, far, near, rest="?strongest")


def test_nobody_in_range() -> None:
    async def main() -> None:
        started = now()
        with pytest.raises(NotFoundError) as caught:
            await Wearer(Air()).connect()
        assert caught.value.message == "no glasses are in range"
        assert now() - started == pytest.approx(SCAN_S)

    run_virtual(main())


def test_glasses_connected_elsewhere_are_not_found_and_the_hint_says_why() -> None:
    error = fails(Air([Glasses("Frame A0", "D1:00:00:00:00:A0")]), "Frame 4F")
    assert isinstance(error, NotFoundError)
    assert "Frame A0" in error.hint
    assert "connected elsewhere cannot be seen" in fails(Air(), "Frame 4F").hint


def test_a_connection_left_over_by_a_killed_program_is_taken_over() -> None:
    async def body(_wearer: Wearer, link: BleLink) -> None:
        assert link.info.name == "Frame 4F"

    for rest in ("", "Frame 4F"):
        connected(body, Glasses(left_over=True), rest=rest)


def test_scan_lists_everybody() -> None:
    async def main() -> None:
        air = Air(
            [Glasses(rssi=-80), Glasses("Halo 07", "D1:00:00:00:00:07", rssi=-40), Glasses("X", "E", left_over=True)]
        )
        found = await scan(3.0, radio=air.radio())
        assert [(c.name, c.signal_dbm, c.connected) for c in found] == [
            ("Halo 07", -40, False),
            ("Frame 4F", -80, False),
            ("X", -127, True),
        ]
        assert now() == pytest.approx(3.0)
        assert air.holds_nothing()

    run_virtual(main())


# The adapter


@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        ("NO_BLUETOOTH", AdapterError, "this computer has no Bluetooth adapter"),
        ("POWERED_OFF", AdapterError, "Bluetooth is switched off"),
        ("NO_BLE_CENTRAL_ROLE", AdapterError, "the Bluetooth adapter of this computer has no Bluetooth Low Energy"),
        ("DENIED_BY_USER", AccessDeniedError, "the system does not allow this program to use Bluetooth"),
    ],
)
def test_an_adapter_that_cannot_be_used(reason: str, kind: type[LinkError], message: str) -> None:
    unavailable = BleakBluetoothNotAvailableError("no", BleakBluetoothNotAvailableReason[reason])
    error = fails(Air([Glasses()], adapter_error=unavailable))
    assert type(error) is kind
    assert error.message == message
    assert isinstance(error.__cause__, BleakBluetoothNotAvailableError)

    async def listing() -> None:
        with pytest.raises(kind):
            await scan(1.0, radio=Air(adapter_error=unavailable).radio())

    run_virtual(listing())


def test_an_adapter_that_never_gets_ready() -> None:
    error = fails(Air([Glasses()], start_s=1000.0), timeout_s=5.0)
    assert isinstance(error, LinkError)
    assert error.message == "the Bluetooth service of this computer does not answer"


# Connecting and pairing


def test_the_largest_value_is_what_the_system_says_of_the_characteristic() -> None:
    sizes = {20: 20, 100: 100, 182: 182, 244: 244, 509: 244, 3: 20}
    for offered, expected in sizes.items():

        async def body(_wearer: Wearer, link: BleLink, expected: int = expected) -> None:
            assert link.info.max_value_bytes == expected

        connected(body, Glasses(max_write=offered))


def test_an_mtu_that_is_told_late_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    async def body(_wearer: Wearer, link: BleLink) -> None:
        assert link.info.max_value_bytes == 244

    connected(body, Glasses(max_write_late_s=0.4))
    assert "BlueZ older than 5.62" not in caplog.text


def test_an_mtu_that_is_never_told_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async def body(_wearer: Wearer, link: BleLink) -> None:
        assert link.info.max_value_bytes == 20

    with caplog.at_level(logging.WARNING):
        connected(body, Glasses(max_write=20))
    assert "BlueZ older than 5.62" in caplog.text


PAIRED_ELSEWHERE = "most likely because it is bonded to another one"


@pytest.mark.parametrize("name", ["AuthenticationFailed", "AuthenticationRejected", "AuthenticationCanceled"])
def test_glasses_bonded_to_another_computer(name: str) -> None:
    error = fails(Air([Glasses(pair_error=BleakDBusError(f"org.bluez.Error.{name}", ["Authentication Failed"]))]))
    assert isinstance(error, PairingError)
    assert error.message == f"Frame 4F refused to pair with this computer, {PAIRED_ELSEWHERE}"
    assert "dock the Frame in its charging cradle and hold the cradle's button" in error.hint
    assert not error.retry


def test_a_bond_that_one_side_lost() -> None:
    error = fails(Air([Glasses(subscribe_error=BleakGATTProtocolError(0x0F))]))
    assert isinstance(error, PairingError)
    assert error.message == "Frame 4F and this computer share no bond, or one of them has lost it"


@pytest.mark.parametrize("step", ["connect", "subscribe"])
def test_glasses_that_hang_up_during_set_up(step: str) -> None:
    error = fails(Air([Glasses(drops_in=step)]))
    assert isinstance(error, LinkLostError)
    assert error.message == "Frame 4F dropped the connection while it was being set up"
    assert "the bond is with another computer or was lost" in error.hint
    assert error.retry


def test_pairing_that_nobody_confirms() -> None:
    error = fails(Air([Glasses(subscribe_s=1000.0)]), timeout_s=15.0)
    assert isinstance(error, LinkTimeoutError)
    assert error.message == "pairing with Frame 4F was not finished within 15 s"
    assert "pairing request on this computer's screen" in error.hint


def test_glasses_that_do_not_answer() -> None:
    error = fails(Air([Glasses(connect_s=1000.0)]), timeout_s=15.0)
    assert isinstance(error, LinkTimeoutError)
    assert error.message == "Frame 4F did not accept a connection within 15 s"


def test_a_request_is_given_up_in_time_for_bleak_to_take_it_back() -> None:
    error = fails(Air([Glasses(connect_s=1000.0, keeps_request=True)]), timeout_s=15.0)
    assert isinstance(error, LinkTimeoutError)


def test_a_device_without_the_service() -> None:
    error = fails(Air([Glasses(offers_service=False)]))
    assert isinstance(error, LinkError)
    assert error.message == "Frame 4F does not offer the service of the glasses"


def test_an_error_nobody_foresaw_is_shown_and_harmless() -> None:
    error = fails(Air([Glasses("Frame \x1b[2J", connect_error=BleakError("odd \x07 thing\nhere"))]))
    assert type(error) is LinkError
    assert error.message.endswith("reported: odd \N{REPLACEMENT CHARACTER} thing\N{REPLACEMENT CHARACTER}here")


@pytest.mark.parametrize("after_s", [0.05, 2.05, 2.14])
def test_cancelling_leaves_nothing_connected(after_s: float) -> None:
    async def main() -> None:
        air = Air([Glasses(subscribe_s=0.2)])
        task = asyncio.ensure_future(Wearer(air).connect())
        await asyncio.sleep(after_s)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert air.holds_nothing()

    run_virtual(main())


def test_an_outer_timeout_stays_a_timeout() -> None:
    async def main() -> None:
        air = Air([Glasses(connect_s=9.0)])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await Wearer(air).connect()
        assert air.holds_nothing()

    run_virtual(main())


def test_any_is_the_default() -> None:
    assert BleSource(radio=Air().radio())._wanted == ANY == Wanted(ANY.select)
