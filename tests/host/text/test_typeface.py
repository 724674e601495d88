"""One font: parts of a line shaped in sight of what is around them, and glyphs cut to their ink."""

from __future__ import annotations

import numpy as np
import pytest

from host.text.typeface import Typeface


@pytest.fixture
def arabic(lens_text) -> Typeface:
    return Typeface(lens_text.fonts.for_script("Arab"), 36)


def test_letters_join_what_is_around_their_part_of_the_line(arabic):
    whole = [glyph.name for glyph in arabic.shape("ببب", 0, 3, "Arab", "ar", rtl=True)]
    parts = [arabic.shape("ببب", k, k + 1, "Arab", "ar", rtl=True)[0] for k in (2, 1, 0)]
    assert [glyph.name for glyph in parts] == whole
    assert [glyph.cluster for glyph in parts] == [2, 1, 0]
    assert len(set(whole)) == 3


def test_a_glyph_is_cut_to_its_ink(arabic):
    [shaped] = arabic.shape("ب", 0, 1, "Arab", "ar", rtl=True)
    drawn = arabic.drawn(shaped.name)
    glyph = drawn.glyph
    bits = np.unpackbits(np.frombuffer(glyph.data, np.uint8))
    assert not bits[glyph.width * glyph.height :].any()
    ink = bits[: glyph.width * glyph.height].reshape(glyph.height, glyph.width)
    assert all(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    assert 0 < drawn.top < 36
    assert arabic.drawn(shaped.name) is drawn


def test_a_space_has_no_ink_and_a_font_says_what_it_has(arabic):
    [space] = arabic.shape(" ", 0, 1, "Arab", "ar", rtl=True)
    assert arabic.drawn(space.name) is None
    assert space.advance > 0
    assert arabic.has("ب")
    assert not arabic.has("字")
