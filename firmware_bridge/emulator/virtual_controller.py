"""A Bluetooth controller on the virtual air: Bumble's, with the defects mended that a link would notice.

What differs from Bumble 0.0.236: a packet is completed when it has arrived, not when it is taken; a connection that
is taken back is reported; advertising keeps its interval; a scan reports what is advertised once, and a scan response
only where there is one; a disconnection is told to the other end first; a reset ends what there was.
"""

from __future__ import annotations

from typing import Final

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport

from firmware_bridge.emulator.clock import DeviceTimer
from firmware_bridge.emulator.link_layer import DATA_BYTES, HOST_QUEUE, SUPERVISION_S
from firmware_bridge.emulator.virtual_air import AirLink, VirtualAir, VirtualConnection

CONNECT_EVENTS: Final = 3  # from the request to the first packet heard both ways
ADVERTISING_DELAY_S: Final = 0.010  # Bluetooth Core, Vol 6 Part B 4.4.2.2.1: advDelay, 0 to 10 ms at random
ADVERTISING_UNIT_S: Final = 0.625e-3  # Vol 4 Part E 7.8.5
INTERVAL_UNIT_S: Final = 1.25e-3  # Vol 4 Part E 7.8.12
SUPERVISION_UNIT_S: Final = 0.010  # Vol 4 Part E 7.8.12
SIGNAL_DBM: Final = -50  # a pair of glasses on the same desk

_Report = hci.HCI_LE_Advertising_Report_Event


