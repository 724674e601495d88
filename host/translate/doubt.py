"""Why a translation should not be trusted; pure.

What can be seen without knowing the languages: nothing came back, something that must be kept is lost, the answer is no
text or in a script that the language is not written in, or the words came back as they went.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from host.languages import LANGUAGES
from host.translate.kept import lost
from host.translate.scripts import scripts_in, written_in

__all__ = ["doubts"]

_A_NAME: Final = 4  # words; fewer may well be the same in both languages: a name, a loan
_NAMED, _SHOWN = 5, 40  # things that are missing, and characters of each: enough to see what is wrong
_NO_TEXT: Final = frozenset({"Cc", "Cs"})  # control characters, lone surrogates: no translator writes them
_FOREIGN: Final = 0.5  # of the letters: more of another script than names and loans need


def doubts(source: str, result: str, source_language: str, result_language: str) -> tuple[str, ...]:
    """What speaks against a translation, as phrases; empty where nothing does."""
    if not result.strip():
        return ("nothing came back",)
    gone = list(dict.fromkeys(lost(source, result, source_language, result_language)))
    found = [f"{what:.{_SHOWN}} is missing" for what in gone[:_NAMED]]
    if any(unicodedata.category(c) in _NO_TEXT and not c.isspace() for c in result):
        found.append("it holds control characters")
    letters, native = scripts_in(result), written_in(result_language)
    foreign = sum(count for script, count in letters.items() if script not in native)
    if foreign > _FOREIGN * sum(letters.values()) and not _latin_name(source):
        found.append(f"it is not in the script of {LANGUAGES.get(result_language, result_language)}")
    if source.casefold().split() == result.casefold().split() and len(source.split()) >= _A_NAME:
        found.append("it is the same as the original")
    return tuple(found)


def _latin_name(source: str) -> bool:
    """A few words in Latin letters may be a brand or a name, which stays as it is."""
    return len(source.split()) < _A_NAME and set(scripts_in(source)) <= {"Latin"}
