"""Finding sentences: what is indexed of a text, what a user's words ask for, where the words stand; pure.

The index is FTS5's unicode61 (which folds case) over text without accents, in which every character of a script
without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Yi) stands alone. A word of such a script is then a
phrase of its characters: found at any length and any place, which the trigram tokenizer does only from three
characters on (most Chinese words have two), and one index serves all languages. Words of other scripts are found by
their beginning. Accents are taken off here, since unicode61 knows only those of Latin letters: Russian is written
with and without the dots of yo, Greek in capitals has no accents, Hebrew and Arabic rarely have their points.
What the user typed is always data: every word is a quoted FTS5 string.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from host.folding import folded as index_text
from host.store.transcript import is_number

__all__ = ["SearchTerms", "index_text", "indexed_name", "search_terms", "snippet"]

_SNIPPET_CHARACTERS = 120
_SNIPPET_LEAD = 30


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What a user's words ask for; every part must be in the sentence.

    Attributes:
        match: FTS5 expression, every user's word quoted; empty where no word has a letter or digit.
        literal: words of signs only ("$", an emoji), which the index does not hold: looked for as they are.
    """

    match: str
    literal: tuple[str, ...]


def indexed_name(speaker: str | None) -> str:
    """What the index holds of who said it: a name, not the number of somebody without one."""
    return "" if speaker is None or is_number(speaker) else index_text(speaker)


def search_terms(text: str) -> SearchTerms:
    """What to look for, from whatever the user typed; nothing in it is syntax."""
    phrases, literal = [], []
    for word in text.replace("\0", " ").split():
        indexed = index_text(word)
        if any(_is_indexed(c) for c in indexed):
            # A quoted FTS5 string is a phrase of its tokens; the star makes the last one a prefix.
            phrases.append('"' + indexed.replace('"', '""') + '"*')
        else:
            literal.append(word)
    return SearchTerms(" AND ".join(phrases), tuple(literal))


def snippet(text: str, query: str) -> str:
    """The sentence, or the part of a long one around the first word found, cut ends shown as an ellipsis."""
    if len(text) <= _SNIPPET_CHARACTERS:
        return text
    folded, origin = _folded(text)
    places = [folded.find(_folded(w)[0]) for w in query.split()]
    found = min((origin[p] for p in places if p >= 0), default=0)
    start = max(0, min(found - _SNIPPET_LEAD, len(text) - _SNIPPET_CHARACTERS))
    end = start + _SNIPPET_CHARACTERS
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")


def _is_indexed(c: str) -> bool:
    """Whether the tokenizer takes the character for a part of a word (its `categories` in the schema)."""
    category = unicodedata.category(c)
    return category[0] in "LN" or category in {"Co", "Mn", "Mc"}


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without case and diacritics, and for each of its characters the place it came from."""
    folded, origin = [], []
    for place, character in enumerate(text):
        for c in unicodedata.normalize("NFKD", character).casefold():
            if unicodedata.category(c) != "Mn":
                folded.append(c)
                origin.append(place)
    return "".join(folded), origin
