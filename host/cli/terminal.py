"""Text from outside made fit for a terminal: no control sequences, one line, known width; pure."""

from __future__ import annotations

import unicodedata

__all__ = ["display_width", "fit_end", "meter", "neutral"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Characters that reorder what stands around them (Unicode TR 36, section 2.6.3): embeddings, overrides, isolates.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Invisible characters that can carry a hidden message past a reader: the tag block and the interlinear anchors.
_HIDDEN = (range(0xE0000, 0xE0080), range(0xFFF9, 0xFFFC))

# Quietest level that the meter shows, in dB below full scale; ordinary speech lies between -40 and -15.
_METER_FLOOR_DB = -60.0


def neutral(text: str) -> str:
    """The text as one line that can do nothing but be read.

    White space of every kind becomes a space; control characters (C0, DEL, C1), lone surrogates, bidirectional
    controls and invisible tags become U+FFFD. Everything else, joiners included, stays: many scripts need them.
    """
    return "".join(_neutral_character(c) for c in text)


def display_width(text: str) -> int:
    """Columns that the text takes on a terminal: 2 for East Asian wide characters, 0 for combining marks."""
    return sum(_width(c) for c in text)


def fit_end(text: str, columns: int) -> str:
    """The longest end of the text that fits into so many columns; a dropped beginning is shown as an ellipsis.

    Args:
        text: one line.
        columns: room, 0 or more.
    """
    if display_width(text) <= columns:
        return text
    room = columns - 1
    if room < 0:
        return ""
    kept = len(text)
    while kept > 0 and _width(text[kept - 1]) <= room:
        kept -= 1
        room -= _width(text[kept])
    while kept < len(text) and _width(text[kept]) == 0:
        kept += 1  # a mark without its letter would sit on the ellipsis
    return "…" + text[kept:]


def meter(level_db: float, cells: int = 10) -> str:
    """A bar for a sound level, in ASCII so that every terminal has it.

    Args:
        level_db: root mean square of the sound, in dB below full scale (0 is the loudest); -inf is silence.
        cells: length of the bar.
    """
    share = 1.0 - max(min(level_db, 0.0), _METER_FLOOR_DB) / _METER_FLOOR_DB
    filled = round(share * cells)
    return "[" + "#" * filled + "-" * (cells - filled) + "]"


def _neutral_character(c: str) -> str:
    if c.isprintable():
        return c
    category = unicodedata.category(c)
    if c in "\t\n\v\f\r\x85" or category[0] == "Z":
        return " "
    if category in {"Cc", "Cs"} or c in _BIDI_CONTROLS or any(ord(c) in block for block in _HIDDEN):
        return _REPLACEMENT
    return c


def _width(c: str) -> int:
    # The selector asks for a picture, which terminals draw one column wider than the character before it.
    if unicodedata.category(c) in {"Mn", "Me", "Cf"} and c != "\N{VARIATION SELECTOR-16}":
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
