"""`sidelight transcripts outline` and `minutes`: what a saved transcript was about."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from host.app.summaries import (
    MARKDOWN,
    PLAIN,
    language_model,
    minutes_document,
    minutes_of,
    outline_document,
    outlined,
)
from host.cli.options import settings_of
from host.cli.output import Output
from host.contracts import JournalEntry, LanguageModel
from host.errors import HostError, UsageError
from host.events import ChapterFound, Event, MinutesWritten, Notice, Saved
from host.paths import data_folder
from host.store.export.save import require_place, save
from host.store.private import explained
from host.store.transcript import Transcript
from host.store.transcripts import Transcripts
from host.transcribe.minutes import Minutes

__all__ = ["minutes", "outline"]


def outline(args: argparse.Namespace, out: Output) -> int:
    """Print or write the outline of a transcript; the exit code."""
    path = _checked(args.out, replace=args.force)
    transcript, entries = _read(args.id)
    found = outlined(entries)
    if not found:
        raise UsageError("this transcript holds no words", "See sidelight transcripts list")
    events = [
        ChapterFound(
            t=out.elapsed(),
            id=transcript.id,
            start_s=chapter.start_s,
            end_s=chapter.end_s,
            sentences=[{"start_s": s.start_s, "speaker": s.speaker, "text": s.text} for s in sentences],
        )
        for chapter, sentences in found
    ]
    style = MARKDOWN if path else PLAIN
    _give(args, out, path, outline_document(transcript, found, style), events)
    return 0


def minutes(args: argparse.Namespace, out: Output) -> int:
    """Have minutes written by the configured language model, and print or write them; the exit code."""
    path = _checked(args.out, replace=args.force)
    transcript, entries = _read(args.id)
    model = language_model(settings_of(args))
    if not model.local:
        message = f"the words of this transcript are sent to {model.name}"
        out.event(Notice(t=out.elapsed(), code="words-leave", message=message))
    written = asyncio.run(_written(entries, model, out))
    event = MinutesWritten(
        t=out.elapsed(),
        id=transcript.id,
        model=model.name,
        summary=written.summary,
        decisions=[{"text": d.text, "at_s": _starts(d.said)} for d in written.decisions],
        actions=[{"text": a.text, "who": a.who, "due": a.due, "at_s": _starts(a.said)} for a in written.actions],
        unfounded=written.unfounded,
    )
    style = MARKDOWN if path else PLAIN
    _give(args, out, path, minutes_document(transcript, written, model.name, style), [event])
    return 0


async def _written(entries: Sequence[JournalEntry], model: LanguageModel, out: Output) -> Minutes:
    def progress(number: int, of: int) -> None:
        out.note(f"part {number} of {of} is read by {model.name}")

    try:
        return await minutes_of(entries, model, progress=progress)
    finally:
        await model.close()


def _read(number: int) -> tuple[Transcript, list[JournalEntry]]:
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        return store.get(number), store.entries(number)


def _checked(path: Path | None, *, replace: bool) -> Path | None:
    """Found out before a model is asked."""
    if path is not None:
        if path.suffix.lower() != ".md":
            raise UsageError(f"{path} is no name of a Markdown file", "Give a name that ends in .md")
        with explained(str(path), otherwise="write to another place"):
            require_place(path, replace=replace)
    return path


def _give(args: argparse.Namespace, out: Output, path: Path | None, document: str, events: Sequence[Event]) -> None:
    """Print it, or write it; what cannot be written is printed, then raised: a model may have taken minutes over it."""
    failure: HostError | None = None
    try:
        if path is not None:
            save(document, path, replace=args.force)
    except HostError as error:
        failure = error
    if out.json:
        for event in events:
            out.event(event)
    elif path is None or failure is not None:
        for line in document.removesuffix("\n").split("\n"):
            out.line(line)
    if failure is not None:
        raise failure
    if path is not None:
        out.event(Saved(t=out.elapsed(), id=args.id, path=str(path)))


def _starts(said: Sequence[JournalEntry]) -> list[float]:
    return [entry.start_s for entry in said]
