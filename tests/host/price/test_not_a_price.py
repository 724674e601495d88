"""Numbers as large as a price that are none, and prices that not everybody pays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.gate import View
from host.price.understand import understand
from host.read.line import TextLine


def line(text: str, left: float, top: float, height: float) -> TextLine:
    right, bottom = left + 0.55 * height * len(text), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.97)


@pytest.mark.parametrize(
    ("currency", "label", "text"),
    [
        ("NOK", "BEST FØR", "12.05"),
        ("EUR", "Haltbar bis", "12.05"),
        ("GBP", "USE BY", "12.05"),
        ("EUR", "", "-2,00 €"),
        ("EUR", "", "\u2212 2,00"),
        ("EUR", "% vol", "12,50"),
    ],
)
def test_dates_discounts_and_shares_are_no_prices(currency, label, text):
    beside = label.startswith("%")
    lines = [line(text, 220, 160, 80)]
    lines += [line(label, 430 if beside else 220, 190 if beside else 125, 30)] if label else []
    assert not understand(lines, View((300, 200), currency)).accepted


@pytest.mark.parametrize("label", ["Clubcard Price", "Member price", "Nectar Price"])
def test_a_price_for_members_is_not_the_price_however_small_that_is_said(label):
    lines = [line(label, 150, 115, 24), line("£2.00", 150, 150, 90), line("£3.50", 420, 220, 40)]
    tag = understand(lines, View((300, 200), "GBP"))
    assert tag.price in (None, Decimal("3.50"))
    assert tag.member == Decimal("2.00")
