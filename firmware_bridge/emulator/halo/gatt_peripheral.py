"""The emulated Halo's Bluetooth stack: advertising, its six characteristics, battery, pairing and its five bonds
(device reference 1.1 to 1.3).

As `emulator/gatt_peripheral.py` is for Frame, from which it derives. Where the reference does not know what the
firmware does, it is this:

- the device asks for security right after the connection
- an unencrypted write is refused with "insufficient authentication" from a host that is not paired, with "insufficient
  encryption" from one that is
- a change of the battery's level is told to whoever subscribed, at most every 10 s
- the services for firmware updates and LE Audio are there or not as the reference says, and nobody answers
"""

from __future__ import annotations

import uuid
from typing import Any, Final, Protocol

from bumble import att, gatt, gatt_server
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.profiles.gap import GenericAccessService

from firmware_bridge.emulator.flash_folder import BondTable
from firmware_bridge.emulator.gatt_peripheral import GattDevice, GattPeripheral, refuse
from firmware_bridge.emulator.options import HALO_MTU
from firmware_bridge.gatt import AUDIO_UUID, NOTIFY_UUID, SERVICE_UUID, WRITE_UUID

BONDS_MAX: Final = 5  # 1.2
ADVERTISING_MS: Final = (15.0, 25.0)  # 1.1
PAIRING_S: Final = 60.0  # 1.2: how long the window is open
BATTERY_S: Final = 10.0  # estimate: how often the battery is looked at
APPEARANCE: Final = 0x0942  # 1.1: over GATT; what is advertised is another
VALUE_MAX_BYTES: Final = 512  # Bluetooth Core, Vol 3 Part F 3.2.9: the longest attribute value
VIDEO_UUID: Final = "7a230004-5475-a6a4-654c-8431f6ad49c4"  # 1.1: nothing in the Lua API uses it
AUDIO_OUT_UUID: Final = "7a230006-5475-a6a4-654c-8431f6ad49c4"
UPDATE_SERVICE_UUID: Final = "8d53dc1d-1db7-4cd3-868b-8a527460aa84"
UPDATE_UUID: Final = "da2e7828-fbce-4e01-ae9e-261174997c48"
BATTERY_LEVEL: Final = UUID.from_16_bits(0x2A19)
BATTERY_POWER_STATE: Final = UUID.from_16_bits(0x2A1A)
_BATTERY_SERVICE: Final = UUID.from_16_bits(0x180F)
_APPEARANCE: Final = bytes.fromhex("c001")  # 1.1: 0x01C0
_APPLE_NOTIFICATIONS: Final = uuid.UUID("7905f431-b5ce-4e99-a40f-4b1e122d00d0").bytes[::-1]  # Apple's ANCS
_COMMON_AUDIO: Final = bytes.fromhex("531801")  # 1.1: service data of CAS, 0x1853: a targeted announcement
_CHARGING: Final = bytes([0b1011_1111])  # Battery Power State: present, discharging or charging, level good
_DISCHARGING: Final = bytes([0b1010_1111])

_Permissions = att.Attribute.Permissions
_Properties = gatt.Characteristic.Properties


class HaloDevice(GattDevice, Protocol):
    """The device's side of GATT."""

    def audio_written(self, value: bytes) -> Any:
        """A value arrived for the speaker. Returns 0, or an ATT error, perhaps later."""
        ...

    def battery(self) -> int:
        """Per cent."""
        ...


