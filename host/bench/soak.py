"""`sidelight bench soak`: an hour of captions, in virtual time: memory flat, no gap, every sentence saved.

The whole product runs: recordings joined and repeated go into the emulated Frame's microphone, over its radio, through
the recogniser, onto the lens and into a store of its own, which is thrown away at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from host.errors import BenchmarkError
from host.events import ErrorReport, Event, Gap, Saved, Sentence
from host.paths import data_folder, kept_in

__all__ = ["add_arguments", "run"]

RATE_HZ: Final = 16000
PAUSE_S: Final = 1.0  # of faint noise between two recordings
NOISE_LSB: Final = 3
GROWTH_MIB: Final = 20  # over the second half of the time; caches of models settle in the first


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench soak`."""
    parser.add_argument("--minutes", type=float, default=60.0, help="minutes of sound (default 60)")
    parser.add_argument("--data", type=Path, help="folder of WAV recordings (default: the bundled one)")
    parser.add_argument("--transcriber", default="pocketsphinx", help="recogniser (default pocketsphinx)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Run; figures by `line`, and as JSON values.."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    with tempfile.TemporaryDirectory() as folder, kept_in(Path(folder)):
        sound = _joined(args.data, Path(folder) / "soak.wav")
        figures = run_virtual(_soak(sound, args.minutes * 60, args.transcriber, line))
    line("")
    for name, value in figures.items():
        line(f"{name:<28} {value}")
    lost = [name for name in ("sentences missing in store", "gaps", "errors") if figures[name]]
    if figures["memory growth, MiB"] > GROWTH_MIB:
        lost.append("memory growth, MiB")
    if lost or not figures["sentences reported"]:
        msg = f"the soak failed: {', '.join(lost) or 'nothing was recognised'}"
        raise BenchmarkError(msg, "The figures above say how much.")
    return [figures]


async def _soak(sound: Path, seconds: float, transcriber: str, line: Callable[[str], None]) -> dict[str, Any]:
    from host.app.transcribe import Observer, Request, transcribe  # noqa: PLC0415
    from host.config import Settings  # noqa: PLC0415
    from host.store.transcripts import Transcripts  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    events: list[Event] = []
    memory: list[int] = []
    settings = Settings(
        glasses=f"emulator:frame?mic={quote(str(sound))}&loop=1&speed=max", transcriber=transcriber, model=""
    )

    async def watch() -> None:
        while True:
            await asyncio.sleep(60)
            memory.append(_resident_bytes())
            sentences = sum(isinstance(event, Sentence) for event in events)
            line(f"minute {len(memory):>3}: {sentences} sentences, {memory[-1] / 2**20:.0f} MiB")

    watching = asyncio.create_task(watch())
    began = loop.time()
    recording = asyncio.create_task(
        transcribe(Request(settings=settings), Observer(event=events.append, elapsed=loop.time))
    )
    await asyncio.wait({recording}, timeout=seconds)
    recording.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await recording
    watching.cancel()
    (saved,) = [event for event in events if isinstance(event, Saved)]
    reported = [event.text for event in events if isinstance(event, Sentence)]
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        stored = [entry.text for entry in store.entries(saved.id) if entry.kind == "sentence"]
    half = memory[len(memory) // 2 :]
    return {
        "minutes": round((loop.time() - began) / 60, 1),
        "sentences reported": len(reported),
        "sentences missing in store": len([text for text in reported if text not in stored]),
        "gaps": sum(isinstance(event, Gap) for event in events),
        "errors": sum(isinstance(event, ErrorReport) for event in events),
        "memory growth, MiB": round((half[-1] - half[0]) / 2**20, 1) if len(half) > 1 else 0.0,
    }


def _joined(folder: Path | None, path: Path) -> Path:
    """One recording of all in the folder, with pauses of faint noise between them."""
    from host.app.demo_speech import recording  # noqa: PLC0415
    from host.audio import read_samples  # noqa: PLC0415

    files = sorted(folder.glob("*.wav")) if folder else [recording()]
    chance = np.random.default_rng(1)
    pause = np.rint(chance.normal(0, NOISE_LSB, round(PAUSE_S * RATE_HZ))).astype(np.int16)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        for file in files:
            out.writeframes(read_samples(file).tobytes())
            out.writeframes(pause.tobytes())
    return path


def _resident_bytes() -> int:
    """Memory of this program and its recogniser's process; this program's only where psutil is not installed."""
    try:
        import psutil  # noqa: PLC0415 - of the test extra
    except ImportError:
        pages = Path("/proc/self/statm")
        return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if pages.exists() else 0
    me = psutil.Process()
    return int(sum(process.memory_info().rss for process in (me, *me.children(recursive=True))))
