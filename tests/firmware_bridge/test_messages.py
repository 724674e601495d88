"""Each message: round trip, cut at every byte, unknown kinds."""

from __future__ import annotations

import struct
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lua_scene import LuaScene

from firmware_bridge import messages
from firmware_bridge.errors import LocalProtocolError, RemoteProtocolError
from firmware_bridge.messages import SHOWS, Message, Order, Report, SensorSample, Show, decode_report, next_version
from firmware_bridge.wire import ENDS, Reassembler

KINDS = [
    kind
    for kind in vars(messages).values()
    if isinstance(kind, type) and issubclass(kind, Message) and kind not in (Message, Order, Report)
]
RANGES = {"B": (0, 255), "b": (-128, 127), "H": (0, 65535), "h": (-32768, 32767), "I": (0, 2**32 - 1)}


@st.composite
def any_message(draw: st.DrawFn) -> Message:
    kind = draw(st.sampled_from(KINDS))
    values = [
        draw(st.binary(min_size=8, max_size=8)) if code == "s" else draw(st.integers(*RANGES[code]))
        for code in kind.LAYOUT
        if not code.isdigit()
    ]
    return kind(*values, *([draw(st.binary(max_size=300))] if kind.REST else []))


@given(any_message())
def test_round_trip(message: Message) -> None:
    ((code, body),) = Reassembler().feed(message.encode())
    assert code == message.CODE
    assert type(message).decode(body) == message


@given(any_message())
def test_a_body_cut_anywhere_is_refused(message: Message) -> None:
    ((_, body),) = Reassembler().feed(message.encode())
    for end in range(struct.calcsize("<" + message.LAYOUT)):
        with pytest.raises(RemoteProtocolError, match=f"bytes instead of|{type(message).__name__}"):
            type(message).decode(body[:end])


def test_codes_are_unique_and_layouts_match_the_fields() -> None:
    assert len({kind.CODE for kind in KINDS}) == len(KINDS)
    assert not any(kind.CODE & (ENDS | SHOWS) for kind in KINDS)
    for kind in KINDS:
        numbers = len(struct.unpack("<" + kind.LAYOUT, bytes(struct.calcsize("<" + kind.LAYOUT))))
        assert len(fields(kind)) == numbers + kind.REST


@given(any_message().filter(lambda message: isinstance(message, Order)))
def test_the_last_order_of_a_picture_says_so_in_its_code(order: Order) -> None:
    ((code, body),) = Reassembler().feed(order.encode_last())
    assert code & ~SHOWS == order.CODE != code
    assert type(order).decode(body) == order


@given(st.integers(0, 65535), st.integers(1, 3))
def test_glasses_number_pictures_as_the_host_does(version: int, pictures: int) -> None:
    glasses = LuaScene()
    glasses.obey(Show(version))
    for _ in range(pictures):
        glasses.complete()
        version = next_version(version)
    glasses.draw()
    assert glasses.shown == version


def test_a_number_out_of_range_is_our_own_fault() -> None:
    with pytest.raises(LocalProtocolError, match="Show"):
        Show(70000).encode()


@given(st.integers(0, 255), st.binary(max_size=40))
def test_arbitrary_reports_are_decoded_or_refused(code: int, body: bytes) -> None:
    try:
        report = decode_report(code, body)
    except RemoteProtocolError:
        return
    assert code == report.CODE


def test_sensor_samples() -> None:
    assert SensorSample.decode(struct.pack("<6h", 1, -2, 3, -4, 5, -6)) == SensorSample((1, -2, 3), (-4, 5, -6))
    with pytest.raises(RemoteProtocolError, match="11 bytes instead of 12"):
        SensorSample.decode(bytes(11))
