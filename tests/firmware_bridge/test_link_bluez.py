"""The link on bleak's own BlueZ backend: without a message bus, without bluetoothd, and with one that has no radio.

What no test here can show is what a real bluetoothd and real glasses do; see docs/bluetooth.md.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("BlueZ is Linux only", allow_module_level=True)

from dbus_fast import Message
from fake_bluetoothd import ADDRESS, BY_ADDRESS, DEVICE, FakeBluetoothd, message_bus, until, with_bluetoothd

from firmware_bridge.ble_causes import Drops
from firmware_bridge.ble_search import scan
from firmware_bridge.bluez import pairing_agent
from firmware_bridge.errors import (
    AccessDeniedError,
    AdapterError,
    GlassesError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    NotFoundError,
    PairingError,
)
from firmware_bridge.link_ble import BleLink, BleSource


def refused(monkeypatch: pytest.MonkeyPatch, daemon: FakeBluetoothd, timeout_s: float = 20.0) -> GlassesError:
    errors: list[GlassesError] = []

    async def body(source: BleSource) -> None:
        with pytest.raises(GlassesError) as caught:
            await source.connect(print, print, timeout_s=timeout_s)
        errors.append(caught.value)
        assert not daemon.connected

    with_bluetoothd(monkeypatch, daemon, body)
    return errors[0]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("unix:path=/nonexistent/bus", "the system message bus (D-Bus), which Bluetooth needs, is not running"),
        ("nonsense", "the system message bus (D-Bus), which Bluetooth needs, is not running"),
    ],
)
def test_no_message_bus(address: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    for attempt in (lambda: scan(0.1), lambda: BleSource().connect(print, print)):
        with pytest.raises(AdapterError) as caught:
            asyncio.run(attempt())
        assert caught.value.message == message
        assert "sudo apt install dbus bluez" in caught.value.hint


def test_a_message_bus_that_is_closed_to_us(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def main() -> None:
        async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.01)
            writer.write(b"REJECTED\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(refuse, tmp_path / "bus")
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
        async with server:
            with pytest.raises(AccessDeniedError) as caught:
                await scan(0.1)
        assert "usermod -aG bluetooth" in caught.value.hint

    asyncio.run(main())


def test_no_bluetoothd(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with message_bus(monkeypatch):
            with pytest.raises(AdapterError) as caught:
                await BleSource().connect(print, print)
        assert caught.value.message == "the Bluetooth service is not running"
        assert "sudo systemctl start bluetooth" in caught.value.hint

    asyncio.run(main())


@pytest.mark.parametrize(
    ("daemon", "kind", "message"),
    [
        (FakeBluetoothd(adapter=False), AdapterError, "this computer has no Bluetooth adapter"),
        (FakeBluetoothd(powered=False), AdapterError, "Bluetooth is switched off"),
        (
            FakeBluetoothd(errors={"StartDiscovery": ("org.bluez.Error.NotReady", "Resource Not Ready")}),
            AdapterError,
            "Bluetooth is switched off",
        ),
        (
            FakeBluetoothd(errors={"StartDiscovery": ("org.bluez.Error.InProgress", "Operation already in progress")}),
            LinkError,
            "the Bluetooth system of this computer is busy with another request",
        ),
        (
            FakeBluetoothd(errors={"GetManagedObjects": ("org.freedesktop.DBus.Error.AccessDenied", "Rejected send")}),
            AccessDeniedError,
            "the system does not allow this program to use Bluetooth",
        ),
        (
            FakeBluetoothd(errors={"Pair": ("org.bluez.Error.AuthenticationFailed", "Authentication Failed")}),
            PairingError,
            "Frame 4F refused to pair with this computer, most likely because it is bonded to another one",
        ),
        (
            FakeBluetoothd(errors={"Pair": ("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout")}),
            LinkTimeoutError,
            "Frame 4F does not answer",
        ),
        (
            FakeBluetoothd(errors={"Pair": ("org.freedesktop.DBus.Error.UnknownObject", "gone")}),
            NotFoundError,
            "Frame 4F went out of sight before a connection was made",
        ),
        (
            FakeBluetoothd(
                paired=True, errors={"Connect": ("org.bluez.Error.Failed", "Software caused connection abort")}
            ),
            LinkLostError,
            "Frame 4F dropped the connection while it was being set up",
        ),
        (
            FakeBluetoothd(errors={"StartNotify": ("org.bluez.Error.NotPermitted", "Not paired")}),
            PairingError,
            "Frame 4F and this computer share no bond, or one of them has lost it",
        ),
        (
            FakeBluetoothd(errors={"StartNotify": ("org.bluez.Error.Failed", "Operation failed with ATT error: 0x0f")}),
            PairingError,
            "Frame 4F and this computer share no bond, or one of them has lost it",
        ),
    ],
)
def test_errors_of_bluetoothd(
    daemon: FakeBluetoothd, kind: type[GlassesError], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = refused(monkeypatch, daemon)
    assert type(error) is kind
    assert error.message == message
    assert error.hint


def test_a_whole_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings are errors here: bleak warns of an unknown MTU where anybody asks for `mtu_size`."""
    daemon = FakeBluetoothd()

    async def body(source: BleSource) -> None:
        values: list[bytes] = []
        losses: list[LinkError] = []
        link: BleLink = await source.connect(values.append, losses.append)
        assert (link.info.name, link.info.address, link.info.max_value_bytes) == ("Frame 4F", ADDRESS, 244)
        assert daemon.paired
        await link.write(b"\x01" * 244)
        await link.write(b"\x03", response=True)
        assert daemon.written == [(b"\x01" * 244, "command"), (b"\x03", "request")]
        for n in range(10):
            daemon.notify(bytes([n]))
        await until(lambda: len(values) == 10)
        assert values == [bytes([n]) for n in range(10)]
        daemon.errors["WriteValue"] = ("org.bluez.Error.Failed", "Failed to initiate write")
        with pytest.raises(LinkError) as caught:
            await link.write(b"x")
        assert "Failed to initiate write" in caught.value.message
        del daemon.errors["WriteValue"]
        daemon.holds.add("WriteValue")
        write = asyncio.ensure_future(link.write(b"x"))
        await asyncio.sleep(0.05)
        daemon.drop()
        with pytest.raises(LinkLostError):
            await write
        assert [error.message for error in losses] == ["the connection to Frame 4F was lost"]
        daemon.holds.clear()
        again = await source.connect(values.append, losses.append)
        await again.write(b"again")
        await again.disconnect()
        assert not daemon.connected
        assert len(losses) == 1

    with_bluetoothd(monkeypatch, daemon, body)
    assert daemon.calls.count("Pair") == 1
    assert daemon.calls.count("Connect") == 1, "paired glasses are only connected to"


