"""Texts made alike for searching: accents, width and forms of letters do not matter, whatever the script; pure."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["UNSPACED", "folded"]

UNSPACED = re.compile(
    "(["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Burmese
    "\u1780-\u17ff\u19e0-\u19ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # Han
    "\ua000-\ua4cf"  # Yi
    "])"
)
"""A character of a script that is written without spaces."""

# Marks that may be there or not: accents, Hebrew points, Arabic vowels. Those of India and Thailand are letters.
_OPTIONAL_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed]")


def folded(text: str) -> str:
    """A text for an index: compatibility forms folded, accents gone, unspaced scripts spaced out; case as it was."""
    plain = _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFKD", text))
    return UNSPACED.sub(r" \1 ", unicodedata.normalize("NFKC", plain))
