"""What somebody at the page may have done: by the wearer of emulated glasses, or by everyday mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Controls", "Json", "Panel"]

Json = Mapping[str, object]
"""An object as it crosses to a browser."""

Panel = Literal["wearer", "assistant"]
"""Where something is offered: beside the emulated glasses, or for everyday mode. No name of a control is in both."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What is offered, and who does it. All functions are called in threads of the page.

    Attributes:
        offered: each `{do, label, fields}`, one that is a button alone with `help`; a field is `{name, label, type}`
            with the type and the rules of an HTML input, or "select" with `options`, pairs of value and label. One that
            is `live` is done whenever a field of it changes, and its newest values are told to every browser. A `file`
            is sent whole, at most `max_bytes`.
        do: does what was asked, as in {"do": "tap"}; what to say against it, empty if nothing. It must not block.
        take: does the one of that name with a file that somebody chose: its name, only good for messages, and its
            content; what to say against it. It may take its time.
        recording: what was recorded, None if nothing was.
        news: what has happened since it was last asked, as events; told which of "packets" and other costly panels
            are looked at.
    """

    offered: Sequence[Json]
    do: Callable[[Json], str]
    take: Callable[[str, str, bytes], str] = lambda _do, _name, _content: "No file is wanted."
    recording: Callable[[], bytes | None] = lambda: None
    news: Callable[[frozenset[str]], Sequence[Json]] = lambda _watched: ()
