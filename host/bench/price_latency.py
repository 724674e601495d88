"""`sidelight bench price-latency`: how long from a tap to the lit card, split by stage, on the emulated Frame.

The demo's tag hangs before the camera. Device, radio and lens are measured in virtual time, to which the computing of
the reader and of our own stages is charged as it was measured, in CPU seconds. What the reader itself takes stands
apart: another may be chosen, and its networks run on as many cores as the computer has, while CPU seconds are those of
all its cores together.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

__all__ = ["LIMITS_S", "STAGES", "add_arguments", "run"]

STAGES: Final = (
    "tap",
    "camera",
    "link",
    "decode",
    "understanding",
    "product",
    "lens",
    "all but the reader",
    "reader",
    "all",
)
LIMITS_S: Final = {"warm": 2.5, "beside live audio": 5.0, "cold": 5.0}
"""What a look may take without the reader, p50: the camera kept warm, sound streaming too, the camera asleep."""

LIMITED: Final = "all but the reader"
LOOKS: Final = 7
APART_S: Final = 4.0  # between two looks: the camera sleeps again after one second
SETTLE_S: Final = 0.5  # a picture lit, and the hidden buffer cleared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench price-latency`."""
    parser.add_argument("--looks", type=int, default=LOOKS, help=f"taps in each situation (default {LOOKS})")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and its rows as JSON values. Raises HostError: the reader is not installed."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    rows = []
    line(f"{'camera':<18} {'device':<8} {'stage':<19} {'p50':>8} {'p95':>8}   of how many")
    for slow in (False, True):
        device = "slow" if slow else "nominal"
        for situation, limit_s in LIMITS_S.items():
            looks, heard = run_virtual(_looks(situation, max(2, args.looks), slow=slow), charge_compute=True)
            for stage in STAGES:
                p50, p95 = _percentiles([look[stage] for look in looks])
                verdict = f"   at most {limit_s:g} s: {'yes' if p50 <= limit_s else 'NO'}" if stage == LIMITED else ""
                line(f"{situation:<18} {device:<8} {stage:<19} {p50:>6.2f} s {p95:>6.2f} s   {len(looks)}{verdict}")
                rows.append(
                    {
                        "camera": situation,
                        "device": device,
                        "stage": stage,
                        "p50_s": round(p50, 3),
                        "p95_s": round(p95, 3),
                        "n": len(looks),
                        "limit_s": limit_s if verdict else None,
                    }
                )
            if heard.samples:
                line(f"{situation:<18} {device:<8} sound: {heard.lost} of {heard.samples} samples lost")
                rows.append({"camera": situation, "device": device, "samples": heard.samples, "lost": heard.lost})
    return rows


@dataclass
class _Rig:
    """Emulated glasses before the demo's tag, and what is seen of them."""

    glasses: Any
    source: Any
    pages: Any
    prices: Any
    observer: Any
    wishes: Any
    spent: list[float] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    lit: list[float] = field(default_factory=list)


@dataclass
class _Heard:
    """Samples of sound that came meanwhile, and how many of them are silence for what was lost."""

    samples: int = 0
    lost: int = 0


async def _looks(situation: str, count: int, *, slow: bool) -> tuple[list[dict[str, float]], _Heard]:
    """The stages of each look, in seconds, and the sound beside them."""
    from host.app.pages import by_tap  # noqa: PLC0415 - the Lua VM and the reader are loaded when they are used
    from host.app.price import WarmCamera, look_at  # noqa: PLC0415
    from host.errors import BenchmarkError  # noqa: PLC0415
    from host.events import PriceRead  # noqa: PLC0415

    clock, heard = asyncio.get_running_loop().time, _Heard()
    async with contextlib.AsyncExitStack() as stack:
        rig = await stack.enter_async_context(_rig(slow=slow))
        if situation == "beside live audio":
            await stack.enter_async_context(_beside(_hear(rig.glasses, heard)))
        camera = WarmCamera(rig.glasses)
        if situation != "cold":
            await stack.enter_async_context(camera.kept())
        looks = []
        for _ in range(count):
            await asyncio.sleep(APART_S)
            rig.spent.clear()
            rig.lit.clear()
            tapped = clock()
            rig.source.device.tap()
            await rig.wishes.wish()
            began = clock()
            async with contextlib.AsyncExitStack() as look:
                if situation == "cold":
                    camera = WarmCamera(rig.glasses)
                    await look.enter_async_context(camera.kept())
                priced = await look_at(camera, rig.pages, rig.prices, rig.observer)
                await rig.pages.show(rig.prices.card(priced, rig.pages, by_tap)[0])
                await asyncio.sleep(SETTLE_S)
            read = next(event for event in reversed(rig.told) if isinstance(event, PriceRead))
            if not read.accepted:
                raise BenchmarkError(f"the demo's tag was not read: {read.reason}")
            looks.append(_stages(read.seconds, began - tapped, sum(rig.spent), rig.lit[-1] - tapped))
        return looks, heard


