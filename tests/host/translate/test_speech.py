"""Which language a heard sentence is in, and which one it is put into."""

from __future__ import annotations

import asyncio

import pytest
from translator_parts import Identified, Pairs, Spoken

from host.contracts import Rendering, Translation
from host.errors import LanguageError
from host.translate.pipeline import Interpreter
from host.translate.speech import OneWay, TwoWay


def interpreter(language="fr", **answers):
    translator = Spoken(answers={text.replace("_", " "): answer for text, answer in answers.items()})
    return Interpreter(Pairs(translator), Identified(language))


def language_of(speech, text, heard=None):
    return asyncio.run(speech.language_of(text, heard))


def test_one_way_the_spoken_language_is_the_one_that_was_named():
    assert language_of(OneWay(interpreter(), "en", "es"), "Hola", "es") == "en"


def test_one_way_else_the_recognisers_answer_else_that_of_the_text():
    speech = OneWay(interpreter("fr"), "auto", "es")
    assert language_of(speech, "Bonjour", "it") == "it"
    assert language_of(speech, "Bonjour") == "fr"
    assert language_of(speech, "1 2 3") == ""


def test_one_way_what_is_said_in_the_other_language_is_left():
    speech = OneWay(interpreter("es"), "auto", "es")
    with pytest.raises(LanguageError, match="the text is in Spanish already"):
        asyncio.run(speech.translate("Hola", "es"))


@pytest.mark.parametrize(
    ("text", "heard", "told_apart", "language"),
    [
        ("Привет", "en", True, "ru"),  # the script, whatever the recogniser says
        ("Hello", "ru", True, "en"),
    ],
)
def test_two_way_the_script_decides_where_it_can(text, heard, told_apart, language):
    speech = TwoWay(interpreter(), ("en", "ru"), told_apart=told_apart)
    assert language_of(speech, text, heard) == language


def test_two_way_else_the_recognisers_answer_among_the_two_else_statistics():
    speech = TwoWay(interpreter("es"), ("en", "es"), told_apart=True)
    assert language_of(speech, "no", "en") == "en"
    assert language_of(speech, "no", "pt") == "es"
    assert language_of(speech, "no") == "es"
    assert language_of(TwoWay(interpreter("es"), ("en", "es"), told_apart=False), "no", "en") == "es"


def test_two_way_each_is_put_into_the_other():
    speech = TwoWay(interpreter(), ("en", "es"), told_apart=True)
    assert (speech.target_of("en"), speech.target_of("es"), speech.target_of("")) == ("es", "en", "es")
    assert asyncio.run(speech.translate("Hello", "en")) == Translation("<Hello>", "es", "full")
    assert asyncio.run(speech.translate("Hola", "es")) == Translation("<Hola>", "en", "full")
    with pytest.raises(LanguageError, match="whether it is English or Spanish cannot be told"):
        asyncio.run(speech.translate("12", ""))


def test_two_way_what_may_be_in_either_language_is_uncertain():
    sure, unsure = Identified("es", 0.95), Identified("es", 0.6)
    for identifier, doubts in ((sure, ()), (unsure, ("it may be English already",))):
        speech = TwoWay(Interpreter(Pairs(Spoken()), identifier), ("en", "es"), told_apart=False)
        assert language_of(speech, "No") == "es"
        assert asyncio.run(speech.translate("No", "es")).doubts == doubts


def test_what_speaks_against_a_translation_is_kept_with_it():
    speech = OneWay(interpreter(It_costs_5=Rendering("Cuesta", keep_source=True)), "en", "es")
    found = asyncio.run(speech.translate("It costs 5", "en"))
    assert (found.doubts, found.uncertain, found.keep_source) == (("5 is missing",), True, True)


def test_a_sentence_without_end_is_cut_for_the_translator():
    found = asyncio.run(OneWay(interpreter(), "en", "es").translate("word " * 10_000, "en"))
    assert len(found.text) < 12_000
