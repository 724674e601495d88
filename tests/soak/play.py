"""One soak: random operations of a program on random glasses under random faults, in virtual time.

Everything hangs on the seed. A program shows, listens, takes photos, waits for taps and asks for the battery, several
at once, and stops in the middle of each; the world pulls the link, damages what crosses it, restarts the glasses and
stops our app. What must hold is checked all the time and, at rest every now and then, on the lens.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np

from firmware_bridge import (
    AppCrashedError,
    Glasses,
    GlassesError,
    LinkLostError,
    LinkTimeoutError,
    Quality,
    Scene,
)
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.faults import FaultRates
from firmware_bridge.emulator.jpeg import FOOTER
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.session import Session

from .scenes import SETTLE_S, lit, random_scene, untroubled
from .sound import Samples, SoundCheck, stream_starts, streams_marked
from .world import HANG_S, Digest, Kept, Outcome, progressing, random_options

REST_EVERY = 25  # operations between two looks at the lens
HEAP_KIB = 12  # what the app may hold more, at rest, than when it had done everything once
BREAK = b"\x03"
CALM = FaultRates()


def play(
    seed: int, operations: int, sound: Path, truth: Samples, trace: Callable[[str], None] | None = None
) -> Outcome:
    """Run one seed to its end.

    Args:
        seed: of everything.
        operations: how many.
        sound: the recording that the microphone hears.
        truth: its samples.
        trace: told what is done, with the time.
    """
    outcome = Outcome(seed)
    before = _sessions()
    with streams_marked():
        run_virtual(_Soak(outcome, operations, sound, truth, trace).run())
    left = len(_sessions()) - len(before)
    if left:
        outcome.wrong.append(f"{left} sessions are still in memory")
    return outcome


def _sessions() -> list[Session]:
    """Those in memory; what holds the list keeps them there, so that two of them can be compared."""
    gc.collect()
    return [thing for thing in gc.get_objects() if isinstance(thing, Session)]


class _Soak:
    def __init__(
        self, outcome: Outcome, operations: int, sound: Path, truth: Samples, trace: Callable[[str], None] | None
    ) -> None:
        self.outcome = outcome
        self.operations = operations
        self.truth = truth
        self.trace = trace
        self.chance = random.Random(outcome.seed)
        self.options = random_options(self.chance, sound)
        self.asked = Scene()
        self.sure = True  # the newest picture was not given up
        self.listening = self.opening = False
        self.photos: set[bytes] = set()
        self.levels: set[int] = set()
        self.taps_made = 0
        self.taps_before = 0
        self.running: set[asyncio.Task[None]] = set()
        self.check: SoundCheck | None = None
        self.source: EmulatorSource
        self.glasses: Glasses

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: self.bad(f"unhandled: {context}"))
        self.source = source = EmulatorSource(self.options)
        digest = Digest()
        source.device.observers.append(digest)
        self.watch_camera()
        self.levels.add(round(source.device.system.battery.percent))
        try:
            while self.outcome.operations < self.operations:
                async with self.opened() as glasses:
                    self.glasses = glasses
                    await self.one_program()
                self.taps_before = self.taps_made
            tasks = [task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}]
            if tasks:
                self.bad(f"tasks that nobody ended: {tasks}")
        finally:
            await source.close()
            for task in self.running:
                task.cancel()
        self.outcome.seconds = loop.time()
        self.outcome.digest = digest.hash.hexdigest()
        for name, number in source.faults.counts.items():
            self.outcome.count(f"fault: {name}", number)
        if self.outcome.counts.get("samples damaged", 0) > source.faults.counts.get("corrupt", 0):
            self.bad("more samples are damaged than the radio damaged")

    def bad(self, text: str) -> None:
        self.outcome.wrong.append(f"{asyncio.get_running_loop().time():.3f} s: {text}")
        self.tell("WRONG " + text)

    def tell(self, text: str) -> None:
        if self.trace is not None:
            self.trace(f"{asyncio.get_running_loop().time():10.3f} {text}")

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Glasses]:
        """The glasses, after some tries that are given up in the middle."""
        while self.chance.random() < 0.3:
            self.tell("open, given up")
            with contextlib.suppress(TimeoutError, GlassesError):
                async with asyncio.timeout(self.chance.uniform(0, 3)), Glasses(Kept(self.source)):
                    pass
        for _ in range(20):
            glasses = Glasses(Kept(self.source))
            try:
                async with asyncio.timeout(HANG_S):
                    await glasses.__aenter__()
                break
            except (GlassesError, TimeoutError) as error:
                self.outcome.count(f"open: {type(error).__name__}")
                self.tell(f"open: {error!r}")
                if isinstance(error, TimeoutError) or not error.retry:
                    self.bad(f"opening: {error!r}")
        else:
            self.bad("the glasses could not be opened")
            raise RuntimeError
        self.tell(f"open: {glasses.start}")
        try:
            yield glasses
        finally:
            try:
                async with asyncio.timeout(HANG_S):
                    await glasses.__aexit__()
            except TimeoutError:
                self.bad("closing hangs")

    async def one_program(self) -> None:
        """Operations until the program closes the glasses; what is on its way is given up then."""
        self.asked, self.sure = Scene(), True
        for n in range(1, 1 + min(self.operations - self.outcome.operations, 3 * REST_EVERY)):
            self.outcome.operations += 1
            self.world()
            self.begin()
            await asyncio.sleep(self.chance.choice((0.0, 0.05, 0.3, 1.0, 2.0)))
            if n % REST_EVERY == 0:
                await self.rest()
        for task in self.running:
            task.cancel()
        await self.all_done()

    async def all_done(self) -> None:
        if self.running:
            await asyncio.wait(self.running)

    # --- the world -------------------------------------------------------------------------------------------------

    def world(self) -> None:
        """Something may happen that nobody asked for."""
        source, dice = self.source, self.chance.random()
        if dice < 0.03:
            self.happens("cut", source.faults.cut_for, self.chance.choice((0.3, 1.0, 3.0, 8.0, 30.0)))
        elif dice < 0.05:
            self.happens("drop of the link", source.faults.cut_now)
        elif dice < 0.07:
            self.happens("restart", source.device.restart)
        elif dice < 0.08:
            self.happens("break by a stranger", source.device.written, BREAK)
        elif dice < 0.12:
            level = self.chance.randrange(101)
            self.levels.add(level)
            self.happens("battery", source.device.system.battery.charge, float(level))
        elif dice < 0.25:
            self.taps_made += 1
            self.happens("tap", source.device.tap)

    def happens(self, name: str, what: Callable[..., object], *args: Any) -> None:
        self.outcome.count(name)
        self.tell(f"{name} {args[-1:] if args else ''}")
        what(*args)

    def watch_camera(self) -> None:
        """Remember every photo as it left the encoder."""
        camera = self.source.device.camera
        take = camera._take

        def remembered(resolution: int, quality: int, pan: int) -> None:
            take(resolution, quality, pan)
            self.photos.add(camera._header + camera._scan + FOOTER)

        camera._take = remembered  # type: ignore[method-assign]

    # --- the program -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin an operation beside those that run; many are given up after a while."""
        name, operation = self.chance.choice(self.choices())
        given_up_s = self.chance.choice((None, None, 0.0, 0.02, 0.2, 1.0, 4.0))
        self.outcome.count(name)
        task = asyncio.create_task(self.attempt(name, operation, given_up_s), name=name)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    def choices(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        made: list[tuple[str, Callable[[], Awaitable[None]]]] = [("show", self.show)] * 8
        made += [("clear", self.clear), ("screen", self.screen), ("taps", self.taps), ("motion", self.motion)]
        made += [("battery?", self.battery), ("photo", self.photo), ("camera awake", self.camera_awake)]
        if not self.listening:
            made += [("listen", self.listen)] * 4
        return made

    async def attempt(self, name: str, operation: Callable[[], Awaitable[None]], given_up_s: float | None) -> None:
        self.tell(f"{name} for {given_up_s}")
        try:
            limit_s = HANG_S if given_up_s is None and name != "listen" else given_up_s
            async with asyncio.timeout(limit_s):
                await operation()
        except TimeoutError:
            if given_up_s is None:
                self.bad(f"{name} hangs")
            self.outcome.count("given up")
        except (LinkLostError, LinkTimeoutError) as error:
            self.outcome.count(f"{name}: {type(error).__name__}")
            if name in ("show", "clear", "listen", "taps", "motion"):
                self.bad(f"{name}: {error!r}")
        except GlassesError as error:
            self.outcome.count(f"{name}: {type(error).__name__}")
            if type(error).__name__ != "AppCrashedError":
                self.bad(f"{name}: {error!r} {getattr(error, 'device_text', '')!r}")
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
            self.bad(f"{name}: {error!r}")
        self.tell(f"{name} ends")

    async def show(self) -> None:
        self.asked = random_scene(self.chance, self.asked)
        self.sure = False
        asked = self.asked
        await self.glasses.show(asked)
        if asked is self.asked:
            self.sure = True

    async def clear(self) -> None:
        self.asked = Scene()
        self.sure = False
        asked = self.asked
        await self.glasses.clear()
        if asked is self.asked:
            self.sure = True

    async def screen(self) -> None:
        await self.glasses.screen(on=self.chance.random() < 0.7, brightness=self.chance.randrange(-2, 3))

    async def camera_awake(self) -> None:
        await self.glasses.keep_camera_awake(on=self.chance.random() < 0.5)

    async def battery(self) -> None:
        percent = await self.glasses.battery()
        if percent not in self.levels:
            self.bad(f"a battery of {percent} %: never")

    async def photo(self) -> None:
        photo = await self.glasses.take_photo(
            resolution=self.chance.randrange(50, 180) * 2,
            quality=self.chance.choice(list(Quality)),
            exposures=self.chance.randrange(3),
        )
        self.outcome.count("photos whole" if photo.jpeg in self.photos else "photos wrong")
        if photo.jpeg not in self.photos:
            self.bad(f"a photo of {len(photo.jpeg)} bytes that the camera never took")

    async def taps(self) -> None:
        times = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.chance.uniform(1, 20)), contextlib.aclosing(self.glasses.taps()) as taps:
                async for tap in taps:
                    times.append(tap.time_s)
                    self.outcome.count("taps heard")
                    if len(times) > self.taps_made - self.taps_before:
                        self.bad("a tap that nobody made")
        if len(set(times)) < len(times):
            self.bad(f"a tap was heard twice: {times}")

    async def motion(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with (
                asyncio.timeout(self.chance.uniform(1, 10)),
                contextlib.aclosing(self.glasses.motion(self.chance.choice((0.02, 0.1, 0.5)))) as samples,
            ):
                async for sample in samples:
                    self.outcome.count("samples of motion")
                    g = math.hypot(*sample.accelerometer) / self.options.choices.counts_per_g
                    if not 0.9 < g < 1.1 and not self.options.faults.corrupt:
                        self.bad(f"gravity of {g:.2f} g: {sample}")

    async def listen(self) -> None:
        rate_hz, bits = self.chance.choice((16000, 16000, 8000)), self.chance.choice((16, 16, 8))
        wanted = round(self.chance.choice((0.5, 3.0, 10.0, 20.0)) * rate_hz)
        self.check = check = SoundCheck(self.truth, rate_hz)
        self.listening = True
        try:
            stream = self.glasses.microphone(rate_hz, bits)
            async with contextlib.aclosing(stream):
                async for chunk in progressing(stream):
                    check.take(chunk, stream_starts(self.glasses))
                    if chunk.start + len(chunk.samples) >= wanted:
                        break
        finally:
            self.listening, self.check = False, None
            for name in ("samples", "lost", "damaged"):
                self.outcome.count(f"samples {name}" if name != "samples" else "samples right", getattr(check, name))
            for text in check.wrong:
                self.bad(f"{rate_hz} Hz, {bits} bits: {text}")

    # --- at rest ---------------------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """The faults end, everything comes to an end, and the lens must show what was asked for last."""
        await self.all_done()
        faults, self.source.faults._rates = self.source.faults._rates, ()
        try:
            async with asyncio.timeout(HANG_S):
                if not self.sure:
                    await self.glasses.show(self.asked)
                await self.lens_on()
                await asyncio.sleep(SETTLE_S * (4 if self.options.slow else 1))
                await self.look()
        except TimeoutError:
            self.bad("the glasses do not come to rest")
        except GlassesError as error:
            self.bad(f"at rest: {error!r}")
        finally:
            self.source.faults._rates = faults

    async def lens_on(self) -> None:
        """The app may have been stopped just before, which the link learns from its silence."""
        for _ in range(3):
            with contextlib.suppress(LinkLostError, LinkTimeoutError, AppCrashedError):
                return await self.glasses.screen(on=True)
        self.bad("the lens cannot be switched on")

    async def look(self) -> None:
        self.tell("at rest")
        self.outcome.count("rests")
        seen, wanted = lit(self.source), await untroubled(self.asked)
        if (seen != wanted).any():
            self.bad(
                f"{int(np.count_nonzero((seen != wanted).any(axis=2)))} pixels of the lens are wrong: {self.asked}"
            )
        vm = self.source.device._luaport.vm
        assert vm is not None
        heap_kib = vm.heap_kib()
        self.tell(f"heap {heap_kib:.1f} KiB")
        self.outcome.counts["heap, KiB"] = max(self.outcome.counts.get("heap, KiB", 0), round(heap_kib))
