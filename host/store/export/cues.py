"""Subtitle cues from sentences: short enough to read, in step with the words, never two at once; pure.

A sentence is cut into the fewest cues that fit, at punctuation and pauses where it can, in parts of like size. The
times of a part are those of its words; where the recogniser gave none, its letters are taken to be spread evenly.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from host.contracts import JournalEntry
from host.store.export.spoken_time import SpokenTime, letters
from host.store.export.text import milliseconds, readable, width
from host.store.export.texts import UNCERTAIN, Texts, shown

__all__ = ["LINES", "LINE_WIDTH", "LONGEST_MS", "SHORTEST_MS", "Cue", "cues"]

LINES = 2
"""Lines of a text in a cue at most."""

LINE_WIDTH = 42
"""Characters of a line at most, as broadcasters have it; a Chinese, Japanese or Korean one counts as two."""

LONGEST_MS = 7000
"""Longest time that one cue stands, as broadcasters have it."""

SHORTEST_MS = 500
"""Shortest; where one-word sentences come faster than this, cues run late rather than flash by."""

# A cue stands this long if nothing follows it: a single word takes time to be found.
_COMFORTABLE_MS = 1000

# One cue more costs more than anything else can save; the rest chooses among the cuts into the fewest cues.
_CUE_COST = 3.0
_PUNCTUATION_BONUS = 0.3
_PAUSE_BONUS_PER_S = 0.3
_LONGEST_PAUSE_S = 2.0

# Unicode categories of what a clause may end with, and of what must not begin a line among East Asian characters.
_PUNCTUATION = "Po"
_NOT_AT_LINE_START = {"Pe", "Pf", "Po", "Mn", "Me", "Cf"}
_SMALL_KANA = frozenset("ーぁぃぅぇぉっゃゅょァィゥェォッャュョ")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: `lines` (one or two a text) from `start_ms` to `end_ms` of the recording."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def cues(entries: Sequence[JournalEntry], texts: Texts = "both") -> list[Cue]:
    """The subtitles of a transcript in order of time, none overlapping, each `SHORTEST_MS` to `LONGEST_MS` long.

    A gap is a cue that says what is missing; a speaker is named where another one begins. With both texts of a sentence
    the translation stands below the original, with a question mark in each cue if it is not to be trusted.
    """
    parts: list[Cue] = []
    speaker: str | None = None
    for entry in entries:
        original, translation = shown(entry, texts, reasons=False)
        if entry.kind == "gap":
            missing = f"[{entry.end_s - entry.start_s:.1f} s missing: {original}]"
            shown_until_s = min(entry.end_s, entry.start_s + LONGEST_MS / 1000)
            parts += _cut("", missing, SpokenTime((), entry.start_s, shown_until_s))
        elif original or translation:
            name = readable(entry.speaker) if entry.speaker and entry.speaker != speaker else ""
            speaker = entry.speaker
            above = _cut(name, original, SpokenTime(entry.words, entry.start_s, entry.end_s)) if original else []
            below = _translated("" if original else name, translation, entry) if translation else []
            parts += _together(above, below) if above and below else above or below
    return _one_after_another(sorted(parts, key=lambda cue: cue.start_ms))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut: a word, one East Asian character, or a stretch of a word longer than a line."""

    text: str
    width: int
    spaced: bool  # whether a space stands before it within a line
    start_s: float
    end_s: float


def _cut(speaker: str, text: str, time: SpokenTime, line_width: int = LINE_WIDTH) -> list[Cue]:
    named = _pieces(f"{speaker}:", time, line_width, spoken=False) if speaker else ()
    pieces = [*named, *_pieces(text, time, line_width)]
    return [
        Cue(milliseconds(part[0].start_s), milliseconds(part[-1].end_s), _lines(part, line_width))
        for part in _best_cut(pieces, line_width)
    ]


def _translated(speaker: str, text: str, entry: JournalEntry) -> list[Cue]:
    """A translation, cut by its length alone, since none of its words was said at a time; spread over the sentence."""
    doubted = entry.translation is not None and entry.translation.uncertain
    mark = UNCERTAIN if doubted and text.startswith(UNCERTAIN) else ""
    time = SpokenTime((), entry.start_s, entry.start_s)
    parts = _cut(speaker, text.removeprefix(mark), time, LINE_WIDTH - len(mark))
    places = [0, *accumulate(max(1, letters("".join(part.lines))) for part in parts)]
    per_letter = (entry.end_s - entry.start_s) / places[-1]
    times = [milliseconds(entry.start_s + place * per_letter) for place in places]
    return [
        Cue(start, end, (mark + part.lines[0], *part.lines[1:]))
        for part, (start, end) in zip(parts, pairwise(times), strict=True)
    ]


