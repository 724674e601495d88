"""Show what is said as captions on the lens, while it is said, and keep a transcript.

Every sentence is saved before it is shown. Stop with Ctrl-C, which finishes the last sentence; once more drops it. A
recording played into emulated glasses stops by itself.

In a terminal the key b sets a bookmark, and p pauses and goes on: what is said in a pause is neither recognised nor
kept. One tap on the glasses sets a bookmark, two at once pause and go on.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from host.cli.interrupts import at_once, stoppable
from host.cli.keys import available, pressed
from host.cli.options import add_output_options, add_record_options, add_settings, examples, record_of, settings_of
from host.cli.output import Output
from host.cli.page_options import add_page_options
from host.events import Event, Saved

if TYPE_CHECKING:
    from host.app.transcribe import Observer, Request

__all__ = ["Keys", "add_arguments", "recorded", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe where sound comes from and where words go."""
    parser.epilog = examples(
        "sidelight transcribe",
        "sidelight transcribe --glasses 'ble:Frame 4F' --out talk.srt",
        "sidelight transcribe --glasses 'emulator:frame?mic=talk.wav' --lens-out pictures",
        "sidelight transcribe --glasses 'emulator:frame?mic=talk.wav&speed=max' --json",
        "sidelight transcribe --glasses none --audio talk.wav --out talk.md",
        "sidelight transcribe --glasses none --audio mic",
        "sidelight transcribe --transcriber openai --openai-base-url http://localhost:8000/v1",
    )
    parser.add_argument(
        "--audio",
        default="glasses",
        metavar="glasses|mic|FILE",
        help="what is heard: the glasses, this computer's microphone, or a sound file (default: glasses)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the transcript there, too: .txt, .srt, .vtt, .json or .md"
    )
    parser.add_argument("--force", action="store_true", help="let --out and --lens-out replace what is there")
    parser.add_argument("--title", default="", help="title of the transcript (default: how it begins)")
    parser.add_argument("--lens-out", type=Path, metavar="FOLDER", help="pictures and a film of the emulated lens")
    add_record_options(parser)
    add_page_options(parser)
    add_settings(
        parser,
        "glasses",
        "transcriber",
        "model",
        "language",
        "speakers",
        "speaker_model",
        "keep_audio",
        "audio.rate_hz",
        "audio.bits",
        "audio.device",
        "captions.lines",
        "captions.size",
        "captions.contrast",
        "captions.dark_after_s",
        "openai.base_url",
        "openai.model",
    )
    add_output_options(parser)


class Recording(Protocol):
    """What keys do something to."""

    def bookmark(self) -> None:
        """Set a bookmark."""
        ...

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        ...

    def toggle_originals(self) -> None:
        """Show originals, or no longer."""
        ...


class Keys:
    """The keys of a recording: `b` sets a bookmark, `p` pauses and goes on, `o` shows the originals."""

    def __init__(self, out: Output, *, originals: bool = False) -> None:
        """Read keys if somebody sits at the terminal of `out`; `originals` where there are translations on a lens."""
        self._out, self._originals = out, originals
        self._recording: Recording | None = None
        self.wanted = out.redraws and available()
        """Whether keys are read: not where scripts read what is said, or nobody can press one."""

    def running(self, recording: Recording) -> None:
        """The recording has begun."""
        self._recording = recording
        if self.wanted:
            originals = "o originals on the lens, " if self._originals else ""
            self._out.note(f"keys: {originals}b bookmark, p pause and go on, Ctrl-C stop")

    def pressed(self, key: str) -> None:
        """A key was pressed; before the recording has begun, it does nothing."""
        match key.lower():
            case "b" if self._recording is not None:
                self._recording.bookmark()
            case "p" if self._recording is not None:
                self._recording.toggle_pause()
            case "o" if self._recording is not None and self._originals:
                self._recording.toggle_originals()


def run(args: argparse.Namespace, out: Output) -> int:
    """Transcribe until the sound ends; the exit code."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.transcribe import Request, transcribe  # noqa: PLC0415

    request = Request(
        settings=settings_of(args),
        audio=args.audio,
        out=args.out,
        replace=args.force,
        record=record_of(args),
        title=args.title,
        lens_out=args.lens_out,
    )
    return recorded(request, lambda observer: transcribe(request, observer), out, Keys(out))


def recorded(request: Request, start: Callable[[Observer], Coroutine[Any, Any, int]], out: Output, keys: Keys) -> int:
    """Record until the sound ends; the exit code."""
    with at_once():  # as above
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.transcribe import Observer  # noqa: PLC0415

    saved_as = ""

    def told(event: Event) -> None:
        nonlocal saved_as
        if isinstance(event, Saved):
            saved_as = event.path
        out.event(event)

    observer = Observer(event=told, elapsed=out.elapsed, level=out.level, running=keys.running, connected=out.connected)

    async def listening() -> int:
        with pressed(keys.pressed) if keys.wanted else contextlib.nullcontext():
            return await start(observer)

    run_on_clock(stoppable(listening), request.settings.glasses)
    # The transcript is safe either way; a script that waits for its file must not take it for made.
    return 0 if request.out is None or saved_as == str(request.out) else 1
