"""A speech server on 127.0.0.1 that answers as OpenAI's reference documents, and misbehaves when told to."""

from __future__ import annotations

import contextlib
import io
import json
import time
import wave
from dataclasses import dataclass, field
from email import message_from_bytes

from local_server import Handler, LocalServer

KEY = "sk-test-0123456789abcdef"


@dataclass
class Request:
    """What arrived."""

    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]] = field(default_factory=dict)
    sound: bytes = b""


@dataclass
class Reply:
    """What to answer instead of the documented answer."""

    status: int = 200
    body: bytes | str | dict = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    drip_s: float = 0.0  # between two bytes
    raw: bytes | None = None  # the whole answer, whatever it is


class SpeechServer(LocalServer):
    """Holds what was asked; `replies` are given one after another, then the documented answers."""

    def __init__(self) -> None:
        super().__init__(_Handler, "/v1")
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.text = "hello from the server"

    def answer(self, request: Request) -> Reply:
        """As the reference says: /v1/audio/transcriptions, file and model required, formats by model."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return refusal(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")
        if request.path != "/v1/audio/transcriptions":
            return refusal(404, f"Invalid URL (POST {request.path})")
        model = request.fields.get("model", [""])[0]
        if model == "gone":
            return refusal(404, "The model `gone` does not exist", "model_not_found")
        with wave.open(io.BytesIO(request.sound)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16000)
            seconds = sound.getnframes() / 16000
        if seconds < 0.1:
            return refusal(400, "Audio file is too short. Minimum audio length is 0.1 seconds.")
        if request.fields["response_format"] == ["json"]:
            return Reply(body={"text": self.text})
        if model.startswith("gpt-4o"):
            return refusal(400, f"response_format 'verbose_json' is not compatible with model '{model}'")
        words = self.text.split()
        step = seconds / len(words)
        return Reply(
            body={
                "task": "transcribe",
                "language": "english",
                "duration": seconds,
                "text": self.text,
                "segments": [
                    {
                        "id": 0,
                        "start": 0.0,
                        "end": seconds,
                        "text": self.text,
                        "avg_logprob": -0.2,
                        "no_speech_prob": 0.01,
                    }
                ],
                "words": [{"word": w, "start": n * step, "end": (n + 1) * step} for n, w in enumerate(words)],
            }
        )


class _Handler(Handler):
    def respond(self) -> None:
        request = _parsed(self.path, dict(self.headers), self.body())
        self.owner.requests.append(request)
        reply = self.owner.replies.pop(0) if self.owner.replies else self.owner.answer(request)
        time.sleep(reply.wait_s)
        body = json.dumps(reply.body) if isinstance(reply.body, dict) else reply.body
        content = body.encode() if isinstance(body, str) else body
        if reply.raw is None:
            self.answer(reply.status, reply.kind, content, reply.headers, drip_s=reply.drip_s)
            return
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client has gone
            self.wfile.write(reply.raw)


def _parsed(path: str, headers: dict[str, str], body: bytes) -> Request:
    request = Request(path, headers)
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    for part in message_from_bytes(head + body).walk():
        name = part.get_param("name", header="Content-Disposition")
        content = part.get_payload(decode=True) or b""
        if name == "file":
            assert part.get_filename() == "speech.wav"
            request.sound = content
        elif name:
            request.fields.setdefault(str(name), []).append(content.decode())
    return request


def refusal(status: int, message: str, code: str | None = None, **headers: str) -> Reply:
    """An error in the reference's form."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply(status, {"error": error}, headers={name.replace("_", "-"): value for name, value in headers.items()})
