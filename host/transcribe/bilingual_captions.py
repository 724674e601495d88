"""Live translation on the lens: (state, what was heard or translated, time) -> state, and its picture; pure.

From top to bottom: a line for notes; translations, large, the newest at the bottom, each with its original below it,
small and dimmed; two small lines with what was said and is not translated yet, and what is being said. What readers are
promised, and tests hold over any sequence of events:

- a translation is shown once, as a whole, when its sentence is finished, and never changes; they keep their order;
- one leaves, at the top, only when it has been read, one after the other; what comes meanwhile waits, and less time is
  given for reading the more there is;
- what could not be translated is shown in the original, and marked; so is what is uncertain;
- the originals of what is on the lens, or was last, can be shown instead for as long as it takes to read them.

Where originals are hidden there is no room for them: only notes and translations are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from host.contracts import Translation
from host.lens.cards import Block, FontOf, Row, both_texts, reading_s, rows
from host.lens.display_list import Colour, DisplayList, Item
from host.lens.font import Font, Part
from host.lens.layout import shortened
from host.lens.shape import LensShape
from host.transcribe.captions import CaptionEvent, Lost, Said, Status, duration

__all__ = ["BilingualCaptions", "BilingualEvent", "BilingualStyle", "Originals", "Translated"]

HEARD_LINES: Final = 2
"""Lines of what is not translated yet."""

_PACE: Final = 1.5  # times as fast as cards are read: speech does not wait
_HASTE: Final = 3  # times as fast again at most, where several wait
_SHORTEST_S: Final = 1.0  # that a translation is there before another pushes it out
_ORIGINALS_S: Final = 4.0  # that originals are shown at least
_WAITING: Final = 40  # blocks that wait at most, some two minutes of talk; the oldest are given up beyond
_LONGEST: Final = 2000  # characters of a text that are shown: several lenses full
_NOTE_ID: Final = 0
_HEARD_ID: Final = 1
_FIRST_ID, _IDS = 10, 200  # of rows; as many are never on the lens at once
_ORIGINALS_ID: Final = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class BilingualStyle:
    """How it looks.

    Attributes:
        font_of: fonts of the texts, by language and size.
        shape: of the lens.
        language: that unfinished words are set in (ISO 639-1); empty where nobody knows before they are finished.
        original: whether originals are shown.
        live: colour of words that may still change.
        heard: colour of originals that wait for their translation.
        note: colour of notes.
        dark_after_s: seconds without speech after which the lens goes dark; 0 for never.
        sign: shown whenever the lens is lit, such as that words leave this computer; empty for nothing.
    """

    font_of: FontOf
    shape: LensShape
    language: str = ""
    original: bool = True
    live: Colour = "cloudblue"
    heard: Colour = "skyblue"
    note: Colour = "orange"
    dark_after_s: float = 30.0
    sign: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Left edge of translations, and the pixels of a line that fits all their rows, for they move up."""
        return self.place_between(self.top, self.bottom)

    @property
    def heard_place(self) -> tuple[int, int]:
        """Likewise of what is heard."""
        return self.place_between(self.bottom, self.shape.bottom)

    @property
    def top(self) -> int:
        """Where translations begin: below the note."""
        return self.shape.top + self.note_font.height + self.shape.gap

    @property
    def note_font(self) -> Font:
        """Of our own words, which are English."""
        return self.font_of("en", "small")

    @property
    def bottom(self) -> int:
        """Where translations end: above what is heard."""
        if not self.original:
            return self.shape.bottom
        return self.shape.bottom - HEARD_LINES * (self.font_of(self.language, "small").height + self.shape.gap)

    def place_between(self, top: int, bottom: int) -> tuple[int, int]:
        """Left edge and pixels of a line that fits every row there."""
        return self.shape.row(top, bottom - top)


@dataclass(frozen=True, slots=True)
class Translated:
    """A sentence was translated, or could not be; `number` is that of its `Said`."""

    number: int
    translation: Translation


@dataclass(frozen=True, slots=True)
class Originals:
    """The wearer wants to see the originals, or no longer."""


BilingualEvent = CaptionEvent | Translated | Originals


