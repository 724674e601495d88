"""The confined process: emulated glasses whose Lua is a stranger's. Started by `confined.py`, never by hand.

Everything that needs a file is opened before any Lua runs; then the process gives up, for good and as far as the
system lets it, files, sockets, other processes and memory without end. A watchdog that nothing in here can feed but
the event loop ends it when Lua keeps it from turning.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pickle
import signal
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image

from firmware_bridge.emulator.clock import DeviceClock, run_virtual
from firmware_bridge.emulator.confinement import EVENT, EVENTS, HEADER, LIT, TIME, Order, Report, message
from firmware_bridge.emulator.flash_folder import FlashPath
from firmware_bridge.emulator.halo.device import EmulatedHalo
from firmware_bridge.emulator.options import FrameOptions, GlassesOptions, HaloOptions
from firmware_bridge.emulator.processor import WATCHDOG_S
from firmware_bridge.emulator.source import glasses_of
from firmware_bridge.emulator.telemetry import DeviceObserver, LinkState
from firmware_bridge.errors import GlassesError

MEMORY_BYTES: Final = 256 << 20  # beyond what is there at the start; Lua's own heap has 150 KiB

_REHEARSALS: Final[tuple[tuple[GlassesOptions, tuple[bytes, ...]], ...]] = (
    (
        FrameOptions(),
        (
            b"frame.display.text('Aj', 1, 1) frame.display.show() frame.imu.raw()",
            b"frame.time.date() frame.time.zone('+1:00')",
            b"frame.microphone.start{} frame.camera.auto{} frame.camera.capture{}",
            b"frame.microphone.read(64) while frame.camera.read(99) do end frame.file.open('a', 'w'):close() x.y = 1",
            b"\x04",
        ),
    ),
    (
        HaloOptions(),
        (
            b"frame.display.text('Aj', 1, 1) frame.imu.raw() frame.time.date() frame.time.zone('+1:00')",
            b"frame.microphone.start{encoder='lc3'} frame.speaker.start{encoder='lc3'}",
            b"frame.camera.power_save(false) frame.camera.capture{} frame.speaker.play(('\\0'):rep(20))",
            b"frame.microphone.read(64) while frame.camera.read(999) do end frame.file.open('a', 'w'):close() x.y = 1",
            b"\x04",
        ),
    ),
)


def main() -> None:
    """Be one pair of glasses until standard input ends."""
    orders, reports = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    _, body = _read(orders)
    options: GlassesOptions = pickle.loads(body)  # noqa: S301 - of the program that started this one
    run_virtual(_rehearse())

    def report(kind: Report, body: bytes) -> None:
        data = message(kind, body)
        try:
            while data:
                data = data[reports.write(data) :]
        except OSError:
            _end()  # nobody is there any more

    try:
        asyncio.run(_live(options, orders, report))
    except GlassesError as error:
        report(Report.REFUSED, json.dumps([error.message, error.hint]).encode())


def confine() -> None:
    """Give up what the glasses do not need; there is no way back. Does what the system can, on Windows nothing."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    limits = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0, "RLIMIT_NOFILE": 0}
    memory = Path("/proc/self/statm")
    if memory.exists():
        limits["RLIMIT_AS"] = int(memory.read_text().split()[0]) * resource.getpagesize() + MEMORY_BYTES
    for name, limit in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (AttributeError, OSError, ValueError):  # this system has no such limit
            continue


