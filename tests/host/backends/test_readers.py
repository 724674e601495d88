"""Which reader is taken, and what an error says to install."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from host.backends import readers
from host.backends.readers import Choice, choose
from host.config import Settings
from host.errors import BackendMissingError, LanguageError, UsageError
from host.read.reader import FieldReader, LineReader

ALL = frozenset(readers.READERS)


def chosen(wanted="auto", language="auto", *, installed=ALL, configured=False, packs=()):
    return choose(wanted, language, installed=installed, configured=configured, packs=packs)


@pytest.mark.parametrize("language", ["auto", "en", "no", "zh", "ja", "pl", "tr"])
def test_auto_takes_what_this_computer_reads_best(language):
    assert chosen(language=language, configured=True, packs=("en",)).name == "rapidocr"


def test_a_language_that_rapidocr_lacks_goes_to_a_pack_then_to_a_server():
    assert chosen(language="ko", packs=("ko",), configured=True) == Choice(
        "tesseract", "rapidocr does not read Korean, and Tesseract has a pack for it"
    )
    assert chosen(language="vi", configured=True) == Choice("openai", "nothing on this computer reads Vietnamese yet")


def test_without_rapidocr_what_is_here_is_taken():
    assert chosen(installed={"tesseract"}, packs=("en", "ru")).why == "rapidocr is not installed"
    assert chosen(installed={"openai"}, configured=True).name == "openai"


@pytest.mark.parametrize("installed", [{"tesseract"}, set(), {"openai"}])
def test_nothing_that_reads_is_the_command_of_the_best(installed):
    with pytest.raises(BackendMissingError, match="the reader rapidocr is not installed") as caught:
        chosen(installed=installed)
    assert caught.value.hint == "Install it: pip install 'sidelight[read]'"


def test_a_language_nobody_reads_names_what_would(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(LanguageError, match="no reader here reads Thai") as caught:
        chosen(language="th", packs=("en",))
    assert "sudo apt install tesseract-ocr-tha" in caught.value.hint
    assert "vision.base_url" in caught.value.hint
    with pytest.raises(LanguageError) as caught:
        chosen(language="ar", installed={"rapidocr"})
    assert "sudo apt install tesseract-ocr tesseract-ocr-ara" in caught.value.hint


def test_asked_for_by_name_is_taken_or_an_error():
    assert chosen("tesseract", "en") == Choice("tesseract", "asked for")
    with pytest.raises(BackendMissingError, match="the reader tesseract is not installed") as caught:
        chosen("tesseract", installed={"rapidocr"})
    assert caught.value.hint.startswith("Install it: sudo apt install tesseract-ocr")
    with pytest.raises(LanguageError, match="rapidocr does not read Korean"):
        chosen("rapidocr", "ko")
    with pytest.raises(UsageError, match="there is no reader 'rapidorc'; did you mean rapidocr") as usage:
        chosen("rapidorc")
    assert usage.value.hint == "There are auto, rapidocr, tesseract, openai"


def test_a_server_asked_for_without_an_address_says_which_setting():
    with pytest.raises(UsageError) as caught:
        asyncio.run(readers.open_reader(replace(Settings(), reader="openai"), {}))
    assert "vision.base_url" in caught.value.hint


def test_a_photo_that_leaves_is_said():
    pytest.importorskip("PIL")
    settings = replace(Settings(), reader="openai", vision_base_url="https://example.org/v1", vision_model="see")
    opened = asyncio.run(readers.open_reader(settings, {}))
    assert [(n.code, n.message) for n in opened.notices] == [
        ("photo-leaves", "photos are sent away: that of see at https://example.org:443/v1")
    ]


def tag_reader(**settings):
    async def opened():
        found = await readers.open_tag_reader(replace(Settings(), **settings), {})
        await found.reader.close()
        return found

    return asyncio.run(opened())


def test_no_photo_of_a_tag_leaves_unless_the_model_is_asked_for(monkeypatch):
    monkeypatch.setattr(readers, "installed", lambda: frozenset({"openai"}))
    with pytest.raises(BackendMissingError, match="the reader rapidocr is not installed"):
        tag_reader(vision_base_url="https://example.org/v1", vision_model="see")


def test_a_model_has_a_reader_on_this_computer_beside_it():
    pytest.importorskip("rapidocr")
    opened = tag_reader(reader="openai", vision_base_url="https://example.org/v1", vision_model="see")
    assert isinstance(opened.reader, FieldReader)
    assert isinstance(opened.reader, LineReader)
    assert (opened.reader.info.name, opened.reader.info.local, opened.reader.info.places) == ("openai", False, True)
    assert [notice.code for notice in opened.notices] == ["photo-leaves"]


def test_without_one_the_photo_goes_to_the_model_once_and_no_line_bears_it_out(monkeypatch):
    pytest.importorskip("PIL")
    monkeypatch.setattr(readers, "installed", lambda: frozenset({"openai"}))
    opened = tag_reader(reader="openai", vision_base_url="https://example.org/v1", vision_model="see")
    assert not opened.reader.info.places
    assert asyncio.run(opened.reader.read(np.zeros((9, 9, 3), np.uint8))) == []
