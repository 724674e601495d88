"""From what a recogniser made of a spoken command to an action, or to "say again"; pure.

A recogniser that knows only the phrases always answers with one of them, whatever was said: its confidence decides. One
that writes free text is matched letter by letter: a wrong letter or two are forgiven, a longer sentence that has
a phrase in it is not one. What needs a tap is never found, whatever was said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from host.assistant.actions import action
from host.assistant.phrases import PHRASES
from host.folding import folded

__all__ = ["SURE", "Command", "Rejected", "chosen", "understood"]

SURE: Final = 0.8
"""Confidence from which a recogniser's choice among the phrases is believed: the lowest in steps of 0.05 from which, of
what pocketsphinx's confidence was fitted on, at most one in 100 that were no commands was taken for one."""

_FORGIVING: Final = (6, 18)
"""Letters of a phrase from which one, and a second, may be wrong: "stop captions" is not "show captions"."""

_LONGEST: Final = 200  # letters; the longest phrase has 28, and what is longer is no command

_POLITE: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("please", "okay", "ok", "hey", "um", "uh", "now"),
    "de": ("bitte", "mal", "okay", "ok", "äh", "jetzt"),
    "es": ("por favor", "vale", "eh", "ahora"),
    "fr": ("s'il te plaît", "s'il vous plaît", "euh", "maintenant"),
    "it": ("per favore", "per piacere", "ehm", "adesso"),
    "nl": ("alsjeblieft", "alstublieft", "oké", "eh", "nu"),
    "ja": ("お願いします", "ください", "えっと"),
    "zh": ("请", "谢谢", "一下"),
}
"""What may stand before or behind a phrase."""

_OTHER: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was understood.

    Attributes:
        action: its name.
        phrase: as it is in the list, not as it was recognised.
        margin: 0 (just believed) to 1 (without any doubt).
    """

    action: str
    phrase: str
    margin: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """No command: to be said again.

    Attributes:
        heard: what was recognised, at most 200 letters; data, whatever it says.
        nearest: the phrase that comes nearest; empty where none does.
    """

    heard: str
    nearest: str = ""


def understood(text: str, language: str) -> Command | Rejected:
    """The command that a freely written text is.

    Args:
        text: as recognised; data, whatever it says and however long it is.
        language: ISO 639-1 code.
    """
    said = _bare(text[: _LONGEST + 1], language)
    if not said or len(text) > _LONGEST:
        return Rejected(text[:_LONGEST])
    ranked = sorted(
        (_edits(said, _letters(phrase)), name, phrase)
        for name, some in PHRASES.get(language, {}).items()
        for phrase in some
    )
    if not ranked:
        return Rejected(text)
    edits, name, phrase = ranked[0]
    allowed = sum(len(_letters(phrase)) >= enough for enough in _FORGIVING)
    other = next((distance for distance, another, _ in ranked if another != name), len(said))
    if edits <= allowed and edits < other:
        return _permitted(name, phrase, text, 1.0 - edits / (allowed + 1))
    return Rejected(text, phrase if edits <= len(_letters(phrase)) // 3 else "")


def chosen(phrase: str, language: str, confidence: float) -> Command | Rejected:
    """The command of a recogniser that chose among the phrases, if it is sure enough.

    Args:
        phrase: one of the language's phrases.
        language: ISO 639-1 code.
        confidence: 0 to 1, of the recogniser in its choice.
    """
    name = next((name for name, some in PHRASES.get(language, {}).items() if phrase in some), "")
    if not name:
        return Rejected(phrase[:_LONGEST])
    if confidence < SURE:
        return Rejected(phrase, phrase if confidence >= SURE / 2 else "")
    return _permitted(name, phrase, phrase, (confidence - SURE) / (1.0 - SURE))


def _permitted(name: str, phrase: str, heard: str, margin: float) -> Command | Rejected:
    wanted = action(name)
    return Command(name, phrase, margin) if wanted is not None and wanted.allowed("voice") else Rejected(heard)


def _letters(text: str) -> str:
    """Letters and digits, folded, without what separates words: recognisers cut "bookmark" in two."""
    return _OTHER.sub("", folded(text.casefold()))


def _bare(text: str, language: str) -> str:
    """The letters of a text without the politeness around it."""
    words = _OTHER.sub(" ", folded(text.casefold())).strip()
    polite = [_OTHER.sub(" ", folded(word.casefold())).strip() for word in _POLITE.get(language, ())]
    while words:
        shorter = words
        for word in polite:
            shorter = f" {shorter} ".removeprefix(f" {word} ").strip()
            shorter = f" {shorter} ".removesuffix(f" {word} ").strip()
        if shorter == words:
            break
        words = shorter
    return words.replace(" ", "")


def _edits(one: str, other: str) -> int:
    """Letters to put in, to take out or to change so that one becomes the other."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, wanted in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != wanted))
    return row[-1]
