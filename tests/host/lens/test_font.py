"""Glyph sizes: what the table says, and what text is made of them."""

from __future__ import annotations

from host.lens.font import Font


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
    wide = Font(font.widths, font.height, spacing=10)
    assert wide.width("ab") == 19 + 10 + 18
