"""What every link to the glasses does, tested on each: in this process, over Bluetooth stacks, between processes."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from link_rigs import BLUETOOTH, RIGS, LentFrames, with_rig

from firmware_bridge import AudioChunk, Glasses, Scene, Text
from firmware_bridge.errors import (
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    NotFoundError,
    PairingError,
)
from firmware_bridge.link import Link, LinkSource

FRAME = "emulator:frame"
ECHO = b"frame.bluetooth.receive_callback(function(d) frame.bluetooth.send(d) end)"
on_every_link = pytest.mark.parametrize("kind", RIGS)
over_bluetooth = pytest.mark.parametrize("kind", BLUETOOTH)


Run = Callable[[str, str, Callable[[Any], Awaitable[None]]], None]


@pytest.fixture(scope="module")
def frames() -> Iterator[LentFrames]:
    lent = LentFrames()
    yield lent
    lent.close()


@pytest.fixture
def run(frames: LentFrames, tmp_path: Path) -> Run:
    """Run a test body with a rig: the kind, the emulated Frame, the body."""
    return lambda kind, uri, body: with_rig(kind, uri, body, frames, tmp_path)


class Host:
    """A computer with one connection: what came, and why it broke."""

    def __init__(self, source: LinkSource) -> None:
        self.source = source
        self.values: asyncio.Queue[bytes] = asyncio.Queue(1000)
        self.losses: list[LinkError] = []
        self.lost = asyncio.Event()

    async def connect(self, timeout_s: float = 10.0) -> Link:
        return await self.source.connect(self.values.put_nowait, self._lost, timeout_s=timeout_s)

    async def next(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.values.get()

    def _lost(self, error: LinkError) -> None:
        self.losses.append(error)
        self.lost.set()


@on_every_link
def test_values_cross_in_order_both_ways_by_both_kinds_of_write(kind: str, run: Run) -> None:
    async def body(rig: Any) -> None:
        host = Host(rig.source())
        link = await host.connect()
        assert link.info.name == "Frame 4F"
        assert link.info.address == "4F:52:41:4D:45:46"
        assert link.info.max_value_bytes == 244
        await link.write(ECHO, response=True)
        sent = [bytes([1]) + bytes([n]) * (1 + n * 30 % 243) for n in range(24)]
        for n, value in enumerate(sent):
            await link.write(value, response=n % 2 == 0)
            assert await host.next() == value
        await link.write(b"for n=1,40 do while not pcall(frame.bluetooth.send,string.char(n)) do end end")
        assert [await host.next() for _ in range(40)] == [bytes([1, n]) for n in range(1, 41)]
        await link.disconnect()
        await link.disconnect()
        assert host.losses == []
        await host.source.close()

    run(kind, FRAME, body)


@on_every_link
@pytest.mark.parametrize(("mtu", "largest"), [(100, 97), (23, 20)])
def test_the_largest_value_follows_the_mtu(kind: str, mtu: int, largest: int, run: Run) -> None:
    async def body(rig: Any) -> None:
        host = Host(rig.source())
        link = await host.connect()
        assert link.info.max_value_bytes == largest
        await link.write(b"print(#'" + b"x" * (largest - 10) + b"')", response=True)
        assert await host.next() == str(largest - 10).encode()
        for wrong in (b"", b"x" * (largest + 1)):
            with pytest.raises(LocalProtocolError):
                await link.write(wrong)
        await link.disconnect()
        await host.source.close()

    run(kind, f"{FRAME}?mtu={mtu}", body)


@on_every_link
def test_a_broken_link_ends_what_waits_and_is_told_once(kind: str, run: Run) -> None:
    async def body(rig: Any) -> None:
        host = Host(rig.source())
        for _ in range(2):
            link = await host.connect()
            await link.write(b"print('here')", response=True)
            assert await host.next() == b"here"
            writes = [asyncio.ensure_future(link.write(b"--" + bytes(60), response=True)) for _ in range(3)]
            writes += [asyncio.ensure_future(link.write(b"--" + bytes(60))) for _ in range(30)]
            await rig.do("drop")
            async with asyncio.timeout(5):
                results = await asyncio.gather(*writes, return_exceptions=True)
                await host.lost.wait()
            assert {type(result) for result in results} <= {LinkLostError, type(None)}
            assert isinstance(results[2], LinkLostError)
            with pytest.raises(LinkLostError):
                await link.write(b"x")
            await link.disconnect()
            assert len(host.losses) == 1
            assert isinstance(host.losses.pop(), LinkLostError)
            host.lost.clear()
        await host.source.close()

    run(kind, FRAME, body)


@on_every_link
def test_out_of_range_is_noticed_after_the_supervision_timeout_and_the_same_glasses_are_found_again(
    kind: str, run: Run
) -> None:
    async def body(rig: Any) -> None:
        host = Host(rig.source())
        link = await host.connect()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await rig.do("away 2.6")
        async with asyncio.timeout(5):
            await host.lost.wait()
        assert 1.8 <= loop.time() - began <= 2.5
        again = await host.connect()
        assert again.info.address == link.info.address
        assert again.info.nonce != link.info.nonce
        await again.write(b"print('back')", response=True)
        assert await host.next() == b"back"
        await again.disconnect()
        await host.source.close()

    run(kind, FRAME, body)


@on_every_link
def test_glasses_that_restart_are_lost_and_found(kind: str, run: Run) -> None:
    async def body(rig: Any) -> None:
        host = Host(rig.source())
        link = await host.connect()
        await link.write(b"x=1;print(x)", response=True)
        assert await host.next() == b"1"
        await rig.do("restart")
        async with asyncio.timeout(5):
            await host.lost.wait()
        link = await host.connect()
        await link.write(b"print(x)", response=True)
        assert await host.next() == b"nil"
        await link.disconnect()
        await host.source.close()

    run(kind, FRAME, body)


@on_every_link
def test_cancelling_a_connect_at_any_moment_leaves_nothing_connected(kind: str, run: Run) -> None:
    steps = (0.02, 0.1, 0.25) if kind == "bumble-between-processes" else [n * 0.017 for n in range(40)]

    async def body(rig: Any) -> None:
        for after_s in steps:
            host = Host(rig.source())
            attempt = asyncio.ensure_future(host.connect())
            await asyncio.sleep(after_s)
            attempt.cancel()
            result = (await asyncio.gather(attempt, return_exceptions=True))[0]
            if isinstance(result, asyncio.CancelledError):
                assert host.losses == []
            else:
                assert not isinstance(result, BaseException)
                await result.disconnect()
        link = await host.connect()
        await link.write(b"print('still here')", response=True)
        assert await host.next() == b"still here"
        await link.disconnect()
        await host.source.close()

    run(kind, FRAME, body)


@on_every_link
def test_a_connect_ends_when_its_time_is_over(kind: str, run: Run) -> None:
    async def body(rig: Any) -> None:
        await rig.do("away 1.5")
        host = Host(rig.source())
        with pytest.raises((NotFoundError, LinkTimeoutError)):
            await host.connect(1.0)
        await host.source.close()

    run(kind, FRAME, body)


@on_every_link
def test_glasses_that_are_bonded_to_another_computer_refuse(kind: str, run: Run) -> None:
    async def body(rig: Any) -> None:
        host = Host(rig.source())
        with pytest.raises(PairingError):
            await host.connect()
        assert host.losses == []
        await host.source.close()

    run(kind, f"{FRAME}?paired=other", body)


@over_bluetooth
def test_one_connection_and_one_bond(kind: str, run: Run) -> None:
    async def body(rig: Any) -> None:
        first, second = Host(rig.source()), Host(rig.other_computer())
        link = await first.connect()
        with pytest.raises(NotFoundError):  # whoever is connected does not advertise
            await second.connect(1.0)
        await link.disconnect()
        with pytest.raises(PairingError):
            await second.connect()
        link = await first.connect()  # the bond is still the first one's
        await link.disconnect()
        await rig.do("button")
        with pytest.raises(PairingError) as caught:
            await first.connect()
        assert "share no bond" in caught.value.message
        link = await second.connect()
        await link.disconnect()
        with pytest.raises(PairingError):
            await first.connect()
        await first.source.close()
        await second.source.close()

    run(kind, FRAME, body)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "noise.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.random.default_rng(3).integers(-9000, 9000, 12 * 16000, dtype=np.int16).tobytes())
    return path


@on_every_link
def test_the_whole_stack_shows_hears_and_sees(kind: str, noise: Path, run: Run) -> None:
    async def body(rig: Any) -> None:
        async with Glasses(rig.source()) as glasses:
            assert glasses.start.upload is not None
            await glasses.show(Scene((Text(1, 1, 1, "Hello"),)))
            photo = await glasses.take_photo()
            assert photo.jpeg.endswith(b"\xff\xd9")
            with wave.open(str(noise), "rb") as file:
                spoken = file.readframes(file.getnframes())
            lost = 0
            async for chunk in heard(glasses, 16000):
                if chunk.lost_reason is not None:
                    lost += len(chunk.samples)
                elif chunk.bits == 16:
                    assert chunk.samples.tobytes() in spoken
            assert glasses.lost_samples == lost
            # A computer that is away for seconds is a slow radio to another process: test_confined_time.py has no such.
            assert lost == 0 or kind == "bumble-between-processes"
        if kind != "emulator":  # which is switched off with its source
            async with Glasses(rig.source()) as glasses:
                assert glasses.start.upload is None

    run(kind, f"{FRAME}?mic={noise}", body)


async def heard(glasses: Glasses, count: int) -> AsyncIterator[AudioChunk]:
    """What the microphone gives until it is at least so many samples."""
    async for chunk in glasses.microphone():
        yield chunk
        count -= len(chunk.samples)
        if count <= 0:
            return
