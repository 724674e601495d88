"""A LibreTranslate server: asked as documented, and every way in which its answer can be wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from translation_server import KEY, TranslationServer, plain

from host.backends.libretranslate import LibreTranslator, start, unready
from host.config import Settings
from host.endpoint import Endpoint
from host.errors import BackendError, LanguageError


@pytest.fixture
def server():
    def answer(_path, request):
        return plain({"translatedText": [f"<{text}>" for text in request["q"]]})

    with TranslationServer(answer).running() as running:
        yield running


def translate(server, *texts, source="en", target="es", timeout_s=20.0, key=KEY):
    async def main():
        endpoint = Endpoint(server.url, key=key, setting="libretranslate.url")
        translator = LibreTranslator(endpoint, key, timeout_s=timeout_s)
        try:
            return await translator.translate(texts or ["one"], source, target)
        finally:
            await translator.close()

    return asyncio.run(main())


def test_all_texts_go_in_one_request_with_the_key(server):
    assert [r.text for r in translate(server, "one", "two")] == ["<one>", "<two>"]
    ((path, _, request),) = server.requests
    assert path == "/translate"
    assert request == {"q": ["one", "two"], "source": "en", "target": "es", "format": "text", "api_key": KEY}


def test_many_texts_go_in_requests_that_a_server_with_a_limit_takes(server):
    texts = ["a" * 400, "b" * 400, "c" * 400, "d" * 1000, "e"]
    assert [r.text for r in translate(server, *texts)] == [f"<{text}>" for text in texts]
    assert [len(request["q"]) for *_, request in server.requests] == [2, 1, 1, 1]


def test_without_a_key_none_is_sent(server):
    translate(server, key="")
    (_, headers, request) = server.requests[0]
    assert "api_key" not in request
    assert "Authorization" not in headers


def test_a_single_text_as_a_string_is_understood(server):
    server.answer = lambda *_: plain({"translatedText": "uno"})
    assert translate(server)[0].text == "uno"


def test_the_newer_name_of_chinese_is_tried(server):
    def answer(_path, request):
        if request["target"] == "zh":
            return plain({"error": "zh is not supported"}, 400)
        return plain({"translatedText": ["一"]})

    server.answer = answer
    assert translate(server, target="zh")[0].text == "一"
    assert [request["target"] for *_, request in server.requests] == ["zh", "zh-Hans"]


def test_a_pair_that_the_server_has_not_is_said_so(server):
    server.answer = lambda *_: plain({"error": "xx is not supported"}, 400)
    with pytest.raises(LanguageError, match="does not translate en to es"):
        translate(server)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (plain({"error": "Invalid API key"}, 403), "does not accept the API key: Invalid API key"),
        (plain({"error": "Visit https://x.example to get an API key"}, 400), "does not accept the API key: Visit"),
        (plain({"error": "You are banned"}, 403), "does not allow this"),
        (plain(b"<html>", 404), "something that is no translation"),
        (plain({"translatedText": ["blah " * 300]}), "with far more text than it was given, which is no translation"),
        (plain({"error": "Slowdown"}, 429), "takes no more requests"),
        (plain({"error": "missing q"}, 400), "refused the request with status 400: missing q"),
        (plain(b"<html>"), "something that is no translation"),
        (plain({"translatedText": None}), "something that is no translation"),
        (plain({"translatedText": ["a", "b"]}), "something that is no translation"),
        (plain({"translatedText": [" "]}), "something that is no translation"),
        (plain([1]), "something that is no translation"),
    ],
)
def test_what_is_no_translation(server, answer, message, monkeypatch):
    monkeypatch.setattr("host.backends.openai_protocol.PATIENCE_S", 0.0)
    server.answer = lambda *_: answer
    with pytest.raises(BackendError) as caught:
        translate(server)
    assert message in caught.value.message
    assert KEY not in str(caught.value)
    assert caught.value.hint


def test_a_server_that_is_slow_or_down_is_said_so(server):
    server.delay_s = 1.0
    with pytest.raises(BackendError, match=r"did not answer in 0\.2 s"):
        translate(server, timeout_s=0.2)
    gone = TranslationServer(lambda *_: plain({}))
    gone._http.server_close()
    with pytest.raises(BackendError, match="nothing listens at"):
        translate(gone)


def test_there_is_no_default_server():
    assert unready(Settings(), {}) is not None
    made = asyncio.run(start(replace(Settings(), libretranslate_url="http://localhost:5000"), {}, None))
    assert (made.info.local, str(made.endpoint)) == (True, "http://localhost:5000")


def test_the_same_trouble_has_the_same_words_whatever_the_text_so_that_it_is_told_once(server):
    server.answer = lambda *_: plain({"translatedText": ["blah " * 300]})
    said = set()
    for text in ("one", "twenty"):
        with pytest.raises(BackendError) as caught:
            translate(server, text)
        said.add(caught.value.message)
    assert len(said) == 1
