"""bleak's client on Bumble.

It behaves as bleak does on BlueZ: a device that asks for security gets it at once, by itself; an access that is
refused for want of it is repeated when the link is secure; the MTU is exchanged and all services are discovered while
connecting. What bleak raises for it, this raises too; a link that goes never leaves a CancelledError behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar, Final, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, hci
from bumble.core import BaseBumbleError
from bumble.device import Advertisement, Connection, Peer
from bumble.gatt_client import CharacteristicProxy

from firmware_bridge.bumble_radio.adapter import BumbleAdapter
from firmware_bridge.bumble_radio.host import BumbleHost, ControllerLostError, PairingFailedError
from firmware_bridge.bumble_radio.scanner import NoAdapterThereError, acquired, uuid_text
from firmware_bridge.cancelling import cancel_requests

T = TypeVar("T")

MTU: Final = 517  # what BlueZ asks for
ATT_HEADER_BYTES: Final = 3  # Bluetooth Core, Vol 3 Part F 3.4.5: opcode and handle
DISCONNECT_S: Final = 5.0  # more than a supervision timeout, after which the link is gone anyway
_NOT_SECURE: Final = (att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR, att.ATT_INSUFFICIENT_ENCRYPTION_ERROR)


class BumbleClient(BaseBleakClient):
    """A backend for `BleakClient`; `backends` binds it to an adapter."""

    adapter: ClassVar[Callable[[], BumbleAdapter]]

    def __init__(
        self, address_or_ble_device: BLEDevice | str, *, services: Iterable[str] | None = None, **options: Any
    ) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=options.get("disconnected_callback"),
            timeout=options.get("timeout", 30.0),
        )
        self._wanted_services = set(services) if services is not None else None
        self._adapter = type(self).adapter()
        self._host: BumbleHost | None = None
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._open = False  # from the caller's point of view: connect() has returned
        self._securing: asyncio.Task[None] | None = None
        self._notified: dict[int, Callable[[bytes], None]] = {}
        self._name = ""
        self._found: hci.Address | None = None
        if isinstance(address_or_ble_device, BLEDevice):
            self._name = address_or_ble_device.name or ""
            if isinstance(address_or_ble_device.details, hci.Address):
                self._found = address_or_ble_device.details

    @property
    def name(self) -> str:
        """See `BleakClient.name`."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """See `BleakClient.mtu_size`."""
        return self._connection.att_mtu if self._connection is not None else att.ATT_DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """See `BleakClient.is_connected`."""
        return self._open and self._connection is not None

    # Connection

    async def connect(self, pair: bool, **_options: Any) -> None:  # noqa: FBT001 - bleak's signature
        """See `BleakClient.connect`.

        Raises:
            TimeoutError: it took longer than the client's timeout.
            BleakDeviceNotFoundError: nobody advertises under this address.
            BleakError: the device hung up, or pairing failed.
        """
        if self._connection is not None:
            raise BleakError("Client is already connected")
        self._securing = None
        async with AsyncExitStack() as undo, asyncio.timeout(self._timeout):
            host = self._host = await acquired(self._adapter)
            undo.push_async_callback(self._hang_up)
            async with self._guarded():
                await self._link_up(host)
                if pair:
                    await self._secure()
                await self._discover()
            undo.pop_all()
            self._open = True

    async def disconnect(self) -> None:
        """See `BleakClient.disconnect`."""
        await self._hang_up()
        await self._adapter.settled()

    async def pair(self, *_args: Any, **_options: Any) -> None:
        """See `BleakClient.pair`."""
        async with self._guarded():
            await self._secure()

    async def unpair(self) -> None:
        """See `BleakClient.unpair`."""
        async with self._guarded():
            connection, host = self._required(), self._host
            if host is not None:
                await host.forget(connection)
        await self.disconnect()

    # Values

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_options: Any) -> bytearray:
        """See `BleakClient.read_gatt_char`."""
        return await self._read(characteristic.handle)

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_options: Any) -> bytearray:
        """See `BleakClient.read_gatt_descriptor`."""
        return await self._read(descriptor.handle)

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001
    ) -> None:
        """See `BleakClient.write_gatt_char`; without response it waits for room in the controller."""
        await self._write(characteristic.handle, bytes(data), response=response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """See `BleakClient.write_gatt_descriptor`."""
        await self._write(descriptor.handle, bytes(data), response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_options: Any
    ) -> None:
        """See `BleakClient.start_notify`."""
        if characteristic.handle in self._notified:
            raise BleakError("Characteristic notifications already started")
        proxy: CharacteristicProxy[bytes] = characteristic.obj

        def notified(value: bytes) -> None:
            _call(callback, bytearray(value))

        async with self._guarded():
            self._required()
            self._notified[characteristic.handle] = notified
            try:
                await self._when_secure(lambda: proxy.subscribe(notified))
            except BaseException:
                self._notified.pop(characteristic.handle, None)
                raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """See `BleakClient.stop_notify`."""
        notified = self._notified.pop(characteristic.handle, None)
        if notified is None:
            raise BleakError("Characteristic notifications never started")
        async with self._guarded():
            self._required()
            await characteristic.obj.unsubscribe(notified)

    async def _read(self, handle: int) -> bytearray:
        async with self._guarded():
            client = self._required_peer().gatt_client
            return bytearray(await self._when_secure(lambda: client.read_value(handle)))

    async def _write(self, handle: int, value: bytes, *, response: bool) -> None:
        async with self._guarded():
            client = self._required_peer().gatt_client
            limit = self.mtu_size - ATT_HEADER_BYTES
            if not response:
                if len(value) > limit:
                    raise BleakError(
                        f"Value of {len(value)} bytes is too long, {limit} can be written without response"
                    )
                await self._room()
            await self._when_secure(lambda: client.write_value(handle, value, with_response=response))

    async def _room(self) -> None:
        """Wait until the controller can take a packet, so that the queue above it never grows."""
        connection = self._required()
        queue = connection.device.host.le_acl_packet_queue
        while queue is not None and queue.pending >= queue.max_in_flight:
            flow = asyncio.get_running_loop().create_future()

            def moved(*_args: object, flow: asyncio.Future[None] = flow) -> None:
                if not flow.done():
                    flow.set_result(None)

            queue.once("flow", moved)
            connection.once(Connection.EVENT_DISCONNECTION, moved)
            try:
                await flow
            finally:
                for emitter, event in ((queue, "flow"), (connection, Connection.EVENT_DISCONNECTION)):
                    if moved in emitter.listeners(event):
                        emitter.remove_listener(event, moved)
            self._required()

    # Steps

    async def _link_up(self, host: BumbleHost) -> None:
        address = self._found or await self._look_for(host)
        connection = await host.connect(address)
        self._connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._gone)
        connection.on(Connection.EVENT_SECURITY_REQUEST, self._asked_for_security)

    async def _look_for(self, host: BumbleHost) -> hci.Address:
        found: asyncio.Future[hci.Address] = asyncio.get_running_loop().create_future()

        def heard(advertisement: Advertisement) -> None:
            text = advertisement.address.to_string(with_type_qualifier=False)
            if text.upper() == self.address.upper() and not found.done():
                found.set_result(advertisement.address)

        await host.listen(heard, active=False)
        try:
            async with asyncio.timeout(self._timeout / 2):
                return await found
        except TimeoutError:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.") from None
        finally:
            await host.listen_no_more(heard)

    async def _discover(self) -> None:
        self._peer = peer = Peer(self._required())
        await peer.request_mtu(MTU)
        collection = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            name = uuid_text(bytes(service.uuid))
            if self._wanted_services is not None and name not in self._wanted_services:
                continue
            entry = BleakGATTService(service, service.handle, name)
            collection.add_service(entry)
            for proxy in await service.discover_characteristics():
                characteristic = BleakGATTCharacteristic(
                    proxy,
                    proxy.handle,
                    uuid_text(bytes(proxy.uuid)),
                    _property_names(proxy),
                    lambda: self.mtu_size - ATT_HEADER_BYTES,
                    entry,
                )
                collection.add_characteristic(characteristic)
                for descriptor in await proxy.discover_descriptors():
                    collection.add_descriptor(
                        BleakGATTDescriptor(
                            descriptor, descriptor.handle, uuid_text(bytes(descriptor.type)), characteristic
                        )
                    )
        self.services = collection

    # Security

    def _asked_for_security(self, _wanted: int) -> None:
        self._start_securing()  # an emitter waits for what its listeners return

    def _start_securing(self) -> asyncio.Task[None]:
        if self._securing is None and self._host is not None and self._connection is not None:
            work = self._host.secure(self._connection)
            self._securing = asyncio.get_running_loop().create_task(work, name="Bumble pairs")
            self._securing.add_done_callback(_look_at)
        if self._securing is None:
            raise BleakError("Not connected")
        return self._securing

    async def _secure(self) -> None:
        """Wait until the link is encrypted. Raises BleakError where it cannot be."""
        await asyncio.wait([self._start_securing()])
        self._raise_if_pairing_failed()

    def _raise_if_pairing_failed(self) -> None:
        task = self._securing
        if task is None or not task.done():
            return
        if task.cancelled():
            raise BleakError("Could not pair with device: disconnected")
        error = task.exception()
        if isinstance(error, PairingFailedError):
            raise BleakError(f"Could not pair with device: {error}") from error
        if error is not None:
            raise BleakError(f"Could not pair with device: {error!r}") from error

    async def _when_secure(self, access: Callable[[], Awaitable[T]]) -> T:
        try:
            return await access()
        except att.ATT_Error as error:
            if error.error_code not in _NOT_SECURE:
                raise
        await self._secure()
        return await access()

    # The end

    def _required(self) -> Connection:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection

    def _required_peer(self) -> Peer:
        if self._connection is None or self._peer is None:
            raise BleakError("Not connected")
        return self._peer

    async def _hang_up(self) -> None:
        connection = self._connection
        if connection is None:
            self._forget_host()
            return
        try:
            async with self._guarded(), asyncio.timeout(DISCONNECT_S):
                await connection.disconnect()
        except (BleakError, TimeoutError):
            pass  # then it is gone already
        if self._connection is not None:
            self._gone(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def _gone(self, _reason: int) -> None:
        if self._connection is None:
            return
        self._connection = self._peer = self.services = None
        self._notified.clear()
        was_open, self._open = self._open, False
        self._forget_host()
        if was_open and self._disconnected_callback is not None:
            _call(self._disconnected_callback)

    def _forget_host(self) -> None:
        host, self._host = self._host, None
        if self._securing is not None:
            self._securing.cancel()
        if host is not None:
            self._adapter.release(host)

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        """Around calls of Bumble: only bleak's errors leave, and a cancellation only if somebody asked for it."""
        before = cancel_requests()
        try:
            yield
        except asyncio.CancelledError as error:
            if cancel_requests() > before:
                raise
            self._raise_if_pairing_failed()
            raise BleakError("disconnected") from error
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except ControllerLostError as error:
            raise NoAdapterThereError(str(error), self._adapter.where) from error
        except BaseBumbleError as error:
            if self._connection is None:
                self._raise_if_pairing_failed()
                raise BleakError("disconnected") from error
            raise BleakError(str(error) or type(error).__name__) from error


def _property_names(proxy: CharacteristicProxy[bytes]) -> list[Any]:
    return [(flag.name or "").lower().replace("_", "-") for flag in proxy.properties]


def _call(callback: Callable[..., object], *arguments: object) -> None:
    """Call what the program gave; if it fails that is told as asyncio does, and the link goes on."""
    try:
        callback(*arguments)
    except Exception as error:  # noqa: BLE001 - as the event loop itself does with callbacks
        context = {"message": f"{callback!r} failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)


def _look_at(task: asyncio.Task[None]) -> None:
    """Somebody may or may not be waiting for it."""
    if not task.cancelled():
        task.exception()
