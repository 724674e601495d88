"""The server of the page: a thread with a loop of its own, so that no browser slows the glasses.

Whoever tells it something leaves it in a queue and goes on. A browser that is too slow for the events is given the
whole board instead of what it missed; of pictures it gets the newest, five a second at most. Connections, their
silence, what they send and how long they take for it are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from host.errors import BackendMissingError, UsageError
from host.events import Event
from host.web.address import LOOPBACK, Address, tls_of
from host.web.controls import Controls, Json, Panel
from host.web.guard import HEADERS, Guard, RefusedError, policy
from host.web.hub import WAITING, Client, Hub, Picture
from host.web.requests_log import requests_log

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["FILE_BYTES", "Page", "serving"]

PICTURES_S: Final = 0.2  # between two pictures of the lens: each costs 2 ms of a processor
BROWSERS: Final = 16
CONNECTIONS: Final = 64
SILENT_S: Final = 10.0  # a connection that has asked for nothing by then is closed
KEPT_S: Final = 15.0  # and one that asks for nothing more
BODY_BYTES: Final = 4096
FILE_BYTES: Final = 64 << 20  # of a recording or a picture that somebody chose
FILE_S: Final = 60.0  # until it is here
NAME_CHARS: Final = 200
ORDERS_S: Final = 0.01  # between two orders of one browser
START_S: Final = 10.0
END_S: Final = 1.0
CLOSED_S: Final = 0.1  # for connections that close to be gone
_TYPES: Final = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_FILES: Final = ("index.html", "page.js", "map.js", "controls.js", "page.css", "icon.svg")


class Page:
    """The page while it is served. All calls may come from any thread and never wait.

    Attributes:
        url: to open in a browser; it carries a token that lets in whoever has it.
    """

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop, hub: Hub) -> None:
        self.url = url
        self._loop, self._hub = loop, hub

    def tell(self, event: Event) -> None:
        """Show what this event means."""
        self._call(self._hub.tell, event)

    def see(self, picture: Picture) -> None:
        """The lens shows something new; `picture` is called in the page's thread, or never."""
        self._call(self._hub.see, picture)

    def offer(self, controls: Controls | None, panel: Panel = "wearer") -> None:
        """From here on this may be done from a panel of the page; None where nothing may."""
        self._call(self._hub.offer, panel, controls)

    def _call(self, what: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # it is closed already
            self._loop.call_soon_threadsafe(what, *arguments)


@contextlib.contextmanager
def serving(address: Address) -> Iterator[Page]:
    """Serve the page in a thread of its own until left.

    Raises:
        BackendMissingError: aiohttp is not installed.
        UsageError: the address cannot be used, or the certificate.
    """
    try:
        import aiohttp  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise BackendMissingError("the page needs aiohttp", "Run: pip install 'sidelight[web]'") from error
    started: deque[Page | BaseException] = deque()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def served() -> None:
        try:
            async with _served(address) as (url, hub):
                started.append(Page(url, loop, hub))
                ready.set()
                await over.wait()
        except BaseException as error:  # noqa: BLE001 - told to whoever opened it
            started.append(error)
            ready.set()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(served())

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


@contextlib.asynccontextmanager
async def _served(address: Address) -> AsyncIterator[tuple[str, Hub]]:
    from aiohttp import web  # noqa: PLC0415 - an extra

    hub, loop, tls = Hub(), asyncio.get_running_loop(), tls_of(address)
    scheme = "https" if tls else "http"
    handlers = _Handlers(hub)
    application = web.Application(client_max_size=BODY_BYTES, middlewares=[handlers.guarded])
    application.router.add_get("/", handlers.file)
    for name in _FILES:
        application.router.add_get(f"/{name}", handlers.file)
    application.router.add_post("/session", handlers.session)
    application.router.add_get("/at/{at}/events", handlers.events)
    application.router.add_post("/at/{at}/take/{do}", handlers.take)
    application.router.add_post("/at/{at}/recording", handlers.recording)
    runner = web.AppRunner(
        application,
        access_log=None,
        logger=requests_log(),
        shutdown_timeout=END_S,
        keepalive_timeout=KEPT_S,
        lingering_time=END_S,
        auto_decompress=False,
    )
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it is set up
    door = _Door(loop, runner.server, handlers.silent)
    following = asyncio.create_task(hub.follow())
    try:
        try:
            listening = await loop.create_server(door.connection, address.host, address.port, ssl=tls)
        except OSError as error:
            reason = error.strerror or error
            message = f"the page cannot be opened at {address.host}:{address.port}: {reason}"
            raise UsageError(message, "Set web.address to another port or name, or leave it out") from error
        port = listening.sockets[0].getsockname()[1]
        names = LOOPBACK if address.host in LOOPBACK else {address.host}
        handlers.guard = Guard((f"[{name}]" if ":" in name else name for name in names), port, scheme)
        shown = f"[{address.host}]" if ":" in address.host else address.host
        try:
            yield f"{scheme}://{shown}:{port}/#token={handlers.guard.token}", hub
        finally:
            listening.close()
    finally:
        following.cancel()
        await asyncio.wait({following})
        await handlers.close()
        ending = [connection.transport for connection in runner.server.connections]
        await runner.cleanup()
        await asyncio.sleep(CLOSED_S)
        for transport in ending:
            if transport is not None:
                transport.abort()  # of somebody who does not read: it would never have sent all
        await asyncio.sleep(0)


class _Door:
    """Lets connections in, as many as there may be, and shows out who says nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop, server: web.Server, silent: set[object]) -> None:
        self._loop, self._server, self._silent = loop, server, silent

    def connection(self) -> asyncio.Protocol:
        """Another one."""
        if len(self._server.connections) >= CONNECTIONS:
            return _Full()
        made = self._server()
        self._silent.add(made)
        self._loop.call_later(SILENT_S, self._show_out, made)
        return made

    def _show_out(self, connection: web.RequestHandler) -> None:
        if connection in self._silent:
            self._silent.discard(connection)
            connection.force_close()


class _Full(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Protocol: end it."""
        transport.close()


class _Handlers:
    """What the server answers."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.guard: Guard
        self.silent: set[object] = set()  # connections that have asked for nothing yet
        self._sockets: set[web.WebSocketResponse] = set()
        self._taking = False

    async def close(self) -> None:
        """Say good-bye to who still looks."""
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(END_S):
                    await socket.close(code=1001)  # RFC 6455 7.4.1: going away

    @property
    def guarded(self) -> Any:
        """The middleware that every request passes."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        @web.middleware
        async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
            self.silent.discard(request.protocol)
            origin = ""
            try:
                origin = self.guard.check_host(request.headers)
                answer: web.StreamResponse = await handler(request)
            except RefusedError as refused:
                answer = web.Response(status=refused.status, text=refused.message)
            except TimeoutError:
                answer = web.Response(status=408, text="It did not come in time.")
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
        """The cookie and the path that it is for, for the token."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        self.guard.check_origin(request.headers)
        try:
            async with asyncio.timeout(SILENT_S):
                body = json.loads(await request.text())
        except (ValueError, LookupError, RecursionError):
            body = None
        token = body.get("token") if isinstance(body, dict) else None
        path, secret = self.guard.let_in(token, asyncio.get_running_loop().time())
        answer = web.json_response({"at": path})
        answer.set_cookie(
            self.guard.cookie, secret, httponly=True, samesite="Strict", secure=request.secure, path=f"/at/{path}/"
        )
        return answer

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Events and pictures as they come, and what the wearer is to do."""
        from aiohttp import WSMsgType, web  # noqa: PLC0415 - an extra

        self._check(request)
        if len(self.hub.clients) >= BROWSERS:
            raise RefusedError(503, "Too many browsers look at this page.")
        # Nothing is compressed: it does not leave this computer, or is a picture.
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=BODY_BYTES, compress=False)
        await socket.prepare(request)
        client = self.hub.joined()
        sending = asyncio.create_task(_send(socket, client, self.hub))
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._order(client, message.data)
                    await asyncio.sleep(ORDERS_S)
        finally:
            self._sockets.discard(socket)
            self.hub.clients.discard(client)
            sending.cancel()
            await asyncio.wait({sending})
        return socket

    async def take(self, request: web.Request) -> web.Response:
        """Do something with a file that was chosen in the browser; what there is to say against it."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        self._check(request)
        do = request.match_info["do"]
        controls = self.hub.who_does(do)
        if controls is None:
            raise RefusedError(404, "No file is wanted.")
        if self._taking:
            raise RefusedError(429, "Another file is on its way; wait for it.")
        self._taking = True
        try:
            content = await _body(request)
            name = request.query.get("name", "")[:NAME_CHARS] or "the file"
            said = await asyncio.to_thread(controls.take, do, name, content)
        finally:
            self._taking = False
        return web.json_response({"message": said})

    async def recording(self, request: web.Request) -> web.Response:
        """What was recorded of the link."""
        from aiohttp import web  # noqa: PLC0415 - an extra

        self._check(request)
        worn = self.hub.panels.get("wearer")
        content = None if worn is None else await asyncio.to_thread(worn.recording)
        if content is None:
            return web.Response(status=204)
        return web.Response(
            body=content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": 'attachment; filename="sidelight-link.jsonl"'},
        )

    def _check(self, request: web.Request) -> None:
        """It comes from our page, in a browser that was let in."""
        self.guard.check_origin(request.headers)
        self.guard.check_session(request.match_info["at"], request.cookies.get(self.guard.cookie))

    def _order(self, client: Client, text: str) -> None:
        """Do what is wanted, and say what became of it."""
        try:
            wanted = json.loads(text)
        except (ValueError, RecursionError):
            wanted = None
        if isinstance(wanted, dict) and isinstance(wanted.get("watch"), list):
            client.watched = frozenset(one for one in wanted["watch"] if isinstance(one, str))
            return
        if not isinstance(wanted, dict) or not isinstance(wanted.get("do"), str):
            said = "That was not understood."
        else:
            said = self.hub.do(wanted)
        answer: Json = {"event": "refused", "message": said} if said else {"event": "done", "do": wanted["do"]}
        if len(client.events) < WAITING:  # who reads no answers is given no more
            client.tell(json.dumps(answer, separators=(",", ":")))


async def _body(request: web.Request) -> bytes:
    """All of a file, if it is not too large and comes in time."""
    size = f"Files of at most {FILE_BYTES >> 20} MB are taken."
    if request.content_length is not None and request.content_length > FILE_BYTES:
        raise RefusedError(413, size)
    content = bytearray()
    async with asyncio.timeout(FILE_S):
        async for piece in request.content.iter_chunked(1 << 16):
            content += piece
            if len(content) > FILE_BYTES:
                raise RefusedError(413, size)
    return bytes(content)


async def _send(socket: web.WebSocketResponse, client: Client, hub: Hub) -> None:
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
                await socket.send_str(client.events.popleft())
            if not client.pictured and clock() >= pictured_s + PICTURES_S:
                client.pictured, pictured_s = True, clock()
                png = hub.png()
                if png is not None:
                    await socket.send_bytes(png)
