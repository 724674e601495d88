"""Captions, translations, a price and a way on emulated glasses, from bundled speech, photos and walk; no hardware.

Writes pictures and films of the lens, the transcripts, and the store that holds them into a folder. Your own
transcripts and settings are left alone.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from host.cli.installation import program
from host.cli.interrupts import at_once
from host.cli.options import add_output_options, examples
from host.cli.output import Output
from host.events import Measurement

if TYPE_CHECKING:
    from host.app.demo import DemoReport
    from host.app.demo_navigation import Led
    from host.app.demo_price import ReadPrice
    from host.app.demo_translation import Translated

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
        from host.app.demo import Part, run_demo  # noqa: PLC0415
        from host.app.demo_navigation import DESTINATION  # noqa: PLC0415
        from host.app.demo_price import CURRENCY  # noqa: PLC0415
        from host.app.demo_sign import SIGN  # noqa: PLC0415
        from host.app.demo_speech import ASKED, SPOKEN  # noqa: PLC0415
        from host.app.demo_tag import NAME, PRICE, SIZE, UNIT_PRICE  # noqa: PLC0415
        from host.app.demo_translation import TYPED  # noqa: PLC0415
        from host.app.transcribe import Observer  # noqa: PLC0415

    told: dict[Part, tuple[str, ...]] = {
        "captions": (
            "CAPTIONS. Synthesised speech goes into the microphone of an emulated Frame. What is said:",
            *(f"    {sentence}" for _voice, sentence in SPOKEN),
            "What the captions say:",
        ),
        "heard": (
            "HEARD. English questions, and an answer that no phrasebook has, are shown in Spanish. What is said:",
            *(f"    {sentence}" for _voice, sentence in ASKED),
            "What is heard, and what it means:",
        ),
        "seen": (
            "SEEN. A French sign hangs before the emulated Frame's camera. What it says:",
            *(f"    {line}" for line in SIGN),
            "What is read, and shown in English:",
        ),
        "typed": (f"TYPED. An English phrase is shown in Japanese: {TYPED}",),
        "priced": (
            "PRICED. A Norwegian shelf tag hangs before the emulated Frame's camera. What it says:",
            f"    {NAME}, {SIZE}, {','.join(PRICE)}, {UNIT_PRICE}",
            f"What is read, and shown with its price in {CURRENCY}:",
        ),
        "led": (f"LED. Somebody walks through a made-up town to its station, {DESTINATION}. What they are told:",),
    }

    def begins(part: Part) -> None:
        for line in told[part]:
            out.line(line)

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
    show_both = _with_home(report.home, f"{program()} transcripts show {report.heard.transcript}")
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
        f"    heard       {_translated(report.heard)}",
        f"                both texts: {show_both}",
        f"    seen        {_translated(report.seen)}",
        f"    typed       {_translated(report.typed)}",
        f"    priced      {_priced(report.priced)}",
        f"    led         {_led(report.led)}",
        "What is rough: speech of a synthesiser, drawn signs and a made-up walk are easier than life.",
        "pocketsphinx gets a third of the words of free speech wrong. The phrasebook has some ninety phrases, reviewed",
        f"by no native speaker, and translates nothing else. {program()} doctor says what would do better here.",
    ]


def _translated(part: Translated) -> str:
    """What became of the texts of a part, and where its pictures are."""
    texts = f"{part.translated} of {part.translated + part.untranslated} texts translated"
    if not part.pictures:
        return f"{texts}; no font here to show them with"
    *_, last, film = part.pictures
    return f"{texts}; pictures up to {last}, and the film {film.name}"


def _priced(part: ReadPrice) -> str:
    """What became of the tag, how long it took, and where its pictures are."""
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in part.seconds.items())
    *_, last, film = part.pictures
    return f"{'read' if part.read else 'not read'}: {stages}; picture {last}, and the film {film.name}"


def _led(part: Led) -> str:
    """What became of the walk, where the route came from, and where its pictures are."""
    route = "its route found here" if part.found else "along a route kept with the demo, as Valhalla is not installed"
    *_, last, film = part.pictures
    return f"{'arrived' if part.arrived else 'not arrived'}, {route}; pictures up to {last}, and the film {film.name}"


def _with_home(home: Path, command: str) -> str:
    """A command that looks into that store, for the system's usual shell."""
    if os.name == "nt":
        return f"$env:SIDELIGHT_HOME='{home}'; {command}"
    return f"SIDELIGHT_HOME={shlex.quote(str(home))} {command}"


def _figures(report: DemoReport) -> dict[str, object]:
    """The same for a program."""
    figures: dict[str, object] = _plain(asdict(report))
    return figures


def _plain(value: Any) -> Any:
    """The same as JSON has it: a path as its text."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value
