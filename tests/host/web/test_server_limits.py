"""What others may send the page's server, how much of it, and for how long; and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from host.events import Notice
from host.web import server
from host.web.address import Address
from host.web.controls import Controls
from host.web.hub import WAITING, Hub
from host.web.server import CONNECTIONS, FILE_BYTES, Page, serving

aiohttp = pytest.importorskip("aiohttp")


class Taker:
    """What a page is offered: a file that is kept, and a recording."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, int]] = []
        self.done: list[object] = []
        self.slow = threading.Event()
        self.slow.set()
        self.entered = threading.Event()

    def take(self, do: str, name: str, content: bytes) -> str:
        self.entered.set()
        assert self.slow.wait(30)
        self.taken.append((do, name, len(content)))
        return "too quiet" if content == b"quiet" else ""

    def do(self, wanted: Any) -> str:
        self.done.append(wanted)
        return ""

    def controls(self) -> Controls:
        offered = ({"do": "hear", "label": "", "fields": ()}, {"do": "tap", "label": "", "fields": ()})
        return Controls(offered, self.do, self.take, lambda: b'{"a":1}\n')


class Browser:
    """Somebody who was let in, and may also ask wrongly."""

    def __init__(self, page: Page, session: Any, at: str) -> None:
        split = urlsplit(page.url)
        self.origin = f"{split.scheme}://{split.netloc}"
        self.session, self.at = session, at

    async def post(self, path: str, data: Any = b"", **headers: str) -> tuple[int, str]:
        headers = {"Origin": self.origin, **headers}
        async with self.session.post(f"{self.origin}/at/{self.at}/{path}", data=data, headers=headers) as answer:
            return answer.status, await answer.text()


@contextlib.asynccontextmanager
async def browser(page: Page) -> Any:
    split = urlsplit(page.url)
    origin = f"{split.scheme}://{split.netloc}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        body = json.dumps({"token": split.fragment.removeprefix("token=")})
        async with session.post(f"{origin}/session", data=body, headers={"Origin": origin}) as answer:
            yield Browser(page, session, (await answer.json())["at"])


def with_page(test: Any, taker: Taker | None = None) -> Any:
    """The result of a test with somebody who was let in."""

    async def main(page: Page) -> Any:
        async with asyncio.timeout(60), browser(page) as known:
            return await test(known)

    with serving(Address()) as page:
        if taker is not None:
            page.offer(taker.controls())
        return asyncio.run(main(page))


def test_a_file_is_taken_and_what_there_is_to_say_of_it_comes_back() -> None:
    taker = Taker()

    async def test(known: Browser) -> list[Any]:
        return [
            await known.post("take/hear?name=a%20b.wav", b"x" * 100_000),
            await known.post("take/hear", b"quiet"),
            await known.post("take/other", b"x"),
            await known.post("recording"),
        ]

    good, quiet, other, recording = with_page(test, taker)
    assert good == (200, '{"message": ""}')
    assert quiet == (200, '{"message": "too quiet"}')
    assert other == (404, "No file is wanted.")
    assert recording == (200, '{"a":1}\n')
    assert taker.taken == [("hear", "a b.wav", 100_000), ("hear", "the file", 5)]


@pytest.mark.parametrize("path", ["take/hear?name=x", "recording"])
@pytest.mark.parametrize(
    ("headers", "at", "status"),
    [
        ({"Origin": "http://evil.example"}, None, 403),
        ({"Origin": "null"}, None, 403),
        ({"Host": "evil.example"}, None, 421),
        ({"Cookie": "sidelight-1=x"}, None, 401),
        ({}, "somewhere", 401),
        ({}, "", 404),
    ],
)
def test_files_and_recordings_are_for_the_page_alone(
    path: str, headers: dict[str, str], at: str | None, status: int
) -> None:
    taker = Taker()

    async def test(known: Browser) -> tuple[int, str]:
        if "Cookie" in headers:
            known.session.cookie_jar.clear()
        known.at = known.at if at is None else at
        return await known.post(path, b"secret", **headers)

    assert with_page(test, taker)[0] == status
    assert taker.taken == []


