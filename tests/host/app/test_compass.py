"""The compass of emulated glasses: calibrated by turns of a scripted head, kept, and followed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge import Glasses
from firmware_bridge.emulator.clock import run_virtual
from host.app.bound import open_glasses
from host.app.compass import calibration_of, headings
from host.app.compass_calibrating import READY_S, calibrate_compass, here
from host.app.translate import Observer, Request
from host.app.wishes import Wishes
from host.backends.geomagnetism import earth_field
from host.config import Settings
from host.contracts import Place
from host.contracts.compass import Calibration, EarthField
from host.errors import CalibrationError, PlaceNotFoundError, UsageError
from host.events import CompassCalibrated, CompassStep, Event, LinkState
from host.link_record import LinkRecord
from host.navigate.compass import difference_deg
from host.paths import data_folder
from host.store.compasses import KeptCalibration, keep_calibration
from host.store.compasses import calibration_of as kept_calibration
from host.store.database import Database
from host.store.saved_places import SavedPlace, save_place

HALLE = Place(51.48, 11.97)  # where the emulated field is about that of the earth
HERE = EarthField(4.7, 66.8, 49.6)
BEGINS_S = READY_S + 4.0  # connected and the device app there


def turns(
    path: Path, *, right: float = 1.0, quarter: float = 90.0, first: float = 40.0, begins_s: float = BEGINS_S
) -> Path:
    """A script of a head that does what it is asked."""
    lines, now_s, heading = [], begins_s, first

    def hold(pitch: float, roll: float) -> None:
        nonlocal now_s
        lines.extend(f"{at_s:.2f} {heading % 360:.1f} {pitch} {roll}" for at_s in (now_s, now_s + 2.2))
        now_s += 3.2

    for turn in range(5):
        hold(1.0, 0.5)
        if turn < 4:
            hold(-35.0, 2.0)
        if turn < 2:
            hold(2.0, 20.0)
        heading += right * quarter
    path.write_text("\n".join(lines))
    return path


def calibrate(uri: str, place: Place = HALLE, facing_deg: float | None = None) -> tuple[list[Event], Calibration]:
    """All that is told, and what comes of it."""
    told: list[Event] = []
    observer = Observer(event=told.append, elapsed=lambda: 0.0)
    request = Request(settings=Settings(), glasses=uri)
    found = run_virtual(calibrate_compass(request, observer, Wishes(), place, facing_deg))
    return told, found


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))


def kept(uri: str = "emulator:frame") -> Calibration | None:
    """What is kept of the emulated Frame."""

    async def main() -> Calibration | None:
        async with open_glasses(uri + "?speed=max") as glasses:
            return calibration_of(glasses, uri)

    return run_virtual(main())


@cache
def _calibrated(script: str) -> tuple[str, Calibration]:
    """The address of the emulated Frame, and its calibration."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIDELIGHT_HOME", folder)
        path = Path(folder, "turns")
        path.write_text(script)
        told, found = calibrate(f"emulator:frame?speed=max&head={path}")
    return next(event.address for event in told if isinstance(event, CompassCalibrated)), found


def calibrated_before(folder: Path) -> Calibration:
    """The calibration of the emulated Frame, which is kept."""
    address, found = _calibrated(turns(folder / "turns").read_text())
    keep_calibration(data_folder(), address, "emulator", KeptCalibration(found, "2026-01-01T00:00:00+00:00"))
    return found


@pytest.mark.parametrize("seed", [1, 5])
def test_whatever_the_axes_a_head_that_obeys_is_followed(seed: int, tmp_path: Path) -> None:
    chips = f"emulator:frame?speed=max&axes=any&seed={seed}"
    told, found = calibrate(f"{chips}&head={turns(tmp_path / 'turns')}")
    steps = [event for event in told if isinstance(event, CompassStep)]
    assert [event.number for event in steps if not event.advice] == list(range(1, 12))
    assert steps[0].step == "stand still, look straight ahead"
    done = next(event for event in told if isinstance(event, CompassCalibrated))
    assert done.text.startswith("compass calibrated: right to about 3 degrees; the field dips by 6")
    assert done.error_deg == pytest.approx(found.error_deg, abs=0.01)

    (tmp_path / "walk").write_text("0 100 0 0\n12 100 0 0\n12.9 190 0 0\n")
    uri = f"{chips}&head={tmp_path / 'walk'}"

    async def main() -> list[float]:
        seen: list[float] = []
        async with open_glasses(uri) as glasses:
            calibration = calibration_of(glasses, uri)
            assert calibration == found
            here = EarthField(5.0, found.earth.dip_deg, found.earth.microtesla)
            async with contextlib.aclosing(headings(glasses, calibration, here)) as source:
                async for heading in source:
                    assert heading is not None
                    seen.append(heading.degrees)
                    if len(seen) == 200:
                        return seen
        return seen

    seen = run_virtual(main())
    assert abs(difference_deg(float(np.mean(seen[10:40])), 105.0)) < 5.0
    assert abs(difference_deg(float(np.mean(seen[-20:])), 195.0)) < 5.0