def test_pairing_brings_its_own_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeBluetoothd()

    async def body(source: BleSource) -> None:
        link = await source.connect(print, print)
        assert daemon.paired
        await until(lambda: not daemon.agents)
        await link.disconnect()

    with_bluetoothd(monkeypatch, daemon, body)


def test_an_agent_does_not_outlive_a_connect_that_is_given_up_while_it_is_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    daemon = FakeBluetoothd(holds={"Pair"}, slow={"RegisterAgent": 2.0})

    async def body(source: BleSource) -> None:
        connecting = asyncio.create_task(source.connect(print, print))
        await until(lambda: bool(daemon.agents))
        connecting.cancel()
        await asyncio.wait({connecting})
        await until(lambda: not daemon.agents)

    with_bluetoothd(monkeypatch, daemon, body)


def test_a_desktop_with_an_agent_of_its_own_that_lets_no_other_in(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeBluetoothd(agents={"the desktop's"}, takes_agents=False)

    async def body(source: BleSource) -> None:
        await (await source.connect(print, print)).disconnect()

    with_bluetoothd(monkeypatch, daemon, body)
    assert daemon.paired


@pytest.mark.parametrize(
    ("member", "device", "answer"),
    [
        ("RequestAuthorization", DEVICE, ""),
        ("RequestAuthorization", "/org/bluez/hci0/dev_AA_11_22_33_44_4F", "org.bluez.Error.Rejected"),
        ("RequestConfirmation", DEVICE, "org.bluez.Error.Rejected"),
        ("RequestPinCode", DEVICE, "org.bluez.Error.Rejected"),
        ("Release", DEVICE, ""),
        ("Cancel", DEVICE, ""),
    ],
)
def test_the_agent_agrees_to_just_works_with_one_device_and_to_nothing_else(
    member: str, device: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        daemon = FakeBluetoothd()
        async with message_bus(monkeypatch) as address, daemon.running(address), pairing_agent(DEVICE):
            (agent,) = daemon.agents
            call = Message(agent, "/sidelight/agent", "org.bluez.Agent1", member, signature="o", body=[device])
            reply = await daemon.bus.call(call)
            assert reply is not None
            assert (reply.error_name or "") == answer

    asyncio.run(main())


def test_glasses_that_have_forgotten_the_bond(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system drops them as soon as they are connected, each time, and does not say why."""
    dropped = ("org.bluez.Error.Failed", "Software caused connection abort")
    daemon = FakeBluetoothd(paired=True, errors={"Connect": dropped})

    async def body(source: BleSource) -> None:
        said: list[GlassesError] = []
        for fails in (True, True, False, True, True, True):
            if not fails:
                del daemon.errors["Connect"]
                await (await source.connect(print, print)).disconnect()
                daemon.errors["Connect"] = dropped
                continue
            with pytest.raises(GlassesError) as caught:
                await source.connect(print, print)
            said.append(caught.value)
        assert [type(error) for error in said] == [LinkLostError] * 4 + [PairingError]
        assert said[-1].message == "Frame 4F and this computer share no bond, or one of them has lost it"
        assert f"bluetoothctl remove {ADDRESS}" in said[-1].hint

    with_bluetoothd(monkeypatch, daemon, body)


def test_drops_that_take_their_time_are_the_radio() -> None:
    drops = Drops()
    assert not any(drops.mean_a_lost_bond(seconds) for seconds in (0.4, 0.4, 2.0, 0.4, 0.4, 2.5))


def test_an_old_bluez_that_hides_the_mtu(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(source: BleSource) -> None:
        link = await source.connect(print, print)
        assert link.info.max_value_bytes == 20

    with_bluetoothd(monkeypatch, FakeBluetoothd(mtu=None), body)


def test_a_connection_left_over_by_a_killed_program(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeBluetoothd(connected=True, paired=True)

    async def body(source: BleSource) -> None:
        link = await source.connect(print, print)
        await link.write(b"x")
        assert "StartDiscovery" not in daemon.calls
        assert "Connect" not in daemon.calls

    with_bluetoothd(monkeypatch, daemon, body)
    assert not daemon.connected


def test_a_bluetoothd_that_dies_is_a_lost_link(monkeypatch: pytest.MonkeyPatch) -> None:
    losses: list[LinkError] = []

    async def main() -> None:
        daemon = FakeBluetoothd()
        async with message_bus(monkeypatch) as address:
            source = BleSource(BY_ADDRESS)
            async with daemon.running(address):
                link = await source.connect(print, losses.append)
            for _ in range(2):
                with pytest.raises(LinkLostError):
                    await link.write(b"x")
            assert len(losses) == 1
            await link.disconnect()
            with pytest.raises(AdapterError) as caught:
                await source.connect(print, losses.append)
            assert caught.value.message == "the Bluetooth service is not running"
            async with FakeBluetoothd().running(address):
                link = await source.connect(print, losses.append)
                await link.write(b"x")
                await source.close()

    asyncio.run(main())


def test_a_message_bus_that_dies_is_a_lost_link(monkeypatch: pytest.MonkeyPatch) -> None:
    losses: list[LinkError] = []

    async def main() -> None:
        source = BleSource(BY_ADDRESS)
        async with message_bus(monkeypatch) as address, FakeBluetoothd().running(address):
            link = await source.connect(print, losses.append)
        await until(lambda: len(losses) == 1)
        with pytest.raises(LinkLostError):
            await link.write(b"x")
        await source.close()

    asyncio.run(main())
