"""`sidelight bench link`: what the link costs, beside other people's packages on the same emulated glasses.

Everything on emulated glasses happens in virtual time, so the figures follow from its named estimates (radio, device
speed) and are the same on every computer. Ours and the others come to it in the same way: `link_rig.py`. On real
glasses (`--glasses ble:`) only ours is measured, by the clock, and what only an emulated lens can tell is left out.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from firmware_bridge import GlassesKind, UriError
from host.bench import link_table
from host.bench.link_captions import BRIEF, FULL, QUICK, Effort
from host.bench.link_hardware import measure_glasses
from host.bench.link_peers import peers_for, require_peers, version_of
from host.bench.link_rig import STAGES, Conditions, require_rig
from host.bench.link_steps import SIDELIGHT, STEPS, Figures, measure
from host.bench.link_table import ROWS, SWEPT, Value
from host.errors import UsageError
from host.link_record import LinkRecord

__all__ = ["add_arguments", "conditions_of", "run", "swept"]

Line = Callable[[str], None]
SWEPT_INTERVALS_MS: Final[dict[GlassesKind, tuple[float, float]]] = {"frame": (15.0, 30.0), "halo": (30.0, 50.0)}
SWEPT_LOSSES: Final = (0.0, 0.02, 0.1)
SWEPT_PACKETS: Final = (-2, 2)  # more than everything else is measured with


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench link`."""
    parser.add_argument("--peers", action="store_true", help="beside us, brilliant-msg and for Frame frame-msg")
    parser.add_argument("--full", action="store_true", help="a minute of captions and of sound instead of seconds")
    parser.add_argument(
        "--sweep", action="store_true", help="the main figures on many radios and devices; takes minutes"
    )
    parser.add_argument("--markdown", action="store_true", help="write the tables as Markdown")
    parser.add_argument(
        "--glasses", metavar="ADDRESS", help="measure us on real glasses, by the clock: ble: or ble:NAME"
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="with --glasses: record the link for a report, without pictures"
    )
    group = parser.add_argument_group("the emulated radio and device")
    group.add_argument("--device", choices=list(STAGES), default="frame", help="which glasses (default frame)")
    group.add_argument(
        "--firmware",
        choices=("0.8.8", "later"),
        default="later",
        help="of Halo; brilliant-msg needs one later than 0.8.8 (default later)",
    )
    group.add_argument("--interval-ms", type=float, help="connection interval (default: 15; of Halo 40)")
    group.add_argument("--packets", type=int, help="packets per connection event (default: 4; of Halo 6)")
    group.add_argument("--loss", type=float, default=0.0, help="share of packets that are not heard (default 0)")
    group.add_argument("--slow", action="store_true", help="a device whose Lua is four times slower")


def run(args: argparse.Namespace, line: Line) -> list[dict[str, Any]]:
    """Measure; tables by `line`, and their rows as JSON values.

    Raises:
        UsageError: a value is out of range.
        GlassesError: something is not installed, the address is not possible, or the glasses fail.
    """
    if args.glasses is not None:
        effort, record = FULL if args.full else QUICK, LinkRecord(args.record) if args.record is not None else None
        return measure_glasses(args.glasses, effort, line, as_markdown=args.markdown, record=record)
    if args.record is not None:
        raise UsageError("a link to real glasses is recorded, and none is named", "Name them: --glasses ble:")
    require_rig()
    conditions = conditions_of(args)
    if args.peers:
        require_peers(args.device)
    names = [SIDELIGHT, *(peers_for(args.device) if args.peers else ())]
    if args.sweep:
        return list(_sweep(names, conditions, line, as_markdown=args.markdown))
    effort = FULL if args.full else QUICK
    line(_about(names, conditions.device))
    line(f"{conditions}; {effort.stream_s} s of captions at 10 a second, {effort.sound_s} s of sound")
    line("")
    return list(_table(names, conditions, effort, line, as_markdown=args.markdown))


def conditions_of(args: argparse.Namespace) -> Conditions:
    """The radio and device of the arguments.

    Raises:
        UsageError: a value is out of range.
    """
    from firmware_bridge.emulator import parse_uri  # noqa: PLC0415 - the emulator is an extra

    usual = STAGES[args.device]
    interval_ms = usual.interval_ms if args.interval_ms is None else args.interval_ms
    packets = usual.packets if args.packets is None else args.packets
    conditions = Conditions(interval_ms, packets, args.loss, args.slow, args.device, args.firmware)
    try:
        parse_uri(conditions.uri)
    except UriError as error:
        raise UsageError(error.message, error.hint) from error
    return conditions


def swept(base: Conditions) -> list[Conditions]:
    """All that a sweep goes through."""
    product = itertools.product((False, True), SWEPT_INTERVALS_MS[base.device], SWEPT_LOSSES)
    found = [replace(base, interval_ms=interval, loss=loss, slow=slow) for slow, interval, loss in product]
    return found + [replace(base, packets=base.packets + more) for more in SWEPT_PACKETS]


def _about(names: Sequence[str], device: GlassesKind) -> str:
    others = ", ".join(f"{name} {version_of(name)}" for name in names[1:])
    beside = f"; beside it {others}, unmodified" if others else ""
    return f"sidelight on the emulated {device.capitalize()}, over bleak and a virtual air, in virtual time{beside}"


def _table(
    names: Sequence[str], conditions: Conditions, effort: Effort, line: Line, *, as_markdown: bool
) -> Iterator[dict[str, Any]]:
    for text in link_table.titles(link_table.heading(names), as_markdown=as_markdown):
        line(text)
    for step in STEPS:
        figures = [_measured(name, conditions, effort, step) for name in names]
        for row in ROWS:
            if row.step == step:
                found = [one[row.figure] for one in figures]
                texts = link_table.cells(row, found)
                line(link_table.markdown(texts) if as_markdown else link_table.table_line(texts))
                yield {"conditions": str(conditions), **link_table.values(row, names, found)}


def _sweep(names: Sequence[str], base: Conditions, line: Line, *, as_markdown: bool) -> Iterator[dict[str, Any]]:
    """A line for each of the conditions: ours, and behind a stroke the best of the others."""
    rows = [row for figure in SWEPT for row in ROWS if row.figure == figure]
    line("each cell: sidelight / the best of the others" if len(names) > 1 else "sidelight")
    line("")
    labels = [row.label.replace("...", "sound:") for row in rows]
    for text in link_table.titles(["", *labels], as_markdown=True) if as_markdown else [" | ".join(labels)]:
        line(text)
    for conditions in swept(base):
        texts = []
        for row in rows:
            found = [_measured(name, conditions, BRIEF, row.step)[row.figure] for name in names]
            texts.append(_swept_cell(row, found))
            yield {"conditions": str(conditions), **link_table.values(row, names, found)}
        if as_markdown:
            line(link_table.markdown([str(conditions), *texts]))
        else:
            line(str(conditions))
            line("    " + " | ".join(texts))


def _swept_cell(row: link_table.Row, found: Sequence[Value]) -> str:
    best = link_table.best_of(found[1:])
    ours = link_table.cell(found[0], row.unit)
    return ours if best is None else f"{ours} / {link_table.cell(best, row.unit)}"


def _measured(name: str, conditions: Conditions, effort: Effort, step: str) -> Figures:
    """One step by one client. What a package by others cannot even begin is said in its cells."""
    try:
        return measure(name, conditions, effort, step)
    except Exception as error:
        if name == SIDELIGHT:
            raise
        says = f"fails: {error or type(error).__name__}"
        return {row.figure: says for row in ROWS if row.step == step}
