"""Translate a text, what is said, or signs, in the terminal and, if you like, on the lens.

Without a text, lines are read from standard input, each a text of its own. Numbers, prices, times and addresses of the
original must be in the translation; else it is marked as uncertain, and the original stands before it.

What is said is kept as a transcript, as transcribe does it. One tap on the glasses or the key o shows the originals of
what is on the lens; two taps or p pause and go on; three taps or b set a bookmark.
"""

from __future__ import annotations

import argparse
import asyncio
import codecs
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

from host.cli.interrupts import at_once, stoppable
from host.cli.listen_options import EXAMPLES as LISTEN_EXAMPLES
from host.cli.listen_options import SETTINGS, add_listen_arguments, listens, run_listen
from host.cli.options import add_output_options, add_record_options, add_settings, examples, record_of, settings_of
from host.cli.output import Output
from host.cli.page_options import add_page_options
from host.cli.sign_options import EXAMPLES, add_sign_arguments, is_asked, run_sign
from host.errors import UsageError

__all__ = ["add_arguments", "run"]

T = TypeVar("T")

_LINE = 100_000
"""Characters of a line that are kept; a longer one is refused as a text that is too long."""

_NO_TEXT = "there is no text to translate"
_GIVE_ONE = 'Give one: sidelight translate "Hello" --to es'

_AT_ONCE = 1 << 16  # bytes: what a pipe holds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is translated, between which languages, and by what."""
    parser.epilog = examples(
        'sidelight translate "Where is the station?" --to ja',
        "sidelight translate Où est la gare --from fr --to en",
        "sidelight translate --to es --translator apertium < lines.txt",
        'sidelight translate "The check, please" --to es --glossary words.toml --json',
        "sidelight translate Hello --to ko --translate-base-url http://localhost:11434/v1 --translate-model qwen3:8b",
        "sidelight translate Hello --to de --glasses emulator:frame --lens-out pictures",
        *LISTEN_EXAMPLES,
        *EXAMPLES,
    )
    parser.add_argument("text", nargs="*", metavar="TEXT", help="what is translated; all words together are one text")
    parser.add_argument(
        "--glasses",
        metavar="URI",
        help="show it on these glasses (default: none; to listen or for signs, the set ones)",
    )
    add_listen_arguments(parser)
    add_sign_arguments(parser)
    parser.add_argument("--lens-out", type=Path, metavar="FOLDER", help="pictures and a film of the emulated lens")
    parser.add_argument("--force", action="store_true", help="let --lens-out and --out replace what is there")
    add_settings(
        parser,
        "translate.from",
        "translate.to",
        "translator",
        "translate.glossary",
        "translate.original",
        "translate.base_url",
        "translate.model",
        "translate.folder",
        "libretranslate.url",
        "reader",
        "vision.base_url",
        "vision.model",
        *SETTINGS,
    )
    add_record_options(parser)
    add_page_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Translate; the exit code."""
    if listens(args):
        return run_listen(args, out)
    given = args.glasses or (settings_of(args).glasses if args.sign else "none")
    glasses = "none" if given.strip().lower() == "none" else given.strip()
    if is_asked(args):
        return run_sign(args, out, glasses)
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.translate import Observer, Request, translate  # noqa: PLC0415

    if not args.text and sys.stdin is None:
        raise UsageError(_NO_TEXT, _GIVE_ONE)
    if not args.text and sys.stdin.isatty() and settings_of(args).translate_to:
        out.note("type or paste lines to translate; Ctrl-D ends")
    request = Request(
        settings=settings_of(args),
        glasses=glasses,
        several=not args.text,
        lens_out=args.lens_out,
        replace=args.force,
        record=record_of(args),
    )
    observer = Observer(event=out.event, elapsed=out.elapsed, connected=out.connected)
    read = 0

    async def counted() -> AsyncIterator[str]:
        nonlocal read
        async for line in _lines():
            read += 1
            yield line

    texts = _one(" ".join(args.text)) if args.text else counted()
    failed = run_on_clock(stoppable(lambda: translate(texts, request, observer)), glasses)
    if not args.text and not read:
        raise UsageError(_NO_TEXT, _GIVE_ONE)
    return 1 if failed else 0


async def _one(text: str) -> AsyncIterator[str]:
    yield text


async def _lines() -> AsyncIterator[str]:
    """Lines of standard input as they come, without the empty ones; what is not UTF-8 is replaced."""
    loop, threads, decoder = asyncio.get_running_loop(), _Daemons(), codecs.getincrementaldecoder("utf-8")("replace")
    rest, ended = "", False
    while not ended:
        data = await loop.run_in_executor(threads, os.read, sys.stdin.fileno(), _AT_ONCE)
        ended = not data
        *lines, rest = (rest + decoder.decode(data, final=ended)).split("\n")
        rest = rest[:_LINE]
        for line in [*lines, rest] if ended else lines:
            if line.strip():
                yield line


class _Daemons(Executor):
    """Runs each call in a thread that the program does not wait for: nothing ends a wait for standard input."""

    def submit(self, work: Callable[..., T], /, *args: Any, **options: Any) -> Future[T]:
        """Run it."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work(*args, **options))
            except OSError as error:
                future.set_exception(error)

        future.set_running_or_notify_cancel()
        threading.Thread(target=run, name="standard input", daemon=True).start()
        return future
