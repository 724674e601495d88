"""The emulated Frame as a Bluetooth device, seen from a bare host stack: device reference 1.1 to 1.4."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from bumble import att, hci
from bumble.core import UUID, ProtocolError
from bumble.device import Advertisement, Connection, Peer
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.bumble_radio.host import PairingFailedError
from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame, frame_address
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.gatt_peripheral import advertising_data
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.gatt import NOTIFY_UUID, SERVICE_UUID, WRITE_UUID

FRAME = "emulator:frame"
CCCD = UUID("2902")


def with_frame(body: Callable[[BluetoothFrame], Awaitable[None]], uri: str = FRAME) -> None:
    async def main() -> None:
        frame = BluetoothFrame(parse_uri(uri))
        await frame.start()
        await asyncio.sleep(0.3)  # its Lua has started
        await body(frame)
        await frame.close()

    run_virtual(main())


class Central:
    """A host with one connection."""

    def __init__(self, host: Any, connection: Connection) -> None:
        self.host = host
        self.connection = connection
        self.peer = Peer(connection)
        self.ended: list[int] = []
        connection.on(Connection.EVENT_DISCONNECTION, self.ended.append)

    async def discover(self) -> None:
        await self.peer.discover_services([UUID(SERVICE_UUID)])
        for characteristic in await self.peer.discover_characteristics():
            await characteristic.discover_descriptors()
        self.write = self.peer.get_characteristics_by_uuid(UUID(WRITE_UUID))[0]
        self.notify = self.peer.get_characteristics_by_uuid(UUID(NOTIFY_UUID))[0]

    async def refused(self, access: Awaitable[Any]) -> int:
        with pytest.raises(att.ATT_Error) as caught:
            await access
        return int(caught.value.error_code)


@asynccontextmanager
async def central(frame: BluetoothFrame, number: int = 1, computer: Any = None) -> Any:
    adapter = computer or frame.computer(number)
    host = await adapter.acquire()
    try:
        made = Central(host, await host.connect(frame_address(frame.device.bluetooth.address)))
        await made.discover()
        yield made
        if not made.ended:
            await made.connection.disconnect()
    finally:
        adapter.release(host)


@pytest.mark.reference("1.1 name", "1.1 advertising")
def test_advertising_is_what_the_reference_lists() -> None:
    data = advertising_data("Frame 4F")
    name, flags, service = (
        b"\x09\x09Frame 4F",
        b"\x02\x01\x06",
        b"\x11\x07" + bytes.fromhex("c449adf631848c654ca6a6540100237a"[::1]),
    )
    assert len(data) == 31
    assert data[:13] == name + flags
    assert data[13:15] == service[:2]
    assert data[15:][::-1].hex() == SERVICE_UUID.replace("-", "")


@pytest.mark.reference("1.1 interval", "1.1 one link")
def test_advertising_comes_every_20_ms_and_a_bit_and_again_after_a_connection() -> None:
    async def body(frame: BluetoothFrame) -> None:
        adapter = frame.computer()
        host = await adapter.acquire()
        loop = asyncio.get_running_loop()
        heard: list[tuple[float, Advertisement]] = []

        def note(advertisement: Advertisement) -> None:
            heard.append((loop.time(), advertisement))

        await host.listen(note, active=True)
        await asyncio.sleep(3)
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(heard)]
        assert min(gaps) >= 0.020
        assert max(gaps) <= 0.0301
        assert 0.024 <= sum(gaps) / len(gaps) <= 0.026
        assert {bytes(a.data) for _, a in heard} == {advertising_data("Frame 4F")}
        assert {str(a.address) for _, a in heard} == {"4F:52:41:4D:45:46/P"}
        assert all(a.is_connectable for _, a in heard)
        connection = await host.connect(heard[0][1].address)
        await asyncio.sleep(0.1)
        heard.clear()
        await asyncio.sleep(0.5)
        assert heard == []
        await connection.disconnect()
        await asyncio.sleep(0.2)
        assert heard
        await host.listen_no_more(note)
        adapter.release(host)

    with_frame(body)


@pytest.mark.parametrize(
    ("text", "static", "address"),
    [
        ("4F:52:41:4D:45:46", False, "4F:52:41:4D:45:46/P"),
        ("C4:52:41:4D:45:46", False, "C4:52:41:4D:45:46"),
        ("4F:52:41:4D:45:46", True, "CF:52:41:4D:45:46"),
    ],
)
@pytest.mark.reference("1.1 address")
def test_an_address_is_random_static_where_it_can_be(text: str, static: bool, address: str) -> None:  # noqa: FBT001
    assert str(frame_address(text, static=static)) == address


@pytest.mark.reference("1.2 security", "1.1 write", "1.1 notify")
def test_the_frame_asks_for_security_at_once_and_nothing_works_without() -> None:
    async def body(frame: BluetoothFrame) -> None:
        asked: list[int] = []
        adapter = frame.computer()
        host = await adapter.acquire()
        connection = await host.connect(frame_address(frame.device.bluetooth.address))
        connection.on(Connection.EVENT_SECURITY_REQUEST, asked.append)
        await asyncio.sleep(0.02)
        assert asked == [0b0001]  # bonding, without protection against a man in the middle
        computer = Central(host, connection)
        await computer.discover()
        cccd = computer.notify.get_descriptor(CCCD)
        assert await computer.refused(computer.write.write_value(b"print(1)", with_response=True)) == 0x05
        assert await computer.refused(cccd.write_value(b"\x01\x00", with_response=True)) == 0x05
        await computer.write.write_value(b"x = 1")
        await connection.pair()
        assert connection.is_encrypted
        await computer.peer.request_mtu(517)
        came: list[bytes] = []
        await computer.notify.subscribe(came.append)
        await computer.write.write_value(b"print(x)", with_response=True)
        await asyncio.sleep(0.1)
        assert came == [b"nil"]  # the unencrypted write was ignored
        await connection.disconnect()
        # Bonded, but not yet encrypted this time.
        async with central(frame, computer=adapter) as again:
            assert await again.refused(again.write.write_value(b"print(1)", with_response=True)) == 0x0F
            await again.host.secure(again.connection)
            await again.write.write_value(b"print(1)", with_response=True)
        adapter.release(host)

    with_frame(body)


@pytest.mark.reference("1.1 write", "1.1 notify", "1.3 MTU")
def test_what_may_not_be_read_or_written_is_refused() -> None:
    async def body(frame: BluetoothFrame) -> None:
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            assert await computer.peer.request_mtu(517) == 247
            client = computer.peer.gatt_client
            assert await computer.refused(computer.notify.write_value(b"x", with_response=True)) == 0x03
            assert await computer.refused(computer.write.read_value()) == 0x02
            assert await computer.refused(computer.notify.read_value()) == 0x02
            prepare = att.ATT_Prepare_Write_Request(
                attribute_handle=computer.write.handle, value_offset=0, part_attribute_value=b"x"
            )
            assert (await client.send_request(prepare)).error_code == 0x06
            await computer.write.write_value(b"y" * 244, with_response=True)
            assert await computer.notify.get_descriptor(CCCD).read_value() == b"\x00\x00"

    with_frame(body)


@pytest.mark.reference("1.2 splash")
def test_pairing_shows_on_the_lens_and_stops_the_wiping_of_files() -> None:
    async def body(frame: BluetoothFrame) -> None:
        before = frame.device.display.picture()
        assert not frame.device.files.paired
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            await asyncio.sleep(0.1)
            assert frame.device.files.paired
            assert (frame.device.display.picture() != before).any()

    with_frame(body)


@pytest.mark.reference("1.2 one bond", "1.2 bond erased")
def test_the_bond_and_the_files_last_in_the_flash_folder(tmp_path: Any) -> None:
    flash = tmp_path / "flash"
    uri = f"{FRAME}?flash={flash}"
    keys = tmp_path / "keys.json"

    async def first(frame: BluetoothFrame) -> None:
        async with central(frame, computer=frame.computer(keys=keys)) as computer:
            await computer.host.secure(computer.connection)
            await computer.peer.request_mtu(517)
            await computer.write.write_value(b"f=frame.file.open('a.txt','w');f:write('kept');f:close()", True)
            await asyncio.sleep(0.5)

    async def second(frame: BluetoothFrame) -> None:
        async with central(frame, 2) as stranger:
            with pytest.raises((PairingFailedError, asyncio.CancelledError)):
                await stranger.host.secure(stranger.connection)
            await asyncio.sleep(0.1)
            assert stranger.ended  # it hangs up
        async with central(frame, computer=frame.computer(keys=keys)) as computer:
            await computer.host.secure(computer.connection)
            await computer.peer.request_mtu(517)
            came: list[bytes] = []
            await computer.notify.subscribe(came.append)
            await computer.write.write_value(b"f=frame.file.open('a.txt');print(f:read())", True)
            await asyncio.sleep(0.1)
            assert came == [b"kept"]
        frame.press_cradle_button()
        await asyncio.sleep(1)
        assert not (flash / "a.txt").exists()
        async with central(frame, computer=frame.computer(keys=keys)) as computer:
            with pytest.raises(ProtocolError) as caught:
                await computer.connection.encrypt()
            assert caught.value.error_code == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR
        async with central(frame, 2) as computer:
            await computer.host.secure(computer.connection)

    with_frame(first, uri)
    assert (flash / ".sidelight-bond").stat().st_mode & 0o777 == 0o600
    assert keys.stat().st_mode & 0o777 == 0o600
    with_frame(second, uri)


@pytest.mark.reference("1.3 notification queue")
def test_one_notification_at_a_time() -> None:
    async def body(frame: BluetoothFrame) -> None:
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            came: list[bytes] = []
            await computer.notify.subscribe(came.append)
            await asyncio.sleep(0.1)
            assert frame.bluetooth.notify(b"one")
            assert not frame.bluetooth.notify(b"two")
            await asyncio.sleep(0.015)
            assert frame.bluetooth.notify(b"three")
            await asyncio.sleep(0.1)
            assert came == [b"one", b"three"]

    with_frame(body)


def test_a_computer_that_is_late_does_not_slow_the_frame() -> None:
    """In real time: what was due meanwhile happens in the device's own time."""
    sent: list[float] = []

    class Watcher(DeviceObserver):
        def sent(self, when_s: float, value: bytes) -> None:
            sent.append(when_s)

    async def main() -> None:
        frame = BluetoothFrame(parse_uri(FRAME))
        await frame.start()
        await asyncio.sleep(0.3)
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            await computer.peer.request_mtu(247)
            await computer.notify.subscribe(lambda _value: None)
            frame.device.observers.append(Watcher())
            await computer.write.write_value(b"while true do pcall(frame.bluetooth.send,('x'):rep(243)) end")
            while not sent:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            time.sleep(0.3)  # noqa: ASYNC251 - the point
            await asyncio.sleep(0.6)
        await frame.close()

    asyncio.run(main())
    began = sent[0]
    in_the_meantime = [when for when in sent if began + 0.05 <= when < began + 0.25]
    assert len(in_the_meantime) >= 50  # four in each event of 15 ms: 53


