"""The emulated Frame's Bluetooth stack: advertising, GATT, pairing and its one bond (device reference 1.1 to 1.3).

It stands on Bumble's host, whatever controller is below: a virtual one or a USB dongle. Where the reference does not
know what the firmware does, it is this:

- pairing is legacy Just Works, since only an own key is stored; that key opens the link for whoever has it
- an unencrypted write is refused with "insufficient authentication", with "insufficient encryption" once bonded
- long writes are refused: "request not supported"
- nothing of a subscription is kept when the link goes
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol

from bumble import att, gatt, gatt_server, hci
from bumble.core import AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate

from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.radio import Path, SlotAir
from firmware_bridge.gatt import FRAME_MAX_MTU, FRAME_MAX_VALUE_BYTES, NOTIFY_UUID, SERVICE_UUID, WRITE_UUID

ADVERTISING_MS: Final = 20.0  # 1.1
_FLAGS: Final = bytes([0x04 | 0x02])  # 1.1: no classic Bluetooth, general discoverable

_Permissions = att.Attribute.Permissions
_Properties = gatt.Characteristic.Properties


class GattDevice(Protocol):
    """The device's side of GATT, step by step."""

    def link_up(self, air: SlotAir) -> None:
        """A host is connected; nothing is encrypted."""
        ...

    def bonded(self) -> None:
        """A host has just paired."""
        ...

    def mtu_exchanged(self, att_mtu: int) -> None:
        """The host asked for a larger MTU and this is what they agreed on."""
        ...

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        ...

    def written(self, value: bytes) -> int | Awaitable[int]:
        """A value arrived. Returns 0, or the ATT error with which a write that wants a response is refused."""
        ...

    def disconnected(self) -> None:
        """The link is gone."""
        ...


class BondStore(Protocol):
    """Where the key of the one bond is kept."""

    def load_bond(self) -> bytes | None:
        """The long-term key, 16 bytes; None: not bonded."""
        ...

    def save_bond(self, key: bytes | None) -> None:
        """Keep it; None forgets it."""
        ...


def advertising_data(name: str) -> bytes:
    """What a Frame advertises (1.1): its name, the flags, the service; 31 bytes with a name of 8."""
    service = uuid.UUID(SERVICE_UUID).bytes[::-1]
    return bytes(
        AdvertisingData(
            [
                (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode()),
                (AdvertisingData.FLAGS, _FLAGS),
                (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, service),
            ]
        )
    )


