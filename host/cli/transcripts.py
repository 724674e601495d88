"""List, show, search, export, sum up, rename or delete transcripts saved on this computer, and say who speaks in them.

A transcript whose program died before closing it is kept and listed as interrupted: every sentence that was shown is
in it. An export replaces no file unless told to, and only you can read it.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from host.app.exports import exported, headings
from host.cli.options import add_output_options, add_settings, examples
from host.cli.output import Output
from host.contracts import JournalEntry, Translation
from host.errors import UsageError
from host.events import Bookmark, ChapterFound, Deleted, Event, Gap, Match, Saved, Sentence, TranscriptEntry
from host.events import Translation as TranslationEvent
from host.paths import data_folder
from host.store.bookmarks import bookmarked, in_time
from host.store.export import FORMATS, TEXTS, format_of, save
from host.store.export.text import clock_time
from host.store.search import snippet
from host.store.transcript import Transcript
from host.store.transcripts import Transcripts

__all__ = ["add_arguments", "run"]

_STDOUT = "-"
_MATCHES_SHOWN = 50
_CANCELLED = 1
_MOST_DIGITS = 20  # the largest number that the store can hold has 19


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the sub-verbs."""
    parser.epilog = examples(
        "sidelight transcripts list",
        "sidelight transcripts show 3",
        "sidelight transcripts show 3 --bookmarks",
        "sidelight transcripts search budget meeting",
        "sidelight transcripts speakers 3",
        "sidelight transcripts speakers 3 1=Ann '2=Bob Lee'",
        "sidelight transcripts voices --forget Ann",
        "sidelight transcripts export 3 --out talk.srt",
        "sidelight transcripts export 3 --format md",
        "sidelight transcripts export 3 --out talk.vtt --texts translation",
        "sidelight transcripts outline 3",
        "sidelight transcripts minutes 3 --llm-base-url http://localhost:11434/v1 --llm-model qwen3:8b",
        "sidelight transcripts rename 3 Monday meeting",
        "sidelight transcripts delete 3 4",
    )
    verbs = parser.add_subparsers(metavar="WHAT", required=True)

    def sub_verb(name: str, action: Callable[..., int], text: str) -> argparse.ArgumentParser:
        sub_parser = verbs.add_parser(name, help=text, description=text)
        sub_parser.set_defaults(action=action)
        add_output_options(sub_parser)
        return sub_parser

    sub_verb("list", _list, "all transcripts, newest first")

    show = sub_verb("show", _show, "read a transcript, with times")
    show.add_argument("id", type=_number, metavar="ID", help="its number in the list")
    show.add_argument("--bookmarks", action="store_true", help="only the bookmarks, each with its sentence")
    _add_texts(show)

    search = sub_verb("search", _search, "find titles, and sentences by words and speaker: all these, in any order")
    search.epilog = (
        "Case and accents do not matter, a word is found by its beginning, and no sign has a meaning of its own.\n"
        "Words that begin with - go behind --, as in: sidelight transcripts search -- -5"
    )
    search.add_argument("words", nargs="+", metavar="WORD", help="what was said")
    search.add_argument(
        "--limit", type=_number, default=_MATCHES_SHOWN, metavar="N", help="show at most so many (default: %(default)s)"
    )
    search.add_argument("--bookmarks", action="store_true", help="only sentences with a bookmark")

    export = sub_verb("export", _export, "write a transcript to a file, or to standard output")
    export.add_argument("id", type=_number, metavar="ID", help="its number in the list")
    extensions = ", ".join(f".{name}" for name in FORMATS)
    export.add_argument(
        "--out", default=_STDOUT, metavar="FILE", help=f"{extensions}; - is standard output (default: %(default)s)"
    )
    export.add_argument("--format", choices=FORMATS, help="instead of the file's extension (default: txt)")
    _add_texts(export)
    export.add_argument("--force", action="store_true", help="replace a file that is there")

    outline = sub_verb("outline", _outline, "its chapters, each with the sentences that tell most of it")
    minutes = sub_verb("minutes", _minutes, "minutes with decisions and actions, by a language model of your choice")
    for summary in (outline, minutes):
        summary.add_argument("id", type=_number, metavar="ID", help="its number in the list")
        summary.add_argument("--out", type=Path, metavar="FILE.md", help="write it there, as Markdown")
        summary.add_argument("--force", action="store_true", help="replace a file that is there")
    add_settings(minutes, "llm.base_url", "llm.model")

    speakers = sub_verb("speakers", _speakers, "who speaks in a transcript; say once who somebody is")
    speakers.epilog = (
        "What a named voice sounds like is remembered on this computer, and later transcripts call it by that name.\n"
        "2=1 says that both are one voice. sidelight transcripts voices lists and forgets what is remembered."
    )
    speakers.add_argument("id", type=_number, metavar="ID", help="its number in the list")
    speakers.add_argument("names", nargs="*", metavar="WHO=NAME", help="such as 1=Ann")
    voices = sub_verb("voices", _voices, "the voices that are remembered by name, in all transcripts")
    voices.add_argument("--forget", action="append", default=[], metavar="NAME", help="forget that voice, for good")

    rename = sub_verb("rename", _rename, "give a transcript a title")
    rename.add_argument("id", type=_number, metavar="ID", help="its number in the list")
    rename.add_argument("title", nargs="+", metavar="TITLE", help="the new title")

    delete = sub_verb("delete", _delete, "delete transcripts and their sound, for good")
    delete.add_argument("ids", type=_number, nargs="+", metavar="ID", help="their numbers in the list")
    delete.add_argument("--yes", action="store_true", help="do not ask")


