"""Which translators are asked for a pair: a pure choice, and what is named where there is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.backends.translators import (
    APERTIUM_PACKAGES,
    TRANSLATORS,
    State,
    TranslatorsHere,
    choose,
    states,
    ways,
)
from host.config import Settings
from host.errors import BackendMissingError, LanguageError, ModelMissingError, UsageError
from host.models.ctranslate2_folders import models_for

NOTHING = {name: State("it is not there", "pip install it") for name in TRANSLATORS}
BOOK = {"phrasebook": State(sources=frozenset({"en", "de"}))}
APERTIUM = {"apertium": State(sources=frozenset({"en"}))}
NEURAL = {"ctranslate2": State(sources=frozenset({"en", "de"}))}
SERVER = {"openai": State(sources=None)}


def chosen(*there, wanted="auto", source="en"):
    known = dict(NOTHING)
    for state in there:
        known |= state
    return choose(wanted, source, "es", known).names


def test_auto_takes_the_best_that_does_the_pair():
    assert chosen(BOOK) == ("phrasebook",)
    assert chosen(BOOK, APERTIUM) == ("phrasebook", "apertium")
    assert chosen(BOOK, APERTIUM, NEURAL) == ("ctranslate2",)
    assert chosen(BOOK, APERTIUM, NEURAL, SERVER) == ("openai",)
    assert chosen(BOOK, APERTIUM, {"libretranslate": State(sources=None)}) == ("libretranslate",)
    assert chosen(BOOK, APERTIUM, source="de") == ("phrasebook",)


def test_one_asked_for_by_name_is_the_only_one():
    assert chosen(BOOK, APERTIUM, SERVER, wanted="apertium") == ("apertium",)


def test_what_cannot_be_taken_is_said_with_the_command():
    with pytest.raises(UsageError, match=r"there is no translator 'apertum'; did you mean apertium\?"):
        chosen(wanted="apertum")
    with pytest.raises(BackendMissingError, match="openai cannot be used: it is not there") as missing:
        chosen(wanted="openai")
    assert missing.value.hint == "Install it: pip install it"
    with pytest.raises(LanguageError, match="apertium does not translate German to Spanish"):
        chosen(APERTIUM, wanted="apertium", source="de")
    with pytest.raises(LanguageError, match="nothing here translates Korean to Spanish"):
        chosen(BOOK, APERTIUM, source="ko")


def test_ways_name_exact_commands(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    hint = ways("en", "es", NOTHING)
    assert "--translate-base-url http://localhost:11434/v1 --translate-model MODEL" in hint
    assert "rough: sudo apt install apertium apertium-eng-spa" in hint
    assert "apt" not in ways("en", "ja", NOTHING)
    assert "rough, and installed: --translator apertium" in ways("en", "es", NOTHING | APERTIUM)
    without_pair = NOTHING | {"apertium": State(sources=frozenset({"ca"}))}
    assert "rough: sudo apt install apertium-eng-spa" in ways("en", "es", without_pair)
    how = "pip install 'sidelight[ctranslate2]'"
    without = NOTHING | {"ctranslate2": State("ctranslate2 is not installed", how)}
    assert f"{how}, then sidelight models get m2m100-418m" in ways("en", "ja", without)
    monkeypatch.setattr("sys.platform", "darwin")
    assert "apt" not in ways("en", "es", NOTHING)


def test_debians_pairs_are_known_by_their_languages():
    assert APERTIUM_PACKAGES[frozenset({"fr", "es"})] == "apertium-fr-es"
    assert APERTIUM_PACKAGES[frozenset({"id", "ms"})] == "apertium-ind-zlm"
    assert frozenset({"en", "ja"}) not in APERTIUM_PACKAGES


@settings(max_examples=200)
@given(
    st.fixed_dictionaries(
        {
            name: st.builds(
                State,
                missing=st.sampled_from(["", "gone"]),
                sources=st.one_of(st.none(), st.frozensets(st.sampled_from(["en", "de", "fr"]))),
            )
            for name in TRANSLATORS
        }
    ),
    st.sampled_from(["en", "de", "fr"]),
)
def test_whatever_is_chosen_does_the_pair_and_nothing_better_would(known, source):
    able = [name for name in TRANSLATORS if known[name].does(source)]
    if not able:
        with pytest.raises(LanguageError):
            choose("auto", source, "es", known)
        return
    choice = choose("auto", source, "es", known)
    assert choice.names[-1] == able[0]
    assert all(known[name].does(source) for name in choice.names)


WRONG = {"ctranslate2": State("its model.bin is cut off", "Get it again", wrong=True)}


def test_one_that_is_set_up_wrongly_is_passed_over_and_that_is_said():
    choice = choose("auto", "en", "es", NOTHING | BOOK | WRONG)
    assert choice.names == ("phrasebook",)
    assert choice.why.endswith("; ctranslate2 cannot be used: its model.bin is cut off")
    assert "cut off" not in choose("auto", "en", "es", NOTHING | SERVER | WRONG).why
    with pytest.raises(
        LanguageError, match="nothing here translates Korean to Spanish; ctranslate2 cannot be used"
    ) as no:
        choose("auto", "ko", "es", NOTHING | BOOK | WRONG)
    assert "a model on this computer: Get it again" in no.value.hint


def test_models_of_the_catalogue_for_a_pair():
    assert [model.name for model in models_for("en", "es")] == ["opus-mt-en-es", "m2m100-418m", "nllb-200-600m"]
    assert "sidelight models get opus-mt-en-es;" in ways(
        "en", "es", NOTHING | {"ctranslate2": State("none", "Get one")}
    )
    nothing = NOTHING | {"ctranslate2": State("none", "Get one")}
    assert "sidelight models get nllb-200-600m (not for commercial use)" in ways("en", "ky", nothing)
    assert "--translate-folder FOLDER" in ways("en", "kw", nothing)


def here(**set_to):
    return TranslatorsHere(replace(Settings(), **set_to), {})


def test_the_phrasebook_is_always_there():
    async def main():
        told = []
        translators = TranslatorsHere(Settings(), {}, on_choice=lambda t, why: told.append((t.info.name, why)))
        try:
            first = await translators.for_pair("en", "ja")
            again = await translators.for_pair("de", "ja")
        finally:
            await translators.close()
        return [t.info.name for t in first], first == again, told

    names, same, told = asyncio.run(main())
    assert (names, same) == (["phrasebook"], True)
    assert told == [("phrasebook", "nothing else here does these languages")]


def test_languages_that_can_be_translated_from():
    assert "fr" in here().sources("ja")
    assert "ja" not in here().sources("ja")
    assert here(translate_base_url="http://localhost:1/v1", translate_model="m").sources("ja") is None
    assert here(translator="phrasebook").sources("nl") == frozenset()


def test_a_wrong_name_is_said_at_once():
    with pytest.raises(UsageError, match="there is no translator"):
        here(translator="goggle")


def test_a_translator_that_is_set_up_wrongly_is_no_reason_to_fail_where_another_is_named():
    set_to = {"translate_folder": "/nowhere"}
    found = states(replace(Settings(), translator="phrasebook", **set_to), {}, "ja")
    assert found["phrasebook"].does("en")


def test_a_folder_that_is_no_model_does_not_end_auto(tmp_path):
    pytest.importorskip("ctranslate2")
    pytest.importorskip("sentencepiece")
    (tmp_path / "opus-mt-en-ja").mkdir()
    (tmp_path / "opus-mt-en-ja" / "model.bin").write_bytes(b"cut")
    for folder in (tmp_path, tmp_path / "opus-mt-en-ja", tmp_path / "nowhere"):
        known = states(replace(Settings(), translate_folder=str(folder)), {}, "ja")
        assert known["ctranslate2"].wrong
        assert choose("auto", "en", "ja", known).names == ("phrasebook",)
        with pytest.raises(ModelMissingError):
            states(replace(Settings(), translator="ctranslate2", translate_folder=str(folder)), {}, "ja")
