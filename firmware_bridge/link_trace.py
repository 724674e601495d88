"""Recording of any link, for bug reports and tests; played back by link_replay.py.

    source = TraceSource(open_source("ble:"), Path("trace.jsonl"))

One line is written for each value, at once and whole, so that a program killed at any moment leaves a file that can
be played. What the file holds, and what it never holds, stands in trace_format.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from firmware_bridge.ble_devices import printable
from firmware_bridge.errors import GlassesError, InputError, LinkError
from firmware_bridge.link import Link, LinkInfo, LinkSource, OnLost, OnValue
from firmware_bridge.trace_format import (
    CANCELLED,
    EventKind,
    Failure,
    Header,
    encode_connect,
    encode_event,
    encode_failure,
    encode_header,
    encode_value,
)

__all__ = ["DEFAULT_MAX_BYTES", "TraceSource", "software"]

DEFAULT_MAX_BYTES: Final = 256 * 1024 * 1024  # about an hour with voice, half a day without
SHOWN_CHARS: Final = 200

_log = logging.getLogger(__name__)


class TraceSource:
    """A link source that writes down what passes through it; the link itself is not changed or delayed.

    A file that cannot be written any more, or has reached its limit, ends the recording, never the link.
    """

    def __init__(
        self, inner: LinkSource, path: Path, *, include_media: bool = False, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        """Make the file, readable by its owner only.

        Args:
            inner: what is recorded; closed with this source.
            path: the file; must not exist.
            include_media: keep voice and pictures too.
            max_bytes: size at which recording stops.

        Raises:
            InputError: the file exists or cannot be made.
        """
        self._inner = inner
        self._recorder = _Recorder(_TraceFile(path, max_bytes), media=include_media)
        self._watcher: asyncio.Task[None] | None = None

    @property
    def inner(self) -> LinkSource:
        """What is recorded."""
        return self._inner

    @property
    def input_ended(self) -> asyncio.Event | None:
        """As the recorded source."""
        return self._inner.input_ended

    def pause_input(self, *, paused: bool) -> None:
        """As the recorded source."""
        self._inner.pause_input(paused=paused)

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        """As the recorded source."""
        recorder = self._recorder
        recorder.begin()
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch_input(), name="trace")

        def value_came(value: bytes) -> None:
            recorder.value(value)
            on_value(value)

        def link_lost(error: LinkError) -> None:
            recorder.event("lost", error)
            on_lost(error)

        try:
            link = await self._inner.connect(value_came, link_lost, timeout_s=timeout_s)
        except GlassesError as error:
            recorder.failed(error.code, error.message)
            raise
        except asyncio.CancelledError:
            recorder.failed(CANCELLED, "")
            raise
        recorder.connected(link.info)
        return _TraceLink(link, recorder)

    async def close(self) -> None:
        """Close the recorded source and the file. Never raises."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait([self._watcher])
        await self._inner.close()
        self._recorder.file.close()

    async def _watch_input(self) -> None:
        if self._inner.input_ended is not None:
            await self._inner.input_ended.wait()
            self._recorder.input_ended()


class _TraceLink:
    def __init__(self, inner: Link, recorder: _Recorder) -> None:
        self._inner = inner
        self._recorder = recorder
        self._open = True

    @property
    def info(self) -> LinkInfo:
        return self._inner.info

    async def write(self, value: bytes, *, response: bool = False) -> None:
        # Recorded before it is sent, for an answer may be there before `write` returns.
        self._recorder.value(value, out=True, response=response)
        await self._inner.write(value, response=response)

    async def disconnect(self) -> None:
        if self._open:
            self._open = False
            self._recorder.event("disconnect")
        await self._inner.disconnect()


class _Recorder:
    """Puts what happens into lines, in the order that a reader needs."""

    def __init__(self, file: _TraceFile, *, media: bool) -> None:
        self.file = file
        self._media = media
        self._begun_at: float | None = None
        self._tried_at = 0.0
        self._connections = 0
        self._early: list[bytes] | None = None
        """Notifications that came before it was known what is connected."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(encode_header(Header(when, software(), media)))

    def begin(self) -> None:
        """A connection is being made."""
        if self._begun_at is None:
            self._begun_at = asyncio.get_running_loop().time()
        self._tried_at = self._t()
        self._early = []

    def failed(self, code: str, message: str) -> None:
        now = self._t()
        self.file.write(encode_failure(Failure(now, code, message, now - self._tried_at)))

    def connected(self, info: LinkInfo) -> None:
        line = encode_connect(self._t(), info.kind, info.name, info.max_value_bytes, info.nonce, glasses=info.glasses)
        early, self._early = self._early or [], None
        self.file.write(line)
        self._connections += 1
        for value in early:
            self.value(value)

    def value(self, value: bytes, *, out: bool = False, response: bool = False) -> None:
        if self._early is not None:
            self._early.append(value)
            return
        self.file.write(encode_value(self._t(), value, out=out, response=response, media=self._media))

    def input_ended(self) -> None:
        if self._connections:
            self.event("ended")

    def event(self, kind: EventKind, error: GlassesError | None = None) -> None:
        code, message = (error.code, error.message) if error is not None else ("", "")
        self.file.write(encode_event(self._t(), kind, code, message))

    def _t(self) -> float:
        return asyncio.get_running_loop().time() - (self._begun_at or 0.0)


class _TraceFile:
    def __init__(self, path: Path, max_bytes: int) -> None:
        self._name = printable(str(path), SHOWN_CHARS)
        self._left = max_bytes
        try:
            # O_EXCL: neither another recording nor what a link in a shared folder points to is overwritten.
            self._fd: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except FileExistsError as error:
            raise InputError(f"{self._name} exists already", "Name another file, or remove that one.") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "that is no file name"
            raise InputError(
                f"{self._name} cannot be written: {reason}", "Name a file in a folder of yours."
            ) from error

    def write(self, line: dict[str, Any]) -> None:
        if self._fd is None:
            return
        data = _encoded(line)
        if len(data) > self._left:
            _log.error("%s has reached its limit; recording stops", self._name)
            data = _encoded(encode_event(line.get("t", 0.0), "full"))
            self._left = 0
        else:
            self._left -= len(data)
        try:
            written = os.write(self._fd, data)
        except OSError as error:
            _log.error("%s: recording stops: %s", self._name, error.strerror)
            self.close()
        else:
            if written < len(data) or self._left == 0:
                self.close()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"


def software() -> str:
    """What a recording was made by."""
    try:
        return f"sidelight {metadata.version('sidelight')}"
    except metadata.PackageNotFoundError:
        return "sidelight"
