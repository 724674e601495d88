"""Emulated glasses as a link source: connecting, losing, powering, and everything together in every kind of time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from firmware_bridge.emulator.clock import VirtualTimeLoop, run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import SCAN_MAX_S, EmulatorSource, loop_for
from firmware_bridge.errors import (
    InputError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    NotFoundError,
    PairingError,
    UriError,
)


class Host:
    """One source, and what came from it."""

    def __init__(self, uri: str = "emulator:frame") -> None:
        self.source = EmulatorSource(parse_uri(uri))
        self.values: list[bytes] = []
        self.lost: list[LinkError] = []

    async def connect(self, **options: Any) -> Any:
        return await self.source.connect(self.values.append, self.lost.append, **options)


def with_host(test: Callable[[Host], Coroutine[Any, Any, None]], uri: str = "emulator:frame") -> None:
    async def main() -> None:
        host = Host(uri)
        try:
            await test(host)
        finally:
            await host.source.close()

    run_virtual(main())


def test_connecting_takes_a_real_devices_time_and_tells_what_is_known() -> None:
    async def main(host: Host) -> None:
        link = await host.connect()
        assert 0.3 < asyncio.get_running_loop().time() < 1
        assert (link.info.kind, link.info.name, link.info.max_value_bytes) == ("emulator", "Frame 0A", 182)
        assert link.info.address.startswith("0A:")
        await link.write(b"print(frame.bluetooth.max_length())")
        await link.write(b"print('ok')", response=True)
        await asyncio.sleep(0.1)
        assert host.values == [b"ok"]

    with_host(main, "emulator:frame?name=Frame 0A&mtu=185")


def test_the_device_lives_on_across_connections() -> None:
    async def main(host: Host) -> None:
        link = await host.connect()
        await link.write(b"x = 'kept'")
        await asyncio.sleep(0.1)
        await link.disconnect()
        await link.disconnect()
        with pytest.raises(LinkLostError, match="is gone"):
            await link.write(b"y")
        again = await host.connect()
        assert again.info.nonce != link.info.nonce
        await again.write(b"print(x)")
        await asyncio.sleep(0.1)
        assert host.values == [b"kept"]
        assert host.lost == []

    with_host(main)


@pytest.mark.parametrize("size", [0, 245])
def test_values_have_a_size(size: int) -> None:
    async def main(host: Host) -> None:
        link = await host.connect()
        with pytest.raises(LocalProtocolError, match=f"a value of {size} bytes cannot be written \\(1 to 244\\)"):
            await link.write(bytes(size))

    with_host(main)


@pytest.mark.parametrize(("kind", "way_out"), [("frame", "cradle"), ("halo", "button for 5 s")])
def test_glasses_bonded_elsewhere_refuse(kind: str, way_out: str) -> None:
    """1.2: one bond; Halo has five, and a window in which others may pair."""

    async def main(host: Host) -> None:
        with pytest.raises(PairingError, match=f"{kind.title()} 4F is paired with another computer") as caught:
            await host.connect()
        assert way_out in caught.value.hint

    with_host(main, f"emulator:{kind}?paired=other")


def test_a_second_connection_finds_nobody() -> None:
    """1.1 Simultaneous links 1: advertising stops while connected."""

    async def main(host: Host) -> None:
        await host.connect()
        with pytest.raises(NotFoundError, match="Frame 4F is not in range"):
            await host.connect()

    with_host(main)


def test_out_of_range() -> None:
    """The link is lost after its supervision timeout; connecting fails meanwhile, or waits until they are back."""

    async def main(host: Host) -> None:
        loop = asyncio.get_running_loop()
        link = await host.connect()
        at = loop.time()
        host.source.faults.cut_for(20)
        await asyncio.sleep(2.1)
        assert [type(error) for error in host.lost] == [LinkLostError]
        with pytest.raises(LinkLostError):
            await link.write(b"x")
        with pytest.raises(LinkTimeoutError, match="did not connect within 1 s"):
            await host.connect(timeout_s=1)
        with pytest.raises(NotFoundError):
            await host.connect()
        assert loop.time() - at == pytest.approx(2.1 + 1 + SCAN_MAX_S, abs=0.3)
        await host.connect()
        assert 20 < loop.time() - at < 21.5

    with_host(main)


def test_cuts_can_be_planned() -> None:
    async def main(host: Host) -> None:
        await host.connect()
        await asyncio.sleep(4)
        assert host.lost == []
        await asyncio.sleep(3)
        assert len(host.lost) == 1
        await host.connect()
        assert 8 < asyncio.get_running_loop().time() < 9.5

    with_host(main, "emulator:frame?cut=5:3")


def test_a_restart_of_the_glasses_is_a_lost_link() -> None:
    """3 Watchdog, 5 Frame 15: the host hears nothing until the supervision timeout; then connects to a fresh VM."""

    async def main(host: Host) -> None:
        link = await host.connect()
        await link.write(b"x = 1")
        await asyncio.sleep(0.1)
        host.source.device.restart()
        await asyncio.sleep(1.9)
        assert host.lost == []
        await asyncio.sleep(0.2)
        assert len(host.lost) == 1
        link = await host.connect()
        await link.write(b"print(x)")
        await asyncio.sleep(0.1)
        assert host.values == [b"nil"]

    with_host(main)


def test_sleeping_glasses_are_not_found_until_tapped() -> None:
    async def main(host: Host) -> None:
        link = await host.connect()
        await link.write(b"frame.sleep()")
        await asyncio.sleep(3)
        with pytest.raises(NotFoundError):
            await host.connect()
        asyncio.get_running_loop().call_later(3, host.source.device.tap)
        await host.connect()

    with_host(main)


def test_cancelling_a_connection_leaves_nothing_connected() -> None:
    async def main(host: Host) -> None:
        task = asyncio.create_task(host.connect())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not host.source.device.bluetooth.connected
        await host.connect()

    with_host(main)


def test_faults_by_chance_happen_to_values_both_ways() -> None:
    async def main(host: Host) -> None:
        link = await host.connect()
        await link.write(b"frame.bluetooth.receive_callback(function(d) frame.bluetooth.send(d) end)", response=True)
        await asyncio.sleep(0.1)
        for n in range(100):
            await link.write(b"\x01%d" % n)
            await asyncio.sleep(0.1)
        assert 40 < len(host.values) < 90
        assert host.source.faults.counts["drop"] > 10

    with_host(main, "emulator:frame?faults=drop:0.15&seed=3")


def test_virtual_time_must_be_asked_for_where_it_is() -> None:
    async def make(uri: str) -> None:
        await EmulatorSource(parse_uri(uri)).close()

    with pytest.raises(UriError, match="speed=max needs virtual time") as caught:
        asyncio.run(make("emulator:frame?speed=max"))
    assert "run_virtual" in caught.value.hint
    run_virtual(make("emulator:frame?speed=max"))
    run_virtual(make("emulator:frame"))
    with pytest.raises(UriError, match="speed=4 is not possible in virtual time"):
        run_virtual(make("emulator:frame?speed=4"))


def test_the_address_chooses_the_loop() -> None:
    assert loop_for("emulator:frame?speed=max") is VirtualTimeLoop
    assert loop_for("emulator:frame") is asyncio.new_event_loop
    assert loop_for("ble:Frame 4F") is asyncio.new_event_loop


@pytest.mark.parametrize("part", ["mic", "camera", "taps", "head"])
def test_a_file_that_is_not_there_is_an_error_at_once(part: str, tmp_path: Path) -> None:
    async def main() -> None:
        EmulatorSource(parse_uri(f"emulator:frame?{part}={quote(str(tmp_path / 'none.x'))}"))

    with pytest.raises(InputError, match=r"none\.x"):
        run_virtual(main())


def test_files_are_kept_between_runs(tmp_path: Path) -> None:
    uri = f"emulator:frame?flash={quote(str(tmp_path / 'state'))}"

    async def store(host: Host) -> None:
        link = await host.connect()
        await link.write(b"f = frame.file.open('a.lua', 'w') f:write('return 42') f:close()")
        await asyncio.sleep(2)

    async def read(host: Host) -> None:
        link = await host.connect()
        await link.write(b"print(require('a'))")
        await asyncio.sleep(1)
        assert host.values == [b"42"]

    with_host(store, uri)
    with_host(read, uri)


STREAM = (
    b"frame.microphone.start{sample_rate = 16000, bit_depth = 16} while true do local d = frame.microphone.read(240) "
    b"if d == '' then frame.sleep(0.001) else "
    b"while not pcall(frame.bluetooth.send, d) do frame.sleep(0.001) end end end"
)


async def stream(uri: str, seconds: float) -> tuple[list[tuple[float, bytes]], Any]:
    """Sound from the glasses for so many device seconds."""
    host = Host(uri)
    clock = host.source.device.now
    heard: list[tuple[float, bytes]] = []
    link = await host.source.connect(lambda value: heard.append((clock(), value)), host.lost.append)
    await link.write(STREAM)
    start = clock()
    while clock() - start < seconds:  # noqa: ASYNC110 - device time, which may not be the loop's
        await asyncio.sleep(0.02)
    counters = host.source.device.counters
    await host.source.close()
    return heard, counters


def test_two_virtual_runs_are_bit_identical() -> None:
    uri = "emulator:frame?loss=0.05&faults=drop:0.01,corrupt:0.01&seed={}"
    first = run_virtual(stream(uri.format(1), 5))
    assert first == run_virtual(stream(uri.format(1), 5))
    assert first[0] != run_virtual(stream(uri.format(2), 5))[0]
    assert len(first[0]) > 500


def test_runs_in_other_processes_are_bit_identical_too() -> None:
    """Addresses and hash seeds differ from process to process; nothing may hang on them."""
    program = (
        "import hashlib, test_source as t\n"
        "from firmware_bridge.emulator.clock import run_virtual\n"
        "seen = run_virtual(t.stream('emulator:frame?loss=0.05&seed=1', 2))\n"
        "print(hashlib.sha256(repr(seen).encode()).hexdigest())\n"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])

    def run(seed: int) -> str:
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": str(seed)}
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True, timeout=60
        ).stdout

    digest = run(1)
    assert len(digest) == 65
    assert digest == run(2)


def test_ten_devices_run_in_one_process() -> None:
    async def main() -> list[tuple[list[tuple[float, bytes]], Any]]:
        return await asyncio.gather(*(stream(f"emulator:frame?seed={n}", 2) for n in range(10)))

    results = run_virtual(main())
    assert len({bytes(heard[100][1]) for heard, _ in results}) == 10
    assert all(sum(len(value) for _, value in heard) > 60_000 for heard, _ in results)


@pytest.mark.parametrize(("uri", "seconds", "real_s"), [("emulator:frame", 1, 1), ("emulator:frame?speed=5", 5, 1)])
def test_real_time_and_faster(uri: str, seconds: float, real_s: float) -> None:
    """The same device in real time and faster: the sound of so many device seconds, in about the real time it takes."""
    start = time.monotonic()
    heard, _ = asyncio.run(stream(uri, seconds))
    assert sum(len(value) for _, value in heard) > 32_000 * seconds * 0.7
    assert time.monotonic() - start > real_s * 0.9
