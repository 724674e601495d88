"""What gpsd says, and what others might say in its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.position.gpsd import GpsdReader, is_gpsd
from host.position.measurement import Measurement, NoFix

# As gpsd 3.22 writes them.
VERSION = b'{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}\r\n'
TPV = {
    "class": "TPV", "device": "/dev/ttyUSB0", "mode": 3, "time": "2026-05-01T10:00:11.000Z", "ept": 0.005,
    "lat": 43.731232, "lon": 7.4197, "alt": 12.0, "track": 88.5, "speed": 1.338, "eph": 17.1,
}  # fmt: skip
SKY = {"class": "SKY", "device": "/dev/ttyUSB0", "hdop": 0.9, "satellites": []}


def read(*said):
    reader = GpsdReader()
    return [reader.read(s if isinstance(s, bytes) else json.dumps(s).encode()) for s in said]


def test_a_position():
    [said] = read(TPV)
    assert said == Measurement(43.731232, 7.4197, 17.1 / 2, 1_777_629_611.0, 1.338, 88.5)


def test_gpsds_own_19_metres_a_hdop_are_not_believed_and_a_receivers_own_estimate_is():
    assert read(SKY, TPV)[1].accuracy_m == pytest.approx(4.5)
    assert read(SKY, {**TPV, "eph": 30.0})[1].accuracy_m == pytest.approx(15.0)
    without = {key: value for key, value in TPV.items() if key != "eph"}
    assert read(SKY, without)[1].accuracy_m == pytest.approx(4.5)
    assert read({**without, "epx": 6.0, "epy": 8.0})[0].accuracy_m == pytest.approx(5.0)
    assert read(without)[0].accuracy_m is None


@pytest.mark.parametrize("change", [{"mode": 0}, {"mode": 1}, {"lat": None}, {"lat": "43"}, {"lon": float("nan")}])
def test_no_fix(change):
    assert read({**TPV, **change}) == [NoFix()]


def test_no_receiver():
    [said] = read({"class": "DEVICES", "devices": []})
    assert said.message == "gpsd runs, but has no receiver"
    assert read({"class": "DEVICES", "devices": [{"class": "DEVICE"}]}) == [None]


def test_of_two_receivers_one_is_listened_to_until_it_is_silent():
    other = {**TPV, "device": "/dev/ttyUSB1"}
    assert [said is not None for said in read(TPV, other, TPV, other, other)] == [True, False, True, False, False]
    assert read(TPV, *[other] * 12)[-1] is not None
    assert read(TPV, {**SKY, "device": "/dev/ttyUSB1"}, TPV)[2].accuracy_m == pytest.approx(17.1 / 2)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{", b"[]", b"null", b'"TPV"', b"\xff\xfe", b"[" * 15_000, b'{"class":"TPV"}', b'{"class":["TPV"]}',
        b'{"class":"TPV","mode":' + b"9" * 5000 + b"}", b'{"class":"TPV","mode":3,"lat":1e999,"lon":1,"device":7}',
    ],
)  # fmt: skip
def test_what_is_none_says_nothing(line):
    assert read(line) == [None]


def test_a_greeting():
    assert is_gpsd(VERSION)
    assert not is_gpsd(b"HTTP/1.1 400 Bad Request\r\n")


VALUE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(10**400), 10**400) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(
        st.tuples(st.sampled_from([TPV, SKY]), st.dictionaries(st.sampled_from([*TPV, "hdop"]), VALUE)), max_size=4
    )
)
def test_any_values_are_taken(said):
    for result in read(*({**base, **change} for base, change in said)):
        assert result is None or isinstance(result, Measurement | NoFix)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(line):
    assert read(line) == [None]
