"""A translation server on 127.0.0.1: OpenAI's chat completions as a stream, LibreTranslate, or what a test wants.

`answer` gets (path, request) and gives (status, media type, body), a body in pieces being sent one after the other.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from local_server import Handler, LocalServer

KEY = "sk-test-0123456789abcdef"


class TranslationServer(LocalServer):
    """`requests` holds (path, headers, request) of what was asked."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], tuple[int, str, Any]]) -> None:
        super().__init__(_Handler)
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.delay_s = 0.0


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


class _Handler(Handler):
    def respond(self) -> None:
        request = json.loads(self.body())
        self.owner.requests.append((self.path, dict(self.headers), request))
        if self.owner.delay_s:
            time.sleep(self.owner.delay_s)
        status, kind, body = self.owner.answer(self.path, request)
        self.close_connection = True
        if isinstance(body, bytes):
            self.answer(status, kind, body, {"Connection": "close"})
            return
        with contextlib.suppress(OSError):  # the client has gone
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in body:
                self.wfile.write(piece)
                self.wfile.flush()
