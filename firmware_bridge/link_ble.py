"""The glasses over Bluetooth LE, on bleak.

What the operating systems do differently, as read in bleak 3.1, is told in docs/bluetooth.md. Here it comes to this:
BlueZ and Windows are asked to pair before the first connection, macOS pairs by itself when notifications are
subscribed to; the largest value is what the system says of the characteristic, since bleak's `mtu_size` knows
nothing on BlueZ; a lost link ends every wait, whether or not the system's own call ever returns.

Bound glasses are recognised by their address, and proven by the key of the bond: where this computer has it no more
nothing is connected, and where the other side has not, encryption fails and nothing was written.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakCharacteristicNotFoundError, BleakError

from firmware_bridge.ble_causes import QUICK_DROP_S, Cause, Drops, Stage, cause_at_stage
from firmware_bridge.ble_devices import (
    ANY,
    BoundGlasses,
    Candidate,
    Select,
    Wanted,
    alike,
    choose,
    is_wanted,
    preferring,
    printable,
)
from firmware_bridge.ble_errors import explain, system_of
from firmware_bridge.ble_search import SYSTEM_RADIO, Radio, Search
from firmware_bridge.bleak_errors import cause_of
from firmware_bridge.bluez import bluez_attempt
from firmware_bridge.cancelling import brought_to_an_end, cancel_requests
from firmware_bridge.errors import LinkError, LinkLostError, LocalProtocolError, NotFoundError, PairingError
from firmware_bridge.gatt import (
    ATT_HEADER_BYTES,
    AUDIO_UUID,
    FRAME_MAX_VALUE_BYTES,
    HALO_MAX_VALUE_BYTES,
    MIN_MTU,
    NOTIFY_UUID,
    SERVICE_UUID,
    WRITE_UUID,
)
from firmware_bridge.link import LinkInfo, OnLost, OnValue

__all__ = ["BleLink", "BleSource"]

SCAN_S: Final = 8.0  # Frame advertises every 20 ms (1.1); systems that listen sparingly do so every few seconds
SCAN_SHARE: Final = 0.6  # of the time for a whole connect, so that some is left to connect and pair
UNWIND_S: Final = 0.25  # bleak gives up this much earlier than we: on macOS only then does it take back its request
CONNECT_PATIENCE_S: Final = 2.0  # Linux 6.1 holds what is cancelled while it is made: a connection that nobody can end
OTHERS_AFTER_S: Final = 10.0  # more than most cuts last: nobody changes glasses faster
WRITE_S: Final = 30.0  # Bluetooth Core Vol 3 Part F 3.3.3: an ATT transaction that takes longer ends the connection
DISCONNECT_S: Final = 12.0  # bleak's BlueZ backend itself waits up to 10 s
MTU_WAIT_S: Final = 1.0  # the negotiated MTU may be reported a little after the connection
MTU_POLL_S: Final = 0.05

_MIN_VALUE_BYTES: Final = MIN_MTU - ATT_HEADER_BYTES
_SYSTEM: Final = system_of(sys.platform)
_log = logging.getLogger(__name__)


class BleSource:
    """Glasses in Bluetooth range. After the first connection it stays with the same pair, by its address.

    With `any_bound` it takes another of the bound pairs that is of the same kind, once this one stays away.
    """

    def __init__(self, wanted: Wanted = ANY, *, radio: Radio = SYSTEM_RADIO, any_bound: bool = False) -> None:
        self._wanted = wanted
        self._others = wanted.bound if any_bound else ()
        self._away_since: float | None = None
        self._radio = radio
        self._link: BleLink | None = None
        self._nonce = secrets.randbits(32)
        self._drops = Drops()

    @property
    def input_ended(self) -> asyncio.Event | None:
        """None: the microphone of real glasses never ends."""
        return None

    def pause_input(self, *, paused: bool) -> None:
        """Real sound does not wait."""

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> BleLink:
        """See `LinkSource.connect`. LocalProtocolError where the last connection is still open."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        if self._link is not None:
            if self._link.is_open:
                raise LocalProtocolError("these glasses are already connected")
            await self._link.disconnect()
        wanted = self._wanted_by_now()
        search = Search(wanted)
        await search.run(min(SCAN_S, timeout_s * SCAN_SHARE), timeout_s, self._radio)
        candidate = choose(wanted, preferring(self._wanted, search.sightings.candidates))
        device = search.devices[candidate.address]
        self._nonce = (self._nonce + 1 + secrets.randbits(31)) % 2**32  # never the one before
        if self._is_bound and await self._radio.has_bond(device) is False:
            raise self._without_bond(Cause.NO_BOND_HERE, candidate)
        link = self._link = BleLink(candidate, device, self._radio, on_value=on_value, on_lost=on_lost)
        began = asyncio.get_running_loop().time()
        try:
            await link.open(deadline, timeout_s, self._nonce, pairing=not self._is_bound)
        except (LinkLostError, PairingError) as error:
            now = asyncio.get_running_loop().time()
            without = isinstance(error, LinkLostError) and self._drops.mean_a_lost_bond(now - began)
            if self._is_bound and (without or isinstance(error, PairingError)):
                raise self._without_bond(Cause.NO_BOND_THERE, candidate) from error
            if without:
                raise _about(Cause.NOT_ENCRYPTED, candidate) from error
            if not self._is_bound or now - began >= QUICK_DROP_S or now >= deadline:
                raise
            # Those who have the bond do not drop the connection twice more; whoever has it not is found out at once.
            try:
                return await self.connect(on_value, on_lost, timeout_s=deadline - now)
            except NotFoundError as gone:
                raise error from gone
        self._drops, self._away_since = Drops(), None
        address = link.info.address.upper()
        bound = (BoundGlasses(address, candidate.name),)
        self._wanted = Wanted(Select.BOUND, bound=bound) if self._is_bound else Wanted(Select.ADDRESS, address)
        return link

    def _wanted_by_now(self) -> Wanted:
        """The pair that was connected, or, where that has stayed away, any bound pair like it."""
        now = asyncio.get_running_loop().time()
        if self._link is not None and self._away_since is None:
            self._away_since = now
        if not self._others or self._away_since is None or now - self._away_since < OTHERS_AFTER_S:
            return self._wanted
        others = alike(self._others, self._wanted.bound[0].name)
        return replace(self._wanted, bound=tuple(dict.fromkeys((*self._wanted.bound, *others))))

    def _without_bond(self, cause: Cause, candidate: Candidate) -> LinkError:
        """What is wrong; of another pair than the one that was connected, only that it will not do."""
        if self._link is None or is_wanted(self._wanted, candidate):
            return _about(cause, candidate)
        self._others = tuple(pair for pair in self._others if pair.address.upper() != candidate.address.upper())
        return LinkLostError(_about(cause, candidate).message)

    @property
    def _is_bound(self) -> bool:
        return self._wanted.select is Select.BOUND

    async def close(self) -> None:
        """End the connection, if one is left. Never raises."""
        if self._link is not None:
            await self._link.disconnect()


