"""bleak on Bumble, as a program that knows only bleak meets it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

import bleak
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bumble.core import AdvertisingData
from bumble.device import Advertisement
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.bumble_radio import adapter_at, backends, use_by_default
from firmware_bridge.bumble_radio.adapter import transport_spec
from firmware_bridge.bumble_radio.scanner import read_advertisement
from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.hci_server import MAX_PROGRAMS, HciServer
from firmware_bridge.emulator.on_air import on_air
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.gatt import NOTIFY_UUID, SERVICE_UUID, WRITE_UUID

FRAME = "emulator:frame"
ROOT = Path(__file__).parents[2]


class Bleak:
    """bleak's classes on one computer's adapter, and the Frame they can find."""

    def __init__(self, frame: BluetoothFrame) -> None:
        self.frame = frame
        self.adapter = frame.computer()
        self.scanner, self.client = backends(lambda: self.adapter)
        self.gone: list[BleakClient] = []

    async def find(self) -> Any:
        return await BleakScanner.find_device_by_name("Frame 4F", backend=self.scanner)

    def make(self, device: Any, **options: Any) -> BleakClient:
        return BleakClient(device, self.gone.append, backend=self.client, **options)


def with_bleak(body: Callable[[Bleak], Awaitable[None]], uri: str = FRAME) -> None:
    async def main() -> None:
        frame = BluetoothFrame(parse_uri(uri))
        await frame.start()
        await asyncio.sleep(0.3)
        await body(Bleak(frame))
        await frame.close()

    run_virtual(main())


def test_a_scan_tells_all_that_is_advertised() -> None:
    async def body(bleak: Bleak) -> None:
        found = await BleakScanner.discover(1.0, return_adv=True, backend=bleak.scanner)
        device, data = found["4F:52:41:4D:45:46"]
        assert (device.name, data.local_name, data.rssi, data.service_uuids) == (
            "Frame 4F",
            "Frame 4F",
            -50,
            [SERVICE_UUID],
        )
        assert await BleakScanner.discover(0.3, service_uuids=[SERVICE_UUID], backend=bleak.scanner)
        assert not await BleakScanner.discover(0.3, service_uuids=["180d"], backend=bleak.scanner)
        assert await BleakScanner.discover(0.3, scanning_mode="passive", backend=bleak.scanner)
        await asyncio.gather(*(bleak.find() for _ in range(3)))  # one adapter, several scanners
        bleak.frame.faults.cut_for(5)
        assert not await BleakScanner.discover(1.0, backend=bleak.scanner)

    with_bleak(body)


@pytest.mark.parametrize("pair", [True, False])
def test_a_program_connects_writes_and_is_notified(pair: bool) -> None:  # noqa: FBT001
    async def body(bleak: Bleak) -> None:
        client = bleak.make(await bleak.find(), pair=pair)
        async with client:
            assert client.is_connected
            assert (client.name, client.address, client.mtu_size) == ("Frame 4F", "4F:52:41:4D:45:46", 247)
            service = client.services.get_service(SERVICE_UUID)
            assert [(c.uuid, c.properties) for c in service.characteristics] == [
                (WRITE_UUID, ["write-without-response", "write"]),
                (NOTIFY_UUID, ["notify"]),
            ]
            assert service.characteristics[0].max_write_without_response_size == 244
            assert client.services.get_service("1800") is not None
            came: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(9)
            await client.start_notify(NOTIFY_UUID, lambda c, v: came.put_nowait((c.uuid, bytes(v))))
            await client.write_gatt_char(WRITE_UUID, bytearray(b"print('with')"), response=True)
            assert await came.get() == (NOTIFY_UUID, b"with")
            await client.write_gatt_char(WRITE_UUID, memoryview(b"print('without')"), response=False)
            assert await came.get() == (NOTIFY_UUID, b"without")
            await client.stop_notify(NOTIFY_UUID)
            await client.write_gatt_char(WRITE_UUID, b"print('nobody listens')", response=True)
            await asyncio.sleep(0.2)
            assert came.empty()
            assert bytes(await client.read_gatt_char("2a00")) == b"Frame 4F"
        assert not client.is_connected
        assert bleak.gone == [client]

    with_bleak(body)


def test_the_same_client_connects_again_and_an_address_is_enough() -> None:
    async def body(bleak: Bleak) -> None:
        client = bleak.make("4f:52:41:4d:45:46")
        for _ in range(2):
            await client.connect()
            await client.write_gatt_char(WRITE_UUID, b"x=1", response=True)
            await client.disconnect()
        assert bleak.gone == [client, client]
        with pytest.raises(BleakDeviceNotFoundError):
            await bleak.make("00:11:22:33:44:55", timeout=3).connect()

    with_bleak(body)


def test_errors_are_those_of_bleak() -> None:
    async def body(bleak: Bleak) -> None:
        client = bleak.make(await bleak.find())
        with pytest.raises(BleakError, match="Service Discovery has not been performed yet"):
            await client.write_gatt_char(WRITE_UUID, b"x")
        await client.disconnect()
        await client.connect()
        with pytest.raises(BleakError, match="already connected"):
            await client.connect()
        with pytest.raises(BleakCharacteristicNotFoundError):
            await client.write_gatt_char("7a230009-5475-a6a4-654c-8431f6ad49c4", b"x")
        with pytest.raises(BleakGATTProtocolError) as caught:
            await client.read_gatt_char(WRITE_UUID)
        assert caught.value.code.name == "READ_NOT_PERMITTED"
        with pytest.raises(BleakGATTProtocolError) as caught:
            await client.write_gatt_char(WRITE_UUID, bytes(300), response=True)
        assert caught.value.code.name == "REQUEST_NOT_SUPPORTED"
        with pytest.raises(BleakError, match="300 bytes is too long"):
            await client.write_gatt_char(WRITE_UUID, bytes(300), response=False)
        await client.start_notify(NOTIFY_UUID, lambda *_: None)
        with pytest.raises(BleakError, match="already started"):
            await client.start_notify(NOTIFY_UUID, lambda *_: None)
        await client.stop_notify(NOTIFY_UUID)
        with pytest.raises(BleakError, match="never started"):
            await client.stop_notify(NOTIFY_UUID)
        await client.unpair()
        assert not client.is_connected
        with pytest.raises(BleakError, match="Could not pair with device: PAIRING_NOT_SUPPORTED"):
            await bleak.make(await bleak.find(), pair=True).connect()

    with_bleak(body)


def test_a_bond_that_the_glasses_lost_is_told_and_forgotten_by_unpair() -> None:
    async def body(bleak: Bleak) -> None:
        async with bleak.make(await bleak.find(), pair=True):
            pass
        bleak.frame.press_cradle_button()
        await asyncio.sleep(1)
        client = bleak.make(await bleak.find())
        await client.connect()
        with pytest.raises(BleakError, match="Could not pair with device: PIN_OR_KEY_MISSING"):
            await client.start_notify(NOTIFY_UUID, lambda *_: None)
        await client.unpair()
        async with bleak.make(await bleak.find(), pair=True) as client:
            await client.write_gatt_char(WRITE_UUID, b"x=1", response=True)

    with_bleak(body)


def test_a_callback_that_fails_does_not_end_the_link() -> None:
    async def body(bleak: Bleak) -> None:
        told: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(str(context["exception"])))

        def fails(_characteristic: Any, value: bytearray) -> None:
            raise ValueError(value.decode())

        async with bleak.make(await bleak.find()) as client:
            await client.start_notify(NOTIFY_UUID, fails)
            for _ in range(2):
                await client.write_gatt_char(WRITE_UUID, b"print('ouch')", response=True)
                await asyncio.sleep(0.1)
        assert told == ["ouch", "ouch"]

    with_bleak(body)


@pytest.mark.parametrize("moment_ms", range(0, 480, 12))
def test_a_link_that_goes_at_any_moment_ends_in_an_error_of_bleak(moment_ms: int) -> None:
    async def body(bleak: Bleak) -> None:
        device = await bleak.find()
        client = bleak.make(device, timeout=5)
        connected = False

        async def use() -> None:
            nonlocal connected
            await client.connect()
            connected = True
            await client.start_notify(NOTIFY_UUID, lambda *_: None)
            while True:
                await client.write_gatt_char(WRITE_UUID, bytes(200), response=False)
                await client.write_gatt_char(WRITE_UUID, b"x=1", response=True)

        work = asyncio.ensure_future(use())
        await asyncio.sleep(moment_ms / 1000)
        bleak.frame.faults.cut_now()
        while not work.done():  # a cut before the connection is there changes nothing
            await asyncio.wait([work], timeout=1)
            bleak.frame.faults.cut_now()
        with pytest.raises((BleakError, TimeoutError)):
            work.result()
        assert not client.is_connected
        assert bleak.gone == [client] * connected
        async with bleak.make(await bleak.find()) as again:
            await again.write_gatt_char(WRITE_UUID, b"x=1", response=True)

    with_bleak(body)


def test_writing_without_response_waits_for_the_radio_and_its_queue_stays_short() -> None:
    async def body(bleak: Bleak) -> None:
        async with bleak.make(await bleak.find(), pair=True) as client:
            loop = asyncio.get_running_loop()
            began = loop.time()
            queue = bleak.adapter._host._device.host.le_acl_packet_queue
            for _ in range(100):
                await client.write_gatt_char(WRITE_UUID, bytes(244), response=False)
                assert queue.pending <= queue.max_in_flight
            assert 0.3 <= loop.time() - began <= 0.4  # 4 in 15 ms

    with_bleak(body)


def test_an_adapter_that_goes_ends_what_waits_and_is_missed(tmp_path: Path) -> None:
    async def main() -> None:
        frame = BluetoothFrame(parse_uri(FRAME))
        await frame.start()
        server = HciServer(frame.plug_in)
        await server.start()
        where = f"tcp:127.0.0.1:{server.port}"
        scanner, client_type = backends(lambda: adapter_at(where, tmp_path / "keys.json"))
        gone = asyncio.Event()
        device = await BleakScanner.find_device_by_name("Frame 4F", backend=scanner)
        client = BleakClient(device, lambda _: gone.set(), backend=client_type)
        await client.connect()
        idle = BleakScanner(backend=scanner)
        await idle.start()
        work = asyncio.ensure_future(client.write_gatt_char("2a00", b"x", response=True))
        await asyncio.sleep(0)
        await server.close()
        async with asyncio.timeout(5):
            with pytest.raises(BleakError):
                await work
            await gone.wait()
        await idle.stop()
        for again in (BleakScanner(backend=scanner).start(), BleakClient(device, backend=client_type).connect()):
            with pytest.raises(BleakBluetoothNotAvailableError, match=f"no Bluetooth controller at {where}"):
                await again
        await frame.close()

    asyncio.run(main())


def test_more_programs_than_there_is_room_for_are_turned_away() -> None:
    async def main() -> None:
        frame = BluetoothFrame(parse_uri(FRAME))
        server = HciServer(frame.plug_in)
        await server.start()
        sockets = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(MAX_PROGRAMS + 1)]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await sockets[-1][0].readexactly(1)
        sockets[0][1].write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await sockets[0][0].readexactly(1)
        reset = b"\x01\x03\x0c\x00"
        sockets[1][1].write(reset)
        assert await sockets[1][0].readexactly(7) == b"\x04\x0e\x04\x01\x03\x0c\x00"
        await server.close()
        for _, writer in sockets:
            writer.close()
        await frame.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "where", ["tcp:10.0.0.1:9600", "tcp:127.0.0.1:0", "tcp:127.0.0.1:70000", "hci0", "", "usb:0;x"]
)
def test_a_place_that_is_no_adapter(where: str) -> None:
    with pytest.raises(ValueError, match="is no Bluetooth adapter"):
        transport_spec(where)


def test_bonds_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    file = tmp_path / "bonds.json"
    file.write_text("{broken")

    async def body(bleak: Bleak) -> None:
        adapter = bleak.frame.computer(keys=file)
        scanner, _ = backends(lambda: adapter)
        with pytest.raises(BleakBluetoothNotAvailableError, match=r"bonds\.json cannot be read"):
            await BleakScanner.discover(0.1, backend=scanner)

    with_bleak(body)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=29)), max_size=6), st.binary(max_size=31))
def test_any_advertisement_can_be_read(structures: list[tuple[int, bytes]], raw: bytes) -> None:
    for data in (bytes(AdvertisingData(structures)), raw):
        advertisement = Advertisement(address=None, rssi=-60)  # type: ignore[arg-type]
        advertisement.data = AdvertisingData.from_bytes(data)
        read = read_advertisement(advertisement)
        assert read.rssi == -60
        assert all(len(name) == 36 for name in [*read.service_uuids, *read.service_data])


PROGRAM = f"""
import asyncio, json, sys
from bleak import BleakClient, BleakScanner

