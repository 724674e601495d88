"""Everyday mode: put the glasses on. What is said is written down and shown; three taps open a menu for the rest.

In the menu one tap goes on and two take what is marked: read a price, translate a sign, navigate home, and more. Beside
the menu one tap sets a bookmark, turns the page of an answer or brings the card of the way back; two pause and go on,
or take the photo again. Taps and Halo's button can be bound to other actions. Captions go on being saved while an
answer covers them. Stop with Ctrl-C, which saves everything.
"""

from __future__ import annotations

import argparse

from host.cli.interrupts import at_once, stoppable
from host.cli.options import add_output_options, add_record_options, add_settings, examples, record_of, settings_of
from host.cli.output import Output
from host.cli.page_options import add_page_options

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the settings that matter every day."""
    parser.epilog = examples(
        "sidelight run",
        "sidelight run --to es --position gpsd:localhost:2947",
        "sidelight run --taps-triple price --taps-double nothing",
        "sidelight run --glasses 'emulator:frame?mic=talk.wav&camera=tag.jpg&taps=taps.txt'",
    )
    add_record_options(parser)
    add_page_options(parser)
    add_settings(
        parser,
        "glasses",
        "transcriber",
        "model",
        "language",
        "price.country",
        "currency",
        "reader",
        "translate.to",
        "translator",
        "navigate.position",
        "navigate.map",
        "navigate.mode",
        "router",
        "taps.single",
        "taps.double",
        "taps.triple",
        "button.single",
        "button.double",
        "button.long",
        "run.dark_s",
        "run.model",
        "llm.base_url",
    )
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Be there until it is ended; the exit code."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.run import Request, everyday  # noqa: PLC0415
        from host.app.transcribe import Observer  # noqa: PLC0415

    request = Request(settings=settings_of(args), record=record_of(args))
    observer = Observer(
        event=out.event, elapsed=out.elapsed, level=out.level, connected=out.connected, assisting=out.assisting
    )
    run_on_clock(stoppable(lambda: everyday(request, observer)), request.settings.glasses)
    return 0
