"""`sidelight transcripts speakers` and `voices`: who speaks, and whose voices are remembered."""

from __future__ import annotations

import argparse
import contextlib

from host.cli.output import Output
from host.errors import UsageError
from host.events import KnownVoice, SpeakerEntry
from host.paths import data_folder
from host.store.export.text import clock_time
from host.store.transcript import is_number
from host.store.transcripts import Transcripts
from host.store.voices import Voices

__all__ = ["speakers", "voices"]

_SAMPLE_CHARACTERS = 80


def speakers(args: argparse.Namespace, out: Output) -> int:
    """List who speaks in a transcript, after naming those that are to be named; the exit code."""
    names = [_pair(text) for text in args.names]
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        store.get(args.id)
    with contextlib.closing(Voices.open(data_folder())) as voices:
        if names:
            voices.name(args.id, *names)
        found = voices.of(args.id)
        known = {voice.name for voice in voices.known()}
    for name in dict.fromkeys(" ".join(name.split()) for _, name in names):
        if name in known:
            out.note(f"the voice of {name} is remembered", "To forget it: sidelight transcripts voices --forget NAME")
        elif not is_number(name):
            out.note(f"{name} is named in this transcript only: what the voice sounds like was not kept")
    if not found:
        out.note("its speakers were not told apart")
    for speaker in found:
        event = SpeakerEntry(
            t=out.elapsed(),
            id=args.id,
            speaker=speaker.label,
            sentences=speaker.sentences,
            seconds=round(speaker.seconds, 3),
            first_s=speaker.first_s,
            last_s=speaker.last_s,
            sample=speaker.sample,
            voice=speaker.voice,
        )
        count = f"{speaker.sentences} sentence{'s' * (speaker.sentences != 1)}"
        times = f"{clock_time(speaker.first_s)} to {clock_time(speaker.last_s)}"
        sample = speaker.sample[:_SAMPLE_CHARACTERS] + "…" * (len(speaker.sample) > _SAMPLE_CHARACTERS)
        out.told(event, f"{speaker.label:>12}  {times}  {count}, {speaker.seconds:.0f} s: {sample}")
    return 0


def voices(args: argparse.Namespace, out: Output) -> int:
    """List the voices that are remembered, or forget some; the exit code."""
    with contextlib.closing(Voices.open(data_folder())) as store:
        for name in args.forget:
            store.forget(name)
            event = KnownVoice(t=out.elapsed(), speaker=name, forgotten=True)
            out.told(event, f"the voice of {name} is forgotten; the name stays in what was said")
        if args.forget:
            return 0
        known = store.known()
    if not known:
        out.note("no voice is remembered", "This names one: sidelight transcripts speakers ID 1=NAME")
    for voice in known:
        event = KnownVoice(
            t=out.elapsed(), speaker=voice.name, seconds=round(voice.seconds, 3), transcripts=voice.transcripts
        )
        count = f"{voice.transcripts} transcript{'s' * (voice.transcripts != 1)}"
        out.told(event, f"{voice.name:>12}  {voice.seconds:.0f} s of speech in {count}")
    return 0


def _pair(text: str) -> tuple[str, str]:
    label, equals, name = text.partition("=")
    if not equals or not label.strip():
        raise UsageError(f"{text!r:.80} does not say who is who", "Write it as in: 1=Ann")
    return label, name
