"""A translation server on 127.0.0.1: OpenAI's chat completions as a stream, LibreTranslate, or what a test wants.

`answer` gets (path, request) and gives (status, media type, body), a body in pieces being sent one after the other.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-0123456789abcdef"


class TranslationServer:
    """`requests` holds (path, headers, request) of what was asked."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], tuple[int, str, Any]]) -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.delay_s = 0.0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._http.translation = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextlib.contextmanager
    def running(self) -> Iterator[TranslationServer]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


def streamed(*pieces: str, reason: str | None = "stop", done: bool = True) -> tuple[int, str, list[bytes]]:
    """A chat completion as server-sent events."""
    body = [_event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}) for piece in pieces]
    if reason:
        body.append(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
    return 200, "text/event-stream", [*body, *([b"data: [DONE]\n\n"] if done else [])]


def plain(body: Any, status: int = 200) -> tuple[int, str, Any]:
    """A JSON object, or bytes as they are."""
    return status, "application/json", body if isinstance(body, bytes) else json.dumps(body).encode()


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server.translation
        server.requests.append((self.path, dict(self.headers), request))
        if server.delay_s:
            time.sleep(server.delay_s)
        status, kind, body = server.answer(self.path, request)
        with contextlib.suppress(OSError):  # the client has gone
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Connection", "close")
            if isinstance(body, bytes):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for piece in [body] if isinstance(body, bytes) else body:
                self.wfile.write(piece)
                self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass
