"""Read prices in photos: shelf tags, packages and barcodes, in the terminal.

A price that is not beyond doubt is not shown: a wrong one is worse than none. QR codes are shown, never opened.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from host.cli.interrupts import at_once, stoppable
from host.cli.options import add_output_options, add_settings, examples, settings_of
from host.cli.output import Output
from host.errors import UsageError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe which photos are read, and in which country they were taken."""
    parser.epilog = examples(
        "sidelight price --photo tag.jpg --country NO",
        "sidelight price --photo tag1.jpg tag2.jpg --country JP --currency EUR --json",
    )
    parser.add_argument(
        "--photo", nargs="+", action="extend", type=Path, metavar="FILE", help="read the prices in these photos"
    )
    add_settings(parser, "price.country", "currency", "reader", "vision.base_url", "vision.model")
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Read; the exit code: 1 if no price was read."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.price import price_photos  # noqa: PLC0415
        from host.app.translate import Observer, Request  # noqa: PLC0415

    if args.photo is None:
        raise UsageError("there is no photo to read", "Name one: sidelight price --photo tag.jpg")
    request = Request(settings=settings_of(args), several=len(args.photo) > 1)
    observer = Observer(event=out.event, elapsed=out.elapsed)
    read = run_on_clock(stoppable(lambda: price_photos(args.photo, request, observer)), request.glasses)
    return 0 if read else 1
