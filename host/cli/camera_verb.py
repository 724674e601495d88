"""What verbs share that photograph: what is asked for, and wishes by tap or key."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from host.cli.interrupts import at_once, stoppable
from host.cli.keys import available, pressed
from host.cli.options import record_of
from host.cli.output import Output
from host.config import Settings

if TYPE_CHECKING:
    from host.app.translate import Observer, Request
    from host.app.wishes import Wishes

__all__ = ["run_camera"]


def run_camera(
    args: argparse.Namespace,
    out: Output,
    settings: Settings,
    glasses: str,
    work: Callable[[Request, Observer, Wishes], Coroutine[Any, Any, int]],
    *,
    keys: str,
) -> int:
    """Run what photographs, or reads photos in files; what it returns.

    Args:
        args: with `photo`, `lens_out`, `force` and those of a record.
        out: is told what happens.
        settings: of the request.
        glasses: their address, or `none`.
        work: the feature.
        keys: what keys do besides Ctrl-C, in words, for whoever watches a terminal.
    """
    with at_once():  # loaded when used: --help answers without them
        from host.app.glasses import run_on_clock  # noqa: PLC0415
        from host.app.translate import Observer, Request  # noqa: PLC0415
        from host.app.wishes import Wishes  # noqa: PLC0415

    request = Request(
        settings=settings,
        glasses=glasses,
        several=args.photo is not None and len(args.photo) > 1,
        lens_out=args.lens_out,
        replace=args.force,
        record=record_of(args),
    )
    wishes = Wishes()
    wanted = glasses != "none" and out.redraws and available()

    def connected(glasses: Any) -> None:
        out.connected(glasses)
        if wanted:
            out.note(f"keys: {keys}, Ctrl-C stop")

    observer = Observer(event=out.event, elapsed=out.elapsed, connected=connected)

    def key(pressed_key: str) -> None:
        if pressed_key in (" ", "\n", "\r", "n"):
            wishes.next()
        elif pressed_key == "p":
            wishes.new()

    async def working() -> int:
        with pressed(key) if wanted else contextlib.nullcontext():
            return await work(request, observer, wishes)

    return run_on_clock(stoppable(working), glasses)