class GattPeripheral:
    """Bluetooth of one emulated Frame, on the air from `start` on. Halo's derives from it.

    Attributes:
        clock: as given.
        on_free: called when the slot for a notification is free again.

    Args:
        device: the Frame.
        host: connected to a controller.
        clock: of the air.
        name: as advertised.
        address: of the Frame; where it is a random one, it is given to the controller.
        path: what may happen to a value between radio and device.
        bond: where the bond is kept.
        max_mtu: the largest ATT MTU that is agreed to, 23 to 247.
    """

    advertising_ms = (ADVERTISING_MS, ADVERTISING_MS)
    max_mtu = FRAME_MAX_MTU
    max_value_bytes = FRAME_MAX_VALUE_BYTES

    def __init__(
        self,
        device: GattDevice,
        host: Host,
        clock: DeviceClock,
        *,
        name: str,
        address: hci.Address,
        path: Path,
        bond: BondStore,
        max_mtu: int,
    ) -> None:
        self.clock = clock
        self._device = device
        self._path = path
        self._bond = bond
        self._stack = self.make_stack(DeviceConfiguration(name=name, address=address, gatt_service_enabled=False), host)
        self._own_address = hci.OwnAddressType.RANDOM if address.is_random else hci.OwnAddressType.PUBLIC
        self._stack.gatt_server.max_mtu = min(max_mtu, self.max_mtu)
        self._stack.pairing_config_factory = self._pairing
        self._stack.on(Device.EVENT_CONNECTION, self._connected)
        self._notify = self.add_services()
        self._connection: Connection | None = None
        self._slot_until = 0  # packets that the host's queue must have completed before the slot is free
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_free: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Switch the controller on and advertise; again after each connection.

        Raises:
            Exception: whatever Bumble says of a controller that cannot do it.
        """
        await self._stack.power_on()
        queue = self._stack.host.le_acl_packet_queue
        if queue is not None:
            queue.on("flow", self._flowed)
        await self._advertise()

    async def _advertise(self) -> None:
        lowest_ms, highest_ms = self.advertising_ms
        await self._stack.start_advertising(
            own_address_type=self._own_address,
            auto_restart=True,
            advertising_data=self.advertising(),
            scan_response_data=self.scan_response(),
            advertising_interval_min=lowest_ms,
            advertising_interval_max=highest_ms,
        )

    def go_off(self) -> None:
        """Hang up and advertise no more."""
        self._spawn(self._stack.stop_advertising())
        self.hang_up()

    def go_on(self) -> None:
        """Advertise again."""
        if self._stack.powered_on:
            self._spawn(self._advertise())

    def hang_up(self, reason: int = hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            self._spawn(self._connection.disconnect(reason))

    # Air

    @property
    def free(self) -> bool:
        """Whether the slot for a notification is free."""
        queue = self._stack.host.le_acl_packet_queue
        return queue is not None and queue.completed >= self._slot_until

    def notify(self, value: bytes) -> bool:
        """Air: one notification at a time; the next when the host's controller has this one."""
        if self._connection is None or not self.free:
            return False
        self._path.pass_on("up", value, self._send)
        return True

    def _flowed(self) -> None:
        if self._connection is not None and self.free:
            self.on_free()

    def _send(self, value: bytes) -> None:
        queue = self._stack.host.le_acl_packet_queue
        if self._connection is not None and queue is not None:
            packet = att.ATT_Handle_Value_Notification(attribute_handle=self._notify.handle, attribute_value=value)
            self._stack.gatt_server.send_gatt_pdu(self._connection, bytes(packet))
            self._slot_until = queue.queued

    # What a kind of glasses is

    def make_stack(self, configuration: DeviceConfiguration, host: Host) -> Device:
        """The stack, before anything is added to it."""
        return _Stack(self._bond, configuration, host)

    def advertising(self) -> bytes:
        """What is advertised."""
        return advertising_data(self._stack.name)

    def scan_response(self) -> bytes:
        """What is answered to whoever asks."""
        return b""

    def welcomes(self, connection: Connection) -> bool:  # noqa: ARG002
        """Whether a host that has just connected may stay."""
        return True

    # GATT

    def add_services(self) -> gatt.Characteristic[bytes]:
        """Add what they offer. Returns what notifications go out by."""
        write: gatt.Characteristic[bytes] = gatt.Characteristic(
            WRITE_UUID,
            _Properties.WRITE | _Properties.WRITE_WITHOUT_RESPONSE,
            _Permissions.WRITEABLE | _Permissions.WRITE_REQUIRES_ENCRYPTION,
            gatt.CharacteristicValue(write=lambda _connection, value: self._written(bytes(value))),
        )
        notify: gatt.Characteristic[bytes] = gatt.Characteristic(NOTIFY_UUID, _Properties.NOTIFY, _Permissions(0))
        notify.descriptors = [
            gatt.Descriptor(
                gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
                _Permissions.READABLE | _Permissions.WRITEABLE | _Permissions.WRITE_REQUIRES_ENCRYPTION,
                self._stack.gatt_server.make_descriptor_value(notify),
            )
        ]
        notify.on(gatt.Characteristic.EVENT_SUBSCRIPTION, self._subscribed)
        self._stack.add_service(gatt.Service(SERVICE_UUID, [write, notify]))
        return notify

    async def _written(self, value: bytes) -> None:
        answer: int | Awaitable[int] = 0

        def deliver(passed: bytes) -> None:
            nonlocal answer
            if self._connection is not None:
                answer = self._device.written(passed)

        self._path.pass_on("down", value, deliver)
        await refuse(answer)

    def _subscribed(self, _connection: Connection, notify: bool, _indicate: bool) -> None:  # noqa: FBT001
        self._device.subscribed(notify)

    # Connection

    def _connected(self, connection: Connection) -> None:
        if not self.welcomes(connection):
            self._spawn(connection.disconnect(hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR))
            return
        self._connection = connection
        self._slot_until = 0
        connection.on(Connection.EVENT_DISCONNECTION, self._disconnected)
        connection.on(Connection.EVENT_CONNECTION_ATT_MTU_UPDATE, self._mtu_exchanged)
        connection.on(Connection.EVENT_PAIRING, self._paired)
        connection.on(Connection.EVENT_PAIRING_FAILURE, self._pairing_failed)
        self._device.link_up(self)
        connection.request_pairing()  # 1.2: right after connect

    def _disconnected(self, _reason: int) -> None:
        self._connection = None
        self._device.disconnected()

    def _mtu_exchanged(self) -> None:
        if self._connection is not None:
            self._device.mtu_exchanged(self._connection.att_mtu)

    # Security

    def _pairing(self, _connection: Connection) -> PairingConfig:
        return PairingConfig(sc=False, mitm=False, bonding=True, delegate=_JustWorks(self._bond.load_bond() is None))

    def _paired(self, keys: PairingKeys) -> None:
        key = keys.ltk or keys.ltk_central
        if key is not None:
            self._bond.save_bond(key.value)
            self._device.bonded()

    def _pairing_failed(self, _reason: int) -> None:
        self.hang_up(hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_unless_gone(work), name="emulated Frame radio")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def refuse(answer: int | Awaitable[int]) -> None:
    """Answer a write with the error that the glasses gave, if they gave one."""
    code = answer if isinstance(answer, int) else await answer
    if code:
        raise att.ATT_Error(error_code=att.ErrorCode(code))


