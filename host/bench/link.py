"""`sidelight bench link`: what starting, captions and photos cost over the link, on the emulated Frame.

Everything happens in virtual time, so the figures follow from the emulator's named estimates (radio interval, device
speed) and are the same on every computer. Each row stands beside its floor: the bytes of the content alone.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from firmware_bridge import Glasses
    from firmware_bridge.emulator import EmulatorSource

__all__ = ["Cost", "add_arguments", "measure", "run"]

CAPTION: Final = "so the meeting begins at nine in room four"
GREETING_BYTES: Final = 16  # a nonce each way and the app's hash
WORD_S: Final = 0.3  # between two words of a speaker
SETTLE_S: Final = 0.5  # everything that was asked for has happened


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step cost.

    Attributes:
        step: what was done.
        device: "nominal" or "slow".
        rounds: exchanges waited for one after another; 0 where that is not counted.
        values_out: writes to the glasses.
        bytes_out: bytes of those.
        values_in: notifications.
        bytes_in: bytes of those.
        seconds: from asking to ready, acknowledged, lit (captions) or here (photo); the median of several.
        content_bytes: bytes of the content alone, both ways.
    """

    step: str
    device: str
    rounds: int
    values_out: int
    bytes_out: int
    values_in: int
    bytes_in: int
    seconds: float
    content_bytes: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench link`."""
    parser.add_argument("--interval-ms", type=float, default=15.0, help="connection interval of the radio (default 15)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure on the nominal and the slow device; a table by `line`, and its rows as JSON values."""
    rows = [cost for slow in (False, True) for cost in measure(slow=slow, interval_ms=args.interval_ms)]
    line(f"{'step':<26} {'device':<8} {'rounds':>6} {'out':>16} {'in':>16} {'time':>10} {'bytes/content':>14}")
    for cost in rows:
        line(
            f"{cost.step:<26} {cost.device:<8} {cost.rounds or '-':>6} "
            f"{cost.values_out:>5} {cost.bytes_out:>8} B {cost.values_in:>5} {cost.bytes_in:>8} B "
            f"{cost.seconds * 1000:>7.0f} ms {(cost.bytes_out + cost.bytes_in) / cost.content_bytes:>14.3f}"
        )
    line(f"emulated Frame, {args.interval_ms:g} ms interval; the device's speeds are estimates, slow is a quarter")
    return [asdict(cost) for cost in rows]


def measure(*, slow: bool, interval_ms: float) -> list[Cost]:
    """The costs on one device, in virtual time."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    return run_virtual(_measure(slow=slow, interval_ms=interval_ms))


async def _measure(*, slow: bool, interval_ms: float) -> list[Cost]:
    from firmware_bridge import Bitmap, Glasses, Item, Scene, Text  # noqa: PLC0415
    from firmware_bridge.emulator import EmulatorSource, parse_uri  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    source = EmulatorSource(parse_uri(f"emulator:frame?interval_ms={interval_ms:g}&slow={int(slow)}"))
    kept = _Kept(source)
    device = "slow" if slow else "nominal"
    lit: list[float] = []
    power_on = loop.time() - source.device.now()
    source.device.display.observers.append(lambda at, _picture: lit.append(power_on + at))
    costs: list[Cost] = []

    async def start(step: str) -> None:
        async with Glasses(kept) as glasses:
            report = glasses.start
            content = report.upload.app_bytes if report.upload else GREETING_BYTES
            counts = report.values_out, report.bytes_out, report.values_in, report.bytes_in
            costs.append(Cost(step, device, report.rounds, *counts, report.seconds, content))

    async def show(step: str, glasses: Glasses, pictures: list[tuple[Item, ...]], content: int) -> None:
        delays = []
        before = _counts(glasses)
        for items in pictures:
            asked = loop.time()
            await glasses.show(Scene(items))
            await asyncio.sleep(WORD_S)
            delays.append(lit[-1] - asked)
        costs.append(Cost(step, device, 0, *_since(before, glasses), median(delays), content))

    try:
        await start("cold start with upload")
        await start("warm start, app running")
        source.device.restart()
        await asyncio.sleep(SETTLE_S)
        await start("warm start, app on flash")
        async with Glasses(kept) as glasses:
            await asyncio.sleep(SETTLE_S)
            length = len(CAPTION)
            ends = [end for end in range(1, length + 1) if end == length or CAPTION[end] == " "]
            words = [Text(1, 20, 100, CAPTION[:end]) for end in ends]
            await show("caption, 42 characters", glasses, [(words[-1],)], length)
            await glasses.clear()
            await asyncio.sleep(SETTLE_S)
            await show("caption, word by word", glasses, [(word,) for word in words], length)
            picture = Bitmap(2, 0, 0, 320, 4, bytes(range(256)) * 94)
            await show("bitmap of 24 kB", glasses, [(picture,)], len(picture.data))
            before, asked = _counts(glasses), loop.time()
            photo = await glasses.take_photo(exposures=0)
            costs.append(Cost("photo", device, 0, *_since(before, glasses), loop.time() - asked, len(photo.jpeg)))
    finally:
        await source.close()
    return costs


def _counts(glasses: Glasses) -> tuple[int, int, int, int]:
    session = glasses.session
    if session is None:
        msg = "the emulated link broke"
        raise RuntimeError(msg)
    traffic = session.traffic
    return traffic.values_out, traffic.bytes_out, traffic.values_in, traffic.bytes_in


def _since(before: tuple[int, int, int, int], glasses: Glasses) -> tuple[int, int, int, int]:
    now = _counts(glasses)
    return now[0] - before[0], now[1] - before[1], now[2] - before[2], now[3] - before[3]


class _Kept:
    """A source that outlives the programs that use it, as real glasses do."""

    def __init__(self, source: EmulatorSource) -> None:
        self.input_ended = source.input_ended
        self.connect = source.connect
        self.pause_input = source.pause_input

    async def close(self) -> None:
        """Leave it to its maker."""
