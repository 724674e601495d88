"""Scripted glasses at the other end of a link, and somebody who uses the link; for the tests of recordings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.errors import LinkError, LinkLostError
from firmware_bridge.link import Link, LinkInfo, LinkSource, OnLost, OnValue
from firmware_bridge.link_replay import ReplaySource
from firmware_bridge.link_trace import TraceSource


def sound(index: int, epoch: int = 0) -> bytes:
    return bytes([1, 0x40 | epoch]) + index.to_bytes(4, "little") + bytes([index % 255 + 1]) * 200


class Device:
    """Scripted glasses: `answers` maps a value written to what comes back; the script of a connection runs by time."""

    def __init__(self, *scripts: Callable[[Device], Any]) -> None:
        self.scripts = list(scripts)
        self.answers: dict[bytes, list[tuple[float, bytes]]] = {}
        self.ended = asyncio.Event()
        self.paused: list[bool] = []
        self.closed = False
        self.written: list[bytes] = []

    @property
    def input_ended(self) -> asyncio.Event | None:
        return self.ended

    def pause_input(self, *, paused: bool) -> None:
        self.paused.append(paused)

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        script = self.scripts.pop(0) if self.scripts else None
        await asyncio.sleep(0.25)
        if isinstance(script, LinkError):
            raise script
        self.on_value, self.on_lost = on_value, on_lost
        if script is not None:
            script(self)
        return Wire(self)

    def at(self, delay_s: float, *values: bytes) -> None:
        for value in values:
            asyncio.get_running_loop().call_later(delay_s, self.on_value, value)

    def lose_at(self, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self.on_lost, LinkLostError("gone"))

    def end_at(self, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self.ended.set)

    async def close(self) -> None:
        self.closed = True


class Wire:
    def __init__(self, device: Device) -> None:
        self.device = device

    @property
    def info(self) -> LinkInfo:
        return LinkInfo("ble", "Frame 4F", "C6:11:22:33:44:4F", 244, 0xDEADBEEF)

    async def write(self, value: bytes, *, response: bool = False) -> None:
        self.device.written.append(value)
        for delay, answer in self.device.answers.get(value, []):
            self.device.at(delay, answer)
        await asyncio.sleep(0)

    async def disconnect(self) -> None:
        self.device.on_value = lambda _value: None


class User:
    """Who uses a link: notes what came, and when since connecting."""

    def __init__(self, source: LinkSource) -> None:
        self.source = source
        self.came: list[tuple[float, bytes]] = []
        self.losses: list[LinkError] = []

    async def connect(self) -> Link:
        self.start = 0.0
        link = await self.source.connect(self.value_came, self.losses.append)
        self.start = asyncio.get_running_loop().time()
        return link

    def value_came(self, value: bytes) -> None:
        self.came.append((round(asyncio.get_running_loop().time() - self.start, 4), value))

    @property
    def values(self) -> list[bytes]:
        return [value for _, value in self.came]


async def record(path: Path, device: Device, use: Callable[[User, Link], Any], **options: Any) -> User:
    source = TraceSource(device, path, **options)
    user = User(source)
    link = await user.connect()
    await use(user, link)
    await link.disconnect()
    await source.close()
    return user


async def replay(path: Path, use: Callable[[User, Link], Any], **options: Any) -> User:
    source = ReplaySource(path, **options)
    user = User(source)
    link = await user.connect()
    await use(user, link)
    await link.disconnect()
    await source.close()
    return user


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def run_virtual_record(path: Path, use: Any, script: Any, **options: Any) -> None:
    async def main() -> None:
        await record(path, Device(script), use, **options)

    run_virtual(main())
