"""Erase everything that Sidelight keeps on this computer: transcripts, prices, sound, models, maps, settings
and which glasses are bound.

It says what is there and asks first. Exports that you made elsewhere, and what a backup or the disk itself remembers,
are not reached. The glasses keep Sidelight's program and nothing of yours.
"""

from __future__ import annotations

import argparse
import sys

from host.app.service import unit_file
from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.errors import UsageError
from host.events import Erased
from host.paths import config_folder, data_folder
from host.store.erasing import erase, holdings

__all__ = ["add_arguments", "run"]

_CANCELLED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the one choice."""
    parser.epilog = examples("sidelight erase", "sidelight erase --yes")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Erase; the exit code."""
    data, config = data_folder(), config_folder()
    found, others = holdings(data, config)
    if not found:
        out.note("there is nothing to erase")
        return 0
    if not args.yes:
        if not sys.stdin.isatty():
            raise UsageError("there is no terminal to ask on", "Add --yes to erase without being asked")
        for holding in found:
            out.note(f"{holding.size_bytes / 1e6:>10.1f} MB  {holding.what}: {holding.path}")
        out.note("erase all of this for good? [y/N]")
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            out.note("nothing erased")
            return _CANCELLED
    for holding in erase(found, data, config):
        out.event(Erased(t=out.elapsed(), what=holding.what, path=str(holding.path)))
    for path in others:
        out.note(f"left alone, since it is none of ours: {path}")
    if unit_file().exists():
        out.note("the service of systemd is still there, and keeps things anew", "Remove it: sidelight service remove")
    return 0
