"""Emulate a device that any program can connect to, as over Bluetooth; end it with Ctrl-C.

Every program that connects gets a Bluetooth adapter of its own, as if it ran on another computer. Programs that use
bleak run unchanged, through the command that is printed. What the device hears and sees is said as in the address of
emulated glasses.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.cli.page_options import add_page_options
from host.events import Emulated, LinkState

if TYPE_CHECKING:
    from host.app.emulate import Lent, Told

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the device and its radio."""
    parser.epilog = examples(
        "sidelight emulate frame",
        "sidelight emulate 'frame?mic=talk.wav&camera=tag.jpg' --lens-out pictures",
        "sidelight emulate 'frame?flash=glasses&loss=0.02' --radio tcp:127.0.0.1:9601",
        "sidelight emulate frame --strict",
        "sidelight emulate halo --view",
        "sidelight emulate frame --radio usb:0",
    )
    parser.add_argument("device", metavar="DEVICE", help="frame or halo, or frame?mic=FILE&camera=FILE&taps=FILE&...")
    parser.add_argument(
        "--radio",
        default="tcp:127.0.0.1:9600",
        metavar="PLACE",
        help="tcp:127.0.0.1:PORT for programs on this computer (PORT 0: any), or usb:0, a Bluetooth dongle for all in "
        "range, which nobody has tried (default: %(default)s)",
    )
    parser.add_argument("--lens-out", type=Path, metavar="FOLDER", help="a film of the lens")
    parser.add_argument(
        "--cradle-button", action="store_true", help="forget the computer that it is paired with, and its files, first"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="where nobody knows what the real glasses do, the worst that is possible; the same as strict=1 in DEVICE",
    )
    add_page_options(parser, "--view", "--web", about="open a page to look at it and to play its wearer")
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Emulate until interrupted; the exit code."""
    from host.app.emulate import Emulation, emulate  # noqa: PLC0415 - loaded when used: --help answers without it

    def lent(how: Lent) -> None:
        if out.json:
            out.event(Emulated(t=out.elapsed(), device=how.name, glasses=how.glasses, command=how.command))
        elif how.command:
            out.line(f"{how.name} is on the air for the programs of this computer.")
            out.line(f"    this program:      sidelight transcribe --glasses '{how.glasses}'")
            out.line(f"    any other program: {how.command} program.py")
        else:
            out.line(f"{how.name} is on the air.")
            out.line(f"    this program, on another computer: sidelight transcribe --glasses '{how.glasses}'")

    def tell(what: Told, text: str) -> None:
        match what:
            case "connected":
                out.event(LinkState(t=out.elapsed(), state="ready", detail="a program has connected"))
            case "paired":
                out.event(LinkState(t=out.elapsed(), state="ready", detail="and has paired, for the first time"))
            case "disconnected":
                out.event(LinkState(t=out.elapsed(), state="closed"))
            case _ if out.verbose:
                out.note(f"{what}: {text}")

    device = f"{args.device}{'&' if '?' in args.device else '?'}strict=1" if args.strict else args.device
    emulation = Emulation(device, args.radio, args.lens_out, args.cradle_button)
    asyncio.run(emulate(emulation, lent, tell, out.connected))
    return 0
