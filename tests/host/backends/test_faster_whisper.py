"""Whisper: models by folder only, an utterance at a time, languages set or recognised, words with times.

The library runs here for real, on a model that is made in the test (`tiny_models.set_phrase`); trained weights are not
at hand.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from tiny_models import set_phrase

from host.backends.faster_whisper import AUTO, LANGUAGES, WhisperEngine, find_model, info, notices, start
from host.config import Settings
from host.errors import BackendError, LanguageError, ModelMissingError

FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")


def settings(folder, language="en"):
    return replace(Settings(), model=str(folder), language=language)


def model_folder(folder, names=FILES):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(ModelMissingError, match="whisper needs a model, and none was given") as error:
        find_model("")
    assert "sidelight models get whisper-small" in error.value.hint
    with pytest.raises(ModelMissingError, match=r"there is no folder '.*nowhere' with a Whisper model"):
        find_model(str(tmp_path / "nowhere"))
    with pytest.raises(ModelMissingError, match=r"model\.bin, config\.json, tokenizer\.json, vocabulary\.txt missing"):
        find_model(str(tmp_path))


def test_a_folder_for_which_the_library_would_fetch_is_refused(tmp_path):
    """Without tokenizer.json it fetches OpenAI's, whatever it was told."""
    folder = model_folder(tmp_path / "m", [name for name in FILES if name != "tokenizer.json"])
    with pytest.raises(ModelMissingError, match=r"tokenizer\.json missing"):
        find_model(str(folder))


def test_english_models_are_told_by_their_name(tmp_path):
    english = model_folder(tmp_path / "faster-whisper-tiny.en")
    assert info(find_model(str(english))).languages == ("en",)
    with pytest.raises(LanguageError, match="whisper does not recognise the language 'de'"):
        asyncio.run(start(settings(english, "de"), {}, None))
    other = info(find_model(str(model_folder(tmp_path / "faster-whisper-tiny"))))
    assert other.languages == LANGUAGES
    assert (other.streaming, other.segments, other.local) == (False, False, True)
    assert notices(settings(english))[0][0] == "no-partials"


def test_the_languages_are_the_library_s():
    tokenizer = pytest.importorskip("faster_whisper.tokenizer")
    assert set(LANGUAGES) - {AUTO} == set(tokenizer._LANGUAGE_CODES) - {"haw", "yue"}


@pytest.fixture(scope="module")
def phrase(tmp_path_factory):
    pytest.importorskip("faster_whisper")
    return set_phrase(tmp_path_factory.mktemp("models") / "faster-whisper-phrase")


def heard(engine, seconds, position=0, session=1):
    out = []
    for at in range(0, int(16000 * seconds), 512):
        out += engine.feed(session, position + at, np.full(512, 1000, np.int16))
    return out + engine.end(session)


def test_an_utterance_becomes_words_in_their_place(phrase):
    engine = WhisperEngine(phrase, "en")
    (found,) = heard(engine, 2, position=16000 * 10)
    assert (found.text, found.final, found.language) == ("guten tag liebe welt", True, "en")
    assert [w.text for w in found.words] == found.text.split()
    assert [w.start_s for w in found.words] == pytest.approx([10.0, 10.2, 10.4, 10.6], abs=0.05)
    assert (found.start_s, found.end_s) == (10.0, found.words[-1].end_s)
    assert 0.9 < found.confidence <= 1
    assert {type(w.start_s) for w in found.words} == {float}


def test_the_language_is_recognised_where_it_is_not_set(phrase):
    (found,) = heard(WhisperEngine(phrase, AUTO), 1)
    assert found.language == "de"


def test_a_click_is_nothing_and_half_a_minute_is_enough(phrase):
    engine = WhisperEngine(phrase, "en")
    assert heard(engine, 0.05) == []
    assert engine.end(7) == []
    engine.feed(3, 0, np.zeros(16000, np.int16))
    engine.close(3)
    assert engine.end(3) == []
    assert len(engine.feed(4, 0, np.zeros(30 * 16000, np.int16))) == 1


def test_a_model_of_english_alone_says_so_when_it_is_loaded(phrase, tmp_path):
    renamed = shutil.copytree(phrase, tmp_path / "my model")
    vocabulary = json.loads((renamed / "vocabulary.json").read_text())
    vocabulary[vocabulary.index("")] = "x"  # by which the library tells
    (renamed / "vocabulary.json").write_text(json.dumps(vocabulary))
    with pytest.raises(LanguageError, match=r"the model in '.*my model' does not recognise the language 'de'"):
        asyncio.run(start(settings(renamed, "de"), {}, None))


def test_it_runs_in_a_process_of_its_own(phrase):
    async def main():
        recogniser = await start(settings(phrase, AUTO), {}, None)
        try:
            session = await recogniser.open(AUTO, start_s=5.0)
            assert await session.feed(np.zeros(16000, np.int16)) == []
            return await session.end_utterance()
        finally:
            await recogniser.close()

    (found,) = asyncio.run(main())
    assert (found.text, found.start_s, found.language) == ("guten tag liebe welt", 5.0, "de")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("model.bin", b"this is no model", "model binary version"),
        ("model.bin", None, "invalid payload size"),
        ("tokenizer.json", b"{", "EOF while parsing"),
        ("config.json", b"{", "parse error"),
    ],
)
def test_files_that_are_no_model_are_an_error(phrase, tmp_path, name, content, says):
    bad = shutil.copytree(phrase, tmp_path / "whisper")
    (bad / name).write_bytes((phrase / name).read_bytes()[:100_000] if content is None else content)
    with pytest.raises(BackendError, match=says) as error:
        WhisperEngine(bad, "en")
    assert "\n" not in error.value.message


def test_a_model_that_cannot_be_loaded_is_named(phrase, tmp_path):
    bad = shutil.copytree(phrase, tmp_path / "whisper")
    (bad / "model.bin").write_bytes(b"this is no model")
    with pytest.raises(BackendError, match=r"whisper cannot load the model in '.*whisper': Unsupported") as error:
        asyncio.run(start(settings(bad), {}, None))
    assert (error.value.hint, error.value.retry) == ("Get the model again", False)
