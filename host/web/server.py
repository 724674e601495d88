"""The server of the page: a thread with a loop of its own, so that no browser slows the glasses.

Whoever tells it something leaves it in a queue and goes on. A browser that is too slow for the events is given the
whole board instead of what it missed; of pictures it gets the newest, ten a second at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from host.errors import BackendMissingError, UsageError
from host.events import Event
from host.web.board import Board, Json
from host.web.guard import HEADERS, Guard, RefusedError, policy

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Address", "Controls", "Page", "address_of", "serving"]

Picture = Callable[[], bytes]
"""Makes a picture of the lens, PNG, when there is somebody to see it."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What somebody at the page may let the wearer do.

    Attributes:
        offered: each `{do, label, fields}`, a field `{name, label, type}` with "text" or "number" and an input's rules.
        do: does what was asked, as in {"do": "tap"}, in the page's thread; what to say against it, empty if nothing.
    """

    offered: tuple[Json, ...]
    do: Callable[[Json], str]


LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
PICTURES_S: Final = 0.1  # between two pictures of the lens
WAITING: Final = 256  # events that wait for one browser before it is given the whole board instead
BROWSERS: Final = 16
BODY_BYTES: Final = 4096
START_S: Final = 10.0
_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_FILES: Final = ("index.html", "page.js", "map.js", "controls.js", "page.css", "icon.svg")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is.

    Attributes:
        host: a name or number of this computer.
        port: 0 for any that is free.
        certificate: chain of TLS certificates, PEM; None for loopback without TLS.
        key: its private key, if that is not in the same file.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None


def address_of(text: str, certificate: str = "", key: str = "") -> Address:
    """An address as it is typed: PORT, HOST or HOST:PORT, "" for any port of this computer alone.

    Raises:
        UsageError: it is none, or others could reach it without TLS.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon and not port.isdigit():
        host, port = port, "0"
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not port.isdigit() or int(port) > 65535:
        raise UsageError(f"{text!r} is no address for the page", "Write a port, or HOST:PORT")
    if host not in LOOPBACK and not certificate:
        raise UsageError(
            f"the page at {host} could be reached from other computers, unprotected",
            "Set web.certificate and web.key_file to a TLS certificate and its key, or leave web.address out",
        )
    return Address(host, int(port), Path(certificate) if certificate else None, Path(key) if key else None)


class Page:
    """The page while it is served. All calls may come from any thread and never wait.

    Attributes:
        url: to open in a browser; it carries a token that lets in whoever has it.
    """

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop, hub: _Hub) -> None:
        self.url = url
        self._loop, self._hub = loop, hub

    def tell(self, event: Event) -> None:
        """Show what this event means."""
        self._call(self._hub.tell, event)

    def see(self, picture: Picture) -> None:
        """The lens shows something new; `picture` is called in the page's thread, or never."""
        self._call(self._hub.see, picture)

    def _call(self, what: Callable[[Any], None], argument: object) -> None:
        with contextlib.suppress(RuntimeError):  # it is closed already
            self._loop.call_soon_threadsafe(what, argument)


@contextlib.contextmanager
def serving(address: Address, controls: Controls | None = None) -> Iterator[Page]:
    """Serve the page in a thread of its own until left.

    Args:
        address: where.
        controls: what may be done from the page; None where nothing may.

    Raises:
        BackendMissingError: aiohttp is not installed.
        UsageError: the address cannot be used, or the certificate.
    """
    try:
        import aiohttp  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise BackendMissingError("the page needs aiohttp", "pip install 'sidelight[web]'") from error
    started: deque[Page | BaseException] = deque()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def served() -> None:
        try:
            async with _served(address, controls) as (url, hub):
                started.append(Page(url, loop, hub))
                ready.set()
                await over.wait()
        except BaseException as error:  # noqa: BLE001 - told to whoever opened it
            started.append(error)
            ready.set()

    def run() -> None:
        with contextlib.closing(loop):
            loop.run_until_complete(served())

    thread = threading.Thread(target=run, name="page", daemon=True)
    thread.start()
    ready.wait(START_S)
    first = started[0] if started else UsageError("the page could not be opened in time", "Try again")
    try:
        if isinstance(first, BaseException):
            raise first
        yield first
    finally:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(over.set)
        thread.join(START_S)


class _Client:
    """One browser: the events that wait for it, and whether it lacks the newest picture."""

    def __init__(self) -> None:
        self.events: deque[Json] = deque()
        self.pictured = True
        self.more = asyncio.Event()


class _Hub:
    """The board, the newest picture, and the browsers that look at them; in the page's loop only."""

    def __init__(self, controls: Controls | None) -> None:
        self.controls = controls
        self.clients: set[_Client] = set()
        self._board = Board()
        self._picture: Picture | None = None
        self._png: bytes | None = None

    def tell(self, event: Event) -> None:
        known = self._board.told(event)
        for client in self.clients:
            client.events.append(known)
            if len(client.events) > WAITING:
                client.events = deque([self.whole()])
            client.more.set()

    def see(self, picture: Picture) -> None:
        self._picture, self._png = picture, None
        for client in self.clients:
            client.pictured = False
            client.more.set()

    def whole(self) -> Json:
        """The board, for somebody who knows nothing."""
        return {
            "event": "board",
            "events": self._board.whole(),
            "controls": self.controls.offered if self.controls else (),
        }

    def joined(self) -> _Client:
        client = _Client()
        client.events.append(self.whole())
        client.pictured = self._picture is None
        client.more.set()
        self.clients.add(client)
        return client

    def png(self) -> bytes | None:
        """The newest picture, made once for all."""
        if self._png is None and self._picture is not None:
            self._png = self._picture()
        return self._png


