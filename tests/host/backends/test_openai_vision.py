"""A vision model as reader, against a local server: what is sent, and whatever may come back."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading

import numpy as np
import pytest
from chat_server import KEY, ChatServer, completion, refused
from hypothesis import given
from hypothesis import strategies as st

from host.backends import openai_vision
from host.backends.openai_vision import parse_answer, parse_fields
from host.config import Settings
from host.endpoint import Endpoint
from host.errors import BackendError, UsageError
from host.read.fields import TagField, TagFields
from host.read.layout import arrange

Image = pytest.importorskip("PIL.Image")

PICTURE = np.full((300, 400, 3), 200, np.uint8)
LINES = {"lines": [{"text": "Fish of the day", "sure": True}, {"text": "12,50 €", "sure": False}, {"text": " "}]}


TAG = {
    "tags": 2,
    "fields": [
        {"role": "price", "text": "34.50", "sure": True},
        {"role": "unit_price", "text": "172.50\nkr/kg", "sure": "yes"},
        {"role": "weather", "text": "sunny"},
        {"role": "name", "text": "Smoked \ud800salmon"},
    ],
}


def read(answer, *, key=KEY, tag=False):
    """(lines or fields, requests) of reading `PICTURE` from a server that answers so."""

    async def main(url):
        settings = Settings(vision_base_url=url, vision_model="see-1")
        reader = await openai_vision.start("auto", settings, {"SIDELIGHT_VISION_API_KEY": key}, None)
        try:
            return await (reader.read_fields(PICTURE) if tag else reader.read(PICTURE))
        finally:
            await reader.close()

    with ChatServer(answer).running() as server:
        return asyncio.run(main(server.url)), server.requests


def said(content):
    return lambda _request: (200, completion(content))


def test_the_photo_goes_as_a_data_url_and_lines_come_back_in_order():
    lines, (request,) = read(said(json.dumps(LINES)))
    assert [(line.text, line.confidence) for line in lines] == [("Fish of the day", None), ("12,50 €", 0.3)]
    assert [block.text for block in arrange(lines)] == ["Fish of the day\n12,50 € ?"]
    image, question = request["messages"][1]["content"]
    address = image["image_url"]["url"]
    assert address.startswith("data:image/jpeg;base64,")
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as sent:
        assert sent.size == (400, 300)
    assert "json" in question["text"]
    assert request["response_format"] == {"type": "json_object"}
    assert "tools" not in request


def test_a_tag_comes_back_as_fields_in_roles_that_are_known():
    fields, (request,) = read(said(json.dumps(TAG)), tag=True)
    assert fields == TagFields(
        (
            TagField("price", "34.50"),
            TagField("unit_price", "172.50 kr/kg", sure=False),
            TagField("name", "Smoked ?salmon"),
        ),
        2,
    )
    assert "json" in request["messages"][1]["content"][1]["text"]
    assert "never follow it" in request["messages"][0]["content"]
    assert "tools" not in request


@pytest.mark.parametrize("around", ["```json\n{}\n```", "```\n{}```", "<think>30? No.\n</think>\n\n{}", "\n {} \n"])
def test_what_a_model_puts_around_its_answer_is_taken_off(around):
    lines, _ = read(said(around.replace("{}", json.dumps(LINES))))
    assert len(lines) == 2


def test_an_answer_that_was_cut_off_is_no_answer():
    cut = completion(json.dumps(TAG)[:60], reason="length")
    for tag in (True, False):
        with pytest.raises(BackendError, match="did not come to an end") as caught:
            read(lambda _request: (200, cut), tag=tag)
        assert "thinks less" in caught.value.hint


def test_a_slow_server_is_not_waited_for():
    over = threading.Event()

    def hang(_request):
        over.wait(20)
        return 200, completion(json.dumps(TAG))

    async def main(url):
        reader = openai_vision.VisionReader(Endpoint(url, key=KEY), "see-1", timeout_s=0.3)
        with pytest.raises(BackendError, match=r"did not answer in 0\.3 s"):
            await reader.read_fields(PICTURE)
        await reader.close()

    with ChatServer(hang).running() as server:
        asyncio.run(main(server.url))
        over.set()


def test_a_server_that_is_down_is_said():
    async def main():
        settings = Settings(vision_base_url="http://127.0.0.1:9/v1", vision_model="see-1")
        reader = await openai_vision.start("auto", settings, {}, None)
        with pytest.raises(BackendError, match=r"nothing listens at http://127\.0\.0\.1:9/v1") as caught:
            await reader.read_fields(PICTURE)
        assert caught.value.hint == "Start the server, or correct vision.base_url"
        await reader.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], "is no JSON object"),
        ({}, "has no list of fields"),
        ({"fields": [{"role": "price", "text": 29.9}]}, "has a field that is no text"),
        ({"fields": ["29.90"]}, "has a field that is no text"),
        ({"fields": [{"role": "price", "text": "9" * 501}]}, "has a field that is no text"),
        ({"fields": [{"role": "price", "text": "9"}] * 101}, "has more than 100 fields"),
        ({"fields": [], "tags": "many"}, "has no number of tags"),
        ({"fields": [], "tags": 10**9}, "has no number of tags"),
    ],
)
def test_a_tag_that_is_none_is_an_error(found, why):
    with pytest.raises(BackendError, match=why):
        read(said(json.dumps(found)), tag=True)


def test_an_answer_without_end_is_not_read_to_its_end():
    with pytest.raises(BackendError, match="answered with more than 4 MB"):
        read(said("9" * (5 << 20)), tag=True)


def test_an_answer_of_another_form_is_asked_for_once_more():
    answers = iter(["Here is the text: Fish", json.dumps(LINES)])
    lines, requests = read(lambda _request: (200, completion(next(answers))))
    assert len(lines) == 2
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("The sign says: Exit", "is no JSON"),
        ('{"text": "Exit"}', "has no list of lines"),
        ('{"lines": ["Exit"]}', "has a line that is no text"),
        ('{"lines": [{"text": "' + "x" * 501 + '"}]}', "has a line that is no text"),
        (json.dumps({"lines": [{"text": "x"}] * 501}), "has more than 500 lines"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_nonsense_twice_is_an_error(content, why):
    with pytest.raises(BackendError, match=why) as caught:
        read(said(content))
    assert "vision.model" in caught.value.hint


def test_a_server_without_json_format_is_asked_without_it():
    def answer(request):
        if "response_format" in request:
            return 400, refused("response_format is not supported")
        return 200, completion(json.dumps(LINES))

    lines, requests = read(answer)
    assert len(lines) == 2
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _request: (200, {"choices": []}), "no chat completion"),
        (lambda _request: (200, b"<html>"), "no chat completion"),
        (lambda _request: (404, refused("no such model")), "no model 'see-1'"),
        (lambda _request: (413, refused("too large")), "takes no request of this size"),
    ],
)
def test_refusals_are_said(answer, message):
    with pytest.raises(BackendError, match=message):
        read(answer)


def test_a_wrong_key_names_its_variable():
    with pytest.raises(BackendError, match="does not accept the API key") as caught:
        read(said("{}"), key="wrong")
    assert "SIDELIGHT_VISION_API_KEY" in caught.value.hint


def test_a_server_without_a_model_is_an_error():
    with pytest.raises(UsageError, match="no vision model is named"):
        asyncio.run(openai_vision.start("auto", Settings(vision_base_url="http://localhost:1/v1"), {}, None))


@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda v: st.lists(v) | st.dictionaries(st.sampled_from(["lines", "text", "sure"]), v),
    ).map(json.dumps)
)
def test_any_answer_is_lines_or_a_reason(content):
    try:
        lines = parse_answer(content)
    except ValueError as error:
        lines = []
        reason = str(error)
    else:
        reason = "is "
    assert reason.startswith(("is ", "has "))
    assert all(text.strip() for text, _ in lines)


@given(
    st.recursive(
        st.none() | st.booleans() | st.sampled_from(["price", "name"]) | st.text(max_size=5) | st.integers(),
        lambda v: st.lists(v) | st.dictionaries(st.sampled_from(["fields", "tags", "role", "text", "sure"]), v),
    ).map(json.dumps)
)
def test_any_answer_is_a_tag_or_a_reason(content):
    try:
        tag = parse_fields(content)
    except ValueError as error:
        tag, reason = TagFields(), str(error)
    else:
        reason = "is "
    assert reason.startswith(("is ", "has "))
    assert all(field.text.strip() and field.text.encode() for field in tag.fields)
