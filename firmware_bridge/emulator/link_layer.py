"""The link layer between host and glasses, whatever its packets carry: connection events, air time, loss, range.

An event every `interval_s`; in it up to `packets` packets each way, each taking its time at 2 Mbit/s; a lost packet
closes its event and goes again in the next one (delay, never damage). An event stays open while one of the two has
more to say. Nothing is scheduled while nothing is queued. All of it happens on the device clock.

`radio.py` puts values on it, `virtual_air.py` the packets of whole Bluetooth stacks, so both have the same timing.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from firmware_bridge.emulator.choices import NOMINAL
from firmware_bridge.emulator.clock import DeviceClock, DeviceTimer

Direction = Literal["down", "up"]
"""down: host to glasses; up: glasses to host."""

INTERVAL_S: Final = 0.015  # 1.3: what Frame asks for
PACKETS: Final = NOMINAL.packets_per_event
"""Packets per event and direction. 4 carry 243 * 4 / 15 ms = 64.8 kB/s at most; with the time Lua needs to fill the
slot again that gives the 40 to 60 kB/s that section 4 reports."""
SUPERVISION_S: Final = 2.0  # 1.3
HELD_OPEN_S: Final = 0.002
"""Estimate: how long both ends keep an event open after the last packet, for another one."""
HOST_QUEUE: Final = 8  # estimate: packets a host's controller takes before a write without response has to wait

BYTE_S: Final = 4e-6  # Bluetooth Core, Vol 6 Part A: 8 bits at 2 Mbit/s
FRAMING_BYTES: Final = 2 + 4 + 2 + 3  # Vol 6 Part B 2.1: preamble, access address, header, CRC at 2M
MIC_BYTES: Final = 4  # Vol 6 Part B 2.4: of an encrypted packet that is not empty
DATA_BYTES: Final = 251  # Vol 6 Part B 2.4: the longest payload of a data packet
IFS_S: Final = 150e-6  # Vol 6 Part B 4.1: inter-frame space


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


@dataclass(eq=False, slots=True)
class Packet:
    """One packet of the link layer, on its way.

    Attributes:
        payload_bytes: what it carries, from the L2CAP header on.
        deliver: called when it has arrived.
        acknowledged: called when its sender knows that it has.
        ahead: it overtakes the packets of the same sender that are not, and they never overtake it.
        not_before: the first event that may carry it.
    """

    payload_bytes: int
    deliver: Callable[[], None]
    acknowledged: Callable[[], None] | None = None
    ahead: bool = False
    not_before: int = 0


class LinkLayer:
    """One connection, from the moment both ends hear each other to its end.

    Args:
        clock: the device clock.
        conditions: how good the air is.
        chance: seeded, for loss.
        on_lost: called once when the link breaks by itself.

    Attributes:
        open: False once it has ended.
    """

    def __init__(
        self, clock: DeviceClock, conditions: RadioConditions, chance: random.Random, on_lost: Callable[[], None]
    ) -> None:
        self.open = True
        self._clock = clock
        self._conditions = conditions
        self._chance = chance
        self._on_lost = on_lost
        self._in_range = True
        self._abandoned = False
        self._anchor = clock.now()
        self._heard = self._anchor
        self._queues: dict[Direction, tuple[deque[Packet], deque[Packet]]] = {
            "down": (deque(), deque()),
            "up": (deque(), deque()),
        }
        self._used: dict[Direction, int] = {"down": 0, "up": 0}
        self._event = -1
        self._air_free = self._anchor
        self._closed = True
        self._timer: DeviceTimer | None = None
        self._timer_at = 0.0
        self._busy = False  # a pair of packets is on the air
        self._supervision: DeviceTimer | None = None

    @property
    def event(self) -> int:
        """The number of the last event in which something was sent."""
        return self._event

    def waiting(self, direction: Direction) -> int:
        """Packets that have not arrived yet."""
        ahead, others = self._queues[direction]
        return len(ahead) + len(others)

    def send(self, direction: Direction, packet: Packet) -> None:
        """Queue a packet; on a link that has ended it is lost."""
        if self.open:
            if not self.waiting("down") and not self.waiting("up"):
                self._heard = max(self._heard, self._clock.now())  # until here empty packets were heard
            self._queues[direction][0 if packet.ahead else 1].append(packet)
            self._kick()

    def end(self) -> None:
        """End it, without a word on the air; `on_lost` is not called."""
        self.open = False
        for timer in (self._timer, self._supervision):
            if timer is not None:
                timer.cancel()
        for ahead, others in self._queues.values():
            ahead.clear()
            others.clear()

    def set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        """Out of range nothing is heard; after the supervision timeout the link is lost."""
        self._in_range = in_range
        self._watch()

    def set_loss(self, loss: float) -> None:
        """Packets are not heard with this probability from here on, 0 to 0.9."""
        self._conditions = replace(self._conditions, loss=loss)

    def abandon(self) -> None:
        """One end restarted or was switched off, without a word: nothing is heard on this link again."""
        self._abandoned = True
        self._watch()

    def drop(self) -> None:
        """The link breaks at once."""
        if self.open:
            self.end()
            self._on_lost()

    def _watch(self) -> None:
        if self._in_range and not self._abandoned:
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
        self._timer_at = when
        self._timer = self._clock.call_at(when, self._exchange)

    def _next_time(self) -> float | None:
        now = self._clock.now()
        current = self._event_at(now)
        still_open = current == self._event and not self._closed and now <= self._air_free + HELD_OPEN_S
        if still_open and (self._next("down", current) or self._next("up", current)):
            return max(now, self._air_free)
        if self.waiting("down") or self.waiting("up"):
            start = self._anchor + current * self._conditions.interval_s
            return start if start >= now and current != self._event else start + self._conditions.interval_s
        return None

    def _event_at(self, when: float) -> int:
        return int((when - self._anchor) / self._conditions.interval_s + 1e-9)

    def _next(self, direction: Direction, event: int) -> Packet | None:
        """What goes next, if this event has room for it."""
        ahead, others = self._queues[direction]
        queue = ahead or others
        if not queue or self._used[direction] >= self._conditions.packets or queue[0].not_before > event:
            return None
        return queue[0]

    def _arrived(self, direction: Direction, packet: Packet) -> None:
        self._queues[direction][0 if packet.ahead else 1].popleft()
        packet.deliver()

    def _exchange(self) -> None:
        """One packet of the host and one of the device, either of which may be empty."""
        self._timer = None
        now = self._clock.now()
        event = self._event_at(now)
        if event != self._event:
            self._event, self._closed = event, False
            self._used = {"down": 0, "up": 0}
        down, up = self._next("down", event), self._next("up", event)
        if down is None and up is None:
            self._kick()
            return
        down_end = now + _air_time(down)
        up_end = down_end + IFS_S + _air_time(up)
        self._used["down"] += down is not None
        self._used["up"] += up is not None
        self._busy = True
        if not self._is_heard():
            self._closed = True
            self._clock.call_at(up_end, self._pair_lost)
            return
        if down is not None:
            self._clock.call_at(down_end, self._arrive_down, down)
        up_heard = up is None or self._is_heard()
        self._clock.call_at(up_end, self._pair_done, up, up_heard)

    def _is_heard(self) -> bool:
        if self._abandoned or not self._in_range:
            return False
        loss = self._conditions.loss
        return loss == 0.0 or self._chance.random() >= loss

    def _arrive_down(self, packet: Packet) -> None:
        if not self.open:
            return
        self._arrived("down", packet)
        if packet.acknowledged is not None:
            packet.acknowledged()

    def _pair_done(self, up: Packet | None, up_heard: bool) -> None:  # noqa: FBT001
        self._busy = False
        if not self.open:
            return
        now = self._clock.now()
        self._heard = now
        self._air_free = now + IFS_S
        if not up_heard:
            self._closed = True
        elif up is not None:
            if up.acknowledged is not None:
                # The host's next packet acknowledges it, an empty one if it has nothing to say.
                self._clock.call_at(now + IFS_S + _air_time(None), self._acknowledge, up.acknowledged)
            self._arrived("up", up)
        self._kick()

    def _acknowledge(self, acknowledged: Callable[[], None]) -> None:
        if self.open:
            self._air_free = max(self._air_free, self._clock.now() + IFS_S)
            acknowledged()

    def _pair_lost(self) -> None:
        self._busy = False
        if not self.open:
            return
        if self._clock.now() - self._heard >= SUPERVISION_S:
            self.drop()
            return
        self._kick()


def _air_time(packet: Packet | None) -> float:
    """Seconds on the air; None: an empty packet."""
    if packet is None:
        return FRAMING_BYTES * BYTE_S
    return (FRAMING_BYTES + MIC_BYTES + packet.payload_bytes) * BYTE_S
