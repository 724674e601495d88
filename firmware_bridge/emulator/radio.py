"""The air between host and glasses as our own in-process link uses it: values in, values out.

`link_layer.py` says when each arrives. The notification slot is one deep and free again when its packet is
acknowledged, so quick Lua fills it again within the same event. What a host's software may lose above the link layer
is `faults.py`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final, Protocol

from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.link_layer import DATA_BYTES, HOST_QUEUE, Direction, LinkLayer, Packet, RadioConditions

HEADER_BYTES: Final = 4 + 3  # L2CAP, then ATT opcode and handle


class Peripheral(Protocol):
    """The device's side of GATT, as a radio of any kind sees it."""

    def connected(self, air: Air, att_mtu: int) -> None:
        """A central is connected and has exchanged this MTU."""
        ...

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The central switched notifications on or off."""
        ...

    def written(self, value: bytes) -> int:
        """A value arrived on the characteristic that the host writes. Returns 0, or an ATT error."""
        ...

    def disconnected(self) -> None:
        """The link is gone."""
        ...


class Air(Protocol):
    """The radio as the device sees it while connected."""

    def notify(self, value: bytes) -> bool:
        """Send one notification. False: the one-deep queue is busy and nothing was sent."""
        ...


class SlotAir(Air, Protocol):
    """A radio that tells when its one slot for a notification is free again, and has a time."""

    clock: DeviceClock
    on_free: Callable[[], None]

    @property
    def free(self) -> bool:
        """Whether it is free."""
        ...


class RefusedError(Exception):
    """The device refused a write.

    Attributes:
        code: ATT error, Bluetooth Core, Vol 3 Part F 3.4.1.1.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class Path(Protocol):
    """What may happen to a value between the radio and either end."""

    def pass_on(self, direction: Direction, value: bytes, deliver: Callable[[bytes], None]) -> None:
        """Deliver a value: once, later, changed, twice, or never."""
        ...


class RadioLink:
    """One connection over the air, from the host's first packet to its end.

    Args:
        clock: the device clock.
        conditions: how good the air is.
        chance: seeded, for loss.
        peripheral: the device.
        path: what may happen to values above the link layer.
        on_value: gets each notification's value.
        on_lost: called once when the link breaks by itself.

    Attributes:
        clock: as given.
        on_free: called when the slot for a notification is free again.
    """

    def __init__(
        self,
        clock: DeviceClock,
        conditions: RadioConditions,
        chance: random.Random,
        *,
        peripheral: Peripheral,
        path: Path,
        on_value: Callable[[bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.clock = clock
        self.on_free: Callable[[], None] = lambda: None
        self._loop = clock.loop
        self._layer = LinkLayer(clock, conditions, chance, self._lost)
        self._peripheral = peripheral
        self._path = path
        self._on_value = on_value
        self._on_lost = on_lost
        self._space = asyncio.Event()
        self._unanswered: set[asyncio.Future[None]] = set()
        self._slot_busy = False

    @property
    def open(self) -> bool:
        """False once it has ended."""
        return self._layer.open

    # The host's side

    async def write(self, value: bytes, *, response: bool) -> None:
        """Queue a value for the device; with `response` wait for its answer, otherwise for room only.

        Raises:
            ConnectionError: the link is gone.
            RefusedError: the device does not take it; known with `response` only.
        """
        while self.open and self._layer.waiting("down") >= HOST_QUEUE:
            self._space.clear()
            await self._space.wait()
        if not self.open:
            raise ConnectionError
        answered = self._loop.create_future() if response else None
        if answered is not None:
            self._unanswered.add(answered)
        self._send("down", value, lambda: self._arrived(value, answered))
        if answered is not None:
            try:
                await answered
            finally:
                self._unanswered.discard(answered)

    def close(self) -> None:
        """The host ends the link; `on_lost` is not called."""
        if self.open:
            self._layer.end()
            self._ended()

    # The device's side

    @property
    def free(self) -> bool:
        """Whether the slot for a notification is free."""
        return not self._slot_busy

    def notify(self, value: bytes) -> bool:
        """Air: put a notification into the one slot."""
        if self._slot_busy:
            return False
        self._slot_busy = True
        self._send("up", value, lambda: self._heard(value), self._slot_free)
        return True

    def _send(
        self, direction: Direction, value: bytes, deliver: Callable[[], None], sent: Callable[[], None] | None = None
    ) -> None:
        """In as many packets as it takes; it is there with the last."""
        size = HEADER_BYTES + len(value)
        for _ in range((size - 1) // DATA_BYTES):
            self._layer.send(direction, Packet(DATA_BYTES, lambda: None))
        self._layer.send(direction, Packet((size - 1) % DATA_BYTES + 1, deliver, sent))

    # The world

    def set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        """Out of range nothing is heard; after the supervision timeout the link is lost."""
        self._layer.set_in_range(in_range)

    def set_loss(self, loss: float) -> None:
        """Packets are not heard with this probability from here on, 0 to 0.9."""
        self._layer.set_loss(loss)

    def device_gone(self) -> None:
        """The device restarted or switched off: it never answers on this link again."""
        self._layer.abandon()

    def drop(self) -> None:
        """The link breaks at once."""
        self._layer.drop()

    def _arrived(self, value: bytes, answered: asyncio.Future[None] | None) -> None:
        self._space.set()
        code = 0

        def deliver(passed: bytes) -> None:
            nonlocal code
            code = self._to_device(passed)

        self._path.pass_on("down", value, deliver)
        if answered is not None:
            # The SoftDevice answers after the event, before anything that Lua makes of the value. Clients rely on that
            # order: frameutils misses a reply to a text that comes before the response to its write.
            answer = Packet(HEADER_BYTES, lambda: _done(answered, code), ahead=True, not_before=self._layer.event + 1)
            self._layer.send("up", answer)

    def _heard(self, value: bytes) -> None:
        self._path.pass_on("up", value, self._to_host)

    def _slot_free(self) -> None:
        self._slot_busy = False
        self.on_free()

    def _to_device(self, value: bytes) -> int:
        return self._peripheral.written(value) if self.open else 0

    def _to_host(self, value: bytes) -> None:
        if self.open:
            self._on_value(value)

    def _lost(self) -> None:
        self._ended()
        self._on_lost()

    def _ended(self) -> None:
        self._space.set()
        for answered in self._unanswered:
            if not answered.done():
                answered.set_exception(ConnectionError())
                answered.exception()  # whoever waits gets it; nobody need be waiting
        self._peripheral.disconnected()


def _done(answered: asyncio.Future[None], code: int) -> None:
    if answered.done():
        return
    if code:
        answered.set_exception(RefusedError(code))
    else:
        answered.set_result(None)
