"""Tags side by side: the one in the middle is taken where it is certainly a tag of its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.gate import View
from host.price.tag import Refusal
from host.price.understand import understand
from host.read.line import TextLine

NAMES = ("TOMATER", "AGURK", "PAPRIKA")
PRICES = ("29.90", "11.50", "24.90")
WIDTH = 200.0


def line(text, left, top, height):
    right, bottom = left + 0.5 * height * len(text), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.97)


def shelf(names=NAMES, prices=PRICES, first=60.0, *, codes=True):
    lines = []
    for number, (name, price) in enumerate(zip(names, prices, strict=True)):
        left = first + number * WIDTH
        lines += [line(name, left, 100, 24), line(price, left + 20, 150, 50)] if name else []
        lines += [line("405719", left, 220, 16)] if codes else []
    return lines


def read(lines, centre=(360.0, 180.0)):
    return understand(lines, View(centre, "NOK"))


def test_of_three_the_middle_one_is_read_and_they_are_counted():
    tag = read(shelf())
    assert (tag.price, tag.name, tag.in_view) == (Decimal("11.50"), "AGURK", 3)


def test_of_two_the_one_in_the_middle_is_read():
    assert read(shelf(NAMES[:2], PRICES[:2], first=260)).price == Decimal("29.90")


def test_between_two_none_is_read():
    tag = read(shelf(NAMES[:2], PRICES[:2], first=170))
    assert (tag.price, tag.refusal) == (None, Refusal.SEVERAL)


@pytest.mark.parametrize(
    "lines",
    [
        [*shelf(), line("TILBUD DENNE UKEN PAA ALT I BUTIKKEN", 70, 60, 30)],  # one tag with a head over all
        shelf(codes=False),
        [*shelf()[:3], *[row for row in shelf()[3:6] if row.text != "AGURK"]],  # a second price of the same article
        [*shelf()[:3], line("AGURK", 260, 60, 40), *shelf()[4:6]],  # printed otherwise
    ],
)
def test_what_may_be_one_tag_is_not_parted(lines):
    tag = read(lines)
    assert (tag.price, tag.refusal) == (None, Refusal.SEVERAL)
