"""Makes the device app ready on glasses that are connected: greets it, starts it, uploads it, as far as is needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from firmware_bridge.app_image import AppImage
from firmware_bridge.console import Console, answer_text
from firmware_bridge.errors import RESTART_HINT, DeviceError, GlassesError, LinkTimeoutError, UploadError
from firmware_bridge.link import Link
from firmware_bridge.messages import Hello, Ready
from firmware_bridge.upload import Uploader, UploadReport
from firmware_bridge.wire import Endpoint

__all__ = ["AppStarter", "StartReport"]

log = logging.getLogger(__name__)
T = TypeVar("T")

GREETING_S: Final = 0.35  # four connection intervals of 50 ms and a turn of the app's loop, twice
GREETING_MOST_S: Final = 5.0  # two seconds of sound come before the answer, and a busy computer takes them slowly
START_S: Final = 1.5  # reading, compiling and running the app on a slow device
UPLOADS: Final = 3  # one may be damaged on the way, whatever is checked
START_TRIES: Final = 8  # a break is swallowed by every pcall that the running program is in


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


class AppStarter:
    """Brings the app from whatever the glasses do now to ready, once.

    The owner passes on what comes: text to the `console`, data to `uploader` while there is one, and `Ready` reports.
    """

    def __init__(
        self,
        link: Link,
        endpoint: Endpoint,
        image: AppImage,
        over: asyncio.Future[GlassesError],
        wake: Callable[[], None],
    ) -> None:
        """`over` ends every wait with its reason; `wake` is called when the endpoint has something to send."""
        self.console = Console(link)
        self.uploader: Uploader | None = None
        self.report = StartReport()
        self._link = link
        self._endpoint = endpoint
        self._image = image
        self._over = over
        self._wake = wake
        self._nonce = link.info.nonce
        self._streamed = 0
        self._ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()

    def received(self, report: Ready) -> None:
        """Take the app's answer; one to an older question is passed over."""
        if report.nonce == self._nonce and not self._ready.done():
            self._ready.set_result(report)

    def streamed(self) -> None:
        """Sound, a picture or a movement came: something runs that sends, and its answer may be behind them."""
        self._streamed += 1

    async def greet(self) -> Ready | None:
        """Ask whether the app runs; None if nobody answers, another program complains, or another release answers."""
        until = asyncio.get_running_loop().time() + GREETING_MOST_S
        self._expect_ready()
        self._endpoint.restart(Hello(self._nonce).encode(), self._nonce)
        self._wake()
        self.report.rounds += 1
        try:
            ready, before = await self._wait_ready(GREETING_S), 0
            while ready is None and self._streamed > before and asyncio.get_running_loop().time() < until:
                before = self._streamed
                ready = await self._wait_ready(GREETING_S)
        except DeviceError:
            return None
        self.report.was_running = ready is not None and ready.app == self._image.hash.encode()
        return ready if self.report.was_running else None

    async def start(self, uploading: Callable[[], None]) -> Ready:
        """Stop what runs and start the app; `uploading` is called before it is uploaded.

        Raises:
            UploadError: the glasses do not take the app, or it does not start.
            LinkTimeoutError: what runs cannot be stopped.
            LinkError: the session is over.
        """
        refusal: DeviceError | None = None
        uploads = 0
        for _ in range(START_TRIES):
            self._expect_ready()
            await self.console.interrupt()
            self._endpoint.restart()  # an answer of what was interrupted must not count
            self.report.rounds += 1
            statement = f"NONCE={self._nonce} {self._image.start}{answer_text('ended')}"
            if not await self._unless_over(self.console.send(statement)):
                continue
            try:
                ready = await self._wait_ready(START_S)
            except DeviceError as error:
                refusal = error
                if self._image.name in error.device_text or " near " in error.device_text:  # missing, or damaged
                    uploads += 1
                    uploading()
                    await self._upload(last=uploads == UPLOADS)
                continue
            refusal = None
            if ready is not None:
                return ready
        if refusal is not None:
            where = self._image.locate(refusal.device_text)
            if "not enough memory" in where:
                msg = "the glasses have too little free memory for the device app"
                raise UploadError(msg, RESTART_HINT, where) from refusal
            msg = f"the device app does not start on the glasses: {where!r}"
            raise UploadError(msg, RESTART_HINT, where) from refusal
        msg = "the glasses are connected, but the program that runs on them cannot be stopped"
        raise LinkTimeoutError(msg, RESTART_HINT)

    async def _upload(self, *, last: bool) -> None:
        self.uploader = Uploader(self._link, self.console)
        lines = self.console.lines
        try:
            self.report.upload = await self._unless_over(self.uploader.run(self._image, self._nonce))
            self.report.rounds += self.report.upload.packets + self.console.lines - lines
        except UploadError as error:
            if last:
                raise
            log.info("the upload is tried again: %s %r", error.message, error.device_text)
        finally:
            self.uploader = None

    def _expect_ready(self) -> None:
        self._nonce = (self._nonce + 1) & 0x7FFFFFFF
        self._ready = asyncio.get_running_loop().create_future()

    async def _wait_ready(self, timeout_s: float) -> Ready | None:
        """The app's answer, or None after `timeout_s`. Raises DeviceError where the prompt answers with an error."""
        prompt = asyncio.create_task(self.console.answer("ended", timeout_s), name="prompt")
        try:
            await self._first(prompt, self._ready)
            if self._ready.done():
                return self._ready.result()
            await prompt  # an error text, or nothing in time
            return None
        finally:
            prompt.cancel()
            await asyncio.wait({prompt})

    async def _unless_over(self, step: Coroutine[Any, Any, T]) -> T:
        """Take a step. Raises the reason if the session is over before."""
        task = asyncio.create_task(step, name="starting")
        try:
            await self._first(task)
            return await task
        finally:
            task.cancel()

    async def _first(self, *waits: asyncio.Future[Any]) -> None:
        """Wait for one of these. Raises the reason if the session is over before."""
        await asyncio.wait({*waits, self._over}, return_when=asyncio.FIRST_COMPLETED)
        if self._over.done():
            raise self._over.result()