@contextlib.asynccontextmanager
async def _rig(*, slow: bool) -> AsyncIterator[_Rig]:
    from firmware_bridge import Glasses  # noqa: PLC0415 - the Lua VM and the reader are loaded when they are used
    from firmware_bridge.emulator import EmulatorSource, parse_uri, report_compute  # noqa: PLC0415
    from host.app.demo_tag import COUNTRY, tag  # noqa: PLC0415
    from host.app.glasses import GlassesLens  # noqa: PLC0415
    from host.app.lens_text import card_fonts  # noqa: PLC0415
    from host.app.pages import Pages  # noqa: PLC0415
    from host.app.price import PriceReader  # noqa: PLC0415
    from host.app.price_knowledge import Knowledge  # noqa: PLC0415
    from host.app.translate import Observer  # noqa: PLC0415
    from host.app.wishes import Wishes  # noqa: PLC0415
    from host.backends.readers import barcode_reader, open_tag_reader  # noqa: PLC0415
    from host.config import Settings  # noqa: PLC0415
    from host.lens.shape import FRAME  # noqa: PLC0415
    from host.paths import kept_in  # noqa: PLC0415

    clock = asyncio.get_running_loop().time
    settings = Settings(price_country=COUNTRY, currency="EUR", reader="rapidocr")
    spent: list[float] = []
    told: list[Any] = []

    def on_cpu(seconds: float) -> None:
        spent.append(seconds)
        report_compute(seconds)

    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(kept_in(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        opened = await open_tag_reader(settings, os.environ, on_cpu=on_cpu)
        stack.push_async_callback(opened.reader.close)
        source = EmulatorSource(parse_uri(f"emulator:frame?slow={int(slow)}&camera={tag()}"))
        power_on, lit = clock() - source.device.now(), list[float]()
        source.device.display.observers.append(lambda at, _picture: lit.append(power_on + at))
        glasses = await stack.enter_async_context(Glasses(source))
        observer = Observer(event=told.append, elapsed=clock)
        knowledge = await stack.enter_async_context(Knowledge.opened(settings, os.environ, observer))
        prices = PriceReader(opened.reader, barcode_reader(), knowledge, COUNTRY, observer)
        pages, wishes = Pages(GlassesLens(glasses), card_fonts("", FRAME, told.append, clock)), Wishes()
        await stack.enter_async_context(_beside(wishes.follow(glasses.taps())))
        yield _Rig(glasses, source, pages, prices, observer, wishes, spent, told, lit)


def _stages(seconds: Any, tap: float, reader: float, whole: float) -> dict[str, float]:
    """Seconds by stage; the lens has what no other has: what is said while there is no card, and the card."""
    stages = {"tap": tap, "reader": reader, "understanding": max(0.0, seconds["read"] - reader)}
    stages |= {stage: seconds[stage] for stage in ("camera", "link", "decode", "product")}
    return {**stages, "lens": whole - sum(stages.values()), LIMITED: whole - reader, "all": whole}


async def _hear(glasses: Any, heard: _Heard) -> None:
    async with contextlib.aclosing(glasses.microphone()) as sound:
        async for chunk in sound:
            heard.samples += len(chunk.samples)
            heard.lost += len(chunk.samples) if chunk.lost_reason else 0


@contextlib.asynccontextmanager
async def _beside(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _percentiles(values: list[float]) -> tuple[float, float]:
    return median(values), quantiles(values, n=20, method="inclusive")[-1]
