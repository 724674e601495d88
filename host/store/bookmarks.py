"""Which sentence a bookmark means: the one that was being said, or was said last, when it was set; pure."""

from __future__ import annotations

from collections.abc import Sequence

from host.contracts import JournalEntry

__all__ = ["bookmarked", "in_time"]


def in_time(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """The entries by when they begin; a bookmark that was set in a sentence was kept before it, and comes behind it."""
    return sorted(entries, key=lambda entry: entry.start_s)


def bookmarked(entries: Sequence[JournalEntry]) -> list[tuple[JournalEntry, JournalEntry | None]]:
    """Each bookmark of a transcript with its sentence, in order of time; None where nothing was said before it."""
    sentence: JournalEntry | None = None
    found = []
    for entry in in_time(entries):
        if entry.kind == "sentence":
            sentence = entry
        elif entry.kind == "bookmark":
            found.append((entry, sentence))
    return found
