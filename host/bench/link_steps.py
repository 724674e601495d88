"""The steps of `bench link`: what each client is asked to do on emulated glasses of its own, and what is seen of it.

Every step begins with glasses that were just switched on and never paired, so that nothing a client breaks in one is
still broken in the next. Latencies end when the lens is lit, which the emulated display says; a client's own word
(it returned, the glasses acknowledged) is never taken for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from firmware_bridge import GlassesKind
from host.bench.link_captions import Effort, forty, growing, pixels, spread
from host.bench.link_clients import Client, Sidelight
from host.bench.link_peers import Peer
from host.bench.link_rig import Conditions, Rig, rig

__all__ = ["SIDELIGHT", "STEPS", "Figures", "measure"]

Figures = dict[str, float | str]
"""Figure to value, or to what happened instead, in a few words."""

SIDELIGHT: Final = "sidelight"
RATE_HZ: Final = 16_000
SETTLE_S: Final = 1.0
SHOWN_S: Final = 12.0  # what is not on the lens by then never will be: the packages give up after 5 s
INTERRUPTED_S: Final = 0.3  # the first so much of a transfer, in which all of them are still busy
TAIL_SAMPLES: Final = RATE_HZ // 10  # sound on its way when somebody stops listening


@dataclass(slots=True)
class Bench:
    """One step's glasses and client.

    Attributes:
        rig: the glasses.
        client: connected and ready.
        effort: how much to do.
        looks: what each caption looks like on the lens.
        first: what the start cost.
        chance: seeded, for moments: neither the radio's events nor the display's scans keep step with a speaker.
    """

    rig: Rig
    client: Client
    effort: Effort
    looks: dict[str, bytes]
    first: Figures
    chance: random.Random

    async def caption(self, text: str) -> float:
        """Show it and wait until it is lit: seconds since the call, infinite if it never was."""
        asked = asyncio.get_running_loop().time()
        with contextlib.suppress(Exception):
            await self.client.caption(text)
        return await self.lit_after(asked, lambda: self.caption_lit(text, asked))

    async def picture(self, pixels: bytes) -> tuple[float, float]:
        """As `caption`, for a picture: seconds until the call returned (infinite if it failed), and until it is lit."""
        loop = asyncio.get_running_loop()
        asked, taken_s = loop.time(), math.inf
        look = self.rig.look_of(pixels)
        with contextlib.suppress(Exception):
            await self.client.picture(pixels)
            taken_s = loop.time() - asked
        lit_s = await self.lit_after(
            asked, lambda: next((lit.at_s for lit in self.rig.lit if lit.at_s >= asked and lit.picture == look), None)
        )
        return taken_s, lit_s

    def caption_lit(self, text: str, after_s: float, before_s: float = math.inf) -> float | None:
        """When this caption was lit first in that time."""
        look = self.looks[text]
        return next((lit.at_s for lit in self.rig.lit if after_s <= lit.at_s < before_s and lit.caption == look), None)

    async def lit_after(self, asked_s: float, lit: Callable[[], float | None]) -> float:
        """Wait for it: seconds since then."""
        loop = asyncio.get_running_loop()
        while (at_s := lit()) is None:
            if loop.time() - asked_s > SHOWN_S:
                return math.inf
            await asyncio.sleep(0.01)
        await asyncio.sleep(max(at_s - loop.time(), 0))
        return at_s - asked_s

    async def pause(self, seconds: float) -> None:
        """Wait so long and a little longer."""
        await asyncio.sleep(seconds + self.chance.uniform(0, 0.1))


Step = Callable[[Bench], Awaitable[Figures]]


def measure(name: str, conditions: Conditions, effort: Effort, step: str) -> Figures:
    """One step by one client, in virtual time.

    Args:
        name: `SIDELIGHT` or a key of `PEERS`.
        conditions: of radio and device.
        effort: how much to do.
        step: a key of `STEPS`.
    """
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    run, captions = STEPS[step]
    looks = _looks(conditions.device, tuple(captions(effort)))

    async def main() -> Figures:
        async with rig(conditions) as glasses, _client(name, glasses, conditions.device) as client:
            first = await _start(glasses, client, "cold")
            bench = Bench(glasses, client, effort, looks, first, random.Random(7))  # noqa: S311 - repeatable on purpose
            await asyncio.sleep(SETTLE_S)
            return await run(bench)

    return run_virtual(main())


@cache
def _looks(device: GlassesKind, captions: tuple[str, ...]) -> dict[str, bytes]:
    """What captions look like, on all glasses of this kind."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - as above

    async def main() -> dict[str, bytes]:
        async with rig(Conditions.of(device)) as glasses:
            return await glasses.looks(captions)

    return run_virtual(main())


@asynccontextmanager
async def _client(name: str, glasses: Rig, kind: GlassesKind) -> AsyncIterator[Client]:
    client: Client = Sidelight(glasses.source()) if name == SIDELIGHT else Peer(name, kind)
    undo = glasses.lend_to_bleak()
    try:
        yield client
        await asyncio.sleep(SETTLE_S)
        with contextlib.suppress(Exception):
            await client.stop()
    finally:
        undo()


