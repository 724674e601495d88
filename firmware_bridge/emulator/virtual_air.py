"""The air between the Bluetooth controllers of emulated glasses and of computers, for whole stacks above HCI.

Bumble's virtual controllers, on the link layer of `link_layer.py` instead of Bumble's instant one: advertising and
connections have their timing, packets are lost and repeated, a controller's buffers fill up, glasses go out of range.

    air = VirtualAir(clock, RadioConditions(loss=0.02), random.Random(1))
    controller = VirtualController(air, "computer", "02:00:00:00:00:01")

One pair of glasses is on the air, and any number of computers. Left out: channel maps, the length update (packets
carry 251 bytes from the start), the choice of the interval (it is the conditions', whatever a host asks for).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.link import LocalLink

from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.link_layer import Direction, LinkLayer, Packet, RadioConditions

if TYPE_CHECKING:
    from firmware_bridge.emulator.virtual_controller import VirtualController

CONTROL_BYTES: Final = 23  # Bluetooth Core, Vol 6 Part B 2.4.2: LL_ENC_REQ, the longest control packet that occurs

_NOTIFICATION: Final = 0x1B  # Vol 3 Part F 3.4.8
_ATT_CID: Final = 0x0004  # Vol 3 Part A 2.1
_CONTINUES: Final = 0b01  # Vol 4 Part E 5.4.2: packet boundary flag
_FIRST_TO_HOST: Final = 0b10


class VirtualAir(LocalLink):
    """Who hears whom.

    Args:
        clock: the device clock.
        conditions: of every connection.
        chance: seeded, for loss and for the advertising delay.

    Attributes:
        clock: as given.
        conditions: of every connection that is made.
        chance: as given.
    """

    def __init__(self, clock: DeviceClock, conditions: RadioConditions, chance: random.Random) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.clock = clock
        self.conditions = conditions
        self.chance = chance
        self._in_range = True
        self._present: list[VirtualController] = []  # in the order of their coming, for repeatable runs
        self._links: list[AirLink] = []

    def enter(self, controller: VirtualController) -> None:
        """A controller is on the air."""
        self._present.append(controller)

    def leave(self, controller: VirtualController) -> None:
        """A controller is gone; repeated calls do nothing."""
        if controller in self._present:
            self._present.remove(controller)
        self.controllers.discard(controller)

    def set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        """Out of range nobody hears anybody."""
        self._in_range = in_range
        for link in self._links:
            link.layer.set_in_range(in_range)

    def set_loss(self, loss: float) -> None:
        """Packets are not heard with this probability from here on, 0 to 0.9."""
        self.conditions = replace(self.conditions, loss=loss)
        for link in self._links:
            link.layer.set_loss(loss)

    def drop(self) -> None:
        """Every connection breaks at once, as if its supervision timeout had passed."""
        for link in list(self._links):
            link.layer.drop()

    def hears(self, controller: VirtualController) -> bool:
        """Whether what this controller sends is heard."""
        return self._in_range and not controller.silent and controller in self._present

    def advertiser(self, address: hci.Address) -> VirtualController | None:
        """Who advertises under this address, and is heard."""
        for controller in self._present:
            advertiser = controller.le_legacy_advertiser
            if advertiser.enabled and advertiser.address == address:
                return controller if self.hears(controller) else None
        return None

    def advertise(self, sender: VirtualController, packet: ll.AdvInd) -> None:
        """An advertisement, to all who listen."""
        if self.hears(sender):
            for controller in self._present:
                if controller is not sender and not controller.silent:
                    self.clock.loop.call_soon(controller.on_advertising_pdu, packet)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """LocalLink: only advertisements go this way, see `advertise`."""

    def join(self, central: VirtualController, peripheral: VirtualController, own: hci.Address) -> None:
        """Make the connection; both hosts are told."""
        link = AirLink(self)
        address = peripheral.le_legacy_advertiser.address
        link.central = central.connected(link, hci.Role.CENTRAL, own, address)
        link.peripheral = peripheral.connected(link, hci.Role.PERIPHERAL, address, own)
        self._links.append(link)

    def forget(self, link: AirLink) -> None:
        """A connection has ended at both ends."""
        if link in self._links:
            self._links.remove(link)


class AirLink:
    """One connection and its two ends."""

    def __init__(self, air: VirtualAir) -> None:
        self._air = air
        self.layer = LinkLayer(air.clock, air.conditions, air.chance, self._lost)
        self.central: VirtualConnection
        self.peripheral: VirtualConnection

    def other(self, end: VirtualConnection) -> VirtualConnection:
        """The other end."""
        return self.peripheral if end is self.central else self.central

    def direction(self, end: VirtualConnection) -> Direction:
        """In which direction this end sends."""
        return "down" if end is self.central else "up"

    def ended(self) -> None:
        """One end is gone; what is under way ends when both are."""
        if self.central.gone and self.peripheral.gone:
            self.layer.end()
            self._air.forget(self)

    def _lost(self) -> None:
        for end in (self.central, self.peripheral):
            if not end.gone:
                end.controller.on_le_disconnected(end, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        self._air.forget(self)


class VirtualConnection(Connection):
    """One end of a connection, in its controller.

    Attributes:
        air_link: both ends.
        gone: this end has ended.
    """

    air_link: AirLink
    gone = False
    _data_is_ahead = False
    _buffered = 0

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Connection: the host's data go on the air; its buffer is free when they have arrived.

        A host that does not wait for a free buffer loses the packet.
        """
        if self._buffered >= self.controller.total_num_le_acl_data_packets:
            return
        self._buffered += 1
        if packet.pb_flag != _CONTINUES:
            self._data_is_ahead = not _is_notification(packet.data)
        other = self.air_link.other(self)
        self._send(len(packet.data), lambda: other.receive(packet), self._completed, ahead=self._data_is_ahead)

    def send_ll_control_pdu(self, packet: ll.ControlPdu) -> None:
        """Connection: a packet of the link layer itself."""
        other = self.air_link.other(self)
        self._send(CONTROL_BYTES, lambda: other.control(packet))

    def terminate(self, reason: int) -> None:
        """End it; this host is told when the other end knows."""
        other = self.air_link.other(self)
        self._send(CONTROL_BYTES, lambda: other.control(ll.TerminateInd(reason)), self._terminated)

    def receive(self, packet: hci.HCI_AclDataPacket) -> None:
        """Data arrive from the air."""
        if not self.gone:
            boundary = _CONTINUES if packet.pb_flag == _CONTINUES else _FIRST_TO_HOST
            data = hci.HCI_AclDataPacket(self.handle, boundary, 0, len(packet.data), packet.data)
            self.controller.send_hci_packet(data)

    def control(self, packet: ll.ControlPdu) -> None:
        """A packet of the link layer itself arrives."""
        if not self.gone:
            self.controller.on_ll_control_pdu(self.peer_address, packet)

    def abandon(self) -> None:
        """This end is gone, and the other one is not told."""
        self.gone = True
        self.air_link.layer.abandon()
        self.air_link.ended()

    def _send(
        self,
        size: int,
        deliver: Callable[[], None],
        acknowledged: Callable[[], None] | None = None,
        *,
        ahead: bool = True,
    ) -> None:
        # Glasses answer after the event in which they were asked; a notification goes as soon as it is there.
        direction, layer = self.air_link.direction(self), self.air_link.layer
        ahead = ahead and direction == "up"
        not_before = layer.event + 1 if ahead else 0
        layer.send(direction, Packet(size, deliver, acknowledged, ahead=ahead, not_before=not_before))

    def _completed(self) -> None:
        self._buffered -= 1
        if not self.gone:
            self.controller.send_hci_packet(
                hci.HCI_Number_Of_Completed_Packets_Event(connection_handles=[self.handle], num_completed_packets=[1])
            )

    def _terminated(self) -> None:
        if not self.gone:
            self.controller.on_le_disconnected(self, hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)


def _is_notification(l2cap: bytes) -> bool:
    """Whether an L2CAP packet carries a notification."""
    return len(l2cap) > 4 and int.from_bytes(l2cap[2:4], "little") == _ATT_CID and l2cap[4] == _NOTIFICATION
