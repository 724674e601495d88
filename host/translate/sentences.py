"""A text as pieces for a translator, and its translation put together again; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Piece", "joined", "pieces"]

_UNSPACED: Final = frozenset({"zh", "ja", "th", "lo", "km", "my"})  # no space between sentences

# A sign that ends a sentence, quotes and brackets that close, and white space before what does not go on in small
# letters; the wide signs of Chinese and Japanese end one without any space; so does a line. Each run of signs or of
# spaces is looked at once, whatever follows, so that the time is in proportion to the length of the text.
_END: Final = re.compile(
    r"(?:(?<![.!?…؟।])(?:(?<!\b[A-Z])(?<!\b(?:Mr|Ms|Dr|St|No|Nr|vs))(?<!\b(?:Mrs|Sra|Av\.|bzw))|(?=[.!?…؟।]{2}))"
    r"[.!?…؟।]++[\"'”’»)\]]*+\s++(?![a-zà-ÿа-я]))"
    r"|[。！？][」』”’）]*+\s*+|(?<![^\S\n])[^\S\n]*+\n\s*+"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and the white space that stood behind it."""

    text: str
    space: str


def pieces(text: str, longest: int, *, each: bool = True) -> list[Piece]:
    """A text in pieces.

    Args:
        text: from anywhere.
        longest: characters of a piece, at least 1; a longer sentence is cut at a space, or anywhere where none is.
        each: every sentence by itself; otherwise as many together as fit.
    """
    found: list[Piece] = []
    start = 0
    for end in [*(m.end() for m in _END.finditer(text)), len(text)]:
        sentence, start = text[start:end], end
        while sentence.strip():
            whole = len(sentence.rstrip()) <= longest
            cut = len(sentence) if whole else (sentence.rfind(" ", 1, longest) + 1 or longest)
            head, sentence = sentence[:cut], sentence[cut:]
            stripped = head.rstrip()
            found.append(Piece(stripped.lstrip(), head[len(stripped) :]))
    found = [piece for piece in found if piece.text]
    return found if each else _packed(found, longest)


def joined(translated: Sequence[str], source: Sequence[Piece], language: str) -> str:
    """The translations of pieces as one text of this language; lines stay lines."""
    parts = []
    for text, piece in zip(translated, source, strict=True):
        between = "\n" if "\n" in piece.space else "" if language in _UNSPACED else " "
        parts.append(text.strip() + between)
    return "".join(parts).strip()


def _packed(found: Sequence[Piece], longest: int) -> list[Piece]:
    packed: list[Piece] = []
    for piece in found:
        last = packed[-1] if packed else None
        if last is not None and len(last.text) + len(last.space) + len(piece.text) <= longest:
            packed[-1] = Piece(last.text + last.space + piece.text, piece.space)
        else:
            packed.append(piece)
    return packed