def _together(above: Sequence[Cue], below: Sequence[Cue]) -> list[Cue]:
    """Two texts of one sentence in the cues of the longer; a cue of the other stands as long as several of those."""
    timed = above if len(above) >= len(below) else below
    places = [(n * len(above) // len(timed), n * len(below) // len(timed)) for n in range(len(timed))]
    return [
        Cue(cue.start_ms, cue.end_ms, above[upper].lines + below[lower].lines)
        for cue, (upper, lower) in zip(timed, places, strict=True)
    ]


def _pieces(text: str, time: SpokenTime, line_width: int, *, spoken: bool = True) -> Iterator[_Piece]:
    """The text in pieces with their times; text that is not spoken has the time of the beginning."""
    total = letters(text)
    place = 0
    for word in text.split(" "):
        spaced = True
        for part in _unbreakable(word, line_width):
            after = place + letters(part)
            start_s, end_s = time.span(place, after, total) if spoken else (time.start_s, time.start_s)
            yield _Piece(part, width(part), spaced, start_s, end_s)
            place, spaced = after, False


def _unbreakable(word: str, line_width: int) -> Iterator[str]:
    """A word, cut between East Asian characters, and where it is longer than a line."""
    part, part_width = "", 0
    for c in word:
        full = part_width + width(c) > line_width
        if part and (full or _may_part(part[-1], c)):
            yield part
            part, part_width = "", 0
        part += c
        part_width += width(c)
    if part:
        yield part


def _may_part(left: str, right: str) -> bool:
    """Whether a line may end between two characters of a word: beside an East Asian one, but not before its signs."""
    return (
        2 in (width(left), width(right))
        and left != _JOINER
        and right not in _SMALL_KANA
        and unicodedata.category(right) not in _NOT_AT_LINE_START
    )


def _best_cut(pieces: Sequence[_Piece], line_width: int) -> list[Sequence[_Piece]]:
    """The pieces in consecutive parts that each fit a cue, at the least cost."""
    cost = [0.0] + [float("inf")] * len(pieces)
    begins = [0] * (len(pieces) + 1)
    for start in range(len(pieces)):
        for end, size in _fitting(pieces, start, line_width):
            total = cost[start] + _CUE_COST + (size / (LINES * line_width)) ** 2 - _cut_bonus(pieces, end)
            if total < cost[end]:
                cost[end], begins[end] = total, start
    parts: list[Sequence[_Piece]] = []
    end = len(pieces)
    while end:
        parts.append(pieces[begins[end] : end])
        end = begins[end]
    return parts[::-1]


def _fitting(pieces: Sequence[_Piece], start: int, line_width: int) -> Iterator[tuple[int, int]]:
    """Each end up to which the pieces from `start` on fit one cue, and their width."""
    lines, filled, size = 1, 0, 0
    for end in range(start + 1, len(pieces) + 1):
        piece = pieces[end - 1]
        added = piece.width + (piece.spaced and filled > 0)
        filled += added
        size += added
        if filled > line_width:
            lines, filled = lines + 1, piece.width
        too_long = milliseconds(piece.end_s - pieces[start].start_s) > LONGEST_MS and end > start + 1
        if lines > LINES or too_long:
            return
        yield end, size


def _cut_bonus(pieces: Sequence[_Piece], end: int) -> float:
    """What speaks for cutting after so many pieces."""
    if end == len(pieces):
        return 0.0
    pause_s = min(max(pieces[end].start_s - pieces[end - 1].end_s, 0.0), _LONGEST_PAUSE_S)
    ends_clause = unicodedata.category(pieces[end - 1].text[-1]) == _PUNCTUATION
    return pause_s * _PAUSE_BONUS_PER_S + (_PUNCTUATION_BONUS if ends_clause else 0.0)


def _lines(pieces: Sequence[_Piece], line_width: int) -> tuple[str, ...]:
    """The pieces on one line if they fit, else on the two most alike in width."""
    whole = _joined(pieces)
    if width(whole) <= line_width:
        return (whole,)
    pairs = ((_joined(pieces[:i]), _joined(pieces[i:])) for i in range(1, len(pieces)))
    fitting = [(upper, lower) for upper, lower in pairs if max(width(upper), width(lower)) <= line_width]
    return min(fitting, key=lambda pair: abs(width(pair[0]) - width(pair[1])))


def _joined(pieces: Sequence[_Piece]) -> str:
    return "".join((" " if piece.spaced else "") + piece.text for piece in pieces).strip()


def _one_after_another(parts: Sequence[Cue]) -> list[Cue]:
    """Give each the time to be read, and end it where the next begins."""
    laid: list[Cue] = []
    free_ms = 0
    for cue, following in pairwise([*parts, None]):
        assert cue is not None  # noqa: S101 - only the last of the list is None
        start_ms = max(cue.start_ms, free_ms)
        end_ms = min(max(cue.end_ms, start_ms + _COMFORTABLE_MS), start_ms + LONGEST_MS)
        if following is not None and following.start_ms < end_ms:
            end_ms = max(following.start_ms, start_ms + SHORTEST_MS)
        laid.append(Cue(start_ms, end_ms, cue.lines))
        free_ms = end_ms
    return laid
