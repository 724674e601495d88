"""A language model's server on 127.0.0.1: answers as OpenAI's reference documents, or as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local_server import Handler, LocalServer

KEY = "sk-test-0123456789abcdef"


class ChatServer(LocalServer):
    """`answer` gets the request's body and gives (status, body); `requests` holds what was asked."""

    def __init__(self, answer: Callable[[dict[str, Any]], tuple[int, Any]] | None = None) -> None:
        super().__init__(_Handler, "/v1")
        self.answer = answer or (lambda _request: (200, completion("hello")))
        self.requests: list[dict[str, Any]] = []


def completion(text: str, *, reason: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": reason}]}


def refused(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error"}}


class _Handler(Handler):
    def respond(self) -> None:
        request = json.loads(self.body())
        self.owner.requests.append(request)
        status, body = 404, refused(f"Invalid URL (POST {self.path})")
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            status, body = 401, refused("Incorrect API key provided")
        elif self.path == "/v1/chat/completions":
            status, body = self.owner.answer(request)
        self.answer(status, "application/json", body if isinstance(body, bytes) else json.dumps(body).encode())
