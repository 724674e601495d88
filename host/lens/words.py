"""Words of a line, and what stands between two of them: a space, or nothing; pure.

A line may be broken between any two words. Most are told apart by a space. In scripts without spaces, and behind a
hyphen, a word that follows the one before it directly begins with `ATTACHED`. So a word carries all that it takes to
set it, and moves from line to line as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ATTACHED", "bare", "joined"]

ATTACHED = "\u2060"
"""Word joiner: invisible, and no text that is to be shown keeps one of its own."""


def joined(words: Sequence[str]) -> str:
    """The words as one line of text."""
    line = "".join(word[1:] if word.startswith(ATTACHED) else f" {word}" for word in words)
    return line if words and words[0].startswith(ATTACHED) else line[1:]


def bare(word: str) -> str:
    """The word without its mark."""
    return word.removeprefix(ATTACHED)
