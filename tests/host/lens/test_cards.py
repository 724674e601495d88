"""Cards: what stands on them, and how long they take to read."""

from __future__ import annotations

import pytest

from firmware_bridge import glyph_cells
from host.lens.cards import Block, both_texts, cards, reading_s, rows
from host.lens.font import font_of
from host.lens.shape import FRAME

FONT = font_of(glyph_cells())


def test_a_letter_takes_a_fifteenth_of_a_second():
    assert reading_s("x" * 30) == pytest.approx(2.0)
    assert reading_s("") == 0.0


@pytest.mark.parametrize("text", ["火车站在哪里呢今天早", "えきはどこですかねえ", "화장실이어디예요정말"])
def test_ideographs_and_syllables_are_read_at_four_to_five_a_second(text):
    assert 4.0 <= len(text) / reading_s(text) <= 5.0


def test_marks_take_no_time_of_their_own():
    assert reading_s("e\u0301") == reading_s("e")
    assert reading_s("กำ่") < reading_s("กกก")


def test_an_original_stands_below_and_changes_places_with_what_is_doubted():
    def shown(**how):
        blocks = both_texts(("Hello", "en"), ("Hola", "es"), lambda *_: FONT, **how)
        return [(block.text, block.colour) for block in blocks]

    assert shown(uncertain=False) == [("Hola", "white"), ("Hello", "grey")]
    assert shown(uncertain=False, original=False) == [("Hola", "white")]
    assert shown(uncertain=True, original=False) == [("Hello", "white"), ("? Hola", "yellow")]


def test_rows_are_the_lines_of_the_cards():
    text = "one two three four five six seven eight nine ten " * 8
    blocks = [Block(text, FONT), Block("last", FONT, "grey")]
    pages = cards(blocks, FRAME)
    assert len(pages) > 1
    assert sum(len(page.items) for page in pages) == len(rows(blocks, 624))
