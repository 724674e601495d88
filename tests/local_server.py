"""What every server of a test has in common: on this computer only, in a thread of its own, gone with the block."""

from __future__ import annotations

import contextlib
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an answer may hang, as a test wants it
    owner: LocalServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a client that goes away is none
            super().handle_error(request, client_address)


class LocalServer:
    """A server on 127.0.0.1; its handler finds it as `self.server.owner`."""

    def __init__(self, handler: type[Handler], path: str = "", context: ssl.SSLContext | None = None) -> None:
        """Prepare.

        Args:
            handler: answers.
            path: what its address ends in.
            context: makes it an https server, by the name of localhost.
        """
        self._http = _Http(("127.0.0.1", 0), handler)
        self._http.owner = self
        if context is not None:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        where = "https://localhost" if context else "http://127.0.0.1"
        self.url = f"{where}:{self._http.server_address[1]}{path}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    """Answers one request after another, and says nothing of it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def respond(self) -> None:
        """Answer what was asked."""
        raise NotImplementedError

    @property
    def owner(self) -> Any:
        """The server that it answers for."""
        return self.server.owner

    def body(self) -> bytes:
        """What came with the request."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(
        self, status: int, kind: str, content: bytes, headers: dict[str, str] | None = None, drip_s: float = 0.0
    ) -> None:
        """Answer, if the client is still there; with so many seconds behind each byte."""
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            for piece in (bytes([byte]) for byte in content) if drip_s else (content,):
                self.wfile.write(piece)
                time.sleep(drip_s)

    def log_message(self, *_: object) -> None:
        pass
