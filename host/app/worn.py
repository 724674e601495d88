"""Glasses as features have them that answer taps: connected, their taps followed, pages on their lens."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from firmware_bridge import Glasses
from host.app.bound import glasses_if_any
from host.app.glasses import GlassesLens, report_battery
from host.app.lens_pictures import LensPictures
from host.app.lens_text import card_fonts
from host.app.pages import LIT_S, Pages
from host.app.translate import Observer, Request, connect
from host.app.wishes import Wishes
from host.awake import awake
from host.contracts import Lens

__all__ = ["LIT_S", "Worn", "accompanied", "kept_awake", "worn"]


@dataclass(frozen=True, slots=True)
class Worn:
    """Glasses, and the pages on their lens.

    Attributes:
        glasses: open.
        pages: on their lens.
        turns: what must not be covered by others, where several features share the lens; None: `pages` are.
        aside: what is small and may be seen beside what others show, likewise.
    """

    glasses: Glasses
    pages: Pages
    turns: Pages | None = None
    aside: Lens | None = None


async def worn(
    request: Request, observer: Observer, wishes: Wishes, language: str, stack: contextlib.AsyncExitStack
) -> Worn | None:
    """Connect for as long as the stack is open, which leaves the lens dark; None where no glasses are wanted.

    Args:
        request: what was asked for.
        observer: is told of the link.
        wishes: follow the taps.
        language: of the text on the lens, BCP 47; empty where it may be any.
        stack: what is opened here is closed with it.

    Raises:
        UsageError: a link is to be recorded, and there is none.
        GlassesError: the glasses cannot be reached.
    """
    glasses = glasses_if_any(request.glasses, request.record)
    if glasses is None:
        return None
    pictures = LensPictures(glasses, request.lens_out) if request.lens_out else None
    await connect(glasses, request.glasses, observer, stack)
    lens = GlassesLens(glasses)
    pages = Pages(lens, card_fonts(language, lens.shape, observer.event, observer.elapsed), pictures)
    taps = asyncio.create_task(wishes.follow(glasses.taps()))
    stack.push_async_callback(asyncio.wait, {taps})
    stack.callback(taps.cancel)
    if pictures is not None:
        await asyncio.sleep(LIT_S)  # what the start has drawn is no page
        stack.enter_context(pictures)
    return Worn(glasses, pages)


async def accompanied(
    glasses: Glasses, request: Request, observer: Observer, stack: contextlib.AsyncExitStack, why: str
) -> None:
    """For as long as the stack is open the charge is reported, and for real glasses this computer kept awake.

    Args:
        glasses: open.
        request: what was asked for.
        observer: is told of the charge.
        stack: ends it.
        why: what the system shows who asks what keeps it awake.
    """
    charge = asyncio.create_task(report_battery(glasses, observer.event, observer.elapsed))
    stack.push_async_callback(asyncio.wait, {charge})
    stack.callback(charge.cancel)
    await kept_awake(request.glasses, stack, why)


async def kept_awake(address: str, stack: contextlib.AsyncExitStack, why: str) -> None:
    """For as long as the stack is open this computer is kept awake where the glasses of this address are real."""
    if address.strip().lower().startswith("ble:"):
        await stack.enter_async_context(awake(why))
