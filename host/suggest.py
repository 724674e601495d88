"""The nearest known word to one that was misspelt; pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest", "suggestion"]

_NEAR = 0.7  # of difflib's ratio: one letter wrong in four; below it, words that only look alike are suggested


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` to be put behind a message, or nothing where no known word is near."""
    near = nearest(word, known)
    return f"; did you mean {near}?" if near is not None else ""


def nearest(word: str, known: Iterable[str], *, near: float = _NEAR) -> str | None:
    """The known word that was most likely meant; None where none is near.

    Args:
        word: as it was written.
        known: the words that there are.
        near: how alike they must be, 0 to 1.
    """
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=near)
    return found[0] if found else None
