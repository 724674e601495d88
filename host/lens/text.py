"""Text from anywhere as characters that a font has, or that a shaper can be given; pure.

What the font has stays. What it lacks is replaced by what a reader takes for the same: a table of punctuation and
stroked letters, then Unicode's compatibility decomposition without accents (`ő` becomes `o`, `ﬁ` becomes `fi`). What
remains unknown becomes one visible placeholder a character: nothing that was written vanishes from the lens unseen.
Invisible characters (controls, direction marks, joiners) go; white space of any kind becomes single spaces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from itertools import accumulate

__all__ = ["PLACEHOLDER", "SUBSTITUTES", "displayable", "shapeable", "typographic"]

PLACEHOLDER = "_"
"""Stands for a character that cannot be shown, as a blank in a form does; both Frame's and Halo's font have it."""

SUBSTITUTES: dict[str, str] = {
    # Frame's font has no slash. The backslash cannot be taken for a digit or a letter, as | can in 24|7.
    "/": "\\",
    "\u2044": "/",  # fraction slash
    "\u2215": "/",  # division slash
    # quotation marks
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u02bc": "'",
    "\u00b4": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u201f": '"',
    "\u2033": '"',
    "\u2039": "<",
    "\u203a": ">",
    # dashes
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    # other punctuation
    "\u2022": "\u00b7",  # bullet: middle dot
    "\u00b7": "-",
    "\u00a9": "(c)",
    "\u00d7": "x",
    # currencies
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "Y",
    "\u2026": "...",
    "\u00a6": "|",
    "\u20b9": "Rs",
    # letters with strokes and ligatures, which do not decompose
    "\u0110": "\u00d0",  # D with stroke: the same shape as capital eth
    "\u0111": "d",
    "\u00d0": "D",
    "\u00f0": "d",
    "\u00d8": "O",
    "\u00f8": "o",
    "\u0141": "L",
    "\u0142": "l",
    "\u0131": "i",
    "\u00c6": "AE",
    "\u00e6": "ae",
    "\u0152": "OE",
    "\u0153": "oe",
    "\u00de": "Th",
    "\u00fe": "th",
    "\u00df": "ss",
    "\u0126": "H",
    "\u0127": "h",
    "\u0166": "T",
    "\u0167": "t",
    "\u1e9e": "SS",
    "\u2116": "No.",
}
"""What stands for a character the font lacks; looked up again until the font has it."""


_MARKS = 30
"""Marks on one letter, all that Unicode's Stream-Safe Text Format (UAX 15, 13) allows; no language needs a third."""

_JOINERS = "\u200c\u200d"  # Persian and the scripts of India are spelled with them


def displayable(text: str, font: Container[str]) -> str:
    """The text in characters of the font, single spaces between words, none at the ends.

    Every character of the result is in the font, which must have the space, the digits, `^` and the placeholder.
    """
    return " ".join("".join(_shown(c, font) for c in unicodedata.normalize("NFC", text)).split())


def typographic(text: str, font: Container[str]) -> str | None:
    """The text in characters of the font where nothing but punctuation and look-alikes is exchanged; else None.

    Args:
        text: as `shapeable` gives it.
        font: as in `displayable`.
    """
    return displayable(text, font) if all(c in font or _is_punctuation(c) for c in text) else None


def shapeable(text: str) -> str:
    """The text composed, with single spaces, and without what is invisible, could reorder the line, or has no end.

    What goes: controls, marks of direction and other format characters but joiners, halves of surrogate pairs, and
    marks beyond a bound.
    """
    composed = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    kept = (" " if c.isspace() else c for c in composed if c in _JOINERS or not _is_invisible(c))
    marked = [*accumulate(kept, _counted, initial=("", 0))][1:]
    return " ".join("".join(c for c, marks in marked if marks <= _MARKS).split())


def _is_punctuation(character: str) -> bool:
    """Whether its substitute is another look of the same: no letter, no currency."""
    category = unicodedata.category(character)
    return character in SUBSTITUTES and (category[0] == "P" or category in {"Sm", "Sk", "Lm"})


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf"} and not character.isspace()


def _counted(before: tuple[str, int], character: str) -> tuple[str, int]:
    """The character and how many marks running it ends."""
    follows = unicodedata.category(character) in {"Mn", "Me", "Mc"} or character in _JOINERS
    return character, before[1] + 1 if follows else 0


def _shown(character: str, font: Container[str]) -> str:
    """One character as characters of the font; a space for white space, empty for what is invisible anyway."""
    category = unicodedata.category(character)
    if character.isspace() or category in {"Zs", "Zl", "Zp"}:
        return " "
    if category in {"Cc", "Cf", "Mn", "Me"}:  # a mark that is left over after composing: its base is shown
        return ""
    if character in font:
        return character
    if character in SUBSTITUTES:
        return "".join(_shown(c, font) for c in SUBSTITUTES[character])
    return _decomposed(character, font)


def _decomposed(character: str, font: Container[str]) -> str:
    kind, _, codes = unicodedata.decomposition(character).rpartition(">")
    parts = "".join(chr(int(code, 16)) for code in codes.split())
    shown = "".join(_shown(c, font) for c in parts).strip()
    if not shown:
        return PLACEHOLDER
    if kind == "<super" and parts.isdecimal():
        return f"^{shown}"  # ten to the third must not read as one hundred and three
    return f" {shown}" if kind == "<fraction" else shown  # nor two and a half as twenty-one halves
