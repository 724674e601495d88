"""The recording of a link as JSON Lines: what one line says, and how it is read back; pure.

    {"sidelight_trace": 1, "when": "2026-03-01T12:00:00+00:00", "software": "sidelight 0.1.0", "media": false}
    {"t": 2.31, "d": "connect", "kind": "ble", "name": "Frame 4F", "max_value_bytes": 244, "nonce": 3735928559}
    {"t": 2.32, "d": "out", "b": "0100..."}             a value written; "r": 1 where with response
    {"t": 2.36, "d": "in", "b": "0140...", "n": 243}    a notification; "n": only its header was kept, of n bytes
    {"t": 9.80, "d": "ended"}                           the sound played into emulated glasses has been read
    {"t": 9.90, "d": "lost", "code": "link-lost", "message": "..."}
    {"t": 9.92, "d": "failed", "code": "not-found", "message": "...", "s": 8.0}     not connected, after 8 s
    {"t": 9.95, "d": "disconnect"}                      by this side
    {"t": 9.99, "d": "full"}                            the file reached its limit

`t` is seconds since the recording began and never goes back; `b` is hexadecimal. The address of the glasses is not
kept: it names their wearer for good. The rest may be private too: what was shown on the lens stands in the values
written. Voice and pictures are left out unless asked for (`without_media`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from firmware_bridge import gatt
from firmware_bridge.errors import InputError
from firmware_bridge.wire import Channel, channel_of

__all__ = [
    "CANCELLED",
    "MAX_LINE_BYTES",
    "MAX_VALUE_BYTES",
    "Connection",
    "Ending",
    "EventKind",
    "Failure",
    "Header",
    "Recording",
    "Value",
    "encode_connect",
    "encode_event",
    "encode_failure",
    "encode_header",
    "encode_value",
    "parse_recording",
    "stream_of",
]

VERSION: Final = 1
CANCELLED: Final = "cancelled"
MAX_VALUE_BYTES: Final = 512  # Bluetooth Core Vol 3 Part F 3.2.9: the longest attribute value
MAX_LINE_BYTES: Final = 4096
MAX_TEXT_CHARS: Final = 500

_AUDIO_HEADER_BYTES: Final = 6  # 01, epoch, index u32 (wire.py)
_PHOTO_HEADER_BYTES: Final = 2  # 01, number (wire.py)

Line = dict[str, Any]
EventKind = Literal["ended", "lost", "disconnect", "full"]


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: when and by what the recording was made, and whether voice and pictures are in it."""

    when: str
    software: str
    media: bool


@dataclass(frozen=True, slots=True)
class Value:
    """One value: what was kept of it, and how many bytes behind that were left out, as voice or a picture."""

    t: float
    out: bool
    kept: bytes
    response: bool = False
    left_out: int = 0

    @property
    def data(self) -> bytes:
        """The value; zero where it was left out."""
        return self.kept + bytes(self.left_out)


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of the sound, of the connection or of the file; `code` and `message` say why a link was lost."""

    t: float
    kind: EventKind
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection and all that happened in it."""

    t: float
    name: str
    max_value_bytes: int
    nonce: int
    events: list[Value | Ending] = field(default_factory=list)
    glasses: Literal["frame", "halo"] = "frame"


@dataclass(frozen=True, slots=True)
class Failure:
    """A connection that was tried for `seconds` and not made; code `CANCELLED`: given up by the program itself."""

    t: float
    code: str
    message: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Recording:
    """All of a file: each attempt to connect, in order. `cut`: its last line was not complete."""

    header: Header
    attempts: list[Connection | Failure]
    cut: bool = False


def stream_of(value: bytes) -> int | None:
    """Which continuous stream a notification belongs to: sound by its epoch, or the sensors; None for all others."""
    if len(value) < 2 or value[0] != gatt.DATA:
        return None
    match channel_of(value[1:]):
        case Channel.AUDIO:
            return value[1]
        case Channel.SENSOR:
            return int(Channel.SENSOR) << 6
        case _:
            return None


def encode_header(header: Header) -> Line:
    """The first line."""
    return {
        "sidelight_trace": VERSION,
        "when": header.when,
        "software": header.software,
        "media": header.media,
    }


def encode_connect(t: float, kind: str, name: str, max_value_bytes: int, nonce: int, *, glasses: str = "frame") -> Line:
    """The line that begins a connection."""
    name = name[:MAX_TEXT_CHARS]
    return {
        "t": _rounded(t),
        "d": "connect",
        "kind": kind,
        "name": name,
        "max_value_bytes": max_value_bytes,
        "nonce": nonce,
        **({} if glasses == "frame" else {"glasses": glasses}),
    }


def encode_value(t: float, data: bytes, *, out: bool, response: bool = False, media: bool) -> Line:
    """The line of a value; without `media`, voice and pictures are cut to their header."""
    line: Line = {"t": _rounded(t), "d": "out" if out else "in"}
    kept = len(data) if media or out else min(_media_header_bytes(data), len(data))
    line["b"] = data[:kept].hex()
    if kept < len(data):
        line["n"] = len(data)
    if response:
        line["r"] = 1
    return line


def encode_event(t: float, kind: EventKind, code: str = "", message: str = "") -> Line:
    """The line of anything else."""
    line: Line = {"t": _rounded(t), "d": kind}
    if code:
        line |= {"code": code, "message": message[:MAX_TEXT_CHARS]}
    return line


def encode_failure(failure: Failure) -> Line:
    """The line of a connection that was not made."""
    return {
        "t": _rounded(failure.t),
        "d": "failed",
        "code": failure.code,
        "message": failure.message[:MAX_TEXT_CHARS],
        "s": _rounded(failure.seconds),
    }


