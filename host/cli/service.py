"""Run Sidelight in the background, from when you log in: a service of your own systemd (Linux).

Without a word more the unit is shown, which explains itself; `install` writes it, `remove` removes it. Nothing is
started: the commands for that are told. Keys of servers go into a file of their own, which only you can read.
"""

from __future__ import annotations

import argparse
import importlib
import shlex
import shutil
import sys
from pathlib import Path

from host.cli.options import Parser, add_output_options, examples, settings_of
from host.cli.output import Output
from host.errors import UsageError
from host.events import ServiceUnit

__all__ = ["add_arguments", "run"]

_RUNS = ("transcribe", "run")
"""Verbs that run until they are stopped."""

_FILES = {"out": "--out", "lens_out": "--lens-out", "record": "--record"}
"""What would be written outside the data folder, and a second time at the next start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is done with the unit, and what it runs."""
    parser.epilog = examples(
        "sidelight service",
        "sidelight service install",
        "sidelight service install --runs run",
        "sidelight service install --runs 'transcribe --audio mic --glasses none'",
        "sidelight service install --force --runs \"transcribe --glasses 'ble:Frame 4F'\"",
        "sidelight service remove",
    )
    parser.add_argument(
        "action", nargs="?", default="show", choices=("show", "install", "remove"), help="default: show"
    )
    parser.add_argument(
        "--runs",
        default="transcribe",
        metavar="COMMAND",
        help="what it runs, as you would type it (default: transcribe)",
    )
    parser.add_argument("--force", action="store_true", help="replace or remove a unit that is another")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="leave the file system open to it, where the kernel wants it so"
    )
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Show, write or remove; the exit code."""
    from host.app.service import (  # noqa: PLC0415 - loaded when used
        hidden_by_its_own_tmp,
        install,
        remove,
        unit_file,
        unit_text,
    )

    if sys.platform != "linux":
        raise UsageError(f"services are made for systemd, which {sys.platform} does not have", "See docs/service.md")
    if args.action == "remove":
        path = remove(force=args.force)
        if path is None:
            out.note(f"there is nothing to remove at {unit_file()}")
            return 0
        _told(out, path, installed=False)
        out.note("if it is running: systemctl --user stop sidelight; then: systemctl --user daemon-reload")
        return 0
    words = _words(args.runs)
    text = unit_text(words, sandboxed=not args.no_sandbox)
    if args.action == "show":
        path = unit_file()
        if out.json:
            out.event(ServiceUnit(t=out.elapsed(), path=str(path), installed=path.exists(), unit=text))
        for line in text.splitlines():
            out.line(line)
        return 0
    if shutil.which("systemctl") is None:
        raise UsageError("this system has no systemd", "See docs/service.md")
    if not args.no_sandbox and (hidden := hidden_by_its_own_tmp()):
        raise UsageError(
            f"it would not start: it has a /tmp of its own, without {hidden}", "Move that, or add --no-sandbox"
        )
    path = install(text, replace=args.force)
    _told(out, path, installed=True, text=text)
    _next_steps(out, sandboxed=not args.no_sandbox)
    return 0


def _words(command: str) -> list[str]:
    """The words of what it runs; found out now, not at the next login, is whether they are right. Raises UsageError."""
    from host.cli import program  # noqa: PLC0415 - which knows all verbs, this one too

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--runs cannot be read: {str(error).lower()}", "Close the quotation mark") from error
    words = words[1:] if words[:1] == ["sidelight"] else words
    if not words or words[0] not in _RUNS:
        raise UsageError(f"a service cannot run {command!a:.60}", f"It can run {', '.join(_RUNS)}, with flags of it")
    verb = next(verb for verb in program.VERBS if verb.name == words[0])
    parser = Parser(prog=f"sidelight {verb.name}")
    module: program.VerbModule = importlib.import_module(verb.module)
    module.add_arguments(parser)
    if {"-h", "--help"} & set(words):
        raise UsageError(f"a service cannot run {command!a:.60}", "Leave --help out")
    parsed = parser.parse_args(words[1:])
    for name, flag in _FILES.items():
        if getattr(parsed, name, None) is not None:
            raise UsageError(
                f"a service keeps transcripts in the data folder and writes no file by {flag}",
                "Export them when you want them: sidelight transcripts export",
            )
    settings_of(parsed)
    audio = getattr(parsed, "audio", "glasses")
    if audio not in {"glasses", "mic"} and not Path(audio).is_absolute():
        raise UsageError(f"a service starts in your home folder, where {audio!a:.80} is not", "Give the whole path")
    return words


def _told(out: Output, path: Path, *, installed: bool, text: str = "") -> None:
    if out.json:
        out.event(ServiceUnit(t=out.elapsed(), path=str(path), installed=installed, unit=text))
    else:
        out.line(f"{'written' if installed else 'removed'}: {path}")


def _next_steps(out: Output, *, sandboxed: bool) -> None:
    from host.app.service import closed_kernel, secrets_file, unset_there  # noqa: PLC0415

    for line in (
        "start it, now and at every login:  systemctl --user daemon-reload && systemctl --user enable --now sidelight",
        "stop it:                           systemctl --user disable --now sidelight",
        "what it says:                      journalctl --user -u sidelight -f",
        "also while you are not logged in:  loginctl enable-linger",
        f"keys of servers, if any, go into:  {secrets_file()}",
    ):
        out.note(line)
    if left_out := unset_there():
        out.note(f"not set for it, but here: {', '.join(left_out)}; they may stand in the file above, too")
    if sandboxed and (switch := closed_kernel()):
        out.note(f"if it does not start: this kernel ({switch}) may refuse its sandbox; then add --no-sandbox --force")
