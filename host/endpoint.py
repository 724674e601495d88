"""An HTTP server that the user configured: one request at a time over a connection of its own, with every wait bounded.

Beyond this computer only https. Redirects are refused, so that neither a key nor what is sent goes anywhere but to the
address the user gave. Answers are bounded before they are read. Proxies are not used. What a server says is data.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ipaddress
import logging
import re
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, ParamSpec, TypeVar

from host.errors import BackendError, UsageError

__all__ = ["Answer", "Endpoint", "TooSlowError"]

CONNECT_TIMEOUT_S: Final = 10.0  # three lost SYN packets
ANSWER_LIMIT_BYTES: Final = 4 << 20  # hours of text
_PIECE_BYTES: Final = 16 << 10
_AT_ONCE: Final = 4  # requests under way; more wait
_LOOKUP_S: Final = 0.5  # after its time a request ends by itself, unless the system's name lookup hangs

Given = ParamSpec("Given")
Made = TypeVar("Made")

_log = logging.getLogger(__name__)


class TooSlowError(BackendError):
    """A server took the request and did not answer in time; asking again would take as long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: HTTP status, 200 to 599; redirects never get here.
        kind: media type, lower case, such as "application/json"; empty if the server does not say.
        body: at most `ANSWER_LIMIT_BYTES`.
        retry_after_s: seconds the server asks to wait; None if it does not ask.
    """

    status: int
    kind: str
    body: bytes
    retry_after_s: float | None = None


class Endpoint:
    """A server's base address and the key to it; the key is in no message, log or `repr`."""

    def __init__(self, base_url: str, *, key: str = "", setting: str = "the address", agent: str = "sidelight") -> None:
        """Check the address; nothing is sent.

        Args:
            base_url: such as "https://host/v1" or "http://localhost:8000/v1".
            key: sent as a bearer token; empty for none.
            setting: what the user calls the address, for messages.
            agent: what we call ourselves there.

        Raises:
            UsageError: no http or https address, http beyond this computer, or a key that cannot be one.
        """
        self._setting = setting
        parts = _split(base_url, setting)
        self.loopback: bool = _is_loopback(parts.hostname or "")
        """True if the server is on this computer."""
        if parts.scheme == "http" and not self.loopback:
            raise UsageError(
                f"{setting} is http to {parts.hostname}, beyond this computer: anybody on the way could listen",
                "Use https, or make a tunnel (ssh -L 8000:localhost:8000 HOST) and http://localhost:8000",
            )
        key = key.strip()
        if not re.fullmatch(r"[\x21-\x7e]*", key):
            raise UsageError("the API key holds characters that no key has", "Copy it again; it is one word")
        self._key, self._agent = key, agent
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._path = parts.path.rstrip("/")
        self._threads = _Threads()

    def __repr__(self) -> str:
        return f"Endpoint({str(self)!r})"

    def __str__(self) -> str:
        """The address, fit to be printed."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._secure else 'http'}://{host}:{self._port}{self._path}"

    @property
    def host(self) -> str:
        """Name or address of the server, lower case."""
        return self._host

    def censored(self, text: str) -> str:
        """Text from outside as one short line without the key and without control characters."""
        if self._key:
            text = text.replace(self._key, "***")
        line = "".join(c if c.isprintable() else " " for c in text)
        return " ".join(line.split())[:200]

    async def post(
        self, path: str, body: bytes, kind: str, *, timeout_s: float, on_piece: Callable[[bytes], None] | None = None
    ) -> Answer:
        """Send a body and wait for the whole answer, at most `timeout_s` in all.

        Cancelling breaks the connection.

        Args:
            path: below the base address, with a leading slash.
            body: to send.
            kind: its media type.
            timeout_s: more than 0.
            on_piece: called on the event loop with each piece of an answer of status 200 as it comes.

        Raises:
            TooSlowError: no answer in time.
            BackendError: no connection, no HTTP, a redirect, or too much of an answer.
        """
        headers = {"Content-Type": kind, "Accept": "application/json"}
        return await self._ask("POST", path, body, headers, timeout_s=timeout_s, on_piece=on_piece)

    async def get(self, path: str, *, timeout_s: float, kind: str = "application/json") -> Answer:
        """Ask for what is there and wait for the whole answer, at most `timeout_s` in all.

        Cancelling breaks the connection.

        Args:
            path: below the base address, with a leading slash; what is in its query is quoted already.
            timeout_s: more than 0.
            kind: the media type that is wanted.

        Raises:
            TooSlowError, BackendError: as `post`.
        """
        return await self._ask("GET", path, None, {"Accept": kind}, timeout_s=timeout_s)

    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        timeout_s: float,
        on_piece: Callable[[bytes], None] | None = None,
    ) -> Answer:
        exchange = _Exchange(self._connection(), timeout_s, _on_loop(on_piece))
        headers = {**headers, "User-Agent": self._agent}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        began = time.monotonic()
        limit = asyncio.timeout(timeout_s + _LOOKUP_S)
        try:
            async with limit:
                answer, location = await asyncio.get_running_loop().run_in_executor(
                    self._threads, exchange.run, method, self._path + path, body, headers
                )
        except asyncio.CancelledError:
            exchange.abort()
            raise
        except _TRANSPORT_ERRORS as error:
            if limit.expired():
                exchange.expire()
            raise self._explained(error, exchange, timeout_s) from error
        _log.debug("%s %s%s: %d in %.2f s", method, self, path, answer.status, time.monotonic() - began)
        if 300 <= answer.status < 400:
            raise self._redirected(location)
        if len(answer.body) > ANSWER_LIMIT_BYTES:
            raise BackendError(f"{self} answered with more than {ANSWER_LIMIT_BYTES >> 20} MB", self._check())
        return answer

    def close(self) -> None:
        """Begin no more requests; those under way end by themselves. Repeated calls do nothing."""
        self._threads.shutdown()

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_S, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_S)

    def _explained(self, error: Exception, exchange: _Exchange, timeout_s: float) -> BackendError:
        """A transport error in words."""
        if exchange.too_late:
            hint = "A server with a smaller model is faster"
            return TooSlowError(f"{self} did not answer in {timeout_s:g} s", hint, retry=True)
        retry, hint = True, self._reach()
        if isinstance(error, TimeoutError):
            text = f"{self} did not accept a connection in {CONNECT_TIMEOUT_S:g} s"
        elif isinstance(error, socket.gaierror):
            text = f"there is no computer named {self._host} in reach"
        elif isinstance(error, ConnectionRefusedError):
            text, hint = f"nothing listens at {self}", f"Start the server, or correct {self._setting}"
        elif isinstance(error, ssl.SSLCertVerificationError):
            text, hint, retry = (
                f"the certificate of {self} is not trusted: {error.verify_message}",
                self._check(),
                False,
            )
        elif isinstance(error, ssl.SSLError):
            text, hint, retry = f"{self} does not speak https", self._check(), False
        elif isinstance(error, http.client.BadStatusLine) and not isinstance(error, http.client.RemoteDisconnected):
            text, hint, retry = f"{self} does not speak HTTP", self._check(), False
        else:
            text = f"the connection to {self} broke"
        return BackendError(text, hint, retry=retry)

    def _redirected(self, location: str) -> BackendError:
        with contextlib.suppress(ValueError):
            target = urllib.parse.urlsplit(location).netloc.rpartition("@")[2] or "another path"
            return BackendError(
                f"{self} sends requests on to {self.censored(target)}, which is refused",
                f"If you trust that address, set {self._setting} to it",
            )
        return BackendError(f"{self} sends requests on to somewhere else, which is refused", self._check())

    def _check(self) -> str:
        return f"Check {self._setting}"

    def _reach(self) -> str:
        return f"Check the network, and {self._setting}"


_TRANSPORT_ERRORS: Final = (OSError, http.client.HTTPException, ValueError)  # ValueError: a socket closed meanwhile


class _Exchange:
    """One request and its answer, in a thread; `abort` may be called from any other."""

    def __init__(
        self, connection: http.client.HTTPConnection, timeout_s: float, on_piece: Callable[[bytes], None] | None
    ) -> None:
        self._connection, self._timeout_s, self._on_piece = connection, timeout_s, on_piece
        self._given_up = threading.Event()
        self.too_late = False

    def run(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[Answer, str]:
        """The answer, and where it redirects to."""
        # A server that sends a byte a second passes every socket's timeout; the timer bounds the whole.
        timer = threading.Timer(self._timeout_s, self.expire)
        timer.daemon = True
        timer.start()
        try:
            self._connection.connect()
            if self._given_up.is_set():
                raise TimeoutError
            self._connection.sock.settimeout(None)  # two clocks for one limit would disagree about what went wrong
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            content = self._content(response)
            if self._given_up.is_set() or (response.length and len(content) <= ANSWER_LIMIT_BYTES):
                raise http.client.IncompleteRead(content, response.length)
            kind = (response.headers.get_content_type() if response.headers["Content-Type"] else "").lower()
            wait_s = _retry_after(response.headers["Retry-After"])
            return Answer(response.status, kind, content, wait_s), response.headers["Location"] or ""
        finally:
            timer.cancel()
            self._connection.close()

    def _content(self, response: http.client.HTTPResponse) -> bytes:
        """All of the body up to the limit, told piece by piece where that is wanted."""
        if self._on_piece is None or response.status != 200:
            return response.read(ANSWER_LIMIT_BYTES + 1)
        content = bytearray()
        while len(content) <= ANSWER_LIMIT_BYTES and (piece := response.read1(_PIECE_BYTES)):
            content += piece
            self._on_piece(piece)
        return bytes(content)

    def abort(self) -> None:
        """Break the connection, so that `run` ends."""
        self._given_up.set()
        sock = self._connection.sock
        if sock is not None:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, whose own would disturb the reading thread

    def expire(self) -> None:
        """Break the connection, because there is no time left."""
        self.too_late = True
        self.abort()


class _Threads(Executor):
    """Threads that the end of the program does not wait for: the system's name lookup cannot be broken off."""

    def __init__(self) -> None:
        self._turn = threading.Semaphore(_AT_ONCE)
        self._over = False

    def submit(self, fn: Callable[Given, Made], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Made]:
        """Executor: at most `_AT_ONCE` at a time."""
        if self._over:
            raise RuntimeError("closed")
        future: Future[Made] = Future()

        def work() -> None:
            with self._turn:
                if self._over:
                    future.cancel()
                if not future.set_running_or_notify_cancel():
                    return
                try:
                    made = fn(*args, **kwargs)
                except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                    future.set_exception(error)
                else:
                    future.set_result(made)

        threading.Thread(target=work, name="request", daemon=True).start()
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002
        """Executor: nothing more begins."""
        self._over = True


def _on_loop(told: Callable[[bytes], None] | None) -> Callable[[bytes], None] | None:
    """The function, called on this event loop whichever thread calls; nothing once the loop has ended."""
    if told is None:
        return None
    loop = asyncio.get_running_loop()

    def called(piece: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for the answer any more
            loop.call_soon_threadsafe(told, piece)

    return called


def _split(url: str, setting: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or any(c.isspace() or not c.isprintable() for c in url.strip()) or not url.isascii():
        raise UsageError(f"{setting} is no http or https address", "Write it as https://HOST or https://HOST/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            f"{setting} holds more than an address",
            "Leave out names, keys and anything behind ? or #; a key goes into the environment",
        )
    return parts


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(value: str | None) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); None if it is neither."""
    if value is None:
        return None
    if re.fullmatch(r"\d{1,6}", value.strip()):
        return float(value)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    return None
