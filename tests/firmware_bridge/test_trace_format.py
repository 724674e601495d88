"""What a line of a recording says, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import InputError
from firmware_bridge.trace_format import (
    MAX_LINE_BYTES,
    Connection,
    Ending,
    Failure,
    Header,
    Recording,
    Value,
    encode_connect,
    encode_event,
    encode_header,
    encode_value,
    parse_recording,
    stream_of,
)

HEADER = b'{"sidelight_trace":1,"when":"2026-03-01T12:00:00+00:00","software":"sidelight 0.1.0","media":false}\n'
CONNECT = b'{"t":0.5,"d":"connect","kind":"ble","name":"Frame 4F","max_value_bytes":244,"nonce":7}\n'


def parse(*lines: bytes) -> Recording:
    return parse_recording(lines, "x.jsonl")


def test_a_whole_recording() -> None:
    recording = parse(
        HEADER,
        b'{"t":0.1,"d":"failed","code":"not-found","message":"no glasses are in range","s":8}\n',
        CONNECT,
        b'{"t":1,"d":"out","b":"03","r":1}\n',
        b'{"t":1.5,"d":"in","b":"014001000000","n":8}\n',
        b'{"t":2,"d":"ended"}\n',
        b'{"t":2,"d":"lost","code":"link-lost","message":"gone"}\n',
        b'{"t":2,"d":"disconnect"}\n',
        b'{"t":3,"d":"full"}\n',
    )
    assert recording == Recording(
        Header("2026-03-01T12:00:00+00:00", "sidelight 0.1.0", media=False),
        [
            Failure(0.1, "not-found", "no glasses are in range", 8.0),
            Connection(
                0.5,
                "Frame 4F",
                244,
                7,
                [
                    Value(1.0, out=True, kept=b"\x03", response=True),
                    Value(1.5, out=False, kept=bytes.fromhex("014001000000"), left_out=2),
                    Ending(2.0, "ended"),
                    Ending(2.0, "lost", "link-lost", "gone"),
                    Ending(2.0, "disconnect"),
                ],
            ),
        ],
    )
    (_, connection) = recording.attempts
    assert isinstance(connection, Connection)
    assert isinstance(connection.events[1], Value)
    assert connection.events[1].data == bytes.fromhex("0140010000000000")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "x.jsonl is empty"),
        ([b"\n"], "x.jsonl is no recording of the glasses: it is not JSON"),
        ([b"\x00\xff\n"], "x.jsonl is no recording of the glasses: it is not JSON"),
        ([b"[]\n"], "x.jsonl is no recording of the glasses: it is not a JSON object"),
        ([b'{"when":1}\n'], "x.jsonl is no recording of the glasses: it does not begin with sidelight_trace"),
        ([b"[" * 4000 + b"\n"], "x.jsonl is no recording of the glasses: it is not JSON"),
        ([b" " * 5000], "x.jsonl is no recording of the glasses: it is too long"),
        (
            [b'{"sidelight_trace":2}\n'],
            "x.jsonl is no recording of the glasses: it has version 2, and this program knows 1; update the program",
        ),
        ([HEADER], "x.jsonl holds no connection"),
        ([HEADER, CONNECT[:-1]], "x.jsonl holds no connection"),
        ([HEADER, b'{"t":0,"d":"in","b":"00"}\n'], "x.jsonl, line 2: no connection was made before it"),
        ([HEADER, CONNECT, b"nonsense\n"], "x.jsonl, line 3: it is not JSON"),
        ([HEADER, CONNECT, b'{"t":1,"d":"jump"}\n'], "x.jsonl, line 3: it is of no known kind"),
        ([HEADER, CONNECT, b'{"t":0.4,"d":"ended"}\n'], "x.jsonl, line 3: time goes back"),
        ([HEADER, CONNECT, b'{"t":NaN,"d":"ended"}\n'], "x.jsonl, line 3: t is out of range"),
        ([HEADER, CONNECT, b'{"t":1e999,"d":"ended"}\n'], "x.jsonl, line 3: t is out of range"),
        ([HEADER, CONNECT, b'{"t":1' + b"0" * 400 + b',"d":"ended"}\n'], "x.jsonl, line 3: t is out of range"),
        ([HEADER, CONNECT, b'{"t":true,"d":"ended"}\n'], "x.jsonl, line 3: t is not a number"),
        ([HEADER, CONNECT, b'{"t":1,"d":"in","b":"0"}\n'], "x.jsonl, line 3: b is not hexadecimal"),
        ([HEADER, CONNECT, b'{"t":1,"d":"in","b":""}\n'], "x.jsonl, line 3: a value has 1 to 512 bytes"),
        (
            [HEADER, CONNECT, b'{"t":1,"d":"in","b":"00","n":513}\n'],
            "x.jsonl, line 3: n is not a whole number from 1 to 512",
        ),
        (
            [HEADER, CONNECT.replace(b"244", b"10")],
            "x.jsonl, line 2: max_value_bytes is not a whole number from 20 to 512",
        ),
        ([HEADER, CONNECT, b" " * (MAX_LINE_BYTES + 1)], "x.jsonl, line 3: it is too long"),
    ],
)
def test_what_is_refused(lines: list[bytes], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(*lines)
    assert caught.value.message == message
    assert caught.value.hint


def test_a_last_line_that_was_not_finished_is_left_out() -> None:
    recording = parse(HEADER, CONNECT, b'{"t":1,"d":"ou')
    assert recording.cut
    assert recording.attempts == [Connection(0.5, "Frame 4F", 244, 7)]


AUDIO = bytes.fromhex("0145 10000000") + b"voice"
PHOTO = bytes.fromhex("0181") + b"picture"
SENSOR = bytes.fromhex("01c1") + b"heading"
CONTROL = bytes.fromhex("0105") + b"text"


@pytest.mark.parametrize(
    ("value", "kept", "stream"),
    [
        (AUDIO, 6, 0x45),
        (PHOTO, 2, None),
        (SENSOR, 9, 0xC0),
        (CONTROL, 6, None),
        (b"print", 5, None),
        (b"\x01", 1, None),
    ],
)
def test_voice_and_pictures_are_cut_to_their_header(value: bytes, kept: int, stream: int | None) -> None:
    line = encode_value(1.0, value, out=False, media=False)
    assert bytes.fromhex(line["b"]) == value[:kept]
    assert line.get("n") == (len(value) if kept < len(value) else None)
    assert encode_value(1.0, value, out=False, media=True)["b"] == value.hex()
    assert encode_value(1.0, value, out=True, media=False)["b"] == value.hex()
    assert stream_of(value) == stream


TIMES = st.floats(0, 1e6, allow_nan=False)
TEXTS = st.text(max_size=40)
VALUES = st.binary(min_size=1, max_size=512)
LINES = st.one_of(
    st.builds(lambda v, out, media: encode_value(0, v, out=out, media=media), VALUES, st.booleans(), st.booleans()),
    st.builds(lambda kind, code, text: encode_event(0, kind, code or "x", text), st.just("lost"), TEXTS, TEXTS),
    st.just(encode_event(0, "ended")),
    st.builds(lambda name, nonce: encode_connect(0, "ble", name, 244, nonce), TEXTS, st.integers(0, 2**32 - 1)),
)


def written(lines: Iterable[object]) -> list[bytes]:
    return [json.dumps(line).encode() + b"\n" for line in lines]


@given(st.lists(st.tuples(TIMES, LINES), max_size=20))
def test_what_is_written_can_be_read(parts: list[tuple[float, dict[str, object]]]) -> None:
    times = sorted(t for t, _ in parts)
    lines = [line | {"t": round(t, 6)} for t, (_, line) in zip(times, parts, strict=True)]
    header = encode_header(Header("now", "sidelight", media=True))
    first = encode_connect(0, "ble", "Frame 4F", 244, 1)
    recording = parse_recording(written([header, first, *lines]), "x")
    events = sum(len(a.events) for a in recording.attempts if isinstance(a, Connection))
    assert events + len(recording.attempts) == len(lines) + 1


@given(st.lists(st.binary(max_size=200)), st.integers(0, 3))
def test_no_bytes_can_do_more_than_be_refused(junk: list[bytes], good: int) -> None:
    lines = [HEADER, CONNECT, b'{"t":1,"d":"out","b":"03"}\n'][:good] + [line + b"\n" for line in junk]
    try:
        parse_recording(lines, "x")
    except InputError as error:
        caught = error
    else:
        return
    assert caught.hint


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["t", "d", "b", "n", "r", "name", "nonce", "kind", "max_value_bytes", "code", "message"])
KINDS = st.sampled_from(["in", "out", "connect", "lost", "failed", "ended", "full", "disconnect"])


@given(st.lists(st.dictionaries(KEYS, JSON | KINDS, max_size=8), max_size=5))
def test_no_json_can_do_more_than_be_refused(objects: list[dict[str, object]]) -> None:
    try:
        recording = parse_recording([HEADER, CONNECT, *written(objects)], "x")
    except InputError:
        return
    for attempt in recording.attempts:
        if isinstance(attempt, Connection):
            assert 20 <= attempt.max_value_bytes <= 512
