"""`sidelight bench page`: what somebody who looks at the page costs a session that streams.

On this computer, in real time: emulated glasses stream their microphone while captions grow, twice a second a new
picture. By turns a client, in a process of its own, reads all that a browser would, or nobody does. A turn's cost is
the processor time of this program, in which glasses, session and page run; the captions' latency is from the call to
the lit lens.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from firmware_bridge import Glasses, Scene, Text
from host.app.lens_view import follow_glasses
from host.events import Partial, Sentence
from host.web.address import Address
from host.web.server import Page, serving

SENTENCE: Final = "the quick brown fox jumps over the lazy dog while somebody at a page reads every word of it"
WORDS: Final = SENTENCE.split()
PERIOD_S: Final = 0.5
CLIENT: Final = """
import asyncio, json, sys, urllib.parse
import aiohttp
async def main(url):
    split = urllib.parse.urlsplit(url)
    origin = f"{split.scheme}://{split.netloc}"
    headers = {"Origin": origin}
    body = json.dumps({"token": split.fragment.removeprefix("token=")})
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.post(origin + "/session", data=body, headers=headers) as answer:
            at = (await answer.json())["at"]
        async with session.ws_connect(f"{origin}/at/{at}/events", headers=headers, max_msg_size=0) as socket:
            print("ready", flush=True)
            async for message in socket:
                pass
asyncio.run(main(sys.argv[1]))
"""


@dataclass
class Turn:
    """What some seconds cost."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the measurement."""
    parser.add_argument("--turns", type=int, default=6, metavar="N", help="of each kind (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of a turn (default: %(default)s)")
    parser.add_argument("--device", default="frame", choices=["frame", "halo"], help="the glasses")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; one row without, one with somebody who looks."""
    with serving(Address()) as page:
        turns = asyncio.run(_measured(page, f"emulator:{args.device}", args.turns, args.seconds))
    rows = [_row(watched, turns[watched]) for watched in (False, True)]
    for row in rows:
        line(
            f"{'with' if row['client'] else 'without'} a client: {row['cpu_percent']:.1f} % of a processor, "
            f"caption p50 {row['p50_ms']:.0f} ms, p95 {row['p95_ms']:.0f} ms"
        )
    more = [b.cpu_s / b.wall_s - a.cpu_s / a.wall_s for a, b in zip(turns[False], turns[True], strict=True)]
    line(f"a client adds {100 * median(more):.1f} % of a processor ({100 * min(more):.1f} to {100 * max(more):.1f})")
    return rows


async def _measured(page: Page, uri: str, count: int, seconds: float) -> dict[bool, list[Turn]]:
    turns: dict[bool, list[Turn]] = {False: [], True: []}
    async with Glasses.open(uri) as glasses:
        begun = time.monotonic()
        follow_glasses(glasses, page.see, page.offer, lambda: time.monotonic() - begun)
        streaming = asyncio.create_task(_stream(glasses))
        await _turn(glasses, page, 3.0)  # everything is loaded
        for _ in range(count):
            turns[False].append(await _turn(glasses, page, seconds))
            async with _client(page.url):
                turns[True].append(await _turn(glasses, page, seconds))
        streaming.cancel()
        await asyncio.wait({streaming})
    return turns


async def _stream(glasses: Glasses) -> None:
    async for _ in glasses.microphone(8000, 8):
        pass


async def _turn(glasses: Glasses, page: Page, seconds: float) -> Turn:
    """Captions that grow, for so long."""
    turn, display = Turn(), glasses.source.device.display  # type: ignore[attr-defined] # they are emulated
    lit = asyncio.Event()
    observer = lambda _at, _picture: lit.set()  # noqa: E731 - to be removed again
    display.observers.append(observer)
    cpu, begun, number = time.process_time(), time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        count = number % len(WORDS) + 1
        text, t = " ".join(WORDS[:count]), time.monotonic() - begun
        page.tell(Partial(t=t, text=text))
        if count == len(WORDS):
            page.tell(Sentence(t=t, text=text, start_s=t, end_s=t, language="en"))
        lit.clear()
        asked = time.monotonic()
        await glasses.show(Scene((Text(1, 20, 150, text[-24:]),)))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(lit.wait(), PERIOD_S)
            turn.latencies_s.append(time.monotonic() - asked)
        number += 1
        await asyncio.sleep(max(0.0, begun + number * PERIOD_S - time.monotonic()))
    turn.cpu_s, turn.wall_s = time.process_time() - cpu, time.monotonic() - begun
    display.observers.remove(observer)
    return turn


@contextlib.asynccontextmanager
async def _client(url: str) -> AsyncIterator[None]:
    """Somebody who looks."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", CLIENT, url, stdout=pipe)
    try:
        assert process.stdout is not None  # noqa: S101 - it is piped
        await process.stdout.readline()
        yield
    finally:
        process.kill()
        await process.wait()


def _row(watched: bool, turns: list[Turn]) -> dict[str, Any]:  # noqa: FBT001 - a kind of turn
    latencies = sorted(one for turn in turns for one in turn.latencies_s) or [float("nan")]
    return {
        "client": watched,
        "cpu_percent": 100 * sum(turn.cpu_s for turn in turns) / sum(turn.wall_s for turn in turns),
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p95_ms": 1000 * latencies[int(len(latencies) * 0.95)],
        "captions": len(latencies),
    }
