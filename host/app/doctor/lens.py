"""What the lens can show."""

from __future__ import annotations

from collections.abc import Iterator

from host.app.doctor.checkup import Checkup, in_a_row, ok, wanted
from host.app.lens_text import require_libraries
from host.errors import BackendMissingError
from host.events import Finding
from host.fonts import Fonts, report
from host.scripts import face_code

__all__ = ["lens"]


def lens(checkup: Checkup) -> Iterator[Finding]:
    """The glasses' own letters, what draws all others, and the fonts for them."""
    language = checkup.settings.language
    needed = face_code("Zyyy", language)
    yield ok("font", "the glasses' own: Latin letters in one size on Frame, ASCII on Halo")
    try:
        require_libraries()
    except BackendMissingError as error:
        yield wanted("text in every script", error.message, error.hint, needed=needed != "Latn")
        return
    found = report(Fonts.of_this_computer())
    shown = [entry.script.name for entry in found if entry.font]
    if shown:
        yield ok("fonts", f"{in_a_row(shown)} can be shown")
    for entry in found:
        if entry.font is None:
            said = entry.message
            yield wanted(f"font for {entry.script.name}", said, entry.fix, needed=entry.script.code == needed)
