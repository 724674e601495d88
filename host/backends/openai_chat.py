"""A language model behind OpenAI's protocol: POST {base}/chat/completions, one question, one whole answer.

Ollama, llama.cpp's server, vLLM, DashScope and OpenAI answer so (platform.openai.com/docs/api-reference/chat). JSON is
asked for by `response_format`; a server that refuses the field is asked once more without it. Where it is given tools,
the names of those that it called are its whole answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from host.backends.openai_protocol import Server, patiently, refusal
from host.config import Settings, setting
from host.contracts import Tool
from host.endpoint import Answer, Endpoint
from host.errors import BackendError, UsageError

__all__ = ["ChatModel", "start"]

ANSWER_TIMEOUT_S: Final = 300.0  # a chapter of a meeting on a computer without a GPU
ANSWER_TOKENS: Final = 4096
_CALLS: Final = 16  # of tools that are looked at: more than one is too many already

_SERVER: Final = Server("chat completion", "llm.base_url", "llm.model", "SIDELIGHT_LLM_API_KEY")


def start(
    settings: Settings, environment: Mapping[str, str], *, model: str = "", timeout_s: float = ANSWER_TIMEOUT_S
) -> ChatModel:
    """The server that the settings name; nothing is sent yet.

    Args:
        settings: name the server.
        environment: has its key.
        model: what the server calls its model; empty for the one that the settings name.
        timeout_s: for a whole answer.

    Raises:
        UsageError: no server, or no model is named.
    """
    endpoint = _SERVER.endpoint(settings.llm_base_url, environment)
    if not (model or settings.llm_model):
        how = f"Set {_SERVER.model}, or give {setting(_SERVER.model).flag}: a model of {endpoint}"
        raise UsageError("no language model is named", how)
    return ChatModel(endpoint, model or settings.llm_model, timeout_s=timeout_s)


class ChatModel:
    """A language model on a server; the `LanguageModel` of `host/contracts`."""

    def __init__(self, endpoint: Endpoint, model: str, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """Prepare; nothing is sent.

        Args:
            endpoint: the server.
            model: what it calls its model.
            timeout_s: for a whole answer.
        """
        self.endpoint, self.model, self.timeout_s = endpoint, model, timeout_s
        self._takes_format = True

    @property
    def name(self) -> str:
        """Model and server, fit to be shown."""
        return f"{self.endpoint.censored(self.model)} at {self.endpoint}"

    @property
    def local(self) -> bool:
        """True if nothing leaves this computer."""
        return self.endpoint.loopback

    async def ask(self, instructions: str, text: str, *, as_json: bool = False) -> str:
        """One answer. Cancelling breaks the connection.

        Raises:
            BackendError: no answer, a refusal, an answer that is none, or one that was cut off.
        """
        answer = await patiently(lambda: self._post(instructions, text, as_json=as_json))
        if answer.status in (400, 422) and as_json and self._takes_format:
            plain = await self._post(instructions, text, as_json=False)
            if plain.status < 400:
                self._takes_format = False
            answer = plain
        if answer.status >= 400:
            raise refusal(answer, self.endpoint, _SERVER, self.model)
        return self._content(answer)

    async def call(self, instructions: str, text: str, tools: Sequence[Tool]) -> list[str]:
        """The names of the tools that the model calls in answer to a text, at most 16; none is an answer, too.

        Whoever calls this does them or not; arguments and words beside them are left out. One try: somebody waits.

        Raises:
            BackendError: no answer, a refusal, or an answer that is none.
        """
        body = self._body(instructions, text)
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": {"type": "object", "properties": {}},
                },
            }
            for tool in tools
        ]
        answer = await self._sent(body)
        if answer.status >= 400:
            raise refusal(answer, self.endpoint, _SERVER, self.model)
        try:
            calls = json.loads(answer.body)["choices"][0]["message"].get("tool_calls") or []
            names = [call["function"]["name"] for call in calls[:_CALLS]]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise self._no_answer() from error
        if not all(isinstance(name, str) for name in names):
            raise self._no_answer()
        return names

    async def close(self) -> None:
        """Let go of the server. Repeated calls do nothing. Never raises."""
        self.endpoint.close()

    async def _post(self, instructions: str, text: str, *, as_json: bool) -> Answer:
        body = self._body(instructions, text)
        if as_json and self._takes_format:
            body["response_format"] = {"type": "json_object"}
        return await self._sent(body)

    def _body(self, instructions: str, text: str) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
            "temperature": 0,
            "max_tokens": ANSWER_TOKENS,
            "stream": False,
        }

    async def _sent(self, body: Mapping[str, Any]) -> Answer:
        content = json.dumps(body).encode()
        return await self.endpoint.post("/chat/completions", content, "application/json", timeout_s=self.timeout_s)

    def _content(self, answer: Answer) -> str:
        try:
            choice = json.loads(answer.body)["choices"][0]
            content, reason = choice["message"]["content"], choice.get("finish_reason")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise self._no_answer() from error
        if reason == "length":
            raise BackendError(
                f"{self.name} did not come to an end",
                f"A model that thinks less, or a larger one, may: {_SERVER.model}",
            )
        if not isinstance(content, str) or not content.strip():
            raise BackendError(f"{self.name} gave an empty answer", f"Try another model: {_SERVER.model}", retry=True)
        return content

    def _no_answer(self) -> BackendError:
        return BackendError(
            f"{self.endpoint} answered with something that is no chat completion",
            f"Check {_SERVER.address}; it usually ends in /v1",
        )
