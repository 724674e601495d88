"""bleak's scanner on Bumble."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, Literal

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError
from bleak.uuids import normalize_uuid_16, normalize_uuid_32
from bumble.core import AdvertisingData
from bumble.device import Advertisement

from firmware_bridge.bumble_radio.adapter import AdapterUnavailableError, BumbleAdapter
from firmware_bridge.bumble_radio.host import BumbleHost, ControllerLostError

_KINDS = AdvertisingData.Type
_UUID_BYTES: Final = {
    _KINDS.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _KINDS.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _KINDS.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _KINDS.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _KINDS.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _KINDS.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_SERVICE_DATA_UUID_BYTES: Final = {
    _KINDS.SERVICE_DATA_16_BIT_UUID: 2,
    _KINDS.SERVICE_DATA_32_BIT_UUID: 4,
    _KINDS.SERVICE_DATA_128_BIT_UUID: 16,
}
_NAMES: Final = (_KINDS.COMPLETE_LOCAL_NAME, _KINDS.SHORTENED_LOCAL_NAME)


class BumbleScanner(BaseBleakScanner):
    """A backend for `BleakScanner`; `backends` binds it to an adapter."""

    adapter: ClassVar[Callable[[], BumbleAdapter]]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"] = "active",
        **_options: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"
        self._adapter = type(self).adapter()
        self._host: BumbleHost | None = None

    async def start(self) -> None:
        """See `BleakScanner.start`."""
        if self._host is not None:
            raise BleakError("the scanner is already running")
        self.seen_devices = {}
        host = await acquired(self._adapter)
        try:
            await host.listen(self._heard, active=self._active)
        except ControllerLostError as error:
            self._adapter.release(host)
            raise NoAdapterThereError(str(error), self._adapter.where) from error
        except BaseException:
            self._adapter.release(host)
            raise
        self._host = host

    async def stop(self) -> None:
        """See `BleakScanner.stop`."""
        host, self._host = self._host, None
        if host is None:
            return
        try:
            await host.listen_no_more(self._heard)
        except ControllerLostError:
            pass  # then nobody scans
        finally:
            self._adapter.release(host)
        await self._adapter.settled()

    def _heard(self, advertisement: Advertisement) -> None:
        data = read_advertisement(advertisement)
        if self.is_allowed_uuid(data.service_uuids):
            address = advertisement.address.to_string(with_type_qualifier=False)
            known = self.seen_devices.get(address)
            name = data.local_name or (known[0].name if known else None)
            device = self.create_or_update_device(address, address, name, advertisement.address, data)
            self.call_detection_callbacks(device, data)


def read_advertisement(advertisement: Advertisement) -> AdvertisementData:
    """What an advertisement says; whatever is malformed is left out."""
    name: str | None = None
    uuids: list[str] = []
    makers: dict[int, bytes] = {}
    services: dict[str, bytes] = {}
    power: int | None = None
    for kind, raw in advertisement.data.ad_structures:
        data = bytes(raw)
        if kind in _NAMES:
            name = data.decode("utf-8", "replace")
        elif size := _UUID_BYTES.get(_kind(kind)):
            uuids += (uuid_text(data[at : at + size]) for at in range(0, len(data) - size + 1, size))
        elif size := _SERVICE_DATA_UUID_BYTES.get(_kind(kind)):
            if len(data) >= size:
                services[uuid_text(data[:size])] = data[size:]
        elif kind == _KINDS.MANUFACTURER_SPECIFIC_DATA and len(data) >= 2:
            makers[int.from_bytes(data[:2], "little")] = data[2:]
        elif kind == _KINDS.TX_POWER_LEVEL and len(data) == 1:
            power = int.from_bytes(data, "little", signed=True)
    return AdvertisementData(name, makers, services, list(_once(uuids)), power, advertisement.rssi, ())


def uuid_text(little_endian: bytes) -> str:
    """A UUID of 2, 4 or 16 bytes as bleak writes it."""
    number = int.from_bytes(little_endian, "little")
    if len(little_endian) == 2:
        return normalize_uuid_16(number)
    if len(little_endian) == 4:
        return normalize_uuid_32(number)
    return str(uuid.UUID(int=number))


class NoAdapterThereError(BleakBluetoothNotAvailableError):
    """What bleak raises where there is no adapter; it knows where that is."""

    def __init__(self, why: str, where: str) -> None:
        super().__init__(why, BleakBluetoothNotAvailableReason.NO_BLUETOOTH)
        self.where = where


async def acquired(adapter: BumbleAdapter) -> BumbleHost:
    """The adapter, switched on. Raises NoAdapterThereError."""
    try:
        return await adapter.acquire()
    except AdapterUnavailableError as error:
        raise NoAdapterThereError(str(error), adapter.where) from error


def _kind(number: int) -> AdvertisingData.Type:
    return _KINDS(number)


def _once(names: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(names)
