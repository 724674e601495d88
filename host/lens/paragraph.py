"""A paragraph that is still being spoken: words set into lines that stay where they were put; pure.

A word of a paragraph is *fixed* or belongs to the *tail*. Fixed words come first. The rules, which tests hold:

- `extended`: a new tail is set behind the fixed words; no fixed word changes, or changes its line.
- `rewritten`: the paragraph's last wording. Fixed words that it keeps (found by alignment) stay on their lines, all of
  them; what replaces others goes to the line of what it replaces, if it fits there. Lines of which nothing is kept make
  room, and where there is too much, lines are put in between.
- Where a rewrite does not fit between two kept words of one line, what was shown there stays, and a line below the
  paragraph says it with its neighbours, behind the two dashes that live captioners correct themselves with.

Which lines can be seen, and when, is left to `roll`.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from host.lens.font import Font
from host.lens.layout import fill
from host.lens.words import bare, joined

__all__ = ["CORRECTION", "Line", "Measure", "extended", "matches", "rewritten"]

CORRECTION = "--"
"""Begins a line that corrects what stands above it."""

_ALIGNED_AT_MOST = 250
"""Words on each side that are aligned in full, in milliseconds; a minute and a half of fast speech. Of longer wordings
only the common beginning and the common end count as kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words.

    Attributes:
        key: tells this line from every other; a line whose words are all replaced may live on as the same line.
        words: in reading order.
        fixed: how many of them, from the first, are fixed.
        mark: True for a note of ours below or between paragraphs, such as a correction, or lost sound.
        read_s: when a reader will have read it; 0 while it waits to be shown.
    """

    key: int
    words: tuple[str, ...]
    fixed: int = 0
    mark: bool = False
    read_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Measure:
    """What words are set with: the font, and the pixels of a line."""

    font: Font
    width: int

    def fits(self, words: Sequence[str]) -> bool:
        """True if these words fit one line."""
        return self.font.width(joined(words)) <= self.width

    def lines(self, words: Sequence[str], after: Sequence[str] = ()) -> list[tuple[str, ...]]:
        """Lines of these words; the first continues a line that holds `after`, and may be empty."""
        return fill(words, self.font, self.width, after=after)


def extended(
    lines: Sequence[Line], tail: Sequence[str], newly_fixed: int, measure: Measure, next_key: int
) -> tuple[Line, ...]:
    """Replace the tail of a paragraph.

    Args:
        lines: of the paragraph so far; may be empty.
        tail: what follows the fixed words.
        newly_fixed: how many words of the tail, from the first, are fixed from here on.
        measure: the font and the width.
        next_key: key of the first line that is added; the others count up from it.
    """
    setter = _Setter(tail, measure, next_key)
    setter.out = [replace(line, words=line.words[: line.fixed]) for line in lines if line.fixed]
    setter.spare = [line for line in lines if not line.fixed]
    setter.finish()
    left = sum(line.fixed for line in lines) + newly_fixed
    done: list[Line] = []
    for line in setter.out:
        done.append(replace(line, fixed=min(left, len(line.words))))
        left -= done[-1].fixed
    return tuple(done)


def rewritten(
    lines: Sequence[Line], gone: Sequence[str], words: Sequence[str], measure: Measure, next_key: int
) -> tuple[Line, ...]:
    """Give a paragraph its last wording; all its words are fixed then.

    Args:
        lines: of the paragraph that have not scrolled off; may be empty.
        gone: its words that have scrolled off. They stay gone, and so does what is rewritten between them.
        words: the wording.
        measure: the font and the width.
        next_key: key of the first line that is added; the others count up from it.
    """
    places = [(number, place) for number, line in enumerate(lines) for place in range(line.fixed)]
    old = [*gone, *(lines[number].words[place] for number, place in places)]
    setter = _Setter(words, measure, next_key)
    anchors: dict[int, list[_Anchor]] = {}
    for i, j in matches(old, words):
        if i < len(gone):
            setter.position = j + 1
        else:
            number, place = places[i - len(gone)]
            anchors.setdefault(number, []).append(_Anchor(place, j))
    for number, line in enumerate(lines):
        if number in anchors:
            setter.keep(line, anchors[number])
        else:
            setter.spare.append(line)
    setter.finish()
    return tuple(replace(line, fixed=len(line.words)) for line in setter.out)


def matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs of the words that two wordings have in common, rising on both sides.

    Case and punctuation at a word's ends do not count.
    """
    left, right = [_bare(word) for word in old], [_bare(word) for word in new]
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    pairs = [(k, k) for k in range(start)]
    middle = left[start : len(left) - end], right[start : len(right) - end]
    if max(map(len, middle)) <= _ALIGNED_AT_MOST:
        for block in SequenceMatcher(None, *middle, autojunk=False).get_matching_blocks():
            pairs += [(start + block.a + k, start + block.b + k) for k in range(block.size)]
    return pairs + [(len(left) - k, len(right) - k) for k in range(end, 0, -1)]


