"""A text with its translation, and the cards that show both; pure.

The translation stands above, large, the original below it, small and dimmed. Where something speaks against the
translation they change places: the original is what is read, and the translation stands below behind a question mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from host.lens.cards import Block, cards
from host.lens.display_list import DisplayList
from host.lens.font import Font

__all__ = ["UNCERTAIN", "Bilingual", "FontOf", "bilingual_cards"]

UNCERTAIN = "? "
"""Begins a translation that is not to be trusted."""

FontOf = Callable[[str, Literal["large", "small"]], Font]
"""The font for text in a language (ISO 639-1), in a size."""


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text and its translation.

    Attributes:
        source: the original; data, whatever it says.
        target: its translation; as well.
        source_language: ISO 639-1 code.
        target_language: ISO 639-1 code.
        backend: what translated it; several with a plus between them.
        doubts: what speaks against the translation, as phrases.
        keep_source: True where the original is shown even if it is otherwise hidden.
    """

    source: str
    target: str
    source_language: str
    target_language: str
    backend: str
    doubts: tuple[str, ...] = ()
    keep_source: bool = False

    @property
    def uncertain(self) -> bool:
        """True where something speaks against the translation."""
        return bool(self.doubts)


def bilingual_cards(
    both: Bilingual, font_of: FontOf, width: int, height: int, *, original: bool = True
) -> tuple[DisplayList, ...]:
    """The pictures that show it, one after the other; at least one.

    Args:
        both: what is shown.
        font_of: finds the fonts.
        width: of the lens, pixels.
        height: of the lens, pixels.
        original: whether the original is shown below a translation that nothing speaks against.
    """
    if both.uncertain:
        blocks = [
            Block(both.source, font_of(both.source_language, "large")),
            Block(UNCERTAIN + both.target, font_of(both.target_language, "small"), "yellow"),
        ]
    else:
        blocks = [Block(both.target, font_of(both.target_language, "large"))]
        if original or both.keep_source:
            blocks.append(Block(both.source, font_of(both.source_language, "small"), "grey"))
    return cards(blocks, width, height)
