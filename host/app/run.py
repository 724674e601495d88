"""Everyday mode: glasses that are opened once, captions from the start, and all else when it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import Final

from firmware_bridge import Glasses
from host.app.bound import open_glasses
from host.app.control import controlled
from host.app.glasses import NO_GLASSES, GlassesLens
from host.app.run_assistant import Assistant
from host.app.run_features import CAPTIONS, WAY, Features
from host.app.run_lens import SharedLens
from host.app.run_power import AWAY_S, Charge, Light
from host.app.run_tasks import Tasks
from host.app.run_voice import SPOKEN
from host.app.taps import follow_taps
from host.app.transcribe import Observer
from host.app.translate import Observer as LinkObserver
from host.app.translate import connect
from host.app.worn import LIT_S, kept_awake
from host.assistant.bindings import Gesture
from host.config import Settings
from host.errors import ActionError, UsageError
from host.link_record import LinkRecord

__all__ = ["Request", "everyday"]

_PRESSES: Final[dict[str, Gesture]] = {
    "single": "button.single",
    "double": "button.double",
    "long": "button.long",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        settings: from configuration, environment and flags.
        record: where the link is recorded to; None for nowhere.
    """

    settings: Settings
    record: LinkRecord | None = None


async def everyday(request: Request, observer: Observer) -> None:
    """Be there for the wearer until they end it, or until cancelled, which saves everything.

    Where a recording is played into emulated glasses it ends with that, once what was asked for has been shown.

    Raises:
        UsageError: there are no glasses, or another one of this program runs.
        GlassesError: they cannot be reached, or stay away for good.
    """
    settings = request.settings
    address = settings.glasses.strip()
    if address.lower() == NO_GLASSES:
        raise UsageError("everyday mode is on the glasses", "Name them: --glasses ble:, or --glasses emulator:frame")
    ready: list[Assistant] = []

    def do(name: str) -> str:
        if not ready:
            raise ActionError("the glasses are not ready", "Ask again in a moment")
        return ready[0].do(name, "script")

    async with contextlib.AsyncExitStack() as stack:
        if hasattr(socket, "AF_UNIX"):  # Windows has taps and menu alone
            await stack.enter_async_context(controlled(do))
        glasses = open_glasses(address, request.record, any_bound=True, give_up_s=AWAY_S)
        link = LinkObserver(event=observer.event, elapsed=observer.elapsed, connected=observer.connected)
        await connect(glasses, address, link, stack)
        await kept_awake(address, stack, "everyday mode")
        await _served(glasses, settings, observer, stack, ready)


async def _served(
    glasses: Glasses,
    settings: Settings,
    observer: Observer,
    stack: contextlib.AsyncExitStack,
    ready: list[Assistant],
) -> None:
    """Do what the wearer wants; returns when they have ended it, or the sound is over."""
    light, tasks = Light(GlassesLens(glasses), glasses, settings.run_dark_s), Tasks()
    shared = SharedLens(light)
    light.holds = lambda: shared.source not in {"", CAPTIONS, WAY}
    features = Features(glasses, shared, settings, observer, stack)
    assistant = Assistant(features, observer, tasks)
    charge = Charge(glasses, shared, light, features.font_of, observer, do=lambda name: assistant.do(name, "script"))
    features.charge = charge.say
    taps = follow_taps(
        light.lit_by(glasses.taps()),
        light.unless_dark(lambda at_s: assistant.gestured("taps.single", at_s)),
        lambda: assistant.gestured("taps.double"),
        lambda at_s: assistant.gestured("taps.triple", at_s),
        lambda button: assistant.gestured(_PRESSES[button]),
    )
    try:
        tasks.begin(shared.run(), "stage")
        tasks.begin(light.run(), "light")
        tasks.begin(charge.run(), "charge")
        tasks.begin(taps, "taps")
        tasks.begin(_gone(glasses), "link")
        over = tasks.begin(assistant.over.wait(), "end")
        failed = tasks.begin(tasks.failed(), "failed")
        assistant.do("captions", "tap")
        ready.append(assistant)
        observer.assisting(lambda name: assistant.do(name, "page"))
        await asyncio.wait({over, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            await failed
    finally:
        ready.clear()
        assistant.over.set()
        await tasks.end(first=SPOKEN)  # what was held back for a command is for the captions
    await asyncio.sleep(LIT_S)


async def _gone(glasses: Glasses) -> None:
    """Wait until the glasses are out of reach for good. Raises GlassesError: they are."""
    async for _change in glasses.states():
        pass