def _bare(word: str) -> str:
    return bare(word).casefold().strip(string.punctuation) or word


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A kept word: its place on its line, and its index in the new wording."""

    place: int
    new: int


class _Setter:
    """Sets a wording from its first word to its last; lines that nothing is kept of are spare, to be used again."""

    def __init__(self, words: Sequence[str], measure: Measure, next_key: int) -> None:
        self.out: list[Line] = []
        self.spare: list[Line] = []
        self.position = 0
        self._words = tuple(words)
        self._measure = measure
        self._next_key = next_key
        self._corrections: list[tuple[str, ...]] = []

    def keep(self, line: Line, anchors: Sequence[_Anchor]) -> None:
        """Set the words up to and on a line that keeps some of its words."""
        set_words = self._between(line, anchors)
        loose = self._words[self.position : anchors[0].new]
        # As many as there were before the first kept word belong to this line; the others to the line above.
        above = len(loose) - min(len(loose), anchors[0].place)
        rest = self._attach(loose[:above]) + loose[above:]
        while rest and self._measure.fits((rest[-1], *set_words)):
            set_words = (rest[-1], *set_words)
            rest = rest[:-1]
        self._add(self._attach(rest))
        self.out.append(replace(line, words=set_words))
        self.spare = []
        self.position = anchors[-1].new + 1

    def finish(self) -> None:
        """Set what is left, and the corrections."""
        self._add(self._attach(self._words[self.position :]))
        for words in self._corrections:
            for line in self._measure.lines((CORRECTION, *words)):
                self.out.append(Line(self._next_key, line, mark=True))
                self._next_key += 1

    def _between(self, line: Line, anchors: Sequence[_Anchor]) -> tuple[str, ...]:
        """A line from its first kept word to its last: rewritten where that fits, else as it was and to be corrected.

        It is done in parts, each a kept word and what follows it up to the next, and what takes least room comes first.
        """
        end = _Anchor(anchors[-1].place + 1, anchors[-1].new + 1)
        spans = list(pairwise([*anchors, end]))
        was = [line.words[a.place : b.place] for a, b in spans]
        wanted = [self._words[a.new : b.new] for a, b in spans]
        width = self._measure.font.width
        parts, left = list(was), []
        for k in sorted(range(len(spans)), key=lambda k: width(joined(wanted[k])) - width(joined(was[k]))):
            tried = [*parts[:k], wanted[k], *parts[k + 1 :]]
            if self._measure.fits([word for part in tried for word in part]):
                parts = tried
            elif [*map(_bare, was[k])] != [*map(_bare, wanted[k])]:
                left.append(k)
        for k in sorted(left):
            begin, follows = spans[k][0].new, spans[k][1].new + 1
            if k - 1 in left:
                self._corrections[-1] += self._words[begin + 1 : follows]
            else:
                self._corrections.append(self._words[begin:follows])
        return tuple(word for part in parts for word in part)

    def _attach(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Put what fits behind the last line set; what is left over."""
        if not self.out:
            return words
        last = self.out[-1]
        taken = self._measure.lines(words, last.words)[0]
        self.out[-1] = replace(last, words=last.words + taken)
        return words[len(taken) :]

    def _add(self, words: tuple[str, ...]) -> None:
        """Set words into lines of their own."""
        for line in self._measure.lines(words) if words else ():
            if self.spare:
                self.out.append(replace(self.spare.pop(0), words=line))
            else:
                self.out.append(Line(self._next_key, line))
                self._next_key += 1
