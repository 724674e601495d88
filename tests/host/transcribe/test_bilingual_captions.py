"""The lens of live translation: what stands where, what waits, what is promised to readers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from caption_parts import lines_of
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge import glyph_cells
from host.contracts import Translation
from host.lens.font import BuiltInFont, font_of
from host.lens.shape import FRAME
from host.transcribe.bilingual_captions import BilingualCaptions, BilingualStyle, Originals, Translated
from host.transcribe.captions import Lost, Said, Status

LARGE = font_of(glyph_cells())
SMALL = BuiltInFont(LARGE.widths, 32)


def fonts(_language, size):
    return LARGE if size == "large" else SMALL


STYLE = BilingualStyle(font_of=fonts, shape=FRAME, language="en")


class Lens:
    """A state that is fed, one second after the other."""

    def __init__(self, **style):
        self.state = BilingualCaptions(replace(STYLE, **style), 0.0)
        self.now = 0.0

    def take(self, *events, after_s=1.0):
        for event in events:
            self.now += after_s
            self.state = self.state.updated(event, self.now)
        return self

    def said(self, sentence, number=1, speaker=None, **translation):
        given = {"text": f"<{sentence}>", "language": "es", "translator": "test"} | translation
        return self.take(Said(sentence, True, speaker, "en", number), Translated(number, Translation(**given)))

    @property
    def lines(self):
        return lines_of(self.state.picture())

    @property
    def looks(self):
        return [(item.text, item.colour, item.y) for item in self.state.picture().items]


def test_words_are_shown_small_as_they_come_and_give_way_to_the_translation():
    lens = Lens().take(Said("Where is", False))
    assert lens.looks == [("Where is", "cloudblue", STYLE.bottom)]
    lens.take(Said("Where is it?", True, None, "en", 1))
    assert lens.looks == [("Where is it?", "skyblue", STYLE.bottom)]
    lens.take(Translated(1, Translation("¿Dónde está?", "es", "test")))
    assert [look[:2] for look in lens.looks] == [("¿Dónde está?", "white"), ("Where is it?", "grey")]


def test_the_original_can_be_hidden_but_never_that_of_an_uncertain_or_missing_translation():
    lens = Lens(original=False).take(Said("One", False))
    assert lens.lines == []
    assert lens.said("One").lines == ["<One>"]
    assert lens.said("Two", 2, doubts=("4 is missing",)).lines[-2:] == ["Two", "? <Two>"]
    assert lens.said("Three", 3, text="", missing="no answer").lines[-2:] == ["Three", "[not translated: no answer]"]
    assert lens.said("Four", 4, keep_source=True).lines[-2:] == ["<Four>", "Four"]


@pytest.mark.parametrize("words", range(1, 60))
def test_that_a_sentence_is_not_translated_stands_beside_its_end_however_long_it_is(words):
    lens = Lens().said(" ".join(["something"] * words), text="", missing="no answer")
    shown = []
    while lens.state.waits:
        shown.append(lens.lines)
        lens.take(None, after_s=1.0)
    (last,) = [lines for lines in [*shown, lens.lines][-1:] if "[not translated: no answer]" in lines]
    assert last[-2].startswith("something")


def test_why_nothing_is_translated_is_said_once_until_it_is_over():
    lens = Lens(original=False)
    missing = {"text": "", "missing": "no answer"}
    for number, text in enumerate(("One", "Two"), 1):
        lens.said(text, number, **missing)
    assert lens.lines == ["One", "[not translated: no answer]", "Two", "[not translated]"]
    lens.said("Three", 3).said("Four", 4, **missing)
    assert lens.lines[-1] == "[not translated: no answer]"


def test_a_translation_that_is_shown_stays_as_it_is_while_the_next_is_said():
    lens = Lens().said("One")
    before = lens.lines
    lens.take(Said("Two", False), Said("Two three", False))
    assert lens.lines == [*before, "Two three"]


def test_what_waits_comes_when_what_is_in_its_way_has_been_read():
    long = "word " * 12
    lens = Lens(original=False)
    for number in range(1, 5):
        lens.take(Said(long, True, None, "en", number), after_s=0.0)
        lens.take(Translated(number, Translation(f"{number} {long}", "es", "test")), after_s=0.01)
    assert lens.state.waits
    first = lens.lines
    assert first[0].startswith("1 ")
    due_s = lens.state.due_s()
    lens.take(None, after_s=due_s - lens.now - 0.01)
    assert lens.lines == first
    lens.take(None, after_s=0.02)
    assert lens.lines != first


def test_a_translation_longer_than_the_lens_comes_in_parts():
    lens = Lens().said("word " * 80)
    seen = [lens.lines]
    while lens.state.waits:
        lens.take(None, after_s=max(0.0, lens.state.due_s() - lens.now))
        seen.append(lens.lines)
    assert len(seen) > 1
    assert "<word" in seen[0][0]
    assert any(">" in line for lines in seen for line in lines)


def test_speakers_are_named_where_they_change():
    lens = Lens().said("One", 1, "1").said("Two", 2, "1").said("Three", 3, "2")
    assert lens.lines[-6:] == ["1: <One>", "1: One", "<Two>", "Two", "2: <Three>", "2: Three"][-len(lens.lines) :]
    assert lens.lines[-1] == "2: Three"


def test_lost_sound_is_a_mark_and_warnings_stay():
    lens = Lens().said("One").take(Lost(3.0), Status("disk full: not saved", warning=True))
    assert lens.lines == ["disk full: not saved", "<One>", "One", "[3 s lost]"]
    lens.take(Said("Two", False))
    assert lens.lines[0] == "disk full: not saved"
    lens.take(Status(""))
    assert "disk full: not saved" not in lens.lines


def test_the_originals_of_what_is_on_the_lens_are_shown_for_as_long_as_it_takes_to_read_them():
    lens = Lens(original=False).said("One").said("Two", 2)
    shown = lens.lines
    lens.take(Originals())
    assert [look[:2] for look in sorted(lens.looks, key=lambda look: look[2])] == [("One", "yellow"), ("Two", "yellow")]
    assert lens.state.due_s() - lens.now == pytest.approx(4.0)
    lens.take(None, after_s=4.0)
    assert lens.lines == shown
    lens.take(Originals(), Originals())
    assert lens.lines == shown


def test_originals_can_be_had_when_the_lens_is_dark_again_and_there_are_none_before_the_first():
    lens = Lens().take(Originals())
    assert lens.lines == ["nothing is translated yet"]
    lens.said("One").take(None, after_s=60.0)
    assert lens.lines == []
    assert lens.state.due_s() is None
    assert lens.take(Originals()).lines == ["One"]


def test_a_warning_is_seen_beside_the_originals_too():
    lens = Lens().said("word " * 60).take(Status("disk full: not saved", warning=True), Originals())
    assert lens.lines[0] == "disk full: not saved"
    assert min(y for _, colour, y in lens.looks if colour == "yellow") >= lens.state.style.top


def test_what_comes_while_originals_are_shown_waits_and_is_not_lost():
    lens = Lens().said("One").take(Originals()).said("Two", 2)
    assert lens.lines == ["One"]
    lens.take(None, after_s=10.0)
    assert "<Two>" in lens.lines


def test_the_sign_that_words_leave_is_there_whenever_the_lens_is_lit():
    lens = Lens(sign="words go online")
    assert lens.lines == []
    assert lens.said("One").lines[0] == "words go online"


def test_the_lens_goes_dark_after_a_time_without_speech_unless_something_is_to_come():
    lens = Lens(dark_after_s=5.0).take(Said("One", True, None, "en", 1))
    assert lens.take(None, after_s=60.0).lines == ["One"]
    lens.take(Translated(1, Translation("Uno", "es", "test")))
    lens.take(None, after_s=lens.state.due_s() - lens.now)
    assert lens.lines == []


TEXT = st.text(max_size=120) | st.sampled_from(["word " * 60, "\u202eabc", "火车站在哪里" * 20, "\x1b[2J", ""])
EVENTS = st.one_of(
    st.builds(lambda text: ("said", text), TEXT),
    st.builds(lambda text: ("partial", text), TEXT),
    st.sampled_from([("originals",), ("lost",), ("status",), ("time",)]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(EVENTS, st.sampled_from([0.0, 0.3, 2.0, 40.0]), st.booleans()), max_size=25), st.booleans())
def test_any_events_give_pictures_that_fit_and_translations_in_order(steps, original):
    lens = Lens(original=original)
    number = 0
    for (kind, *text), after_s, uncertain in steps:
        if kind == "said":
            number += 1
            said = text[0].strip()
            lens.take(Said(text[0], True, None, "en", number), after_s=after_s)
            doubts = ("odd",) if uncertain else ()
            lens.take(Translated(number, Translation(f"{number}. {said}", "es", "t", doubts)), after_s=0.0)
        else:
            event = {"partial": Said("".join(text), False), "originals": Originals(), "lost": Lost(2.0)}
            event |= {"status": Status("note"), "time": None}
            lens.take(event[kind], after_s=after_s)
        items = lens.state.picture().items
        assert len({item.id for item in items}) == len(items)
        for item in items:
            assert 0 <= item.y <= 400 - FRAME.margin
            assert item.text.isprintable()
        shown = [block.first_id for block in (*lens.state.shown, *lens.state.waiting)]
        assert shown == sorted(shown)
        room = lens.state.style.bottom - lens.state.style.top
        heights = sum(block.height for block in lens.state.shown)
        assert heights <= room + 12 or len(lens.state.shown) == 1
    assert not lens.state.waits or lens.state.due_s() is not None
