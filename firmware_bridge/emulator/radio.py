"""The air between host and glasses: connection events, packets, acknowledgements, loss, range.

The model is the link layer's, on the device clock: an event every `interval_s`, in it up to `packets` packets each
way, each taking its time at 2 Mbit/s; a lost packet closes its event and goes again in the next one (delay, never
damage); the notification slot is one deep and free again when its packet is acknowledged, so quick Lua fills it again
within the same event. Nothing is scheduled while nothing is queued. What a host's software may lose above the link
layer is `faults.py`.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from firmware_bridge.emulator.clock import DeviceClock, DeviceTimer

Direction = Literal["down", "up"]
"""down: host to glasses; up: glasses to host."""

INTERVAL_S: Final = 0.015  # 1.3: what Frame asks for
PACKETS: Final = 4
"""Packets per event and direction. 4 carry 243 * 4 / 15 ms = 64.8 kB/s at most; with the time Lua needs to fill the
slot again that gives the 40 to 60 kB/s that section 4 reports."""
SUPERVISION_S: Final = 2.0  # 1.3
HELD_OPEN_S: Final = 0.002
"""Estimate: how long both ends keep an event open after the last packet, for another one."""
HOST_QUEUE: Final = 8  # estimate: packets a host's controller takes before a write without response has to wait

BYTE_S: Final = 4e-6  # Bluetooth Core, Vol 6 Part A: 8 bits at 2 Mbit/s
FRAMING_BYTES: Final = 2 + 4 + 2 + 3  # Vol 6 Part B 2.1: preamble, access address, header, CRC at 2M
MIC_BYTES: Final = 4  # Vol 6 Part B 2.4: of an encrypted packet that is not empty
HEADER_BYTES: Final = 4 + 3  # L2CAP, then ATT opcode and handle
IFS_S: Final = 150e-6  # Vol 6 Part B 4.1: inter-frame space


class Peripheral(Protocol):
    """The device's side of GATT, as a radio of any kind sees it."""

    def connected(self, air: Air, att_mtu: int) -> None:
        """A central is connected and has exchanged this MTU."""
        ...

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The central switched notifications on or off."""
        ...

    def written(self, value: bytes) -> None:
        """A value arrived on the characteristic that the host writes."""
        ...

    def disconnected(self) -> None:
        """The link is gone."""
        ...


class Air(Protocol):
    """The radio as the device sees it while connected."""

    def notify(self, value: bytes) -> bool:
        """Send one notification. False: the one-deep queue is busy and nothing was sent."""
        ...


class Path(Protocol):
    """What may happen to a value between the radio and either end."""

    def pass_on(self, direction: Direction, value: bytes, deliver: Callable[[bytes], None]) -> None:
        """Deliver a value: once, later, changed, twice, or never."""
        ...


@dataclass(frozen=True, slots=True)
class RadioConditions:
    """How good the air is.

    Attributes:
        interval_s: seconds between connection events, 0.0075 to 4.
        packets: packets per event and direction, 1 to 20.
        loss: probability that a packet is not heard, 0 to 0.9.
    """

    interval_s: float = INTERVAL_S
    packets: int = PACKETS
    loss: float = 0.0


@dataclass(slots=True)
class _Write:
    value: bytes
    answered: asyncio.Future[None] | None  # of a write with response


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
        self._clock = clock
        self._conditions = conditions
        self._chance = chance
        self._peripheral = peripheral
        self._path = path
        self._on_value = on_value
        self._on_lost = on_lost
        self.open = True
        self._in_range = True
        self._device_answers = True
        self._anchor = clock.now()
        self._heard = self._anchor
        self._down: deque[_Write] = deque()
        self._down_space = asyncio.Event()
        self._answers: deque[tuple[int, asyncio.Future[None]]] = deque()  # (first event that may carry it, waiter)
        self._slot: bytes | None = None
        self._slot_sent = False
        self._event = -1
        self._used_down = self._used_up = 0
        self._air_free = self._anchor
        self._closed = True
        self._timer: DeviceTimer | None = None
        self._timer_at = 0.0
        self._busy = False  # a pair of packets is on the air
        self._supervision: DeviceTimer | None = None

    # The host's side

    async def write(self, value: bytes, *, response: bool) -> None:
        """Queue a value for the device; with `response` wait for its answer, otherwise for room only.

        Raises:
            ConnectionError: the link is gone.
        """
        while self.open and len(self._down) >= HOST_QUEUE:
            self._down_space.clear()
            await self._down_space.wait()
        if not self.open:
            raise ConnectionError
        answered = self._clock.loop.create_future() if response else None
        self._down.append(_Write(value, answered))
        self._kick()
        if answered is not None:
            await answered

    def close(self) -> None:
        """The host ends the link; `on_lost` is not called."""
        self._end()

    # The device's side

    def notify(self, value: bytes) -> bool:
        """Air: put a notification into the one slot."""
        if self._slot is not None:
            return False
        self._slot = value
        self._slot_sent = False
        self._kick()
        return True

    # The world

    def set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        """Out of range nothing is heard; after the supervision timeout the link is lost."""
        self._in_range = in_range
        self._watch()

    def device_gone(self) -> None:
        """The device restarted or switched off: it never answers on this link again."""
        self._device_answers = False
        self._watch()

    def drop(self) -> None:
        """The link breaks at once."""
        if self.open:
            self._end()
            self._on_lost()

    # The link layer

    def _watch(self) -> None:
        if self._in_range and self._device_answers:
            if self._supervision is not None:
                self._supervision.cancel()
                self._supervision = None
            self._heard = self._clock.now()
        elif self._supervision is None and self.open:
            self._supervision = self._clock.call_at(self._clock.now() + SUPERVISION_S, self.drop)

    def _kick(self) -> None:
        """Have the next pair of packets exchanged at the earliest moment."""
        if self._busy or not self.open:
            return
        when = self._next_time()
        if when is None:
            return
        if self._timer is not None:
            if self._timer_at <= when:
                return
            self._timer.cancel()
        else:
            self._heard = max(self._heard, self._clock.now() - self._conditions.interval_s)
        self._timer_at = when
        self._timer = self._clock.call_at(when, self._exchange)

    def _next_time(self) -> float | None:
        now = self._clock.now()
        interval = self._conditions.interval_s
        current = int((now - self._anchor) / interval + 1e-9)
        if current == self._event and not self._closed and now <= self._air_free + HELD_OPEN_S:
            limit = self._conditions.packets
            more_down = bool(self._down) and self._used_down < limit
            if more_down or (self._up_ready(current) and self._used_up < limit):
                return max(now, self._air_free)
        if self._down or self._slot_waits or self._answers:
            start = self._anchor + current * interval
            return start if start >= now and current != self._event else start + interval
        return None

    @property
    def _slot_waits(self) -> bool:
        return self._slot is not None and not self._slot_sent

    def _up_ready(self, event: int) -> bool:
        return self._slot_waits or bool(self._answers and self._answers[0][0] <= event)

    def _exchange(self) -> None:
        """One packet of the host and one of the device, either of which may be empty."""
        self._timer = None
        now = self._clock.now()
        interval = self._conditions.interval_s
        event = int((now - self._anchor) / interval + 1e-9)
        if event != self._event:
            self._event, self._used_down, self._used_up, self._closed = event, 0, 0, False
        write = self._down[0] if self._down and self._used_down < self._conditions.packets else None
        answer = notification = None
        if self._used_up < self._conditions.packets:
            if self._answers and self._answers[0][0] <= event:
                answer = self._answers[0]
            elif self._slot_waits:
                notification = self._slot
        if write is None and answer is None and notification is None:
            self._kick()
            return
        down_end = now + _air_time(None if write is None else len(write.value))
        up_bytes = 0 if answer is not None else None if notification is None else len(notification)
        up_end = down_end + IFS_S + _air_time(up_bytes)
        self._used_down += write is not None
        self._used_up += up_bytes is not None
        self._busy = True
        if not self._is_heard():
            self._closed = True
            self._clock.call_at(up_end, self._pair_lost)
            return
        if write is not None:
            self._clock.call_at(down_end, self._arrive_down, write, event)
        up_heard = up_bytes is None or self._is_heard()
        self._clock.call_at(up_end, self._pair_done, answer, notification, up_heard)

    def _is_heard(self) -> bool:
        if not (self._in_range and self._device_answers):
            return False
        loss = self._conditions.loss
        return loss == 0.0 or self._chance.random() >= loss

    def _arrive_down(self, write: _Write, event: int) -> None:
        if not self.open:
            return
        self._down.popleft()
        self._down_space.set()
        self._path.pass_on("down", write.value, self._to_device)
        if write.answered is not None:
            self._answers.append((event + 1, write.answered))

    def _to_device(self, value: bytes) -> None:
        if self.open:
            self._peripheral.written(value)

    def _to_host(self, value: bytes) -> None:
        if self.open:
            self._on_value(value)

    def _pair_done(
        self,
        answer: tuple[int, asyncio.Future[None]] | None,
        notification: bytes | None,
        up_heard: bool,  # noqa: FBT001
    ) -> None:
        self._busy = False
        if not self.open:
            return
        now = self._clock.now()
        self._heard = now
        self._air_free = now + IFS_S
        if not up_heard:
            self._closed = True
        elif answer is not None:
            self._answers.popleft()
            if not answer[1].done():
                answer[1].set_result(None)
        elif notification is not None:
            self._slot_sent = True
            # The host's next packet acknowledges it, an empty one if it has nothing to say.
            self._clock.call_at(now + IFS_S + _air_time(None), self._acknowledged)
            self._path.pass_on("up", notification, self._to_host)
        self._kick()

    def _acknowledged(self) -> None:
        self._slot = None
        self._air_free = max(self._air_free, self._clock.now() + IFS_S)

    def _pair_lost(self) -> None:
        self._busy = False
        if not self.open:
            return
        if self._clock.now() - self._heard >= SUPERVISION_S:
            self.drop()
            return
        self._kick()

    def _end(self) -> None:
        if not self.open:
            return
        self.open = False
        for timer in (self._timer, self._supervision):
            if timer is not None:
                timer.cancel()
        self._down_space.set()
        waiting = [write.answered for write in self._down] + [future for _, future in self._answers]
        for future in waiting:
            if future is not None and not future.done():
                future.set_exception(ConnectionError())
                future.exception()  # whoever waits gets it; nobody need be waiting
        self._down.clear()
        self._answers.clear()
        self._peripheral.disconnected()


def _air_time(value_bytes: int | None) -> float:
    """Seconds on the air of a packet with a value of so many bytes; None: an empty packet."""
    if value_bytes is None:
        return FRAMING_BYTES * BYTE_S
    return (FRAMING_BYTES + MIC_BYTES + HEADER_BYTES + value_bytes) * BYTE_S