@dataclass(frozen=True, slots=True)
class _Shown:
    """Rows that come and go together: a translation, or as much of it as the lens holds.

    Attributes:
        rows: from top to bottom.
        source: original and its language; empty where there is none.
        seconds: that reading it takes.
        height: pixels, with the gap below.
        first_id: of its first row's item; the others count up from it.
        read_s: when it will have been read; 0 while it waits.
    """

    rows: tuple[Row, ...]
    source: tuple[str, str]
    seconds: float
    height: int
    first_id: int
    read_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BilingualCaptions:
    """The state; make one with its style and the time.

    Attributes:
        style: always the same.
        awake_s: when there was something to show last.
        heard: finished sentences that are not translated yet.
        live: what is being said.
        shown: what is on the lens, oldest first.
        waiting: what comes next.
        last: originals of what was on the lens last.
        speaker: who spoke last.
        told: why the sentence before has no translation; empty where it has one.
        status: the note.
        next_id: of the next row.
        originals_until_s: until when originals are shown; None where they are not.
    """

    style: BilingualStyle = field(repr=False)
    awake_s: float
    heard: tuple[Said, ...] = ()
    live: str = ""
    shown: tuple[_Shown, ...] = ()
    waiting: tuple[_Shown, ...] = ()
    last: tuple[tuple[str, str], ...] = ()
    speaker: str | None = None
    told: str = ""
    status: Status = field(default=Status(""))
    next_id: int = 0
    originals_until_s: float | None = None

    @property
    def waits(self) -> bool:
        """True while there is something that has not been shown."""
        return bool(self.waiting)

    def updated(self, event: BilingualEvent | None, now: float) -> BilingualCaptions:
        """Take what happened, or (None) only the time, in seconds that never go back."""
        state = self
        match event:
            case Said():
                state = _said(self, event, now)
            case Translated():
                state = _translated(self, event, now)
            case Lost():
                text = f"[{duration(event.seconds)} {event.how}]"
                mark = Block(text, self.style.note_font, self.style.note)
                state = replace(_with(self, [mark], ("", ""), text), awake_s=now)
            case Status():
                state = replace(self, status=event, awake_s=now if event.text else self.awake_s)
            case Originals():
                state = _asked(self, now)
        return _advanced(state, now)

    def due_s(self) -> float | None:
        """When `updated` must be called with no event at the latest; None if nothing will change by itself."""
        if self.originals_until_s is not None:
            return self.originals_until_s
        if self.waiting:
            return self.shown[0].read_s if self.shown else self.awake_s
        lit = self.shown or self.live or (self.status.text and not self.status.warning)
        return _dark_s(self) if lit and not self.heard and self.style.dark_after_s else None

    def picture(self) -> DisplayList:
        """What the lens shows."""
        style = self.style
        items = _both(self) if self.originals_until_s is None else _originals(self)
        note = self.status.text or (style.sign if items else "")
        if note:
            x, room = style.shape.row(style.shape.top, style.note_font.height)
            part = Part(_NOTE_ID, (shortened(note, style.note_font, room),), style.note)
            items = [*style.note_font.line([part], x, style.shape.top, room), *items]
        return DisplayList(tuple(items))


def _both(state: BilingualCaptions) -> list[Item]:
    """Translations above, what is heard below."""
    style = state.style
    items: list[Item] = []
    x, room = style.place
    y = style.bottom - sum(block.height for block in state.shown)
    for block in state.shown:
        for number, row in enumerate(block.rows, block.first_id):
            items += row.items(_FIRST_ID + number % _IDS, x, y, room)
            y += row.font.height + style.shape.gap
    x, room = style.heard_place
    y = style.bottom
    for number, row in enumerate(_heard_rows(state)):
        items += row.items(_HEARD_ID + number, x, y, room)
        y += row.font.height + style.shape.gap
    return items


def _dark_s(state: BilingualCaptions) -> float:
    read_s = state.shown[-1].read_s if state.shown else 0.0
    return max(state.awake_s, read_s) + state.style.dark_after_s


def _said(state: BilingualCaptions, said: Said, now: float) -> BilingualCaptions:
    said = replace(said, text=said.text.strip()[:_LONGEST])
    state = replace(state, live="" if said.final else said.text)
    if not said.text:
        return state
    status = state.status if state.status.warning else Status("")
    heard = (*state.heard, said)[-_WAITING:] if said.final else state.heard
    return replace(state, heard=heard, awake_s=now, status=status)


def _translated(state: BilingualCaptions, event: Translated, now: float) -> BilingualCaptions:
    said = next((one for one in state.heard if one.number == event.number), None)
    if said is None:
        return state
    translation, style = event.translation, state.style
    named = f"{said.speaker}: " if said.speaker is not None and said.speaker != state.speaker else ""
    source = (named + said.text, said.language)
    if translation.missing:
        again = translation.missing == state.told
        mark = "[not translated]" if again else f"[not translated: {translation.missing}]"
        mark = shortened(mark, style.note_font, style.place[1])
        blocks = [Block(source[0], style.font_of(said.language, "large")), Block(mark, style.note_font, style.note)]
    else:
        target = (named + translation.text[:_LONGEST], translation.language)
        original = style.original or translation.keep_source
        blocks = both_texts(source, target, style.font_of, uncertain=translation.uncertain, original=original)
    read = translation.text or said.text
    state = _with(state, blocks, (said.text, said.language), read, marked=bool(translation.missing))
    heard = tuple(one for one in state.heard if one is not said)
    return replace(state, heard=heard, awake_s=now, told=translation.missing, speaker=said.speaker or state.speaker)