def feed_watchdog() -> None:
    """Live for another 6 s of processor time; what keeps the event loop from coming here ends the process."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, WATCHDOG_S)


class ConfinedDevice(DeviceObserver):
    """The glasses, and what passes between them and outside. Implements `Air` and `Store`.

    Args:
        options: all that makes them.
        clock: theirs.
        report: sends one message outside.

    Raises:
        GlassesError: a file given in the options cannot be used.
    """

    def __init__(self, options: GlassesOptions, clock: DeviceClock, report: Callable[[Report, bytes], None]) -> None:
        self._clock = clock
        self._report = report
        self._slot_busy = False
        self.on_free: Callable[[], None] = lambda: None
        self._air_ahead_s = 0.0  # of the air's clock, as of the last order that told its time
        self._glasses = glasses = glasses_of(options, clock)
        self._does: dict[Order, Callable[[bytes], None]] = {
            Order.PING: lambda _: self._ping(),
            Order.WRITTEN: lambda body: self._written(body, glasses.written),
            Order.SLOT_FREE: self._slot_free,
            Order.LINK_UP: self._link_up,
            Order.BONDED: lambda _: glasses.bonded(),
            Order.MTU: lambda body: glasses.mtu_exchanged(int.from_bytes(body, "little")),
            Order.SUBSCRIBED: lambda body: glasses.subscribed(body == b"\1"),
            Order.DISCONNECTED: lambda _: glasses.disconnected(),
            Order.RESTART: lambda _: glasses.restart(),
            Order.UNBOND: lambda _: glasses.unbond(),
            Order.WATCH_LENS: lambda _: self._watch_lens(),
            Order.ACT: lambda body: glasses.act(pickle.loads(body)),  # noqa: S301 - as the options
        }
        if isinstance(glasses, EmulatedHalo):
            self._does[Order.AUDIO_WRITTEN] = lambda body: self._written(body, glasses.audio_written)
        glasses.observers.append(self)
        glasses.on_gone = lambda: report(Report.GONE, b"")
        if options.flash is not None:
            glasses.files.keep_in(self)

    @property
    def address(self) -> str:
        """Bluetooth address, as a host prints it."""
        return self._glasses.address

    # From outside

    def obey(self, order: Order, body: bytes) -> None:
        """Do what one message asks for."""
        self._does[order](body)

    def _ping(self) -> None:
        feed_watchdog()
        self._report(Report.PONG, b"")

    def _link_up(self, body: bytes) -> None:
        self._slot_free(body)
        self._glasses.link_up(self)

    def _slot_free(self, body: bytes) -> None:
        self._take_time(body)
        self._slot_busy = False
        self.on_free()

    def _written(self, body: bytes, write: Callable[[bytes], int]) -> None:
        self._take_time(body)
        self._report(Report.TAKEN, bytes([write(body[TIME.size :])]))

    def _take_time(self, body: bytes) -> None:
        self._air_ahead_s = TIME.unpack_from(body)[0] - self._clock.now()

    def _watch_lens(self) -> None:
        self._glasses.display.observers.append(lambda lit_at, _picture: self._lit(lit_at))
        self._lit(self._glasses.now())

    # Air

    def notify(self, value: bytes) -> bool:
        """Air: one at a time."""
        if self._slot_busy:
            return False
        self._slot_busy = True
        self._report(Report.NOTIFY, TIME.pack(self._glasses.now() + self._air_ahead_s) + value)
        return True

    # Store

    def write(self, path: FlashPath, content: bytes) -> None:
        """Store: keep a file."""
        self._keep("write", path, base64.b64encode(content).decode())

    def mkdir(self, path: FlashPath) -> None:
        """Store: keep a folder."""
        self._keep("mkdir", path)

    def remove(self, path: FlashPath) -> None:
        """Store: remove."""
        self._keep("remove", path)

    def rename(self, old: FlashPath, new: FlashPath) -> None:
        """Store: move."""
        self._keep("rename", old, _as_json(new))

    def clear(self) -> None:
        """Store: remove everything."""
        self._keep("clear", ())

    def _keep(self, what: str, path: FlashPath, *more: Any) -> None:
        self._report(Report.KEEP, json.dumps([what, _as_json(path), *more]).encode())

    # DeviceObserver

    def restarted(self, when_s: float, reason: str) -> None:
        """DeviceObserver: the glasses begin to run."""
        self._event("restarted", when_s, reason.encode())

    def linked(self, when_s: float, state: LinkState) -> None:
        """DeviceObserver: what the link does."""
        self._event("linked", when_s, state.encode())

    def printed(self, when_s: float, text: bytes) -> None:
        """DeviceObserver: what Lua prints."""
        self._event("printed", when_s, text)

    def failed(self, when_s: float, text: bytes) -> None:
        """DeviceObserver: what Lua fails with."""
        self._event("failed", when_s, text)

    def _event(self, what: str, when_s: float, text: bytes) -> None:
        self._report(Report.EVENT, EVENT.pack(when_s, EVENTS.index(what)) + text)

    def _lit(self, lit_at: float) -> None:
        indices, colours = self._glasses.display.indexed()
        head = LIT.pack(lit_at, *self._glasses.display.size, len(colours))
        self._report(Report.LIT, head + colours.tobytes() + zlib.compress(indices.tobytes(), 1))


async def _live(options: GlassesOptions, orders: BinaryIO, report: Callable[[Report, bytes], None]) -> None:
    """Be the glasses; never returns."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_failed)
    device = ConfinedDevice(options, DeviceClock(loop, 1.0 if options.speed == "max" else options.speed), report)

    def listen() -> None:
        while True:
            try:
                kind, body = _read(orders)
            except EOFError:
                _end()  # nobody is there any more: at once, whatever Lua does
            loop.call_soon_threadsafe(device.obey, Order(kind), body)

    threading.Thread(target=listen, daemon=True).start()
    confine()
    feed_watchdog()
    report(Report.READY, device.address.encode())
    await asyncio.Event().wait()


def _failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A fault of the emulation ends the process, which whoever is connected sees as a reset."""
    loop.default_exception_handler(context)
    _end()


async def _rehearse() -> None:
    """Use everything once that is loaded when it is first used, while there are files."""
    Image.init()
    for options, texts in _REHEARSALS:
        glasses = glasses_of(options, DeviceClock(asyncio.get_running_loop()))
        for text in texts:
            await asyncio.sleep(1)
            glasses.written(text)
        await asyncio.sleep(1)
        glasses.close()


def _end() -> None:
    """End at once, also where Lua keeps the event loop from turning."""
    signal.raise_signal(getattr(signal, "SIGKILL", signal.SIGTERM))


def _read(orders: BinaryIO) -> tuple[int, bytes]:
    header = orders.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    size, kind = HEADER.unpack(header)
    return kind, orders.read(size)


def _as_json(path: FlashPath) -> list[str]:
    return [name.decode("latin-1") for name in path]


if __name__ == "__main__":
    main()
