"""NMEA sentences of real receivers' shapes, and all that is none."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.position.measurement import Measurement, NoFix
from host.position.nmea import NmeaReader


def sentence(body):
    return f"${body}*{reduce(xor, body.encode(), 0):02X}\r\n".encode()


def gga(clock, lat="4343.86600,N", lon="00725.18200,E", quality=1, hdop="0.9", talker="GP"):
    return sentence(f"{talker}GGA,{clock},{lat},{lon},{quality},08,{hdop},12.0,M,47.0,M,,")


def rmc(clock, lat="4343.86600,N", lon="00725.18200,E", status="A", day="010526", mode=",A", knots="2.6"):
    return sentence(f"GNRMC,{clock},{status},{lat},{lon},{knots},90.0,{day},,{mode}")


def read(*lines):
    reader = NmeaReader()
    said = [reader.read(line) for line in lines]
    return [s for s in [*said, reader.close()] if s is not None]


def test_a_place_by_the_sentences_of_one_moment():
    [said] = read(gga("100000.00"), rmc("100000.00"))
    assert (said.lat, said.lon) == (pytest.approx(43.7311), pytest.approx(7.4197))
    assert said.accuracy_m == pytest.approx(4.5)
    assert said.speed_mps == pytest.approx(2.6 * 1852 / 3600)
    assert said.course_deg == 90.0
    assert said.utc_s == 1_777_629_600.0  # 2026-05-01 10:00 UTC, by date(1)


def test_south_and_west_and_the_checksum_of_a_known_sentence():
    """The example that every text about NMEA shows."""
    [said] = read(b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n")
    assert (said.lat, said.lon) == (pytest.approx(48.1173), pytest.approx(11.516667))
    [said] = read(gga("1", "3352.000,S", "15112.000,W"))
    assert (said.lat, said.lon, said.utc_s) == (pytest.approx(-33.866667), pytest.approx(-151.2), None)


def test_a_position_comes_with_the_last_sentence_of_its_moment_once_that_is_known():
    reader = NmeaReader()
    lines = [[gga(f"10000{n}.00"), sentence("GPGSV,1,1,00"), rmc(f"10000{n}.00")] for n in range(4)]
    told = [[reader.read(line) is not None for line in moment] for moment in lines]
    assert told == [[False] * 3, [True, False, True], [False, False, True], [False, False, True]]


def test_nothing_is_told_twice_and_moments_of_fewer_sentences_cost_one_position():
    both = [line for n in range(5) for line in (gga(f"10000{n}"), rmc(f"10000{n}"))]
    alone = [gga(f"10000{n}") for n in range(5, 9)]
    times = [said.utc_s % 60 for said in read(*both, *alone)]
    assert times == [0, 1, 2, 3, 4, 6, 7, 8]


def test_the_receivers_own_estimate_goes_before_hdop():
    gst = sentence("GPGST,100000.00,3.0,,,,6.0,8.0,9.0")
    [said] = read(gga("100000.00"), gst)
    assert said.accuracy_m == pytest.approx(50**0.5)
    [said] = read(sentence("GNGSA,A,3,04,05,,09,12,,,24,,,,,1.8,1.2,1.5"), rmc("100000.00"))
    assert said.accuracy_m is None  # of the moment before
    [said] = read(rmc("100000.00"), sentence("GNGSA,A,3,04,05,,09,12,,,24,,,,,1.8,1.2,1.5"))
    assert said.accuracy_m == pytest.approx(6.0)


def test_vtg_and_gll_are_understood():
    [said] = read(sentence("GPGLL,4343.866,N,00725.182,E,100000,A,A"), sentence("GPVTG,45.0,T,,M,2.0,N,3.7,K,A"))
    assert (said.lat, said.course_deg, said.speed_mps) == (
        pytest.approx(43.7311),
        45.0,
        pytest.approx(1.0289, abs=1e-3),
    )


def test_what_apps_on_phones_make_of_it():
    """Small letters, no leading 0, numbers as Java writes them, and the comma of a German phone."""
    bodies = [f"GPRMC,100000,A,4343.866,N,00725.182,E,9.765625E-4,0.0,010526,,,A,{c}" for c in " 0AVpq"]
    body = next(body for body in bodies if reduce(xor, body.encode()) < 16)
    [said] = read(f"${body}*{reduce(xor, body.encode()):x}\r\n".encode())
    assert said.speed_mps == pytest.approx(0.0005, abs=1e-4)
    [said] = read(gga("100000"), sentence("GNVTG,220,86,T,223,40,M,2,5,N,4,7,K,A"))
    assert said.speed_mps is None


def test_an_app_whose_own_sentences_are_hours_off_beside_the_receivers():
    said = read(*(line for n in range(9) for line in (gga(f"10000{n}"), rmc(f"10000{n}"), rmc(f"12000{n}"))))
    assert len({s.utc_s for s in said}) == len(said) >= 16


@pytest.mark.parametrize(
    "line",
    [
        rmc("100000", status="V"),
        rmc("100000", status="A", mode=",N"),
        rmc("100000", mode=",E"),
        gga("100000", quality=0),
        gga("100000", quality=6),
        gga("100000", lat=",", lon=","),
        sentence("GPGLL,,,,,100000,V,N"),
    ],
)
def test_no_fix_is_said_as_such(line):
    assert read(line) == [NoFix()]
    assert read(line, gga("100000") if b"GGA" not in line else rmc("100000"))[0] == NoFix() or b",A,,,," not in line


def test_a_moment_of_which_one_sentence_says_no_fix_has_none():
    assert read(gga("100000"), rmc("100000", status="V")) == [NoFix()]
    assert read(rmc("100000", status="V"), gga("100000")) == [NoFix()]


def test_midnight_and_the_years_of_two_digits():
    said = read(rmc("235959"), gga("235959"), rmc("000000", day="020526"), gga("000000"))
    assert said[1].utc_s - said[0].utc_s == 1.0
    only_gga = read(rmc("235959"), *(gga(f"0000{n:02}") for n in range(3)))
    assert [b.utc_s - a.utc_s for a, b in pairwise(only_gga)] == [2.0, 1.0]
    [old] = read(rmc("100000", day="010189"))
    assert old.utc_s < 1e9


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"$",
        b"$GPGGA*00",
        gga("100000").replace(b"*", b"*0"),
        gga("100000")[:-4],
        gga("100000").replace(b"4343", b"4344"),
        sentence("GPGGA,100000"),
        sentence("GPRMC,,,,,,,,,,,N"),
        sentence("GPXXX,1,2"),
        b"\xb5\x62\x01\x07" + bytes(90),
        b"x" * 10_000,
    ],
)
def test_what_is_damaged_or_none_says_nothing(line):
    assert read(line) in ([], [NoFix()])
    assert not [said for said in read(line) if isinstance(said, Measurement)]


def test_a_sentence_behind_binary_of_the_receivers_own_is_read():
    assert isinstance(read(b"\xb5\x62$\x07" + gga("100000"))[0], Measurement)


@given(st.lists(st.binary(max_size=120), max_size=20))
def test_any_bytes_are_taken(lines):
    for said in read(*lines):
        assert isinstance(said, Measurement | NoFix)


FIELD = st.text(alphabet="0123456789.-+eENSWAVinfa²٣", max_size=12)


@given(st.sampled_from(["GGA", "RMC", "GLL", "GST", "GSA", "VTG"]), st.lists(FIELD, max_size=20))
def test_any_fields_are_a_place_on_the_earth_or_none(kind, fields):
    for said in read(sentence(f"GP{kind}," + ",".join(fields)), rmc("100000")):
        if isinstance(said, Measurement):
            assert 0 <= said.lat <= 1000
            assert said.utc_s is None or 0 <= said.utc_s < 1e10
            assert said.speed_mps is None or said.speed_mps >= 0


@given(st.integers(0, 70), st.integers(0, 7))
def test_a_flipped_bit_is_seen(at, bit):
    whole = bytearray(rmc("100000.00").strip())
    at %= len(whole)
    whole[at] ^= 1 << bit
    damaged = bytes(whole)
    if damaged.lower() != rmc("100000.00").strip().lower():  # the checksum's own letters may be small
        assert not [said for said in read(damaged) if isinstance(said, Measurement)]
