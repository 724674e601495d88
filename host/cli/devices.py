"""Show the glasses in range: how strong their signal is, and whether they are bound to this computer.

`ble:` means the bound ones and no others; `sidelight setup` binds.
"""

from __future__ import annotations

import argparse
import asyncio

from host.cli.interrupts import at_once
from host.cli.options import add_output_options, add_record_options, add_settings, examples, record_of, settings_of
from host.cli.output import Output
from host.errors import UsageError
from host.events import DeviceSeen, Event

__all__ = ["add_arguments", "run"]

_LONGEST_S = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is looked for."""
    parser.epilog = examples(
        "sidelight devices",
        "sidelight devices --battery",
        "sidelight devices --battery --record link.jsonl",
        "sidelight devices --glasses 'ble:?via=tcp:127.0.0.1:9600' --json",
        "sidelight devices --forget 'Frame 4F'",
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, metavar="N", help="how long to look (default: %(default)g)"
    )
    parser.add_argument("--battery", action="store_true", help="connect to the bound glasses and ask for their charge")
    parser.add_argument("--forget", metavar="NAME", help="unbind the glasses of that name or address; look for none")
    add_settings(parser, "glasses")
    add_record_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Look, and say who is there; 1 if nobody is."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.devices import devices, forget  # noqa: PLC0415

    if not 0 < args.seconds <= _LONGEST_S:
        raise UsageError(f"--seconds {args.seconds:g} is not possible", f"It is more than 0 and at most {_LONGEST_S:g}")
    uri, record = settings_of(args).glasses, record_of(args)
    if record is not None and (args.forget is not None or not args.battery):
        raise UsageError("nothing is connected to, so there is no link to record", "Ask for the charge: --battery")
    if args.forget is not None:
        for pair in forget(uri, args.forget):
            out.line(f"{pair.name} ({pair.address}) is not bound any more")
        return 0

    def report(event: Event) -> None:
        if isinstance(event, DeviceSeen) and not out.json:
            out.line(_row(event))
        else:
            out.event(event)

    out.note(f"looking for {args.seconds:g} s")
    seen = asyncio.run(
        devices(uri, args.seconds, battery=args.battery, record=record, report=report, elapsed=out.elapsed)
    )
    if record is not None and not record.path.exists():
        out.note("no bound glasses are in range, so nothing was recorded")
    if not seen:
        out.note("no glasses are in range: wake them, and disconnect them from any phone or other computer")
    return 0 if seen else 1


def _row(seen: DeviceSeen) -> str:
    if not seen.seen:
        signal = "not seen"
    elif seen.connected:
        signal = "connected"
    else:
        signal = "signal unknown" if seen.signal_dbm is None else f"{seen.signal_dbm} dBm"
    words = ["bound" if seen.bound else "not bound"]
    if seen.bonded is not None:
        words.append("bonded" if seen.bonded else "no bond")
    if seen.battery is not None:
        words.append(f"battery {seen.battery} %")
    return f"{seen.device or '(no name)':<12} {seen.address:<17}  {signal:<14}  {', '.join(words)}"
