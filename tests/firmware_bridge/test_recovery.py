"""What can become of a link in use: it works again, or one sentence says why not, in the time docs/bluetooth.md states.

The whole stack in virtual time: glasses, our Bluetooth link, two Bluetooth stacks, an emulated Frame or Halo.

pytest -m "slow or not slow" tests/firmware_bridge/test_recovery.py        Halo, too
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from bumble.transport.common import AsyncPipeSink, Transport
from glasses_end import address, on_halo_slowly

from firmware_bridge import Glasses, Scene, Text
from firmware_bridge.ble_search import Radio
from firmware_bridge.bumble_radio import BumbleAdapter, backends
from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
from firmware_bridge.emulator.clock import VirtualTimeLoop, run_virtual
from firmware_bridge.emulator.halo.bluetooth_halo import bluetooth_of
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.errors import AdapterError, GlassesError, NotFoundError, PairingError
from firmware_bridge.link import Link, LinkSource, OnLost, OnValue
from firmware_bridge.link_ble import BleSource

pytestmark = on_halo_slowly
SCENE = Scene((Text(1, 20, 100, "Hello there"),))


class Computer(LinkSource):
    """A computer whose Bluetooth adapter can be unplugged, and which can be suspended."""

    def __init__(self, frame: BluetoothFrame, number: int = 1) -> None:
        self._frame, self._number = frame, number
        self._plugged: list[Any] = []
        self.has_adapter = True
        self._adapter = BumbleAdapter("the desk", self._plug_in)
        self._source = BleSource(radio=Radio(*backends(lambda: self._adapter)))
        self._generation = 0

    @property
    def input_ended(self) -> None:
        return None

    async def _plug_in(self) -> Transport:
        if not self.has_adapter:
            raise OSError("unplugged")
        controller: Any = self._frame.plug_in(self._number)
        controller.terminated = asyncio.get_running_loop().create_future()
        self._plugged.append(controller)
        return _Plugged(controller)

    def unplug(self) -> None:
        self.has_adapter = False
        for controller in self._plugged:
            controller.leave()
            controller.set_packet_sink(None)
            controller.terminated.set_result(None)
        self._plugged.clear()

    async def suspend(self, seconds: float, *, clock_runs: bool) -> None:
        """The glasses lose the link; this computer hears nothing of it, neither now nor when it wakes up."""
        self._generation += 1
        self._frame.faults.cut_now()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        if clock_runs:
            loop.advance(seconds)

    def pause_input(self, *, paused: bool) -> None:
        self._source.pause_input(paused=paused)

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        made = self._generation

        def if_awake(tell: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda what: tell(what) if self._generation == made else None

        link = await self._source.connect(if_awake(on_value), if_awake(on_lost), timeout_s=timeout_s)
        return _SuspendedLink(link, lambda: self._generation == made)

    async def close(self) -> None:
        await self._source.close()


class _Plugged(Transport):
    def __init__(self, controller: Any) -> None:
        super().__init__(controller, AsyncPipeSink(controller))
        self._controller = controller

    async def close(self) -> None:
        self._controller.leave()


class _SuspendedLink(Link):
    """After the computer has slept it takes every value and sends none."""

    def __init__(self, link: Link, awake: Callable[[], bool]) -> None:
        self._link, self._awake = link, awake
        self.disconnect = link.disconnect  # type: ignore[method-assign]

    @property
    def info(self) -> Any:
        return self._link.info

    async def write(self, value: bytes, *, response: bool = False) -> None:
        if self._awake():
            await self._link.write(value, response=response)


class Wearer:
    """Glasses in use: what becomes of the link, and when."""

    def __init__(self, frame: BluetoothFrame, computer: Computer, glasses: Glasses) -> None:
        self.frame, self.computer, self.glasses = frame, computer, glasses
        self.log: list[tuple[float, str, str]] = []

    async def watch(self) -> None:
        with suppress(GlassesError):
            async for change in self.glasses.states():
                self.log.append((asyncio.get_running_loop().time(), change.state, change.detail))

    async def until(self, state: str, within_s: float) -> str:
        """Wait for this state, from now on; what was said of it."""
        began, already = asyncio.get_running_loop().time(), len(self.log)
        while True:
            for when, seen, detail in self.log[already:]:
                if seen == state:
                    assert when - began <= within_s
                    return detail
            assert asyncio.get_running_loop().time() - began <= within_s, self.log[already:]
            await asyncio.sleep(0.01)

    async def works(self) -> None:
        """The lens shows what is asked of it."""
        display: Any = self.frame.device.display  # type: ignore[attr-defined]
        for scene, is_lit in ((Scene(), False), (SCENE, True)):
            await self.glasses.show(scene)
            await asyncio.sleep(0.3)
            assert display.picture().any() == is_lit


def in_use(body: Callable[[Wearer], Awaitable[None]]) -> None:
    async def main() -> None:
        frame = bluetooth_of(parse_uri(address()))
        await frame.start()
        computer = Computer(frame)
        async with Glasses(computer) as glasses, _watched(Wearer(frame, computer, glasses)) as wearer:
            await wearer.works()
            await body(wearer)
            await wearer.works()
        await frame.close()

    run_virtual(main())


@asynccontextmanager
async def _watched(wearer: Wearer) -> Any:
    watching = asyncio.create_task(wearer.watch())
    await asyncio.sleep(0)
    yield wearer
    watching.cancel()
    await asyncio.wait({watching})


@pytest.mark.parametrize("away_s", [2.5, 7.0, 60.0])
def test_out_of_range_and_back(away_s: float) -> None:
    async def body(wearer: Wearer) -> None:
        back_at = asyncio.get_running_loop().time() + away_s
        wearer.frame.faults.cut_for(away_s)
        assert f"the connection to {wearer.glasses.info.name} was lost" in await wearer.until("lost", 2.1)
        await wearer.until("ready", away_s - 2.0 + 6.0)
        assert asyncio.get_running_loop().time() - back_at <= 6.0

    in_use(body)


@pytest.mark.parametrize("clock_runs", [False, True])
def test_the_computer_was_suspended_and_nothing_tells_that_the_link_is_dead(clock_runs: bool) -> None:  # noqa: FBT001
    async def body(wearer: Wearer) -> None:
        await wearer.computer.suspend(8 * 3600.0, clock_runs=clock_runs)
        assert "have not answered" in await wearer.until("lost", 10.0)
        await wearer.until("ready", 2.0)

    in_use(body)


def test_the_adapter_is_unplugged_and_plugged_in_again() -> None:
    async def body(wearer: Wearer) -> None:
        wearer.computer.unplug()
        await wearer.until("lost", 0.1)
        await asyncio.sleep(30)
        assert [state for _, state, _ in wearer.log].count("ready") == 0
        wearer.computer.has_adapter = True
        await wearer.until("ready", 9.0)

    in_use(body)


@pytest.mark.parametrize("off_s", [0.0, 60.0])
def test_the_glasses_were_restarted_or_recharged(off_s: float) -> None:
    """Their memory is empty, their files are there: the program is started again, not uploaded."""

    async def body(wearer: Wearer) -> None:
        if off_s:
            wearer.frame.faults.cut_for(off_s)
        wearer.frame.device.restart()
        await wearer.until("lost", 2.2)
        await wearer.until("ready", off_s + 6.0)
        assert not wearer.glasses.start.was_running
        assert wearer.glasses.start.upload is None

    in_use(body)


@pytest.mark.parametrize(
    "lua",
    [
        b"\x03",  # a break signal, which ends it
        b"\x03\nwhile true do end",  # and then a program that never ends
    ],
)
def test_the_program_on_the_glasses_stops(lua: bytes) -> None:
    async def body(wearer: Wearer) -> None:
        for value in lua.split(b"\n"):
            wearer.frame.device.written(value)
            await asyncio.sleep(0.1)
        assert "stopped" in next(detail for _, state, detail in wearer.log if state == "lost")
        await wearer.until("ready", 5.0)

    in_use(body)


def test_another_computer_uses_the_glasses() -> None:
    async def body(wearer: Wearer) -> None:
        loop = asyncio.get_running_loop()
        other = Computer(wearer.frame, 2)
        began = loop.time()
        with pytest.raises(NotFoundError) as caught:
            async with Glasses(other):
                pass
        assert loop.time() - began <= 8.5
        assert caught.value.message == "no glasses are in range"
        assert "disconnect them from any phone or other computer" in caught.value.hint

    in_use(body)


def test_the_glasses_were_paired_with_another_computer_meanwhile() -> None:
    """Waiting changes nothing: the calls end with the reason."""

    async def main() -> None:
        frame = bluetooth_of(parse_uri(address()))
        await frame.start()
        async with Glasses(Computer(frame)) as glasses:
            frame.press_cradle_button()
            async with asyncio.timeout(10), Glasses(Computer(frame, 2)) as others:
                await others.show(SCENE)
            async with asyncio.timeout(10):
                with pytest.raises(PairingError):
                    await glasses.show(SCENE)
        await frame.close()

    run_virtual(main())


def test_without_an_adapter_at_the_start_one_sentence_says_so() -> None:
    async def main() -> None:
        frame = bluetooth_of(parse_uri(address()))
        await frame.start()
        computer = Computer(frame)
        computer.has_adapter = False
        with pytest.raises(AdapterError):
            async with Glasses(computer):
                pass
        await frame.close()

    run_virtual(main())
