"""`sidelight translate --listen` and `--two-way`: what is said, translated as it is written down."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from host.cli.interrupts import at_once
from host.cli.options import is_given, record_of, settings_of
from host.cli.output import Output
from host.cli.transcribe import Keys, recorded
from host.errors import UsageError
from host.languages import language_code

__all__ = ["EXAMPLES", "SETTINGS", "add_listen_arguments", "listens", "run_listen"]

EXAMPLES = (
    "sidelight translate --listen --from en --to es",
    "sidelight translate --two-way en,es --transcriber whisper",
    "sidelight translate --listen --from en --to de --glasses none --audio talk.wav --out talk.md",
)
"""Commands to copy."""

_OWN = ("audio", "out", "title")
SETTINGS = (
    "transcriber",
    "model",
    "speakers",
    "speaker_model",
    "keep_audio",
    "audio.rate_hz",
    "audio.bits",
    "audio.device",
    "captions.contrast",
    "captions.dark_after_s",
    "openai.base_url",
    "openai.model",
)
"""Those of a transcription that apply here."""


def add_listen_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is heard, and what is kept of it."""
    group = parser.add_argument_group("what is said")
    group.add_argument("--listen", action="store_true", help="translate what is said, and keep a transcript of both")
    group.add_argument(
        "--two-way", metavar="A,B", help="two languages are spoken, such as en,es: each is put into the other"
    )
    group.add_argument(
        "--audio",
        metavar="glasses|mic|FILE",
        help="what is heard: the glasses, this computer's microphone, or a sound file (default: glasses)",
    )
    group.add_argument(
        "--out", type=Path, metavar="FILE", help="write the transcript there, too: .txt, .srt, .vtt, .json or .md"
    )
    group.add_argument("--title", help="title of the transcript (default: how it begins)")


def listens(args: argparse.Namespace) -> bool:
    """Whether what is said is to be translated. Raises UsageError: not together with what else is asked."""
    if not args.listen and args.two_way is None:
        given = [f"--{name}" for name in _OWN if getattr(args, name) is not None]
        if given:
            raise UsageError(f"{given[0]} belongs to --listen", f"Add --listen, or leave {given[0]} out")
        return False
    flag = "--listen" if args.listen else "--two-way"
    for what, is_there in (("a text", args.text), ("--sign", args.sign), ("--photo", args.photo is not None)):
        if is_there:
            raise UsageError(f"{what} is given besides {flag}", "Leave one of them out")
    if args.two_way is not None and (is_given(args, "translate.from") or is_given(args, "translate.to")):
        raise UsageError("--two-way names both languages already", "Leave --from and --to out")
    return True


def run_listen(args: argparse.Namespace, out: Output) -> int:
    """Translate what is said until the sound ends; the exit code."""
    settings = settings_of(args)
    if is_given(args, "translate.from") and settings.translate_from == "auto":
        settings = replace(settings, language="auto")
    two_way = None if args.two_way is None else _two_languages(args.two_way)
    with at_once():  # loaded when used: --help answers without them
        from host.app.transcribe import Request  # noqa: PLC0415
        from host.app.translate_listen import Request as ListenRequest  # noqa: PLC0415
        from host.app.translate_listen import listen  # noqa: PLC0415

    recording = Request(
        settings=replace(settings, glasses=args.glasses) if args.glasses else settings,
        audio=args.audio or "glasses",
        out=args.out,
        replace=args.force,
        record=record_of(args),
        title=args.title or "",
        lens_out=args.lens_out,
    )
    request = ListenRequest(recording=recording, two_way=two_way)
    keys = Keys(out, originals=recording.settings.glasses.strip().lower() != "none")
    return recorded(recording, lambda observer: listen(request, observer), out, keys)


def _two_languages(text: str) -> tuple[str, str]:
    parts = text.split(",")
    if len(parts) != 2:
        raise UsageError(f"--two-way takes two languages, not {text!r:.40}", "Write --two-way en,es")
    try:
        first, second = (language_code(part.strip()) for part in parts)
    except UsageError as error:
        raise UsageError(f"--two-way: {error.message}", error.hint) from None
    if "auto" in (first, second):
        raise UsageError("--two-way needs both languages by name", "Write --two-way en,es")
    return first, second
