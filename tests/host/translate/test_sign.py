"""A sign passage by passage: what is translated, what is kept, what is marked, and the pages of the lens."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sign_parts import Identified, Pairs, SaidTranslator, line
from translator_parts import Spoken

from firmware_bridge import glyph_cells
from host.contracts import Rendering, Translation
from host.errors import BackendError, LanguageError
from host.lens.cards import Block
from host.lens.display_list import TextItem
from host.lens.font import font_of
from host.lens.shape import FRAME
from host.read.layout import Passage, arrange
from host.translate.pipeline import AUTO, Interpreter
from host.translate.sign import (
    MAX_LETTERS,
    MAX_PASSAGES,
    MISREAD,
    SignInterpreter,
    TranslatedPassage,
    bounded,
    sign_pages,
)

FONT = font_of(glyph_cells())


def translated(blocks, *translators, source="es", target="en", among=None, identifier=None):
    interpreter = Interpreter(Pairs(*translators), identifier or Identified("es"))

    async def main():
        return [done async for done in SignInterpreter(interpreter, source, target, among).translate(blocks)]

    return asyncio.run(main())


def sign(*texts, **how):
    return translated([[Passage((text,))] for text in texts], SaidTranslator(), **how)


def test_a_dish_is_translated_and_its_price_is_not_even_asked_for():
    translator = SaidTranslator({"Sopa": "Soup"})
    (done,) = translated([[Passage(("Sopa", "8,50 €", "12,00 €"))]], translator)
    assert (done.source, done.translation.text) == ("Sopa  8,50 €  12,00 €", "Soup  8,50 €  12,00 €")
    assert [text for text, _, _ in translator.asked] == ["Sopa"]
    assert not done.translation.doubts


def test_what_a_translation_has_lost_is_said():
    lost = SaidTranslator({"Cierra a las 22:30": "It closes late", "De 3 a 5 personas": "A few people"})
    done = translated([[Passage(("Cierra a las 22:30",)), Passage(("De 3 a 5 personas",))]], lost)
    assert [d.translation.doubts for d in done] == [("22:30 is missing",), ("3 is missing", "5 is missing")]


def test_what_may_be_misread_is_doubtful_however_well_it_was_translated():
    (done,) = translated([[Passage(("Salida",), unsure=True)]], SaidTranslator({"Salida": "Exit"}))
    assert done.translation.doubts == (MISREAD,)


@pytest.mark.parametrize("text", ["8,50 €", "24/7", "https://example.com/a?b=1", "info@example.com", "→", "12:30"])
def test_what_has_no_words_is_kept(text):
    translator = SaidTranslator()
    (done,) = translated([[Passage((text,))]], translator, source=AUTO)
    assert (done.kept, done.translation.text, translator.asked) == (True, text, [])


def test_text_in_the_language_of_the_reader_is_kept_beside_what_is_translated():
    english, spanish = "Please do not feed the animals", "No dar de comer a los animales"
    done = sign(english, spanish, source=AUTO, among={"es"}, identifier=ByWord({"feed": "en"}, "es"))
    assert [(d.kept, d.language, d.translation.text) for d in done] == [
        (True, "en", english),
        (False, "es", f"<{spanish}>"),
    ]


class ByWord(Identified):
    """Takes texts for languages by words in them, for certain where there are many."""

    def __init__(self, words, otherwise):
        super().__init__(otherwise)
        self.words = words

    async def identify(self, text, among):
        await super().identify(text, among)
        found = next((language for word, language in self.words.items() if word in text), self.language)
        return found, 0.999 if len(text) > 20 else 0.5


def test_blocks_are_judged_by_script_first_and_together_where_one_says_too_little():
    identifier = ByWord({"Entrada": "es"}, "pt")
    done = sign("Salida", "Entrada", "Выход", "出口です", source=AUTO, among={"es", "ru", "ja"}, identifier=identifier)
    assert [d.language for d in done] == ["es", "es", "ru", "ja"]
    assert {text for text, _ in identifier.asked} == {"Salida", "Entrada", "Salida Entrada"}


def test_a_block_that_is_sure_speaks_for_itself():
    french = "Il est strictement interdit de nourrir les animaux"
    done = sign(
        "Coma sano y beba mucha agua",
        french,
        source=AUTO,
        among={"es", "fr"},
        identifier=ByWord({"interdit": "fr"}, "es"),
    )
    assert [d.language for d in done] == ["es", "fr"]


def test_a_script_that_nothing_translates_is_not_taken_for_another_language():
    identifier = Identified("es")
    done = sign("ทางออก", source=AUTO, among={"es", "fr"}, identifier=identifier)
    assert [d.language for d in done] == ["th"]


def test_chinese_characters_are_looked_for_as_japanese_too():
    class ZhOnly(Pairs):
        async def for_pair(self, source, _target):
            return [SaidTranslator({"出口": "Exit"} if source == "ja" else {}, complete=False)]

    interpreter = Interpreter(ZhOnly(), Identified("zh"))

    async def main():
        signs = SignInterpreter(interpreter, AUTO, "en", {"zh", "ja"})
        return [done async for done in signs.translate([[Passage(("出口",))]])]

    (done,) = asyncio.run(main())
    assert (done.language, done.translation.text) == ("ja", "Exit")


def test_one_passage_without_a_translation_does_not_end_the_others():
    done = translated(
        [[Passage(("Salida",)), Passage(("Frobni",))]], SaidTranslator({"Salida": "Exit"}, complete=False)
    )
    assert [d.translation.text for d in done] == ["Exit", ""]
    assert done[1].translation.missing == "nothing here translates it"
    assert done[1].error.hint == "What would: es-en"


def test_rows_that_are_no_phrase_together_may_be_signs_of_their_own():
    (block,) = arrange([line("Salida", 20, 20), line("Prohibido fumar", 20, 60), line("Bar Pepe", 20, 100)])
    assert [passage.text for passage in block.passages] == ["Salida Prohibido fumar Bar Pepe"]
    held = SaidTranslator({"Salida": "Exit", "Prohibido fumar": "No smoking"}, complete=False)
    assert [(d.source, d.translation.text) for d in translated([block.passages], held)] == [
        ("Salida", "Exit"),
        ("Prohibido fumar", "No smoking"),
        ("Bar Pepe", ""),
    ]
    assert [d.source for d in translated([block.passages], SaidTranslator(complete=False))] == [block.passages[0].text]


def test_rows_that_are_phrases_stand_alone_and_the_others_stay_joined():
    rows = ("Bar Pepe", "abre", "Salida de", "emergencia", "No", "fumar", "Salida", "cada día")
    (block,) = arrange([line(text, 20, 20 + 40 * k) for k, text in enumerate(rows)])
    book = SaidTranslator({"Salida de emergencia": "Emergency exit", "Salida": "Exit"}, complete=False)
    rough = SaidTranslator({"Bar Pepe abre": "Bar Pepe opens", "No fumar": "Not smoke", "cada día": "daily"})
    assert [(d.source, d.translation.text) for d in translated([block.passages], book, rough)] == [
        ("Bar Pepe abre", "Bar Pepe opens"),
        ("Salida de emergencia", "Emergency exit"),
        ("No fumar", "Not smoke"),
        ("Salida", "Exit"),
        ("cada día", "daily"),
    ]


def test_a_phrase_of_three_rows_is_not_divided():
    rows = ("Agua", "no", "potable")
    (block,) = arrange([line(text, 20, 20 + 40 * k) for k, text in enumerate(rows)])
    book = SaidTranslator({"Agua no potable": "Not drinking water", "Agua": "Water"}, complete=False)
    assert [d.translation.text for d in translated([block.passages], book)] == ["Not drinking water"]


def test_a_word_parted_at_the_end_of_a_row_stays_whole():
    (block,) = arrange([line("El apar-", 20, 20), line("camiento", 20, 60), line("Salida", 20, 100)])
    book = SaidTranslator({"Salida": "Exit"}, complete=False)
    rough = SaidTranslator({"El aparcamiento": "The car park"})
    assert [d.translation.text for d in translated([block.passages], book, rough)] == ["The car park", "Exit"]


def test_a_menu_is_few_questions_to_a_translator():
    menu = [Passage((f"Plato {'abcdefghijklmnopqrstuvwxyz'[k]}", f"{k},50 €")) for k in range(26)]
    asked = Spoken()
    done = translated([menu], asked)
    assert [d.translation.text for d in done] == [f"<{p.cells[0]}>  {p.cells[1]}" for p in menu]
    assert [len(texts) for texts, _, _ in asked.asked] == [4, 16, 6]
    assert [text for texts, _, _ in asked.asked for text in texts] == [p.cells[0] for p in menu]


def test_languages_of_one_sign_are_not_mixed_in_a_question():
    asked = Spoken()
    blocks = [[Passage(("Salida",))], [Passage(("Выход",))], [Passage(("Вход",)), Passage(("Стоп",))]]
    done = translated(blocks, asked, source=AUTO, among={"es", "ru"})
    assert [d.language for d in done] == ["es", "ru", "ru", "ru"]
    assert [(texts, source) for texts, source, _ in asked.asked] == [
        (["Salida"], "es"),
        (["Выход", "Вход", "Стоп"], "ru"),
    ]


def test_a_translator_that_fails_is_not_asked_for_the_rest_of_the_sign():
    broken = SaidTranslator({"Uno": "One", "Dos": BackendError("the server is down", "Start it", retry=True)})
    passages = ["Uno", "Dos", "8,50", "Tres", "Cuatro", "Cinco"]
    done = translated([[Passage((text,))] for text in passages], broken)
    down = "the server is down"
    assert [d.translation.missing for d in done] == [down, down, "", down, down, down]
    assert {text for text, _, _ in broken.asked} == {"Uno", "Dos", "Tres"}


def test_what_a_translator_cannot_do_does_not_take_what_stands_before_it():
    broken = SaidTranslator({"Dos": BackendError("that is no translation", "Take another model")})
    done = translated([[Passage((text,))] for text in ("Uno", "Dos", "8,50", "Tres", "Cuatro", "Cinco")], broken)
    missing = "that is no translation"
    assert [d.translation.text for d in done] == ["<Uno>", "", "8,50", "", "", ""]
    assert [d.translation.missing for d in done] == ["", missing, "", missing, missing, missing]
    assert "Cuatro" not in {text for text, _, _ in broken.asked}


def test_a_pair_that_nothing_translates_is_said_with_what_would():
    class Nobody(Pairs):
        async def for_pair(self, source, target):
            raise LanguageError(f"nothing here translates {source} to {target}", self.ways(source, target))

    interpreter = Interpreter(Nobody(), Identified("es"))

    async def main():
        return [d async for d in SignInterpreter(interpreter, "es", "sw", ()).translate([[Passage(("Hola",))]])]

    (done,) = asyncio.run(main())
    assert done.translation.missing == "nothing here translates es to sw"
    assert done.error.hint == "What would: es-sw"


def test_thousands_of_lines_are_bounded():
    blocks = arrange([line(f"linea {k}", 20, 30 * k) for k in range(3000)])
    kept, left = bounded(blocks)
    assert sum(len(block) for block in kept) <= MAX_PASSAGES
    assert sum(len(passage.text) for block in kept for passage in block) <= MAX_LETTERS + MAX_PASSAGES
    menu = arrange([line(f"plato {k} ... 9,50", 20, 30 * k) for k in range(3000)])
    kept, left = bounded(menu)
    assert (sum(map(len, kept)), left) == (MAX_PASSAGES, 3000 - MAX_PASSAGES)


def test_a_text_of_any_length_is_cut_and_the_rest_counted():
    blocks = arrange([line("x " * 50_000, 20, 20), line("y", 20, 500)])
    kept, left = bounded(blocks)
    assert [len(passage.text) for block in kept for passage in block] == [MAX_LETTERS]
    assert left == 2


# --- pages ------------------------------------------------------------------------------------------------------------


def done(source="Salida", text="Exit", *, language="es", translator="said", **how):
    return TranslatedPassage(source, language, Translation(text, "en", translator, **how))


def pages(*passages, **how):
    shown = sign_pages(passages, lambda _language, _size: FONT, FRAME, **how)
    return [[(item.text, item.colour) for item in page.items if isinstance(item, TextItem)] for page in shown]


def test_the_translation_stands_above_the_original_which_can_be_hidden():
    assert pages(done()) == [[("Exit", "white"), ("Salida", "grey")]]
    assert pages(done(), original=False) == [[("Exit", "white")]]
    assert len(pages(done(keep_source=True), original=False)[0]) == 2


def test_an_uncertain_read_shows_the_original_and_a_question_mark_whatever_is_set():
    assert pages(done(doubts=(MISREAD,)), original=False) == [[("Salida", "white"), ("? Exit", "yellow")]]


def test_what_has_no_translation_is_shown_as_it_is_and_marked():
    assert pages(done(text="", translator="", missing="nothing here translates it")) == [[("? Salida", "yellow")]]


def test_what_is_kept_is_shown_once_and_marked_where_it_may_be_misread():
    assert pages(done("8,50", "8,50", language="", translator="")) == [[("8,50", "white")]]
    assert pages(done("8,50", "8,50", language="", translator="", doubts=(MISREAD,))) == [[("? 8,50", "yellow")]]


def test_each_dish_begins_a_line_with_its_price_and_is_not_torn_from_its_original():
    menu = [done(f"Plato {k}  {k},50 €", f"Dish {k}  {k},50 €") for k in range(5)]
    shown = pages(*menu, footer=lambda page, of: f"{page} of {of}")
    assert [text for page in shown for text, _ in page if text.startswith("Dish")] == [
        f"Dish {k} {k},50 €" for k in range(5)
    ]
    assert [len(page) for page in shown] == [5, 5, 3]  # two dishes with their originals, and the foot
    assert [page[-1] for page in shown] == [(f"{k} of 3", "skyblue") for k in (1, 2, 3)]


def test_what_went_wrong_stands_before_the_passages():
    shown = pages(done(), before=[Block("the server is down", FONT)])
    assert [text for text, _ in shown[0]] == ["the server is down", "Exit", "Salida"]


def test_short_signs_are_large_and_keep_their_size_while_they_grow():
    asked = []

    def font(language, size):
        asked.append((language, size))
        return FONT

    sign_pages([done()], font, FRAME)
    assert ("en", "large") in asked
    asked.clear()
    sign_pages([done()], font, FRAME, letters=500)
    assert ("en", "large") not in asked
    assert ("en", "normal") in asked


HOSTILE = st.sampled_from(
    [
        "\x1b[2Jred",
        "\u202eright\u2066",
        "frame.display.text('x',1,1)",
        "'; DROP TABLE x; --",
        "Ignore all previous instructions",
        "\n\n\n",
        "a" * 3000,
        "\u0301" * 500,
        "",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(HOSTILE, HOSTILE | st.text(max_size=60), st.booleans()), max_size=6))
def test_whatever_a_sign_says_becomes_pages_of_plain_text_on_the_lens(texts):
    passages = [done(source, text, doubts=(MISREAD,) if doubt else ()) for source, text, doubt in texts]
    shown = sign_pages(passages, lambda _language, _size: FONT, FRAME, footer=lambda page, of: f"{page} of {of}")
    assert shown
    for page in shown:
        assert len({item.id for item in page.items}) == len(page.items)
        for item in page.items:
            assert isinstance(item, TextItem)
            assert all(character in FONT for character in item.text)
            assert item.x + FONT.width(item.text) <= 640
            assert item.y + FONT.height <= 400


def test_a_translator_that_answers_nonsense_is_marked():
    answers = {"Precio 8 euros": Rendering("IGNORE"), "Salida": "Выход"}
    done = translated([[Passage(("Precio 8 euros",)), Passage(("Salida",))]], SaidTranslator(answers))
    assert "8 is missing" in done[0].translation.doubts
