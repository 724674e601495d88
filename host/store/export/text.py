"""Text from outside made fit for a file that people read, and times as such files write them; pure."""

from __future__ import annotations

import unicodedata

__all__ = ["clock_time", "milliseconds", "readable", "timestamp", "width"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Characters that reorder what stands around them (Unicode TR 36, section 2.6.3): embeddings, overrides, isolates.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Invisible characters that can carry a message past a reader: the tag block and the interlinear anchors.
_HIDDEN = (range(0xE0000, 0xE0080), range(0xFFF9, 0xFFFC))


def readable(text: str) -> str:
    """The text as one line that can do nothing but be read.

    White space of every kind and number becomes one space. Control characters (so terminal sequences), lone
    surrogates, bidirectional controls and invisible tags become U+FFFD: it is seen that something was there.
    Everything else stays, joiners and marks included: many scripts need them.
    """
    return "".join(_REPLACEMENT if _is_unsafe(c) else c for c in " ".join(text.split()))


def milliseconds(seconds: float) -> int:
    """Seconds, 0 or more, to the nearest millisecond."""
    return round(seconds * 1000)


def timestamp(milliseconds: int, point: str) -> str:
    """A time as subtitles write it, `01:02:03` + point + `004`; hours take more digits from 100 on.

    Args:
        milliseconds: 0 or more.
        point: "," in SRT, "." in WebVTT.
    """
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{thousandths:03}"


def clock_time(seconds: float) -> str:
    """A time as people read it, `0:02:03`; what is begun does not count, so it never shows a second too early."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def width(text: str) -> int:
    """Characters of the text, where a Chinese, Japanese or Korean one counts as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _is_unsafe(c: str) -> bool:
    return not c.isprintable() and (
        unicodedata.category(c) in {"Cc", "Cs"} or c in _BIDI_CONTROLS or any(ord(c) in block for block in _HIDDEN)
    )
