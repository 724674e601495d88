"""The export formats by name; pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from host.contracts import JournalEntry
from host.errors import UsageError
from host.store.export import documents, subtitles
from host.store.export.documents import Heading
from host.store.export.texts import Texts
from host.store.transcript import Transcript

__all__ = ["FORMATS", "Format", "format_of", "render"]

Format = Literal["txt", "srt", "vtt", "json", "md"]

FORMATS: tuple[Format, ...] = get_args(Format)
"""Names of the formats, which are also the extensions of their files."""


def format_of(path: Path) -> Format:
    """The format that a file's extension asks for, in upper or lower case.

    Raises:
        UsageError: none does; the hint lists those there are.
    """
    extension = path.suffix.lower()
    for name in FORMATS:
        if extension == f".{name}":
            return name
    what = f"the extension {extension}" if extension else "no extension"
    known = ", ".join(f".{name}" for name in FORMATS)
    raise UsageError(f"{path} has {what}, which names no format", f"Use one of {known}")


def render(
    transcript: Transcript,
    entries: Sequence[JournalEntry],
    name: Format,
    chapters: Sequence[Heading] = (),
    texts: Texts = "both",
) -> str:
    """The transcript in that format.

    Subtitles hold sentences and gaps, the others its title, times, bookmarks and chapters as well. Of a sentence that
    was translated `texts` says what is shown; JSON always holds everything.
    """
    match name:
        case "txt":
            return documents.txt(transcript, entries, chapters, texts)
        case "srt":
            return subtitles.srt(entries, texts)
        case "vtt":
            return subtitles.vtt(entries, texts)
        case "json":
            return documents.as_json(transcript, entries, chapters)
        case "md":
            return documents.markdown(transcript, entries, chapters, texts)
