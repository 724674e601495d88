"""The font that a text on the lens is set in, by its language and size."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Final

from host.app.glasses import built_in_font
from host.errors import BackendMissingError, FontError
from host.events import Event, Notice
from host.fonts import Fonts, require
from host.lens.font import Font
from host.lens.shape import LensShape
from host.lens.shaped_font import ShapedFont
from host.lens.shaping import TextSize
from host.scripts import face_code

__all__ = ["LensText", "card_fonts", "letters_notice", "require_libraries", "text_font"]

_SQUARE: Final = frozenset({"zh", "ja", "ko"})
"""Languages whose characters fill the em: at normal size they are 30 pixels high and more, where the small letters of a
large text are 29."""

_LIBRARIES: Final = ("uharfbuzz", "freetype", "icu", "budoux")


def require_libraries() -> None:
    """Make sure that text can be shaped here.

    Raises:
        BackendMissingError: a library is not installed; the hint is the command that installs it.
    """
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise BackendMissingError(
            f"text in every script needs what is not installed: {', '.join(missing)}",
            "Install it: pip install 'sidelight[text]'",
        )


class LensText:
    """Text in every script, for one pair of glasses. What was shaped and drawn once is kept."""

    def __init__(self, fonts: Fonts, shape: LensShape, *, spacing: int = 4) -> None:
        """Use the fonts of this computer and the one of the glasses.

        Args:
            fonts: of this computer.
            shape: of the lens, which decides how large text is.
            spacing: pixels after each letter of Frame's font.

        Raises:
            BackendMissingError: a library that shapes text is not installed; the hint is the command.
        """
        require_libraries()
        from host.text.typesetter import FontTypesetter  # noqa: PLC0415 - its libraries are an extra

        self.fonts = fonts
        self._shape, self._spacing = shape, spacing
        self._plain = built_in_font(shape, spacing=spacing)
        self._typesetter = FontTypesetter(fonts)

    def font(self, language: str, size: TextSize = "normal") -> Font:
        """The font for text in a language.

        The built-in font serves lines that it can show, where it has their size; in a language that needs letters it
        lacks it is left out, for one look in all lines. Where there is no font to draw with it is all there is.

        Args:
            language: BCP 47 tag; empty if unknown.
            size: of the text.
        """
        if all(self.fonts.for_script(code) is None for code in (face_code("Zyyy", language), "Latn")):
            return built_in_font(self._shape, size, spacing=self._spacing)
        built_in = self._plain if self.suits(language) else None
        height = self._shape.line_height(size)
        return ShapedFont(self._typesetter, height, built_in, language, self._shape.gap // 2)

    def card_font(self, language: str, size: TextSize) -> Font:
        """As `font`, on a card: what is as easily read at normal size as Latin letters at large size is not larger."""
        square = language.lower().split("-")[0] in _SQUARE
        return self.font(language, "normal" if square and size == "large" else size)

    def suits(self, language: str) -> bool:
        """Whether the built-in font has the normal size, and the letters that a language is spelled with.

        A language that is not known has none that it lacks.
        """
        from host.text.unicode_rules import letters_of  # noqa: PLC0415 - an extra

        same = self._plain.height == self._shape.line_height("normal")
        return same and all(letter in self._plain for letter in letters_of(language))


def text_font(language: str, shape: LensShape, *, spacing: int = 4, large: bool = False) -> Font:
    """The font for text in a language; where what shapes text is not installed, the one of the glasses.

    Args:
        language: BCP 47 tag, or `auto`.
        shape: of the lens.
        spacing: pixels after each letter of Frame's font.
        large: whether a language that the built-in font does not suit is set in the large size.
    """
    try:
        lens_text = LensText(Fonts.of_this_computer(), shape, spacing=spacing)
    except BackendMissingError:
        return built_in_font(shape, "large" if large else "normal", spacing=spacing)
    return lens_text.font(language, "large" if large and not lens_text.suits(language) else "normal")


def card_fonts(
    language: str, shape: LensShape, report: Callable[[Event], None], elapsed: Callable[[], float]
) -> Callable[[str, TextSize], Font]:
    """Fonts of every script for cards, or where what shapes them is not installed, the one of the glasses.

    That is reported, and so is a language (BCP 47 tag) for whose script there is no font.
    """
    fonts = Fonts.of_this_computer()
    try:
        lens_text = LensText(fonts, shape)
    except BackendMissingError as error:
        report(Notice(t=elapsed(), code="latin-only", message=error.message, hint=error.hint))
        return lambda _language, size: built_in_font(shape, size)
    try:
        require(language, fonts)
    except FontError as error:
        report(Notice(t=elapsed(), code="letters", message=error.message, hint=error.hint))
    return lens_text.card_font


def letters_notice(language: str) -> Notice | None:
    """What is to be told where a language cannot be shown; None where it can."""
    if face_code("Zyyy", language) == "Latn":
        return None
    try:
        require_libraries()
        require(language, Fonts.of_this_computer())
    except (BackendMissingError, FontError) as error:
        return Notice(t=0.0, code="letters", message=error.message, hint=error.hint)
    return None
