"""The font that a text on the lens is set in, by its language and size."""

from __future__ import annotations

from host.fonts import Fonts
from host.lens.font import BuiltInFont, Font
from host.lens.shaped_font import ShapedFont
from host.lens.shaping import HEIGHTS, TextSize

__all__ = ["LensText"]


class LensText:
    """Text in every script, for one pair of glasses. What was shaped and drawn once is kept."""

    def __init__(self, fonts: Fonts, built_in: BuiltInFont) -> None:
        """Use the fonts of this computer and the one of the glasses.

        Raises:
            BackendMissingError: a library that shapes text is not installed; the hint is the command.
        """
        from host.text.typesetter import FontTypesetter  # noqa: PLC0415 - its libraries are an extra

        self.fonts = fonts
        self._built_in = built_in
        self._typesetter = FontTypesetter(fonts)

    def font(self, language: str, size: TextSize = "normal") -> Font:
        """The font for text in a language.

        The built-in font has one size, and serves lines that it can show; in a language that needs letters it lacks
        it is left out, for one look in all lines.

        Args:
            language: BCP 47 tag; empty if unknown.
            size: of the text.
        """
        from host.text.unicode_rules import letters_of  # noqa: PLC0415 - an extra

        suits = all(letter in self._built_in for letter in letters_of(language))
        return ShapedFont(self._typesetter, HEIGHTS[size], self._built_in if suits else None, language)
