"""Emulated glasses for other people's programs: in a process of their own, which their Lua cannot leave.

Lua that is not ours runs in C that nothing can interrupt (a `string.find` that goes back for ever, a `__gc` that never
ends) and may yet find a hole in the interpreter. So the glasses live in a process that has given up files, network and
memory without end; when it hangs for the 6 s of the Frame's own watchdog (device reference 3), or dies, it is started
again, which whoever is connected sees as what it is on hardware: the glasses were reset and the link is lost.

    glasses = ConfinedGlasses(options)
    await glasses.start()
    ...
    await glasses.close()
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import pickle
import struct
import sys
import zlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from firmware_bridge.emulator.acts import Charge, Hear, Press, Tap, WearerAct
from firmware_bridge.emulator.clock import MAX_LATE_S
from firmware_bridge.emulator.confined_lens import RemoteLens
from firmware_bridge.emulator.confinement import (
    EVENT,
    EVENTS,
    HEADER,
    REPORT_MAX_BYTES,
    TIME,
    Order,
    Report,
    message,
)
from firmware_bridge.emulator.flash_folder import FlashPath, Folder
from firmware_bridge.emulator.options import GlassesOptions, lens_size
from firmware_bridge.emulator.radio import SlotAir
from firmware_bridge.emulator.telemetry import DeviceObserver
from firmware_bridge.errors import DeviceError, InputError

START_S: Final = 60.0  # a busy computer takes long to load a library
END_S: Final = 1.0
PING_S: Final = 1.0
PINGS_MISSED: Final = 6  # 3: the hardware watchdog takes 6 s

_log = logging.getLogger(__name__)


class ConfinedGlasses:
    """One emulated pair of glasses in a process of its own; may be used as a Bluetooth device.

    Args:
        options: all that makes it.

    Attributes:
        address: as a host prints it; known once it has started.
        observers: told what happens; times are those of the loop.
        on_gone: called when the glasses stop answering.
        powered: False after `frame.sleep()`, and while a new process starts.
        resets: processes that hung or died and were replaced.
    """

    def __init__(self, options: GlassesOptions) -> None:
        self.address = ""
        self.observers: list[DeviceObserver] = []
        self.on_gone: Callable[[], None] | None = None
        self.powered = False
        self.resets = 0
        self._options = options
        self._folder = None if options.flash is None else Folder(options.flash)
        self._lens: RemoteLens | None = None
        self._air: SlotAir | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._since = 0.0  # when the process began to live, by the loop's clock
        self._answered = True
        self._unanswered: deque[asyncio.Future[int]] = deque()  # values that were written, in order
        self._tasks: list[asyncio.Task[None]] = []
        self._lasting: dict[type[WearerAct], WearerAct] = {}  # what another process has to be told again

    async def start(self) -> None:
        """Switch the glasses on. Cancelling leaves no process.

        Raises:
            InputError: a file given in the options cannot be used.
            DeviceError: the process cannot be started.
        """
        await self._spawn()
        self._tasks = [
            asyncio.create_task(self._live(), name="confined glasses"),
            asyncio.create_task(self._watch(), name="watchdog"),
        ]

    async def close(self) -> None:
        """Switch the glasses off for good; repeated calls do nothing."""
        self.powered = False
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._end()

    def restart(self) -> None:
        """The whole device starts again, as after a crash."""
        self._send(Order.RESTART)

    def act(self, act: WearerAct) -> None:
        """The wearer does something, or something is before them."""
        if isinstance(act, Charge):
            self._options = replace(self._options, battery=act.percent)
        elif not isinstance(act, Tap | Press | Hear):
            self._lasting[type(act)] = act
        self._send(Order.ACT, pickle.dumps(act))

    def unbond(self) -> None:
        """Nobody is bonded any more: the files go with the next start (1.2)."""
        self._options = replace(self._options, paired="no")
        self._send(Order.UNBOND)

    def watch_lens(self) -> RemoteLens:
        """What the wearer sees, from now on."""
        if self._lens is None:
            self._lens = RemoteLens(lens_size(self._options))
            self._send(Order.WATCH_LENS)
        return self._lens

    # GattDevice

    def link_up(self, air: SlotAir) -> None:
        """A host is connected; nothing else has happened yet."""
        self._air = air
        air.on_free = lambda: self._send_timed(Order.SLOT_FREE)
        self._send_timed(Order.LINK_UP)

    def bonded(self) -> None:
        """A host has just paired."""
        self._options = replace(self._options, paired="self")
        self._send(Order.BONDED)

    def mtu_exchanged(self, att_mtu: int) -> None:
        """The host and the device agreed on an MTU."""
        self._send(Order.MTU, struct.pack("<H", att_mtu))

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        self._send(Order.SUBSCRIBED, bytes([on]))

    def written(self, value: bytes) -> Awaitable[int]:
        """A value arrived. Gives 0, or the ATT error with which the glasses refuse it."""
        return self._written(Order.WRITTEN, value)

    def audio_written(self, value: bytes) -> Awaitable[int]:
        """A value arrived for Halo's speaker. Gives 0, or an ATT error."""
        return self._written(Order.AUDIO_WRITTEN, value)

    def battery(self) -> int:
        """Per cent; what is the case inside does not change it."""
        return round(self._options.battery)

    def _written(self, order: Order, value: bytes) -> Awaitable[int]:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._air is None or not self.powered:
            answer.set_result(0)
            return answer
        self._unanswered.append(answer)
        for observer in self.observers:
            observer.received(asyncio.get_running_loop().time(), value)
        self._send_timed(order, value)
        return answer

    def disconnected(self) -> None:
        """The link is gone."""
        self._answer_all()
        self._air = None
        self._send(Order.DISCONNECTED)

    # The process

    async def _spawn(self) -> None:
        command = (sys.executable, "-m", "firmware_bridge.emulator.confined_device")
        pipe = asyncio.subprocess.PIPE
        # A session of its own: Ctrl-C is for this program, which then ends that one.
        self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, start_new_session=True)
        try:
            self._send(Order.START, pickle.dumps(self._options))
            async with asyncio.timeout(START_S):
                self.address = await self._greeting()
        except (EOFError, OSError, TimeoutError) as error:
            await self._end()
            raise DeviceError(
                "the process of the emulated glasses does not start", "See what it says above."
            ) from error
        except BaseException:
            await self._end()
            raise
        self._since = asyncio.get_running_loop().time()
        self.powered = self._answered = True
        if self._lens is not None:
            self._send(Order.WATCH_LENS)
        for act in self._lasting.values():
            self._send(Order.ACT, pickle.dumps(act))

    async def _greeting(self) -> str:
        """The address of glasses that are ready."""
        report, body = await self._report()
        if report is Report.REFUSED:
            text, hint = json.loads(body)
            raise InputError(str(text), str(hint))
        if report is not Report.READY:
            raise EOFError
        return body.decode("ascii")

    async def _live(self) -> None:
        """Pass on what comes; start another process when one has died."""
        while True:
            with contextlib.suppress(EOFError):
                while True:
                    self._take(*await self._report())
            self.resets += 1
            _log.warning("the process of the emulated glasses hung or died; they are reset")
            await self._end()
            self._gone()
            try:
                await self._spawn()
            except (DeviceError, InputError) as error:
                _log.error("%s", error.message)
                return
            self._tell("restarted", 0.0, "watchdog")

    async def _watch(self) -> None:
        """End a process that does not answer for 6 s, which must be seconds that this program was there for."""
        missed = 0
        while True:
            await asyncio.sleep(PING_S)
            missed = 0 if self._answered or not self.powered else missed + 1
            if missed >= PINGS_MISSED and self._process is not None and self._process.returncode is None:
                missed = 0
                self._process.kill()
            self._answered = False
            self._send(Order.PING)

    async def _end(self) -> None:
        """Let the process end, which it does without a program to talk to, unless it hangs."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _send(self, order: Order, body: bytes = b"") -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(message(order, body))

    def _send_timed(self, order: Order, body: bytes = b"") -> None:
        """Send what the glasses may answer by a notification."""
        if self._air is not None:
            self._send(order, TIME.pack(self._air.clock.now()) + body)

    async def _report(self) -> tuple[Report, bytes]:
        """The next report. Raises EOFError where there will be none, or none that can be understood."""
        assert self._process is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        try:
            size, kind = HEADER.unpack(await self._process.stdout.readexactly(HEADER.size))
            if size > REPORT_MAX_BYTES:
                raise EOFError
            return Report(kind), await self._process.stdout.readexactly(size)
        except (ValueError, OSError, asyncio.IncompleteReadError) as error:
            raise EOFError from error

    def _take(self, report: Report, body: bytes) -> None:
        try:
            match report:
                case Report.NOTIFY if self._air is not None:
                    self._notified(self._air, body)
                case Report.GONE:
                    self._gone()
                case Report.TAKEN if self._unanswered:
                    _answer(self._unanswered.popleft(), body[0])
                case Report.EVENT:
                    when_s, number = EVENT.unpack_from(body)
                    self._happened(EVENTS[number], when_s, body[EVENT.size :])
                case Report.LIT if self._lens is not None:
                    self._lens.take(self._since, body)
                case Report.PONG:
                    self._answered = True
                case Report.KEEP if self._folder is not None:
                    _keep(self._folder, body)
        except InputError as error:
            _log.error("%s", error.message)
        except (ValueError, LookupError, TypeError, struct.error, zlib.error) as error:
            raise EOFError from error  # no glasses of ours: another process

    def _notified(self, air: SlotAir, body: bytes) -> None:
        """The glasses have sent a notification: at a time that the air may have come to before this did."""
        (when_s,) = TIME.unpack_from(body)
        # They are no further ahead than the air can be late; and what a strange process says may be no number.
        when_s = min(air.clock.now() + MAX_LATE_S, when_s)
        air.clock.call_at(when_s, self._notify, air, body[TIME.size :])

    def _notify(self, air: SlotAir, value: bytes) -> None:
        for observer in self.observers:
            observer.sent(asyncio.get_running_loop().time(), value)
        if air is self._air and (not air.notify(value) or air.free):
            self._send_timed(Order.SLOT_FREE)

    def _answer_all(self) -> None:
        """Whoever waits for an answer gets none any more."""
        while self._unanswered:
            _answer(self._unanswered.popleft(), 0)

    def _gone(self) -> None:
        self._answer_all()
        self.powered = False
        self._air = None
        if self.on_gone is not None:
            self.on_gone()

    def _happened(self, what: str, when_s: float, text: bytes) -> None:
        if what in ("restarted", "linked"):
            self._tell(what, when_s, text.decode("ascii"))
        else:
            self._tell(what, when_s, text)

    def _tell(self, what: str, when_s: float, text: str | bytes) -> None:
        if what == "restarted":
            self.powered = True
        for observer in self.observers:
            getattr(observer, what)(self._since + when_s, text)


def _answer(answer: asyncio.Future[int], code: int) -> None:
    if not answer.done():
        answer.set_result(code)


def _keep(folder: Folder, body: bytes) -> None:
    """Do a change of the glasses' files.

    Raises:
        InputError: the disk does not take it.
        ValueError, TypeError: it is none.
    """
    what, path, *more = json.loads(body)
    match what:
        case "write":
            folder.write(_path(path), base64.b64decode(more[0]))
        case "mkdir":
            folder.mkdir(_path(path))
        case "remove":
            folder.remove(_path(path))
        case "rename":
            folder.rename(_path(path), _path(more[0]))
        case "clear":
            folder.clear()
        case _:
            raise ValueError(what)


def _path(names: Any) -> FlashPath:
    path = tuple(name.encode("latin-1") for name in names)
    if not path or b"" in path:
        raise ValueError(names)
    return path
