"""One connection's life, from finding the glasses to the end of the link; used once.

    NEW -> CONNECTING -> GREETING -> READY -> CLOSED
                            |  ^
                            v  |
                     STARTING -> UPLOADING

`GREETING` asks whether the device app already runs (one round: nothing is broken off, nothing uploaded). Only if
nobody answers is what runs interrupted and the app started, and only if the glasses do not have it is it uploaded.
Every wait has a time limit and ends at once when the link is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol, Self, TypeVar

from firmware_bridge import gatt
from firmware_bridge.app_image import app_image
from firmware_bridge.console import MARK, is_break, is_error
from firmware_bridge.errors import (
    AppCrashedError,
    GlassesError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    RemoteProtocolError,
)
from firmware_bridge.link import Link, LinkSource
from firmware_bridge.messages import Order, Ready, Report, decode_report
from firmware_bridge.starting import AppStarter, StartReport
from firmware_bridge.wire import (
    AudioPacket,
    Channel,
    Endpoint,
    PhotoPacket,
    SensorPacket,
    channel_of,
    decode_audio,
    decode_photo,
    decode_sensor,
)

__all__ = ["Session", "SessionListener", "SessionState", "Traffic"]

log = logging.getLogger(__name__)
T = TypeVar("T")

CONNECT_S: Final = 20.0
SILENCE_S: Final = 5.0  # no acknowledgement for so long: the app is dead
KEEPALIVE_S: Final = 4.0
QUEUE_LIMIT: Final = 256
POST_LIMIT: Final = 1024  # answers come on top of the queue; an app that works never has more than a few out


class SessionState(Enum):
    """Where in its life a session is."""

    NEW = "new"
    CONNECTING = "connecting"
    GREETING = "greeting"
    STARTING = "starting"
    UPLOADING = "uploading"
    READY = "ready"
    CLOSED = "closed"


class SessionListener(Protocol):
    """Who hears what comes from the glasses; called on the event loop, must not block."""

    def on_state(self, state: SessionState) -> None:
        """The session moved on."""

    def on_report(self, report: Report) -> None:
        """A message arrived."""

    def on_audio(self, packet: AudioPacket) -> None:
        """Sound arrived."""

    def on_photo(self, packet: PhotoPacket) -> None:
        """A piece of a photo arrived."""

    def on_sensor(self, packet: SensorPacket) -> None:
        """A sensor sample arrived."""


@dataclass(slots=True)
class Traffic:
    """Values and bytes both ways since the link was made."""

    values_out: int = 0
    bytes_out: int = 0
    values_in: int = 0
    bytes_in: int = 0


class _MeteredLink:
    """A link that counts what is written."""

    def __init__(self, link: Link, traffic: Traffic) -> None:
        self._link = link
        self._traffic = traffic
        self.info = link.info
        self.disconnect = link.disconnect

    async def write(self, value: bytes, *, response: bool = False) -> None:
        self._traffic.values_out += 1
        self._traffic.bytes_out += len(value)
        await self._link.write(value, response=response)


class Session:
    """One connection to glasses that run our app.

    `async with` it: entering connects and makes the app ready, leaving disconnects and leaves the app running, so
    that the next session finds it. `over` is done when the session has ended by itself, with the reason.
    """

    def __init__(self, source: LinkSource, listener: SessionListener) -> None:
        self._source = source
        self._listener = listener
        self._link: Link | None = None
        self._endpoint: Endpoint | None = None
        self._starter: AppStarter | None = None
        self._greeting: Ready | None = None
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._room = asyncio.Semaphore(QUEUE_LIMIT)
        self._unacknowledged: set[asyncio.Future[None]] = set()
        self.state = SessionState.NEW
        self.start = StartReport()
        self.traffic = Traffic()
        self.over: asyncio.Future[GlassesError] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        """Connect, and start or find the app. Cancelling leaves nothing connected.

        Raises:
            LinkError, UploadError, DeviceError: as the step that failed.
        """
        if self.state is not SessionState.NEW:
            msg = "a session is used once"
            raise LocalProtocolError(msg)
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    @property
    def link(self) -> Link:
        """The connection. Raises LocalProtocolError before there is one."""
        if self._link is None:
            msg = "the session has no link"
            raise LocalProtocolError(msg)
        return self._link

    @property
    def endpoint(self) -> Endpoint:
        """The channel, for its counters. Raises LocalProtocolError before there is one."""
        if self._endpoint is None:
            msg = "the session has no channel"
            raise LocalProtocolError(msg)
        return self._endpoint

    @property
    def greeting(self) -> Ready:
        """What the app said when it was ready. Raises LocalProtocolError before."""
        if self._greeting is None:
            msg = "the session is not ready"
            raise LocalProtocolError(msg)
        return self._greeting

    async def send(self, *orders: Order, urgent: bool = True, shows: bool = False) -> None:
        """Send orders; returns when the glasses have acknowledged all of them.

        With `shows` they make a picture, which is drawn behind the last. Urgent ones overtake the others. Waits while
        many are queued. Cancelling does not take back what was queued.

        Raises:
            LinkError, DeviceError: the session ended before.
        """
        self._need(SessionState.READY)
        if not orders:
            return
        missing = len(orders)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def acknowledged() -> None:
            nonlocal missing
            missing -= 1
            self._room.release()
            if missing == 0 and not done.done():
                done.set_result(None)

        for number, order in enumerate(orders, 1):
            await (self._or_over(self._room.acquire()) if self._room.locked() else self._room.acquire())
            self._need(SessionState.READY)
            encoded = order.encode_last() if shows and number == len(orders) else order.encode()
            self.endpoint.queue(encoded, acknowledged, urgent=urgent)
            self._wake.set()
        self._unacknowledged.add(done)
        try:
            await done
        finally:
            self._unacknowledged.discard(done)

    def post(self, order: Order) -> None:
        """Send an urgent order without waiting; what happens to it is not told. Not ready, it is not sent.

        Glasses that make us answer without taking the answers end the session.
        """
        if self.state is not SessionState.READY:
            return
        if self.endpoint.waiting >= POST_LIMIT:
            self._end(RemoteProtocolError("the glasses ask for more answers than they take"))
            return
        self.endpoint.queue(order.encode())
        self._wake.set()

    # --- opening ------------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        self._enter(SessionState.CONNECTING)
        link = await self._source.connect(self._on_value, self._on_lost, timeout_s=CONNECT_S)
        connected_at = asyncio.get_running_loop().time()
        self._link = _MeteredLink(link, self.traffic)
        self._endpoint = Endpoint(self._link.info.max_value_bytes - 1)
        image = app_image(self._link.info.glasses)
        self._starter = starter = AppStarter(self._link, self._endpoint, image, self.over, self._wake.set)
        self.start = report = starter.report
        self._writer = asyncio.create_task(self._write_packets(), name="session writer")
        self._enter(SessionState.GREETING)
        self._greeting = await starter.greet()
        if self._greeting is None:
            self._enter(SessionState.STARTING)
            self._greeting = await starter.start(lambda: self._enter(SessionState.UPLOADING))
        report.seconds = asyncio.get_running_loop().time() - connected_at
        report.values_out, report.bytes_out = self.traffic.values_out, self.traffic.bytes_out
        report.values_in, report.bytes_in = self.traffic.values_in, self.traffic.bytes_in
        log.info("glasses ready: %s", self.start)
        self._enter(SessionState.READY)

    # --- running ------------------------------------------------------------------------------------------------

    async def _write_packets(self) -> None:
        """The one task that writes data packets, except while an upload runs."""
        loop = asyncio.get_running_loop()
        endpoint = self.endpoint
        heard = loop.time()
        try:
            while True:
                now = loop.time()
                packet = endpoint.poll(now)
                if packet is not None:
                    heard = now
                    await self.link.write(bytes((gatt.DATA,)) + packet)
                    continue
                since = endpoint.outstanding_since
                if since is not None and now - since > SILENCE_S:
                    msg = f"the glasses have not answered for {SILENCE_S:.0f} s"
                    self._end(LinkTimeoutError(msg))
                    return
                if since is None and self.state is SessionState.READY and now - heard >= KEEPALIVE_S:
                    endpoint.ping()
                    continue
                self._wake.clear()
                deadline = endpoint.deadline
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(min(deadline or now + KEEPALIVE_S, now + KEEPALIVE_S)):
                        await self._wake.wait()
        except GlassesError as error:
            self._end(error)
        except Exception as error:
            log.exception("writing to the glasses failed")
            self._end(GlassesError(f"an unexpected error ended the connection: {error!r}"))

    def _on_value(self, value: bytes) -> None:
        self.traffic.values_in += 1
        self.traffic.bytes_in += len(value)
        if not value:
            return
        if value[0] != gatt.DATA:
            self._on_text(value)
        elif self._starter is not None and self._starter.uploader is not None:
            self._starter.uploader.received(value[1:])
        elif len(value) > 1:
            self._on_packet(value[1:])

    def _on_packet(self, packet: bytes) -> None:
        channel = channel_of(packet)
        if self._starter is not None and channel is not Channel.CONTROL:
            self._starter.streamed()
        match channel:
            case Channel.CONTROL if self._endpoint is not None:  # until then it is of the session before
                for code, body in self._endpoint.receive(packet, asyncio.get_running_loop().time()):
                    self._on_message(code, body)
                self._wake.set()
            case Channel.AUDIO:
                if (audio := decode_audio(packet)) is not None:
                    self._listener.on_audio(audio)
            case Channel.PHOTO:
                if (photo := decode_photo(packet)) is not None:
                    self._listener.on_photo(photo)
            case Channel.SENSOR:
                if (sensor := decode_sensor(packet)) is not None:
                    self._listener.on_sensor(sensor)

    def _on_message(self, code: int, body: bytes) -> None:
        try:
            report = decode_report(code, body)
        except RemoteProtocolError as error:
            self._end(error)
            return
        if isinstance(report, Ready):
            if self._starter is not None:
                self._starter.received(report)
        elif self.state is SessionState.READY:
            self._listener.on_report(report)

    def _on_text(self, value: bytes) -> None:
        text = value.decode("utf-8", "replace")
        if self.state is SessionState.READY:
            # Our app prints nothing: text means that it has ended.
            if is_error(text) or is_break(text) or text.startswith(MARK):
                where = app_image(self.link.info.glasses).locate(text)
                log.warning("the device app stopped: %r", where)
                self._end(AppCrashedError("the program on the glasses stopped", "It is being started again.", where))
        elif self._starter is not None:
            self._starter.console.received(value)

    def _on_lost(self, error: LinkError) -> None:
        self._end(error)

    # --- ending -------------------------------------------------------------------------------------------------

    def _end(self, reason: GlassesError) -> None:
        """The session is over; whoever waits on it learns why."""
        if not self.over.done():
            self.over.set_result(reason)
        for waiting in self._unacknowledged:
            if not waiting.done():
                waiting.set_exception(reason)

    async def _close(self) -> None:
        if self.state is SessionState.CLOSED:
            return
        self._end(LinkLostError("the session was closed"))
        if self._writer is not None:
            self._writer.cancel()
            await _outcome(self._writer)
        if self._link is not None:
            await self._link.disconnect()
        self._enter(SessionState.CLOSED)

    def _enter(self, state: SessionState) -> None:
        self.state = state
        self._listener.on_state(state)

    def _need(self, state: SessionState) -> None:
        if self.over.done():
            raise self.over.result()
        if self.state is not state:
            msg = f"the session is {self.state.value}, not {state.value}"
            raise LocalProtocolError(msg)

    async def _or_over(self, step: Coroutine[Any, Any, T]) -> T:
        """Wait for a step, or for the end of the session."""
        task = asyncio.create_task(step)
        try:
            waits: set[asyncio.Future[Any]] = {task, self.over}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise self.over.result()
            return await task
        finally:
            task.cancel()


async def _outcome(task: asyncio.Task[Any]) -> BaseException | None:
    """Wait for a task to end, whatever its end; its exception unless it was cancelled."""
    await asyncio.wait({task})
    return None if task.cancelled() else task.exception()
