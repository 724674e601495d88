"""A radio without hardware: bleak's own client and scanner run on it, as they would on an operating system's.

`Air` holds glasses that advertise, connect, pair, encrypt, notify and go away as real ones do; what can go wrong is
a field of `Glasses`. Time is the event loop's, so that a test can run in virtual time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError

from firmware_bridge.ble_devices import parse_wanted
from firmware_bridge.ble_search import Radio
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import GlassesError, LinkError
from firmware_bridge.gatt import NOTIFY_UUID, SERVICE_UUID, WRITE_UUID
from firmware_bridge.link_ble import BleLink, BleSource

ADVERTISING_S = 0.02


@dataclass(eq=False)
class Glasses:
    """One pair on the air. An `..._error` is raised in its step; a `..._s` is how long that step takes."""

    name: str = "Frame 4F"
    address: str = "C6:11:22:33:44:4F"
    rssi: int = -60
    advertise_from_s: float = 0.0
    left_over: bool = False
    """This computer still holds a connection that nobody uses: they do not advertise."""
    max_write: int = 244
    max_write_late_s: float = 0.0
    """So long after the connection the system still says 20."""
    offers_service: bool = True
    connect_s: float = 0.1
    connect_error: Exception | None = None
    keeps_request: bool = False
    """As on macOS: a request to connect is taken back when bleak's own time for it is over, not when cancelled."""
    pair_error: Exception | None = None
    subscribe_s: float = 0.01
    subscribe_error: Exception | None = None
    drops_in: str = ""
    """"connect" or "subscribe": the step in which the link goes."""
    write_s: float = 0.001
    write_error: Exception | None = None
    write_hangs: bool = False
    leaks_cancellation: bool = False
    """When the link goes, what is pending is cancelled, as Bumble and Windows do."""
    disconnect_error: BaseException | None = None
    disconnect_s: float = 0.0

    paired: bool = False
    client: FakeClient | None = None
    received: list[tuple[bytes, bool]] = field(default_factory=list)
    connections: int = 0

    def notify(self, value: bytes) -> None:
        """Send a notification, if anybody has subscribed."""
        if self.client is not None and self.client.on_notification is not None:
            self.client.on_notification(bytearray(value))

    def drop(self) -> None:
        """Lose the link."""
        if self.client is not None:
            self.client.lose()


@dataclass(eq=False)
class Air:
    """All that is in range, and the state of this computer's adapter."""

    glasses: list[Glasses] = field(default_factory=list)
    adapter_error: Exception | None = None
    start_s: float = 0.0
    scans: int = 0
    scanning: int = 0
    scan_filters: list[list[str] | None] = field(default_factory=list)

    def radio(self) -> Radio:
        """bleak backends that live in this air."""
        air = self

        class Scanner(FakeScanner):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(air, *args, **kwargs)

        class Client(FakeClient):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(air, *args, **kwargs)

        class Adapter(BaseBleakAdapter):
            @classmethod
            async def get(cls, **_kwargs: Any) -> Adapter:
                if air.adapter_error is not None:
                    raise air.adapter_error
                return cls()

            async def get_connected_devices(self, service_uuids: frozenset[str]) -> list[BLEDevice]:
                assert service_uuids == {SERVICE_UUID}
                return [BLEDevice(g.address, g.name, g) for g in air.glasses if g.left_over]

        return Radio(Scanner, Client, Adapter)

    def holds_nothing(self) -> bool:
        """True where neither a connection nor a scan is left."""
        return self.scanning == 0 and all(g.client is None for g in self.glasses)


