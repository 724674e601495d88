"""Somebody else's device that looks like the glasses."""

from __future__ import annotations

from bumble import att, gatt, hci
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host

from firmware_bridge.emulator.gatt_peripheral import advertising_data
from firmware_bridge.emulator.virtual_air import VirtualAir
from firmware_bridge.emulator.virtual_controller import VirtualController
from firmware_bridge.gatt import NOTIFY_UUID, SERVICE_UUID, WRITE_UUID


class Stranger:
    """Another device that advertises as the glasses do, wants no encryption and notes who writes to it."""

    def __init__(self, air: VirtualAir, address: str = "AA:52:41:4D:45:46", name: str = "Frame 4F") -> None:
        self.controller = VirtualController(air, "stranger", address)
        host = Host(self.controller, self.controller)
        own = hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS)
        self.device = Device(config=DeviceConfiguration(name=name, address=own), host=host)
        self.connections = 0
        self.written: list[bytes] = []
        value: gatt.CharacteristicValue[bytes] = gatt.CharacteristicValue(write=lambda _c, v: self.written.append(v))
        write = gatt.Characteristic(
            WRITE_UUID,
            gatt.Characteristic.Properties.WRITE | gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
            att.Attribute.Permissions.WRITEABLE,
            value,
        )
        notify: gatt.Characteristic[bytes] = gatt.Characteristic(
            NOTIFY_UUID, gatt.Characteristic.Properties.NOTIFY, att.Attribute.Permissions.READABLE
        )
        self.device.add_service(gatt.Service(SERVICE_UUID, [write, notify]))
        notify.on(gatt.Characteristic.EVENT_SUBSCRIPTION, lambda *_: self.written.append(b"subscribed"))
        self.device.on(Device.EVENT_CONNECTION, self._connected)
        self._advertised = advertising_data(name)

    async def start(self) -> None:
        await self.device.power_on()
        await self.device.start_advertising(
            own_address_type=hci.OwnAddressType.PUBLIC,
            auto_restart=True,
            advertising_data=self._advertised,
            scan_response_data=b"",
            advertising_interval_min=20,
            advertising_interval_max=20,
        )

    def _connected(self, connection: Connection) -> None:
        self.connections += 1
        connection.request_pairing()  # as a Frame does
