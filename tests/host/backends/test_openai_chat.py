"""A language model's server: a question as documented, and every way in which the answer can be wrong."""

from __future__ import annotations

import asyncio

import pytest
from chat_server import KEY, ChatServer, completion, refused

from host.backends import openai_protocol
from host.backends.openai_chat import ChatModel, start
from host.config import Settings
from host.endpoint import Endpoint
from host.errors import BackendError, UsageError


@pytest.fixture
def server():
    with ChatServer().running() as running:
        yield running


def ask(server, text="what was said?", *, key=KEY, timeout_s=5.0, **how):
    async def main():
        model = ChatModel(Endpoint(server.url, key=key, setting="llm.base_url"), "small", timeout_s=timeout_s)
        try:
            return await model.ask("be brief", text, **how)
        finally:
            await model.close()

    return asyncio.run(main())


def test_a_question_as_the_reference_has_it(server):
    assert ask(server) == "hello"
    (request,) = server.requests
    assert request["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "what was said?"},
    ]
    assert (request["model"], request["stream"], request["temperature"]) == ("small", False, 0)
    assert not {"tools", "functions", "response_format"} & request.keys()


def test_json_is_asked_for_and_a_server_without_it_is_asked_again(server):
    ask(server, as_json=True)
    assert server.requests[0]["response_format"] == {"type": "json_object"}

    def old(request):
        return (400, refused("unknown field")) if "response_format" in request else (200, completion("{}"))

    server.answer = old
    assert ask(server, as_json=True) == "{}"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, refused("no"), "does not accept the API key"),
        (404, refused("model not found"), "has no chat completion, or no model 'small': model not found"),
        (400, refused("too many tokens"), "refused the request with status 400: too many tokens"),
        (200, b"<html>", "something that is no chat completion"),
        (200, {"choices": []}, "something that is no chat completion"),
        (200, {"choices": [{"message": None}]}, "something that is no chat completion"),
        (200, completion("cut off in", reason="length"), "did not come to an end"),
        (200, completion("  "), "gave an empty answer"),
        (200, completion(None), "gave an empty answer"),
    ],
)
def test_what_is_no_answer(server, status, body, message):
    server.answer = lambda _request: (status, body)
    with pytest.raises(BackendError) as caught:
        ask(server)
    assert message in caught.value.message
    assert caught.value.hint
    assert KEY not in str(caught.value)


def test_a_busy_server_is_asked_twice(server, monkeypatch):
    async def at_once(_seconds):
        pass

    monkeypatch.setattr(openai_protocol.asyncio, "sleep", at_once)
    answers = [(503, refused("loading")), (200, completion("there"))]
    server.answer = lambda _request: answers.pop(0)
    assert ask(server) == "there"


def test_what_must_be_configured():
    with pytest.raises(UsageError, match="no server for chat completion is configured") as caught:
        start(Settings(), {})
    assert "llm.base_url" in caught.value.hint
    with pytest.raises(UsageError, match="no language model is named"):
        start(Settings(llm_base_url="http://localhost:1/v1"), {})
    with pytest.raises(UsageError, match="beyond this computer"):
        start(Settings(llm_base_url="http://example.org/v1", llm_model="x"), {})
    assert start(Settings(llm_base_url="http://localhost:1/v1", llm_model="x"), {}).local
    assert not start(Settings(llm_base_url="https://example.org/v1", llm_model="x"), {}).local
