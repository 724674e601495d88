"""Calibrate the compass of your glasses, so that the sketch of `navigate` turns with your head.

You stand up, away from iron, for which there are 12 seconds, and do what the lens says in eleven steps: look ahead,
look down, lean your head, turn right by a quarter; down and lean again, and turn on to the full circle, looking down
in between. It takes about a minute. Without it, or where it is not good, navigation goes by the direction you walk in.
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from host.cli.interrupts import at_once, stoppable
from host.cli.keys import available, pressed
from host.cli.options import add_output_options, add_record_options, add_settings, examples, record_of, settings_of
from host.cli.output import Output
from host.cli.page_options import add_page_options
from host.errors import UsageError
from host.paths import data_folder

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is calibrated, and where."""
    parser.epilog = examples(
        "sidelight calibrate compass",
        "sidelight calibrate compass --at 43.7384,7.4246",
        "sidelight calibrate compass --at home --facing 90",
        "sidelight calibrate compass --at 51.48,11.97 --glasses 'emulator:frame?head=docs/compass-turns.txt&speed=max'",
    )
    parser.add_argument("what", choices=("compass",), help="what to calibrate")
    parser.add_argument(
        "--at",
        default="",
        metavar="PLACE",
        help="about where you are: LAT,LON, a saved place or a map (default: the only map)",
    )
    parser.add_argument(
        "--facing",
        type=float,
        metavar="DEGREES",
        help="where you look at first, roughly: 0 is north, 90 east; needed only near the equator",
    )
    parser.add_argument("--lens-out", type=Path, metavar="FOLDER", help="pictures and a film of the emulated lens")
    parser.add_argument("--force", action="store_true", help="let --lens-out replace what is there")
    add_settings(parser, "glasses")
    add_record_options(parser)
    add_page_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Calibrate; the exit code."""
    if args.facing is not None and not -360.0 <= args.facing <= 360.0:
        raise UsageError("--facing is an angle", "Write 0 to 360: 0 is north, 90 east")
    with at_once():  # loaded when used: --help answers without them
        from host.app.compass_calibrating import calibrate_compass, here  # noqa: PLC0415
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.translate import Observer, Request  # noqa: PLC0415
        from host.app.wishes import Wishes  # noqa: PLC0415

    settings = settings_of(args)
    uri = settings.glasses.strip()
    glasses = "none" if uri.lower() == "none" else uri
    place = here(args.at.strip(), data_folder())
    request = Request(
        settings=settings,
        glasses=glasses,
        lens_out=args.lens_out,
        replace=args.force,
        record=record_of(args),
    )
    wishes = Wishes()
    wanted = glasses != "none" and out.redraws and available()

    def connected(glasses: object) -> None:
        out.connected(glasses)
        if wanted:
            out.note("keys: space begin, Ctrl-C stop")

    def key(pressed_key: str) -> None:
        if pressed_key in (" ", "\n", "\r"):
            wishes.next()

    observer = Observer(event=out.event, elapsed=out.elapsed, connected=connected)

    async def calibrating() -> int:
        with pressed(key) if wanted else contextlib.nullcontext():
            await calibrate_compass(request, observer, wishes, place, args.facing)
        return 0

    return run_on_clock(stoppable(calibrating), glasses)
