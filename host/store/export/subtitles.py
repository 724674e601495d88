"""SubRip (.srt) and WebVTT (.vtt); pure.

WebVTT has escapes, so text comes back as it was. SubRip has none, and players read markup in it: an arrow, angle
brackets and braces become signs that look alike and mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from host.contracts import JournalEntry
from host.store.export.cues import Cue, cues
from host.store.export.text import timestamp
from host.store.export.texts import Texts

__all__ = ["srt", "vtt"]

# "-->" before ">", so that an arrow stays an arrow.
_SRT_LOOKALIKES = (
    ("-->", "→"),
    ("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"),
    (">", "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"),
    ("{", "("),
    ("}", ")"),
)
_VTT_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def srt(entries: Sequence[JournalEntry], texts: Texts = "both") -> str:
    """The transcript as SubRip: numbered cues, times with a comma."""
    numbered = enumerate(cues(entries, texts), start=1)
    blocks = [f"{number}\n{_block(cue, ',', _SRT_LOOKALIKES)}" for number, cue in numbered]
    return "\n".join(blocks)


def vtt(entries: Sequence[JournalEntry], texts: Texts = "both") -> str:
    """The transcript as WebVTT; a cue is a time and text, no settings, no styles."""
    return "\n".join(["WEBVTT\n", *(_block(cue, ".", _VTT_ESCAPES) for cue in cues(entries, texts))])


def _block(cue: Cue, point: str, replacements: Sequence[tuple[str, str]]) -> str:
    text = "\n".join(cue.lines)
    for sign, replacement in replacements:
        text = text.replace(sign, replacement)
    return f"{timestamp(cue.start_ms, point)} --> {timestamp(cue.end_ms, point)}\n{text}\n"
