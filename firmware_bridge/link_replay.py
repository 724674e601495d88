"""A recording (link_trace.py) played as if it were the glasses.

A notification comes when the program has written as many values as had been written when it was recorded, and not
earlier after the last of them than it did then. Values repeated unchanged count once, so that a repeat more or less
does no harm. Sound and sensor streams come by time alone once they have begun: their sender never waited for
anybody. So a program that behaves as the recorded one sees exactly what that one saw; one that writes less gets less
answered, and one that writes something else is answered as the recorded one was. What is written beyond all that was
recorded is acknowledged and no more, if it is known how the connection ended: how many orders share a packet hangs on
how quick this computer is.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from firmware_bridge import errors, gatt
from firmware_bridge.ble_devices import printable
from firmware_bridge.errors import InputError, LinkError, LinkLostError, LocalProtocolError
from firmware_bridge.link import LinkInfo, OnLost, OnValue
from firmware_bridge.trace_format import (
    CANCELLED,
    MAX_LINE_BYTES,
    Connection,
    Ending,
    Failure,
    Recording,
    Value,
    parse_recording,
    stream_of,
)
from firmware_bridge.wire import acknowledgement

__all__ = ["MAX_FILE_BYTES", "ReplayLink", "ReplaySource", "read_recording", "schedule"]

MAX_FILE_BYTES: Final = 512 * 1024 * 1024  # twice what a recording grows to
SHOWN_CHARS: Final = 200

_log = logging.getLogger(__name__)

_ERRORS: Final = {
    kind.code: kind
    for kind in (
        errors.AdapterError,
        errors.AccessDeniedError,
        errors.NotFoundError,
        errors.PairingError,
        errors.LinkLostError,
        errors.LinkTimeoutError,
    )
} | {CANCELLED: errors.LinkTimeoutError}


def read_recording(path: Path) -> Recording:
    """Read a recording from a file.

    Raises:
        InputError: the file cannot be read, is too large, or is no recording; the message says where.
    """
    name = printable(str(path), SHOWN_CHARS)
    advice = "Give a file that was made with --record."
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{name} is not a file", advice)
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                raise InputError(f"{name} has more than {MAX_FILE_BYTES} bytes", "Cut it down to the part of interest.")
            return parse_recording(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no file name"
        raise InputError(f"{name} cannot be read: {reason}", advice) from error


class ReplaySource:
    """The glasses of a recording. Each call of `connect` plays the next connection in it.

    Attributes:
        recording: what is played.
    """

    def __init__(self, path: Path, *, speed: float = 1.0, strict: bool = False) -> None:
        """Read the file.

        Args:
            path: the recording.
            speed: recorded seconds per second, more than 0.
            strict: a value written that differs from the recorded one is an error, not a notice.

        Raises:
            InputError: the file cannot be read or is no recording.
        """
        self.recording = read_recording(path)
        self._name = printable(str(path), SHOWN_CHARS)
        self._speed = speed
        self._strict = strict
        self._attempt = 0
        self._link: ReplayLink | None = None
        self._ended = asyncio.Event()
        if self.recording.cut:
            _log.warning("the last line of %s is not complete and was left out", self._name)
        if not self.recording.header.media:
            _log.info("%s was recorded without voice and pictures: it plays silence", self._name)

    @property
    def input_ended(self) -> asyncio.Event | None:
        """Set when the recorded sound, or a recording without any, has been played to its end."""
        return self._ended

    def pause_input(self, *, paused: bool) -> None:
        """Let the recorded streams wait."""
        if self._link is not None:
            self._link.pause(paused=paused)

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> ReplayLink:
        """See `LinkSource.connect`; at once, but a failure takes as long as it took when it was recorded.

        Raises:
            InputError: there are no more connections in the recording.
            LinkError: this one was not made then either.
        """
        attempts = self.recording.attempts
        if self._attempt >= len(attempts):
            raise InputError(f"{self._name} ends here", "All that was recorded has been played.")
        if self._link is not None:
            await self._link.disconnect()
        attempt = attempts[self._attempt]
        self._attempt += 1
        if isinstance(attempt, Failure):
            given_up = attempt.code == CANCELLED
            await asyncio.sleep(timeout_s if given_up else min(attempt.seconds / self._speed, timeout_s))
            raise _recorded_error(attempt.code, attempt.message)
        last = not any(isinstance(later, Connection) for later in attempts[self._attempt :])
        self._link = ReplayLink(attempt, on_value, on_lost, self._name)
        self._link.play(self._ended, last=last, speed=self._speed, strict=self._strict)
        return self._link

    async def close(self) -> None:
        """End the connection, if one is left. Never raises."""
        if self._link is not None:
            await self._link.disconnect()


class ReplayLink:
    """One recorded connection."""

    def __init__(self, connection: Connection, on_value: OnValue, on_lost: OnLost, name: str) -> None:
        self._connection = connection
        self._on_value = on_value
        self._on_lost = on_lost
        self._name = name
        self._expected = outgoing(connection)
        self._is_whole = any(isinstance(event, Ending) for event in connection.events)
        self._strict = False
        self._open = True
        self._agrees = True
        self._connected_at = 0.0
        self._written_at: list[float] = []
        self._last_written = b""
        self._wrote = asyncio.Event()
        self._running = asyncio.Event()
        self._running.set()
        self._players: list[asyncio.Task[None]] = []
        self._ended: asyncio.Event | None = None

    @property
    def info(self) -> LinkInfo:
        """What is known of this connection, with the nonce it was recorded with; it has no address."""
        recorded = self._connection
        return LinkInfo("replay", recorded.name, "", recorded.max_value_bytes, recorded.nonce, recorded.glasses)

    def play(self, ended: asyncio.Event, *, last: bool, speed: float, strict: bool) -> None:
        """Begin; once, by `ReplaySource`. `ended` is set with the sound, at the latest with the `last` connection."""
        self._strict = strict
        self._connected_at = asyncio.get_running_loop().time()
        answers, streams = schedule(self._connection)
        if any(isinstance(event, Ending) and event.kind == "ended" for event in self._connection.events):
            self._ended = ended
        for cues, decides in ((answers, not streams), (streams, bool(streams))):
            player = self._play(cues, ended, speed=speed, ends=last and decides)
            self._players.append(asyncio.create_task(player, name="replay"))

    def pause(self, *, paused: bool) -> None:
        """Let the streams wait, or go on."""
        if paused:
            self._running.clear()
        else:
            self._running.set()

    async def write(self, value: bytes, *, response: bool = False) -> None:  # noqa: ARG002
        """See `Link.write`.

        Raises:
            LocalProtocolError: also where a strict replay meets a value that was not recorded.
        """
        if not 1 <= len(value) <= self._connection.max_value_bytes:
            msg = f"a value has {len(value)} bytes; 1 to {self._connection.max_value_bytes} can be sent"
            raise LocalProtocolError(msg)
        if not self._open:
            raise LinkLostError("the recorded connection is over")
        if value != self._last_written:
            self._last_written = value
            self._compare(value)
            self._written_at.append(asyncio.get_running_loop().time())
            self._wrote.set()
        await asyncio.sleep(0)
        if len(self._written_at) > len(self._expected) and self._is_whole and value[0] == gatt.DATA and self._open:
            answer = acknowledgement(value[1:])
            if answer is not None:
                self._on_value(bytes((gatt.DATA,)) + answer)

    async def disconnect(self) -> None:
        """See `Link.disconnect`."""
        self._open = False
        if self._ended is not None:
            self._ended.set()  # it ended here, or while the next connection was tried
        players, self._players = self._players, []
        for player in players:
            player.cancel()
        for outcome in await asyncio.gather(*players, return_exceptions=True):
            if isinstance(outcome, Exception):
                _log.error("what listens to the replay failed", exc_info=outcome)

    def _compare(self, value: bytes) -> None:
        number = len(self._written_at)
        if number < len(self._expected) and value == self._expected[number]:
            return
        if self._strict:
            raise LocalProtocolError(
                f"value {number + 1} written differs from {self._name}",
                "Without strict=1 a recording is played to a program that behaves otherwise.",
            )
        if self._agrees:
            self._agrees = False
            _log.info("from value %d on, the program behaves otherwise than recorded in %s", number + 1, self._name)

    async def _play(self, cues: list[Cue], ended: asyncio.Event, *, speed: float, ends: bool) -> None:
        loop = asyncio.get_running_loop()
        since = self._connected_at
        for cue in cues:
            if cue.after is not None:
                since = await self._written(cue.after)
            since += cue.delay_s / speed
            if since > loop.time():
                await asyncio.sleep(since - loop.time())
            if cue.stream and not self._running.is_set():
                await self._running.wait()
                since = loop.time()
            if not self._open:
                return
            match cue.event:
                case Value(data=data):
                    self._on_value(data)
                case Ending(kind="ended"):
                    ended.set()
                case Ending(code=code, message=message):
                    self._open = False
                    self._on_lost(_recorded_error(code, message))
        if ends:
            ended.set()

    async def _written(self, count: int) -> float:
        """When the `count`-th value was written; waits for it."""
        while len(self._written_at) < count:
            self._wrote.clear()
            await self._wrote.wait()
        return self._written_at[count - 1] if count else self._connected_at


@dataclass(frozen=True, slots=True)
class Cue:
    """When an event of a recording is due.

    Attributes:
        after: how many values must have been written; None for a stream that goes on.
        delay_s: seconds since the last of those (0: since connecting), or since the event before in its stream.
        stream: it belongs to what can be paused.
        event: what happens.
    """

    after: int | None
    delay_s: float
    stream: bool
    event: Value | Ending


def outgoing(connection: Connection) -> list[bytes]:
    """The values written, those repeated unchanged once."""
    values = [event.data for event in connection.events if isinstance(event, Value) and event.out]
    return [value for value, _ in groupby(values)]


def schedule(connection: Connection) -> tuple[list[Cue], list[Cue]]:
    """Answers, each waiting for what was written before it; and streams, which wait only to begin."""
    answers: list[Cue] = []
    streams: list[Cue] = []
    begun: set[int] = set()
    written, written_t, stream_t = 0, connection.t, connection.t
    last = b""
    for event in connection.events:
        if isinstance(event, Value) and event.out:
            if event.data != last:
                written, written_t, last = written + 1, event.t, event.data
            continue
        stream = stream_of(event.data) if isinstance(event, Value) else None
        if isinstance(event, Ending) and event.kind not in {"ended", "lost"}:
            continue
        if stream is None and not (isinstance(event, Ending) and streams):
            answers.append(Cue(written, event.t - written_t, stream=False, event=event))
            continue
        if stream is None or stream in begun:
            streams.append(Cue(None, event.t - stream_t, stream=True, event=event))
        else:
            begun.add(stream)
            streams.append(Cue(written, event.t - written_t, stream=True, event=event))
        stream_t = event.t
    return answers, streams


def _recorded_error(code: str, message: str) -> LinkError:
    kind = _ERRORS.get(code, LinkError)
    return kind(f"{printable(message or code, SHOWN_CHARS)} (recorded)", "This happened when the recording was made.")