class VirtualController(Controller):
    """HCI above, the virtual air below.

    Args:
        air: where it is heard.
        name: for Bumble's log.
        address: its public address, six bytes in hexadecimal with colons between, most significant first.
        built_in: it is part of the emulated device, so what it tells its host happens in the device's time. Others
            tell theirs when the computer comes to it.

    Attributes:
        silent: the device was switched off: it sends nothing and hears nothing.
    """

    le_acl_data_packet_length = DATA_BYTES
    total_num_le_acl_data_packets = HOST_QUEUE
    supported_max_tx_octets = supported_max_rx_octets = suggested_max_tx_octets = DATA_BYTES
    # Frame's advertising is of the old kind; without these features, hosts scan for that. With LL privacy Linux waits
    # for the enhanced form of the event that tells of a connection, which is not sent here, and undoes what it made.
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
        | hci.LeFeatureMask.LL_PRIVACY
    )

    def __init__(self, air: VirtualAir, name: str, address: str, *, built_in: bool = False) -> None:
        super().__init__(name, link=air, public_address=hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS))
        self.silent = False
        self.le_legacy_advertiser = _Advertiser(self, air)
        self._air = air
        self._built_in = built_in
        self._reported: set[hci.Address] = set()
        air.enter(self)

    def leave(self) -> None:
        """The controller is unplugged: whoever is connected to it finds out after the supervision timeout."""
        self._abandon_all()
        self._air.leave(self)

    def silence(self) -> None:
        """The device goes off the air without a word; its own host is told that its connections are gone."""
        self.silent = True
        for connection in self._connections():
            connection.abandon()
            self.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    def connected(self, link: AirLink, role: hci.Role, own: hci.Address, peer: hci.Address) -> VirtualConnection:
        """One end of a new connection; the host is told."""
        connection = VirtualConnection(
            controller=self,
            handle=self.allocate_connection_handle(),
            role=role,
            self_address=own,
            peer_address=peer,
            link=self._air,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        connection.air_link = link
        self.le_connections[peer] = connection
        self._report_connection(hci.HCI_ErrorCode.SUCCESS, connection.handle, role, peer)
        return connection

    # Controller

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Controller: without the text for the log, which takes as long as all the rest."""
        if isinstance(packet, hci.HCI_Command):
            self.on_hci_command_packet(packet)
        elif isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Controller: without the text for the log."""
        if self.hci_sink is None:
            return
        if self._built_in:
            self.hci_sink.on_packet(bytes(packet))
        else:
            self._air.clock.loop.call_soon(self.hci_sink.on_packet, bytes(packet))

    def on_hci_reset_command(self, _command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Controller: everything ends, connections without a word."""
        self._abandon_all()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Controller: the attempt ends, and that is reported (Vol 4 Part E 7.8.13)."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self._air.clock.loop.call_soon(
            self._report_connection,
            hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            0,
            hci.Role.CENTRAL,
            pending.peer_address,
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """Controller: the other end is told first."""
        connection = self.find_le_connection_by_handle(command.connection_handle)
        if isinstance(connection, VirtualConnection):
            self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
            connection.terminate(command.reason)
        else:
            self._send_hci_command_status(hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, command.op_code)

    def on_hci_le_connection_update_command(self, command: hci.HCI_LE_Connection_Update_Command) -> None:
        """Controller: the parameters stay what they are, and that is what is reported."""
        self._send_hci_command_status(hci.HCI_COMMAND_STATUS_PENDING, command.op_code)
        self.send_hci_packet(
            hci.HCI_LE_Connection_Update_Complete_Event(
                status=hci.HCI_ErrorCode.SUCCESS,
                connection_handle=command.connection_handle,
                connection_interval=self._interval_units,
                peripheral_latency=0,
                supervision_timeout=round(SUPERVISION_S / SUPERVISION_UNIT_S),
            )
        )

    def on_hci_le_set_scan_enable_command(
        self, command: hci.HCI_LE_Set_Scan_Enable_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Controller: duplicates are counted from here on."""
        self._reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Controller: report it, with the answer to our request if we scan actively; connect if we want to."""
        address = pdu.advertiser_address
        if self.le_scan_enable and not (self.filter_duplicates and address in self._reported):
            self._reported.add(address)
            self._report_advertisement(_Report.EventType.ADV_IND, address, pdu.data)
            advertiser = self._air.advertiser(address)
            if self.le_scan_type and advertiser is not None:
                response = advertiser.le_legacy_advertiser.scan_response_data
                self._report_advertisement(_Report.EventType.SCAN_RSP, address, response)
        if self.pending_le_connection and self.pending_le_connection.peer_address == address:
            self.create_le_connection(address)

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """Controller: ask an advertiser for a connection, which is there some events later."""
        peripheral = self._air.advertiser(peer_address)
        if peripheral is not None:  # else somebody was quicker
            peripheral.le_legacy_advertiser.stop()
            when = self._air.clock.now() + CONNECT_EVENTS * self._air.conditions.interval_s
            self._air.clock.call_at(when, self._join, self.pending_le_connection, peripheral)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Controller: this end is gone, and its host is told."""
        if isinstance(connection, VirtualConnection) and self.le_connections.get(connection.peer_address) is connection:
            super().on_le_disconnected(connection, reason)
            connection.gone = True
            connection.air_link.ended()

    @property
    def _interval_units(self) -> int:
        return round(self._air.conditions.interval_s / INTERVAL_UNIT_S)

    def _connections(self) -> list[VirtualConnection]:
        return [c for c in self.le_connections.values() if isinstance(c, VirtualConnection)]

    def _join(self, wanted: object, peripheral: VirtualController) -> None:
        pending = self.pending_le_connection
        if pending is None or pending is not wanted or not (self._air.hears(self) and self._air.hears(peripheral)):
            peripheral.le_legacy_advertiser.start()  # nobody came
            return
        self.pending_le_connection = None
        own = self.public_address if pending.own_address_type == hci.OwnAddressType.PUBLIC else self.random_address
        self._air.join(self, peripheral, own)

    def _abandon_all(self) -> None:
        for connection in self._connections():
            connection.abandon()
        self.le_connections.clear()
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None

    def _report_connection(self, status: int, handle: int, role: hci.Role, peer: hci.Address) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=status,
                connection_handle=handle,
                role=role,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=self._interval_units,
                peripheral_latency=0,
                supervision_timeout=round(SUPERVISION_S / SUPERVISION_UNIT_S),
                central_clock_accuracy=0,
            )
        )

    def _report_advertisement(self, kind: int, address: hci.Address, data: bytes) -> None:
        report = _Report.Report(
            event_type=kind, address_type=address.address_type, address=address, data=data, rssi=SIGNAL_DBM
        )
        self.send_hci_packet(_Report([report]))


class _Advertiser(LegacyAdvertiser):
    """Advertising with the interval that was asked for, and the random delay after it."""

    def __init__(self, controller: VirtualController, air: VirtualAir) -> None:
        super().__init__(controller)
        self._controller = controller
        self._air = air
        self._timer: DeviceTimer | None = None

    def start(self) -> None:
        self.stop()
        self.enabled = True
        self._fire()

    def stop(self) -> None:
        self.enabled = False
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        self._air.advertise(self._controller, ll.AdvInd(advertiser_address=self.address, data=self.advertising_data))
        delay = self.advertising_interval_min * ADVERTISING_UNIT_S + self._air.chance.uniform(0, ADVERTISING_DELAY_S)
        self._timer = self._air.clock.call_at(self._air.clock.now() + delay, self._fire)
