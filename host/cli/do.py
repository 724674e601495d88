"""Ask everyday mode for something, from a script or a keyboard shortcut: what a tap in its menu does.

`sidelight run` must be running, on this computer and for this user. What ends something needs a tap on the glasses.
"""

from __future__ import annotations

import argparse

from host.assistant.actions import ACTIONS
from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.events import ActionDone

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what can be asked for."""
    asked_for = [one for one in ACTIONS if one.allowed("script")]
    width = max(len(one.name) for one in asked_for)
    listed = "\n".join(f"  {one.name:<{width}}  {one.help}" for one in asked_for)
    parser.epilog = f"actions:\n{listed}\n\n" + examples("sidelight do bookmark", "sidelight do price --json")
    parser.add_argument("action", metavar="ACTION", help="what to do, by its name below")
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Ask; the exit code."""
    from host.app.control import asked  # noqa: PLC0415 - loaded when used: --help answers without it

    text = asked(args.action)
    out.told(ActionDone(t=out.elapsed(), action=args.action, by="script", text=text), text)
    return 0
