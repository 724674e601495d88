"""When each letter of a sentence was said, from the times of its words; pure.

Recognisers write a sentence and its words differently ("twenty-one", "Don't.", numbers in digits), so the two are
laid side by side by the share of letters and digits: where they agree, every word has exactly its own time, and where
they do not, the error is the length of the difference.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from host.contracts import Word

__all__ = ["SpokenTime", "letters"]


def letters(text: str) -> int:
    """Letters and digits of the text: what is heard of it."""
    return sum(c.isalnum() for c in text)


class SpokenTime:
    """The times of one sentence; `start_s` and `end_s` are its bounds."""

    def __init__(self, words: Sequence[Word], start_s: float, end_s: float) -> None:
        """Lay out the words between the bounds.

        Args:
            words: in order; those without letters or with times that are no numbers are passed over, times that run
                backwards or out of the bounds are pulled to the nearest that do not.
            start_s: beginning of the sentence, 0 or more.
            end_s: its end, not before its beginning.
        """
        self.start_s, self.end_s = start_s, end_s
        heard = [w for w in words if letters(w.text) and math.isfinite(w.start_s) and math.isfinite(w.end_s)]
        if not heard:
            heard = [Word("x", start_s, end_s)]
        # The letters before each word, and behind the last.
        self._places = [0, *accumulate(letters(w.text) for w in heard)]
        bounds = (min(max(t, start_s), end_s) for w in heard for t in (w.start_s, w.end_s))
        times = list(accumulate(bounds, max))
        self._starts, self._ends = times[::2], times[1::2]

    def span(self, first: int, after: int, total: int) -> tuple[float, float]:
        """When the letters from place `first` up to `after` were said, of `total` in the sentence's text.

        Args:
            first: letters before them.
            after: letters before the next; equal to `first` for text without letters.
            total: letters of the whole text; 0 gives the whole sentence.
        """
        if total == 0:
            return self.start_s, self.end_s
        scale = self._places[-1] / total
        word = min(bisect_right(self._places, first * scale), len(self._starts)) - 1
        start_s = self._within(word, first * scale)
        word = max(bisect_left(self._places, after * scale), 1) - 1
        return start_s, max(start_s, self._within(word, after * scale))

    def _within(self, word: int, place: float) -> float:
        share = (place - self._places[word]) / (self._places[word + 1] - self._places[word])
        return self._starts[word] + share * (self._ends[word] - self._starts[word])
