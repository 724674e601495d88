"""What a wearer meets, on BlueZ as it is.

Each scenario starts with glasses and a computer that know nothing of each other; it returns what was seen, and raises
where that is not what our documents promise.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
import zlib
from collections.abc import AsyncIterator
from signal import SIGKILL, SIGTERM
from typing import TypeVar

import numpy as np

from firmware_bridge import AudioChunk, Glasses, Quality, Scene, StateChange, Text
from firmware_bridge.ble_search import scan
from firmware_bridge.errors import (
    AdapterError,
    LinkError,
    LinkLostError,
    NotFoundError,
    PairingError,
)
from firmware_bridge.link_ble import BleSource
from tests.bluez import binding as binding  # noqa: PLC0414 - it makes its scenarios known, before the last one here
from tests.bluez.desk import ADDRESS, SCENARIOS, Desk, connected, expect, fails, program, scenario, until

__all__ = ["SCENARIOS"]

T = TypeVar("T")

RAMP_STEPS = 200  # the glasses hear a ramp: at 8 kHz, sample n is (n % 200 - 100) * 256, which 8 bits carry whole


@scenario
async def scan_by_name(desk: Desk) -> str:
    seen = await scan(2.0)
    expect([(c.name, c.address) for c in seen] == [("Frame 4F", ADDRESS)], f"seen: {seen}")
    return f"{seen[0].name} at {seen[0].signal_dbm} dBm"


@scenario
async def pair(desk: Desk) -> str:
    async with program() as it:
        first = await it.connect()
        device = await desk.services.device()
        expect(device["Paired"] and device["Trusted"] and await desk.outside("bonded"), f"not bonded: {device}")
        expect(first.link.info.max_value_bytes == 244, f"{first.link.info}")
        began = time.monotonic()
        await first.link.disconnect()
        hung_up = time.monotonic() - began
        second = await it.connect()
        mtu = second.link.info.max_value_bytes + 3
    times = f"paired and connected in {first.seconds:.1f} s, disconnected in {hung_up:.1f} s"
    return f"{times}, connected again in {second.seconds:.1f} s, MTU {mtu}"


@scenario
async def values_both_ways(desk: Desk) -> str:
    async with connected() as (_, connection):
        link = connection.link
        await link.write(b"frame.bluetooth.receive_callback(function() end) print('ready')")
        await until(lambda: connection.values)
        expect(b"".join(connection.values).strip() == b"ready", f"{connection.values}")
        await desk.outside("count_received")
        sent = [bytes([1, n]) + bytes(242) for n in range(100)]
        began = time.monotonic()
        for value in sent:
            await link.write(value)
        await link.write(sent[0], response=True)
        down = (len(sent) + 1) * 244 / (time.monotonic() - began) / 1000
        count, check = await desk.outside("count_received")
        expect((count, check) == (101, zlib.crc32(b"".join([*sent, sent[0]]))), f"received {count}")
        del connection.values[:]
        lua = "for i=1,200 do local d=string.char(i)..('x'):rep(242) while not pcall(frame.bluetooth.send,d) do end end"
        began = time.monotonic()
        await link.write(lua.encode())
        await until(lambda: len(connection.values) >= 200, 30)
        up = 200 * 244 / (time.monotonic() - began) / 1000
        expect([v[1] for v in connection.values] == list(range(1, 201)), "out of order")
        expect({len(v) for v in connection.values} == {244}, "cut short")
    return f"101 values of 244 bytes to the glasses at {down:.1f} kB/s, 200 from them at {up:.1f} kB/s, in order"


@scenario
async def link_loss(desk: Desk) -> str:
    async with connected() as (it, connection):
        lost = await connection.lost_by(desk.outside("reach", False))
        said = await fails(connection.link.write(b"x"), LinkLostError)
        away = await fails(it.connect(timeout_s=6.0), NotFoundError, "in range")
        await desk.outside("reach", True)
        again = await it.connect()
    return f"told after {lost:.1f} s, a write: {said}; away: {away}; back: {again.seconds:.1f} s"


@scenario
async def link_loss_while_writing(desk: Desk) -> str:
    return f"a write that waits for its answer: {await _write_out_of_range(desk, response=True)}"


@scenario
async def link_loss_while_streaming_without_response(desk: Desk) -> str:
    return await _write_out_of_range(desk, response=False)


async def _write_out_of_range(desk: Desk, *, response: bool) -> str:
    async with connected() as (it, connection):
        await desk.outside("reach", False)
        count = 0

        async def writes() -> None:
            nonlocal count
            while True:
                await connection.link.write(b"\x01" + bytes(243), response=response)
                count += 1

        said = await fails(writes(), LinkLostError)
        await until(lambda: connection.lost)
        await desk.outside("reach", True)
        again = await it.connect()
    return f"{count} writes were taken, then {said}; back: {again.seconds:.1f} s"


@scenario
async def glasses_restart(desk: Desk) -> str:
    async with connected() as (it, connection):
        lost = await connection.lost_by(desk.outside("restart"))
        again = await it.connect()
    return f"told after {lost:.1f} s, back in {again.seconds:.1f} s"


@scenario
async def cancelled_connect(desk: Desk) -> str:
    tries = []
    async with program() as it:
        for after in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8):
            connecting = asyncio.ensure_future(it.connect())
            await asyncio.sleep(after)
            if not connecting.cancel():
                break  # it was connected before
            began = time.monotonic()
            await asyncio.wait({connecting})
            tries.append(time.monotonic() - began)
            async with asyncio.timeout(10):
                while await desk.outside("connected") or (await desk.services.device()).get("Connected"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        await it.source.close()
        again = await it.connect()
    took = f"{min(tries):.1f} to {max(tries):.1f} s"
    return f"{len(tries)} times, each took {took} and left nothing connected; then connected in {again.seconds:.1f} s"


@scenario
async def adapter_gone(desk: Desk) -> str:
    async with connected() as (it, connection):
        lost = await connection.lost_by(desk.adapter.unplug())
        at_once = await fails(it.connect(), AdapterError)
        await asyncio.sleep(1.0)
        later = await fails(it.connect(), AdapterError, "no Bluetooth adapter")
        await desk.adapter.plug()
        await desk.services.powered()
        again = await it.connect()
    return f"told after {lost:.1f} s; then {at_once}, a second later {later}; back: {again.seconds:.1f} s"


@scenario
async def adapter_gone_while_scanning(desk: Desk) -> str:
    await desk.outside("reach", False)
    async with program() as it:
        connecting = asyncio.ensure_future(it.connect(timeout_s=7.0))
        await asyncio.sleep(1.0)
        await desk.adapter.unplug()
        return await fails(connecting, AdapterError)


@scenario
async def switched_off(desk: Desk) -> str:
    async with connected() as (it, connection):
        lost = await connection.lost_by(desk.services.switch(on=False))
        said = await fails(it.connect(), AdapterError, "switched off")
        await desk.services.switch(on=True)
        await desk.services.powered()
        again = await it.connect()
    return f"told after {lost:.1f} s; then {said}; on again: {again.seconds:.1f} s"


@scenario
async def service_killed(desk: Desk) -> str:
    return await _service_ends(desk, SIGKILL)


@scenario
async def service_restarted(desk: Desk) -> str:
    return await _service_ends(desk, SIGTERM)


async def _service_ends(desk: Desk, how: signal.Signals) -> str:
    async with connected() as (it, connection):
        try:
            told = f"told after {await connection.lost_by(desk.services.end_bluetoothd(how), 5.0):.1f} s"
        except TimeoutError:
            told = f"not told; a write: {await fails(connection.link.write(b'x'), LinkLostError)}"
        down = await fails(it.connect(), AdapterError)
        await desk.services.start_bluetoothd()
        await desk.services.powered()
        again = await it.connect()
        await again.link.write(b"print(1)")
        await until(lambda: again.values)
    return f"{told}; then {down}; started again: {again.seconds:.1f} s"


@scenario
async def bonded_elsewhere(desk: Desk) -> str:
    await desk.outside("bond_elsewhere")
    async with program() as it:
        return await fails(it.connect(), PairingError, "bonded to another one")


@scenario
async def glasses_lost_the_bond(desk: Desk) -> str:
    async with program() as it:
        await it.meet()
        await desk.outside("press_cradle_button")
        drops, said = 0, ""
        while not said:
            try:
                await desk.despite_the_kernel(it.connect)
            except LinkLostError as error:
                drops += 1
                expect(drops <= 6 and "while it was being set up" in error.message, f"drop {drops}: {error.message}")
            except PairingError as error:
                said = error.message
        expect(drops >= 2 and "share no bond" in said, f"after {drops} drops: {said}")
        await desk.services.forget_devices()
        again = await desk.despite_the_kernel(it.connect)
    seen = f"dropped {drops} times, then PairingError {said!r}; forgotten here too: {again.seconds:.1f} s"
    return seen + desk.faults_seen


@scenario
async def computer_lost_the_bond(desk: Desk) -> str:
    async with program() as it:
        await it.meet()
        await desk.services.forget_devices()
        said = await fails(it.connect(), PairingError, "")
        await desk.outside("press_cradle_button")
        again = await it.connect()
    return f"{said}; button pressed: {again.seconds:.1f} s"


@scenario
async def program_killed(desk: Desk) -> str:
    code = (
        "import asyncio\n"
        "from firmware_bridge.link_ble import BleSource\n"
        "async def main():\n"
        "    await BleSource().connect(print, print)\n"
        "    print('connected', flush=True)\n"
        "    await asyncio.sleep(100)\n"
        "asyncio.run(main())\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    expect(await child.stdout.readline() == b"connected\n", "the other program did not connect")
    child.kill()
    await child.wait()
    await asyncio.sleep(1.0)
    held = await desk.outside("connected")
    async with program() as it:
        mine = await it.connect()
        await mine.link.write(b"print('mine')")
        await until(lambda: mine.values)
    return (
        f"BlueZ {'held the connection' if held else 'let go'}; the next program was connected in {mine.seconds:.1f} s"
    )


@scenario
async def everything_at_once(desk: Desk) -> str:
    """The whole stack: upload, caption, sound, a photo, and a cut in the middle of it."""
    began = time.monotonic()
    async with Glasses(BleSource()) as glasses:
        ready = time.monotonic() - began
        upload = glasses.start.upload
        expect(upload is not None, "nothing was uploaded")
        await glasses.show(Scene((Text(1, 20, 20, "Hello over BlueZ"),)))
        async with asyncio.timeout(5):
            while not await desk.outside("lit_pixels"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        states: list[StateChange] = []
        chunks: list[AudioChunk] = []
        tasks = _collecting(glasses.states(), states), _collecting(glasses.microphone(8000, 8), chunks)
        await until(lambda: chunks)
        began = time.monotonic()
        photo = await glasses.take_photo(resolution=256, quality=Quality.LOW, exposures=0)
        taken = time.monotonic() - began
        expect(photo.jpeg[:2] == b"\xff\xd8" and photo.jpeg[-2:] == b"\xff\xd9", "the photo is not whole")
        await desk.outside("reach", False)
        await until(lambda: [s.state for s in states][:1] == ["lost"])
        await desk.outside("reach", True)
        began = time.monotonic()
        await until(lambda: "ready" in [s.state for s in states], 20)
        back = time.monotonic() - began
        expect(glasses.start.upload is None and glasses.start.was_running, f"the app did not go on: {glasses.start}")
        heard = len(chunks)
        await until(lambda: len(chunks) > heard + 3)
        await glasses.show(Scene((Text(1, 20, 20, "Back again"),)))
        for task in tasks:
            task.cancel()
        lost = glasses.lost_samples
    kept = [chunk for chunk in chunks if chunk.lost_reason is None]
    expect(all(_is_ramp(chunk) for chunk in kept), "sound came damaged")
    samples = sum(len(chunk.samples) for chunk in kept)
    return (
        f"ready in {ready:.1f} s with upload, photo of {len(photo.jpeg)} bytes in {taken:.1f} s, link back "
        f"{back:.1f} s after the glasses; {samples / 8000:.1f} s of sound whole, {lost / 8000:.2f} s lost and known"
    )


@scenario
async def service_killed_in_use(desk: Desk) -> str:
    """The whole stack again: nobody tells of the loss, and everything comes back by itself."""
    async with Glasses(BleSource()) as glasses:
        states: list[StateChange] = []
        watching = _collecting(glasses.states(), states)
        await glasses.show(Scene((Text(1, 20, 20, "Before"),)))
        began = time.monotonic()
        await desk.services.end_bluetoothd(SIGKILL)
        await until(lambda: [s.state for s in states][:1] == ["lost"])
        told = time.monotonic() - began
        await asyncio.sleep(5.0)
        await desk.services.start_bluetoothd()
        began = time.monotonic()
        await until(lambda: "ready" in [s.state for s in states], 20)
        back = time.monotonic() - began
        await glasses.show(Scene((Text(1, 20, 20, "After"),)))
        watching.cancel()
    expect(told <= 5.0 + 1.0, f"told after {told:.1f} s")
    return f"told after {told:.1f} s, in use again {back:.1f} s after the service was started"


def _collecting(source: AsyncIterator[T], into: list[T]) -> asyncio.Future[None]:
    async def collect() -> None:
        async for item in source:
            into.append(item)  # noqa: PERF401

    return asyncio.ensure_future(collect())


def _is_ramp(chunk: AudioChunk) -> bool:
    steps = np.diff(chunk.samples.astype(np.int32)) // 256
    return bool(np.all((steps == 1) | (steps == 1 - RAMP_STEPS)))


@scenario
async def out_of_range_while_connecting(desk: Desk) -> str:
    """The last one: on Linux 6.1.192 what follows is a fault of the kernel, of which bluetoothd dies."""
    async with program() as it:
        await it.meet()
        await desk.outside("leave_when_called")
        said = await fails(it.connect(timeout_s=10.0), LinkError)
        await desk.outside("reach", True)
        survived = desk.services.bluetoothd_runs
        if not survived:
            await desk.services.start_bluetoothd()
        await desk.services.powered()
        again = await it.connect()
    service = "lived on" if survived else "died of a fault in the kernel and was started again"
    return f"{said}; bluetoothd {service}; back: {again.seconds:.1f} s"
