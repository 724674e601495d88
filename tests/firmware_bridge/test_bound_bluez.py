"""Bound glasses on bleak's own BlueZ backend, with a bluetoothd that has no radio."""

from __future__ import annotations

import asyncio
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("BlueZ is Linux only", allow_module_level=True)

from fake_bluetoothd import ADDRESS, FakeBluetoothd, message_bus

from firmware_bridge.ble_devices import BoundGlasses, Select, Wanted
from firmware_bridge.ble_search import scan
from firmware_bridge.errors import GlassesError, PairingError
from firmware_bridge.link_ble import BleSource

YOURS = Wanted(Select.BOUND, bound=(BoundGlasses(ADDRESS, "Frame 4F"),))


def with_daemon(monkeypatch: pytest.MonkeyPatch, daemon: FakeBluetoothd) -> GlassesError | None:
    """Connect to the bound glasses and hang up; the error, if there was one."""

    async def main() -> GlassesError | None:
        async with message_bus(monkeypatch) as address, daemon.running(address):
            source = BleSource(YOURS)
            try:
                await source.connect(print, print)
            except GlassesError as error:
                return error
            finally:
                await source.close()
            return None

    return asyncio.run(main())


def test_they_are_connected_to_without_an_agent_and_never_paired_with(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeBluetoothd(paired=True)
    assert with_daemon(monkeypatch, daemon) is None
    assert daemon.calls.count("Connect") == 1
    assert not {"RegisterAgent", "Pair"} & set(daemon.calls)


def test_a_computer_that_lost_the_bond_connects_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeBluetoothd(paired=False)
    error = with_daemon(monkeypatch, daemon)
    assert isinstance(error, PairingError)
    assert error.message == "this computer has lost its bond with Frame 4F, so nothing was sent"
    assert "sidelight setup --again" in error.hint
    assert not {"RegisterAgent", "Pair", "Connect"} & set(daemon.calls)


def test_whoever_answers_without_the_bond_is_told_apart_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system drops the link as soon as it is made, and does not say why."""
    dropped = ("org.bluez.Error.Failed", "Software caused connection abort")
    daemon = FakeBluetoothd(paired=True, errors={"Connect": dropped})
    error = with_daemon(monkeypatch, daemon)
    assert isinstance(error, PairingError)
    assert error.message.startswith("the device that answers as Frame 4F does not have the bond of your glasses")
    assert f"bluetoothctl remove {ADDRESS}" in error.hint
    assert daemon.calls.count("Connect") == 3
    assert daemon.written == []


@pytest.mark.parametrize("paired", [True, False])
def test_a_scan_says_whether_there_is_a_bond(paired: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    async def main() -> None:
        daemon = FakeBluetoothd(paired=paired)
        async with message_bus(monkeypatch) as address, daemon.running(address):
            assert [(c.address, c.bonded) for c in await scan(0.2)] == [(ADDRESS, paired)]

    asyncio.run(main())