class FakeScanner(BaseBleakScanner):
    def __init__(
        self,
        air: Air,
        detection_callback: Callable[[BLEDevice, AdvertisementData], None] | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_kwargs: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        assert scanning_mode == "active"
        self._air = air
        self._timer: asyncio.TimerHandle | None = None
        air.scan_filters.append(service_uuids)

    async def start(self) -> None:
        if self._air.adapter_error is not None:
            raise self._air.adapter_error
        await asyncio.sleep(self._air.start_s)
        self.seen_devices = {}
        self._air.scans += 1
        self._air.scanning += 1
        self._started = asyncio.get_running_loop().time()
        self._advertise()

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._air.scanning -= 1

    def _advertise(self) -> None:
        loop = asyncio.get_running_loop()
        for glasses in self._air.glasses:
            silent = glasses.client is not None or glasses.left_over
            if silent or loop.time() - self._started < glasses.advertise_from_s:
                continue
            data = AdvertisementData(glasses.name, {}, {}, [SERVICE_UUID], None, glasses.rssi, ())
            device = self.create_or_update_device(glasses.address, glasses.address, glasses.name, glasses, data)
            self.call_detection_callbacks(device, data)
        self._timer = loop.call_later(ADVERTISING_S, self._advertise)


class FakeClient(BaseBleakClient):
    def __init__(
        self, air: Air, device: BLEDevice, services: set[str] | None, *, timeout: float, **kwargs: Any
    ) -> None:
        super().__init__(device, timeout=timeout, disconnected_callback=kwargs["disconnected_callback"])
        assert services == {SERVICE_UUID}
        self._air = air
        self._glasses: Glasses = device.details
        self._connected = False
        self._pending: set[asyncio.Task[Any]] = set()
        self.on_notification: Callable[[bytearray], None] | None = None

    @property
    def mtu_size(self) -> int:
        raise AssertionError("mtu_size is wrong on BlueZ")

    @property
    def is_connected(self) -> bool:
        return self._connected

    async def connect(self, pair: bool, **_kwargs: Any) -> None:  # noqa: FBT001 - bleak's signature
        glasses = self._glasses
        if glasses not in self._air.glasses:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
        if glasses.keeps_request:
            glasses.client = self
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.sleep(glasses.connect_s)
        except TimeoutError:
            glasses.client = None
            raise
        if glasses.connect_error is not None:
            raise glasses.connect_error
        glasses.client = self
        glasses.left_over = False
        glasses.connections += 1
        if pair and not glasses.paired:
            if glasses.pair_error is not None:
                glasses.client = None
                raise glasses.pair_error
            glasses.paired = True
        if glasses.drops_in == "connect":
            glasses.client = None
            raise BleakError("failed to discover services, device disconnected")
        self._connected = True
        self._since = asyncio.get_running_loop().time()
        self.services = self._offered()

    def _offered(self) -> BleakGATTServiceCollection:
        services = BleakGATTServiceCollection()
        if self._glasses.offers_service:
            service = BleakGATTService(None, 1, SERVICE_UUID)
            services.add_service(service)
            for handle, uuid, properties in (
                (2, WRITE_UUID, ["write", "write-without-response"]),
                (4, NOTIFY_UUID, ["notify"]),
            ):
                services.add_characteristic(
                    BleakGATTCharacteristic(None, handle, uuid, properties, self._max_write, service)
                )
        return services

    def _max_write(self) -> int:
        late = asyncio.get_running_loop().time() - self._since < self._glasses.max_write_late_s
        return 20 if late else self._glasses.max_write

    async def disconnect(self) -> None:
        if not self._connected:
            return
        await asyncio.sleep(self._glasses.disconnect_s)
        if self._glasses.disconnect_error is not None:
            raise self._glasses.disconnect_error
        self.lose()

    def lose(self) -> None:
        was, self._connected = self._connected, False
        self._glasses.client = None
        self.services = None
        if self._glasses.leaks_cancellation:
            self.cancel_pending()
        if was and self._disconnected_callback is not None:
            self._disconnected_callback()

    def cancel_pending(self) -> None:
        for task in list(self._pending):
            task.cancel()

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

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:  # noqa: FBT001
        assert characteristic.uuid == WRITE_UUID
        if not self._connected:
            raise BleakError("Not connected")
        if self._glasses.write_error is not None:
            raise self._glasses.write_error
        await self._waiting(None if self._glasses.write_hangs else self._glasses.write_s)
        if not self._connected:
            raise BleakError("disconnected")
        self._glasses.received.append((bytes(data), response))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **_kwargs: Any
    ) -> None:
        assert characteristic.uuid == NOTIFY_UUID
        await self._waiting(self._glasses.subscribe_s)
        if self._glasses.drops_in == "subscribe":
            self.lose()
            await asyncio.sleep(1000)
        if self._glasses.subscribe_error is not None:
            raise self._glasses.subscribe_error
        self.on_notification = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self.on_notification = None

    async def _waiting(self, seconds: float | None) -> None:
        """What a backend waits for; cancelled behind the caller's back where `leaks_cancellation` says so."""
        task = asyncio.ensure_future(asyncio.sleep(1e6 if seconds is None else seconds))
        self._pending.add(task)
        try:
            await task
        finally:
            self._pending.discard(task)
            task.cancel()


class Wearer:
    """Who uses the link in these tests: notes what arrives."""

    def __init__(self, air: Air, rest: str = "") -> None:
        self.air = air
        self.source = BleSource(parse_wanted(rest), radio=air.radio())
        self.values: list[bytes] = []
        self.losses: list[LinkError] = []

    async def connect(self, timeout_s: float = 20.0) -> BleLink:
        return await self.source.connect(self.values.append, self.losses.append, timeout_s=timeout_s)


def now() -> float:
    return asyncio.get_running_loop().time()


def fails(air: Air, rest: str = "", timeout_s: float = 20.0) -> GlassesError:
    """The error of connecting; nothing may be left connected or scanning."""

    async def main() -> GlassesError:
        started = now()
        wearer = Wearer(air, rest)
        with pytest.raises(GlassesError) as caught:
            await wearer.connect(timeout_s)
        assert now() - started <= timeout_s + 0.001
        assert air.holds_nothing()
        assert wearer.losses == []
        return caught.value

    return run_virtual(main())


def connected(
    body: Callable[[Wearer, BleLink], Awaitable[Any]], *glasses: Glasses, rest: str = ""
) -> tuple[Air, Wearer]:
    """Run `body` on an open link, then close everything; nothing may be left."""
    air = Air(list(glasses) or [Glasses()])
    wearer = Wearer(air, rest)

    async def main() -> None:
        link = await wearer.connect()
        await body(wearer, link)
        await link.disconnect()
        await wearer.source.close()
        assert air.holds_nothing()

    run_virtual(main())
    return air, wearer
