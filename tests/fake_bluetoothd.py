"""A bluetoothd that has no radio: it answers on a private message bus as BlueZ's D-Bus interface does.

With it bleak's own BlueZ backend runs, unchanged, in a test: over a real dbus-daemon, started for the test. What is
imitated is what that backend asks for: one adapter, one pair of glasses, their service.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from firmware_bridge.ble_devices import Select, Wanted
from firmware_bridge.gatt import NOTIFY_UUID, SERVICE_UUID, WRITE_UUID
from firmware_bridge.link_ble import BleSource

_DBUS = "org.freedesktop.DBus"
ADAPTER = "/org/bluez/hci0"
DEVICE = f"{ADAPTER}/dev_C6_11_22_33_44_4F"
SERVICE = f"{DEVICE}/service0010"
WRITE = f"{SERVICE}/char0011"
NOTIFY = f"{SERVICE}/char0013"
ADDRESS = "C6:11:22:33:44:4F"
BY_ADDRESS = Wanted(Select.ADDRESS, ADDRESS)

Errors = dict[str, tuple[str, str]]


@contextlib.asynccontextmanager
async def message_bus(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A message bus of the test's own, in the place of the system's."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("dbus-daemon is not installed: apt install dbus")
    arguments = ["--session", "--nofork", "--nopidfile", "--print-address"]
    daemon = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert daemon.stdout is not None
        address = (await daemon.stdout.readline()).decode().strip()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address
    finally:
        daemon.terminate()
        await daemon.communicate()


@dataclass(eq=False)
class FakeBluetoothd:
    """The service. `errors` maps a method to the D-Bus error and text it answers with."""

    errors: Errors = field(default_factory=dict)
    powered: bool = True
    adapter: bool = True
    mtu: int | None = 247
    paired: bool = False
    connected: bool = False
    visible: bool = True
    agents: set[str] = field(default_factory=set)
    """Who has registered a pairing agent and is still there; without one nothing is paired."""
    takes_agents: bool = True
    discovering: bool = False
    slow: dict[str, float] = field(default_factory=dict)
    """Methods that are answered so many seconds after they were carried out."""
    calls: list[str] = field(default_factory=list)
    written: list[tuple[bytes, str]] = field(default_factory=list)
    holds: set[str] = field(default_factory=set)
    """Methods that are never answered."""

    @contextlib.asynccontextmanager
    async def running(self, address: str) -> AsyncIterator[FakeBluetoothd]:
        self.bus = await MessageBus(bus_address=address).connect()
        self.bus.add_message_handler(self._answer)
        self.bus.add_message_handler(self._hung_up)
        rule = "type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged'"
        await self.bus.call(Message(_DBUS, "/org/freedesktop/DBus", _DBUS, "AddMatch", signature="s", body=[rule]))
        await self.bus.request_name("org.bluez")
        try:
            yield self
        finally:
            self.bus.disconnect()
            await self.bus.wait_for_disconnect()

    def notify(self, value: bytes) -> None:
        self._changed(NOTIFY, "org.bluez.GattCharacteristic1", {"Value": Variant("ay", value)})

    def drop(self) -> None:
        self.connected = False
        self._changed(
            DEVICE, "org.bluez.Device1", {"Connected": Variant("b", False), "ServicesResolved": Variant("b", False)}
        )

    def _answer(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL or not str(message.path).startswith("/"):
            return False
        if message.member in {"Hello", "Introspect", "Ping"}:
            return False
        member = str(message.member)
        self.calls.append(member)
        if member in self.holds:
            return True
        if member in self.errors:
            name, text = self.errors[member]
            return Message.new_error(message, name, text)
        method = getattr(self, f"_do_{member}", None)
        if method is None:
            return Message.new_method_return(message)
        reply: Message = method(message)
        if member in self.slow:
            asyncio.get_running_loop().call_later(self.slow[member], self._answer_late, member, reply)
            return True
        return reply

    def _answer_late(self, member: str, reply: Message) -> None:
        self.calls.append(f"{member} answered")
        self.bus.send(reply)

    def _do_GetManagedObjects(self, message: Message) -> Message:  # noqa: N802 - the method's name on the bus
        objects: dict[str, Any] = {}
        if self.adapter:
            objects[ADAPTER] = {
                "org.bluez.Adapter1": {
                    "Address": Variant("s", "00:11:22:33:44:55"),
                    "Powered": Variant("b", self.powered),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            }
        if self.connected:
            objects |= {DEVICE: {"org.bluez.Device1": self._device()}} | self._attributes()
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])

    def _do_StopDiscovery(self, message: Message) -> Message:  # noqa: N802
        self.discovering = False
        return Message.new_method_return(message)

    def _do_StartDiscovery(self, message: Message) -> Message:  # noqa: N802
        if self.discovering:
            return Message.new_error(message, "org.bluez.Error.InProgress", "Operation already in progress")
        self.discovering = True
        if self.visible and not self.connected:
            self._added(DEVICE, "org.bluez.Device1", self._device())
        return Message.new_method_return(message)

    def _do_Connect(self, message: Message) -> Message:  # noqa: N802
        return self._connect(message)

    def _hung_up(self, message: Message) -> None:
        if message.member == "NameOwnerChanged":
            self.agents.discard(message.body[0])

    def _do_RegisterAgent(self, message: Message) -> Message:  # noqa: N802
        if not self.takes_agents:
            return Message.new_error(message, "org.bluez.Error.AlreadyExists", "Already Exists")
        self.agents.add(str(message.sender))
        return Message.new_method_return(message)

    def _do_Pair(self, message: Message) -> Message:  # noqa: N802
        if not self.agents:
            return Message.new_error(message, "org.bluez.Error.AuthenticationFailed", "Authentication Failed")
        self.paired = True
        return self._connect(message)

    def _do_Disconnect(self, message: Message) -> Message:  # noqa: N802
        self.drop()
        return Message.new_method_return(message)

    def _do_WriteValue(self, message: Message) -> Message:  # noqa: N802
        value, options = message.body
        self.written.append((bytes(value), options["type"].value))
        return Message.new_method_return(message)

    def _connect(self, message: Message) -> Message:
        self.connected = True
        for path, interfaces in self._attributes().items():
            for interface, properties in interfaces.items():
                self._added(path, interface, properties)
        changed = {"Connected": Variant("b", True), "Paired": Variant("b", self.paired)}
        self._changed(DEVICE, "org.bluez.Device1", changed | {"ServicesResolved": Variant("b", True)})
        return Message.new_method_return(message)

    def _device(self) -> dict[str, Variant]:
        return {
            "Address": Variant("s", ADDRESS),
            "Alias": Variant("s", "Frame 4F"),
            "Name": Variant("s", "Frame 4F"),
            "Adapter": Variant("o", ADAPTER),
            "Paired": Variant("b", self.paired),
            "Connected": Variant("b", self.connected),
            "ServicesResolved": Variant("b", self.connected),
            "UUIDs": Variant("as", [SERVICE_UUID]),
            "RSSI": Variant("n", -58),
        }

    def _attributes(self) -> dict[str, Any]:
        mtu = {} if self.mtu is None else {"MTU": Variant("q", self.mtu)}
        return {
            SERVICE: {
                "org.bluez.GattService1": {
                    "UUID": Variant("s", SERVICE_UUID),
                    "Device": Variant("o", DEVICE),
                    "Primary": Variant("b", True),
                }
            },
            WRITE: {
                "org.bluez.GattCharacteristic1": {
                    "UUID": Variant("s", WRITE_UUID),
                    "Service": Variant("o", SERVICE),
                    "Flags": Variant("as", ["write", "write-without-response"]),
                }
                | mtu
            },
            NOTIFY: {
                "org.bluez.GattCharacteristic1": {
                    "UUID": Variant("s", NOTIFY_UUID),
                    "Service": Variant("o", SERVICE),
                    "Flags": Variant("as", ["notify"]),
                }
                | mtu
            },
        }

    def _added(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        body = [path, {interface: properties}]
        self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", body)

    def _changed(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        body = [interface, properties, []]
        self._signal(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", body)

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self.bus.send(Message.new_signal(path, interface, member, signature, body))


def with_bluetoothd(
    monkeypatch: pytest.MonkeyPatch, daemon: FakeBluetoothd, body: Callable[[BleSource], Awaitable[Any]]
) -> None:
    """Run a test body with our link to the glasses that this bluetoothd has."""

    async def main() -> None:
        async with message_bus(monkeypatch) as address, daemon.running(address):
            source = BleSource(BY_ADDRESS)
            await body(source)
            await source.close()

    asyncio.run(main())


async def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
