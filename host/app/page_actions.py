"""Everyday mode at the page: a button for each action that needs no tap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from host.assistant.actions import ACTIONS
from host.errors import ActionError
from host.web.controls import Controls, Json

__all__ = ["actions_offered"]


def actions_offered(do: Callable[[str], str], refused: Callable[[ActionError], None]) -> Controls:
    """What the page offers while everyday mode runs; to be called on its loop.

    Args:
        do: begins the action of that name; raises ActionError. It tells by itself what is done.
        refused: told why an action was not begun.
    """
    loop = asyncio.get_running_loop()

    def begin(name: str) -> None:
        try:
            do(name)
        except ActionError as error:
            refused(error)

    def soon(wanted: Json) -> str:
        try:
            loop.call_soon_threadsafe(begin, str(wanted["do"]))
        except RuntimeError:  # the loop is closed
            return "Everyday mode has ended."
        return ""

    offered = [
        {"do": one.name, "label": one.label, "help": one.help, "fields": ()} for one in ACTIONS if one.allowed("page")
    ]
    return Controls(offered, soon)
