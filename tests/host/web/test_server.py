"""The page's server, asked by a client that can also ask wrongly."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from host.errors import UsageError
from host.events import Notice
from host.web.address import Address, address_of, tls_of
from host.web.controls import Controls
from host.web.hub import WAITING
from host.web.server import Page, serving
from tests.model_server import certificate_in

aiohttp = pytest.importorskip("aiohttp")


def asked(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def parts(page: Page) -> tuple[str, str]:
    """The page's origin, and its token."""
    split = urlsplit(page.url)
    return f"{split.scheme}://{split.netloc}", split.fragment.removeprefix("token=")


async def let_in(session: Any, page: Page) -> Any:
    origin, token = parts(page)
    body = json.dumps({"token": token})
    async with session.post(f"{origin}/session", data=body, headers={"Origin": origin}) as answer:
        assert answer.status == 200
        return (await answer.json())["at"], answer


def unsafe() -> Any:
    """A client that keeps cookies of numbers, as browsers do."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


def test_files_are_served_with_a_strict_policy() -> None:
    async def looked(page: Page) -> None:
        origin, _ = parts(page)
        async with aiohttp.ClientSession() as session:
            for name in ("", "index.html", "page.js", "map.js", "controls.js", "page.css", "icon.svg"):
                async with session.get(f"{origin}/{name}") as answer:
                    assert answer.status == 200
                    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
                    assert "http://" not in (await answer.text()).replace("http://www.w3.org/2000/svg", "")
            for name in ("server.py", "../server.py", "%2e%2e/server.py", "page/page.js"):
                async with session.get(f"{origin}/{name}") as answer:
                    assert answer.status == 404
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"

    with serving(Address()) as page:
        asked(looked(page))


def test_the_cookie_is_for_no_script_and_no_other_site() -> None:
    async def looked(page: Page) -> None:
        async with unsafe() as session:
            said = (await let_in(session, page))[1].headers["Set-Cookie"]
            assert "HttpOnly" in said
            assert "SameSite=Strict" in said
            assert parts(page)[1] not in said

    with serving(Address()) as page:
        asked(looked(page))


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Host": "evil.example"}, 421),
        ("/at/x/events", {}, 403),
        ("/at/x/events", {"Origin": "http://evil.example"}, 403),
        ("/at/x/events", {"Origin": "OWN"}, 401),
        ("/at/x/events", {"Origin": "OWN", "Host": "evil.example"}, 421),
    ],
)
def test_a_wrong_host_a_foreign_page_and_nobody_are_refused(path: str, headers: dict[str, str], status: int) -> None:
    async def refused(page: Page) -> int:
        origin, _ = parts(page)
        own = {name: origin if value == "OWN" else value for name, value in headers.items()}
        async with aiohttp.ClientSession() as session, session.get(origin + path, headers=own) as answer:
            return int(answer.status)

    with serving(Address()) as page:
        assert asked(refused(page)) == status


@pytest.mark.parametrize(
    "body", ["", "{}", '{"token": 1}', '{"token": "x"}', "[" * 2000, '{"token": null}', '{"token": "\\ud800"}']
)
def test_a_wrong_token_lets_nobody_in(body: str) -> None:
    async def refused(page: Page) -> int:
        origin, _ = parts(page)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{origin}/session", data=body, headers={"Origin": origin}) as answer,
        ):
            assert "Set-Cookie" not in answer.headers
            return int(answer.status)

    with serving(Address()) as page:
        assert asked(refused(page)) == 401


async def socket_of(session: Any, page: Page) -> Any:
    at, _ = await let_in(session, page)
    origin, _ = parts(page)
    return await session.ws_connect(f"{origin}/at/{at}/events", headers={"Origin": origin})


def test_who_comes_late_is_told_what_still_means_something_then_each_event() -> None:
    async def looked(page: Page) -> list[Any]:
        async with unsafe() as session:
            socket = await socket_of(session, page)
            board = await socket.receive_json()
            page.tell(Notice(t=2.0, code="b", message="later"))
            return [board, await socket.receive_json()]

    with serving(Address()) as page:
        page.tell(Notice(t=1.0, code="a", message="<b>earlier</b>"))
        board, event = asked(looked(page))
    assert [one.get("message") for one in board["events"]] == [None, None, "<b>earlier</b>"]
    assert event["message"] == "later"


def test_pictures_are_made_for_who_looks_and_the_newest_wins() -> None:
    made: list[int] = []

    def picture(number: int) -> bytes:
        made.append(number)
        return bytes([number])

    async def looked(page: Page) -> list[bytes]:
        async with unsafe() as session:
            socket = await socket_of(session, page)
            await socket.receive_json()
            first = await socket.receive_bytes()
            for number in range(3, 100):
                page.see(lambda number=number: picture(number))
            seen = [await socket.receive_bytes()]
            while seen[-1] != bytes([99]):
                seen.append(await socket.receive_bytes())
            return [first, *seen]

    with serving(Address()) as page:
        for number in (1, 2):
            page.see(lambda number=number: picture(number))
        seen = asked(looked(page))
    assert seen[0] == bytes([2])
    assert len(made) == len(seen) < 10


def test_a_slow_browser_is_given_the_whole_board_and_nobody_waits_for_it() -> None:
    async def looked(page: Page) -> list[Any]:
        async with unsafe() as session:
            socket = await socket_of(session, page)
            told = [await socket.receive_json()]
            for number in range(20 * WAITING):
                page.tell(Notice(t=float(number), code="x", message="m" * 2000))
            page.tell(Notice(t=1e6, code="end", message="end"))
            while not any(one.get("code") == "end" for one in (told[-1], *told[-1].get("events", ())[-1:])):
                told.append(await socket.receive_json())
            return told

    with serving(Address()) as page:
        told = asked(looked(page))
    assert any(event["event"] == "board" for event in told[1:]) or len(told) == 20 * WAITING + 2


OFFERED = [{"do": "tap"}, {"do": "fly"}]


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ('{"do": "tap"}', {"event": "done", "do": "tap"}),
        ('{"do": "fly"}', {"event": "refused", "message": "I cannot fly"}),
        ('{"do": "cut"}', {"event": "refused", "message": "That is not offered."}),
        ("{", {"event": "refused", "message": "That was not understood."}),
        ("[]", {"event": "refused", "message": "That was not understood."}),
        ('{"do": 1}', {"event": "refused", "message": "That was not understood."}),
    ],
)
def test_what_the_wearer_is_to_do_is_done_or_refused_with_a_reason(sent: str, answer: object) -> None:
    async def told(page: Page) -> object:
        async with unsafe() as session:
            socket = await socket_of(session, page)
            assert (await socket.receive_json())["events"] == [
                {"event": "controls", "panel": "wearer", "controls": OFFERED},
                {"event": "controls", "panel": "assistant", "controls": []},
            ]
            await socket.send_str(sent)
            return await socket.receive_json()

    controls = Controls(OFFERED, lambda wanted: "" if wanted["do"] == "tap" else "I cannot fly")
    with serving(Address()) as page:
        page.offer(controls)
        assert asked(told(page)) == answer


def test_a_port_that_is_taken_is_said() -> None:
    with serving(Address()) as page:
        port = urlsplit(page.url).port or 0
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}"), serving(Address(port=port)):
            pass


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        *(("", "127.0.0.1", 0), ("8123", "127.0.0.1", 8123), (":8123", "127.0.0.1", 8123), ("[::1]", "::1", 0)),
        *(("localhost:1", "localhost", 1), ("LocalHost", "localhost", 0), ("[::1]:7", "::1", 7)),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert address_of(text) == Address(host, port)


@pytest.mark.parametrize("text", ["127.0.0.1:x", "127.0.0.1:99999", ":-1", "abc", "²", "٣", "::1", "http://127.0.0.1"])
def test_what_is_no_address_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        address_of(text)


@pytest.mark.parametrize("text", ["0.0.0.0:8123", "192.168.1.5", "glasses.example:8123", "[::]:1"])
def test_others_are_let_near_with_tls_only(text: str) -> None:
    with pytest.raises(UsageError, match="unprotected"):
        address_of(text)


def test_a_name_is_served_however_it_is_typed_and_one_that_no_browser_asks_for_is_refused() -> None:
    assert address_of("Glasses.Example:1", "c.pem").host == "glasses.example"  # browsers ask in lower case
    for text in ("0.0.0.0:1", "[::]:1"):
        with pytest.raises(UsageError, match="no browser asks for"):
            address_of(text, "c.pem")


def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("no certificate")
    with (
        pytest.raises(UsageError, match=r"c\.pem cannot be used"),
        serving(address_of("127.0.0.1:0", str(tmp_path / "c.pem"))),
    ):
        pass


def test_a_key_with_a_password_is_refused_and_the_terminal_is_not_asked(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra

    key, chain = certificate_in(tmp_path)
    secret = serialization.load_pem_private_key(key.read_bytes(), None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    key.write_bytes(secret)
    with pytest.raises(UsageError) as caught:
        tls_of(Address("localhost", 0, chain, key))
    assert "without a password" in caught.value.hint


def test_with_a_certificate_it_is_https_and_the_cookie_is_for_it_alone(tmp_path: Path) -> None:
    async def looked(page: Page, trusted: ssl.SSLContext) -> str:
        origin, token = parts(page)
        connector = aiohttp.TCPConnector(ssl=trusted)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.post(f"{origin}/session", data=json.dumps({"token": token}), headers={"Origin": origin}) as answer,
        ):
            return str(answer.headers["Set-Cookie"])

    key, chain = certificate_in(tmp_path)
    trusted = ssl.create_default_context(cafile=tmp_path / "authority.pem")
    with serving(Address("localhost", 0, chain, key)) as page:
        assert page.url.startswith("https://localhost:")
        assert "Secure" in asked(looked(page, trusted))
