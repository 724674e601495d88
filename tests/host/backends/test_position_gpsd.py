"""gpsd: the real one with gpsfake where Debian's are installed, and servers that are none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sys
from contextlib import aclosing
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest

from host.app.positions import open_position
from host.backends.position_gpsd import Gpsd
from host.contracts.position import Fix
from host.errors import PositionError
from host.position.measurement import Measurement, NoFix

VERSION = b'{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}\r\n'


def tpv(second, **more):
    said = {"class": "TPV", "device": "/dev/x", "mode": 3, "time": f"2026-05-01T10:00:{second:02}.000Z"}
    return json.dumps({**said, "lat": 43.73 + second * 1e-5, "lon": 7.42, "eph": 10.0, **more}).encode() + b"\r\n"


@contextlib.asynccontextmanager
async def serving(*conversations):
    """A server on a port of its own. Its n-th connection says the n-th bytes, pauses at numbers, and ends or, at None,
    waits for the other side's end."""
    left, asked, tasks = list(conversations), [], set()

    async def answer(reader, writer):
        tasks.add(asyncio.current_task())
        with contextlib.closing(writer):
            pieces = left.pop(0) if left else [None]
            asked.append(await reader.readline())
            for piece in pieces:
                if piece is None:
                    await reader.read()
                elif isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece)
                    with contextlib.suppress(ConnectionError):
                        await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked
    if tasks:
        await asyncio.wait(tasks, timeout=10)


async def taken(address, count):
    found = []
    async with asyncio.timeout(30), aclosing(open_position(address).reports()) as reports:
        async for report in reports:
            found.append(report)
            if len(found) == count:
                return found
    return found


def test_positions_are_asked_for_and_understood():
    async def main():
        said = [VERSION, tpv(1), b"not JSON\r\n", b"\xff" * 100_000 + b"\n", 0.2, tpv(2), None]
        async with serving(said) as (port, asked):
            fixes = await taken(f"gpsd:127.0.0.1:{port}", 2)
        assert asked == [b'?WATCH={"enable":true,"json":true};\n']
        return fixes

    first, second = asyncio.run(main())
    assert (first.lat, first.accuracy_m, first.source) == (43.73001, 5.0, "gpsd")
    assert second.lat == pytest.approx(43.73002)


def test_one_that_ends_is_reached_again():
    async def main():
        async with serving([VERSION, tpv(1)], [VERSION, tpv(3), None]) as (port, _):
            return await taken(f"gpsd:localhost:{port}", 2)

    assert [fix.lat for fix in asyncio.run(main())] == pytest.approx([43.73001, 43.73003])


def test_one_that_has_ended_for_good_is_told_of():
    async def main():
        found = []
        async with asyncio.timeout(30):
            async with serving([VERSION, tpv(1)]) as (port, _):
                source = open_position(f"gpsd:127.0.0.1:{port}")
                reports = source.reports()
                found.append(await anext(reports))
            async with aclosing(reports):
                found.append(await anext(reports))
        return found

    fix, lost = asyncio.run(main())
    assert (lost.code, lost.since_s) == ("unreachable", fix.time_s)
    assert lost.message.startswith("gpsd (127.0.0.1:")
    assert lost.message.endswith(") is not running")


def test_gpsd_is_not_running():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(PositionError) as caught:
            asyncio.run(taken(f"gpsd:{host}:{port}", 1))
        assert caught.value.message == f"gpsd ({host}:{port}) is not running"
        assert "gpsd -N /dev/ttyUSB0" in caught.value.hint


@pytest.mark.parametrize(
    "said", [[b"HTTP/1.1 400 Bad Request\r\n\r\n"], [], [b"\xff" * 200_000], [b"{}\n", None], [b'{"class":"TPV"}\n']]
)
def test_what_is_not_gpsd(said):
    async def main():
        async with serving(said) as (port, _):
            with pytest.raises(PositionError, match="is not gpsd") as caught:
                await taken(f"gpsd:127.0.0.1:{port}", 1)
        return caught.value

    assert asyncio.run(main()).hint == "Check the port; gpsd has 2947"