# --- starting -----------------------------------------------------------------------------------------------------


async def _starts(bench: Bench) -> Figures:
    """The first start has just happened; then twice more: as it was left, and after the glasses were restarted."""
    figures = dict(bench.first)
    for kind in ("running", "flash"):
        await bench.client.stop()
        await asyncio.sleep(SETTLE_S)
        if kind == "flash":
            bench.rig.device.restart()
            await asyncio.sleep(3 * SETTLE_S)
        figures |= await _start(bench.rig, bench.client, f"warm_{kind}")
    return figures


async def _start(glasses: Rig, client: Client, name: str) -> Figures:
    """Connect to ready: seconds since the link was there, exchanges, bytes."""
    before = glasses.traffic
    await client.start()
    cost = glasses.traffic - before
    return {
        f"{name}_s": asyncio.get_running_loop().time() - glasses.connected_s,
        f"{name}_rounds": cost.rounds,
        f"{name}_bytes": cost.all_bytes,
    }


# --- captions -----------------------------------------------------------------------------------------------------


async def _captions(bench: Bench) -> Figures:
    before, delays = bench.rig.traffic, []
    for caption in bench.looks:
        delays.append(await bench.caption(caption))
        await bench.pause(0.3)
    return {
        **spread("caption", delays),
        "caption_bytes": (bench.rig.traffic - before).all_bytes / len(delays),
    }


async def _stream(bench: Bench) -> Figures:
    before = bench.rig.traffic
    calls = await _speak(bench, 10 * bench.effort.stream_s, 0.1)
    await asyncio.sleep(SETTLE_S)
    delays = _delays(bench, calls)
    seen = [lit.caption for lit in bench.rig.lit if lit.at_s >= calls[0][0]]
    return {
        **spread("stream", delays),
        "stream_lost": sum(math.isinf(delay) for delay in delays),
        "stream_flicker": sum(look not in bench.looks.values() for look in seen),
        "stream_bytes": (bench.rig.traffic - before).all_bytes,
    }