def _add_texts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--texts",
        choices=TEXTS,
        default="both",
        help="of what was translated (default: %(default)s); json has all. An uncertain translation never stands alone",
    )


def run(args: argparse.Namespace, out: Output) -> int:
    """Do what the sub-verb says; the exit code."""
    action: Callable[[argparse.Namespace, Output], int] = args.action
    return action(args, out)


def _list(_: argparse.Namespace, out: Output) -> int:
    with _store() as store:
        transcripts = store.all()
    if not transcripts:
        out.note("no transcripts yet", "This makes one: sidelight transcribe")
    for transcript in transcripts:
        marks = _count(transcript.bookmarks, "bookmark") if transcript.bookmarks else ""
        translated = f"{transcript.translations} translated" if transcript.translations else ""
        about = ", ".join(part for part in (transcript.state.removeprefix("complete"), marks, translated) if part)
        state = f"{about}: " if about else ""
        noun = "sentence " if transcript.sentences == 1 else "sentences"
        when, length = _when(transcript.started), clock_time(transcript.duration_s)
        row = f"{transcript.id:>5}  {when}  {length:>8}  {transcript.sentences:>5} {noun}  {state}{transcript.title}"
        out.told(_entry(out, transcript), row)
    return 0


def _show(args: argparse.Namespace, out: Output) -> int:
    with _store() as store:
        transcript, entries = store.get(args.id), store.entries(args.id)
    if args.bookmarks:
        return _show_bookmarks(bookmarked(entries), out)
    if not out.json:
        _print_document(out, exported(transcript, entries, "txt", args.texts))
        if transcript.audio:
            out.line("")
            out.line(f"sound: {transcript.audio}")
        return 0
    out.event(_entry(out, transcript))
    for heading in headings(entries):
        out.event(
            ChapterFound(t=out.elapsed(), id=args.id, start_s=heading.start_s, end_s=heading.end_s, title=heading.title)
        )
    for entry in in_time(entries):
        out.event(_event_of(entry, out))
        if entry.translation is not None:
            out.event(_translation_of(entry, entry.translation, out))
    return 0


def _show_bookmarks(found: Sequence[tuple[JournalEntry, JournalEntry | None]], out: Output) -> int:
    if not found:
        out.note("no bookmarks in it")
    for mark, sentence in found:
        speaker, text = (sentence.speaker, sentence.text) if sentence else (None, "")
        said = (f"{speaker}: {text}" if speaker else text) or "(nothing was said before it)"
        event = Bookmark(t=out.elapsed(), start_s=mark.start_s, text=text, speaker=speaker)
        out.told(event, f"{clock_time(mark.start_s)}  {said}")
    return 0


def _event_of(entry: JournalEntry, out: Output) -> Event:
    if entry.kind == "gap":
        return Gap(t=out.elapsed(), start_s=entry.start_s, end_s=entry.end_s, reason=entry.text)
    if entry.kind == "bookmark":
        return Bookmark(t=out.elapsed(), start_s=entry.start_s)
    return Sentence(
        t=out.elapsed(),
        text=entry.text,
        start_s=entry.start_s,
        end_s=entry.end_s,
        language=entry.language,
        confidence=entry.confidence,
        speaker=entry.speaker,
    )


def _translation_of(entry: JournalEntry, translation: Translation, out: Output) -> TranslationEvent:
    return TranslationEvent(
        t=out.elapsed(),
        source=entry.text,
        target=translation.text,
        from_=entry.language,
        to=translation.language,
        backend=translation.translator,
        uncertain=translation.uncertain,
        reason="; ".join(translation.doubts),
        keep_source=translation.keep_source,
        missing=translation.missing or ("" if translation.text else "not translated"),
        start_s=entry.start_s,
    )


