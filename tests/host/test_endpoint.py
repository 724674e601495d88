"""Servers the user configured: which addresses are taken, and what is refused before anything is sent."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time

import pytest
from speech_server import KEY, Reply, SpeechServer

from host.endpoint import Endpoint
from host.errors import BackendError, UsageError


@pytest.mark.parametrize(
    ("url", "shown", "loopback"),
    [
        ("https://api.example/v1/", "https://api.example:443/v1", False),
        ("https://API.example:8443", "https://api.example:8443", False),
        ("http://localhost:8000/v1", "http://localhost:8000/v1", True),
        ("http://127.0.0.9", "http://127.0.0.9:80", True),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1", True),
        (" https://host/v1 ", "https://host:443/v1", False),
    ],
)
def test_addresses(url, shown, loopback):
    endpoint = Endpoint(url, key=KEY)
    assert (str(endpoint), endpoint.loopback) == (shown, loopback)
    assert repr(endpoint) == f"Endpoint({shown!r})"


@pytest.mark.parametrize(
    "url",
    ["http://api.example/v1", "http://192.168.1.20:8000", "http://0.0.0.0:8000", "http://localhost.example", "http://[fe80::1]"],
)  # fmt: skip
def test_beyond_this_computer_only_https(url):
    with pytest.raises(UsageError, match="beyond this computer: anybody on the way could listen") as error:
        Endpoint(url, setting="openai.base_url")
    assert error.value.message.startswith("openai.base_url is http to ")
    assert "ssh -L" in error.value.hint


@pytest.mark.parametrize(
    "url",
    ["", "host/v1", "ftp://host", "https://", "https://host:0", "https://host:99999", "https://ho st",
     "https://host/\r\nX: 1", "https://h\u00f6st/", "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_address(url):
    with pytest.raises(UsageError, match="is no http or https address"):
        Endpoint(url, setting="openai.base_url")


@pytest.mark.parametrize("url", ["https://user:pw@host/v1", "https://host/v1?key=x", "https://host/v1#x"])
def test_an_address_holds_no_secrets(url):
    with pytest.raises(UsageError, match="holds more than an address") as error:
        Endpoint(url)
    assert "pw" not in str(error.value)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "t\u00e4g", "\x00"])
def test_what_is_no_key(key):
    with pytest.raises(UsageError, match="the API key holds characters that no key has") as error:
        Endpoint("https://host/v1", key=key)
    assert key not in f"{error.value}{error.value.hint}"


def test_spaces_around_a_key_are_a_slip():
    with SpeechServer().running() as server:
        server.replies = [Reply()]
        asyncio.run(Endpoint(server.url, key=f" {KEY}\n").post("/x", b"", "text/plain", timeout_s=5))
        assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def posted(endpoint, timeout_s=5.0):
    return asyncio.run(endpoint.post("/audio/transcriptions", b"sound", "audio/wav", timeout_s=timeout_s))


def test_a_server_without_a_key_is_sent_none():
    with SpeechServer().running() as server:
        server.replies = [Reply(204, kind="Text/PLAIN; charset=utf-8", headers={"Retry-After": "soon"})]
        answer = posted(Endpoint(server.url))
        assert "Authorization" not in server.requests[0].headers
        assert (answer.status, answer.kind, answer.retry_after_s) == (204, "text/plain", None)


def test_a_date_to_wait_until():
    with SpeechServer().running() as server:
        server.replies = [Reply(503, headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})]
        assert posted(Endpoint(server.url)).retry_after_s == 0.0


def test_a_redirect_is_not_followed():
    with SpeechServer().running() as target, SpeechServer().running() as server:
        for status in (301, 302, 303, 307, 308):
            server.replies = [Reply(status, headers={"Location": target.url})]
            with pytest.raises(BackendError, match=r"sends requests on to 127\.0\.0\.1:\d+, which is refused"):
                posted(Endpoint(server.url, key=KEY))
        assert target.requests == []


def test_https_at_a_port_that_speaks_http():
    with SpeechServer().running() as server:
        with pytest.raises(BackendError, match="does not speak https") as error:
            posted(Endpoint(server.url.replace("http:", "https:"), key=KEY))
        assert not error.value.retry
        assert server.requests == []


def test_a_name_that_nobody_has():
    with pytest.raises(BackendError, match=r"no computer named nobody\.invalid in reach") as error:
        posted(Endpoint("https://nobody.invalid/v1"))
    assert error.value.retry


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    with SpeechServer().running() as proxy, SpeechServer().running() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        server.replies = [Reply()]
        assert posted(Endpoint(server.url, key=KEY)).status == 200
        assert proxy.requests == []


def test_cancelling_breaks_the_connection():
    gone = threading.Event()

    def serve(listener):
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(20)
            while connection.recv(65536):
                pass
            gone.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()

        async def main():
            endpoint = Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}")
            waiting = asyncio.create_task(endpoint.post("/", b"x", "text/plain", timeout_s=20))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            endpoint.close()

        began = time.monotonic()
        asyncio.run(main())
        assert gone.wait(10)
        server.join()
    assert time.monotonic() - began < 10


LOOKUP_HANGS = """
import asyncio, socket, time
from host.endpoint import Endpoint, TooSlowError

socket.getaddrinfo = lambda *_args, **_options: time.sleep(300)

async def main():
    endpoint = Endpoint("https://nowhere.example")
    waiting = asyncio.create_task(endpoint.post("/", b"x", "text/plain", timeout_s=200))
    await asyncio.sleep(0.1)
    waiting.cancel()
    for _ in range(4):
        try:
            await endpoint.post("/", b"x", "text/plain", timeout_s=0.2)
        except TooSlowError as error:
            print(error.message)
    endpoint.close()

asyncio.run(main())
"""


def test_a_name_lookup_that_hangs_holds_neither_the_caller_nor_the_end_of_the_program():
    """Nothing can break it off, and a resolver that nobody answers takes minutes."""
    done = subprocess.run([sys.executable, "-c", LOOKUP_HANGS], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["https://nowhere.example:443 did not answer in 0.2 s"] * 4
