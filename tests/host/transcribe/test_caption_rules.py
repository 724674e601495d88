"""What readers are promised of captions, over any sequence of hypotheses.

The strategies make speech as recognisers report it: a hypothesis grows, shrinks, rewrites words in the middle; a final
is the last hypothesis, a rewrite of it, or something else. Words are short, long, and wider than a line.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from host.lens.display_list import TextItem
from host.lens.layout import words_of
from host.lens.paragraph import CORRECTION, matches
from host.lens.shape import FRAME
from host.transcribe.captions import Captions, Lost, Said, Status, Style, due_s, picture, start, updated

WORD = st.sampled_from(["a", "I", "the", "when", "they're", "somewhere", "WWWWWWWW", "incomprehensibilities", "m" * 40])
EDIT = st.tuples(st.sampled_from(["change", "insert", "delete", "cut"]), st.integers(0, 40), WORD)


@dataclass(frozen=True)
class Step:
    """An event and the seconds before it."""

    event: Said | Lost | Status | None
    pause: float


@st.composite
def utterance(draw) -> list[Step]:
    words: list[str] = draw(st.lists(WORD, max_size=6))
    steps = []
    for _ in range(draw(st.integers(0, 8))):
        words = words + draw(st.lists(WORD, max_size=5))
        for edit in draw(st.lists(EDIT, max_size=2)):
            words = edited(words, *edit)
        steps.append(Step(Said(" ".join(words), final=False), draw(st.sampled_from([0.0, 0.03, 0.25, 2.0]))))
    for edit in draw(st.lists(EDIT, max_size=4)):
        words = edited(words, *edit)
    if draw(st.integers(0, 9)) == 0:
        words = draw(st.lists(WORD, max_size=60))
    speaker = draw(st.sampled_from([None, None, "1", "2"]))
    return [*steps, Step(Said(" ".join(words), final=True, speaker=speaker), 0.3)]


def edited(words: list[str], kind: str, place: int, word: str) -> list[str]:
    place = min(place, max(0, len(words) - 1))
    match kind:
        case "change":
            return [*words[:place], word, *words[place + 1 :]]
        case "insert":
            return [*words[:place], word, *words[place:]]
        case "delete":
            return [*words[:place], *words[place + 1 :]]
        case _:
            return words[:place]


OTHER = st.one_of(
    st.builds(Step, st.builds(Lost, st.floats(0.1, 4000.0)), st.just(0.1)),
    st.builds(
        Step, st.sampled_from([Status("listening"), Status("disk full", warning=True), Status("")]), st.just(0.5)
    ),
    st.builds(Step, st.none(), st.sampled_from([0.5, 5.0, 40.0])),
).map(lambda step: [step])
SCRIPT = st.lists(st.one_of(utterance(), utterance(), OTHER), max_size=6).map(
    lambda parts: [step for part in parts for step in part]
)
LINES = st.sampled_from([1, 2, 3, 3, 3])


def played(script: list[Step], style: Style):
    """(state before, event, state after, now) of each step; time that passes by itself is a step of its own."""
    now = 0.0
    state = start(style, now)
    for step in script:
        until = now + step.pause
        while (due := due_s(state, style)) is not None and due <= until:
            now = max(now, due)
            before, state = state, updated(state, None, now, style)
            yield before, None, state, now
            assert due_s(state, style) != due, "time passed and nothing came of it"
        now = until
        before, state = state, updated(state, step.event, now, style)
        yield before, step.event, state, now


def went_dark(before: Captions, after: Captions) -> bool:
    return bool(before.roll.visible) and not after.roll.lines


def style_of(font, lines: int = 3, **more) -> Style:
    return Style(font=font, shape=FRAME, lines=lines, **more)


def fixed_words(state: Captions) -> list[tuple[int, int, str]]:
    """(key of the line, place on it, word) of the fixed words of the utterance that is being spoken."""
    return [
        (line.key, place, line.words[place])
        for line in state.roll.lines
        if line.key in state.keys
        for place in range(line.fixed)
    ]


def bare(word: str) -> str:
    return word.casefold().strip(string.punctuation) or word


def in_order(some: list[str], words: list[str]) -> bool:
    """Whether `some` are among the words, in this order."""
    left = iter(words)
    return all(word in left for word in some)


@given(SCRIPT, LINES)
@settings(deadline=None, max_examples=60)
def test_everything_shown_fits_the_lens_and_its_lines(font, script, lines):
    style = style_of(font, lines)
    for _, _, state, _ in played(script, style):
        shown = state.roll.shown()
        assert len(shown) <= lines
        assert [row for row, _ in shown] == sorted({row for row, _ in shown})
        assert all(0 <= row < lines for row, _ in shown)
        items = picture(state, style).items
        assert len({item.id for item in items}) == len(items)
        assert len({item.y for item in items if item.id}) <= lines
        for item in items:
            assert isinstance(item, TextItem)
            assert 0 <= item.id <= 255
            assert item.text
            assert item.x >= style.shape.margin
            assert item.x + font.width(item.text) <= style.shape.width - style.shape.margin
            assert 0 <= item.y <= style.shape.height - font.height


@given(SCRIPT, LINES)
@settings(deadline=None, max_examples=60)
def test_a_fixed_word_never_changes_nor_leaves_its_line_before_the_final(font, script, lines):
    style = style_of(font, lines)
    for before, event, after, _ in played(script, style):
        if isinstance(event, Said) and event.final:
            continue
        rows = {line.key: line for line in after.roll.lines}
        for key, place, word in fixed_words(before):
            if key in rows:
                assert rows[key].words[place] == word


@given(SCRIPT, LINES)
@settings(deadline=None, max_examples=60)
def test_words_of_finished_sentences_never_change(font, script, lines):
    style = style_of(font, lines)
    for before, _, after, _ in played(script, style):
        rows = {line.key: line.words for line in after.roll.lines}
        for line in before.roll.lines:
            if line.key not in before.keys and line.key in rows:
                assert rows[line.key] == line.words


@given(SCRIPT, LINES)
@settings(deadline=None, max_examples=60)
def test_a_final_leaves_the_words_it_keeps_on_their_lines(font, script, lines):
    style = style_of(font, lines)
    for before, event, after, _ in played(script, style):
        if not (isinstance(event, Said) and event.final) or event.speaker is not None:
            continue
        old = fixed_words(before)
        new = words_of(event.text, font, style.measure.width)
        gone = len(before.gone)
        lines_now = {line.key: [*map(bare, line.words)] for line in after.roll.lines}
        kept = [old[i - gone] for i, _ in matches([*before.gone, *(w for *_, w in old)], new) if i >= gone]
        for key in {key for key, *_ in kept} & lines_now.keys():
            assert in_order([bare(word) for other, _, word in kept if other == key], lines_now[key])


@given(SCRIPT, LINES)
@settings(deadline=None, max_examples=60)
def test_lines_keep_their_order_and_never_move_down(font, script, lines):
    style = style_of(font, lines)
    for before, _, after, _ in played(script, style):
        if went_dark(before, after):
            continue
        rows = {line.key: row for row, line in after.roll.shown()}
        for row, line in before.roll.shown():
            assert rows.get(line.key, row) <= row
        keys = [line.key for line in after.roll.lines]
        survivors = [line.key for line in before.roll.lines if line.key in keys]
        assert survivors == [key for key in keys if key in survivors]


@given(SCRIPT, LINES)
@settings(deadline=None, max_examples=60)
def test_nothing_of_a_final_is_lost(font, script, lines):
    """After a final the lines end in its words, but for what a reader has seen leave."""
    style = style_of(font, lines)
    for before, event, after, _ in played(script, style):
        if not (isinstance(event, Said) and event.final) or event.speaker is not None:
            continue
        new = words_of(event.text, font, style.measure.width)
        pairs = matches([*before.gone, *(word for *_, word in fixed_words(before))], new)
        if any(line.words[:1] == (CORRECTION,) for line in after.roll.lines):
            continue  # see tests/host/lens/test_paragraph.py
        new = new[max((j + 1 for i, j in pairs if i < len(before.gone)), default=0) :]
        rest = tuple(word for line in after.roll.lines for word in line.words)
        if len(new) <= len(rest):
            assert rest[len(rest) - len(new) :] == new
        else:  # what has left by now was pushed out by lines put in between
            assert new[len(new) - len(rest) :] == rest


@given(st.lists(WORD, max_size=150), LINES)
@settings(deadline=None, max_examples=60)
def test_a_long_text_that_comes_at_once_is_shown_whole(font, words, lines):
    style = style_of(font, lines)
    shown: dict[int, tuple[str, ...]] = {}
    script = [Step(Said(" ".join(words), final=True), 1.0), Step(None, 300.0)]
    for _, _, state, _ in played(script, style):
        shown.update({line.key: line.words for _, line in state.roll.shown()})
    assert [w for line in shown.values() for w in line] == list(words_of(" ".join(words), font, style.measure.width))


@given(SCRIPT)
@settings(deadline=None, max_examples=60)
def test_after_the_time_of_silence_the_lens_is_dark_but_for_a_warning(font, script):
    style = style_of(font, dark_after_s=30.0)
    state, now = start(style, 0.0), 0.0
    for _, _, state, now in played([*script, Step(None, 300.0)], style):  # noqa: B007 - the last is wanted
        pass
    left = [item.text for item in picture(state, style).items]
    assert left == ([state.status.text] if state.status.warning and state.status.text else [])
    assert due_s(state, style) is None