def test_the_cookie_is_for_one_path_that_nobody_else_knows() -> None:
    async def test(known: Browser) -> Any:
        (cookie,) = list(known.session.cookie_jar)
        return cookie["path"], known.at

    path, at = with_page(test, Taker())
    assert path == f"/at/{at}/"
    assert len(at) >= 43  # 256 bits


async def pieces(count: int) -> Any:
    for _ in range(count):
        yield b"\0" * (1 << 20)


def test_too_large_a_file_is_refused_with_or_without_a_length() -> None:
    taker = Taker()

    async def told(known: Browser) -> tuple[int, str]:
        try:
            return await known.post("take/hear", b"", **{"Content-Length": str(FILE_BYTES + 1)})
        except aiohttp.ClientError:
            return 0, ""

    async def streamed(known: Browser) -> tuple[int, str]:
        try:
            return await known.post("take/hear", pieces((FILE_BYTES >> 20) + 2))
        except aiohttp.ClientError:  # the server has closed while it was being sent
            return 413, ""

    assert with_page(streamed, taker)[0] == 413
    assert with_page(told, taker) == (413, "Files of at most 64 MB are taken.")
    assert taker.taken == []


def test_files_come_one_at_a_time() -> None:
    taker = Taker()
    taker.slow.clear()

    async def test(known: Browser) -> tuple[int, str]:
        first = asyncio.create_task(known.post("take/hear", b"1"))
        assert await asyncio.to_thread(taker.entered.wait, 30)
        second = await known.post("take/hear", b"2")
        taker.slow.set()
        assert (await first)[0] == 200
        return second

    assert with_page(test, taker) == (429, "Another file is on its way; wait for it.")


def test_a_file_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "FILE_S", 0.2)

    async def never() -> Any:
        yield b"x"
        await asyncio.sleep(30)

    async def test(known: Browser) -> tuple[int, str]:
        return await known.post("take/hear", never())

    assert with_page(test, Taker()) == (408, "It did not come in time.")


def test_a_compressed_body_is_not_unpacked() -> None:
    taker = Taker()

    async def test(known: Browser) -> tuple[int, str]:
        async with known.session.post(
            f"{known.origin}/at/{known.at}/take/hear",
            data=b"\x1f\x8b no gzip",
            headers={"Origin": known.origin, "Content-Encoding": "gzip"},
        ) as answer:
            return int(answer.status), ""

    assert with_page(test, taker)[0] == 200
    assert taker.taken == [("hear", "the file", 10)]


def _raw(page: Page) -> socket.socket:
    split = urlsplit(page.url)
    return socket.create_connection((split.hostname, split.port), timeout=30)


def test_who_says_nothing_is_shown_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SILENT_S", 0.3)
    with serving(Address()) as page, contextlib.closing(_raw(page)) as silent, contextlib.closing(_raw(page)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert silent.recv(1) == b""
        assert slow.recv(1) == b""


def test_a_token_that_comes_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SILENT_S", 0.3)
    with serving(Address()) as page, contextlib.closing(_raw(page)) as slow:
        place = urlsplit(page.url)
        head = f"Host: {place.netloc}\r\nOrigin: http://{place.netloc}\r\nContent-Length: 99\r\n\r\n"
        slow.sendall(f"POST /session HTTP/1.1\r\n{head}{{".encode())
        assert slow.recv(12) == b"HTTP/1.1 408"


def test_what_is_no_request_is_not_worth_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Address()) as page, contextlib.closing(_raw(page)) as strange:
        strange.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert b" 400 " in strange.recv(100)
    assert not caplog.records


def test_connections_are_bounded_and_free_again() -> None:
    with serving(Address()) as page:
        open_ones = [_raw(page) for _ in range(CONNECTIONS)]
        time.sleep(0.2)
        with contextlib.closing(_raw(page)) as one_more, contextlib.suppress(ConnectionResetError):
            assert one_more.recv(1) == b""
        for one in open_ones:
            one.close()
        split = urlsplit(page.url)
        end = time.monotonic() + 30
        got = b""
        while not got.startswith(b"HTTP/1.1 200") and time.monotonic() < end:
            with contextlib.closing(_raw(page)) as again, contextlib.suppress(ConnectionResetError):
                again.sendall(f"GET / HTTP/1.1\r\nHost: {split.netloc}\r\n\r\n".encode())
                got = again.recv(20)
        assert got.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\nHost: PAGE\r\n\r\n",
        b"POST /session HTTP/1.1\r\nHost: PAGE\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: PAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: PAGE\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_broken_and_ambiguous_requests_get_no_page(request_text: bytes) -> None:
    with serving(Address()) as page, contextlib.closing(_raw(page)) as raw:
        raw.sendall(request_text.replace(b"PAGE", urlsplit(page.url).netloc.encode()))
        raw.shutdown(socket.SHUT_WR)
        got = b""
        while piece := raw.recv(65536):
            got += piece
    assert b" 200 " not in got.split(b"\r\n")[0]
    assert b"\r\nSet-Cookie" not in got


