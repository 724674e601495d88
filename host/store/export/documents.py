"""Plain text, Markdown and JSON; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from host.contracts import JournalEntry
from host.store.bookmarks import in_time
from host.store.export.text import clock_time, readable
from host.store.export.texts import Texts, shown
from host.store.transcript import Transcript

__all__ = ["Heading", "as_json", "escaped", "markdown", "txt"]

# What begins markup inside a line in CommonMark, GitHub's dialect, or a common extension of it: emphasis, code, links,
# HTML, entities, strike-through, tables, mathematics, short names of emoji, mentions, bare addresses, superscript.
# What begins a block needs no escape, since no line begins with text from outside.
_MARKDOWN_SIGNS = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~&$:@=^!"})


# Some viewers make a link of anything like a domain; not of one whose dots are escaped.
_INNER_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A chapter, by where its first sentence begins and its last one ends; its title is what was said in it."""

    start_s: float
    end_s: float
    title: str


def txt(
    transcript: Transcript,
    entries: Sequence[JournalEntry],
    chapters: Sequence[Heading] = (),
    texts: Texts = "both",
) -> str:
    """Plain text: title, when and how long, then a line a sentence with its time; chapters where there are several.

    A translation is an indented line below its original.
    """
    lines = [readable(transcript.title), _about(transcript), ""]
    for item in _lines(entries, chapters, texts):
        if isinstance(item, Heading):
            first = [] if lines[-1] == "" else [""]
            lines += [*first, f"{_span(item)}  {readable(item.title)}", ""]
        else:
            time = f"[{item.time}] "
            lines.append(time + item.text)
            lines += [" " * len(time) + item.translation] if item.translation else []
    return "\n".join(lines) + "\n"


def markdown(
    transcript: Transcript,
    entries: Sequence[JournalEntry],
    chapters: Sequence[Heading] = (),
    texts: Texts = "both",
) -> str:
    """Markdown: title as heading, chapters where there are several, a paragraph a sentence.

    With both texts of what was translated it is a table, a row a sentence, one table a chapter. Text from outside is
    shown as it is, never as markup.
    """
    blocks = [f"# {escaped(transcript.title)}", _about(transcript)]
    table = texts == "both" and any(entry.translation is not None for entry in entries)
    rows: list[str] = []
    for item in _lines(entries, chapters, texts):
        if isinstance(item, Heading):
            blocks += _table(rows)
            rows = []
            blocks.append(f"## {_span(item)} {escaped(item.title)}")
            continue
        mark = "" if item.spoken else "*"
        text = f"{mark}{escaped(item.text)}{mark}"
        if table:
            rows.append(f"| **{item.time}** | {text} | {escaped(item.translation)} |")
        else:
            below = f"\\\n→ {escaped(item.translation)}" if item.translation else ""
            blocks.append(f"**{item.time}** {text}{below}")
    return "\n\n".join([*blocks, *_table(rows)]) + "\n"


def _table(rows: Sequence[str]) -> list[str]:
    return ["\n".join(["| | original | translation |", "|---|---|---|", *rows])] if rows else []


def as_json(transcript: Transcript, entries: Sequence[JournalEntry], chapters: Sequence[Heading] = ()) -> str:
    """Everything that is kept, exactly; ASCII, so that no control character passes. Fields are added, never renamed."""
    document = {
        "format": "sidelight-transcript",
        "version": 1,
        "id": transcript.id,
        "title": transcript.title,
        "started": transcript.started.isoformat(),
        "duration_s": transcript.duration_s,
        "state": transcript.state,
        "chapters": [asdict(chapter) for chapter in chapters],
        "entries": [asdict(entry) for entry in entries],
    }
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class _Line:
    time: str
    text: str
    spoken: bool
    translation: str = ""


def _lines(entries: Sequence[JournalEntry], chapters: Sequence[Heading], texts: Texts) -> Iterator[_Line | Heading]:
    """What there is to read, in order of time; a speaker is named where another one begins."""
    speaker: str | None = None
    coming = list(chapters) if len(chapters) > 1 else []
    for entry in in_time(entries):
        while coming and coming[0].start_s <= entry.start_s:
            yield coming.pop(0)
        text, translation = shown(entry, texts)
        if not text:  # the translation stands alone
            text, translation = translation, ""
        if entry.kind == "gap":
            text = f"({entry.end_s - entry.start_s:.1f} s missing: {text})"
        elif entry.kind == "bookmark":
            text = "(bookmark)"
        elif text and entry.speaker != speaker:
            speaker = entry.speaker
            text = f"{readable(speaker)}: {text}" if speaker else text
        if text:
            yield _Line(clock_time(entry.start_s), text, entry.kind == "sentence", translation)


def _span(chapter: Heading) -> str:
    return f"{clock_time(chapter.start_s)} to {clock_time(chapter.end_s)}"


def _about(transcript: Transcript) -> str:
    noun = "sentence" if transcript.sentences == 1 else "sentences"
    parts = [
        transcript.started.isoformat(" ", "minutes"),
        clock_time(transcript.duration_s),
        f"{transcript.sentences} {noun}",
    ]
    if transcript.translations:
        parts.append(f"{transcript.translations} translated")
    if transcript.state != "complete":
        parts.append(transcript.state)
    return ", ".join(parts)


def escaped(text: str) -> str:
    """Text from outside as it is shown in a line of Markdown, never as markup."""
    return _INNER_DOT.sub(r"\\.", readable(text).translate(_MARKDOWN_SIGNS))
