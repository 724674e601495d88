"""What the wearer can ask for, whichever way: by tap, from the menu, by voice, from a script or a page; pure.

The list is closed. None of it deletes, sends or spends; what loses something that was not saved needs a tap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["ACTIONS", "BY", "Action", "action"]

BY = Literal["tap", "menu", "voice", "model", "script", "page"]
"""How something was asked for: a tap that is bound to it, the menu, a spoken command, a language model that was given
free words, the control socket, the local page."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be asked for.

    Attributes:
        name: for configuration, scripts and the page.
        label: in the menu.
        help: what it does, in a line.
        in_menu: whether the menu has it.
        needs_tap: it ends something, or opens the microphone: no voice, no model, no script and no page can ask for
            it alone.
    """

    name: str
    label: str
    help: str
    in_menu: bool = True
    needs_tap: bool = False

    def allowed(self, by: BY) -> bool:
        """Whether it may be done when it was asked for in this way."""
        return by in ("tap", "menu") or not self.needs_tap


ACTIONS: Final = (
    Action("price", "price", "photograph a shelf tag or package: what does this cost"),
    Action("sign", "translate sign", "photograph a sign or menu: translate this"),
    Action("captions", "captions", "start transcription, or bring the captions back"),
    Action("translate", "translate speech", "start translating what is said"),
    Action("navigate-home", "navigate home", "lead to the place that is saved as home"),
    Action("where-am-i", "where am I", "say the nearest street or place"),
    Action("repeat", "repeat", "show the last answer or instruction again", in_menu=False),
    Action("more", "more", "turn the page, or show what belongs to the card", in_menu=False),
    Action("back", "back", "take the answer away that is shown", in_menu=False),
    Action("bookmark", "bookmark", "mark what was just said"),
    Action("listen", "speak", "hear a spoken command", needs_tap=True),
    Action("photo", "photo", "take the last photo again; before any, photograph a price", in_menu=False),
    Action("pause", "pause", "stop hearing until resumed"),
    Action("resume", "resume", "hear again"),
    Action("quiet", "quiet", "show only what was asked for and what must be known; again: everything"),
    Action("battery", "battery", "how much charge is left"),
    Action("undo", "undo", "undo the last switch, pause or quiet"),
    Action("menu", "menu", "open the menu, or close it", in_menu=False),
    Action("stop-captions", "stop captions", "end the transcript", needs_tap=True),
    Action("stop-way", "stop the way", "end the navigation", needs_tap=True),
    Action("end", "end", "save everything and end the program", needs_tap=True),
)
"""All of them, in the order of the menu."""

_BY_NAME: Final = {one.name: one for one in ACTIONS}


def action(name: str) -> Action | None:
    """The action of this name, if there is one."""
    return _BY_NAME.get(name)
