"""NMEA over TCP, UDP and a serial device (a pseudo-terminal), and from files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from contextlib import aclosing
from functools import reduce
from operator import xor

import pytest

from host.app.positions import open_position
from host.contracts.position import Fix, Lost
from host.errors import PositionError, UsageError


def sentence(body):
    return f"${body}*{reduce(xor, body.encode()):02X}\r\n".encode()


NO_FIX = sentence("GPRMC,100003,V,,,,,,,010526,,,N")


def rmc(second):
    east = f"00725.{182 + second:05}00"
    return sentence(f"GPRMC,10{second // 60:02}{second % 60:02},A,4343.86600,N,{east},E,2.6,90.0,010526,,,A")


async def taken(address, count, while_waiting=None):
    found = []
    async with asyncio.timeout(30), aclosing(open_position(address).reports()) as reports:
        feeding = asyncio.create_task(while_waiting()) if while_waiting else None
        async for report in reports:
            found.append(report)
            if len(found) == count:
                break
        if feeding is not None:
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding
    return found


def test_a_server_of_a_phone():
    async def main():
        async def answer(reader, writer):
            with contextlib.closing(writer), contextlib.suppress(ConnectionError):
                writer.write(b"welcome\r\n" + b"x" * 10_000 + b"\r\n")
                for second in range(5):
                    writer.write(rmc(second))
                    await asyncio.sleep(0.1)
                await reader.read()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            found = await taken(f"nmea:tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", 3)
            await asyncio.sleep(0.5)  # until the server has seen the end
        return found

    fixes = asyncio.run(main())
    assert [type(fix) for fix in fixes] == [Fix] * 3
    assert fixes[0].source == "nmea"
    assert fixes[0].speed_mps == pytest.approx(1.3376, abs=0.001)


def test_a_server_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(PositionError) as caught:
        asyncio.run(taken(f"nmea:tcp://127.0.0.1:{port}", 1))
    assert caught.value.message == f"the NMEA server at 127.0.0.1:{port} is not running"
    assert "both are in one network" in caught.value.hint


def test_datagrams_of_a_phone_and_of_nobody_else():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def main():
        phone, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        with phone, other:
            phone.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.2" if sys.platform == "linux" else "127.0.0.1", 0))

            async def send():
                for second in range(200):
                    phone.sendto(rmc(second) + b"$GPGSV,1,1,00*79\r\n", ("127.0.0.1", port))
                    if sys.platform == "linux":
                        other.sendto(rmc(second).replace(b"4343", b"4353"), ("127.0.0.1", port))
                    phone.sendto(os.urandom(3000), ("127.0.0.1", port))
                    await asyncio.sleep(0.1)

            return await taken(f"nmea:udp://127.0.0.1:{port}", 3, send)

    fixes = asyncio.run(main())
    assert {round(fix.lat, 4) for fix in fixes} == {43.7311}


def test_an_address_that_cannot_be_listened_to():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken_already:
        taken_already.bind(("127.0.0.1", 0))
        port = taken_already.getsockname()[1]
        with pytest.raises(PositionError, match=f"127.0.0.1:{port} cannot be listened to: ") as caught:
            asyncio.run(taken(f"nmea:udp://127.0.0.1:{port}", 1))
    assert "0.0.0.0 is all of them" in caught.value.hint


@pytest.fixture
def terminal():
    """A pseudo-terminal: where to write, and the name of the device."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    yield ours, os.ttyname(theirs)
    for end in (ours, theirs):
        with contextlib.suppress(OSError):
            os.close(end)


def test_a_serial_device(terminal):
    ours, name = terminal

    async def main():
        async def send():
            for second in range(200):
                os.write(ours, b"\xb5\x62\x07" + rmc(second))
                await asyncio.sleep(0.1)

        return await taken(f"nmea:{name}?baud=4800", 3, send)

    assert [type(fix) for fix in asyncio.run(main())] == [Fix] * 3


