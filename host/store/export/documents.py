"""Plain text, Markdown and JSON; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from host.contracts import JournalEntry
from host.store.export.text import clock_time, readable
from host.store.transcript import Transcript

__all__ = ["as_json", "escaped", "markdown", "txt"]

# What begins markup inside a line in CommonMark, GitHub's dialect, or a common extension of it: emphasis, code, links,
# HTML, entities, strike-through, tables, mathematics, short names of emoji, mentions, bare addresses, superscript.
# What begins a block needs no escape, since no line begins with text from outside.
_MARKDOWN_SIGNS = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~&$:@=^!"})


# Some viewers make a link of anything like a domain; not of one whose dots are escaped.
_INNER_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d])")


def txt(transcript: Transcript, entries: Sequence[JournalEntry]) -> str:
    """Plain text: title, when and how long, then a line a sentence with its time."""
    head = [readable(transcript.title), _about(transcript), ""]
    return "\n".join([*head, *(f"[{time}] {text}" for time, text, _ in _lines(entries))]) + "\n"


def markdown(transcript: Transcript, entries: Sequence[JournalEntry]) -> str:
    """Markdown: title as heading, a paragraph a sentence. Text from outside is shown as it is, never as markup."""
    blocks = [f"# {escaped(transcript.title)}", _about(transcript)]
    for time, text, kind in _lines(entries):
        mark = "*" if kind == "gap" else ""
        blocks.append(f"**{time}** {mark}{escaped(text)}{mark}")
    return "\n\n".join(blocks) + "\n"


def as_json(transcript: Transcript, entries: Sequence[JournalEntry]) -> str:
    """Everything that is kept, exactly; ASCII, so that no control character passes. Fields are added, never renamed."""
    document = {
        "format": "sidelight-transcript",
        "version": 1,
        "id": transcript.id,
        "title": transcript.title,
        "started": transcript.started.isoformat(),
        "duration_s": transcript.duration_s,
        "state": transcript.state,
        "entries": [asdict(entry) for entry in entries],
    }
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def _lines(entries: Sequence[JournalEntry]) -> Iterator[tuple[str, str, str]]:
    """Time, text and kind of each entry that has something to say; a speaker is named where another one begins."""
    speaker: str | None = None
    for entry in entries:
        text = readable(entry.text)
        if entry.kind == "gap":
            text = f"({entry.end_s - entry.start_s:.1f} s missing: {text})"
        elif text and entry.speaker and entry.speaker != speaker:
            speaker = entry.speaker
            text = f"{readable(entry.speaker)}: {text}"
        if text:
            yield clock_time(entry.start_s), text, entry.kind


def _about(transcript: Transcript) -> str:
    noun = "sentence" if transcript.sentences == 1 else "sentences"
    parts = [
        transcript.started.isoformat(" ", "minutes"),
        clock_time(transcript.duration_s),
        f"{transcript.sentences} {noun}",
    ]
    if transcript.state != "complete":
        parts.append(transcript.state)
    return ", ".join(parts)


def escaped(text: str) -> str:
    """Text from outside as it is shown in a line of Markdown, never as markup."""
    return _INNER_DOT.sub(r"\\.", readable(text).translate(_MARKDOWN_SIGNS))