async def _unless_gone(work: Coroutine[Any, Any, None]) -> None:
    with suppress(BaseBumbleError):  # what was to be ended has ended
        await work


class _JustWorks(PairingDelegate):
    """One bond: who pairs first may, nobody after."""

    def __init__(self, accepts: bool) -> None:  # noqa: FBT001
        keys = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
        super().__init__(local_initiator_key_distribution=keys, local_responder_key_distribution=keys)
        self._accepts = accepts

    async def accept(self) -> bool:
        return self._accepts


class _Stack(Device):
    """Bumble's device, with the Frame's one key for whoever asks, and a GATT server that checks permissions."""

    def __init__(self, bond: BondStore, config: DeviceConfiguration, host: Host) -> None:
        super().__init__(config=config, host=host)
        self._bond = bond
        services = self.gatt_server.services
        self.gatt_server = _Server(self, bond)
        self.gatt_server.add_services(services)

    async def get_long_term_key(self, connection_handle: int, rand: bytes, ediv: int) -> bytes | None:
        connection = self.lookup_connection(connection_handle)
        if connection is None:
            return None
        return self.smp_manager.get_long_term_key(connection, rand, ediv) or self._bond.load_bond()


class _Server(gatt_server.Server):
    """Bumble's GATT server does not check what may be read and written."""

    def __init__(self, device: Device, bond: BondStore) -> None:
        super().__init__(device)
        self._bond = bond

    def on_gatt_pdu(self, bearer: att.Bearer, att_pdu: att.ATT_PDU) -> None:
        code = self._refusal(bearer, att_pdu)
        if code is None:
            super().on_gatt_pdu(bearer, att_pdu)
        elif not att_pdu.is_command:
            self.send_response(
                bearer,
                att.ATT_Error_Response(
                    request_opcode_in_error=att_pdu.op_code,
                    attribute_handle_in_error=getattr(att_pdu, "attribute_handle", 0),
                    error_code=code,
                ),
            )

    def _refusal(self, bearer: att.Bearer, request: att.ATT_PDU) -> int | None:
        match request:
            case att.ATT_Prepare_Write_Request() | att.ATT_Execute_Write_Request():
                return att.ATT_REQUEST_NOT_SUPPORTED_ERROR
            case att.ATT_Read_Request() | att.ATT_Read_Blob_Request():
                attribute = self.get_attribute(request.attribute_handle)
                if attribute is not None and not attribute.permissions & _Permissions.READABLE:
                    return att.ATT_READ_NOT_PERMITTED_ERROR
            case att.ATT_Write_Request() | att.ATT_Write_Command():
                attribute = self.get_attribute(request.attribute_handle)
                if attribute is not None:
                    return self._write_refusal(bearer, attribute, len(request.attribute_value))
        return None

    def _write_refusal(self, bearer: Any, attribute: att.Attribute[Any], size: int) -> int | None:
        if not attribute.permissions & _Permissions.WRITEABLE:
            return att.ATT_WRITE_NOT_PERMITTED_ERROR
        if attribute.permissions & _Permissions.WRITE_REQUIRES_ENCRYPTION and not bearer.is_encrypted:
            bonded = self._bond.load_bond() is not None
            return att.ATT_INSUFFICIENT_ENCRYPTION_ERROR if bonded else att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR
        if size > FRAME_MAX_VALUE_BYTES:
            return att.ATT_INVALID_ATTRIBUTE_LENGTH_ERROR
        return None
