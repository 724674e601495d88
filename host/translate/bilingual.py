"""A text with its translation, and the cards that show both; pure."""

from __future__ import annotations

from dataclasses import dataclass

from host.lens.cards import UNCERTAIN, FontOf, both_texts, cards
from host.lens.display_list import DisplayList
from host.lens.shape import LensShape

__all__ = ["UNCERTAIN", "Bilingual", "FontOf", "bilingual_cards"]


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
    both: Bilingual, font_of: FontOf, shape: LensShape, *, original: bool = True
) -> tuple[DisplayList, ...]:
    """The pictures that show it, one after the other; at least one.

    Args:
        both: what is shown.
        font_of: finds the fonts.
        shape: of the lens.
        original: whether the original is shown below a translation that nothing speaks against.
    """
    source, target = (both.source, both.source_language), (both.target, both.target_language)
    shown = original or both.keep_source
    return cards(both_texts(source, target, font_of, uncertain=both.uncertain, original=shown), shape)
