"""Captions by example: what is on the lens after each event."""

from __future__ import annotations

import pytest
from caption_parts import lines_of

from host.lens.display_list import TextItem
from host.lens.shape import FRAME
from host.transcribe.captions import CaptionEvent, Captions, Lost, Said, Status, Style, due_s, picture, start, updated

COUNTRY = "ask not what your country can do for you ask what you can do for your country"


@pytest.fixture
def style(font) -> Style:
    return Style(font=font, shape=FRAME, agree=2)


def after(style: Style, *events: CaptionEvent, every_s: float = 1.0) -> Captions:
    state = start(style, 0.0)
    for number, event in enumerate(events):
        state = updated(state, event, number * every_s, style)
    return state


def shown(style: Style, *events: CaptionEvent) -> list[str]:
    return lines_of(picture(after(style, *events), style))


def partial(text: str) -> Said:
    return Said(text, final=False)


def final(text: str, speaker: str | None = None) -> Said:
    return Said(text, final=True, speaker=speaker)


def test_words_begin_at_the_bottom_and_whole_lines_move_up(style):
    first = picture(after(style, partial("ask not what your country can do")), style)
    second = picture(after(style, partial("ask not what your country can do"), partial(COUNTRY)), style)
    assert lines_of(first) == ["ask not what your country can", "do"]
    assert lines_of(second) == ["ask not what your country can", "do for you ask what you can do", "for your country"]
    assert {item.y for item in second.items} == {344, 284, 224}
    assert {item.y for item in picture(after(style, partial("one")), style).items} == {344}


def test_a_line_that_moves_keeps_its_id(style):
    before = picture(after(style, final("one")), style).items[0]
    now = picture(after(style, final("one"), final("two")), style).items[0]
    assert (now.id, now.text, now.x) == (before.id, before.text, before.x)
    assert now.y < before.y


def test_the_tail_has_its_own_colour_until_it_is_fixed(style):
    items = picture(after(style, partial("ask not"), partial("ask not what")), style).items
    assert [(i.text, i.colour) for i in items] == [("ask not", "white"), ("what", "cloudblue")]
    assert items[1].x == style.shape.margin + style.font.advance("ask not ")
    done = picture(after(style, partial("ask not"), final("ask not")), style).items
    assert [(i.text, i.colour) for i in done] == [("ask not", "white")]


def test_with_one_colour_a_line_is_one_item(font):
    style = Style(font=font, shape=FRAME, tail="white", agree=2)
    items = picture(after(style, partial("ask not"), partial("ask not what")), style).items
    assert [i.text for i in items] == ["ask not what"]


def test_the_same_hypothesis_again_changes_nothing(style):
    steady = [partial("ask not")] * 3
    assert picture(after(style, *steady), style) == picture(after(style, *steady, partial("ask not")), style)


def test_a_final_replaces_a_word_in_its_place(style):
    heard = [partial("we want to by a house"), partial("we want to by a house near")]
    assert shown(style, *heard, final("We want to buy a house nearby.")) == ["We want to buy a house nearby."]


def test_a_final_that_takes_a_word_back_leaves_the_others_on_their_lines(style):
    heard = [partial(COUNTRY), partial(COUNTRY)]
    assert shown(style, *heard, final(COUNTRY.replace("not ", ""))) == [
        "ask what your country can",
        "do for you ask what you can do",
        "for your country",
    ]


def test_a_rewrite_that_does_not_fit_in_its_place_moves_no_word_and_is_said_below(style):
    heard = [partial(COUNTRY), partial(COUNTRY)]
    state = after(style, *heard, final(COUNTRY.replace("for you ask", "for everybody else ask")))
    assert lines_of(picture(state, style)) == [
        "do for you ask what you can do",
        "for your country",
        "-- for everybody else ask",
    ]
    assert [i.colour for i in picture(state, style).items] == ["white", "white", "orange"]


def test_a_rewrite_that_fits_in_part_is_made_in_part(style):
    heard = [partial(COUNTRY), partial(COUNTRY)]
    longer = COUNTRY.replace("for you ask what you can", "for you, I demand what we")
    assert shown(style, *heard, final(longer)) == [
        "do for you ask what we do",
        "for your country",
        "-- you, I demand what",
    ]


def test_a_final_of_nothing_takes_its_partial_away(style):
    assert shown(style, final("yes"), partial("hm"), final("")) == ["yes"]