def speed_of(uri: str, seconds: float = 2.0) -> tuple[float, float]:
    """Bytes a second of 243 bytes of payload each: notifications, and writes without response."""
    figures: list[float] = []

    async def body(frame: BluetoothFrame) -> None:
        loop = asyncio.get_running_loop()
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            await computer.peer.request_mtu(517)
            came: list[bytes] = []
            await computer.notify.subscribe(came.append)
            end = loop.time() + seconds
            while loop.time() < end:
                frame.bluetooth.notify(b"\x01" + bytes(243))
                await asyncio.sleep(0.0003)
            figures.append(243 * len(came) / seconds)
            arrived: list[int] = []
            frame.device.written = lambda value: arrived.append(len(value))  # type: ignore[method-assign]
            queue = computer.connection.device.host.le_acl_packet_queue
            end = loop.time() + seconds
            while loop.time() < end:
                if queue.pending < queue.max_in_flight:
                    await computer.write.write_value(b"\x01" + bytes(243))
                else:
                    await asyncio.sleep(0.0003)
            figures.append(sum(size - 1 for size in arrived) / seconds)

    with_frame(body, uri)
    return figures[0], figures[1]


def test_the_air_carries_what_its_conditions_allow() -> None:
    for packets, interval_ms in ((4, 15), (2, 15), (4, 30)):
        limit = 243 * packets / interval_ms * 1000
        up, down = speed_of(f"{FRAME}?packets={packets}&interval_ms={interval_ms}")
        assert 0.97 * limit <= up <= 1.01 * limit
        assert 0.97 * limit <= down <= 1.01 * limit


