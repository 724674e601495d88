"""Live captions on emulated glasses, from a bundled recording of synthesised speech; no hardware needed.

Writes pictures and a film of the lens, the transcript, and the store that holds it into a folder. Your own transcripts
and settings are left alone.
"""

from __future__ import annotations

import argparse
import os
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from host.cli.installation import program
from host.cli.interrupts import at_once
from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.events import Measurement

if TYPE_CHECKING:
    from host.app.demo import DemoReport

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe where its results go."""
    parser.epilog = examples("sidelight demo", "sidelight demo --out pictures", "sidelight demo --json")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sidelight-demo"),
        metavar="FOLDER",
        help="where to; a folder with other files in it is refused (default: %(default)s)",
    )
    add_output_options(parser)


def run(args: argparse.Namespace, out: Output) -> int:
    """Run it, and say what happened; the exit code."""
    with at_once():  # loaded when used: --help answers without them
        from host.app.demo import run_demo  # noqa: PLC0415
        from host.app.demo_speech import SPOKEN  # noqa: PLC0415
        from host.app.transcribe import Observer  # noqa: PLC0415

    def begins() -> None:
        out.line("Synthesised speech goes into the microphone of an emulated Frame. What is said:")
        for _voice, sentence in SPOKEN:
            out.line(f"    {sentence}")
        out.line("What the captions say:")

    report = run_demo(args.out, Observer(event=out.event, elapsed=out.elapsed), begins)
    if out.json:
        out.event(Measurement(t=out.elapsed(), benchmark="demo", values=_figures(report)))
    for line in _summary(report):
        out.line(line)
    return 0


def _summary(report: DemoReport) -> list[str]:
    """What happened, line by line, for a person."""
    start, upload = report.start, report.start.upload
    size = f"{upload.app_bytes} bytes of Lua in {upload.packets} packets" if upload else "nothing"
    whole = f"median {report.to_lens.median_ms:.0f} ms, 95 % within {report.to_lens.p95_ms:.0f} ms"
    stages = {"radio": report.radio, "recogniser": report.recogniser, "to the lens": report.lens}
    parts = ", ".join(f"{name} {stage.median_ms:.0f}/{stage.p95_ms:.0f}" for name, stage in stages.items())
    show = _with_home(report.home, f"{program()} transcripts show {report.transcript}")
    first, *_, last, film = report.pictures
    return [
        "What happened:",
        f"    upload      {size} to empty glasses, ready after {start.rounds} rounds and {start.seconds:.1f} s",
        f"    sound       {report.lost_samples} samples lost on the radio",
        f"    latency     from sound to the lens that shows its words, {report.hypotheses} wordings: {whole}",
        f"                by stage (median/95 % in ms): {parts}",
        "                glasses and radio are the emulator's estimates, the recogniser is measured here",
        f"    transcript  number {report.transcript}; see it with {show}",
        f"    the lens    {first} to {last.name}, and the film {film.name}",
    ]


def _with_home(home: Path, command: str) -> str:
    """A command that looks into that store, for the system's usual shell."""
    if os.name == "nt":
        return f"$env:SIDELIGHT_HOME='{home}'; {command}"
    return f"SIDELIGHT_HOME={shlex.quote(str(home))} {command}"


def _figures(report: DemoReport) -> dict[str, object]:
    """The same for a program."""
    figures = asdict(report)
    return {**figures, "home": str(report.home), "pictures": [str(path) for path in report.pictures]}
