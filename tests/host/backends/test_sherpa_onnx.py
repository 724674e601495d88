"""sherpa-onnx: models by folder only, streaming, ends of sentences, words with times, nothing fetched.

The library runs here for real, on a model that is made in the test (`tiny_models.tone_recogniser`); trained weights are
not at hand.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace

import numpy as np
import pytest
from tiny_models import CAPITALS, quiet, tone, tone_recogniser

from host.backends import sherpa_onnx
from host.backends.sherpa_onnx import SherpaEngine, find_model, info, start, words_of
from host.config import Settings
from host.contracts import Word
from host.errors import BackendError, LanguageError, ModelMissingError

FILES = ("encoder-epoch-99-avg-1.int8.onnx", "decoder-epoch-99-avg-1.onnx", "joiner-epoch-99-avg-1.onnx", "tokens.txt")


def settings(folder, language="en"):
    return replace(Settings(), model=str(folder), language=language)


def model_folder(folder, names=FILES):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("name", "languages"),
    [
        ("sherpa-onnx-streaming-zipformer-en-2023-06-26", ("en",)),
        ("sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20", ("zh", "en")),
        ("sherpa-onnx-streaming-zipformer-korean-2024-06-16", ("ko",)),
        ("my model", ()),
    ],
)
def test_the_language_is_in_the_name_of_the_folder(tmp_path, name, languages):
    model = find_model(str(model_folder(tmp_path / name)))
    assert model.languages == languages
    assert info(model, "tr").languages == (languages or ("tr",))


def test_the_smallest_of_several_is_taken(tmp_path):
    names = [f"{part}-epoch-99-avg-1-chunk-16-left-{n}{kind}.onnx" for part in ("encoder", "decoder", "joiner")
             for n in (64, 128) for kind in ("", ".int8")]  # fmt: skip
    model = find_model(str(model_folder(tmp_path / "en", (*names, "tokens.txt"))))
    assert {p.name.partition("-")[2] for p in (model.encoder, model.decoder, model.joiner)} == {
        "epoch-99-avg-1-chunk-16-left-128.int8.onnx"
    }


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(ModelMissingError, match="sherpa needs a model, and none was given") as error:
        find_model("")
    assert "sidelight models list" in error.value.hint
    with pytest.raises(ModelMissingError, match=r"there is no folder '.*nowhere' with a sherpa-onnx model"):
        find_model(str(tmp_path / "nowhere"))
    with pytest.raises(ModelMissingError, match=r"encoder, decoder, joiner, tokens\.txt missing"):
        find_model(str(tmp_path))
    part = model_folder(tmp_path / "part", FILES[:1])
    with pytest.raises(ModelMissingError, match=r"decoder, joiner, tokens\.txt missing"):
        find_model(str(part))


def test_a_model_speaks_its_own_language(tmp_path):
    french = model_folder(tmp_path / "sherpa-onnx-streaming-zipformer-fr-2023-04-14")
    with pytest.raises(LanguageError, match="sherpa does not recognise the language 'en'") as error:
        asyncio.run(start(settings(french), {}, None))
    assert "It recognises fr" in error.value.hint


def test_tokens_are_words():
    tokens = [" he", "llo", " wor", "ld", " 你", "好", "ok"]
    starts = [0.0, 0.1, 0.5, 0.6, 1.0, 1.2, 1.4]
    found = words_of(tokens, starts, [0.5, 1.0, 1, 1, 1, 1, 1])
    assert found == [
        Word("hello", 0.0, 0.5, 0.75),
        Word("world", 0.5, 1.0, 1.0),
        Word("你", 1.0, 1.2, 1.0),
        Word("好", 1.2, 1.4, 1.0),
        Word("ok", 1.4, 1.4 + 0.2, 1.0),
    ]
    assert words_of(tokens, [], []) == []
    assert [w.confidence for w in words_of([" a"], [0.0], [])] == [None]


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    return tone_recogniser(tmp_path_factory.mktemp("models") / "tones-en")


def sound():
    """0.5 s of nothing, low, high, low, a pause of 1.5 s, high, and low to the end."""
    low, high = tone(400, 0.4), tone(4000, 0.4)
    return np.concatenate([quiet(0.5), low, high, low, quiet(1.5), high, quiet(0.3), low])


def heard(engine, samples, position=0, piece=512, session=1):
    out = []
    for at in range(0, len(samples), piece):
        out += engine.feed(session, position + at, samples[at : at + piece])
    return out + engine.end(session)


def test_speech_becomes_words_in_their_place(tones):
    found = heard(SherpaEngine(find_model(str(tones)), "en"), sound(), position=16000 * 100)
    assert [(h.text, h.final) for h in found] == [
        ("low", False),
        ("low high", False),
        ("low high low", False),
        ("low high low", True),
        ("high", False),
        ("high low", False),
        ("high low", True),
    ]
    first, second = (h for h in found if h.final)
    assert [w.start_s for w in first.words] == pytest.approx([100.5, 100.9, 101.3], abs=0.09)
    assert [w.start_s for w in second.words] == pytest.approx([103.2, 103.9], abs=0.15)
    assert second.end_s <= 104.3
    assert first.words[0].end_s == first.words[1].start_s
    assert 0.5 < first.confidence <= 1
    assert (first.language, found[0].confidence) == ("en", None)


def test_the_same_sound_cut_otherwise_says_the_same(tones):
    engine = SherpaEngine(find_model(str(tones)), "en")
    finals = [h for h in heard(engine, sound()) if h.final]
    assert [h for h in heard(engine, sound(), piece=16000, session=2) if h.final] == finals
    assert [h for h in heard(engine, sound(), piece=77, session=3) if h.final] == finals


def test_silence_says_nothing_and_what_is_closed_is_forgotten(tones):
    engine = SherpaEngine(find_model(str(tones)), "en")
    assert heard(engine, quiet(6)) == []
    assert engine.end(99) == []
    engine.feed(5, 0, sound()[:16000])
    engine.close(5)
    assert engine.end(5) == []


def test_letters_of_both_kinds_are_left_as_they_are(tmp_path):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    folder = tone_recogniser(tmp_path / "en", CAPITALS.replace("LOW", "McLow"))
    found = heard(SherpaEngine(find_model(str(folder)), "en"), sound())
    assert found[-1].text == "HIGH McLow"


def test_it_runs_in_a_process_of_its_own(tones):
    spent = []

    async def main():
        recogniser = await start(settings(tones), {}, spent.append)
        try:
            session = await recogniser.open("en", start_s=10.0)
            found = [h for at in range(0, 48000, 512) for h in await session.feed(sound()[at : at + 512])]
            return recogniser.info, found + await session.end_utterance()
        finally:
            await recogniser.close()

    about, found = asyncio.run(main())
    assert (about.streaming, about.segments, about.local) == (True, True, True)
    assert found[-1].text == "low high low"
    assert found[-1].words[0].start_s == pytest.approx(10.5, abs=0.09)
    assert spent


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("encoder.int8.onnx", b"this is no model", r"failed:Protobuf parsing failed"),
        ("decoder.onnx", b"", r"Load model from .*decoder\.onnx failed"),
        ("tokens.txt", b"\xff\xfe this is no table", r"its process ended"),
        ("tokens.txt", b"", r"tokens\.txt is empty"),
    ],
)
def test_files_that_are_no_model_are_an_error(tones, tmp_path, name, content, says):
    bad = shutil.copytree(tones, tmp_path / "en")
    (bad / name).write_bytes(content)
    with pytest.raises(BackendError, match=rf"sherpa cannot load the model in '.*en': .*{says}") as error:
        asyncio.run(start(settings(bad), {}, None))
    assert (error.value.hint, error.value.retry) == ("Get the model again", False)
    assert "\n" not in error.value.message


def test_the_table_of_languages_has_what_folders_are_named_by():
    assert set(sherpa_onnx._NAMES.values()) <= set(sherpa_onnx.LANGUAGES)