def test_a_lost_packet_comes_again_later_and_nothing_is_damaged() -> None:
    async def body(frame: BluetoothFrame) -> None:
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            await computer.peer.request_mtu(517)
            came: list[bytes] = []
            await computer.notify.subscribe(came.append)
            sent = [bytes([n]) * 100 for n in range(200)]
            for value in sent:
                while not frame.bluetooth.notify(value):  # noqa: ASYNC110 - as Lua does
                    await asyncio.sleep(0.001)
            await asyncio.sleep(1)
            assert came == sent

    with_frame(body, f"{FRAME}?loss=0.2&seed=5")
    lossy, _ = speed_of(f"{FRAME}?loss=0.2&seed=5")
    assert 0.2 * 64_800 < lossy < 0.7 * 64_800


def test_a_run_is_the_same_for_the_same_seed() -> None:
    assert speed_of(f"{FRAME}?loss=0.1&seed=3", 1.0) == speed_of(f"{FRAME}?loss=0.1&seed=3", 1.0)
    assert speed_of(f"{FRAME}?loss=0.1&seed=3", 1.0) != speed_of(f"{FRAME}?loss=0.1&seed=4", 1.0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=260), min_size=1, max_size=30))
def test_whatever_a_host_sends_to_gatt_the_frame_lives(packets: list[bytes]) -> None:
    async def body(frame: BluetoothFrame) -> None:
        async with central(frame) as computer:
            await computer.host.secure(computer.connection)
            for packet in packets:
                computer.connection.send_l2cap_pdu(att.ATT_CID, packet)
                await asyncio.sleep(0.02)
            await computer.connection.disconnect()
        async with central(frame, computer=None, number=1) as again:
            assert again.write.handle

    with_frame(body)
