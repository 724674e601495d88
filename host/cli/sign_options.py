"""`sidelight translate --photo` and `--sign`: what is read in photos, or photographed with the glasses."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from host.cli.interrupts import at_once, stoppable
from host.cli.keys import available, pressed
from host.cli.options import record_of, settings_of
from host.cli.output import Output
from host.errors import UsageError

__all__ = ["EXAMPLES", "add_sign_arguments", "is_asked", "run_sign"]

EXAMPLES = (
    "sidelight translate --photo menu.jpg --to en",
    "sidelight translate --sign --to en",
    "sidelight translate --sign --to en --glasses 'emulator:frame?camera=sign.jpg' --once",
)
"""Commands to copy."""


def add_sign_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe which photos are read."""
    parser.add_argument(
        "--photo", nargs="+", action="extend", type=Path, metavar="FILE", help="read signs or menus in these photos"
    )
    parser.add_argument(
        "--sign", action="store_true", help="photograph signs or menus with the glasses, at once and on each tap"
    )
    parser.add_argument("--once", action="store_true", help="with --sign: one photo, then end")


def is_asked(args: argparse.Namespace) -> bool:
    """Whether photos are to be translated. Raises UsageError: not together with what else is asked."""
    if args.once and not args.sign:
        raise UsageError("--once belongs to --sign", "Add --sign, or leave --once out")
    if args.photo is not None and args.sign:
        raise UsageError("--photo and --sign are two things", "Give photos in files, or use the camera of the glasses")
    asked = args.sign or args.photo is not None
    if asked and args.text:
        raise UsageError(f"a text is given besides {'--sign' if args.sign else '--photo'}", "Leave one of them out")
    return asked


def run_sign(args: argparse.Namespace, out: Output, glasses: str) -> int:
    """Translate photos; the exit code. `glasses` is their address, or `none`."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.sign import translate_camera, translate_photos  # noqa: PLC0415
        from host.app.translate import Observer, Request  # noqa: PLC0415
        from host.app.wishes import Wishes  # noqa: PLC0415

    request = Request(
        settings=settings_of(args),
        glasses=glasses,
        several=args.photo is not None and len(args.photo) > 1,
        lens_out=args.lens_out,
        replace=args.force,
        record=record_of(args),
    )
    wishes = Wishes()
    wanted = glasses != "none" and out.redraws and available()

    def connected(_glasses: object) -> None:
        if wanted:
            out.note("keys: space next page, " + ("p new photo, " if args.sign else "") + "Ctrl-C stop")

    observer = Observer(event=out.event, elapsed=out.elapsed, connected=connected)

    def key(pressed_key: str) -> None:
        if pressed_key in (" ", "\n", "\r", "n"):
            wishes.next()
        elif pressed_key == "p":
            wishes.new()

    async def translating() -> int:
        with pressed(key) if wanted else contextlib.nullcontext():
            if args.photo is not None:
                return await translate_photos(args.photo, request, observer, wishes)
            await translate_camera(request, observer, wishes, once=args.once)
            return 0

    return 1 if run_on_clock(stoppable(translating), glasses) else 0
