"""A user's own words, which win over any translator; pure.

    [[term]]
    en = "platform"
    es = "andén"

Each term holds its wording in two languages or more, and is used between any two of them. A text that is a term as a
whole is not given to a translator. In a longer one the term is written in the other language before the translator gets
it, and must be in what comes back.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from host.errors import UsageError
from host.languages import LANGUAGES, language_code
from host.translate.scripts import scripts_in

__all__ = ["EMPTY", "Glossary", "parse"]

MAX_TERMS: Final = 10_000
MAX_LENGTH: Final = 200  # characters of a term: more is a text
_HOW: Final = 'A term is written as [[term]], then en = "platform", es = "andén", each on its line'
_UNSPACED: Final = frozenset({"Han", "Kana", "Thai", "Lao", "Khmer", "Burmese"})


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms, each a wording by language (ISO 639-1)."""

    terms: tuple[Mapping[str, str], ...] = ()
    _by_pair: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def whole(self, text: str, source: str, target: str) -> str | None:
        """The translation of a text that is a term by itself; None where it is none."""
        return self._pairs(source, target).get(_plain(text))

    def applied(self, text: str, source: str, target: str) -> tuple[str, tuple[str, ...]]:
        """The text with its terms in the other language, and those that must be in its translation."""
        folded = " ".join(text.casefold().split())
        pairs = {term: other for term, other in self._pairs(source, target).items() if term in folded}
        if not pairs:
            return text, ()
        used: list[str] = []

        def put(match: re.Match[str]) -> str:
            used.append(pairs.get(_plain(match[0]), match[0]))
            return used[-1]

        pattern = "|".join(_bounded(term) for term in sorted(pairs, key=len, reverse=True))
        return re.sub(pattern, put, text, flags=re.IGNORECASE), tuple(used)

    def _pairs(self, source: str, target: str) -> dict[str, str]:
        if (source, target) not in self._by_pair:
            found = self._by_pair[source, target] = {}
            for term in self.terms:
                if source in term and target in term:
                    found.setdefault(_plain(term[source]), term[target])
        return self._by_pair[source, target]


EMPTY: Final = Glossary()


def parse(text: str, name: str) -> Glossary:
    """Read a glossary.

    Args:
        text: of the file.
        name: what to call the file in an error.

    Raises:
        UsageError: it is no glossary; names the line.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = str(error).replace("at end of document", f"at line {text.count(chr(10)) + 1}, the end")
        raise UsageError(f"the glossary {name} is not TOML: {where}", "Mend that line") from error
    lines = text.splitlines()
    for key in content:
        if key != "term":
            raise _wrong(name, _line(lines, rf"\s*\[*\s*\"?{re.escape(key)}\b"), f"{key!a:.40} is not [[term]]")
    terms = content.get("term", [])
    if not isinstance(terms, list) or len(terms) > MAX_TERMS:
        many = isinstance(terms, list)
        raise _wrong(name, _line(lines, r"\s*\[?term\b"), f"more than {MAX_TERMS} terms" if many else "no [[term]]")
    heads = [number for number, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*term\s*\]\]", line)]
    places = heads if len(heads) == len(terms) else [0] * len(terms)
    return Glossary(tuple(_term(term, name, lines, place) for term, place in zip(terms, places, strict=True)))


def _term(term: Any, name: str, lines: list[str], head: int) -> Mapping[str, str]:
    if not isinstance(term, dict):
        raise _wrong(name, head, "no [[term]]")
    found: dict[str, str] = {}
    for key, wording in term.items():
        line = _line(lines[head:], rf"\s*\"?{re.escape(key)}\"?\s*=", head) if head else 0
        if not isinstance(wording, str) or not wording.strip() or len(wording) > MAX_LENGTH:
            raise _wrong(name, line, f"{key!a:.40} is not a text of 1 to {MAX_LENGTH} characters")
        try:
            code = language_code(key)
        except UsageError as error:
            raise _wrong(name, line, error.message) from None
        if code not in LANGUAGES:
            raise _wrong(name, line, f"{key!a:.40} is no language")
        found[code] = " ".join(wording.split())
    if len(found) < 2:
        raise _wrong(name, head, "a term needs its wording in two languages or more")
    return found


def _wrong(name: str, line: int, what: str) -> UsageError:
    where = f", line {line}" if line else ""
    return UsageError(f"the glossary {name}{where}: {what}", _HOW)


def _line(lines: list[str], pattern: str, before: int = 0) -> int:
    """Number of the first line that begins so; 0 where none does."""
    return next((number for number, line in enumerate(lines, before + 1) if re.match(pattern, line)), 0)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!?。！？¡¿")


def _bounded(term: str) -> str:
    words = r"\s+".join(map(re.escape, term.split()))
    if set(scripts_in(term)) & _UNSPACED:
        return words
    return rf"(?<!\w){words}(?!\w)"