def _search(args: argparse.Namespace, out: Output) -> int:
    text = " ".join(args.words)
    with _store() as store:
        hits = [hit for hit in store.search(text) if hit.bookmarked or not args.bookmarks]
    if not hits:
        out.note("nothing found")
    for number, found in groupby(hits[: args.limit], key=lambda hit: hit.transcript_id):
        for place, hit in enumerate(found):
            if place == 0:
                out.line(f"{number:>5}  {_when(hit.started)}  {hit.title}")
            part = snippet(hit.text, text)
            match = Match(
                t=out.elapsed(),
                id=number,
                title=hit.title,
                started=hit.started.isoformat(),
                start_s=hit.start_s,
                end_s=hit.end_s,
                text=hit.text,
                snippet=part,
                kind=hit.kind,
                speaker=hit.speaker,
                bookmarked=hit.bookmarked,
                translation=hit.translation,
            )
            who = f"{hit.speaker}: " if hit.speaker else ""
            mark = "  (bookmark)" if hit.bookmarked else ""
            when = "title" if hit.kind == "title" else clock_time(hit.start_s)
            out.told(match, f"       {when:>8}  {who}{part}{mark}")
            if hit.translation:
                out.line(f"       {'':>8}  {snippet(hit.translation, text)}")
    if len(hits) > args.limit:
        out.note(f"{args.limit} of {len(hits)} shown; --limit {len(hits)} shows all")
    return 0


def _export(args: argparse.Namespace, out: Output) -> int:
    to_stdout = args.out == _STDOUT
    if to_stdout and out.json:
        raise UsageError("events and the transcript cannot share standard output", "Give a file with --out")
    path = Path(args.out)
    try:
        name = args.format or ("txt" if to_stdout else format_of(path))
    except UsageError as error:
        raise UsageError(error.message, f"{error.hint}, or give --format") from None
    with _store() as store:
        document = exported(store.get(args.id), store.entries(args.id), name, args.texts)
    if to_stdout:
        _print_document(out, document)
    else:
        save(document, path, replace=args.force)
        out.event(Saved(t=out.elapsed(), id=args.id, path=str(path)))
    return 0


def _outline(args: argparse.Namespace, out: Output) -> int:
    from host.cli.summaries import outline  # noqa: PLC0415 - the others need none of it

    return outline(args, out)


def _minutes(args: argparse.Namespace, out: Output) -> int:
    from host.cli.summaries import minutes  # noqa: PLC0415 - the others need none of it

    return minutes(args, out)


def _speakers(args: argparse.Namespace, out: Output) -> int:
    from host.cli.speakers import speakers  # noqa: PLC0415 - the others need none of it

    return speakers(args, out)


def _voices(args: argparse.Namespace, out: Output) -> int:
    from host.cli.speakers import voices  # noqa: PLC0415 - the others need none of it

    return voices(args, out)


def _rename(args: argparse.Namespace, out: Output) -> int:
    with _store() as store:
        transcript = store.rename(args.id, " ".join(args.title))
    out.told(_entry(out, transcript), f"transcript {transcript.id} is called {transcript.title}")
    return 0


def _delete(args: argparse.Namespace, out: Output) -> int:
    numbers = list(dict.fromkeys(args.ids))
    with _store() as store:
        if not args.yes:
            if not sys.stdin.isatty():
                raise UsageError("there is no terminal to ask on", "Add --yes to delete without being asked")
            for transcript in map(store.get, numbers):
                out.note(f"{transcript.id:>5}  {transcript.title}")
            if not _is_confirmed("delete these for good? [y/N]", out):
                out.note("nothing deleted")
                return _CANCELLED
        store.delete(numbers)
    for number in numbers:
        out.told(Deleted(t=out.elapsed(), id=number), f"transcript {number} is deleted")
    return 0


def _store() -> contextlib.closing[Transcripts]:
    return contextlib.closing(Transcripts.open(data_folder()))


def _entry(out: Output, transcript: Transcript) -> TranscriptEntry:
    return TranscriptEntry(
        t=out.elapsed(),
        id=transcript.id,
        title=transcript.title,
        started=transcript.started.isoformat(),
        sentences=transcript.sentences,
        duration_s=transcript.duration_s,
        state=transcript.state,
        bookmarks=transcript.bookmarks,
        translations=transcript.translations,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _when(started: datetime) -> str:
    return started.isoformat(" ", "minutes")


def _print_document(out: Output, document: str) -> None:
    for line in document.removesuffix("\n").split("\n"):
        out.line(line)


def _number(text: str) -> int:
    """A number of a transcript, from 1; more digits than any has are a number that none has."""
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text[:_MOST_DIGITS])


def _is_confirmed(question: str, out: Output) -> bool:
    out.note(question)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