def test_the_sensor_runs_only_while_headings_are_wanted(tmp_path: Path) -> None:
    found = calibrated_before(tmp_path)
    record = tmp_path / "link.jsonl"

    async def main() -> list[float]:
        clock, marks = asyncio.get_running_loop().time, list[float]()
        async with open_glasses("emulator:frame?speed=max", LinkRecord(record)) as glasses:
            source = headings(glasses, found, found.earth)
            marks.append(clock())
            await asyncio.sleep(60)
            marks.append(clock())
            async with contextlib.aclosing(source):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(60):
                        async for _ in source:
                            pass
            marks.append(clock())
            await asyncio.sleep(60)
            marks.append(clock())
        return marks

    marks = run_virtual(main())
    values = [json.loads(line) for line in record.read_text().splitlines()[1:]]

    def bytes_in(number: int) -> int:
        first, last = marks[number] + 0.5, marks[number + 1]
        return sum(len(value["b"]) // 2 for value in values if "b" in value and first < value["t"] <= last)

    assert max(bytes_in(0), bytes_in(2)) < 200  # what keeps the link alive
    assert 9_000 < bytes_in(1) < 12_000  # a minute


def test_turns_to_the_left_leave_the_earlier_calibration(tmp_path: Path) -> None:
    found = calibrated_before(tmp_path)
    with pytest.raises(CalibrationError, match="the turns went to the left") as caught:
        calibrate(f"emulator:frame?speed=max&head={turns(tmp_path / 'left', right=-1.0)}")
    assert caught.value.hint == "Try again, and turn to the right"
    assert kept() == found


def test_nobody_there_is_told_after_a_minute() -> None:
    with pytest.raises(CalibrationError, match="not done within a minute"):
        calibrate("emulator:frame?speed=max")
    assert kept() is None


def test_iron_is_told_by_the_dip(tmp_path: Path) -> None:
    """The emulated field dips as in Germany: in Cairo it would be bent by iron."""
    with pytest.raises(CalibrationError, match="something of iron is near") as caught:
        calibrate(f"emulator:frame?speed=max&head={turns(tmp_path / 'turns')}", Place(30.0, 31.2))
    assert caught.value.hint.startswith("Stand up, two steps from walls")
    assert kept() is None


def test_a_lost_link_ends_nothing(tmp_path: Path) -> None:
    script = turns(tmp_path / "turns", begins_s=BEGINS_S + 6.0)
    told, _ = calibrate(f"emulator:frame?speed=max&cut=18:5&head={script}")
    states = [event.state for event in told if isinstance(event, LinkState)]
    assert states.count("lost") == 1
    assert states.count("ready") == 2


@pytest.mark.parametrize("after_s", [4.0, READY_S + 25.0])
def test_whoever_stops_it_keeps_what_there_was_and_the_sensor_is_off(after_s: float, tmp_path: Path) -> None:
    found = calibrated_before(tmp_path)
    opened: list[Glasses] = []

    async def main() -> None:
        observer = Observer(event=lambda _event: None, elapsed=lambda: 0.0, connected=opened.append)
        uri = f"emulator:frame?speed=max&head={turns(tmp_path / 'again', first=200.0)}"
        record = LinkRecord(tmp_path / "link.jsonl")
        request = Request(settings=Settings(), glasses=uri, record=record)
        working = asyncio.create_task(calibrate_compass(request, observer, Wishes(), HALLE))
        await asyncio.sleep(after_s)
        working.cancel()
        await asyncio.wait({working})
        assert working.cancelled()

    run_virtual(main())
    assert opened
    sent = [json.loads(line) for line in (tmp_path / "link.jsonl").read_text().splitlines()[1:]]
    last_order_s = max(value["t"] for value in sent if value["d"] == "out" and "b" in value)
    # The sensor is off: what comes after the last order is its acknowledgement at most.
    assert sum(len(value["b"]) > 2 * 8 for value in sent if value["d"] == "in" and value["t"] > last_order_s + 0.1) == 0
    assert kept() == found


def test_without_glasses_there_is_no_compass() -> None:
    with pytest.raises(UsageError, match="without glasses there is no compass"):
        calibrate("none")


def test_where_the_wearer_is(tmp_path: Path) -> None:
    assert here("43.7384,7.4246", tmp_path) == Place(43.7384, 7.4246)
    with pytest.raises(UsageError, match="it is not known where you are"):
        here("", tmp_path)
    save_place(tmp_path, SavedPlace("home", Place(1.0, 2.0), ""))
    assert here("Home", tmp_path) == Place(1.0, 2.0)
    with pytest.raises(PlaceNotFoundError, match="no place is called 'hom'; did you mean home"):
        here("hom", tmp_path)


def test_what_makes_no_sense_is_no_calibration(tmp_path: Path) -> None:
    found = Calibration(((1.0, 0.0, 0.0),) * 3, ((1.0, 0.0, 0.0),) * 3, (0.0, 0.0, 0.0), 60.0, 1.0, 1.0, HERE)
    assert kept_calibration(tmp_path, "a", "") is None
    keep_calibration(tmp_path, "a", "", KeptCalibration(found, "2026-01-01T00:00:00+00:00"))
    again = kept_calibration(tmp_path, "a", "")
    assert again is not None
    assert (again.calibration, again.made) == (found, "2026-01-01T00:00:00+00:00")
    assert kept_calibration(tmp_path, "b", "") is None
    assert kept_calibration(tmp_path, "a", "emulator") is None
    for bad in ("[]", "{}", "null", "nan", "not json", '{"earth": 3}'):
        with contextlib.closing(Database.open(tmp_path)) as database, database.transaction() as connection:
            connection.execute("UPDATE compass_calibration SET parameters = ?", (bad,))
        assert kept_calibration(tmp_path, "a", "") is None


def test_the_earths_field() -> None:
    """NOAA's test values of the World Magnetic Model of 2025: at sea level, 80 degrees north, 2025.0."""
    field = earth_field(Place(80.0, 0.0), date(2025, 1, 1))
    assert field.declination_deg == pytest.approx(1.28, abs=0.01)
    assert field.dip_deg == pytest.approx(83.21, abs=0.01)
    assert field.microtesla == pytest.approx(55.1788, abs=0.001)
    later = earth_field(Place(80.0, 0.0), date(2034, 6, 1))
    assert abs(later.declination_deg - field.declination_deg) < 10.0