class HaloPeripheral(GattPeripheral):
    """Bluetooth of one emulated Halo, on the air from `start` on.

    Attributes:
        bonds: who is bonded; the longest unused bond goes when a sixth host pairs.
    """

    advertising_ms = ADVERTISING_MS
    max_mtu = HALO_MTU
    max_value_bytes = VALUE_MAX_BYTES
    _device: HaloDevice

    def __init__(self, *args: Any, bonds: BondTable, **options: Any) -> None:
        """As GattPeripheral; `bonds` are those at power on."""
        self.bonds = bonds
        self._window_until = 0.0
        super().__init__(*args, **options)

    def open_pairing(self) -> None:
        """For 60 s a host that is not bonded may pair, and no other may connect (1.2)."""
        self._window_until = self.clock.now() + PAIRING_S
        self.hang_up()

    # GattPeripheral

    def make_stack(self, configuration: DeviceConfiguration, host: Host) -> Device:
        """GattPeripheral."""
        configuration.gap_service_enabled = False  # its own has the appearance
        return _Stack(self.bonds, configuration, host)

    def advertising(self) -> bytes:
        """GattPeripheral: name, service; the stack adds the flags."""
        service = uuid.UUID(SERVICE_UUID).bytes[::-1]
        return bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, bytes([0x06])),
                    (AdvertisingData.COMPLETE_LOCAL_NAME, self._stack.name.encode()),
                    (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, service),
                ]
            )
        )

    def scan_response(self) -> bytes:
        """GattPeripheral."""
        return bytes(
            AdvertisingData(
                [
                    (AdvertisingData.APPEARANCE, _APPEARANCE),
                    (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, _BATTERY_SERVICE.to_pdu_bytes()),
                    (AdvertisingData.LIST_OF_128_BIT_SERVICE_SOLICITATION_UUIDS, _APPLE_NOTIFICATIONS),
                    (AdvertisingData.SERVICE_DATA_16_BIT_UUID, _COMMON_AUDIO),
                ]
            )
        )

    def welcomes(self, connection: Connection) -> bool:
        """GattPeripheral: bonded hosts; while the window is open only others; without a bond everyone (1.2)."""
        table = self.bonds.load_bonds()
        known = str(connection.peer_address) in table
        if self.clock.now() < self._window_until:
            return not known
        return known or not table

    def add_services(self) -> gatt.Characteristic[bytes]:
        """GattPeripheral."""
        self._stack.add_service(GenericAccessService(self._stack.name, APPEARANCE))
        write = self._writable(WRITE_UUID, self._written)
        notify = self._notifying(NOTIFY_UUID)
        notify.on(gatt.Characteristic.EVENT_SUBSCRIPTION, self._subscribed)
        characteristics = [
            *(write, notify, self._notifying(VIDEO_UUID)),
            *(self._writable(AUDIO_UUID, self._audio_written), self._notifying(AUDIO_OUT_UUID)),
        ]
        self._stack.add_service(gatt.Service(SERVICE_UUID, characteristics))
        read = _Properties.READ | _Properties.NOTIFY
        level: gatt.Characteristic[bytes] = gatt.Characteristic(
            BATTERY_LEVEL,
            read,
            _Permissions.READABLE,
            gatt.CharacteristicValue(read=lambda _connection: bytes([self._device.battery()])),
        )
        power: gatt.Characteristic[bytes] = gatt.Characteristic(
            BATTERY_POWER_STATE, read, _Permissions.READABLE, _DISCHARGING
        )
        self._level = level
        self._stack.add_service(gatt.Service(_BATTERY_SERVICE, [level, power]))
        update = self._writable(
            UPDATE_UUID, _nobody, _Properties.WRITE | _Properties.WRITE_WITHOUT_RESPONSE | _Properties.NOTIFY
        )
        self._stack.add_service(gatt.Service(UPDATE_SERVICE_UUID, [update]))
        return notify

    def _connected(self, connection: Connection) -> None:
        super()._connected(connection)
        if self._connection is connection:
            self._look_at_battery(connection, self._device.battery())

    def _look_at_battery(self, connection: Connection, told: int) -> None:
        if self._connection is connection:
            percent = self._device.battery()
            if percent != told:
                self._spawn(self._stack.notify_subscriber(connection, self._level, bytes([percent])))
            self.clock.call_at(self.clock.now() + BATTERY_S, self._look_at_battery, connection, percent)

    def _writable(
        self,
        name: str,
        write: Any,
        properties: _Properties = _Properties.WRITE | _Properties.WRITE_WITHOUT_RESPONSE,
    ) -> gatt.Characteristic[bytes]:
        return gatt.Characteristic(
            name,
            properties,
            _Permissions.WRITEABLE | _Permissions.WRITE_REQUIRES_ENCRYPTION,
            gatt.CharacteristicValue(write=lambda _connection, value: write(bytes(value))),
        )

    def _notifying(self, name: str) -> gatt.Characteristic[bytes]:
        notify: gatt.Characteristic[bytes] = gatt.Characteristic(name, _Properties.NOTIFY, _Permissions(0))
        notify.descriptors = [
            gatt.Descriptor(
                gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
                _Permissions.READABLE | _Permissions.WRITEABLE | _Permissions.WRITE_REQUIRES_ENCRYPTION,
                self._stack.gatt_server.make_descriptor_value(notify),
            )
        ]
        return notify

    async def _audio_written(self, value: bytes) -> None:
        answer: Any = 0

        def deliver(passed: bytes) -> None:
            nonlocal answer
            if self._connection is not None:
                answer = self._device.audio_written(passed)

        self._path.pass_on("down", value, deliver)
        await refuse(answer)

    def _pairing(self, connection: Connection) -> PairingConfig:
        return PairingConfig(sc=True, mitm=False, bonding=True, delegate=_JustWorks(self.welcomes(connection)))

    def _paired(self, keys: PairingKeys) -> None:
        key = keys.ltk or keys.ltk_peripheral or keys.ltk_central
        if key is None or self._connection is None:
            return
        table = self.bonds.load_bonds()
        table.pop(peer := str(self._connection.peer_address), None)
        while len(table) >= BONDS_MAX:
            del table[next(iter(table))]
        self.bonds.save_bonds({**table, peer: key.value})
        self._window_until = 0.0
        self._device.bonded()


