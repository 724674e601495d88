"""A Bluetooth host stack (Bumble) on one controller, switched on: scan, connect, pair."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from bumble import hci
from bumble.core import BaseBumbleError, ProtocolError
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import KeyStore
from bumble.pairing import PairingConfig
from bumble.transport.common import Transport

T = TypeVar("T")

COMMAND_S: Final = 10.0
"""A USB dongle that resets may load its firmware first; a virtual controller takes milliseconds."""

Heard = Callable[[Advertisement], None]

# What Bumble warns of, a program is told anyway; without this it would appear where nobody asked for a log.
logging.getLogger("bumble").addHandler(logging.NullHandler())


class ControllerLostError(Exception):
    """The controller does not answer, or has gone."""


class PairingFailedError(Exception):
    """The device and this computer have no common key, and do not get one; the text is the reason's name."""


class BumbleHost:
    """A host stack from `power_on` to `close`, used once.

    Args:
        transport: the way to the controller.
        keys_of: the bonds of the adapter with this address.

    Attributes:
        lost: True once the controller has gone.
    """

    def __init__(self, transport: Transport, keys_of: Callable[[str], KeyStore]) -> None:
        self._transport = transport
        self._keys_of = keys_of
        config = DeviceConfiguration(name="computer", gap_service_enabled=False, gatt_service_enabled=False)
        self._device = Device(config=config, host=Host(transport.source, transport.sink))
        self._device.pairing_config_factory = lambda _connection: PairingConfig(mitm=False)
        self._own_address = hci.OwnAddressType.RANDOM
        self._heard: list[Heard] = []
        self._scan = asyncio.Lock()
        self._connect = asyncio.Lock()
        self._undoing: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self.lost = False

    async def power_on(self) -> None:
        """Reset the controller and set it up; if this fails or is cancelled, `close` is still needed.

        Raises:
            ControllerLostError: it does not answer.
        """
        self._watch = asyncio.get_running_loop().create_task(self._watch_transport(), name="Bumble controller")
        await self._commands(self._device.power_on())
        device = self._device
        if device.public_address not in (hci.Address.ANY, hci.Address.ANY_RANDOM):
            self._own_address = hci.OwnAddressType.PUBLIC
        own = device.public_address if self._own_address == hci.OwnAddressType.PUBLIC else device.random_address
        device.keystore = self._keys_of(str(own))
        device.on(Device.EVENT_ADVERTISEMENT, self._advertised)

    async def close(self) -> None:
        """Let go of the controller. Never raises."""
        if self._watch is not None:
            self._watch.cancel()
        await self._transport.close()

    async def listen(self, heard: Heard, *, active: bool) -> None:
        """Scan until `listen_no_more`, calling `heard` with each advertisement.

        Args:
            heard: called on the event loop.
            active: ask each device for its scan response; what the first who listens says is what is done.

        Raises:
            ControllerLostError: the controller does not answer.
        """
        async with self._scan:
            if not self._heard:
                await self._commands(self._device.start_scanning(active=active, own_address_type=self._own_address))
            self._heard.append(heard)

    async def listen_no_more(self, heard: Heard) -> None:
        """Undo `listen`. Raises as `listen`."""
        async with self._scan:
            self._heard.remove(heard)
            if not self._heard:
                await self._commands(self._device.stop_scanning())

    async def connect(self, address: hci.Address) -> Connection:
        """Connect, however long it takes; one after the other. Cancelling leaves no connection.

        Raises:
            ControllerLostError: the controller has gone.
            BaseBumbleError: it reports a failure.
        """
        async with self._connect:
            attempt = asyncio.get_running_loop().create_task(
                self._device.connect(address, own_address_type=self._own_address, timeout=None), name="Bumble connects"
            )
            try:
                return await asyncio.shield(attempt)
            except asyncio.CancelledError:
                if self.lost:
                    raise ControllerLostError("the controller has gone") from None
                await asyncio.shield(self._spawn(self._take_back(attempt)))
                raise

    async def secure(self, connection: Connection) -> None:
        """Encrypt with the key of the bond; pair where there is none.

        Raises:
            PairingFailedError: the device refused, or has lost its key.
        """
        if connection.is_encrypted:
            return
        try:
            if await self.has_bond(connection.peer_address):
                await connection.encrypt()
            else:
                await connection.pair()
        except ProtocolError as error:
            raise PairingFailedError(error.error_name or "UNSPECIFIED_REASON") from error

    async def has_bond(self, peer: hci.Address) -> bool:
        """Whether there is a key for this device."""
        keys = self._device.keystore
        return keys is not None and await keys.get(str(peer)) is not None

    async def forget(self, connection: Connection) -> None:
        """Forget the bond with this device, if there is one."""
        keys = self._device.keystore
        if keys is not None and await keys.get(str(connection.peer_address)) is not None:
            await keys.delete(str(connection.peer_address))

    async def _commands(self, work: Coroutine[Any, Any, T]) -> T:
        if self.lost:
            work.close()
            raise ControllerLostError("the controller has gone")
        try:
            async with asyncio.timeout(COMMAND_S):
                return await work
        except (TimeoutError, BaseBumbleError) as error:
            raise ControllerLostError(str(error) or "the controller does not answer") from error

    async def _take_back(self, attempt: asyncio.Task[Connection]) -> None:
        with suppress(ControllerLostError):  # "disallowed": the connection came first
            await self._commands(self._device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command()))
        with suppress(TimeoutError, BaseBumbleError):  # of the attempt: it has been taken back
            async with asyncio.timeout(COMMAND_S):
                await (await attempt).disconnect()

    def _advertised(self, advertisement: Advertisement) -> None:
        for heard in tuple(self._heard):
            heard(advertisement)

    async def _watch_transport(self) -> None:
        terminated = getattr(self._transport.source, "terminated", None)
        if terminated is None:
            return
        await asyncio.wait([terminated])
        self.lost = True
        # Bumble's host gives up what is pending, but does not say that its connections are gone.
        for handle in list(self._device.connections):
            self._device.on_disconnection(handle, hci.HCI_ErrorCode.HARDWARE_FAILURE_ERROR)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name="Bumble takes a connection back")
        self._undoing.add(task)
        task.add_done_callback(self._undoing.discard)
        return task
