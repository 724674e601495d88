"""Apertium's stages, kept: answers at once, whatever the text; a stage that dies or hangs costs one text."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.backends.apertium import ApertiumTranslator, Pipeline, _names, _rendering, modes, stages
from host.errors import BackendError, LanguageError

PAIR = ("en", "es")
HERE = modes()
scripted = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")
installed = pytest.mark.skipif(PAIR not in HERE, reason="apt install apertium apertium-eng-spa")


@pytest.fixture(scope="module")
def pipeline():
    made = Pipeline(stages(HERE[PAIR].read_text()))
    yield made
    made.close()


def used(translator, use):
    """Use a translator within one event loop, and close it."""

    async def main():
        try:
            return await use(translator)
        finally:
            await translator.close()

    return asyncio.run(main())


async def hello(translator):
    (found,) = await translator.translate(["Hello"], *PAIR)
    return found.text


def test_a_mode_becomes_stages_that_flush():
    mode = "lt-proc '/a b/x.bin' | apertium-tagger -g $2 'y.prob' |lt-proc $1 z.bin"
    assert stages(mode) == [
        ["lt-proc", "-z", "/a b/x.bin"],
        ["apertium-tagger", "-z", "-g", "y.prob"],
        ["lt-proc", "-z", "-g", "z.bin"],
    ]


@pytest.mark.parametrize("mode", ["rm -rf x", "lt-proc a | sh -c x", "", "lt-proc a | | lt-proc b", "lt-proc 'a"])
def test_what_is_no_stage_is_not_run(mode):
    with pytest.raises(ValueError, match=r"no stage|closing"):
        stages(mode)


def test_modes_are_known_by_the_names_of_their_languages(tmp_path):
    for name in ("eng-spa", "eng-spa_AM", "fr-es", "spa-eng", "notes"):
        (tmp_path / f"{name}.mode").write_text("lt-proc a")
    found = modes([tmp_path, tmp_path / "none"])
    assert {pair: path.name for pair, path in found.items()} == {
        ("en", "es"): "eng-spa.mode",
        ("fr", "es"): "fr-es.mode",
        ("es", "en"): "spa-eng.mode",
    }


def test_marks_and_escapes_are_taken_off_and_unknown_words_doubted():
    found = _rendering("Hola *frobnicator \\[a\\] [ ]y #casa.[]\n")
    assert found.text == "Hola frobnicator [a] y casa"
    assert found.doubt == "'frobnicator', 'casa' are unknown to it"
    assert _rendering("*uno *dos *tres *dos *cuatro").doubt == "'uno', 'dos', 'tres' and 1 more are unknown to it"
    assert _rendering("Hola.[]\n").doubt == ""


def rendered(*texts, pair=("es", "en")):
    async def use(translator):
        return await translator.translate(texts, *pair)

    return used(ApertiumTranslator(HERE), use)


@installed
def test_names_stay_and_are_no_reason_to_doubt():
    doubts = [
        found.doubt
        for found in rendered(
            "I saw Mr. Blorf and Zzyzx.", "Take bus N99x there.", "I saw a gizmotron.", "Gizmotron is here.", pair=PAIR
        )
    ]
    assert doubts == ["", "", "'gizmotron' is unknown to it", "'Gizmotron' is unknown to it"]


def test_german_writes_every_noun_as_a_name():
    assert [_names("Das ist ein Gizmotron", source) for source in ("de", "sv")] == [set(), {"Gizmotron"}]


@installed
def test_capitals_are_translated_as_a_sentence_and_are_capitals_again():
    shouted, plain = rendered("PROHIBIDO FUMAR EN MADRID", "Prohibido fumar en Madrid")
    assert shouted.text == plain.text.upper()
    assert shouted.doubt == plain.doubt == ""
    (doubted,) = rendered("PROHIBIDO BLORFAR")
    assert doubted.doubt == "'blorfar' is unknown to it"
    assert doubted.text.isupper()


@installed
def test_names_are_known_though_a_recogniser_writes_no_capitals():
    known, unknown = rendered("my name is john", "my name is zzyzx", pair=PAIR)
    assert (known.text, known.doubt) == ("Mi nombre es John", "")
    assert (unknown.text, unknown.doubt) == ("Mi nombre es zzyzx", "'zzyzx' is unknown to it")


@installed
def test_each_answer_belongs_to_its_own_text(pipeline):
    assert pipeline.alive
    for number in range(20):
        said = pipeline.translate(f"I have {number + 2} cats", 10.0)
        assert f"Tengo {number + 2} gatos" in said


@installed
@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_one_answer_and_the_next_is_right(pipeline, text):
    pipeline.translate(text, 10.0)
    assert "Hola" in pipeline.translate("Hello", 10.0)


@installed
def test_hostile_texts_are_only_text(pipeline):
    for text in ("[]", "^a<n>$", "\\", "\0\0", "$(touch x)", "\x1b[2J", ".[]\n", "{<@#*~", "x" * 1000, "`ls`; |"):
        said = _rendering(pipeline.translate(text, 10.0)).text
        assert all(c.isprintable() for c in said)
    assert "Hola" in pipeline.translate("Hello", 10.0)


@installed
def test_a_stage_that_dies_fails_one_text_and_is_started_again():
    async def use(translator):
        assert await hello(translator) == "Hola"
        running = translator._pipelines[PAIR]
        os.kill(running._stages[3].pid, signal.SIGKILL)
        running._stages[3].wait()
        assert await hello(translator) == "Hola"
        assert translator._pipelines[PAIR] is not running

    used(ApertiumTranslator(HERE), use)


@pytest.fixture
def standing(tmp_path, monkeypatch):
    """The mode of a pair whose one stage hangs when it is started first, and gives back what it gets afterwards."""
    hangs = (
        f'#!/bin/sh\nif [ -e "{tmp_path}/was" ]; then exec /bin/cat; fi\n: > "{tmp_path}/was"\nexec /bin/sleep 1000\n'
    )
    (tmp_path / "lt-proc").write_text(hangs)
    (tmp_path / "lt-proc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "m.mode").write_text("lt-proc x")
    return {PAIR: tmp_path / "m.mode"}


@scripted
def test_a_stage_that_hangs_is_given_up_and_started_again(standing):
    async def use(translator):
        with pytest.raises(BackendError, match="stopped in the middle") as caught:
            await hello(translator)
        assert caught.value.retry
        assert not translator._pipelines[PAIR].alive
        translator._timeout_s = 60.0
        assert await hello(translator) == "Hello"

    used(ApertiumTranslator(standing, timeout_s=0.3), use)


@scripted
def test_closing_ends_every_stage_also_one_that_is_waited_for(standing):
    async def use(translator):
        waiting = asyncio.create_task(hello(translator))
        while PAIR not in translator._pipelines:  # noqa: ASYNC110 - it has no event to tell
            await asyncio.sleep(0.01)
        running = translator._pipelines[PAIR]
        await translator.close()
        await translator.close()
        with pytest.raises(BackendError):
            await waiting
        assert all(stage.returncode is not None for stage in running._stages)

    used(ApertiumTranslator(standing, timeout_s=60.0), use)


@scripted
def test_what_was_closed_is_not_started_again(standing):
    async def use(translator):
        await translator.close()
        with pytest.raises(BackendError, match="it was closed"):
            translator._rendered("Hello", *PAIR)

    used(ApertiumTranslator(standing), use)


def test_a_pair_that_is_not_installed():
    with pytest.raises(LanguageError, match="does not translate en to es"):
        used(ApertiumTranslator({}), hello)


def test_a_program_that_is_missing_or_a_mode_that_is_none(tmp_path, monkeypatch):
    mode = tmp_path / "eng-spa.mode"
    mode.write_text("lt-proc nowhere.bin")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackendError, match="stopped in the middle"):
        used(ApertiumTranslator({PAIR: mode}), hello)
    mode.write_text("sh -c true")
    with pytest.raises(BackendError, match="is no stage of Apertium"):
        used(ApertiumTranslator({PAIR: mode}), hello)


@scripted
def test_a_stage_that_answers_without_end_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "lt-proc").write_text("#!/bin/sh\nexec /usr/bin/yes\n")
    (tmp_path / "lt-proc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "m.mode").write_text("lt-proc x")
    with pytest.raises(BackendError, match="answers without end"):
        used(ApertiumTranslator({PAIR: tmp_path / "m.mode"}, timeout_s=60.0), hello)
