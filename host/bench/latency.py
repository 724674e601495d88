"""`sidelight bench latency`: how long from a spoken word to the lit lens, split by stage, on the emulated Frame.

Radio, recogniser, link and lens are measured in virtual time, in which the recogniser's computing is charged to the
clock as it was measured: so the computer's other load does not count, and a recogniser too slow for real time shows.
Our own stages run on the event loop itself and are measured by the wall clock, in a second run in real time. The
recogniser `scripted` hears a word the moment its sound is there and so shows what everything but recognition costs.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from host.contracts import Word
from host.transcribe.times import StageTimes

__all__ = ["STAGES", "add_arguments", "run"]

STAGES: Final = ("radio", "waiting", "voice activity", "recogniser", "own stages", "link", "lens", "all")
WORD_S: Final = 0.4  # a slow speaker: one word is on the lens before the next is spoken
WORDS: Final = 40
OWN_LIMIT_MS: Final = 60  # what our own stages may take, p95


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench latency`."""
    parser.add_argument(
        "--transcriber", default="scripted,pocketsphinx", help="recognisers, by comma (default scripted,pocketsphinx)"
    )


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and its rows as JSON values."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    rows = []
    line(f"{'recogniser':<14} {'device':<8} {'stage':<15} {'p50':>8} {'p95':>8}   of how many")
    for device, slow in (("nominal", False), ("slow", True)):
        own = [way["own stages"] for way in asyncio.run(_measure("scripted", slow=slow))]
        for name in args.transcriber.split(","):
            ways = run_virtual(_measure(name.strip(), slow=slow), charge_compute=True)
            for stage in STAGES:
                times = [1000 * time for time in (own if stage == "own stages" else (way[stage] for way in ways))]
                p50, p95 = _percentiles(times)
                line(f"{name:<14} {device:<8} {stage:<15} {p50:>5.0f} ms {p95:>5.0f} ms   {len(times)}")
                rows.append(
                    {
                        "recogniser": name,
                        "device": device,
                        "stage": stage,
                        "p50_ms": p50,
                        "p95_ms": p95,
                        "n": len(times),
                    }
                )
    line(f"own stages, by the wall clock, must stay within {OWN_LIMIT_MS} ms p95; 'all' leaves them out")
    return rows


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    steps = quantiles(values, n=20, method="inclusive") if len(values) > 1 else [*values] * 19
    return round(steps[9], 1), round(steps[18], 1)


async def _measure(name: str, *, slow: bool) -> list[dict[str, float]]:
    """The stages of every hypothesis that reached the lens, in seconds."""
    from firmware_bridge import Glasses  # noqa: PLC0415 - the Lua VM and the recogniser are loaded when they are used
    from firmware_bridge.emulator import EmulatorSource, parse_uri, report_compute  # noqa: PLC0415
    from host.app.demo_speech import recording  # noqa: PLC0415
    from host.app.glasses import GlassesLens, GlassesMicrophone  # noqa: PLC0415
    from host.app.transcribe import caption_style  # noqa: PLC0415
    from host.backends import registry  # noqa: PLC0415
    from host.backends.scripted import ScriptedRecogniser  # noqa: PLC0415
    from host.config import Settings  # noqa: PLC0415
    from host.store.journal import SqliteJournal  # noqa: PLC0415
    from host.transcribe.pipeline import Parts, Transcription  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    settings = replace(Settings(), transcriber=name)
    scripted = name == "scripted"
    sound = "" if scripted else f"&mic={recording()}"
    async with contextlib.AsyncExitStack() as stack:
        if scripted:
            recogniser: Any = ScriptedRecogniser([_script()])
        else:
            recogniser = (await registry.open_recogniser(settings, os.environ, on_cpu=report_compute)).recogniser
        stack.push_async_callback(recogniser.close)
        source = EmulatorSource(parse_uri(f"emulator:frame?slow={int(slow)}{sound}"))
        power_on = loop.time() - source.device.now()
        lit: list[float] = []
        source.device.display.observers.append(lambda at, _picture: lit.append(power_on + at))
        glasses = await stack.enter_async_context(Glasses(source))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        journal = SqliteJournal.open(folder, datetime.now(UTC))
        stack.callback(journal.close)
        times: list[StageTimes] = []
        parts = Parts(
            microphone=GlassesMicrophone(glasses),
            live=True,
            recogniser=recogniser,
            voice=None if recogniser.info.segments else registry.voice_activity(),
            journal=journal,
            lens=GlassesLens(glasses),
            style=caption_style(settings, GlassesLens(glasses).shape),
        )
        recording_task = Transcription(parts, "en", lambda _event: None, elapsed=loop.time, on_times=times.append).run()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WORDS * WORD_S + 1 if scripted else 120):
                await recording_task
        return [way for time in times if (way := _way(time, source, power_on, lit)) is not None]


def _script() -> list[Word]:
    return [Word(f"word{n}", n * WORD_S, n * WORD_S + 0.3) for n in range(1, WORDS)]


def _way(times: StageTimes, source: Any, power_on: float, lit: list[float]) -> dict[str, float] | None:
    """Seconds in each stage; None for what was overtaken by a newer picture or lies too far back."""
    heard = source.device.microphone.heard_at(round(times.sound_end_s * 16000) - 1)
    lit_s = next((at for at in lit if at > times.shown_s), None)
    if heard is None or lit_s is None or not times.shown_s:
        return None
    spoken = power_on + heard
    stages = (
        times.arrived_s - spoken,
        times.taken_s - times.arrived_s,
        times.judged_s - times.taken_s,
        times.recognised_s - times.judged_s,
        times.drawn_s - times.recognised_s,
        times.shown_s - times.drawn_s,
        lit_s - times.shown_s,
        lit_s - spoken,
    )
    return dict(zip(STAGES, stages, strict=True))
