"""Controllers of a virtual air for other programs on this computer: HCI over a socket on 127.0.0.1.

Every program that connects gets a controller of its own, as if each ran on another computer with its own Bluetooth
adapter; when it goes, its adapter is unplugged. The bytes are those of a serial HCI (Bluetooth Core, Vol 4 Part A 2),
so any host stack that speaks it over TCP can be the client.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from bumble.core import InvalidPacketError
from bumble.transport.common import PacketParser

from firmware_bridge.emulator.virtual_controller import VirtualController

HOST: Final = "127.0.0.1"
MAX_PROGRAMS: Final = 16
MAX_BACKLOG_BYTES: Final = 1 << 20
"""What may wait for a program that does not read: half a minute of the fastest link. Then its adapter is unplugged."""

_log = logging.getLogger(__name__)


class HciServer:
    """Lends controllers until it is closed.

    Args:
        plug_in: makes the controller of the n-th computer, 1 and up.

    Attributes:
        port: where it listens.
    """

    def __init__(self, plug_in: Callable[[int], VirtualController]) -> None:
        self.port = 0
        self._plug_in = plug_in
        self._server: asyncio.Server | None = None
        self._programs: dict[int, _Program] = {}

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1.

        Args:
            port: 0 takes a free one.

        Raises:
            OSError: the port is taken or forbidden.
        """
        self._server = await asyncio.get_running_loop().create_server(self._accept, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more, and unplug every adapter."""
        if self._server is not None:
            self._server.close()
            for program in list(self._programs.values()):
                program.hang_up()
            await self._server.wait_closed()

    def _accept(self) -> _Program:
        number = next(n for n in range(1, MAX_PROGRAMS + 2) if n not in self._programs)
        program = _Program(lambda: self._plug_in(number), lambda: self._programs.pop(number, None))
        if number <= MAX_PROGRAMS:
            self._programs[number] = program
        else:
            program.refused = True
        return program


class _Program(asyncio.Protocol):
    """One program, and the controller it was lent."""

    def __init__(self, plug_in: Callable[[], VirtualController], gone: Callable[[], object]) -> None:
        self.refused = False
        self._plug_in = plug_in
        self._gone = gone
        self._controller: VirtualController | None = None
        self._transport: asyncio.Transport | None = None
        self._parser = PacketParser()

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server makes
        self._transport = transport
        if self.refused:
            _log.info("more than %d programs on the virtual air", MAX_PROGRAMS)
            transport.abort()
            return
        self._controller = self._plug_in()
        self._controller.set_packet_sink(self)
        self._parser.set_packet_sink(self._controller)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except InvalidPacketError:
            _log.info("what a program sent to the virtual air is not HCI")
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if self._controller is not None:
            self._controller.leave()
            self._gone()

    # Where the controller sends to

    def on_packet(self, packet: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > MAX_BACKLOG_BYTES:
            _log.info("a program on the virtual air does not read")
            transport.abort()
        else:
            transport.write(packet)
