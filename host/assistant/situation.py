"""What makes sense as things are, and what speaks against the rest; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Situation", "why_not"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How things are.

    Attributes:
        captions: a transcript is being made, or begins.
        heard: it has begun.
        translated: it is translated.
        in_front: it is what the wearer's taps are for.
        paused: nothing is heard.
        led: a way is followed.
        answering: an answer is shown or being found.
        answered: there was one that can be shown again.
        undoable: something can be undone.
        target: the language that is translated to is known.
        positions: it is known where positions come from.
    """

    captions: bool = False
    heard: bool = False
    translated: bool = False
    in_front: bool = False
    paused: bool = False
    led: bool = False
    answering: bool = False
    answered: bool = False
    undoable: bool = False
    target: bool = False
    positions: bool = False


_Rule = tuple[Callable[[Situation], bool], str]

_TARGET: Final[_Rule] = (lambda now: not now.target, "no language to translate to is set: translate.to")
_POSITIONS: Final[_Rule] = (
    lambda now: not now.positions,
    "it is not known where you are: navigate.position",
)
_HEARD: Final[_Rule] = (lambda now: not now.heard, "nothing is being written down")

_RULES: Final[dict[str, tuple[_Rule, ...]]] = {
    "sign": (_TARGET,),
    "captions": ((lambda now: now.captions and not now.translated and now.in_front, "captions are there already"),),
    "translate": (_TARGET, (lambda now: now.captions and now.translated and now.in_front, "it is translated already")),
    "navigate-home": (_POSITIONS, (lambda now: now.led, "you are being led already")),
    "where-am-i": (_POSITIONS,),
    "repeat": ((lambda now: not now.answered and not now.led, "nothing was shown yet"),),
    "more": ((lambda now: not now.answering and not now.led, "there is no more of anything"),),
    "back": ((lambda now: not now.answering, "no answer is shown"),),
    "bookmark": (_HEARD,),
    "pause": (_HEARD, (lambda now: now.paused, "it is paused already")),
    "resume": (_HEARD, (lambda now: not now.paused, "it is not paused")),
    "undo": ((lambda now: not now.undoable, "there is nothing to undo"),),
    "stop-captions": ((lambda now: not now.captions, "there are no captions"),),
    "stop-way": ((lambda now: not now.led, "nobody is being led"),),
}
"""What speaks against an action; one that is not here always makes sense."""


def why_not(name: str, now: Situation) -> str:
    """What speaks against an action of that name as things are; empty where nothing does."""
    return next((why for holds, why in _RULES.get(name, ()) if holds(now)), "")
