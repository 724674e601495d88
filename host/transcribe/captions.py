"""Live captions: (state, what was heard, time) -> state, and a state's picture; pure.

What readers are promised, and tests hold over any sequence of hypotheses:

- words appear at the bottom and whole lines move up (`host/lens/roll.py`); at most as many lines as the style has,
  none wider than the lens;
- a word that `agreement` has fixed keeps its place: later hypotheses change only the tail behind it, which has its own
  colour. The final wording replaces what it can in place, corrects the rest on a line of its own, and leaves every word
  that it keeps on its line (`host/lens/paragraph.py`);
- every utterance begins on a line of its own, and no word of a final is missing;
- an item of the picture keeps its id as long as its line lives, so that only changes cross the link;
- after a time without speech the lens is dark, but for a warning that holds.

A style takes any font of `host/lens`. The glasses' own has one size; what a style offers for that one: fewer lines,
wider letter spacing and line distance, and colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from host.lens.display_list import Colour, DisplayList, Item
from host.lens.font import Font, Part
from host.lens.layout import shortened, words_of
from host.lens.paragraph import Line, Measure, extended, rewritten
from host.lens.roll import Roll, advanced, next_change_s, replaced
from host.lens.shape import LensShape
from host.transcribe.agreement import Agreement, heard

__all__ = [
    "CaptionEvent",
    "Captions",
    "Lost",
    "Said",
    "Status",
    "Style",
    "due_s",
    "duration",
    "picture",
    "start",
    "updated",
    "waits",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How captions look.

    Attributes:
        font: of the glasses, with its letter spacing.
        shape: of the lens.
        lines: lines of captions, at least 1.
        line_gap: pixels between lines, 0 or more.
        spoken: colour of words that are fixed.
        tail: colour of words that may still change.
        note: colour of marks and status lines.
        dark_after_s: seconds without speech after which the lens goes dark; 0 for never.
        agree: hypotheses that must agree before a word is fixed, at least 1. The tail is shown all the same, so that
            more costs no time. Of the words fixed in 21 utterances that pocketsphinx heard, the final took back 35 %
            with 2, 22 % with 3, 17 % with 4.
        sign: shown whenever the lens is lit, such as that sound leaves this computer; empty for nothing.
    """

    font: Font
    shape: LensShape
    lines: int = 3
    line_gap: int = 12
    spoken: Colour = "white"
    tail: Colour = "cloudblue"
    note: Colour = "orange"
    dark_after_s: float = 30.0
    agree: int = 3
    sign: str = ""

    @property
    def measure(self) -> Measure:
        """What words are set with: a line that moves up keeps its words, so none is longer than fits every row."""
        return Measure(self.font, self.place[1])

    @property
    def first_y(self) -> int:
        """Top of the uppermost line."""
        return self.shape.low(self.lines * self.font.height + (self.lines - 1) * self.line_gap)

    @property
    def place(self) -> tuple[int, int]:
        """Left edge of all lines, and their pixels."""
        last_y = self.first_y + (self.lines - 1) * (self.font.height + self.line_gap)
        return min((self.shape.row(y, self.font.height) for y in (self.first_y, last_y)), key=lambda row: row[1])


@dataclass(frozen=True, slots=True)
class Said:
    """What is being said, or (final) was said.

    Attributes:
        text: as recognised.
        final: whether it is the last wording.
        speaker: a label, or None.
        language: ISO 639-1 code of a final; empty where nobody knows.
        number: of a final, which no other one has.
    """

    text: str
    final: bool
    speaker: str | None = None
    language: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """Sound that is missing, in seconds, and what became of it, in a word."""

    seconds: float
    how: str = "lost"


@dataclass(frozen=True, slots=True)
class Status:
    """A line above the captions; empty to take it away.

    Attributes:
        text: a few words.
        warning: True if it stays, even on a dark lens, until it is taken away; else it goes when captions come.
    """

    text: str
    warning: bool = False


CaptionEvent = Said | Lost | Status


@dataclass(frozen=True, slots=True)
class Captions:
    """State of the captions; make one with `start`.

    Attributes:
        roll: lines on the lens and lines that wait.
        spoken: words of the utterance that is being spoken, and how sure they are.
        keys: keys of its lines that have not left the lens.
        gone: its words that have.
        speaker: who spoke last.
        status: the line above.
        next_key: key of the next new line.
        awake_s: when there was something to show last.
    """

    roll: Roll
    spoken: Agreement = field(default=Agreement())
    keys: frozenset[int] = frozenset()
    gone: tuple[str, ...] = ()
    speaker: str | None = None
    status: Status = Status("")
    next_key: int = 0
    awake_s: float = 0.0


def start(style: Style, now: float) -> Captions:
    """Captions before anything was said, at `now` seconds."""
    return Captions(Roll(style.lines, top=style.lines), awake_s=now)


def updated(state: Captions, event: CaptionEvent | None, now: float, style: Style) -> Captions:
    """Take what happened, or (None) only the time.

    Args:
        state: as it was.
        event: what happened.
        now: seconds, never less than before.
        style: always the same one.
    """
    match event:
        case Said():
            state = _said(state, event, now, style)
        case Lost():
            state = _marked(state, f"[{duration(event.seconds)} {event.how}]", now, style)
        case Status():
            state = replace(state, status=event, awake_s=now if event.text else state.awake_s)
        case None:
            roll, left = advanced(state.roll, now)
            state = _without(replace(state, roll=roll), left)
    return _dark(state) if _is_dark(state, now, style) else state


