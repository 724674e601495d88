"""Photos in which a part of a tag was read: what is left of it is no price."""

from __future__ import annotations

from decimal import Decimal

from host.price.gate import View
from host.price.tag import Refusal, Tag
from host.price.understand import understand
from host.read.line import TextLine


def line(text: str, left: float, top: float, height: float, *, sure: float = 0.98, width: float = 0) -> TextLine:
    right, bottom = left + (width or 0.55 * height * len(text)), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), sure)


def read(*lines: TextLine) -> Tag:
    return understand(lines, View((300, 200), "NOK"))


def test_a_unit_price_is_not_taken_for_a_price_that_is_cut_off():
    """Photos of real tags, cropped: the price touches the edge, and its unit price has no words that can be read."""
    unit = line("538.00", 60, 250, 30)
    assert read(line("29", 480, 150, 80, width=115), unit).refusal is Refusal.CUT
    assert read(line("2990", 480, 150, 80, width=115), line("D 373.76", 60, 200, 30)).refusal is Refusal.CUT


def test_a_number_that_nothing_else_was_read_beside_is_what_is_left_of_a_tag():
    """A real tag turned by 12 degrees: of all its lines only the unit price was found."""
    assert read(line("373.76", 60, 200, 30)).refusal is Refusal.UNSURE
    assert read(line("29.90", 200, 150, 80)).price == Decimal("29.90")
