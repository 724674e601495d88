"""The phrasebook: complete, without contradictions, and it answers what it holds and nothing else."""

from __future__ import annotations

import asyncio
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.backends.phrasebook import EXACT_KINDS, LANGUAGES, Phrasebook, start
from host.config import Settings
from host.translate.doubt import doubts

TEXT = files("host").joinpath("data/phrasebook.toml").read_text(encoding="utf-8")
ENTRIES = tomllib.loads(TEXT)
BOOK = Phrasebook(TEXT)
PAIRS = st.tuples(st.sampled_from(LANGUAGES), st.sampled_from(LANGUAGES))


def filled(wording):
    return wording.replace("{number}", "3").replace("{name}", "Anna")


def said(text, source, target):
    found = BOOK.find(text, source, target)
    return found and found.text


def test_every_phrase_is_there_in_every_language():
    assert 60 <= len(ENTRIES) <= 100
    assert set(BOOK.phrases.values()) == {"courtesy", "travel", "food", "medical", "emergency", "sign"}
    for entry in ENTRIES.values():
        assert set(entry) == {"kind", *LANGUAGES}
        slots = {frozenset(part for part in ("{number}", "{name}") if part in entry[at]) for at in LANGUAGES}
        assert len(slots) == 1


@pytest.mark.parametrize("source", LANGUAGES)
def test_every_wording_is_found_and_answered_in_every_other_language(source):
    for key, entry in ENTRIES.items():
        for wording in entry[source].split(" | "):
            for target in LANGUAGES:
                if target != source:
                    expected = filled(entry[target].split(" | ")[0])
                    assert said(filled(wording), source, target) == expected, key


def test_no_answer_of_ours_is_doubted():
    for entry in ENTRIES.values():
        for source in LANGUAGES:
            for target in LANGUAGES:
                if target != source:
                    a, b = (filled(entry[at].split(" | ")[0]) for at in (source, target))
                    assert [d for d in doubts(a, b, source, target) if "script" not in d and "same" not in d] == []


@pytest.mark.parametrize(
    ("text", "source", "target", "answer"),
    [
        ("WHERE is  the station", "en", "de", "Wo ist der Bahnhof?"),
        ("Excuse me, where is the station, please?", "en", "de", "Wo ist der Bahnhof?"),
        ("donde esta la estacion", "es", "en", "Where is the station?"),
        ("Où est la gare?", "fr", "en", "Where is the station?"),
        ("Dov’è la stazione?", "it", "en", "Where is the station?"),
        ("请问，车站在哪里", "zh", "en", "Where is the station?"),
        ("A table for 4", "en", "fr", "Une table pour 4, s'il vous plaît"),
        ("Une table pour ٤", "fr", "en", "A table for 4, please"),
        ("mein Name ist Anna van Rossi-Maier", "de", "en", "My name is Anna van Rossi-Maier"),
        ("DANGER", "fr", "ja", "危険"),
        ("ANDEN 4", "es", "en", "Platform 4"),
        ("Une table pour 4 s'il vous plait", "fr", "en", "A table for 4, please"),
        ("Ich heisse Anna", "de", "en", "My name is Anna"),
        ("Je m'appelle Zoé Café", "fr", "en", "My name is Zoé Café"),
    ],
)
def test_ways_to_say_the_same(text, source, target, answer):
    assert said(text, source, target) == answer


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Where is the statoin?", "en"),
        ("Where is not the station?", "en"),
        ("A table for four", "en"),
        ("A table for 1234567", "en"),
        ("My name is not important", "en"),
        ("我叫出租车", "zh"),
        ("{name}", "en"),
        ("", "en"),
        ("please " * 50, "en"),
        ("Where is the station?", "nl"),
    ],
)
def test_what_it_does_not_hold_is_not_answered(text, source):
    assert BOOK.find(text, source, "de") is None
    assert BOOK.find("Hello", "en", "nl") is None


@pytest.mark.parametrize("key", [key for key, entry in ENTRIES.items() if entry["kind"] in EXACT_KINDS])
def test_medical_phrases_are_exact_or_nothing_and_keep_the_original(key):
    for source in LANGUAGES:
        wording = ENTRIES[key][source].split(" | ")[0]
        target = "en" if source != "en" else "de"
        assert BOOK.find(wording.upper() + " !", source, target).keep_source
        for changed in ("xx " + wording, wording + " x", wording[:1] + wording[2:]):
            assert BOOK.find(changed, source, target) is None


def test_accents_of_medical_phrases_must_be_right():
    assert BOOK.find("Soy alérgico a la leche", "es", "en") is not None
    assert BOOK.find("Soy alergico a la leche", "es", "en") is None


def test_a_book_that_contradicts_itself_is_refused():
    one = "\n".join(f'{language} = "{language} same"' for language in LANGUAGES)
    with pytest.raises(ValueError, match="is both first and second"):
        Phrasebook(f'[first]\nkind = "sign"\n{one}\n[second]\nkind = "sign"\n{one}\n')


ANSWERS = {
    filled(ENTRIES[key][at].split(" | ")[0]) for key in ENTRIES for at in LANGUAGES if "{" not in ENTRIES[key][at]
}


@settings(max_examples=200)
@given(st.text(max_size=60), PAIRS)
def test_any_text_is_answered_from_the_book_or_not_at_all(text, pair):
    found = BOOK.find(text, *pair)
    assert found is None or found.text in ANSWERS


def test_it_is_a_translator():
    async def main():
        book = await start(Settings(), {}, None)
        try:
            return await book.translate(["Hello", "Something else"], "en", "es"), book.info
        finally:
            await book.close()

    (hello, other), info = asyncio.run(main())
    assert (hello.text, other) == ("Hola", None)
    assert (info.local, info.complete) == (True, False)
