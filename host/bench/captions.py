"""`sidelight bench captions`: word error rate of a recogniser on any folder of recordings with transcripts.

The folder holds `manifest.tsv`: a line of column names, then one line a recording, tab-separated, of which `file`,
`transcript` and `lang` (ISO 639-1, en where there is no such column) are read. Recordings without a transcript, or in
another language than asked for, are left out and counted.

Sound goes through the same frames, voice activity, utterances and recogniser as live captions, but straight from the
file: what the glasses and their radio add is not in these figures. What counts as an error says `host/bench/wer.py`.
Each recording is a session of its own; time is CPU time of this process and the recogniser's, so that other load on the
computer does not count, and is given per second of sound (RTF).
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host.audio import RATE_HZ, read_samples
from host.backends import registry
from host.backends.worker import Load
from host.bench.wer import Errors, bootstrap_interval, count_errors, normalise
from host.config import load
from host.contracts import AudioChunk, Hypothesis, Recogniser, Samples, VoiceActivity
from host.errors import UsageError
from host.languages import language_code
from host.paths import config_file
from host.transcribe.framing import Framer
from host.transcribe.hearing import Failed, Heard, Hearing, Outcome

__all__ = [
    "Clip",
    "Manifest",
    "Result",
    "add_arguments",
    "measure_clip",
    "read_manifest",
    "run",
    "transcribe_samples",
]


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    file: Path
    language: str
    transcript: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The recordings of a folder.

    Attributes:
        clips: those with a transcript.
        untranscribed: how many have none.
    """

    clips: tuple[Clip, ...]
    untranscribed: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one recording.

    Attributes:
        clip: which.
        text: as recognised, its sentences joined.
        errors: against its transcript.
        sound_s: its length.
        cpu_s: CPU seconds, ours and the recogniser's.
    """

    clip: Clip
    text: str
    errors: Errors
    sound_s: float
    cpu_s: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench captions`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of recordings with a manifest.tsv")
    parser.add_argument("--transcriber", default="auto", help="recogniser (default auto)")
    parser.add_argument("--model", help="file or folder of the recogniser's model, where it needs one")
    parser.add_argument("--openai-base-url", help="server for --transcriber openai")
    parser.add_argument("--openai-model", help="model to ask that server for")
    parser.add_argument(
        "--language", default="en", type=language_code, help="recordings of this language are taken (default en)"
    )


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and as JSON values one row a recording and one for all.

    Raises:
        UsageError: no manifest, or one that cannot be read.
        HostError: no recogniser, or a recording that cannot be read.
    """
    manifest = read_manifest(args.data)
    clips = [clip for clip in manifest.clips if clip.language == args.language]
    if not clips:
        raise UsageError(f"no recording in {args.data} has a transcript in {args.language}", "Choose with --language")
    return asyncio.run(_measure(args, clips, manifest, line))


def read_manifest(folder: Path) -> Manifest:
    """The recordings that `manifest.tsv` in a folder lists. Raises UsageError."""
    path = folder / "manifest.tsv"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read: {reason}", "Name a folder that holds a manifest.tsv") from error
    if not rows or not {"file", "transcript"} <= rows[0].keys():
        raise UsageError(
            f"{path} lists no recordings", "Its first line names the columns; file and transcript are needed"
        )
    clips = tuple(
        Clip(folder / row["file"], row.get("lang") or "en", row["transcript"])
        for row in rows
        if row["file"] and normalise(row["transcript"] or "")
    )
    return Manifest(clips, len(rows) - len(clips))


async def transcribe_samples(
    recogniser: Recogniser, voice: VoiceActivity | None, samples: Samples, *, language: str = "en"
) -> list[Hypothesis]:
    """Everything a recogniser says about a recording, partial and final, oldest first, as in live captions.

    Args:
        recogniser: loaded; the recording is a session of its own.
        voice: fresh; None where the recogniser finds sentences itself.
        samples: 16 kHz.
        language: ISO 639-1 code.

    Raises:
        LanguageError: the recogniser does not speak it.
        BackendError: the recogniser failed.
    """
    heard: list[Hypothesis] = []

    async def emit(outcome: Outcome) -> None:
        match outcome:
            case Heard(hypothesis):
                heard.append(hypothesis)
            case Failed(error):
                raise error

    clock = asyncio.get_running_loop().time
    hearing = Hearing(recogniser, voice, language, emit, live=False, clock=clock)
    framer = Framer()
    try:
        await hearing.open()
        items = framer.feed(AudioChunk(samples, 0, RATE_HZ), clock()) if len(samples) else []
        for item in (*items, *framer.rest()):
            await hearing.take(item)
        await hearing.finish()
    finally:
        await hearing.close()
    return heard


