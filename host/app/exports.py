"""A transcript as a document, with its chapters."""

from __future__ import annotations

from collections.abc import Sequence

from host.contracts import JournalEntry
from host.store.bookmarks import in_time
from host.store.export import Format, Heading, Texts, render
from host.store.transcript import Transcript
from host.transcribe.outline import chapters

__all__ = ["exported", "headings"]


def exported(transcript: Transcript, entries: Sequence[JournalEntry], name: Format, texts: Texts = "both") -> str:
    """The transcript in that format, with these texts of what was translated."""
    return render(transcript, entries, name, headings(entries), texts)


def headings(entries: Sequence[JournalEntry]) -> list[Heading]:
    """Its chapters, in order of time; one where it is short, none where nothing was said."""
    found = chapters(in_time(entries))
    return [Heading(chapter.start_s, chapter.end_s, chapter.title) for chapter in found if chapter.title]
