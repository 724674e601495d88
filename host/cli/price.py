"""Read prices on shelf tags, packages and barcodes: with the glasses' camera, or in photos.

With glasses the camera is kept awake; a tap, or the space key, takes a photo and shows the price on the lens. A price
that is not beyond doubt is not shown: a wrong one is worse than none. QR codes are shown, never opened. No photo is
kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from host.cli.camera_verb import run_camera
from host.cli.interrupts import at_once
from host.cli.options import add_output_options, add_record_options, add_settings, examples, settings_of
from host.cli.output import Output
from host.cli.page_options import add_page_options
from host.cli.price_history import add_verbs
from host.errors import UsageError

if TYPE_CHECKING:
    from host.app.translate import Observer, Request
    from host.app.wishes import Wishes

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe which prices are read, and in which country."""
    parser.epilog = examples(
        "sidelight price --country NO",
        "sidelight price --photo tag.jpg --country NO --currency EUR",
        "sidelight price --photo tag1.jpg tag2.jpg --country JP --json",
        "sidelight price --glasses 'emulator:frame?camera=tag.jpg' --once",
        "sidelight price history milk",
        "sidelight price export prices.csv",
    )
    add_verbs(parser.add_subparsers(metavar="WHAT", title="what is kept"))
    parser.add_argument(
        "--photo",
        nargs="+",
        action="extend",
        type=Path,
        metavar="FILE",
        help="read the prices in these photos, instead of with the glasses",
    )
    parser.add_argument(
        "--glasses",
        metavar="URI",
        help="which glasses (default: the set ones; with --photo none: the terminal only)",
    )
    parser.add_argument("--once", action="store_true", help="one photo of the glasses at once, then end")
    parser.add_argument("--lens-out", type=Path, metavar="FOLDER", help="pictures and a film of the emulated lens")
    parser.add_argument("--force", action="store_true", help="let --lens-out replace what is there")
    asked = ("price.country", "price.shop", "currency", "price.online", "price.fresh_rates")
    add_settings(parser, *asked, "reader", "vision.base_url", "vision.model")
    add_record_options(parser)
    add_page_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Read; the exit code: 1 if no price was read."""
    if hasattr(args, "action"):  # of what is kept
        return int(args.action(args, out))
    if args.once and args.photo is not None:
        raise UsageError("--once belongs to the camera", "Leave it out, or --photo")
    with at_once():  # loaded when used: --help answers without them
        from host.app.price import price_camera, price_photos  # noqa: PLC0415

    settings = settings_of(args)
    given = (args.glasses or (settings.glasses if args.photo is None else "none")).strip()
    glasses = "none" if given.lower() == "none" else given

    def reading(request: Request, observer: Observer, wishes: Wishes) -> Coroutine[Any, Any, int]:
        if args.photo is not None:
            return price_photos(args.photo, request, observer, wishes)
        return price_camera(request, observer, wishes, once=args.once)

    keys = "space photo or next page" + ("" if args.photo else ", p new photo")
    return 0 if run_camera(args, out, settings, glasses, reading, keys=keys) else 1