async def main():
    device = await BleakScanner.find_device_by_name("Frame 4F")
    async with BleakClient(device) as client:
        came = asyncio.Queue()
        await client.start_notify("{NOTIFY_UUID}", lambda _, value: came.put_nowait(bytes(value)))
        await client.write_gatt_char("{WRITE_UUID}", b"print('from another program')")
        print(json.dumps([sys.argv[1:], client.mtu_size, (await came.get()).decode()]))

asyncio.run(main())
"""


def test_an_unchanged_program_runs_through_the_launcher(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    launcher = [sys.executable, "-m", "firmware_bridge.bumble_radio", "--keys", str(tmp_path / "keys.json")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    async def main() -> list[tuple[int, str, str]]:
        results = []
        async with on_air(parse_uri(FRAME), "tcp:127.0.0.1:0") as lent:
            for words in ([lent.where, "program.py", "--its", "own"], [lent.where, "-m", "program"]):
                process = await asyncio.create_subprocess_exec(
                    *launcher, *words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
                out, err = await process.communicate()
                results.append((process.returncode, out.decode(), err.decode()))
        return results

    first, second = asyncio.run(main())
    assert first[0] == second[0] == 0, (first, second)
    assert json.loads(first[1]) == [["--its", "own"], 247, "from another program"]
    assert json.loads(second[1]) == [[], 247, "from another program"]
    assert first[2] == second[2] == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [(["hci0", "x.py"], "'hci0' is no Bluetooth adapter"), (["tcp:127.0.0.1:9600"], "which program?")],
)
def test_the_launcher_says_what_is_wrong(words: list[str], message: str) -> None:
    process = subprocess.run(  # noqa: PLW1510 - its code is what is tested
        [sys.executable, "-m", "firmware_bridge.bumble_radio", *words], capture_output=True, text=True, cwd=ROOT
    )
    assert process.returncode == 2
    assert message in process.stderr


def test_bleak_still_has_the_names_that_are_replaced() -> None:
    undo = use_by_default(lambda: pytest.fail("no adapter is needed for this"))
    assert bleak.get_platform_scanner_backend_type()[1] == "bumble"
    assert bleak.get_platform_client_backend_type()[1] == "bumble"
    undo()
    assert "get_platform_scanner_backend_type" in BleakScanner.__init__.__code__.co_names
    assert "get_platform_client_backend_type" in BleakClient.__init__.__code__.co_names
