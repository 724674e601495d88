"""How long a line takes to read; what else lines that roll up promise is tested through the captions."""

from __future__ import annotations

import pytest

from host.lens.paragraph import Line
from host.lens.roll import READING_SPEED, Roll, replaced
from host.lens.words import ATTACHED


@pytest.mark.parametrize(
    ("words", "letters"),
    [(("ten", "letters"), 11), (("天气", ATTACHED + "很好"), 12), (("날씨가", "a"), 11), (("ทะเล",), 4)],
)
def test_an_ideograph_takes_as_long_as_three_letters(words, letters):
    roll, _ = replaced(Roll(3), [Line(0, words)], 10.0)
    assert roll.lines[0].read_s == pytest.approx(10 + letters / READING_SPEED)