async def _speak(bench: Bench, count: int, period_s: float) -> list[tuple[float, str]]:
    """Captions one after another, each at its time or as soon as the one before was taken; times and texts."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    calls = []
    for n, caption in enumerate(itertools.islice(itertools.cycle(bench.looks), count)):
        due = began + n * period_s + bench.chance.uniform(0, 0.025)
        await asyncio.sleep(max(due - loop.time(), 0))
        calls.append((due, caption))
        with contextlib.suppress(Exception):
            await bench.client.caption(caption)
    return calls


def _delays(bench: Bench, calls: Sequence[tuple[float, str]]) -> list[float]:
    delays = []
    for n, (due, caption) in enumerate(calls):
        again = calls[n + len(bench.looks)][0] if n + len(bench.looks) < len(calls) else math.inf
        lit = bench.caption_lit(caption, due, again)
        delays.append(math.inf if lit is None else lit - due)
    return delays


# --- pictures -----------------------------------------------------------------------------------------------------


async def _picture(bench: Bench) -> Figures:
    before = bench.rig.traffic
    taken_s, lit_s = await bench.picture(next(pixels(bench.rig.stage.picture_bytes)))
    return {
        "picture_s": taken_s,
        "picture_lit_s": lit_s,
        "picture_bytes": (bench.rig.traffic - before).all_bytes,
    }


async def _interruptions(bench: Bench) -> Figures:
    """Captions at moments spread over the transfer; each picture is new, and over before the next begins."""
    delays, pictures = [], []
    new = pixels(bench.rig.stage.picture_bytes)
    for n, caption in enumerate(bench.looks):
        picture = asyncio.create_task(bench.picture(next(new)))
        await asyncio.sleep(0.01 + INTERRUPTED_S * n / bench.effort.interruptions)
        delays.append(await bench.caption(caption))
        pictures.append(await picture)
        await bench.pause(0.3)
    return {
        **spread("interruption", delays),
        "interruption_lost": sum(math.isinf(delay) for delay in delays),
        "interruption_errors": sum(math.isinf(taken_s) for taken_s, _ in pictures),
        "interruption_pictures_lost": sum(math.isinf(lit_s) for _, lit_s in pictures),
    }


# --- a lost packet ------------------------------------------------------------------------------------------------


async def _lost_packet(bench: Bench) -> Figures:
    """A packet that never arrives: of a caption, its acknowledgement, and one in the middle of a picture."""
    faults = bench.rig.faults
    captions = iter(bench.looks)
    clean, lossy = [], []
    for direction in ("down", "up", "down", "up", "down", "up"):
        clean.append(await bench.caption(next(captions)))
        await bench.pause(0.3)
        faults.drop_next("down" if direction == "down" else "up")
        lossy.append(await bench.caption(next(captions)))
        await bench.pause(0.3)
    pictures = pixels(bench.rig.stage.picture_bytes)
    whole_s, _ = await bench.picture(next(pictures))
    await bench.pause(0.3)
    bench.rig.after_received(40, lambda: faults.drop_next("down"))
    cut_s, _ = await bench.picture(next(pictures))
    await bench.pause(0.3)
    _, again_s = await bench.picture(next(pictures))
    captions_after = [await bench.caption(next(captions)) for _ in range(3)]
    dead = [name for name, alive in (("pictures", again_s), ("captions", max(captions_after))) if math.isinf(alive)]
    return {
        "lost_caption_more_s": max(lossy) - max(clean),
        "lost_picture_more_s": cut_s - whole_s,
        "lost_dead": ", ".join(dead) or "nothing",
    }


# --- photos and sound ---------------------------------------------------------------------------------------------


async def _photo(bench: Bench) -> Figures:
    loop = asyncio.get_running_loop()
    before, asked = bench.rig.traffic, loop.time()
    jpeg = await bench.client.photo()
    cost, took_s = bench.rig.traffic - before, loop.time() - asked
    figures: Figures = {
        "photo_s": took_s,
        "photo_jpeg_bytes": len(jpeg),
        "photo_overhead": cost.in_bytes / len(jpeg) - 1,
    }
    for fault, name in (("corrupt", "photo_damaged"), ("drop", "photo_lost")):
        await bench.pause(0.3)
        bench.rig.after_sent(40, lambda fault=fault: bench.rig.faults.next("up", fault))  # type: ignore[misc]
        outcome = await _photo_again(bench, jpeg)
        await bench.pause(0.3)
        after = await _photo_again(bench, jpeg)
        figures[name] = outcome if after == "mended" else f"{outcome}; the next: {after}"
    return figures


async def _photo_again(bench: Bench, clean: bytes) -> str:
    """The same photo once more: what became of it. Nothing moves before the camera."""
    try:
        jpeg = await bench.client.photo()
    except Exception as error:  # noqa: BLE001 - whatever a package raises is what its user gets
        return f"error ({type(error).__name__})"
    return "mended" if jpeg == clean else "unnoticed"


async def _sound(bench: Bench) -> Figures:
    """Sound, captions twice a second, and a photo after a third of the time."""
    microphone = bench.rig.device.microphone
    before, began = bench.rig.traffic, microphone.position
    photo = asyncio.create_task(_photo_at(bench, bench.effort.sound_s / 3))
    captions = asyncio.create_task(_speak(bench, 2 * bench.effort.sound_s - 4, 0.5))
    heard = await bench.client.listen(bench.effort.sound_s)
    lost = _lost(heard.samples, heard.known_lost, microphone.position - began, behind=heard.behind)
    calls = await captions
    await asyncio.sleep(SETTLE_S)
    delays = _delays(bench, calls)
    return {
        "sound_lost": lost + heard.known_lost,
        "sound_unnoticed": lost,
        "sound_bytes": (bench.rig.traffic - before).all_bytes,
        "sound_photo_s": await photo,
        **spread("sound_caption", delays),
        "sound_captions_lost": sum(math.isinf(delay) for delay in delays),
    }


async def _sound_with_losses(bench: Bench) -> Figures:
    """Ten seconds of sound, and five notifications that never arrive."""
    microphone, loop = bench.rig.device.microphone, asyncio.get_running_loop()
    began = microphone.position
    for n in range(5):
        loop.call_later(2 + n, lambda: bench.rig.faults.drop_next("up"))
    heard = await bench.client.listen(10)
    lost = _lost(heard.samples, heard.known_lost, microphone.position - began, behind=heard.behind)
    return {"gaps_lost": lost + heard.known_lost, "gaps_unnoticed": lost}


async def _photo_at(bench: Bench, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(seconds)
    asked = loop.time()
    try:
        await bench.client.photo()
    except Exception:  # noqa: BLE001 - whatever a package raises
        return math.inf
    return loop.time() - asked


def _lost(samples: int, known: int, read: int, *, behind: bool) -> int:
    """Samples that the device took from its microphone and nobody accounts for."""
    missing = read - samples - known
    return 0 if behind and missing <= TAIL_SAMPLES else max(missing, 0)


STEPS: Final[dict[str, tuple[Step, Callable[[Effort], list[str]]]]] = {
    "starts": (_starts, lambda _effort: []),
    "captions": (_captions, lambda effort: forty(effort.captions)),
    "stream": (_stream, lambda _effort: growing()),
    "picture": (_picture, lambda _effort: []),
    "interruptions": (_interruptions, lambda effort: forty(effort.interruptions)),
    "lost packet": (_lost_packet, lambda _effort: forty(15)),
    "photo": (_photo, lambda _effort: []),
    "sound": (_sound, lambda _effort: growing()),
    "gaps": (_sound_with_losses, lambda _effort: []),
}
"""Step to what runs it, and the captions that it shows."""
