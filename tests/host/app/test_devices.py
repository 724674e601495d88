"""What `sidelight devices` and every opening verb find out, on a bluetoothd without a radio."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("BlueZ is Linux only", allow_module_level=True)

from fake_bluetoothd import ADDRESS, FakeBluetoothd, message_bus

from firmware_bridge import AccessDeniedError
from host.app.devices import devices, forget
from host.errors import UsageError
from host.events import DeviceSeen, Event
from host.store.glasses import BoundPair, GlassesStore

SPARE = BoundPair("C6:11:22:33:44:5A", "", "Frame 5A", "2026-01-02T03:04:05+00:00")
TRIED = BoundPair(ADDRESS, "emulator", "Frame 4F", "2026-01-02T03:04:05+00:00")
MINE = BoundPair(ADDRESS, "", "Frame 4F", "2026-01-02T03:04:05+00:00")


def look(monkeypatch: pytest.MonkeyPatch, daemon: FakeBluetoothd) -> list[DeviceSeen]:
    seen: list[Event] = []

    async def main() -> None:
        async with message_bus(monkeypatch) as address, daemon.running(address):
            await devices("ble:", 0.2, battery=False, report=seen.append, elapsed=lambda: 0.0)

    asyncio.run(main())
    return [event for event in seen if isinstance(event, DeviceSeen)]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    with contextlib.closing(GlassesStore.open(tmp_path / "data")) as store:
        store.bind(SPARE)
        store.bind(MINE)
        store.bind(TRIED)


def test_those_in_range_come_first_then_the_bound_ones_that_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(d.device, d.signal_dbm, d.seen, d.bonded, d.bound) for d in look(monkeypatch, FakeBluetoothd())] == [
        ("Frame 4F", -58, True, False, True),
        ("Frame 5A", None, False, None, True),
    ]


def test_whoever_is_not_in_the_group_is_told_how_to_join(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = ("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message")
    with pytest.raises(AccessDeniedError, match="the system does not allow this program to use Bluetooth") as caught:
        look(monkeypatch, FakeBluetoothd(errors={"GetManagedObjects": denied}))
    assert "sudo usermod -aG bluetooth $USER" in caught.value.hint


@pytest.mark.parametrize("uri", ["none", "emulator:frame", "\x1b[2J"])
def test_an_address_without_a_radio(uri: str) -> None:
    with pytest.raises(UsageError, match="glasses are in range of a radio") as caught:
        asyncio.run(devices(uri, 1.0, battery=False, report=print, elapsed=lambda: 0.0))
    assert "\x1b" not in caught.value.message
    assert caught.value.hint == "Add --glasses ble:"


def test_a_pair_is_forgotten_by_name_or_address() -> None:
    assert forget("ble:", "frame 5a") == [SPARE]
    assert forget("ble:", ADDRESS.lower()) == [MINE]
    assert forget("emulator:frame", "Frame 4F") == [TRIED]
    with pytest.raises(UsageError, match=r"no bound glasses are called 'Frame 4F'"):
        forget("ble:", "Frame 4F")