async def _nobody(_value: bytes) -> None:
    """Firmware for an update goes nowhere."""


class _JustWorks(PairingDelegate):
    """Who is welcome may pair."""

    def __init__(self, accepts: bool) -> None:  # noqa: FBT001
        keys = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
        super().__init__(local_initiator_key_distribution=keys, local_responder_key_distribution=keys)
        self._accepts = accepts

    async def accept(self) -> bool:
        return self._accepts


class _Stack(Device):
    """Bumble's device, with the keys of the bonds, and a GATT server that checks permissions."""

    def __init__(self, bonds: BondTable, configuration: DeviceConfiguration, host: Host) -> None:
        super().__init__(config=configuration, host=host)
        self._bonds = bonds
        services = self.gatt_server.services
        self.gatt_server = _Server(self, bonds)
        self.gatt_server.add_services(services)

    async def get_long_term_key(self, connection_handle: int, rand: bytes, ediv: int) -> bytes | None:
        connection = self.lookup_connection(connection_handle)
        if connection is None:
            return None
        peer = str(connection.peer_address)
        table = self._bonds.load_bonds()
        if peer in table:  # the one used last goes last
            self._bonds.save_bonds({**{name: key for name, key in table.items() if name != peer}, peer: table[peer]})
        return self.smp_manager.get_long_term_key(connection, rand, ediv) or table.get(peer)


class _Server(gatt_server.Server):
    """Bumble's GATT server does not check what may be read and written."""

    def __init__(self, device: Device, bonds: BondTable) -> None:
        super().__init__(device)
        self._bonds = bonds

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

    def _refusal(self, bearer: Any, request: att.ATT_PDU) -> int | None:
        attribute = self.get_attribute(getattr(request, "attribute_handle", 0))
        if attribute is None:
            return None
        match request:
            case att.ATT_Read_Request() | att.ATT_Read_Blob_Request():
                if not attribute.permissions & _Permissions.READABLE:
                    return att.ATT_READ_NOT_PERMITTED_ERROR
            case att.ATT_Write_Request() | att.ATT_Write_Command() | att.ATT_Prepare_Write_Request():
                if not attribute.permissions & _Permissions.WRITEABLE:
                    return att.ATT_WRITE_NOT_PERMITTED_ERROR
                if attribute.permissions & _Permissions.WRITE_REQUIRES_ENCRYPTION and not bearer.is_encrypted:
                    bonded = str(bearer.peer_address) in self._bonds.load_bonds()
                    return (
                        att.ATT_INSUFFICIENT_ENCRYPTION_ERROR if bonded else att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR
                    )
        return None
