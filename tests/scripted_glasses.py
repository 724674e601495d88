"""Glasses that do what a test says: the real wire.lua at the other end of a link, and a script instead of the app.

source = ScriptedGlasses()
source.on[Listen] = lambda order: source.cut()     # instead of acknowledging it
async with Glasses(source) as glasses: ...
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lua_end import LuaEnd

from firmware_bridge import messages
from firmware_bridge.app_image import app_image
from firmware_bridge.errors import LinkLostError, NotFoundError
from firmware_bridge.link import LinkInfo, OnLost, OnValue
from firmware_bridge.messages import SHOWS, Hello, Listen, Order, Ready, Report, Show, next_version

ORDERS = {
    kind.CODE: kind
    for kind in vars(messages).values()
    if isinstance(kind, type) and issubclass(kind, Order) and kind is not Order
}
DELAY_S = 0.005


class ScriptedGlasses:
    """Glasses on which our app runs already; it acknowledges every order and does nothing but what `on` says."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.on: dict[type[Order], Callable[[Order], object]] = {}
        self.away = False
        self.connections = 0
        self.epoch = 255
        self.shown = 0
        self.version = 0
        self.paused: list[bool] = []
        self.ended = asyncio.Event()
        self._lua = LuaEnd()
        self._on_value: OnValue | None = None
        self._on_lost: OnLost | None = None

    # What a test does

    def report(self, *reports: Report) -> None:
        for report in reports:
            encoded = report.encode()
            self._lua.report(encoded[0], encoded[3:])
        self._pump()

    def audio(self, index: int, data: bytes, epoch: int | None = None) -> None:
        self._lua.audio(self.epoch if epoch is None else epoch, index, data)
        self._pump()

    def photo(self, number: int, data: bytes) -> None:
        self._lua.photo(number, data)
        self._pump()

    def sensor(self, data: bytes) -> None:
        self._lua.sensor(0, data)
        self._pump()

    def cut(self) -> None:
        """Lose the link, and what was on its way."""
        on_lost, self._on_value, self._on_lost = self._on_lost, None, None
        self._lua = LuaEnd()
        if on_lost is not None:
            on_lost(LinkLostError("the link broke"))

    def given(self, kind: type[Order]) -> list[Order]:
        return [order for order in self.orders if isinstance(order, kind)]

    # What a LinkSource does

    @property
    def input_ended(self) -> asyncio.Event:
        return self.ended

    def pause_input(self, *, paused: bool) -> None:
        self.paused.append(paused)

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> _Wire:
        await asyncio.sleep(0.1)
        if self.away:
            raise NotFoundError("no glasses are in range")
        self.connections += 1
        self._on_value, self._on_lost = on_value, on_lost
        return _Wire(self, self.connections)

    async def close(self) -> None:
        self._on_value = self._on_lost = None

    def written(self, connection: int, value: bytes) -> None:
        if connection != self.connections or self._on_value is None:
            raise LinkLostError("the link broke")
        for code, body in self._lua.receive(value[1:]):
            self._obey(ORDERS[code & ~SHOWS].decode(body))
            if code & SHOWS:
                self.version = next_version(self.version)
                self._obey(Show(self.version))
        self._pump()

    def _obey(self, order: Order) -> None:
        self.orders.append(order)
        if isinstance(order, Hello):
            ready = Ready(
                order.nonce, 100, 50, self.shown, self.epoch, 0, 0, app_image("frame").hash.encode(), b"Frame"
            )
            self.report(ready)
        elif isinstance(order, Listen):
            self.epoch = order.epoch if order.bits else 255
        elif isinstance(order, Show):
            self.version = order.version
        self.on.get(type(order), lambda _order: None)(order)

    def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        for packet in self._lua.packets(round(loop.time() * 1000)):
            loop.call_later(DELAY_S, self._deliver, self.connections, packet)

    def _deliver(self, connection: int, packet: bytes) -> None:
        if self._on_value is not None and connection == self.connections:
            self._on_value(b"\1" + packet)

    def disconnected(self) -> None:
        self._on_value = self._on_lost = None


class _Wire:
    def __init__(self, glasses: ScriptedGlasses, number: int) -> None:
        self._glasses = glasses
        self._number = number
        self.info = LinkInfo("emulator", "Frame 4F", "4F:52:41:4D:45:46", 244, 1000 + number)

    async def write(self, value: bytes, *, response: bool = False) -> None:
        await asyncio.sleep(DELAY_S)
        self._glasses.written(self._number, value)

    async def disconnect(self) -> None:
        if self._number == self._glasses.connections:
            self._glasses.disconnected()
