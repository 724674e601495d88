from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call, error_of

from firmware_bridge.emulator.timekeeping import Timekeeping


def make() -> tuple[PartsBoard, Any, Timekeeping]:
    board = PartsBoard()
    clock = Timekeeping(board)
    return board, clock.api(), clock


@pytest.mark.reference("2.11 utc")
def test_unset_it_counts_from_power_on_in_milliseconds() -> None:
    """2.11: float seconds, ms resolution; unset: seconds since boot."""
    board, api, _ = make()
    board.wait(12.3456)
    assert call(api, "utc") == 12.345
    assert isinstance(call(api, "utc"), float)


@pytest.mark.reference("2.11 set utc", "2.11 survives")
def test_setting_the_clock() -> None:
    """2.11: needs an integer, returns nothing; survives 0x04."""
    board, api, clock = make()
    board.wait(5.25)
    assert call(api, "utc", 1_700_000_000) is None
    board.wait(1.5)
    clock.reset()
    assert call(api, "utc") == pytest.approx(1_700_000_001.5)
    assert error_of(api, "utc", 1.5) == "bad argument #1 to 'utc' (number has no integer representation)"
    call(api, "utc", 5.0)
    assert call(api, "utc") == 5.0


@pytest.mark.reference("2.11 zone")
def test_zone_errors() -> None:
    """2.11: texts."""
    _, api, _ = make()
    for text in (b"", b"x", b"5", b"+5", b"abc:00"):
        assert error_of(api, "zone", text) == "must be '+hh:mm' or '-hh:mm'"
    for text in (b"-13:00", b"+15:00"):
        assert error_of(api, "zone", text) == "hour value must be between -12 and +14"
    for text in (b"+01:15", b"+01:60", b"+01:-30"):
        assert error_of(api, "zone", text) == "minute value must be either 00, 30, or 45"
    for text in (b"-12:30", b"+14:45"):
        assert error_of(api, "zone", text) == "when hour is -12 or 14, minutes must be 0"


@pytest.mark.parametrize(
    ("text", "shown"), [(b"+05:30", b"+05:30"), (b"-3:45", b"-03:45"), (b"14:00", b"+14:00"), (b"-12:00", b"-12:00")]
)
@pytest.mark.reference("2.11 zone", "2.11 survives")
def test_zone_is_shown_as_set(text: bytes, shown: bytes) -> None:
    """2.11: "+HH:MM"; setting returns nothing; survives 0x04."""
    _, api, clock = make()
    assert call(api, "zone") == b"+00:00"
    assert call(api, "zone", text) is None
    clock.reset()
    assert call(api, "zone") == shown


@pytest.mark.parametrize(
    ("zone", "minutes"), [(b"+05:30", 330), (b"-05:00", -300), (b"-3:45", -135), (b"-0:30", 30), (b"+00:45", 45)]
)
@pytest.mark.reference("2.11 zone minutes", "5 time, heading, capture")
def test_minutes_of_a_zone_are_added_whatever_the_sign(zone: bytes, minutes: int) -> None:
    """2.11 and 5, Frame 11: '-3:45' makes date() use -2:15; "-0:30" is +0:30."""
    _, api, _ = make()
    call(api, "zone", zone)
    date = call(api, "date", 86_400 * 10)
    assert (date["day"] - 11) * 1440 + date["hour"] * 60 + date["minute"] == minutes


@settings(max_examples=200, deadline=None)
@given(moment=st.integers(-62_135_596_800, 253_402_300_799))
@pytest.mark.reference("2.11 date")
def test_date_is_the_calendar(moment: int) -> None:
    """2.11: second, minute, hour, day, month 1-12, year, weekday 0 = Sunday, 0-based day of year."""
    _, api, _ = make()
    date = call(api, "date", moment)
    expected = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=moment)
    assert date == {
        "second": expected.second,
        "minute": expected.minute,
        "hour": expected.hour,
        "day": expected.day,
        "month": expected.month,
        "year": expected.year,
        "weekday": expected.isoweekday() % 7,
        "day of year": expected.timetuple().tm_yday - 1,
        "is daylight saving": False,
    }


@pytest.mark.reference("2.11 date argument")
def test_date_of_now_and_of_any_integer() -> None:
    """2.11."""
    board, api, _ = make()
    call(api, "utc", 1_000_000_000)
    board.wait(1)
    assert call(api, "date")["second"] == 41
    for wrong in (0.5, 5.0, b"5", None, True, {}):
        assert error_of(api, "date", wrong) == "expected a utc timestamp"
    assert call(api, "date", 2**62)["weekday"] in range(7)
