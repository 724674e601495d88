"""Which words of a changing hypothesis can be relied on; pure.

A word is fixed when it, and every word before it, came the same in so many hypotheses running; the last word of a
hypothesis may be half a word and is not fixed by that. A fixed word is not taken back by a later hypothesis; only the
final wording may do that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from host.lens.paragraph import matches

__all__ = ["Agreement", "heard"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is known of one utterance's words.

    Attributes:
        fixed: words that stay.
        tail: words behind them, in the newest hypothesis.
        seen: for each word of the tail, how many hypotheses running had it and what is before it.
    """

    fixed: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    seen: tuple[int, ...] = ()


def heard(before: Agreement, words: Sequence[str], times: int) -> Agreement:
    """Take the next hypothesis.

    Args:
        before: what was known.
        words: of the hypothesis, all of them. Where it contradicts fixed words, the tail begins behind the word that
            stands for the last fixed one.
        times: how many hypotheses must agree to fix a word, at least 1.
    """
    tail = tuple(words[_tail_start(before.fixed, words) :])
    same = 0
    while same < min(len(tail), len(before.tail)) and tail[same] == before.tail[same]:
        same += 1
    seen = tuple(before.seen[k] + 1 if k < same else 1 for k in range(len(tail)))
    fixed = 0
    while fixed < len(tail) - 1 and seen[fixed] >= times:
        fixed += 1
    return Agreement(before.fixed + tail[:fixed], tail[fixed:], seen[fixed:])


def _tail_start(fixed: Sequence[str], words: Sequence[str]) -> int:
    """Index of the first word behind those that stand for the fixed ones."""
    if not fixed:
        return 0
    last_old, last_new = max(matches(fixed, words), default=(-1, -1))
    return min(len(words), last_new + len(fixed) - last_old)
