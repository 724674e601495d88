"""Captions and live translation on a round lens: nothing leaves the circle, and no word is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from round_lens import all_seen, halo_font

from host.contracts import Translation
from host.lens.shape import HALO
from host.transcribe.bilingual_captions import BilingualCaptions, BilingualStyle, Originals, Translated
from host.transcribe.captions import Lost, Said, Status, Style, picture, start, updated

TEXT = st.lists(st.text("abcdefghijk", min_size=1, max_size=40), max_size=30).map(" ".join)
EVENTS = st.lists(
    st.one_of(
        st.builds(Said, TEXT, st.booleans(), st.sampled_from([None, "Anna", "somebody with a very long name"])),
        st.builds(Lost, st.floats(0.1, 500.0)),
        st.builds(Status, TEXT, st.booleans()),
    ),
    max_size=8,
)


@given(EVENTS, st.integers(1, 3), st.sampled_from(["small", "normal", "large"]))
@settings(deadline=None)
def test_captions_stay_in_the_circle(events, lines, size):
    style = Style(font=halo_font("", size), shape=HALO, lines=lines, line_gap=HALO.gap, sign="sound goes online")
    state = start(style, 0.0)
    for now, event in enumerate(events):
        state = updated(state, event, 3.0 * now, style)
        assert all_seen(picture(state, style))
    for later in range(20):
        state = updated(state, None, 100.0 + later, style)
        assert all_seen(picture(state, style))


def test_lines_of_captions_are_in_the_middle_and_none_is_longer_than_the_shortest_row():
    style = Style(font=halo_font("", "normal"), shape=HALO, lines=3, line_gap=4)
    assert style.first_y == (256 - (3 * 8 + 2 * 4)) // 2
    rows = [HALO.row(style.first_y + k * 12, 8) for k in range(3)]
    assert style.place == min(rows, key=lambda row: row[1])


@given(EVENTS, st.booleans(), TEXT)
@settings(deadline=None)
def test_live_translation_stays_in_the_circle(events, original, translated):
    style = BilingualStyle(font_of=halo_font, shape=HALO, language="en", original=original, sign="words go online")
    state = BilingualCaptions(style, 0.0)
    for now, event in enumerate([*events, Originals()]):
        state = state.updated(event, 3.0 * now)
        assert all_seen(state.picture())
        if isinstance(event, Said) and event.final:
            translation = Translation(
                translated, "es", doubts=("x",) if now % 2 else (), missing="" if now % 3 else "no"
            )
            state = state.updated(Translated(event.number, translation), 3.0 * now + 1)
            assert all_seen(state.picture())


@pytest.mark.parametrize("original", [True, False])
def test_a_translation_is_shown_whole(original):
    style = BilingualStyle(font_of=halo_font, shape=HALO, language="en", original=original)
    state = BilingualCaptions(style, 0.0).updated(Said("ask not", True, None, "en", 1), 0.0)
    words = [f"word{k}" for k in range(60)]
    state = state.updated(Translated(1, Translation(" ".join(words), "es")), 1.0)
    seen = []
    for now in range(200):
        state = state.updated(None, 1.0 + now)
        assert all_seen(state.picture())
        shown = [word for item in state.picture().items if item.colour == "white" for word in item.text.split()]
        seen += [word for word in shown if word not in seen]
    assert seen == words
