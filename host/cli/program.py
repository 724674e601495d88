"""`sidelight VERB`: finds the verb, runs it, and turns whatever ends it into one line and an exit code.

A verb is a line in `VERBS` and a module with `add_arguments(parser)` and `run(args, out) -> int`; the module is
imported only when its verb is used, so that `sidelight --help` answers at once. Exit codes: 0 ok, 1 failed,
2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO, runtime_checkable

from host.cli.interrupts import INTERRUPTED, at_once, terminate_as_interrupt
from host.cli.options import Parser
from host.cli.output import Output, OutputClosedError, OutputFailedError, print_text
from host.errors import UsageError
from host.suggest import suggestion

__all__ = ["FAILED", "OK", "VERBS", "WRONG_USAGE", "Verb", "VerbModule", "main"]

OK, FAILED, WRONG_USAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Verb:
    """One line of the table: the word, the module that does it, and one line of help."""

    name: str
    module: str
    help: str


VERBS = (
    Verb("demo", "host.cli.demo", "live captions on emulated glasses, from a bundled recording"),
    Verb("setup", "host.cli.setup", "first run: find, pair and test your glasses, choose languages and a model"),
    Verb("devices", "host.cli.devices", "the glasses in range: signal, bound or not, battery"),
    Verb("run", "host.cli.run", "everyday mode: captions, prices, signs and the way, by taps on the glasses"),
    Verb("do", "host.cli.do", "ask everyday mode for something, from a script or a shortcut"),
    Verb("transcribe", "host.cli.transcribe", "live captions on the lens and a saved transcript"),
    Verb("translate", "host.cli.translate", "a text in another language, in the terminal or on the lens"),
    Verb("price", "host.cli.price", "prices of shelf tags, packages and barcodes, on the lens or from photos"),
    Verb("navigate", "host.cli.navigate", "be led to a place, on foot or by bicycle, on the lens"),
    Verb("calibrate", "host.cli.calibrate", "the compass of your glasses, by turns that the lens leads you through"),
    Verb("transcripts", "host.cli.transcripts", "list, show, search, export, rename or delete what is saved"),
    Verb("models", "host.cli.models", "list, get and remove the models of recognisers"),
    Verb("maps", "host.cli.maps", "add, search and remove the maps of navigation; save places"),
    Verb("emulate", "host.cli.emulate", "an emulated device that any program can connect to"),
    Verb("bench", "host.cli.bench", "measure captions and the link on this computer"),
    Verb("doctor", "host.cli.doctor", "what works here, what is missing, and how to mend it"),
    Verb("service", "host.cli.service", "run in the background, as a service of systemd"),
    Verb("erase", "host.cli.erase", "erase everything that is kept on this computer"),
    Verb("completion", "host.cli.completion", "what makes your shell complete verbs and arguments"),
)


class VerbModule(Protocol):
    """What a verb's file has. Its docstring's first paragraph is the description in its help."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the verb's arguments, with examples in `parser.epilog`."""
        ...

    def run(self, args: argparse.Namespace, out: Output) -> int:
        """Do it; the exit code. Raises `HostError`, `GlassesError` or KeyboardInterrupt, which the program reports."""
        ...


@runtime_checkable
class _Explained(Protocol):
    """An error that says what happened and what to do next: every `HostError` and every `GlassesError`."""

    code: str
    message: str
    hint: str


# The errors that are the caller's own words misunderstood.
_USAGE_CODES = frozenset({"usage", "glasses-uri"})


