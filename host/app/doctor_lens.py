"""What the lens can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from host.app.doctor_checkup import Checkup, missing, ok
from host.app.glasses import frame_font
from host.events import Finding

__all__ = ["lens"]

# Of the languages that recognisers here know, those that are not written in Latin letters (ISO 639-1).
_OTHER_LETTERS: Final = (
    "|ar|am|as|ba|be|bg|bn|bo|el|fa|gu|he|hi|hy|ja|ka|kk|km|kn|ko|lo|mk|ml|mn|mr|my|ne|pa|ps|ru|sa|sd|si|sr|ta|te|tg|th"
    "|uk|ur|yi|zh|"
)


def lens(checkup: Checkup) -> Iterator[Finding]:
    """Letters, and in which languages they suffice."""
    frame_font()
    yield ok("font", "Frame's own font: Latin letters, one size")
    language = checkup.settings.language
    if f"|{language}|" in _OTHER_LETTERS:
        said = (
            f"captions in the language {language!a:.20} are not written in Latin letters, which are all the lens shows"
        )
        yield missing("letters", said, "The transcript has them: sidelight transcripts list")