@contextlib.asynccontextmanager
async def _served(address: Address, controls: Controls | None) -> AsyncIterator[tuple[str, _Hub]]:
    from aiohttp import web  # noqa: PLC0415 - an extra

    hub = _Hub(controls)
    port = address.port
    tls = _tls(address)
    scheme = "https" if tls else "http"
    application = web.Application(client_max_size=BODY_BYTES)
    runner = web.AppRunner(application, access_log=None)
    handlers = _Handlers(hub)
    application.middlewares.append(handlers.guarded)
    for name in _FILES:
        application.router.add_get(f"/{name}", handlers.file)
    application.router.add_get("/", handlers.file)
    application.router.add_post("/session", handlers.session)
    application.router.add_get("/events", handlers.events)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address.host, port, ssl_context=tls)
        try:
            await site.start()
        except OSError as error:
            reason = error.strerror or error
            message = f"the page cannot be opened at {address.host}:{port}: {reason}"
            raise UsageError(message, "Set web.address to another port, or to none") from error
        port = runner.addresses[0][1]
        names = LOOPBACK if address.host in LOOPBACK else {address.host}
        handlers.guard = Guard((f"[{name}]" if ":" in name else name for name in names), port, scheme)
        shown = f"[{address.host}]" if ":" in address.host else address.host
        yield f"{scheme}://{shown}:{port}/#token={handlers.guard.token}", hub
    finally:
        await runner.cleanup()


def _tls(address: Address) -> ssl.SSLContext | None:
    if address.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(address.certificate, address.key)
    except (OSError, ssl.SSLError) as error:
        message = f"the certificate {address.certificate} cannot be used: {error.strerror or error}"
        raise UsageError(message, "Set web.certificate and web.key_file to PEM files that belong together") from error
    return context


class _Handlers:
    """What the server answers."""

    def __init__(self, hub: _Hub) -> None:
        self.hub = hub
        self.guard: Guard

    @property
    def guarded(self) -> Any:
        """The middleware that every request passes."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        @web.middleware
        async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
            try:
                origin = self.guard.check_host(request.headers)
                answer: web.StreamResponse = await handler(request)
            except RefusedError as refused:
                answer = web.Response(status=refused.status, text=refused.message)
            except web.HTTPException as error:
                answer = web.Response(status=error.status, text=error.reason)
            if not answer.prepared:
                answer.headers.update(HEADERS)
                if answer.status == 200:
                    answer.headers["Content-Security-Policy"] = policy(origin)
            return answer

        return guarded

    async def file(self, request: web.Request) -> web.Response:
        """A file of the page; there is nothing in it that is anybody's."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        name = request.path.removeprefix("/") or "index.html"
        text = resources.files("host.web").joinpath("page", name).read_text("utf-8")
        return web.Response(text=text, content_type=_TYPES[name.rpartition(".")[2]], charset="utf-8")

    async def session(self, request: web.Request) -> web.Response:
        """The cookie, for the token."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        self.guard.check_origin(request.headers)
        try:
            body = json.loads(await request.text())
        except (ValueError, RecursionError):
            body = None
        token = body.get("token") if isinstance(body, dict) else None
        session = self.guard.let_in(token, asyncio.get_running_loop().time())
        answer = web.Response(status=204)
        answer.set_cookie(self.guard.cookie, session, httponly=True, samesite="Strict", secure=request.secure, path="/")
        return answer

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Events and pictures as they come, and what the wearer is to do."""
        from aiohttp import WSMsgType, web  # noqa: PLC0415 - an extra

        self.guard.check_origin(request.headers)
        self.guard.check_session(request.cookies.get(self.guard.cookie))
        if len(self.hub.clients) >= BROWSERS:
            raise RefusedError(503, "Too many browsers look at this page.")
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=BODY_BYTES)
        await socket.prepare(request)
        client = self.hub.joined()
        sending = asyncio.create_task(_send(socket, client, self.hub))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and self.hub.controls is not None:
                    await socket.send_json(_done(self.hub.controls, message.data))
        finally:
            self.hub.clients.discard(client)
            sending.cancel()
            await asyncio.wait({sending})
        return socket


def _done(controls: Controls, text: str) -> Json:
    """Do what is wanted; what to say of it."""
    try:
        wanted = json.loads(text)
    except (ValueError, RecursionError):
        wanted = None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("do"), str):
        return {"event": "refused", "message": "That was not understood."}
    said = controls.do(wanted)
    return {"event": "refused", "message": said} if said else {"event": "done", "do": wanted["do"]}


async def _send(socket: web.WebSocketResponse, client: _Client, hub: _Hub) -> None:
    """Events at once, pictures when their time has come."""
    clock = asyncio.get_running_loop().time
    pictured_s = float("-inf")
    with contextlib.suppress(ConnectionError):
        while True:
            wait_s = None if client.pictured else max(0.0, pictured_s + PICTURES_S - clock())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await client.more.wait()
            client.more.clear()
            while client.events:
                await socket.send_str(json.dumps(client.events.popleft(), separators=(",", ":")))
            if not client.pictured and clock() >= pictured_s + PICTURES_S:
                client.pictured, pictured_s = True, clock()
                png = hub.png()
                if png is not None:
                    await socket.send_bytes(png)
