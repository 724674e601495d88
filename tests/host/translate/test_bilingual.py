"""The card with a text and its translation."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge import glyph_cells
from host.lens.display_list import TextItem
from host.lens.font import font_of
from host.lens.shape import FRAME
from host.translate.bilingual import Bilingual, bilingual_cards

FONT = font_of(glyph_cells())
BOTH = Bilingual("Where is the exit?", "Wo ist der Ausgang?", "en", "de", "test")


def lines(both, **how):
    pages = bilingual_cards(both, lambda _language, _size: FONT, FRAME, **how)
    return [[(item.text, item.colour) for item in page.items if isinstance(item, TextItem)] for page in pages]


def test_the_translation_stands_above_the_original():
    assert lines(BOTH) == [[("Wo ist der Ausgang?", "white"), ("Where is the exit?", "grey")]]


def test_the_original_can_be_hidden_unless_it_must_be_kept():
    assert lines(BOTH, original=False) == [[("Wo ist der Ausgang?", "white")]]
    assert len(lines(replace(BOTH, keep_source=True), original=False)[0]) == 2


def test_what_is_uncertain_shows_the_original_first_and_says_so():
    doubted = replace(BOTH, doubts=("4 is missing",))
    for original in (True, False):
        shown = lines(doubted, original=original)
        assert shown == [[("Where is the exit?", "white"), ("? Wo ist der Ausgang?", "yellow")]]


def test_fonts_are_asked_for_by_language_and_size():
    asked = []
    bilingual_cards(BOTH, lambda *what: asked.append(what) or FONT, FRAME)
    assert asked == [("de", "large"), ("en", "small")]


@settings(max_examples=50)
@given(st.text(max_size=300), st.text(max_size=300), st.booleans())
def test_any_text_becomes_cards_that_fit(source, target, uncertain):
    both = Bilingual(source, target, "en", "de", "test", ("it is odd",) if uncertain else ())
    for page in bilingual_cards(both, lambda _language, _size: FONT, FRAME):
        for item in page.items:
            assert item.y + FONT.height <= 400
            assert item.text.isprintable()