def parse_recording(lines: Iterable[bytes], name: str) -> Recording:
    """Read a recording. Each line is at most `MAX_LINE_BYTES` and ends in a newline, except perhaps the last.

    Args:
        lines: the file, line by line.
        name: of the file, for messages.

    Raises:
        InputError: it is no recording, or damaged; the message says where.
    """
    reader = _Reader(name)
    for line in lines:
        reader.feed(line)
    return reader.finish()


def _rounded(t: float) -> float:
    return round(t, 6)


def _media_header_bytes(value: bytes) -> int:
    """How much of a notification is header where the rest is voice or a picture; all of it elsewhere."""
    if len(value) >= 2 and value[0] == gatt.DATA:
        match channel_of(value[1:]):
            case Channel.AUDIO:
                return _AUDIO_HEADER_BYTES
            case Channel.PHOTO:
                return _PHOTO_HEADER_BYTES
            case _:
                pass
    return len(value)


class _BadLineError(Exception):
    """A line says what it must not say; becomes an InputError with the line's number."""


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._number = 0
        self._t = 0.0
        self._header: Header | None = None
        self._attempts: list[Connection | Failure] = []
        self._cut = False

    def feed(self, line: bytes) -> None:
        self._number += 1
        if not line.endswith(b"\n"):
            self._cut = self._number > 1
            if self._cut and len(line) <= MAX_LINE_BYTES:
                return
        try:
            self._take(_load(line))
        except _BadLineError as error:
            raise self._refusal(str(error)) from error

    def finish(self) -> Recording:
        if self._header is None:
            raise InputError(f"{self._name} is empty", "Record the glasses with --record FILE.")
        if not any(isinstance(attempt, Connection) for attempt in self._attempts):
            raise InputError(f"{self._name} holds no connection", "Record again, until the glasses are connected.")
        return Recording(self._header, self._attempts, cut=self._cut)

    def _refusal(self, what: str) -> InputError:
        if self._number == 1:
            return InputError(
                f"{self._name} is no recording of the glasses: {what}", "Give a file that was made with --record."
            )
        return InputError(
            f"{self._name}, line {self._number}: {what}",
            "Record again, or cut the file off before that line.",
        )

    def _take(self, line: Mapping[str, Any]) -> None:
        if self._header is None:
            self._header = _header(line)
            return
        t = _number(line, "t")
        if t < self._t:
            raise _BadLineError("time goes back")
        self._t = t
        match line.get("d"):
            case "connect":
                self._attempts.append(
                    Connection(
                        t,
                        _text(line, "name"),
                        _integer(line, "max_value_bytes", gatt.MIN_MTU - gatt.ATT_HEADER_BYTES, MAX_VALUE_BYTES),
                        _integer(line, "nonce", 0, 2**32 - 1),
                        glasses="halo" if line.get("glasses") == "halo" else "frame",
                    )
                )
            case "failed":
                self._attempts.append(Failure(t, _text(line, "code"), _text(line, "message"), _number(line, "s")))
            case "in" | "out" as direction:
                self._events().append(_value(t, line, out=direction == "out"))
            case "lost":
                self._events().append(Ending(t, "lost", _text(line, "code"), _text(line, "message")))
            case "ended" | "disconnect" as kind:
                self._events().append(Ending(t, kind))
            case "full":
                pass
            case _:
                raise _BadLineError("it is of no known kind")

    def _events(self) -> list[Value | Ending]:
        """Of the last connection that was made; the sound may end while the next is being tried."""
        for attempt in reversed(self._attempts):
            if isinstance(attempt, Connection):
                return attempt.events
        raise _BadLineError("no connection was made before it")


def _load(line: bytes) -> Mapping[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise _BadLineError("it is too long")
    try:
        loaded = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _BadLineError("it is not JSON") from error
    if not isinstance(loaded, dict):
        raise _BadLineError("it is not a JSON object")
    return loaded


def _header(line: Mapping[str, Any]) -> Header:
    if "sidelight_trace" not in line:
        raise _BadLineError("it does not begin with sidelight_trace")
    version = _integer(line, "sidelight_trace", 1, 2**31)
    if version > VERSION:
        raise _BadLineError(f"it has version {version}, and this program knows {VERSION}; update the program")
    media = line.get("media")
    if not isinstance(media, bool):
        raise _BadLineError("media is neither true nor false")
    return Header(_text(line, "when"), _text(line, "software"), media)


def _value(t: float, line: Mapping[str, Any], *, out: bool) -> Value:
    try:
        kept = bytes.fromhex(_text(line, "b", MAX_LINE_BYTES))
    except ValueError as error:
        raise _BadLineError("b is not hexadecimal") from error
    if not 1 <= len(kept) <= MAX_VALUE_BYTES:
        raise _BadLineError(f"a value has 1 to {MAX_VALUE_BYTES} bytes")
    length = _integer(line, "n", len(kept), MAX_VALUE_BYTES) if "n" in line else len(kept)
    response = bool(_integer(line, "r", 0, 1)) if "r" in line else False
    return Value(t, out, kept, response, length - len(kept))


def _number(line: Mapping[str, Any], key: str) -> float:
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _BadLineError(f"{key} is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number <= 1e9:
        raise _BadLineError(f"{key} is out of range")
    return number


def _integer(line: Mapping[str, Any], key: str, low: int, high: int) -> int:
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _BadLineError(f"{key} is not a whole number from {low} to {high}")
    return value


def _text(line: Mapping[str, Any], key: str, limit: int = MAX_TEXT_CHARS) -> str:
    value = line.get(key)
    if not isinstance(value, str) or len(value) > limit:
        raise _BadLineError(f"{key} is not a text of at most {limit} characters")
    return value
