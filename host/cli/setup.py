"""Set everything up: find, pair, bind and test your glasses; choose languages, currency and a model.

It asks what it does not know, and nothing twice; run it again whenever you like. Questions can be answered by flags.
`ble:` means the bound glasses from then on, and no others. To try it out without glasses name emulated ones.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import threading
from dataclasses import replace
from typing import Final

from host.cli.installation import typed
from host.cli.interrupts import at_once, stoppable
from host.cli.options import add_output_options, add_record_options, examples, record_of, settings_of
from host.cli.output import Output, with_hint
from host.errors import UsageError
from host.events import Event, SetupStep
from host.paths import config_file

__all__ = ["add_arguments", "run"]

_AGAIN: Final = (
    "glasses",
    "lens",
    "microphone",
    "camera",
    "tap",
    "compass",
    "language",
    "translate.to",
    "currency",
    "model",
)
_LINE_BYTES: Final = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the answers that can be given beforehand."""
    parser.epilog = examples(
        "sidelight setup",
        "sidelight setup --glasses 'ble:Frame 4F'",
        "sidelight setup --language en --to de --currency EUR --model none --skip-tests",
        "sidelight setup --again tap compass",
        "sidelight setup --glasses 'emulator:frame?mic=talk.wav' --yes",
    )
    parser.add_argument("--glasses", metavar="GLASSES", help="which: ble: (default), ble:NAME, emulator:frame, none")
    parser.add_argument("--language", metavar="CODE", help="language that is spoken around you, such as en; or auto")
    parser.add_argument("--to", metavar="CODE", help="language that you read: what translations go to")
    parser.add_argument("--currency", metavar="CODE", help="your own currency, such as EUR")
    parser.add_argument("--model", metavar="NAME", help="model to get, as models list shows it; or none")
    parser.add_argument("--accept-licence", action="store_true", help="you have read a non-commercial licence")
    parser.add_argument("--skip-tests", action="store_true", help="do not test the glasses with their wearer")
    parser.add_argument("--yes", action="store_true", help="ask nothing: take what is proposed, and download nothing")
    parser.add_argument(
        "--again",
        nargs="*",
        choices=_AGAIN,
        metavar="WHAT",
        help=f"do once more what is known: {', '.join(_AGAIN)}; without a word, all of it",
    )
    add_record_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Set up; 1 where something that was tried did not work."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.setup.steps import Request, Setup  # noqa: PLC0415

    asks = sys.stdin.isatty() and not args.yes and not out.json
    glasses = args.glasses or settings_of(args).glasses
    if asks and "speed=max" in glasses:
        raise UsageError("who is asked needs real time", "Leave speed=max out, or add --yes")
    given = {"language": args.language, "translate.to": args.to, "currency": args.currency, "model": args.model}
    answers = {key: text for key, text in given.items() if text is not None}
    request = Request(
        file=config_file(),
        glasses=glasses,
        answers=answers,
        proposed=args.yes,
        skip_tests=args.skip_tests,
        again=frozenset() if args.again is None else frozenset(args.again or _AGAIN),
        accept_licence=args.accept_licence,
        record=record_of(args),
    )

    def report(event: Event) -> None:
        if isinstance(event, SetupStep):
            event = replace(event, detail=typed(event.detail), hint=typed(event.hint))
        if isinstance(event, SetupStep) and not out.json:
            out.line(f"{event.step:<13} {event.state:<8} {with_hint(event.detail, event.hint)}")
        else:
            out.event(event)

    steps = Setup(request, _Terminal(out, asks=asks), report, out.elapsed)
    try:
        well = run_on_clock(stoppable(steps.prepare), glasses)
        well = steps.get_model() and well  # not on the event loop, where Ctrl-C would wait for the end of a download
    except KeyboardInterrupt:
        out.note("stopped. Run it again to go on: what is ok is kept, and not asked again")
        raise
    return 0 if well else 1


class _Terminal:
    """The wearer, at this terminal."""

    def __init__(self, out: Output, *, asks: bool) -> None:
        self._out, self._asks = out, asks

    @property
    def answers(self) -> bool:
        """Whether questions can be asked."""
        return self._asks

    async def ask(self, question: str, default: str = "") -> str:
        """A line of the terminal; `default` where it is empty. Raises UsageError where the terminal has ended."""
        _forget_typing()
        self._out.note(f"{question} [{default}]" if default else question)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()

        def read() -> None:
            # Not through sys.stdin: its lock would be held by this thread if the program ends meanwhile.
            line = os.read(0, _LINE_BYTES)
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever asked
                loop.call_soon_threadsafe(_answered, answer, line)

        threading.Thread(target=read, daemon=True, name="answer").start()
        line = await answer
        if not line:
            raise UsageError("the terminal has ended before all was answered", "Answer by flags, or add --yes")
        return line.decode("utf-8", "replace").strip() or default

    def tell(self, text: str, hint: str = "") -> None:
        """Say what happens."""
        self._out.note(with_hint(text, hint))

    def level(self, level_db: float) -> None:
        """Show how loud it is."""
        self._out.level(level_db)


def _forget_typing() -> None:
    """Throw away what was typed before a question: it answers none that follows."""
    try:
        import termios  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    with contextlib.suppress(termios.error):
        termios.tcflush(0, termios.TCIFLUSH)


def _answered(answer: asyncio.Future[bytes], line: bytes) -> None:
    if not answer.done():
        answer.set_result(line)