def test_no_computer_of_that_name():
    with pytest.raises(PositionError, match=r"there is no computer called|is not in reach"):
        asyncio.run(taken("gpsd:no-such-computer.invalid:1", 1))


def test_cancelling_loses_nothing_that_was_said():
    async def main():
        async with serving([VERSION, *(tpv(n) for n in range(40)), None]) as (port, _):
            gpsd, said = Gpsd("127.0.0.1", port), []
            await gpsd.connect()
            while len(said) < 40:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0):
                        said.append(await gpsd.read())
                await asyncio.sleep(0)
            await gpsd.close()
            await gpsd.close()
        return said

    assert len({said.lat for said in asyncio.run(main())}) == 40


def sentence(body):
    return f"${body}*{reduce(xor, body.encode()):02X}\r\n"


def walk(blind=0):
    """Two minutes north at 1.33 m/s; the first `blind` seconds without a fix."""
    lines = []
    for n in range(120):
        minutes = (43.7311 + n * 1.2e-5 - 43) * 60
        clock, place = f"10{n // 60:02}{n % 60:02}.00", f"43{minutes:08.5f},N,00725.18200,E"
        fixed = n >= blind
        lines += [
            sentence(f"GPGGA,{clock},{place if fixed else ',,,'},{int(fixed)},08,0.9,12.0,M,47.0,M,,"),
            sentence("GPGSA,A,3,04,05,,09,12,,,24,,,,,1.8,0.9,1.5" if fixed else "GPGSA,A,1,,,,,,,,,,,,,,,"),
            sentence(f"GPRMC,{clock},{'A' if fixed else 'V'},{place if fixed else ',,,'},2.6,0.0,010526,,,A"),
        ]
    return "".join(lines)


@contextlib.asynccontextmanager
async def gpsfake(path):
    """Debian's gpsd, fed from a file as from a receiver, on a port of its own."""
    if shutil.which("gpsfake") is None or shutil.which("gpsd") is None:
        pytest.skip("gpsd or gpsfake is not installed: apt install gpsd gpsd-clients python3-gps")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["-q", "-S", "-c", "0.1", "-P", str(port), str(path)]
    process = await asyncio.create_subprocess_exec(
        "gpsfake", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            if process.returncode is not None:
                pytest.skip(f"gpsfake does not run here: {(await process.communicate())[0]!r}")
            await asyncio.sleep(0.1)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="gpsfake needs pseudo-terminals of Linux")
def test_gpsd_for_real(tmp_path):
    (tmp_path / "walk.nmea").write_text(walk(), encoding="ascii")

    async def main():
        async with gpsfake(tmp_path / "walk.nmea") as port:
            return await taken(f"gpsd:127.0.0.1:{port}", 12)

    fixes = [report for report in asyncio.run(main()) if isinstance(report, Fix)]
    assert len(fixes) >= 10
    for before, after in pairwise(fixes):
        assert before.time_s < after.time_s
    for fix in fixes:
        assert 43.7311 <= fix.lat <= 43.7311 + 120 * 1.2e-5
        assert fix.lon == pytest.approx(7.4197)
        assert fix.accuracy_m <= 8.6
        assert fix.source == "gpsd"
    speeds = [fix.speed_mps for fix in fixes if fix.speed_mps is not None]  # none before gpsd knows the cycle
    assert speeds == pytest.approx([1.338] * len(speeds), abs=0.01)
    assert speeds


@pytest.mark.skipif(sys.platform != "linux", reason="gpsfake needs pseudo-terminals of Linux")
def test_gpsd_for_real_without_a_fix(tmp_path):
    (tmp_path / "blind.nmea").write_text(walk(blind=120), encoding="ascii")

    async def main():
        async with gpsfake(tmp_path / "blind.nmea") as port:
            gpsd = Gpsd("127.0.0.1", port)
            async with asyncio.timeout(30):
                await gpsd.connect()
                said = await gpsd.read()
            await gpsd.close()
        return said

    said = asyncio.run(main())
    assert not isinstance(said, Measurement)
    assert isinstance(said, NoFix)