def due_s(state: Captions, style: Style) -> float | None:
    """When `updated` must be called with no event at the latest; None if nothing will change by itself."""
    if (change := next_change_s(state.roll)) is not None:
        return change
    lit = state.roll.visible or (state.status.text and not state.status.warning)
    return state.awake_s + style.dark_after_s if lit and style.dark_after_s else None


def waits(state: Captions) -> bool:
    """True while there are lines that have not been shown."""
    return next_change_s(state.roll) is not None


def picture(state: Captions, style: Style) -> DisplayList:
    """What the lens shows."""
    pitch = style.font.height + style.line_gap
    items: list[Item] = []
    shown = state.roll.shown()
    note = state.status.text or (style.sign if shown else "")
    if note:
        y = max(0, style.first_y - pitch)
        x, room = style.shape.row(y, style.font.height)
        part = Part(_NOTE_ID, (shortened(note, style.font, room),), style.note)
        items += style.font.line([part], x, y, room)
    slots: list[int] = []
    for row, line in shown:
        slot = line.key % _SLOTS
        while slot in slots:
            slot = (slot + 1) % _SLOTS
        slots.append(slot)
        items += _line_items(line, 1 + 2 * slot, style.first_y + row * pitch, style)
    return DisplayList(tuple(items))


_NOTE_ID = 0
_SLOTS = 99
"""Lines that can be told apart by item ids: 0 is the note's, two each are a line's; those from 200 are another's."""


def _line_items(line: Line, first_id: int, y: int, style: Style) -> list[Item]:
    """One item for the words that stay and one for the tail."""
    if line.mark:
        parts = [Part(first_id, line.words, style.note)]
    else:
        count = len(line.words) if style.spoken == style.tail else line.fixed
        spoken = Part(first_id, line.words[:count], style.spoken)
        parts = [spoken, Part(first_id + 1, line.words[count:], style.tail)]
    x, room = style.place
    return style.font.line([part for part in parts if part.words], x, y, room)


def _said(state: Captions, event: Said, now: float, style: Style) -> Captions:
    words = words_of(event.text, style.font, style.measure.width)
    if words:
        status = state.status if state.status.warning else Status("")
        state = replace(state, awake_s=now, status=status)
        if event.speaker is not None and event.speaker != state.speaker:
            words = words_of(f"{event.speaker}:", style.font, style.measure.width) + words
    lines = [line for line in state.roll.lines if line.key in state.keys]
    if event.final:
        new = rewritten(lines, state.gone, words, style.measure, state.next_key)
        state = _with_lines(state, new, now)
        speaker = event.speaker if words else state.speaker
        return replace(state, spoken=Agreement(), keys=frozenset(), gone=(), speaker=speaker)
    spoken = heard(state.spoken, words, style.agree)
    newly_fixed = len(spoken.fixed) - len(state.spoken.fixed)
    tail = spoken.fixed[len(state.spoken.fixed) :] + spoken.tail
    new = extended(lines, tail, newly_fixed, style.measure, state.next_key)
    return _with_lines(replace(state, spoken=spoken), new, now)


def _marked(state: Captions, text: str, now: float, style: Style) -> Captions:
    """Add a note of our own; an utterance that was being spoken ends as it stands."""
    closed = [replace(line, fixed=len(line.words)) for line in state.roll.lines if line.key in state.keys]
    state = _with_lines(replace(state, awake_s=now), closed, now)
    state = replace(state, spoken=Agreement(), keys=frozenset(), gone=())
    words = words_of(text, style.font, style.measure.width)
    marks = [
        Line(state.next_key + k, line, fixed=len(line), mark=True) for k, line in enumerate(style.measure.lines(words))
    ]
    return replace(_with_lines(state, marks, now), keys=frozenset())


def _with_lines(state: Captions, lines: Sequence[Line], now: float) -> Captions:
    """The state with these as the lines of the current utterance."""
    older = [line for line in state.roll.lines if line.key not in state.keys]
    roll, left = replaced(state.roll, [*older, *lines], now)
    keys = frozenset(line.key for line in lines)
    next_key = max([state.next_key - 1, *keys]) + 1
    return _without(replace(state, roll=roll, keys=keys, next_key=next_key), left)


def _without(state: Captions, left: Sequence[Line]) -> Captions:
    """The state after these lines have left the lens; a reader has seen them, so their words are fixed."""
    own = [line for line in left if line.key in state.keys]
    loose = sum(len(line.words) - line.fixed for line in own)
    spoken = state.spoken
    return replace(
        state,
        keys=state.keys - {line.key for line in own},
        gone=state.gone + tuple(word for line in own for word in line.words),
        spoken=Agreement(spoken.fixed + spoken.tail[:loose], spoken.tail[loose:], spoken.seen[loose:]),
    )


def _is_dark(state: Captions, now: float, style: Style) -> bool:
    return bool(style.dark_after_s) and not waits(state) and now >= state.awake_s + style.dark_after_s


def _dark(state: Captions) -> Captions:
    """Everything taken off the lens but a warning; an utterance goes on from the words that were shown."""
    rows = state.roll.rows
    status = state.status if state.status.warning else Status("")
    return replace(_without(state, state.roll.lines), roll=Roll(rows, top=rows), status=status)


def duration(seconds: float) -> str:
    """A length of time in a few letters: 0.4 s, 12 s, 3 min 20 s."""
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