def _about(cause: Cause, candidate: Candidate) -> LinkError:
    return explain(cause, _SYSTEM, who=candidate.name, address=candidate.address)


class _State(Enum):
    CONNECTING = auto()
    SUBSCRIBING = auto()
    OPEN = auto()
    LOST = auto()
    CLOSED = auto()


class BleLink:
    """One connection over the radio; `BleSource.connect` makes it ready for use."""

    def __init__(
        self, candidate: Candidate, device: BLEDevice, radio: Radio, *, on_value: OnValue, on_lost: OnLost
    ) -> None:
        self._candidate = candidate
        self._device = device
        self._radio = radio
        self._on_value = on_value
        self._on_lost = on_lost
        self._info = LinkInfo("ble", candidate.name, candidate.address, _MIN_VALUE_BYTES, nonce=0)
        self._client: BleakClient | None = None
        self._write_to: BleakGATTCharacteristic | None = None
        self._state = _State.CONNECTING
        self._order, self._release = asyncio.Lock(), asyncio.Lock()
        self._waits: set[asyncio.Timeout] = set()

    @property
    def info(self) -> LinkInfo:
        """What is known of this connection."""
        return self._info

    @property
    def is_open(self) -> bool:
        """False once the connection was lost or `disconnect` was called."""
        return self._state is _State.OPEN

    async def open(self, deadline: float, timeout_s: float, nonce: int, *, pairing: bool) -> None:
        """Connect and subscribe, by `deadline` on the loop's clock; once, by `BleSource`.

        `pairing`: they may be paired with; otherwise they are known to be.
        """
        left_s = max(deadline - asyncio.get_running_loop().time() - UNWIND_S, UNWIND_S)
        client = self._client = BleakClient(
            self._device,
            lambda _client: self._lose(),
            [SERVICE_UUID],
            timeout=left_s,
            pair=True,
            backend=self._radio.client,
        )
        stage = Stage.CONNECT
        on_bluez = _SYSTEM == "linux" and self._radio.client is None
        path = str(self._device.details["path"]) if pairing and on_bluez else None
        attempt = bluez_attempt(path) if on_bluez else nullcontext()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.disconnect)
            try:
                async with asyncio.timeout_at(deadline):
                    async with self._translated(stage, timeout_s), attempt:
                        await brought_to_an_end(client.connect(), CONNECT_PATIENCE_S)
                    # Only from here on is a lost link ours to see: bleak repeats a failed attempt by itself.
                    stage, self._state = Stage.SUBSCRIBE, _State.SUBSCRIBING
                    async with self._translated(stage, timeout_s):
                        await self._subscribe(client)
            except TimeoutError as error:
                raise self._error(error, stage, timeout_s) from error
            self._info = replace(self._info, nonce=nonce)
            self._state = _State.OPEN
            undo.pop_all()
        _log.info("connected to %s, %d bytes a value", printable(self._info.name), self._info.max_value_bytes)

    async def write(self, value: bytes, *, response: bool = False) -> None:
        """See `Link.write`.

        Raises:
            LinkError: also where the glasses or the system refused the value (PairingError: for want of a bond).
        """
        if not 1 <= len(value) <= self._info.max_value_bytes:
            msg = f"a value has {len(value)} bytes; 1 to {self._info.max_value_bytes} can be sent"
            raise LocalProtocolError(msg)
        async with self._order:
            client, characteristic = self._client, self._write_to
            if client is None or characteristic is None or self._state is not _State.OPEN:
                raise self._gone()
            async with self._translated(Stage.USE, WRITE_S, limit_s=WRITE_S):
                await client.write_gatt_char(characteristic, value, response=response)

    async def disconnect(self) -> None:
        """See `Link.disconnect`. If cancelled, the system may still hold the connection; call it again."""
        self._state = _State.CLOSED
        self._end_waits()
        async with self._release:
            if self._client is None:
                return
            before = cancel_requests()
            try:
                async with asyncio.timeout(DISCONNECT_S):
                    await self._client.disconnect()
            except asyncio.CancelledError:
                if cancel_requests() > before:
                    raise
            except Exception:  # noqa: BLE001 - whatever goes wrong, the connection is given up
                _log.warning("disconnecting from %s failed", printable(self._info.name), exc_info=True)
            self._client = None

    async def _subscribe(self, client: BleakClient) -> None:
        services = client.services
        write_to, notify = services.get_characteristic(WRITE_UUID), services.get_characteristic(NOTIFY_UUID)
        if write_to is None or notify is None:
            raise BleakCharacteristicNotFoundError(WRITE_UUID)
        await client.start_notify(notify, self._notified)
        size = write_to.max_write_without_response_size
        for _ in range(round(MTU_WAIT_S / MTU_POLL_S)):
            if size <= _MIN_VALUE_BYTES:
                await asyncio.sleep(MTU_POLL_S)
                size = write_to.max_write_without_response_size
        if size <= _MIN_VALUE_BYTES:
            _log.warning("the system allows only %d bytes a value; BlueZ older than 5.62 never says more", size)
        self._write_to = write_to
        halo = services.get_characteristic(AUDIO_UUID) is not None
        self._info = replace(
            self._info,
            address=client.address,  # pairing may have revealed the true one
            max_value_bytes=min(max(size, _MIN_VALUE_BYTES), HALO_MAX_VALUE_BYTES if halo else FRAME_MAX_VALUE_BYTES),
            glasses="halo" if halo else "frame",
        )

    def _notified(self, _characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
        if self._state in {_State.SUBSCRIBING, _State.OPEN}:
            self._on_value(bytes(value))

    def _lose(self) -> None:
        before = self._state
        if before in {_State.SUBSCRIBING, _State.OPEN}:
            self._state = _State.LOST
            self._end_waits()
        if before is _State.OPEN:
            self._on_lost(self._gone())

    def _check_connected(self) -> None:
        if self._state is _State.LOST:
            raise BleakError("disconnected")

    def _end_waits(self) -> None:
        now = asyncio.get_running_loop().time()
        for wait in self._waits:
            if not wait.expired():
                wait.reschedule(now)

    def _gone(self) -> LinkError:
        return explain(Cause.LOST, _SYSTEM, who=self._candidate.name)

    @asynccontextmanager
    async def _translated(self, stage: Stage, timeout_s: float, *, limit_s: float | None = None) -> AsyncIterator[None]:
        """Around one call of bleak: it ends when the link is lost or after `limit_s`, and only our errors leave."""
        before = cancel_requests()
        wait = asyncio.timeout(limit_s)
        try:
            async with wait:
                self._waits.add(wait)
                try:
                    yield
                finally:
                    self._waits.discard(wait)
                self._check_connected()
        except asyncio.CancelledError as error:
            if cancel_requests() > before:
                raise
            # Nobody cancelled us: the backend dropped its pending call because the link is gone.
            raise self._failed(BleakError("disconnected"), stage, timeout_s) from error
        except Exception as error:
            raise self._failed(error, stage, timeout_s) from error

    def _failed(self, error: Exception, stage: Stage, timeout_s: float) -> LinkError:
        made = self._error(error, stage, timeout_s)
        if stage is Stage.USE and isinstance(made, LinkLostError):
            self._lose()  # no system is sure to tell of every loss
        return made

    def _error(self, error: Exception, stage: Stage, timeout_s: float) -> LinkError:
        cause, detail = cause_of(error)
        return explain(
            cause_at_stage(cause, stage, lost=self._state is _State.LOST),
            _SYSTEM,
            who=self._candidate.name,
            address=self._candidate.address,
            detail=detail,
            seconds=timeout_s,
        )
