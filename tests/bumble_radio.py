"""A radio of two virtual controllers (Bumble): bleak's client at one end, a GATT server at the other, all of the
Bluetooth stack between them. Here are scan, connect, MTU, pairing, writes, notifications and loss; nothing of Frame.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble import att, core, gatt, hci
from bumble.controller import Controller
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.host import Host
from bumble.link import LocalLink
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from firmware_bridge.gatt import NOTIFY_UUID, SERVICE_UUID, WRITE_UUID
from firmware_bridge.link_ble import Radio

ADDRESS = "C6:11:22:33:44:4F"
ADVERTISING_MS = 20
DATA_LENGTH = 251  # Bumble's controllers offer 27 bytes a packet; Frame's takes 251


class BumbleAir:
    """A computer and a pair of glasses on one virtual link."""

    def __init__(self, *, mtu: int = 247, accepts_pairing: bool = True) -> None:
        self.received: list[bytes] = []
        self.bonded = False
        self.link = LocalLink()
        self.host = self._device("computer", "F0:00:00:00:00:01")
        self.glasses = self._device("Frame 4F", ADDRESS)
        self.glasses.gatt_server.max_mtu = mtu
        delegate = PairingDelegate() if accepts_pairing else RefusingDelegate()
        self.glasses.pairing_config_factory = lambda _connection: PairingConfig(mitm=False, delegate=delegate)
        self.host.pairing_config_factory = lambda _connection: PairingConfig(mitm=False)
        writable = gatt.Characteristic.Properties.WRITE | gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        self._notify: Any = gatt.Characteristic(
            NOTIFY_UUID, gatt.Characteristic.Properties.NOTIFY, gatt.Characteristic.Permissions(0)
        )
        write: Any = gatt.Characteristic(
            WRITE_UUID,
            writable,
            gatt.Characteristic.WRITEABLE,
            gatt.CharacteristicValue(write=lambda _connection, value: self.received.append(bytes(value))),
        )
        self.glasses.add_service(gatt.Service(SERVICE_UUID, [write, self._notify]))

    def _device(self, name: str, address: str) -> Device:
        controller = Controller(name, link=self.link)
        controller.le_acl_data_packet_length = DATA_LENGTH
        host = Host()
        host.set_packet_sink(AsyncPipeSink(controller))
        controller.set_packet_sink(AsyncPipeSink(host))
        device = Device(name=name, address=hci.Address(address), host=host)
        device.sdp_service_records = {}
        return device

    async def start(self) -> None:
        await self.host.power_on()
        await self.glasses.power_on()
        data = core.AdvertisingData(
            [
                (core.AdvertisingData.COMPLETE_LOCAL_NAME, b"Frame 4F"),
                (
                    core.AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
                    uuid.UUID(SERVICE_UUID).bytes[::-1],
                ),
            ]
        )
        await self.glasses.start_advertising(
            advertising_data=bytes(data),
            auto_restart=True,
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )

    async def notify(self, value: bytes) -> None:
        await self.glasses.notify_subscribers(self._notify, value)

    def out_of_range(self) -> None:
        """What the supervision timeout does, at both ends."""
        for controller in self.link.controllers:
            for connection in list(controller.le_connections.values()):
                controller.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)

    @property
    def connected(self) -> bool:
        return bool(self.glasses.connections)

    def radio(self) -> Radio:
        air = self

        class Scanner(BumbleScanner):
            host = air.host

        class Client(BumbleClient):
            host = air.host

        return Radio(Scanner, Client)


class RefusingDelegate(PairingDelegate):
    async def accept(self) -> bool:
        return False


class BumbleScanner(BaseBleakScanner):
    host: Device

    def __init__(self, callback: Any, service_uuids: list[str] | None, *_args: Any, **_kwargs: Any) -> None:
        super().__init__(callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        self.host.on(Device.EVENT_ADVERTISEMENT, self._seen)
        await self.host.start_scanning(legacy=True)

    async def stop(self) -> None:
        self.host.remove_listener(Device.EVENT_ADVERTISEMENT, self._seen)
        await self.host.stop_scanning(legacy=True)

    def _seen(self, advertisement: Advertisement) -> None:
        name = advertisement.data.get(core.AdvertisingData.COMPLETE_LOCAL_NAME)
        raw = advertisement.data.get(core.AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, raw=True)
        uuids = [str(uuid.UUID(bytes=bytes(raw)[::-1]))] if raw else []
        if not self.is_allowed_uuid(uuids):
            return
        address = advertisement.address.to_string(with_type_qualifier=False)
        data = AdvertisementData(str(name), {}, {}, uuids, None, advertisement.rssi, ())
        device = self.create_or_update_device(address, address, str(name), advertisement.address, data)
        self.call_detection_callbacks(device, data)


class BumbleClient(BaseBleakClient):
    host: Device

    def __init__(self, device: BLEDevice, *_args: Any, timeout: float, **kwargs: Any) -> None:
        super().__init__(device, timeout=timeout, disconnected_callback=kwargs["disconnected_callback"])
        self._device = device
        self._connection: Connection | None = None
        self._peer: Peer | None = None

    @property
    def mtu_size(self) -> int:
        raise AssertionError("mtu_size is wrong on BlueZ")

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_kwargs: Any) -> None:  # noqa: FBT001 - bleak's signature
        async with asyncio.timeout(self._timeout):
            connection = await self.host.connect(self._device.details)
            try:
                connection.on(Connection.EVENT_DISCONNECTION, self._gone)
                self._peer = Peer(connection)
                if pair:
                    await connection.pair()
                await self._peer.request_mtu(517)
                await self._peer.discover_services([core.UUID(SERVICE_UUID)])
                await self._peer.discover_characteristics()
            except BaseException as error:
                await connection.disconnect()
                if isinstance(error, core.ProtocolError):
                    raise BleakError(f"Could not pair with device: {error.error_name}") from error
                raise
        self._connection = connection
        self.services = self._found(self._peer)

    def _found(self, peer: Peer) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for service in peer.services:
            found = BleakGATTService(service, service.handle, SERVICE_UUID)
            collection.add_service(found)
            for proxy in service.characteristics:
                name = str(uuid.UUID(bytes=proxy.uuid.to_bytes(force_128=True)[::-1]))
                properties: Any = [flag.name.lower().replace("_", "-") for flag in proxy.properties]
                collection.add_characteristic(
                    BleakGATTCharacteristic(
                        proxy, proxy.handle, name, properties, lambda: peer.gatt_client.mtu - 3, found
                    )
                )
        return collection

    async def disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect()

    def _gone(self, _reason: int) -> None:
        was, self._connection = self._connection, None
        self.services = None
        if was is not None and self._disconnected_callback is not None:
            self._disconnected_callback()

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:  # noqa: FBT001
        if self._peer is None or self._connection is None:
            raise BleakError("Not connected")
        try:
            await self._peer.gatt_client.write_value(characteristic.obj, bytes(data), with_response=response)
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_kwargs: Any
    ) -> None:
        await characteristic.obj.subscribe(lambda value: callback(bytearray(value)))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await characteristic.obj.unsubscribe()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, *_args: Any, **_kwargs: Any) -> bytearray:
        raise NotImplementedError

    async def read_gatt_descriptor(self, *_args: Any, **_kwargs: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_descriptor(self, *_args: Any, **_kwargs: Any) -> None:
        raise NotImplementedError
