"""Say what works on this computer, what is missing, and with which command it is mended.

"ok" works. "missing" is not there, and what you have set works without it. "broken" keeps what you have set from
working: then the exit code is 1. "unknown" could not be found out. Nothing is changed, nothing is sent anywhere, and
the glasses are left alone unless you name them; then they are connected to, and asked about themselves.
"""

from __future__ import annotations

import argparse

from host.cli.interrupts import at_once
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

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what may be looked at."""
    parser.epilog = examples(
        "sidelight doctor",
        "sidelight doctor --glasses ble:",
        "sidelight doctor --glasses 'emulator:frame'",
        "sidelight doctor --language de --transcriber whisper",
        "sidelight doctor --json",
    )
    add_settings(parser, "glasses", "transcriber", "model", "language", "audio.device")
    add_record_options(parser)
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Look at everything; the exit code."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.doctor.checkup import Checkup  # noqa: PLC0415
        from host.app.doctor.examination import EXAMINATIONS, examine  # noqa: PLC0415
        from host.config import Settings  # noqa: PLC0415
        from host.errors import UsageError  # noqa: PLC0415

    refused = None
    try:
        settings = settings_of(args)
    except UsageError as error:
        settings, refused = Settings(), error
    connect, record = refused is None and is_given(args, "glasses"), record_of(args)
    if record is not None and not connect:
        raise UsageError("no glasses are looked at, so there is no link to record", "Name them: --glasses ble:")
    checkup = Checkup(settings=settings, refused=refused, connect=connect, record=record)
    feature, broken = "", 0
    for finding in examine(checkup, out.elapsed, EXAMINATIONS):
        if finding.feature != feature:
            feature = finding.feature
            out.line(feature)
        out.event(finding)
        broken += finding.state == "broken"
    if broken:
        out.note(f"{broken} {'thing is' if broken == 1 else 'things are'} broken")
    else:
        out.note("nothing that is needed is broken")
    return 1 if broken else 0