async def measure_clip(recogniser: Recogniser, clip: Clip) -> Result:
    """Transcribe a recording and count its errors. Raises AudioInputError, LanguageError, BackendError."""
    samples = read_samples(clip.file)
    voice = None if recogniser.info.segments else registry.voice_activity()
    before = time.process_time() + _load(recogniser).cpu_s
    heard = await transcribe_samples(recogniser, voice, samples, language=clip.language)
    cpu_s = time.process_time() + _load(recogniser).cpu_s - before
    text = " ".join(hypothesis.text for hypothesis in heard if hypothesis.final)
    errors = count_errors(normalise(clip.transcript), normalise(text))
    return Result(clip, text, errors, len(samples) / RATE_HZ, cpu_s)


async def _measure(
    args: argparse.Namespace, clips: Sequence[Clip], manifest: Manifest, line: Callable[[str], None]
) -> list[dict[str, Any]]:
    flags = {"transcriber": args.transcriber, "language": args.language, "model": args.model}
    flags |= {"openai.base_url": args.openai_base_url, "openai.model": args.openai_model}
    settings = load({k: v for k, v in flags.items() if v}, os.environ, config_file())
    opened = await registry.open_recogniser(settings, os.environ)
    name = opened.recogniser.info.name
    line(f"{name}: {opened.recogniser.info.quality}; taken because: {opened.why}")
    width = max(len(_shown(clip.file.name)) for clip in clips)
    line(f"{'recording':<{width}}  words    S    D    I     WER      sound    RTF")
    results = []
    try:
        for clip in clips:
            result = await measure_clip(opened.recogniser, clip)
            results.append(result)
            line(_table_row(_shown(clip.file.name), width, result.errors, result.sound_s, result.cpu_s))
    finally:
        await opened.recogniser.close()
    errors = sum((result.errors for result in results), Errors())
    sound_s, cpu_s = sum(r.sound_s for r in results), sum(r.cpu_s for r in results)
    low, high = bootstrap_interval([result.errors for result in results])
    line(_table_row("all", width, errors, sound_s, cpu_s))
    sure = f"95 % interval {low:.1%} to {high:.1%} over {len(results)} clips"
    line(f"WER {errors.rate:.1%} of {errors.words} words, {sure}")
    others = len(manifest.clips) - len(clips)
    line(f"left out: {manifest.untranscribed} without transcript, {others} in another language")
    total = {"recogniser": name, "recordings": len(results), **_figures(errors, sound_s, cpu_s)}
    total |= {"wer_low": round(low, 4), "wer_high": round(high, 4)}
    total |= {"untranscribed": manifest.untranscribed, "other_language": others}
    return [*(_json_row(result) for result in results), total]


def _load(recogniser: Recogniser) -> Load:
    """What it has cost so far; nothing where it does not say."""
    found = getattr(recogniser, "load", None)
    return found if isinstance(found, Load) else Load()


def _table_row(name: str, width: int, errors: Errors, sound_s: float, cpu_s: float) -> str:
    counts = f"{errors.words:>5} {errors.substituted:>4} {errors.deleted:>4} {errors.inserted:>4}"
    return f"{name:<{width}}  {counts} {errors.rate:>7.1%} {sound_s:>8.1f} s {cpu_s / sound_s:>6.2f}"


def _json_row(result: Result) -> dict[str, Any]:
    said = {"file": str(result.clip.file), "said": result.clip.transcript, "recognised": result.text}
    return said | _figures(result.errors, result.sound_s, result.cpu_s)


def _figures(errors: Errors, sound_s: float, cpu_s: float) -> dict[str, Any]:
    return {
        "words": errors.words,
        "substituted": errors.substituted,
        "deleted": errors.deleted,
        "inserted": errors.inserted,
        "wer": round(errors.rate, 4),
        "sound_s": round(sound_s, 2),
        "cpu_s": round(cpu_s, 2),
    }


def _shown(name: str) -> str:
    """A file's name as it may be printed, whatever it is called."""
    return "".join(c if c.isprintable() else "?" for c in name)
