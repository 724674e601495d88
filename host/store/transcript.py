"""What is known of a saved transcript and of a sentence found, and the title of one that has none; pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

__all__ = ["Hit", "State", "Transcript", "default_title"]

State = Literal["complete", "recording", "interrupted"]

_OPENING_COLUMNS = 48


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is known of a transcript without reading it.

    Attributes:
        id: its number, never used again.
        title: the user's, else `default_title`.
        started: with the offset from UTC at that time and place.
        duration_s: to the end of its last entry.
        sentences: how many.
        state: "recording" while a program writes it; "interrupted" if that program died before closing it.
        audio: file of its sound; None where none was kept.
    """

    id: int
    title: str
    started: datetime
    duration_s: float
    sentences: int
    state: State
    audio: Path | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence found.

    Attributes:
        transcript_id: where.
        title: of that transcript.
        start_s: when in it the sentence begins.
        end_s: when it ends.
        text: the sentence.
    """

    transcript_id: int
    title: str
    start_s: float
    end_s: float
    text: str


def default_title(started: datetime, opening: str) -> str:
    """A title from when it started and how its first sentence begins; pure.

    Args:
        started: shown to the minute, in its own offset.
        opening: beginning of the first sentence; may be empty.
    """
    time = f"{started:%Y-%m-%d %H:%M}"
    words = _beginning(" ".join(opening.split()), _OPENING_COLUMNS)
    return f"{time} {words}" if words else time


def _beginning(text: str, columns: int) -> str:
    """As much of the text as fits into so many columns, cut at a space where there is one, with an ellipsis."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > columns:
            kept = text[:place]
            if not character.isspace() and " " in kept:
                kept = kept.rpartition(" ")[0]
            return kept.rstrip() + "…"
    return text
