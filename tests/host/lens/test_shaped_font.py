"""Lines in every script, set with a typesetter of square glyphs that needs no font."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from host.lens.display_list import Glyph, GlyphItem, PlacedGlyph, TextItem
from host.lens.font import Part
from host.lens.shaped_font import OVERHANG, ShapedFont
from host.lens.shaping import ShapedGlyph, ShapedLine
from host.lens.words import ATTACHED

SQUARE = Glyph(8, 8, 1, b"\xff" * 8)


class Squares:
    """Every character is a square of 8 pixels, 10 from the next; capital letters are read from the right."""

    def __init__(self, y: int = 20) -> None:
        self.y = y

    def shape(self, text: str, height: int, language: str) -> ShapedLine:
        rtl = text.isupper()
        order = reversed(range(len(text))) if rtl else range(len(text))
        glyphs = tuple(
            ShapedGlyph(k, ord(text[k]), "squares", 10 * place, self.y, None if text[k] == " " else SQUARE)
            for place, k in enumerate(order)
        )
        return ShapedLine(glyphs, 10 * len(text), rtl)

    def words(self, text: str, language: str) -> tuple[str, ...]:
        return tuple(text.split())

    def graphemes(self, text: str) -> Sequence[str]:
        return text


@pytest.fixture
def shaped(font) -> ShapedFont:
    return ShapedFont(Squares(), font.height, font)


def item(placed: list[tuple[int, int]], **others) -> GlyphItem:
    return GlyphItem(placed=tuple(PlacedGlyph(x, y, SQUARE) for x, y in placed), **others)


def test_what_the_built_in_font_shows_is_its_text(font, shaped):
    parts = [Part(1, ("Café", "“now”")), Part(2, ("24", ATTACHED + "/", ATTACHED + "7…"), "red")]
    plain = [Part(1, ("Café", '"now"')), Part(2, ("24", ATTACHED + "\\", ATTACHED + "7..."), "red")]
    assert shaped.line(parts, 8, 0, 624) == font.line(plain, 8, 0, 624)
    assert shaped.width("Café “now”") == font.width('Café "now"')


@pytest.mark.parametrize("text", ["čeština", "Ελλάδα", "đ", "½", "₹ 5", "ok 好"])
def test_a_line_with_any_other_letter_is_all_glyphs(shaped, text):
    [line] = shaped.line([Part(1, (text,))], 8, 0, 624)
    assert isinstance(line, GlyphItem)
    assert len(line.placed) == len(text.replace(" ", ""))
    assert shaped.width(text) == 10 * len(text)


def test_other_sizes_and_fonts_of_one_look_have_no_built_in_letters(shaped):
    for other in (replace(shaped, height=32), replace(shaped, built_in=None)):
        assert other.line([Part(1, ("ab",))], 8, 100, 624) == [item([(0, 0), (10, 0)], id=1, x=8, y=120)]


def test_parts_are_items_of_their_own_colour_in_one_line(shaped):
    parts = [Part(1, ("ř", "b"), "white"), Part(2, ("cd", ATTACHED + "e"), "red")]
    assert shaped.line(parts, 8, 100, 624) == [
        item([(0, 0), (20, 0)], id=1, x=8, y=120),
        item([(0, 0), (10, 0), (20, 0)], id=2, x=8 + 40, y=120, colour="red"),
    ]


def test_a_line_that_is_read_from_the_right_ends_there_and_its_parts_follow_from_right_to_left(shaped):
    parts = [Part(1, ("АБ",)), Part(2, ("В",), "red")]
    assert shaped.line(parts, 8, 100, 624) == [
        item([(0, 0), (10, 0)], id=1, x=8 + 624 - 20, y=120),
        item([(0, 0)], id=2, x=8 + 624 - 40, y=120, colour="red"),
    ]


def test_letters_that_are_left_over_and_too_wide_as_text_are_glyphs(font, shaped):
    assert font.width("WWWW") > 40
    assert isinstance(shaped.line([Part(1, ("WWWW",))], 8, 0, font.width("WWWW"))[0], TextItem)
    assert isinstance(shaped.line([Part(1, ("WWWW",))], 8, 0, 40)[0], GlyphItem)


def test_ink_far_from_its_line_and_off_the_lens_is_cut_off(shaped, font):
    low = replace(shaped, typesetter=Squares(y=font.height + OVERHANG - 3))
    [line] = low.line([Part(1, ("ř",))], 8, 100, 624)
    assert line.placed == (PlacedGlyph(0, 0, Glyph(8, 3, 1, b"\xff" * 3)),)
    high = replace(shaped, typesetter=Squares(y=-4))
    [line] = high.line([Part(1, ("ř",))], 8, 0, 624)
    assert (line.y, line.placed[0].glyph.height) == (0, 4)
    assert high.line([Part(1, ("ř",))], 8, 100, 624)[0].y == 96
    [line] = shaped.line([Part(1, ("řx",))], 8, 100, 15)
    assert [one.glyph.width for one in line.placed] == [8, 5]
    assert replace(shaped, typesetter=Squares(y=900)).line([Part(1, ("ř",))], 8, 100, 624) == []


def test_nothing_invisible_or_reordering_reaches_the_typesetter(shaped):
    assert shaped.shown("  a\u202e\tb\n\u2066c\x1b[31m\ud800\ufeff ") == "a b c[31m?"
    assert shaped.shown("e\u0301") == "é"
    assert shaped.shown("می\u200cخواهم") == "می\u200cخواهم"
    assert shaped.shown("o" + "\u0335" * 10_000 + "x") == "o" + "\u0335" * 30 + "x"
