"""What a saved transcript was about: an outline in its own words, or minutes by the configured language model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from host.backends import openai_chat
from host.config import Settings
from host.contracts import JournalEntry, LanguageModel
from host.errors import BackendError, UsageError
from host.store.export.documents import escaped
from host.store.export.text import clock_time, readable
from host.store.transcript import Transcript
from host.transcribe.minutes import INSTRUCTIONS, Minutes, joined, parse, question, slices
from host.transcribe.outline import Chapter, chapters, outline

__all__ = [
    "MARKDOWN",
    "PLAIN",
    "Style",
    "language_model",
    "minutes_document",
    "minutes_of",
    "outline_document",
    "outlined",
]

SENTENCES_A_CHAPTER = 3


def language_model(settings: Settings) -> LanguageModel:
    """The one that is configured; nothing is sent yet. Raises UsageError."""
    return openai_chat.start(settings, os.environ)


def outlined(entries: Sequence[JournalEntry]) -> list[tuple[Chapter, list[JournalEntry]]]:
    """The chapters of a transcript, each with the sentences that tell most of it."""
    return [(chapter, outline(chapter.entries, SENTENCES_A_CHAPTER)) for chapter in chapters(entries)]


async def minutes_of(
    entries: Sequence[JournalEntry], model: LanguageModel, *, progress: Callable[[int, int], None]
) -> Minutes:
    """Minutes of a transcript, part by part; a part whose answer cannot be used is asked for once more.

    Args:
        entries: all of it, in order.
        model: reads the words; they leave the computer if it is not local.
        progress: told before each part: which one, from 1, of how many.

    Raises:
        UsageError: nothing was said in it.
        BackendError: the model fails, or twice gives what are no minutes.
    """
    parts = slices(entries)
    if not parts:
        raise UsageError("this transcript holds no words", "See sidelight transcripts list")
    found = []
    for number, part in enumerate(parts, 1):
        progress(number, len(parts))
        try:
            found.append(parse(await model.ask(INSTRUCTIONS, question(part), as_json=True), part))
        except ValueError:
            found.append(await _second_try(model, part))
    return joined(found)


async def _second_try(model: LanguageModel, part: Sequence[JournalEntry]) -> Minutes:
    answer = await model.ask(INSTRUCTIONS, question(part), as_json=True)
    try:
        return parse(answer, part)
    except ValueError as error:
        raise BackendError(
            f"the answer of {model.name} {error}", "Try a larger model: llm.model; an outline needs none"
        ) from error


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is written: `text` makes what was said or answered fit for it, the others are its marks."""

    text: Callable[[str], str]
    heading: str
    strong: str


MARKDOWN = Style(escaped, "## ", "**")
PLAIN = Style(readable, "", "")


def outline_document(
    transcript: Transcript, found: Iterable[tuple[Chapter, Sequence[JournalEntry]]], style: Style
) -> str:
    """The outline for a person to read; whatever was said is only text in it."""
    blocks = [_head(transcript, style), "The speakers' own words, chosen by a program."]
    for chapter, sentences in found:
        blocks.append(f"{style.heading}{clock_time(chapter.start_s)} to {clock_time(chapter.end_s)}")
        blocks += [f"- {_strong(clock_time(s.start_s), style)} {_spoken(s, style)}" for s in sentences]
    return "\n\n".join(blocks) + "\n"


def minutes_document(transcript: Transcript, minutes: Minutes, model: str, style: Style) -> str:
    """The minutes for a person to read; whatever was said or answered is only text in them."""
    text = style.text
    blocks = [
        _head(transcript, style),
        f"Written by a language model ({text(model)}) from recognised speech: check it.",
    ]
    blocks += [text(sentence) for sentence in minutes.summary]
    if minutes.decisions:
        blocks.append(f"{style.heading}Decisions")
        blocks += [f"- {text(decision.text)} ({_times(decision.said)})" for decision in minutes.decisions]
    if minutes.actions:
        blocks.append(f"{style.heading}Actions")
        for action in minutes.actions:
            who = f"{_strong(text(action.who), style)}: " if action.who else ""
            due = f", {text(action.due)}" if action.due else ""
            blocks.append(f"- {who}{text(action.text)}{due} ({_times(action.said)})")
    if minutes.unfounded:
        blocks.append(f"Left out, since the model named no words that say so: {minutes.unfounded}.")
    return "\n\n".join(blocks) + "\n"


def _head(transcript: Transcript, style: Style) -> str:
    title = f"{style.heading[1:]}{style.text(transcript.title)}"
    return f"{title}\n\n{transcript.started.isoformat(' ', 'minutes')}"


def _times(said: Sequence[JournalEntry]) -> str:
    return ", ".join(clock_time(entry.start_s) for entry in said)


def _spoken(entry: JournalEntry, style: Style) -> str:
    return style.text(f"{entry.speaker}: {entry.text}" if entry.speaker else entry.text)


def _strong(text: str, style: Style) -> str:
    return f"{style.strong}{text}{style.strong}"