def test_a_flood_of_orders_is_done_at_a_pace_and_slows_no_other_browser() -> None:
    taker = Taker()

    async def test(known: Browser) -> float:
        url, headers = f"{known.origin}/at/{known.at}/events", {"Origin": known.origin}
        connect = known.session.ws_connect
        async with connect(url, headers=headers) as flooding, connect(url, headers=headers) as other:
            await other.receive_json()
            for _ in range(200):
                await flooding.send_str('{"do":"tap"}')
            await other.send_str('{"do":"tap"}')
            asked = time.monotonic()
            while (await other.receive_json())["event"] != "done":
                pass
            assert len(taker.done) < 150
            return time.monotonic() - asked

    with_page(test, taker)


def test_answers_that_nobody_reads_are_not_kept() -> None:
    """Orders keep a connection alive, whatever becomes of what is told to it."""
    hub = Hub()
    hub.offer("wearer", Taker().controls())
    client = hub.joined()
    for _ in range(3 * WAITING):
        server._Handlers(hub)._order(client, '{"do":"tap"}')
    assert len(client.events) <= WAITING


def test_who_does_not_read_is_hung_up_on_at_the_end() -> None:
    """What waits for them would never all be sent: an open connection is a warning, and so an error here."""
    with serving(Address()) as page:

        async def let_in() -> tuple[str, str]:
            async with browser(page) as known:
                [cookie] = known.session.cookie_jar
                return known.at, f"{cookie.key}={cookie.value}"

        at, cookie = asyncio.run(let_in())
        place = urlsplit(page.url)
        deaf = socket.create_connection(("127.0.0.1", place.port or 0))
        deaf.settimeout(30)
        deaf.sendall(
            f"GET /at/{at}/events HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: http://{place.netloc}\r\n"
            f"Cookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n".encode()
        )
        assert deaf.recv(12) == b"HTTP/1.1 101"
        for n in range(4 * WAITING):
            page.tell(Notice(t=float(n), code="x", message="m" * 20_000))
    with deaf, contextlib.suppress(ConnectionError):
        while deaf.recv(1 << 20):
            pass
    gc.collect()


def test_it_ends_soon_with_browsers_that_look_and_one_that_sends() -> None:
    async def main() -> tuple[float, object]:
        with contextlib.ExitStack() as stack:
            page = stack.enter_context(serving(Address()))
            page.offer(Taker().controls())
            async with asyncio.timeout(60), browser(page) as known:
                url = f"{known.origin}/at/{known.at}/events"
                looking = await known.session.ws_connect(url, headers={"Origin": known.origin})
                await looking.receive_json()
                got, sending = await asyncio.open_connection("127.0.0.1", urlsplit(page.url).port)
                sending.write(b"GET / HTTP/1.1\r\n\r\n")
                await got.readuntil(b"\r\n\r\n")  # it is let in
                sending.write(b"POST /session HTTP/1.1\r\nContent-Length: 9\r\n")
                begun = time.monotonic()
                ending = asyncio.create_task(asyncio.to_thread(stack.close))
                last = await looking.receive()
                await ending
                sending.close()
                with contextlib.suppress(ConnectionError):
                    await sending.wait_closed()
                page.tell(Notice(t=0.0, code="x", message="nobody hears this"))
                return time.monotonic() - begun, last.type

    seconds, last = asyncio.run(main())
    assert last is aiohttp.WSMsgType.CLOSE
    assert seconds < server.START_S  # after which it is left alone
    assert not [one for one in threading.enumerate() if one.name == "page"]