def test_each_utterance_begins_a_line_and_the_oldest_leaves(style):
    assert shown(style, final("one"), final("two"), final("three"), final("four")) == ["two", "three", "four"]


def test_speakers_are_named_when_they_change(style):
    said = [final("hello", "1"), final("how are you", "1"), final("fine", "2")]
    assert shown(style, *said) == ["1: hello", "how are you", "2: fine"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.52, "[0.5 s lost]"), (1.0, "[1 s lost]"), (9.96, "[10 s lost]"), (200.4, "[3 min 20 s lost]")],
)
def test_lost_sound_is_a_line_with_its_length(style, seconds, text):
    state = after(style, partial("in the mid"), Lost(seconds), final("middle"))
    assert lines_of(picture(state, style)) == ["in the mid", text, "middle"]
    assert [i.colour for i in picture(state, style).items] == ["white", "orange", "white"]


def test_hostile_text_is_shown_as_text(style):
    assert shown(style, final("\x1b[31m\u202e</b> ]]..os.exit()\n; DROP")) == ["[31m<\\b> ]]..os.exit() ; DROP"]


def test_a_plain_status_gives_way_to_words_and_a_warning_stays(style):
    assert shown(style, Status("listening")) == ["listening"]
    assert shown(style, Status("listening"), partial("hello")) == ["hello"]
    full = Status("disk full: not saved", warning=True)
    assert shown(style, full, final("hello")) == ["disk full: not saved", "hello"]
    assert shown(style, full, final("hello"), Status("", warning=True)) == ["hello"]


def test_a_status_too_long_for_the_lens_is_cut(style):
    line = shown(style, Status("speech recognition fails and nobody knows why it does"))[0]
    assert line.endswith("...")
    assert style.font.width(line) <= style.measure.width


def test_the_sign_is_there_whenever_words_are(font):
    style = Style(font=font, shape=FRAME, sign="sound goes online", dark_after_s=5.0)
    assert shown(style, final("hello")) == ["sound goes online", "hello"]
    assert shown(style, Status("listening")) == ["listening"]
    state = updated(after(style, final("hello")), None, 100.0, style)
    assert picture(state, style).items == ()


def test_after_silence_the_lens_is_dark_and_wakes_with_the_next_words(style):
    state = after(style, Status("listening"), final("one"), partial("two"))
    assert due_s(state, style) == 2.0 + 30.0
    dark = updated(state, None, 32.0, style)
    assert picture(dark, style).items == ()
    assert due_s(dark, style) is None
    assert lines_of(picture(updated(dark, partial("two three"), 33.0, style), style)) == ["three"]
    never = Style(font=style.font, shape=FRAME, dark_after_s=0.0)
    assert due_s(after(never, final("one")), never) is None


def test_a_warning_holds_on_a_dark_lens(style):
    state = updated(after(style, Status("disk full", warning=True), final("one")), None, 100.0, style)
    assert lines_of(picture(state, style)) == ["disk full"]


def test_a_long_answer_comes_line_by_line_as_it_can_be_read(style):
    words = [f"word{k:02}" for k in range(40)]
    state = after(style, final(" ".join(words)))
    seen = [lines_of(picture(state, style))]
    pauses = []
    now = 0.0
    while state.roll.visible < len(state.roll.lines):
        then, now = now, due_s(state, style)
        pauses.append(now - then)
        state = updated(state, None, now, style)
        seen.append(lines_of(picture(state, style)))
    assert len(seen[0]) == 3
    assert " ".join(dict.fromkeys(line for lines in seen for line in lines)).split() == words
    assert 0.2 < min(pauses) <= max(pauses) < 2.0


def test_many_pages_at_once_are_shown_no_faster_than_can_be_followed_and_take_no_more_room(style):
    state = after(style, *[final(" ".join(["incomprehensibilities"] * 300)) for _ in range(5)])
    assert len(state.roll.lines) < 600
    first = due_s(state, style)
    state = updated(state, None, first, style)
    assert due_s(state, style) - first > 0.1


def test_more_lines_than_ids_keep_their_ids_apart(style):
    state = after(style, *[final(f"line {k}") for k in range(300)])
    items = picture(state, style).items
    assert len({i.id for i in items}) == 3
    assert all(isinstance(i, TextItem) and 0 <= i.id <= 255 for i in items)
