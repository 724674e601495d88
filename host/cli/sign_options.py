"""`sidelight translate --photo` and `--sign`: what is read in photos, or photographed with the glasses."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from host.cli.camera_verb import run_camera
from host.cli.interrupts import at_once
from host.cli.options import settings_of
from host.cli.output import Output
from host.errors import UsageError

if TYPE_CHECKING:
    from host.app.translate import Observer, Request
    from host.app.wishes import Wishes

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
        "--sign",
        action="store_true",
        help="photograph signs or menus with the glasses, at once and on each tap",
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
        from host.app.sign import translate_camera, translate_photos  # noqa: PLC0415

    async def translating(request: Request, observer: Observer, wishes: Wishes) -> int:
        if args.photo is not None:
            return await translate_photos(args.photo, request, observer, wishes)
        await translate_camera(request, observer, wishes, once=args.once)
        return 0

    keys = "space next page" + (", p new photo" if args.sign else "")
    return 1 if run_camera(args, out, settings_of(args), glasses, translating, keys=keys) else 0
