"""Bound glasses: these and no others, and nothing is written to whoever has not their bond."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from bleak.backends.device import BLEDevice
from fake_radio import Air, Glasses
from hypothesis import given, settings
from hypothesis import strategies as st
from stranger import Stranger

from firmware_bridge.ble_devices import (
    BoundGlasses,
    Candidate,
    Select,
    Wanted,
    choose,
    is_wanted,
    parse_wanted,
    preferring_bound,
)
from firmware_bridge.ble_search import scan
from firmware_bridge.bumble_radio import BumbleAdapter, radio_of
from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.errors import LinkError, LinkLostError, NotFoundError, PairingError
from firmware_bridge.link import Link
from firmware_bridge.link_ble import BleSource

YOURS = BoundGlasses("4F:52:41:4D:45:46", "Frame 4F")
IDENTIFIER = BoundGlasses("6C3A2B1D-0000-1111-2222-333344445555", "Frame 4F")


class Desk:
    """A computer, the glasses that may be bound to it, and strangers on the same air."""

    def __init__(self, frame: BluetoothFrame) -> None:
        self.frame = frame
        self.adapter: BumbleAdapter = frame.computer()

    def source(self, rest: str = "", *bound: BoundGlasses) -> BleSource:
        return BleSource(preferring_bound(parse_wanted(rest), bound), radio=radio_of(lambda: self.adapter))

    async def connect(self, source: BleSource) -> Link:
        return await source.connect(lambda _v: None, lambda _e: None)

    async def pair(self) -> None:
        source = self.source("Frame 4F")
        await self.connect(source)
        await source.close()


def at_a_desk(body: Callable[[Desk], Awaitable[None]]) -> None:
    async def main() -> None:
        frame = BluetoothFrame(parse_uri("emulator:frame"))
        await frame.start()
        await asyncio.sleep(0.3)
        await body(Desk(frame))
        await frame.close()

    run_virtual(main())


def test_bound_glasses_are_found_beside_a_stranger_of_the_same_name() -> None:
    async def body(desk: Desk) -> None:
        await desk.pair()
        stranger = Stranger(desk.frame.air)
        await stranger.start()
        source = desk.source("", YOURS)
        link = await desk.connect(source)
        assert link.info.address == YOURS.address
        await link.write(b"print(1)", response=True)
        await link.disconnect()
        assert (await desk.connect(source)).info.address == YOURS.address
        await source.close()
        assert (stranger.connections, stranger.written) == (0, [])

    at_a_desk(body)


def test_a_stranger_alone_is_left_alone_and_named() -> None:
    async def body(desk: Desk) -> None:
        await desk.pair()
        stranger = Stranger(desk.frame.air)
        await stranger.start()
        desk.frame.bluetooth.go_off()
        for rest in ("", "Frame 4F", YOURS.address):
            with pytest.raises(NotFoundError) as caught:
                await desk.connect(desk.source(rest, YOURS))
            assert caught.value.message == "your glasses are not in range: Frame 4F (4F:52:41:4D:45:46)"
            assert "AA:52:41:4D:45:46" in caught.value.hint
            assert "which has the same name and is another device; it was left alone" in caught.value.hint
        assert stranger.connections == 0

    at_a_desk(body)


def test_a_stranger_with_the_very_address_gets_nothing() -> None:
    async def body(desk: Desk) -> None:
        await desk.pair()
        await desk.frame.close()
        stranger = Stranger(desk.frame.air, YOURS.address)
        await stranger.start()
        with pytest.raises(PairingError) as caught:
            await desk.connect(desk.source("", YOURS))
        assert caught.value.message == (
            "the device that answers as Frame 4F does not have the bond of your glasses, so nothing was sent to it"
        )
        assert "sidelight setup --again" in caught.value.hint
        assert (stranger.connections, stranger.written) == (1, [])

    at_a_desk(body)


def test_glasses_that_lost_the_bond_are_not_paired_with_anew() -> None:
    async def body(desk: Desk) -> None:
        await desk.pair()
        desk.frame.press_cradle_button()
        await asyncio.sleep(1)
        with pytest.raises(PairingError, match="does not have the bond of your glasses"):
            await desk.connect(desk.source("", YOURS))

    at_a_desk(body)


def test_a_computer_that_lost_the_bond_connects_to_nobody() -> None:
    async def body(desk: Desk) -> None:
        stranger = Stranger(desk.frame.air, YOURS.address)
        await desk.frame.close()
        await stranger.start()
        with pytest.raises(PairingError, match="this computer has lost its bond with Frame 4F, so nothing was sent"):
            await desk.connect(desk.source("", YOURS))
        assert stranger.connections == 0

    at_a_desk(body)


def test_of_several_bound_pairs_any_will_do() -> None:
    async def body(desk: Desk) -> None:
        await desk.pair()
        source = desk.source("", BoundGlasses("C6:11:22:33:44:5A", "Frame 5A"), YOURS)
        assert (await desk.connect(source)).info.address == YOURS.address
        await source.close()

    at_a_desk(body)


def test_whoever_drops_the_link_and_is_gone_is_not_said_to_be_out_of_range() -> None:
    async def main() -> None:
        air = Air([Glasses(address=YOURS.address, drops_in="connect")])
        source = BleSource(Wanted(Select.BOUND, bound=(YOURS,)), radio=air.radio())
        asyncio.get_running_loop().call_later(0.08, air.glasses.clear)  # while they are being connected to
        with pytest.raises(LinkLostError, match="dropped the connection while it was being set up") as caught:
            await source.connect(print, print)
        assert "the bond is with another computer or was lost" in caught.value.hint

    run_virtual(main())


def test_a_scan_says_who_is_bonded() -> None:
    async def body(desk: Desk) -> None:
        stranger = Stranger(desk.frame.air)
        await stranger.start()
        radio = radio_of(lambda: desk.adapter)
        assert {c.address: c.bonded for c in await scan(1.0, radio=radio)} == {
            YOURS.address: False,
            "AA:52:41:4D:45:46": False,
        }
        source = desk.source(YOURS.address)
        await desk.connect(source)
        await source.close()
        assert {c.address: c.bonded for c in await scan(1.0, radio=radio)}[YOURS.address] is True

    at_a_desk(body)


@pytest.mark.parametrize(
    ("rest", "bound", "wanted"),
    [
        ("", (), Wanted(Select.ONLY)),
        ("", (YOURS,), Wanted(Select.BOUND, bound=(YOURS,))),
        ("", (YOURS, IDENTIFIER), Wanted(Select.BOUND, bound=(YOURS, IDENTIFIER))),
        ("?strongest", (YOURS,), Wanted(Select.STRONGEST)),
        ("frame 4f", (YOURS,), Wanted(Select.BOUND, bound=(YOURS,))),
        ("Frame 5A", (YOURS,), Wanted(Select.NAME, "Frame 5A")),
        ("4f-52-41-4d-45-46", (YOURS,), Wanted(Select.BOUND, bound=(YOURS,))),
        ("AA:52:41:4D:45:46", (YOURS,), Wanted(Select.ADDRESS, "AA:52:41:4D:45:46")),
        (IDENTIFIER.address.lower(), (YOURS, IDENTIFIER), Wanted(Select.BOUND, bound=(IDENTIFIER,))),
    ],
)
def test_what_an_address_means_where_glasses_are_bound(
    rest: str, bound: tuple[BoundGlasses, ...], wanted: Wanted
) -> None:
    assert preferring_bound(parse_wanted(rest), bound) == wanted


addresses = st.sampled_from([f"AA:00:00:00:00:0{n}" for n in range(6)])
names = st.sampled_from(["Frame 4F", "Frame 5A", "", "\x1b[2J"])


@settings(deadline=None)
@given(
    st.lists(st.builds(BoundGlasses, addresses, names), min_size=1, max_size=3),
    st.lists(st.builds(Candidate, names, addresses, st.integers(-100, -20)), max_size=6),
)
def test_only_bound_glasses_are_ever_chosen(bound: list[BoundGlasses], seen: list[Candidate]) -> None:
    wanted = preferring_bound(parse_wanted(""), bound)
    yours = [c for c in seen if is_wanted(wanted, c)]
    assert all(c.address in {pair.address for pair in bound} for c in yours)
    if yours:
        assert choose(wanted, seen).signal_dbm == max(c.signal_dbm for c in yours)
        return
    with pytest.raises(NotFoundError) as caught:
        choose(wanted, seen)
    assert (caught.value.message + caught.value.hint).isprintable()


OTHER = BoundGlasses("C6:11:22:33:44:5A", "Frame 5A")
HALO = BoundGlasses("C6:11:22:33:44:5B", "Halo 5B")


def exchanged(after_s: float, *present: BoundGlasses, any_bound: bool = True, bonded: bool = True) -> str:
    """Which pair is connected so long after yours went; its address, or what is said against it."""

    async def main() -> str:
        yours = Glasses(address=YOURS.address)
        air = Air([yours])
        radio = air.radio()

        async def has_bond(device: BLEDevice) -> bool:
            return bonded or device.address == YOURS.address

        wanted = Wanted(Select.BOUND, bound=(YOURS, OTHER, HALO))
        source = BleSource(wanted, radio=replace(radio, has_bond=has_bond), any_bound=any_bound)
        link = await source.connect(print, print)
        air.glasses[:] = [Glasses(pair.name, pair.address, rssi=-40) for pair in present]
        yours.drop()
        found = ""
        began = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - began <= after_s:
            try:
                link = await source.connect(print, print, timeout_s=5)
            except LinkError as error:
                found = str(error.retry)
                await asyncio.sleep(1)
                continue
            found = link.info.address
            break
        await source.close()
        return found

    return run_virtual(main())


def test_another_bound_pair_is_taken_once_the_one_that_was_worn_stays_away() -> None:
    assert exchanged(40.0, OTHER) == OTHER.address
    assert exchanged(8.0, OTHER) == "True"  # a cut is no exchange
    assert exchanged(40.0, OTHER, any_bound=False) == "True"
    assert exchanged(40.0, HALO) == "True"  # what is shown and heard is made for Frame
    assert exchanged(40.0, OTHER, YOURS) == YOURS.address


def test_another_pair_without_its_bond_does_not_end_the_wait_for_the_own_one() -> None:
    assert exchanged(60.0, OTHER, bonded=False) == "True"
