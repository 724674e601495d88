"""What is known of a saved transcript and of a sentence found, and what a title is; pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from host.errors import UsageError

__all__ = ["Hit", "State", "Transcript", "checked_name", "checked_title", "default_title", "is_number"]

State = Literal["complete", "recording", "interrupted"]

_OPENING_COLUMNS = 48
_TITLE_CHARACTERS = 200
_NAME_CHARACTERS = 60
_UNTITLED = "(no words)"


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
        bookmarks: how many.
        translations: how many of its sentences have one.
    """

    id: int
    title: str
    started: datetime
    duration_s: float
    sentences: int
    state: State
    audio: Path | None
    bookmarks: int = 0
    translations: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence found, or a title.

    Attributes:
        transcript_id: where.
        title: of that transcript.
        started: when that transcript began, with the offset from UTC.
        start_s: when in it the sentence begins; 0 for a title.
        end_s: when it ends; 0 for a title.
        text: the sentence, or the title.
        kind: which of the two.
        speaker: a name, a number as text, or None.
        bookmarked: whether a bookmark was set at this sentence.
        translation: of the sentence; empty where there is none.
    """

    transcript_id: int
    title: str
    started: datetime
    start_s: float
    end_s: float
    text: str
    kind: Literal["sentence", "title"] = "sentence"
    speaker: str | None = None
    bookmarked: bool = False
    translation: str = ""


def default_title(opening: str) -> str:
    """A title from how the first sentence begins; wherever a title is shown, its date stands beside it.

    Args:
        opening: beginning of the first sentence; may be empty.
    """
    return _beginning(" ".join(opening.split()), _OPENING_COLUMNS) or _UNTITLED


def checked_title(text: str) -> str:
    """A user's title as one line of at most 200 characters.

    Args:
        text: Unicode text, as `database.storable` makes it.

    Raises:
        UsageError: it is empty, or too long.
    """
    title = " ".join(text.split())
    if not any(c.isprintable() and c != " " for c in title):
        raise UsageError("a title needs at least one character", "Give a title")
    if len(title) > _TITLE_CHARACTERS:
        raise UsageError(f"a title has at most {_TITLE_CHARACTERS} characters", "Give a shorter title")
    return title


def checked_name(text: str) -> str:
    """A person's name as one line of at most 60 characters.

    Args:
        text: Unicode text, as `database.storable` makes it.

    Raises:
        UsageError: it is empty, or too long.
    """
    name = " ".join(text.split())
    if not any(c.isprintable() and c != " " for c in name):
        raise UsageError("a name needs at least one character", "Write it as in: 1=Ann")
    if len(name) > _NAME_CHARACTERS:
        raise UsageError(f"a name has at most {_NAME_CHARACTERS} characters", "Give a shorter name")
    return name


def is_number(speaker: str) -> bool:
    """Whether a speaker's label is a number within its transcript, not a name."""
    return speaker.isascii() and speaker.isdigit()


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
