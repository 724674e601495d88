"""Neural models on this computer: what a folder holds, the words it is given, and models that run for real."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from host.backends.ctranslate2_mt import MAX_TOKENS, NeuralTranslator, TranslationEngine, sources, start, unready
from host.backends.worker import ModelProcess
from host.config import Settings
from host.errors import BackendError, LanguageError, ModelMissingError
from host.models.catalogue import MODELS
from host.models.ctranslate2_folders import find_models, read_model

pytest.importorskip("ctranslate2", reason="pip install 'sidelight[ctranslate2]'")
pytest.importorskip("sentencepiece", reason="pip install 'sidelight[ctranslate2]'")

from tiny_translator import SAID, pieces, set_translation, weights

SHARED = Path(__file__).parents[4] / "shared" / "data" / "models" / "ct2-ar-en-names"


@pytest.fixture(scope="module")
def opus(tmp_path_factory):
    return set_translation(tmp_path_factory.mktemp("models") / "opus-mt-en-de")


@pytest.fixture(scope="module")
def nllb(tmp_path_factory):
    return set_translation(tmp_path_factory.mktemp("models") / "nllb", prefix=("eng_Latn", "deu_Latn", "zho_Hant"))


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))


def models_in(folder):
    return find_models(replace(Settings(), translate_folder=str(folder))).models


def translate(folder, texts, source="en", target="de"):
    async def main():
        translator = NeuralTranslator(models_in(folder))
        try:
            return [found.text for found in await translator.translate(texts, source, target)]
        finally:
            await translator.close()

    return asyncio.run(main())


def written(folder, vocabulary, *, config=None, spm=("source.spm", "target.spm")):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.bin").write_bytes(weights(4))
    for name in spm:
        (folder / name).write_bytes(b"x")
    (folder / "shared_vocabulary.json").write_text(json.dumps(vocabulary))
    (folder / "config.json").write_text(json.dumps(config or {"decoder_start_token": "</s>"}))
    return folder


def test_a_model_of_one_pair_runs_in_a_process_of_its_own(opus):
    assert translate(opus, ["where is the exit", "the train is late"]) == [SAID, SAID]


def test_a_model_of_many_languages_is_told_which(nllb):
    model = read_model(nllb)
    assert (model.family, dict(model.names)) == ("nllb", {"en": "eng_Latn", "de": "deu_Latn"})
    assert translate(nllb, ["where is the exit"]) == [SAID]


def test_words_are_given_as_the_family_wants_them(opus, nllb):
    engine = TranslationEngine(read_model(opus))
    given = engine._source("where is the exit", "en")
    assert given[-1] == "</s>"
    assert "".join(given[:-1]).replace("▁", " ").strip() == "where is the exit"
    assert TranslationEngine(read_model(nllb))._source("a", "en")[0] == "eng_Latn"


def test_what_the_model_has_no_word_for_is_told(opus):
    engine = TranslationEngine(read_model(opus))
    said = engine._tokens.target.encode(SAID, out_type=str)
    given = engine._source("where is the exit", "en")
    nothing_for = "the model has no word for a part of it"
    assert engine._rendered(given, [*said, "<unk>", "</s>"], prefixed=False) == (SAID, nothing_for)
    assert engine._rendered(given, ["deu_Latn", *said, "</s>"], prefixed=True) == (SAID, "")
    assert engine.translate(["where is the exit"], "en", "de") == [(SAID, "")]
    assert engine.translate(["where is the \u51fa\u53e3"], "en", "de") == [(SAID, nothing_for)]


def test_an_answer_without_end_is_told(opus):
    engine = TranslationEngine(read_model(opus))
    endless = engine._tokens.target.encode(SAID, out_type=str)[:1] * MAX_TOKENS
    assert engine._rendered([], endless, prefixed=False)[1] == "the model did not come to an end"


def test_many_texts_are_several_calls(opus, monkeypatch):
    calls = []

    async def call(process, method, texts, *others, plain=ModelProcess.call):
        calls.append(len(texts))
        return await plain(process, method, texts, *others)

    monkeypatch.setattr(ModelProcess, "call", call)
    assert translate(opus, ["where is the exit"] * 20) == [SAID] * 20
    assert calls == [8, 8, 4]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real model of ../shared/data is not here")
def test_a_real_model_writes_names_in_latin_letters():
    assert sources(replace(Settings(), translate_folder=str(SHARED)), "en") == {"ar"}
    assert translate(SHARED, ["محمد", "آتزمون"], "ar", "en") == ["mahmad", "atzmon"]
    assert models_in(SHARED)[0].licence.startswith("MIT")


def test_m2m100_and_its_languages(tmp_path):
    vocabulary = ["<s>", "</s>", "hello", "__en__", "__ja__", "__ceb__"]
    model = read_model(written(tmp_path / "m2m", vocabulary, spm=("sentencepiece.model",)))
    assert (model.family, model.ends) == ("m2m100", True)
    assert model.sources("ja") == {"en", "ceb"}


def test_opennmt_ends_no_source(tmp_path):
    config = {"decoder_start_token": "<s>", "add_source_eos": False}
    assert not read_model(written(tmp_path / "onmt-eng_spa", ["hello"], config=config)).ends
    assert not read_model(written(tmp_path / "en-es", ["hello"], config={"add_source_eos": True})).ends


def test_a_folder_of_several(tmp_path, opus):
    written(tmp_path / "opus-mt-fr-en", ["hello"])
    written(tmp_path / "b-deu-eng", ["hello"])
    (tmp_path / "notes").mkdir()
    settings = replace(Settings(), translate_folder=str(tmp_path))
    assert sources(settings, "en") == {"fr", "de"}
    assert sources(settings, "fr") == set()


def test_one_of_several_that_is_broken_does_not_end_the_others(tmp_path):
    written(tmp_path / "opus-mt-fr-en", ["hello"])
    (written(tmp_path / "opus-mt-de-en", ["hello"]) / "model.bin").write_bytes(b"cut")
    settings = replace(Settings(), translate_folder=str(tmp_path))
    assert sources(settings, "en") == {"fr"}
    assert [str(error) for error in find_models(settings).broken] != []
    with pytest.raises(ModelMissingError, match="holds no weights of CTranslate2"):
        sources(settings, "de")  # nothing else does: the broken one may be the reason


def got(home, name, vocabulary, **how):
    """As `models get` leaves a model."""
    written(home / "data" / "models" / name / MODELS[name].folder, vocabulary, **how)
    (home / "data" / "models" / name / "sidelight.json").write_text("{}")


def test_those_got_by_name_best_first_with_their_licences(tmp_path):
    pieces_of_many = ("sentencepiece.bpe.model",)
    got(tmp_path / "home", "m2m100-418m", ["__en__", "__es__"], spm=pieces_of_many)
    got(tmp_path / "home", "nllb-200-600m", ["eng_Latn", "spa_Latn"], spm=pieces_of_many)
    got(tmp_path / "home", "opus-mt-en-es", ["hello"])
    found = find_models(Settings()).models
    assert [(m.name, m.licence) for m in found] == [
        ("opus-mt-en-es", "Apache-2.0"),
        ("nllb-200-600m", "CC-BY-NC-4.0"),
        ("m2m100-418m", "MIT"),
    ]
    assert [m.name for m in models_in("nllb-200-600m")] == ["nllb-200-600m"]
    assert sources(Settings(), "es") == {"en"}
    (found[1].folder / "model.bin").unlink()
    assert [m.name for m in find_models(Settings()).models] == ["opus-mt-en-es", "m2m100-418m"]
    with pytest.raises(ModelMissingError) as caught:
        models_in("nllb-200-600m")
    assert caught.value.hint == "Get it again: sidelight models get nllb-200-600m"


@pytest.mark.parametrize("name", [name for name, row in MODELS.items() if row.name.startswith("opus-mt")])
def test_the_folder_of_a_pair_says_its_languages(tmp_path, name):
    got(tmp_path / "home", name, ["hello"])
    (model,) = models_in(name)
    assert tuple(model.names) == MODELS[name].languages
    assert model.ends


def test_norwegian_goes_by_two_names(tmp_path):
    nllb = read_model(written(tmp_path / "nllb", ["eng_Latn", "nob_Latn", "nno_Latn"]))
    assert (nllb.names["no"], nllb.names["nb"], nllb.names["nn"]) == ("nob_Latn", "nob_Latn", "nno_Latn")
    assert read_model(written(tmp_path / "m2m", ["__en__", "__no__"])).names["nb"] == "__no__"


def test_the_licence_is_the_models_own(tmp_path):
    folder = written(tmp_path / "opus-mt-en-es", ["hello"])
    (folder / "README.md").write_text("---\nlicense: cc-by-4.0\x1b[2J\n---\n")
    assert asyncio.run(_info(folder)).licence == "cc-by-4.0 [2J"


async def _info(folder):
    return (await start(replace(Settings(), translate_folder=str(folder)), {}, None)).info


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda at: None, "there is no folder"),
        (lambda at: at.mkdir(), "there is no model.bin in"),
        (lambda at: written(at, ["hello"]), "its folder's name does not say its languages"),
        (lambda at: written(at, ["hello"]).joinpath("model.bin").write_bytes(weights(4)[:-20]), "model.bin is cut off"),
        (lambda at: written(at, ["hello"]).joinpath("model.bin").write_text("version https://git-lfs"), "no weights"),
        (lambda at: written(at, ["hello"], spm=()), "it has no SentencePiece files"),
        (lambda at: written(at, {"a": 1}), "its shared_vocabulary.json is no list of words"),
        (lambda at: (written(at, [])).joinpath("shared_vocabulary.json").write_text("{"), "cannot be used"),
        (lambda at: (written(at, [])).joinpath("shared_vocabulary.json").unlink(), "it has no vocabulary"),
    ],
)
def test_what_is_no_model_is_said_so(tmp_path, make, message):
    folder = tmp_path / "model"
    make(folder)
    with pytest.raises(ModelMissingError) as caught:
        models_in(folder)
    assert message in caught.value.message
    assert "docs/translators.md" in caught.value.hint


def test_weights_that_cannot_be_loaded_are_said_so(tmp_path):
    folder = written(tmp_path / "opus-mt-en-de", ["hello"])
    pieces(folder / "source.spm", ["hello there"] * 10)
    pieces(folder / "target.spm", ["hello there"] * 10)
    with pytest.raises(BackendError, match="ctranslate2 cannot load the model in") as caught:
        translate(folder, ["hello"])
    assert "docs/translators.md" in caught.value.hint


def test_a_pair_that_no_model_does(opus):
    with pytest.raises(LanguageError, match="no model that is here translates de to en"):
        translate(opus, ["hallo"], "de", "en")


def test_a_process_that_is_killed_is_started_again(opus):
    async def main():
        translator = NeuralTranslator(models_in(str(opus)))
        try:
            await translator.translate(["the exit"], "en", "de")
            (process,) = translator._processes.values()
            os.kill(process._process.pid, signal.SIGKILL)
            process._process.join()
            (found,) = await translator.translate(["the exit"], "en", "de")
            return found.text
        finally:
            await translator.close()

    assert asyncio.run(main()) == SAID


def test_what_is_missing_is_named(opus, monkeypatch):
    lacks, how = unready(replace(Settings(), translate_from="en", translate_to="es"), {})
    assert lacks == "no translation model is here"
    assert how.startswith("Get one: sidelight models get opus-mt-en-es;")
    assert unready(Settings(), {})[1].startswith("Get one: sidelight models list")
    there = replace(Settings(), translate_folder=str(opus))
    assert unready(there, {}) is None
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert unready(there, {})[1] == "pip install 'sidelight[ctranslate2]'"
