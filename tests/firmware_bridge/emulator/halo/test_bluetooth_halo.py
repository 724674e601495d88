"""The emulated Halo as a Bluetooth device, seen from a bare host stack: device reference 1.1 to 1.4."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from bumble import att
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Connection, Peer

from firmware_bridge.emulator.acts import Charge
from firmware_bridge.emulator.bluetooth_frame import frame_address
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.halo.bluetooth_halo import BluetoothHalo
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.gatt import AUDIO_UUID, INSUFFICIENT_RESOURCES, NOTIFY_UUID, SERVICE_UUID, WRITE_UUID

CCCD = UUID("2902")


def with_halo(body: Callable[[BluetoothHalo], Awaitable[None]], uri: str = "emulator:halo") -> None:
    async def main() -> None:
        halo = BluetoothHalo(parse_uri(uri))
        await halo.start()
        await asyncio.sleep(0.3)  # its Lua has started
        await body(halo)
        await halo.close()

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
        await self.peer.discover_services()
        for service in self.peer.services:
            await service.discover_characteristics()
            for characteristic in service.characteristics:
                await characteristic.discover_descriptors()

    def one(self, name: str) -> Any:
        return self.peer.get_characteristics_by_uuid(UUID(name))[0]

    async def refused(self, access: Awaitable[Any]) -> int:
        with pytest.raises(att.ATT_Error) as caught:
            await access
        return int(caught.value.error_code)


@asynccontextmanager
async def central(halo: BluetoothHalo, number: int = 1, *, secure: bool = True) -> Any:
    adapter = halo.computer(number)
    host = await adapter.acquire()
    try:
        made = Central(host, await host.connect(frame_address(halo.device.address)))
        if secure:
            await made.discover()
            await made.host.secure(made.connection)
        yield made
        if not made.ended:
            await made.connection.disconnect()
    finally:
        adapter.release(host)


@pytest.mark.halo_reference("1.1 advertising", "1.1 scan response", "1.1 name", "1.1 one link")
def test_what_is_advertised() -> None:
    async def body(halo: BluetoothHalo) -> None:
        adapter = halo.computer(2)
        host = await adapter.acquire()
        heard: list[tuple[float, Advertisement]] = []
        await host.listen(lambda one: heard.append((asyncio.get_running_loop().time(), one)), active=True)
        await asyncio.sleep(1)
        data = heard[-1][1].data
        assert data.get(AdvertisingData.COMPLETE_LOCAL_NAME) == "Halo 4F"
        assert data.get(AdvertisingData.FLAGS) == 0x06
        assert data.get(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS) == [UUID(SERVICE_UUID)]
        assert data.get(AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS) == [UUID.from_16_bits(0x180F)]
        assert len(halo.bluetooth.advertising()) <= 31
        assert len(halo.bluetooth.scan_response()) == 31
        count = len(heard)
        assert count > 20
        async with central(halo, 1):
            heard.clear()
            await asyncio.sleep(1)
            assert heard == []
        await asyncio.sleep(0.5)
        assert heard
        adapter.release(host)

    with_halo(body)


@pytest.mark.halo_reference("1.2 security", "1.1 write", "1.1 notify", "1.3 MTU", "1.5 full", "1.9 full")
def test_security_and_writes() -> None:
    async def body(halo: BluetoothHalo) -> None:
        adapter = halo.computer()
        host = await adapter.acquire()
        computer = Central(host, await host.connect(frame_address(halo.device.address)))
        await computer.discover()
        write, notify = computer.one(WRITE_UUID), computer.one(NOTIFY_UUID)
        assert await computer.refused(write.write_value(b"print(1)", with_response=True)) == 0x05
        cccd = notify.get_descriptor(CCCD)
        assert await computer.refused(cccd.write_value(b"\x01\x00", with_response=True)) == 0x05
        await host.secure(computer.connection)
        assert computer.connection.is_encrypted
        assert await computer.peer.request_mtu(517) == 512
        came: list[bytes] = []
        await notify.subscribe(came.append)
        await write.write_value(b"print(frame.bluetooth.max_length())", with_response=True)
        await asyncio.sleep(0.2)
        assert came == [b"508"]
        await write.write_value(b"frame.sleep(1)", with_response=True)
        await write.write_value(b"-" * 500, with_response=True)
        await write.write_value(b"-" * 500, with_response=True)
        assert await computer.refused(write.write_value(b"-" * 500, with_response=True)) == INSUFFICIENT_RESOURCES
        await asyncio.sleep(2)
        client = computer.peer.gatt_client
        parts = [b"print('", b"long')"]
        offset = 0
        for part in parts:
            prepare = att.ATT_Prepare_Write_Request(
                attribute_handle=write.handle, value_offset=offset, part_attribute_value=part
            )
            await client.send_request(prepare)
            offset += len(part)
        await client.send_request(att.ATT_Execute_Write_Request(flags=1))
        await asyncio.sleep(0.2)
        assert came[-1] == b"long"
        await computer.connection.disconnect()
        adapter.release(host)

    with_halo(body)


@pytest.mark.halo_reference("1.1 appearance", "1.1 other characteristics", "1.1 battery service", "1.10 ring")
def test_sound_and_battery() -> None:
    async def body(halo: BluetoothHalo) -> None:
        async with central(halo) as computer:
            await computer.peer.request_mtu(517)
            assert await computer.one("2A19").read_value() == bytes([55])
            assert len(await computer.one("2A1A").read_value()) == 1
            assert await computer.one("2A01").read_value() == bytes.fromhex("4209")
            assert await computer.one("2A00").read_value() == b"Halo 4F"
            levels: list[bytes] = []
            await computer.one("2A19").subscribe(levels.append)
            halo.device.act(Charge(40))
            await asyncio.sleep(25)
            assert levels == [bytes([40])]
            for number in (4, 6):
                await computer.one(f"7a23000{number}-5475-a6a4-654c-8431f6ad49c4").subscribe(lambda _value: None)
            await computer.one(WRITE_UUID).write_value(b"frame.speaker.start{}", with_response=True)
            await asyncio.sleep(0.1)
            audio = computer.one(AUDIO_UUID)
            await audio.write_value(b"\x01\x00" * 200, with_response=True)
            await asyncio.sleep(0.3)
            assert len(halo.device.speaker.played) == 200
            await computer.one(WRITE_UUID).write_value(b"frame.speaker.stop()", with_response=True)
            for _ in range(16):
                await audio.write_value(bytes(500), with_response=True)
            assert await computer.refused(audio.write_value(bytes(500), with_response=True)) == INSUFFICIENT_RESOURCES

    with_halo(body, "emulator:halo?battery=55")


@pytest.mark.halo_reference("1.2 strangers", "1.2 window", "1.2 long press", "1.2 factory")
def test_who_may_pair() -> None:
    async def body(halo: BluetoothHalo) -> None:
        async with central(halo, 1):
            await asyncio.sleep(0.1)
        assert len(halo.bluetooth.bonds.load_bonds()) == 1
        async with central(halo, 2, secure=False) as stranger:
            await asyncio.sleep(1)
            assert stranger.ended
        halo.device.press(6)
        async with central(halo, 1, secure=False) as known:
            await asyncio.sleep(1)
            assert known.ended
        async with central(halo, 2):
            await asyncio.sleep(0.1)
        assert len(halo.bluetooth.bonds.load_bonds()) == 2
        halo.device.press(16)
        assert halo.bluetooth.bonds.load_bonds() == {}

    with_halo(body)


@pytest.mark.halo_reference("1.2 bonds")
def test_five_bonds_and_the_oldest_goes(tmp_path) -> None:
    flash = tmp_path / "flash"

    async def body(halo: BluetoothHalo) -> None:
        for number in range(1, 7):
            halo.device.press(6)
            async with central(halo, number):
                await asyncio.sleep(0.1)
        bonds = halo.bluetooth.bonds.load_bonds()
        assert len(bonds) == 5
        assert not any(":01" in host[-5:] for host in bonds)

    with_halo(body, f"emulator:halo?flash={flash}")
    assert len((flash / ".sidelight-bonds").read_text().splitlines()) == 5
    assert (flash / ".sidelight-bonds").stat().st_mode & 0o777 == 0o600


@pytest.mark.halo_reference("1.2 strangers")
def test_one_that_is_paired_with_somebody_else_hangs_up() -> None:
    async def body(halo: BluetoothHalo) -> None:
        async with central(halo, 1, secure=False) as stranger:
            await asyncio.sleep(1)
            assert stranger.ended

    with_halo(body, "emulator:halo?paired=other")
