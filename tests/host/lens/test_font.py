"""Glyph sizes: what the table says, and what text is made of them."""

from __future__ import annotations

from host.lens.display_list import TextItem
from host.lens.font import BuiltInFont, Part
from host.lens.words import ATTACHED


def test_widths_are_the_tables(font):
    assert font.widths["W"] == 23
    assert font.widths[" "] == 13
    assert font.height == 48
    assert len(font.widths) == 183


def test_emoji_of_the_font_are_no_text(font):
    assert "\U000f0000" not in font


def test_a_line_is_as_wide_as_its_glyphs_and_the_spacing_between_them(font):
    assert font.width("ab") == 19 + 4 + 18
    assert font.advance("ab") == 19 + 4 + 18 + 4
    assert font.width("") == 0


def test_spacing_counts(font):
    wide = BuiltInFont(font.widths, font.height, spacing=10)
    assert wide.width("ab") == 19 + 10 + 18


def test_parts_of_a_line_follow_each_other_as_if_they_were_one(font):
    one = font.line([Part(1, ("ab", "cd")), Part(2, ("ef", ATTACHED + "gh"), "red")], 8, 100, 600)
    assert one == [
        TextItem(1, 8, 100, "ab cd", "white", 4),
        TextItem(2, 8 + font.advance("ab cd "), 100, "efgh", "red", 4),
    ]
    directly = font.line([Part(1, ("ab",)), Part(2, (ATTACHED + "cd",))], 8, 100, 600)
    assert directly[1] == TextItem(2, 8 + font.advance("ab"), 100, "cd", "white", 4)