def _with(
    state: BilingualCaptions, blocks: Sequence[Block], source: tuple[str, str], read: str, *, marked: bool = False
) -> BilingualCaptions:
    """The state with these behind what waits, in parts that fit the lens; a mark, the last row, has one above it."""
    parts: list[list[Row]] = [[]]
    gap = state.style.shape.gap
    left = whole = state.style.bottom - state.style.top + gap  # that below the last row is not there
    for row in rows(blocks, state.style.place[1]):
        height = row.font.height + gap
        if parts[-1] and height > left:
            parts.append([])
            left = whole
        parts[-1].append(row)
        left -= height
    if marked and len(parts) > 1 and len(parts[-1]) == 1:
        parts[-1].insert(0, parts[-2].pop())
    seconds = reading_s(read[:_LONGEST]) / _PACE / len(parts)
    found: list[_Shown] = []
    next_id = state.next_id
    for part in filter(None, parts):
        height = sum(row.font.height + gap for row in part)
        found.append(_Shown(tuple(part), source, max(_SHORTEST_S, seconds), height, next_id))
        next_id += len(part)
    return replace(state, waiting=(*state.waiting, *found)[-_WAITING:], next_id=next_id)


def _asked(state: BilingualCaptions, now: float) -> BilingualCaptions:
    """Show the originals, or no longer."""
    if state.originals_until_s is not None:
        return replace(state, originals_until_s=None, awake_s=now)
    last = _sources(state.shown) or state.last
    if not last:
        return replace(state, status=Status("nothing is translated yet"), awake_s=now)
    seconds = max(_ORIGINALS_S, sum(reading_s(text) for text, _ in last))
    return replace(state, last=last, originals_until_s=now + seconds, awake_s=now + seconds)


def _advanced(state: BilingualCaptions, now: float) -> BilingualCaptions:
    """Let what waits come as far as there is room, or as what is in the way has been read; or go dark."""
    if state.originals_until_s is not None:
        if now < state.originals_until_s:
            return state
        state = replace(state, originals_until_s=None)
    shown, waiting = list(state.shown), list(state.waiting)
    room = state.style.bottom - state.style.top + state.style.shape.gap
    while waiting:
        if shown and sum(block.height for block in (*shown, waiting[0])) > room:
            if shown[0].read_s > now:
                break
            del shown[0]
            continue
        haste = min(_HASTE, len(waiting))
        begin_s = max(now, shown[-1].read_s) if shown else now
        first = waiting.pop(0)
        shown.append(replace(first, read_s=begin_s + first.seconds / haste))
    last = _sources(shown) or state.last
    state = replace(state, shown=tuple(shown), waiting=tuple(waiting), last=last)
    dark = state.style.dark_after_s and not state.waiting and not state.heard and now >= _dark_s(state)
    if not dark:
        return state
    return replace(state, shown=(), live="", status=state.status if state.status.warning else Status(""))


def _heard_rows(state: BilingualCaptions) -> list[Row]:
    style = state.style
    if not style.original:
        return []
    blocks = [Block(said.text, style.font_of(said.language, "small"), style.heard) for said in state.heard]
    blocks.append(Block(state.live, style.font_of(style.language, "small"), style.live))
    return rows(blocks[-HEARD_LINES - 1 :], style.heard_place[1])[-HEARD_LINES:]


def _originals(state: BilingualCaptions) -> list[Item]:
    style = state.style
    blocks = [Block(text, style.font_of(language, "large"), "yellow") for text, language in state.last]
    items: list[Item] = []
    x, room = style.place_between(style.top, style.shape.bottom)
    y = style.shape.bottom
    for number, row in enumerate(reversed(rows(blocks, room))):
        y -= row.font.height
        if y < style.top:
            break
        items += row.items(_ORIGINALS_ID + number, x, y, room)
        y -= style.shape.gap
    return items


def _sources(shown: Iterable[_Shown]) -> tuple[tuple[str, str], ...]:
    """The originals, each once."""
    return tuple(dict.fromkeys(block.source for block in shown if block.source[0]))
