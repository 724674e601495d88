"""One connection's life, from finding the glasses to the end of the link; used once.

    NEW -> CONNECTING -> GREETING -> READY -> CLOSED
                            |  ^
                            v  |
                     STARTING / UPLOADING

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
from firmware_bridge.app_image import AppImage, app_image
from firmware_bridge.console import MARK, Console, answer_text, is_error
from firmware_bridge.errors import (
    AppCrashedError,
    DeviceError,
    GlassesError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    RemoteProtocolError,
    UploadError,
)
from firmware_bridge.link import Link, LinkSource
from firmware_bridge.messages import Hello, Order, Ready, Report, decode_report
from firmware_bridge.upload import Uploader, UploadReport
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

__all__ = ["Session", "SessionListener", "SessionState", "StartReport"]

log = logging.getLogger(__name__)
T = TypeVar("T")

CONNECT_S: Final = 20.0
GREETING_S: Final = 0.35  # four connection intervals of 50 ms and a turn of the app's loop, twice
START_S: Final = 1.5  # reading, compiling and running the app on a slow device
UPLOADS: Final = 3  # one may be damaged on the way, whatever is checked
START_TRIES: Final = 8  # a break is swallowed by every pcall that the running program is in
SILENCE_S: Final = 5.0  # no acknowledgement for so long: the app is dead
KEEPALIVE_S: Final = 4.0
QUEUE_LIMIT: Final = 256


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
class StartReport:
    """How a session came to be ready.

    Attributes:
        seconds: from connected to ready.
        rounds: exchanges that had to be waited for, from connected to ready.
        values_out: writes to the glasses until ready.
        bytes_out: bytes written to the glasses until ready.
        values_in: notifications until ready.
        bytes_in: bytes of notifications until ready.
        was_running: the app ran already.
        upload: what an upload cost; None where none was needed.
    """

    seconds: float = 0.0
    rounds: int = 0
    values_out: int = 0
    bytes_out: int = 0
    values_in: int = 0
    bytes_in: int = 0
    was_running: bool = False
    upload: UploadReport | None = None


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

    def __init__(self, source: LinkSource, listener: SessionListener, *, kind: str = "frame") -> None:
        self._source = source
        self._listener = listener
        self._image: AppImage = app_image(kind)
        self._link: Link | None = None
        self._console: Console | None = None
        self._endpoint: Endpoint | None = None
        self._uploader: Uploader | None = None
        self._wake = asyncio.Event()
        self._nonce = 0
        self._ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
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
        """What the app said when it was ready."""
        return self._ready.result()

    async def send(self, *orders: Order, urgent: bool = True) -> None:
        """Send orders; returns when the glasses have acknowledged all of them.

        Urgent ones overtake the others. Waits while many are queued. Cancelling does not take back what was queued.

        Raises:
            LinkError, DeviceError: the session ended before.
        """
        self._need(SessionState.READY)
        missing = len(orders)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def acknowledged() -> None:
            nonlocal missing
            missing -= 1
            self._room.release()
            if missing == 0 and not done.done():
                done.set_result(None)

        for order in orders:
            await (self._or_over(self._room.acquire()) if self._room.locked() else self._room.acquire())
            self._need(SessionState.READY)
            self.endpoint.queue(order.encode(), acknowledged, urgent=urgent)
            self._wake.set()
        self._unacknowledged.add(done)
        try:
            await done
        finally:
            self._unacknowledged.discard(done)

    def post(self, order: Order) -> None:
        """Send an urgent order without waiting; what happens to it is not told. For answers within the protocol."""
        if self.state is SessionState.READY:
            self.endpoint.queue(order.encode())
            self._wake.set()

    # --- opening ------------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        self._enter(SessionState.CONNECTING)
        link = await self._source.connect(self._on_value, self._on_lost, timeout_s=CONNECT_S)
        connected_at = asyncio.get_running_loop().time()
        self._link = _MeteredLink(link, self.traffic)
        self._console = Console(self._link)
        self._endpoint = Endpoint(self._link.info.max_value_bytes - 1)
        self._nonce = self._link.info.nonce
        self._writer = asyncio.create_task(self._write_packets(), name="session writer")
        self._enter(SessionState.GREETING)
        ready = await self._greet()
        if ready is not None and ready.app == self._image.hash.encode():
            self.start.was_running = True
        else:
            ready = await self._start()
        self.start.seconds = asyncio.get_running_loop().time() - connected_at
        self.start.values_out, self.start.bytes_out = self.traffic.values_out, self.traffic.bytes_out
        self.start.values_in, self.start.bytes_in = self.traffic.values_in, self.traffic.bytes_in
        log.info("glasses ready: %s", self.start)
        self._enter(SessionState.READY)

    async def _greet(self) -> Ready | None:
        """Ask whether the app runs; None if nobody answers, or another program complains."""
        self._expect_ready()
        self.endpoint.restart(Hello(self._nonce).encode())
        self._wake.set()
        self.start.rounds += 1
        try:
            return await self._wait_ready(GREETING_S)
        except DeviceError:
            return None

    async def _start(self) -> Ready:
        self._enter(SessionState.STARTING)
        self.endpoint.restart()
        refusal: DeviceError | None = None
        uploads = 0
        for _ in range(START_TRIES):
            self._expect_ready()
            await self._require_console().interrupt()
            self.start.rounds += 1
            statement = f"NONCE={self._nonce} require('{self._image.name}'){answer_text('ended')}"
            await self.link.write(statement.encode("ascii"))
            try:
                ready = await self._wait_ready(START_S)
            except DeviceError as error:
                refusal = error
                if self._image.name in error.device_text:  # missing, or damaged
                    uploads += 1
                    await self._upload(last=uploads == UPLOADS)
                continue
            if ready is not None:
                return ready
        if refusal is not None:
            where = self._image.locate(refusal.device_text)
            msg = f"the device app does not start on the glasses: {where!r}"
            raise UploadError(msg, "Restart the glasses in their cradle.", where) from refusal
        msg = "the glasses are connected, but the program that runs on them cannot be stopped"
        raise LinkTimeoutError(msg, "Restart them in their cradle, then try once more.")

    async def _upload(self, *, last: bool) -> None:
        self._enter(SessionState.UPLOADING)
        self._uploader = Uploader(self.link, self._require_console(), lambda _part: None)
        try:
            self.start.upload = await self._or_over(self._uploader.run(self._image, self._nonce))
            self.start.rounds += self.start.upload.packets + 6  # three statements before the packets, three after
        except UploadError as error:
            if last:
                raise
            log.info("the upload is tried again: %s %r", error.message, error.device_text)
        finally:
            self._uploader = None
        self._enter(SessionState.STARTING)

    def _expect_ready(self) -> None:
        self._nonce = (self._nonce + 1) & 0x7FFFFFFF
        self._ready = asyncio.get_running_loop().create_future()

    async def _wait_ready(self, timeout_s: float) -> Ready | None:
        """The app's answer, or None after `timeout_s`. Raises DeviceError where the prompt answers with an error."""
        prompt = asyncio.create_task(self._require_console().answer("ended", timeout_s), name="prompt")
        try:
            waits: set[asyncio.Future[Any]] = {self._ready, self.over, prompt}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            prompt.cancel()
            refusal = await _outcome(prompt)
        if refusal is not None:
            raise refusal
        if self.over.done():
            raise self.over.result()
        return self._ready.result() if self._ready.done() else None

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
        except LinkError as error:
            self._end(error)

    def _on_value(self, value: bytes) -> None:
        self.traffic.values_in += 1
        self.traffic.bytes_in += len(value)
        if not value:
            return
        if value[0] != gatt.DATA:
            self._on_text(value)
        elif self._uploader is not None:
            self._uploader.received(value[1:])
        elif len(value) > 1:
            self._on_packet(value[1:])

    def _on_packet(self, packet: bytes) -> None:
        match channel_of(packet):
            case Channel.CONTROL:
                for code, body in self.endpoint.receive(packet, asyncio.get_running_loop().time()):
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
            if report.nonce == self._nonce and not self._ready.done():
                self._ready.set_result(report)
        elif self.state is SessionState.READY:
            self._listener.on_report(report)

    def _on_text(self, value: bytes) -> None:
        text = value.decode("utf-8", "replace")
        if self.state is SessionState.READY:
            # Our app prints nothing: text means that it has ended.
            if is_error(text) or "break signal" in text or text.startswith(MARK):
                where = self._image.locate(text)
                log.warning("the device app stopped: %r", where)
                self._end(AppCrashedError("the program on the glasses stopped", "It is being started again.", where))
        elif self._console is not None:
            self._console.received(value)

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

    def _require_console(self) -> Console:
        if self._console is None:
            msg = "the session has no link"
            raise LocalProtocolError(msg)
        return self._console

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