def main(argv: Sequence[str] | None = None) -> int:
    """As `host.cli.main`."""
    words = list(sys.argv[1:] if argv is None else argv)
    _make_streams_usable()
    out = Output(sys.stdout, sys.stderr, json="--json" in words)
    try:
        with terminate_as_interrupt():
            verb = _chosen_verb(words)
            if verb is None:
                return OK
            with at_once():
                module: VerbModule = importlib.import_module(verb.module)
            args = _parser_of(verb, module).parse_args(words[1:])
            out = _output_for(args)
            from host.cli.log import logged  # noqa: PLC0415 - logging is not loaded to answer --help
            from host.cli.page_options import page_shown  # noqa: PLC0415 - as above

            with logged(_log_level(args), out), page_shown(args, out):
                return module.run(args, out)
    except KeyboardInterrupt:
        out.close()
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place where an error can become a sentence
        try:
            return _reported(_first_cause(error), out)
        except (OutputClosedError, OutputFailedError) as failure:
            _discard(sys.stdout)
            if isinstance(failure, OutputFailedError):
                out = Output(sys.stdout, sys.stderr)
                out.error("output", f"the output could not be written: {failure}", "Send it to another place")
            return FAILED
    finally:
        out.close()
        _flush_notes()


def _chosen_verb(words: Sequence[str]) -> Verb | None:
    """The verb named first; None where help or the version was asked for, and printed."""
    match words[0] if words else "--help":
        case "-h" | "--help":
            print_text(_overview(), sys.stdout)
            return None
        case "--version":
            print_text(f"sidelight {_version()}\n", sys.stdout)
            return None
        case word:
            for verb in VERBS:
                if verb.name == word:
                    return verb
            kind = "argument" if word.startswith("-") else "verb"
            near = suggestion(word, [v.name for v in VERBS])
            raise UsageError(f"unknown {kind} {word}{near}", "See sidelight --help")


def _overview() -> str:
    width = max(len(v.name) for v in VERBS)
    verbs = "\n".join(f"  {v.name:<{width}}  {v.help}" for v in VERBS)
    return (
        "usage: sidelight VERB [arguments]\n\n"
        "Live captions on open smart glasses, offline by default.\n\n"
        f"verbs:\n{verbs}\n\n"
        "options:\n"
        "  --version       which version this is\n"
        "  VERB --help     what a verb does, its arguments, and examples\n\n"
        "Start with: sidelight demo\n"
    )


def _version() -> str:
    # Half of what a start of Python costs, so not for every verb.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("sidelight")
    except PackageNotFoundError:
        return "(not installed: run from its source)"


def _parser_of(verb: Verb, module: VerbModule) -> Parser:
    description = (getattr(module, "__doc__", None) or verb.help).strip()
    parser = Parser(prog=f"sidelight {verb.name}", description=description)
    module.add_arguments(parser)
    return parser


def _output_for(args: argparse.Namespace) -> Output:
    plain = getattr(args, "plain", False) or os.environ.get("TERM") == "dumb"
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    json, verbose = getattr(args, "json", False), _log_level(args) == "debug"
    return Output(sys.stdout, sys.stderr, json=json, plain=plain, colour=colour, verbose=verbose)


def _log_level(args: argparse.Namespace) -> str:
    return str(getattr(args, "log", "error"))


def _reported(error: Exception, out: Output) -> int:
    if isinstance(error, OutputClosedError | OutputFailedError):
        raise error
    if isinstance(error, _Explained):
        out.error(error.code, error.message, error.hint)
        return WRONG_USAGE if error.code in _USAGE_CODES else FAILED
    out.error("internal", f"unexpected {type(error).__name__}: {error}", "This is a bug; --log debug shows where")
    if out.verbose:
        from traceback import format_exception  # noqa: PLC0415 - only for a bug

        for line in "".join(format_exception(error)).splitlines():
            out.note(line)
    return FAILED


def _first_cause(error: Exception) -> Exception:
    """The first error of a group of tasks that failed together; one that explains itself if there is one."""
    while isinstance(error, ExceptionGroup):
        members: tuple[Exception, ...] = error.exceptions
        error = next((e for e in members if isinstance(e, _Explained)), members[0])
    return error


def _make_streams_usable() -> None:
    """Let characters that a terminal's encoding lacks be replaced, and closed streams (`>&-`) swallow what comes."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - until the process ends


def _discard(stream: TextIO) -> None:
    """Nothing more can be written: let the interpreter's last flush at exit go nowhere, without a complaint."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _flush_notes() -> None:
    try:
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)
