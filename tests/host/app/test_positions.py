"""Sources of positions by their addresses: what is written wrongly, recordings, a fixed place."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from firmware_bridge.emulator.clock import run_virtual
from host.app.positions import open_position
from host.contracts.position import Fix, Lost
from host.errors import PositionError, UsageError

HEAD = '<gpx version="1.1"><trk><trkseg>'
TAIL = "</trkseg></trk></gpx>"


def point(second, lat=43.73, lon=7.42):
    clock = f"{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f'<trkpt lat="{lat + second * 1e-5}" lon="{lon}"><time>2026-05-01T{clock}Z</time></trkpt>'


@pytest.fixture
def walk(tmp_path):
    """Ten seconds, a gap of forty seconds, and ten more."""
    path = tmp_path / "walk.gpx"
    parts = "".join(map(point, range(10))), "".join(map(point, range(50, 60)))
    path.write_text(HEAD + "</trkseg><trkseg>".join(parts) + TAIL, encoding="utf-8")
    return path


async def reported(address):
    source = open_position(address)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with aclosing(source.reports()) as reports:
        return [(loop.time() - begun, source.now_s(), report) async for report in reports]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "no source of positions called ''"),
        ("walk.gpx", "no source of positions called 'walk.gpx'"),
        ("gpz:walk.gpx", "no source of positions called 'gpz:walk.gpx'"),
        ("gpx:", "gpx: names no file"),
        ("gpx:?speed=3", "gpx: names no file"),
        ("gpx:a?speed=fast", "no recording is played at speed 'fast'"),
        ("gpx:a?speed=-1", "no recording is played at speed '-1'"),
        ("gpx:a?speed=nan", "no recording is played at speed 'nan'"),
        ("fixed:", "fixed:'' is no place"),
        ("fixed:Monaco", "fixed:'Monaco' is no place"),
        ("fixed:91,0", "fixed:'91,0' is no place"),
        ("fixed:43,181", "fixed:'43,181' is no place"),
    ],
)
def test_addresses_that_are_none(address, message):
    with pytest.raises(UsageError) as caught:
        open_position(address)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_fixed_place_is_one_fix():
    for address in ("fixed:43.73,-7.42", "FIXED: 43.73, -7.42 "):
        assert open_position(address).moves is False
        [(_, now_s, fix)] = asyncio.run(reported(address))
        assert (fix.lat, fix.lon, fix.time_s, now_s, fix.source) == (43.73, -7.42, 0.0, 0.0, "fixed")


def test_a_recording_takes_its_time_and_its_gap_is_told(walk):
    seen = run_virtual(reported(f"gpx:{walk}"))
    assert [type(report) for _, _, report in seen] == [Fix] * 10 + [Lost] + [Fix] * 10
    for at_s, now_s, report in seen:
        time_s = report.time_s if isinstance(report, Fix) else report.since_s + 10
        assert at_s == pytest.approx(time_s) == pytest.approx(now_s)
    assert seen[10][2].since_s == pytest.approx(9)
    assert seen[-1][0] == pytest.approx(59)


@pytest.mark.parametrize("speed", ["0.5", "3", "1000", "max"])
def test_the_speed_of_a_recording_changes_nothing_but_the_wait(walk, speed):
    slow, fast = run_virtual(reported(f"gpx:{walk}")), run_virtual(reported(f"gpx:{walk}?speed={speed}"))
    assert [report for _, _, report in fast] == [report for _, _, report in slow]
    assert [now_s for _, now_s, _ in fast] == pytest.approx([now_s for _, now_s, _ in slow])
    factor = float("inf") if speed == "max" else float(speed)
    assert fast[-1][0] == pytest.approx(59 / factor)


def test_who_takes_long_holds_up_the_clock_of_a_recording(walk):
    async def main():
        source, fixes = open_position(f"gpx:{walk}?speed=10"), []
        async with aclosing(source.reports()) as reports:
            async for report in reports:
                await asyncio.sleep(5)
                assert source.now_s() == pytest.approx(getattr(report, "time_s", 19))
                fixes.append(report)
        return fixes

    assert run_virtual(main()) == [report for _, _, report in run_virtual(reported(f"gpx:{walk}"))]


def test_a_waiting_reader_sees_the_clock_of_a_recording_run(walk):
    async def main():
        source = open_position(f"gpx:{walk}?speed=2")

        async def read():
            async with aclosing(source.reports()) as reports:
                async for _ in reports:
                    pass

        reading = asyncio.create_task(read())
        times = []
        for _ in range(60):
            await asyncio.sleep(0.25)
            times.append(source.now_s())
        reading.cancel()
        return times

    times = run_virtual(main())
    assert times == pytest.approx([0.5 * (n + 1) for n in range(60)], abs=0.001)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "there is no file "),
        (lambda path: path.mkdir(), " is not a file"),
        (lambda path: path.write_text("<gpx>\n<trk>"), "the GPX file is malformed in line 2: no element found"),
    ],
)
def test_a_file_that_is_no_recording(tmp_path, make, message):
    make(tmp_path / "walk.gpx")
    with pytest.raises(PositionError) as caught:
        asyncio.run(reported(f"gpx:{tmp_path / 'walk.gpx'}"))
    assert message in caught.value.message
    assert caught.value.hint
