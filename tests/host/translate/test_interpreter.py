"""From a text to its translation: who is asked for what, in which order, and what is said of the answer."""

from __future__ import annotations

import asyncio

import pytest
from translator_parts import Identified, Pairs, Spoken

from host.contracts import Rendering
from host.errors import LanguageError, UntranslatedError, UsageError
from host.translate.glossary import EMPTY, parse
from host.translate.pipeline import Interpreter


def translate(text, source="en", target="de", *translators, glossary=EMPTY, pairs=None, identifier=None, **how):
    interpreter = Interpreter(pairs or Pairs(*translators), identifier or Identified(), glossary=glossary)
    return asyncio.run(interpreter.translate(text, source, target, **how))


def test_each_sentence_is_translated_and_put_together():
    full = Spoken()
    both = translate("One here. Two there.\nThree.", "en", "de", full)
    assert both.target == "<One here.> <Two there.>\n<Three.>"
    assert full.asked == [(["One here.", "Two there.", "Three."], "en", "de")]
    assert (both.backend, both.uncertain) == ("full", False)


def test_a_translator_of_texts_gets_as_much_as_it_takes():
    full = Spoken(sentences=False)
    translate("One here. Two there.", "en", "de", full)
    assert full.asked[0][0] == ["One here. Two there."]


def test_phrases_come_before_what_is_rough():
    book = Spoken("book", {"Hello.": "Guten Tag"}, complete=False)
    rough = Spoken("rough")
    both = translate("Hello. What now?", "en", "de", book, rough)
    assert both.target == "Guten Tag <What now?>"
    assert both.backend == "book+rough"
    assert [asked for asked, *_ in rough.asked] == [["What now?"]]


def test_a_phrase_of_two_sentences_is_found_as_a_whole():
    book = Spoken("book", {"Hello. You.": Rendering("Sie da!", keep_source=True)}, complete=False)
    both = translate("Hello. You.", "en", "de", book, Spoken())
    assert (both.target, both.keep_source, both.backend) == ("Sie da!", True, "book")


def test_what_nobody_holds_is_named_with_what_would_help():
    book = Spoken("book", {"Hello.": "Guten Tag"}, complete=False)
    with pytest.raises(UntranslatedError) as caught:
        translate("Hello. Frobnicate!", "en", "de", book)
    assert (
        caught.value.message == "'Frobnicate!' is not in the book, and nothing else here translates English to German"
    )
    assert caught.value.hint == "what gives en-de"


GLOSSARY = parse('[[term]]\nen = "check"\nde = "Zeche"\n', "g")


def test_the_glossary_wins_without_anybody_asked():
    full = Spoken()
    both = translate("Check!", "en", "de", full, glossary=GLOSSARY)
    assert (both.target, both.backend, full.asked) == ("Zeche", "glossary", [])


def test_a_term_in_a_sentence_is_in_the_answer_or_it_is_uncertain():
    full = Spoken(answers={"The Zeche now": "Die Rechnung bitte"})
    assert translate("My check, friend", "en", "de", full, glossary=GLOSSARY).target == "<My Zeche, friend>"
    both = translate("The check now", "en", "de", full, glossary=GLOSSARY)
    assert both.doubts == ("'Zeche' of the glossary is missing",)


def test_a_phrase_is_looked_up_as_it_was_said():
    book = Spoken("book", {"The check now": "Zahlen!"}, complete=False)
    assert translate("The check now", "en", "de", book, Spoken(), glossary=GLOSSARY).target == "Zahlen!"


def test_a_lost_number_and_a_translators_own_doubt_make_it_uncertain():
    full = Spoken(answers={"Gate 12": "Tor", "Odd": Rendering("Seltsam", doubt="'Odd' is unknown to it")})
    assert translate("Gate 12", "en", "de", full).doubts == ("12 is missing",)
    assert translate("Odd", "en", "de", full).doubts == ("'Odd' is unknown to it",)


def test_the_language_is_found_out_among_those_that_can_be_translated():
    identifier = Identified("fr")
    pairs = Pairs(Spoken(), sources=frozenset({"fr", "it", "ru"}))
    both = translate("la gare", "auto", "de", pairs=pairs, identifier=identifier)
    assert both.source_language == "fr"
    assert identifier.asked == [("la gare", {"fr", "it", "ru", "de"})]
    assert translate("вокзал", "auto", "de", pairs=pairs, identifier=identifier).source_language == "ru"
    assert len(identifier.asked) == 1


def test_a_sign_of_chinese_characters_is_a_phrase_of_whichever_language_has_it():
    class OnlyJapanese(Spoken):
        async def translate(self, texts, source, target, *, progress=None):
            found = await super().translate(texts, source, target)
            return found if source == "ja" else [None] * len(texts)

    book = OnlyJapanese("book", {"禁煙": "No smoking"}, complete=False)
    identifier = Identified("zh")
    both = translate("禁煙", "auto", "en", book, identifier=identifier)
    assert (both.source_language, both.target, identifier.asked) == ("ja", "No smoking", [])
    pairs = Pairs(book, Spoken("rough"), sources=frozenset({"zh", "ja", "fr"}))
    assert translate("火気厳禁", "auto", "en", pairs=pairs, identifier=identifier).backend == "rough"
    assert identifier.asked == [("火気厳禁", frozenset({"zh", "ja", "fr"}))]


@pytest.mark.parametrize(
    ("text", "source", "target", "error", "message"),
    [
        (" \n", "en", "de", UsageError, "there is no text to translate"),
        ("hallo", "de", "de", LanguageError, "the text is in German already"),
        ("12:30 !", "auto", "de", LanguageError, "there are no words that a language could be told by"),
    ],
)
def test_what_cannot_be_translated(text, source, target, error, message):
    with pytest.raises(error) as caught:
        translate(text, source, target, Spoken())
    assert caught.value.message == message
    assert caught.value.hint


def test_a_translation_of_one_piece_can_be_seen_growing():
    seen = []
    translate("Hello there", "en", "de", Spoken(), progress=seen.append)
    translate("One here. Two there.", "en", "de", Spoken(), progress=seen.append)
    assert seen == ["Hel"]
