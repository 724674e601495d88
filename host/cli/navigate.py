"""Be led to a place on foot or by bicycle: arrow, distance and street on the lens, offline.

Positions come from a receiver, or from a recording of a walk; from a fixed place the whole route is told once, here
unless glasses are named. Where several places may be meant you choose: by number here, or on the lens, where a tap
goes on and two taps, or waiting, take the one that is marked. On the way a tap brings the card back. Map data is (c)
OpenStreetMap contributors.
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Any

from host.cli.interrupts import at_once, stoppable
from host.cli.keys import available, pressed
from host.cli.options import (
    add_output_options,
    add_record_options,
    add_settings,
    examples,
    is_given,
    record_of,
    settings_of,
)
from host.cli.output import Output
from host.cli.page_options import add_page_options
from host.errors import UsageError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe where somebody wants to go, and how it is known where they are."""
    parser.epilog = examples(
        "sidelight navigate 'Port Hercule' --map monaco --position gpsd:localhost:2947",
        "sidelight navigate pharmacy --position gpsd:localhost:2947 --mode step-free",
        "sidelight navigate home --via bakery --position nmea:udp://0.0.0.0:10110 --language fr",
        "sidelight navigate 'Port Hercule' --position fixed:43.7402,7.4270",
        "sidelight navigate 'Port Hercule' --position 'gpx:walk.gpx?speed=10' --glasses emulator:frame --lens-out lens",
    )
    parser.add_argument(
        "destination", metavar="DESTINATION", help="a name, address, kind of place, LAT,LON, plus code or saved place"
    )
    parser.add_argument("--via", action="append", default=[], metavar="PLACE", help="pass there first; repeatable")
    parser.add_argument(
        "--number", type=int, default=0, metavar="N", help="which of several places is meant, as the list numbers them"
    )
    parser.add_argument("--lens-out", type=Path, metavar="FOLDER", help="pictures and a film of the emulated lens")
    parser.add_argument("--force", action="store_true", help="let --lens-out replace what is there")
    asked = ("map", "position", "mode", "units", "language")
    add_settings(parser, *(f"navigate.{word}" for word in asked), "glasses", "router", "valhalla.url")
    add_record_options(parser)
    add_page_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Lead; the exit code: 1 if a recording ended before the destination."""
    settings = settings_of(args)
    if args.number < 0:
        raise UsageError(f"--number cannot be {args.number}", "It is 1 for the first place of the list")
    if not settings.navigate_position:
        raise UsageError(
            "it is not said where positions come from", "Add --position, such as gpsd:localhost:2947 or gpx:walk.gpx"
        )
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.navigate import Journey, navigate  # noqa: PLC0415
        from host.app.navigate_places import Numbers  # noqa: PLC0415
        from host.app.positions import open_position  # noqa: PLC0415
        from host.app.translate import Observer, Request  # noqa: PLC0415
        from host.app.wishes import Wishes  # noqa: PLC0415
        from host.backends.position_replay import Replay  # noqa: PLC0415

    source = open_position(settings.navigate_position)
    if isinstance(source, Replay):
        source.read()  # what is wrong with it is told before any glasses are connected
    # A route that is told once is read here, unless glasses are named.
    glasses = settings.glasses.strip() if source.moves or is_given(args, "glasses") else "none"
    request = Request(
        settings=settings,
        glasses="none" if glasses.lower() == "none" else glasses,
        lens_out=args.lens_out,
        replace=args.force,
        record=record_of(args),
    )
    wishes, typing = Wishes(), out.redraws and available()
    numbers = Numbers() if typing else None

    def connected(glasses: Any) -> None:
        out.connected(glasses)
        if typing:
            out.note("keys: space the card again, Ctrl-C stop")

    def key(pressed_key: str) -> None:
        if pressed_key in (" ", "\n", "\r"):
            wishes.next()
        elif pressed_key.isdecimal() and numbers is not None:
            numbers.typed(int(pressed_key))

    journey = Journey(destination=args.destination, via=tuple(args.via), number=args.number, typed=numbers)
    observer = Observer(event=out.event, elapsed=out.elapsed, connected=connected)

    async def leading() -> bool:
        with pressed(key) if typing else contextlib.nullcontext():
            return await navigate(journey, source, request, observer, wishes)

    return 0 if run_on_clock(stoppable(leading), request.glasses) else 1
