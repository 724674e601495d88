"""Speech servers: a request as documented, and every way in which a server or its answer can be wrong."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import math
import threading
import wave
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speech_server import KEY, Reply, SpeechServer, refusal

from host.backends import openai_protocol, openai_speech
from host.backends.openai_speech import OpenAiRecogniser, form, parse_answer, start, wav
from host.config import Settings
from host.endpoint import Endpoint
from host.errors import BackendError, LanguageError, UsageError

SECOND = np.full(16000, 1000, np.int16)


@pytest.fixture
def server():
    with SpeechServer().running() as running:
        yield running


def recogniser(server, *, model="whisper-1", key=KEY, timeout_s=5.0):
    return OpenAiRecogniser(Endpoint(server.url, key=key), model, timeout_s=timeout_s)


def heard(recogniser, *utterances, start_s=0.0, language="en"):
    """What a session says about these utterances."""

    async def main():
        session = await recogniser.open(language, start_s=start_s)
        out = []
        for samples in utterances:
            for piece in np.array_split(samples, 7):
                out += await session.feed(piece)
            out += await session.end_utterance()
        await session.close()
        await recogniser.close()
        return out

    return asyncio.run(main())


def failure(recogniser, samples=SECOND):
    with pytest.raises(BackendError) as caught:
        heard(recogniser, samples)
    assert KEY not in f"{caught.value} {caught.value.hint} {recogniser.endpoint!r}"
    return caught.value


def test_an_utterance_is_one_request_as_the_reference_has_it(server):
    (hypothesis,) = heard(recogniser(server), SECOND * 2, start_s=10.0)
    (request,) = server.requests
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.fields == {
        "model": ["whisper-1"],
        "language": ["en"],
        "response_format": ["verbose_json"],
        "timestamp_granularities[]": ["word", "segment"],
    }
    with wave.open(io.BytesIO(request.sound)) as sound:
        assert sound.readframes(99999) == (SECOND * 2).tobytes()
    assert (hypothesis.text, hypothesis.final, hypothesis.language) == ("hello from the server", True, "en")
    assert [word.text for word in hypothesis.words] == ["hello", "from", "the", "server"]
    assert (hypothesis.start_s, hypothesis.end_s) == (10.0, 11.0)
    assert hypothesis.words[1].start_s == pytest.approx(10.25)
    assert hypothesis.confidence == pytest.approx(math.exp(-0.2))


def test_a_language_that_is_to_be_recognised_is_the_server_s_to_tell(server):
    (hypothesis,) = heard(recogniser(server), SECOND, language="auto")
    assert "language" not in server.requests[0].fields
    assert hypothesis.language == "en"
    (hypothesis,) = heard(recogniser(server, model="gpt-4o-transcribe"), SECOND, language="auto")
    assert hypothesis.language is None


@pytest.mark.parametrize(
    ("said", "code"), [("german", "de"), ("de", "de"), ("auto", None), ("Klingon!", None), (7, None), (None, None)]
)
def test_the_server_names_the_language_in_its_own_way(said, code):
    assert parse_answer(json.dumps({"text": "hm", "language": said}).encode(), 1.0).language == code


def test_later_utterances_lie_behind_the_first(server):
    first, second = heard(recogniser(server), SECOND, np.concatenate([SECOND, SECOND]))
    assert (first.end_s, second.start_s, second.end_s) == (1.0, 1.0, 3.0)


def test_a_model_without_times_is_asked_for_the_text_from_then_on(server):
    hypotheses = heard(recogniser(server, model="gpt-4o-transcribe"), SECOND, SECOND)
    assert [h.text for h in hypotheses] == ["hello from the server"] * 2
    assert [h.words for h in hypotheses] == [(), ()]
    assert [(h.start_s, h.end_s) for h in hypotheses] == [(0.0, 1.0), (1.0, 2.0)]
    formats = [request.fields["response_format"] for request in server.requests]
    assert formats == [["verbose_json"], ["json"], ["json"]]


def test_nothing_is_sent_for_a_click_or_for_nothing(server):
    assert heard(recogniser(server), SECOND[:1599], SECOND[:0]) == []
    assert server.requests == []


def test_a_speech_without_a_pause_is_sent_before_it_is_too_large(server, monkeypatch):
    monkeypatch.setattr(openai_speech, "LONGEST_S", 1.0)
    first, second = heard(recogniser(server), np.concatenate([SECOND, SECOND[:8000]]))
    assert first.end_s == pytest.approx(1.07, abs=0.15)
    assert second.end_s == 1.5


def test_silence_in_which_the_model_imagines_words_is_dropped(server):
    segments = [
        {"text": " Thank you for watching!", "avg_logprob": -1.4, "no_speech_prob": 0.93},
        {"text": " Good morning.", "avg_logprob": -0.1, "no_speech_prob": 0.01},
    ]
    server.replies = [Reply(body={"text": " Thank you for watching! Good morning.", "segments": segments})]
    assert [h.text for h in heard(recogniser(server), SECOND)] == ["Good morning."]
    server.replies = [Reply(body={"text": " Thank you for watching!", "segments": segments[:1]})]
    assert heard(recogniser(server), SECOND) == []


FAILURES = {
    "key": (refusal(401, f"Incorrect API key provided: {KEY}"), "does not accept the API key", False),
    "rights": (refusal(403, "Country not supported"), "does not allow this", False),
    "model": (refusal(404, "no \x1b[31mred\x07 model"), "or no model 'whisper-1': no [31mred model", False),
    "size": (Reply(413, "<html>nginx</html>", "text/html"), "takes no request of this size", True),
    "request": (refusal(400, "bad audio"), "refused the request with status 400: bad audio", False),
    "rate": (refusal(429, "slow down", retry_after="30"), "takes no more requests for 30 s", True),
    "credit": (refusal(429, "quota", "insufficient_quota"), "credit is used up", False),
    "server": (Reply(500, "oops", "text/plain"), "failed with status 500", True),
    "loading": (Reply(503, {"detail": "loading"}), "failed with status 503: loading", True),
    "page": (Reply(200, "<!doctype html><p>Welcome", "text/html"), "answered with a web page", False),
    "cut off JSON": (Reply(200, '{"text": "cut of'), "answered with something that is not JSON", False),
    "deep JSON": (Reply(200, "[" * 100_000), "answered with something that is not JSON", False),
    "bytes": (Reply(200, b"\xff\xfe\x00"), "answered with something that is not JSON", False),
    "other JSON": (Reply(200, {"result": "hello"}), "answered without a text", False),
    "list": (Reply(200, "[1, 2]"), "answered without a text", False),
    "number": (Reply(200, {"text": 7}), "answered without a text", False),
    "flood": (Reply(200, b" " * (4 << 20) + b"x"), "answered with more than 4 MB", False),
    "redirect": (
        Reply(302, headers={"Location": "https://u:p@evil.example/"}),
        "on to evil.example, which is ref",
        False,
    ),
    "redirect nowhere": (Reply(307), "on to another path, which is refused", False),
    "other protocol": (Reply(raw=b"220 smtp.example ESMTP\r\n"), "does not speak HTTP", False),
    "hangs up": (Reply(raw=b""), "the connection to http://127.0.0.1", True),
    "hangs up in the answer": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), "the connection to", True),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_is_one_sentence_and_a_next_step(server, monkeypatch, name):
    reply, message, retry = FAILURES[name]
    monkeypatch.setattr(openai_protocol.asyncio, "sleep", at_once)
    server.replies = [reply] * 3
    error = failure(recogniser(server))
    assert message in error.message
    assert error.retry is retry
    assert error.hint
    assert error.message.isprintable()


async def at_once(_seconds):
    pass


def test_a_failure_that_may_pass_is_tried_once_more(server, monkeypatch):
    waits = []

    async def note(seconds):
        waits.append(seconds)

    monkeypatch.setattr(openai_protocol.asyncio, "sleep", note)
    server.replies = [refusal(429, "slow down", retry_after="2")]
    assert len(heard(recogniser(server), SECOND)) == 1
    server.replies = [Reply(502, "bad gateway", "text/html")]
    assert len(heard(recogniser(server), SECOND)) == 1
    server.replies = [Reply(raw=b"")]
    assert len(heard(recogniser(server), SECOND)) == 1
    assert waits == [2.0, 1.0, 1.0]
    server.replies = [Reply(502), Reply(502)]
    assert failure(recogniser(server)).retry


def test_a_server_that_is_too_slow_is_given_up(server):
    server.replies = [Reply(wait_s=30)]
    error = failure(recogniser(server, timeout_s=0.2))
    assert "did not answer in 0.2 s" in error.message
    assert error.retry
    assert len(server.requests) == 1  # a second minute of waiting helps nobody


def test_a_server_that_is_too_slow_is_so_on_a_busy_computer_too(server, monkeypatch):
    class LateTimer(threading.Timer):
        def __init__(self, interval, function):
            super().__init__(interval + 0.3, function)

    monkeypatch.setattr("host.endpoint.threading.Timer", LateTimer)
    server.replies = [Reply(wait_s=30)]
    assert "did not answer in 0.2 s" in failure(recogniser(server, timeout_s=0.2)).message
    assert len(server.requests) == 1


def test_a_server_that_drips_is_given_up_too(server):
    server.replies = [Reply(body={"text": "x" * 500}, drip_s=0.05)]
    assert "did not answer in 0.3 s" in failure(recogniser(server, timeout_s=0.3)).message


def test_nobody_at_the_address():
    with SpeechServer().running() as stopped:
        pass
    error = failure(recogniser(stopped))
    assert "nothing listens at http://127.0.0.1" in error.message
    assert error.retry


def test_the_session_goes_on_after_a_failure(server):
    speaker = recogniser(server)

    async def main():
        session = await speaker.open("en")
        server.replies = [refusal(401, "no")]
        await session.feed(SECOND)
        with pytest.raises(BackendError):
            await session.end_utterance()
        await session.feed(SECOND)
        (hypothesis,) = await session.end_utterance()
        return hypothesis

    hypothesis = asyncio.run(main())
    assert (hypothesis.start_s, hypothesis.end_s) == (1.0, 2.0)


def test_the_key_is_nowhere_but_in_the_request(server, caplog):
    caplog.set_level(logging.DEBUG)
    speaker = recogniser(server)
    heard(speaker, SECOND)
    assert "127.0.0.1" in caplog.text
    assert KEY not in caplog.text + repr(speaker.endpoint) + str(speaker.endpoint) + repr(speaker.info)


def test_which_key_goes_where():
    def key_for(url, **environment):
        made = asyncio.run(start(replace(Settings(), openai_base_url=url), environment, None))
        return made.endpoint._key

    both = {"SIDELIGHT_OPENAI_API_KEY": "ours", "OPENAI_API_KEY": "theirs"}
    assert key_for("https://speech.example/v1", **both) == "ours"
    assert key_for("https://speech.example/v1", OPENAI_API_KEY="theirs") == ""
    assert key_for("https://api.openai.com/v1", OPENAI_API_KEY="theirs") == "theirs"
    assert key_for("https://api.openai.com/v1", **both) == "ours"


def test_whether_sound_leaves_the_computer_is_known(server):
    assert recogniser(server).info.local
    assert not OpenAiRecogniser(Endpoint("https://speech.example/v1"), "m").info.local


def test_no_server_is_configured():
    with pytest.raises(UsageError, match="no server for transcription is configured") as error:
        asyncio.run(start(Settings(), {}, None))
    assert "openai.base_url" in error.value.hint


@pytest.mark.parametrize("language", ["", "english", "EN", "e\r\n", "../x"])
def test_a_language_is_a_code(server, language):
    with pytest.raises(LanguageError):
        heard(recogniser(server), SECOND, language=language)


def test_the_form_keeps_what_it_is_given():
    body, kind = form(b"--\r\nRIFF\x00", "a model", "zh", with_times=False)
    boundary = kind.partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 5
    assert body.endswith(b"--" + boundary + b"--\r\n")
    assert b'name="file"; filename="speech.wav"\r\nContent-Type: audio/wav\r\n\r\n--\r\nRIFF\x00\r\n--' in body
    assert wav(SECOND)[:4] == b"RIFF"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
number = st.floats() | st.integers() | st.text(max_size=3) | st.none()


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"text": st.text(max_size=40)},
        optional={
            "words": json_values
            | st.lists(
                st.fixed_dictionaries({"word": st.text(max_size=9), "start": number, "end": number}), max_size=6
            ),
            "segments": json_values
            | st.lists(
                st.fixed_dictionaries(
                    {"text": st.text(max_size=9), "avg_logprob": number, "no_speech_prob": number}, optional={}
                ),
                max_size=4,
            ),
        },
    )
)
def test_whatever_a_server_answers_makes_sense_or_is_refused(answer):
    found = parse_answer(json.dumps(answer).encode(), 5.0)
    places = [found.start_s, *(t for w in found.words for t in (w.start_s, w.end_s)), found.end_s]
    assert places == sorted(places)
    assert 0.0 <= places[0] <= places[-1] <= 5.0
    assert found.confidence is None or 0.0 <= found.confidence <= 1.0
    assert "\n" not in found.text
    assert "\x1b" not in found.text


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_answer_are_refused(body):
    with pytest.raises(ValueError, match=r"^with"):
        parse_answer(body, 1.0)