def test_a_device_that_says_something_else(terminal):
    ours, name = terminal

    async def main():
        async def send():
            while True:
                os.write(ours, b"\x00\xf8\x1c\x00\n")
                await asyncio.sleep(0.005)

        return await taken(f"nmea:{name}", 1, send)

    [lost] = asyncio.run(main())
    assert (lost.message, lost.since_s) == ("what comes is no NMEA 0183", None)
    assert "?baud=4800" in lost.hint


def test_a_device_that_is_pulled_out_is_told_of():
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    name = os.ttyname(theirs)
    os.close(theirs)

    async def main():
        async def send():
            for second in range(200):
                await asyncio.sleep(0.1)
                if second == 3:
                    os.close(ours)
                    return
                os.write(ours, rmc(second))

        found = await taken(f"nmea:{name}", 3, send)
        return [report for report in found if isinstance(report, Lost)]

    [lost] = asyncio.run(main())
    assert lost.code == "unreachable"
    assert name in lost.message


@pytest.mark.skipif(sys.platform == "win32", reason="serial devices are read on Linux and macOS only")
def test_a_device_that_is_not_there():
    with pytest.raises(PositionError, match="there is no device '/dev/ttyNOSUCH'") as caught:
        asyncio.run(taken("nmea:/dev/ttyNOSUCH", 1))
    assert caught.value.hint == "Plug the receiver in, and check its name"


@pytest.mark.skipif(sys.platform == "win32", reason="serial devices are read on Linux and macOS only")
def test_a_device_that_is_no_serial_one():
    with pytest.raises(PositionError, match="'/dev/null' is no serial device"):
        asyncio.run(taken("nmea:/dev/null", 1))


def test_without_serial_devices_the_way_around_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "termios", None)
    with pytest.raises(UsageError, match="serial devices are read on Linux and macOS only") as caught:
        open_position("nmea:/dev/ttyUSB0")
    assert "nmea:tcp://127.0.0.1:PORT" in caught.value.hint


def test_a_file_is_played(tmp_path):
    (tmp_path / "a.nmea").write_bytes(b"".join(rmc(n) for n in (0, 1, 2)) + NO_FIX + rmc(41))
    found = asyncio.run(taken(f"nmea:{tmp_path / 'a.nmea'}?speed=max", 5))
    assert [getattr(report, "time_s", "lost") for report in found] == [0, 1, "lost", 40]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is no NMEA 0183: no sentence is whole"),
        (b"<gpx/>" * 1000, "the file is no NMEA 0183: no sentence is whole"),
        (NO_FIX * 3, "the receiver had no fix in all of the NMEA file"),
    ],
)
def test_a_file_without_a_position(tmp_path, data, message):
    (tmp_path / "a.nmea").write_bytes(data)
    with pytest.raises(PositionError, match=message) as caught:
        asyncio.run(taken(f"nmea:{tmp_path / 'a.nmea'}", 1))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nmea:", "nmea: names no file"),
        ("nmea:tcp://", "'' is no computer and port"),
        ("nmea:tcp://phone", "'phone' is no computer and port"),
        ("nmea:tcp://phone:0", "'phone:0' is no computer and port"),
        ("nmea:tcp://phone:99999", "'phone:99999' is no computer and port"),
        ("nmea:udp://[::1:5", "'\\[::1:5' is no computer and port"),
        ("nmea:udp://me@phone:5", "'me@phone:5' is no computer and port"),
        ("gpsd:a:b", "'a:b' is no computer and port"),
        ("gpsd:localhost/x", "'localhost/x' is no computer and port"),
        ("nmea:/dev/ttyUSB0?baud=fast", "no device is read at 'fast' baud"),
        ("geoclue:x", "geoclue: takes nothing more"),
    ],
)
def test_addresses_that_are_none(address, message):
    with pytest.raises(UsageError, match=message) as caught:
        open_position(address)
    assert caught.value.hint
