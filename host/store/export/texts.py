"""Which of a sentence's two texts an export shows; pure."""

from __future__ import annotations

from typing import Final, Literal, get_args

from host.contracts import JournalEntry, Translation
from host.store.export.text import readable

__all__ = ["TEXTS", "UNCERTAIN", "Texts", "shown"]

Texts = Literal["both", "original", "translation"]

TEXTS: Final[tuple[Texts, ...]] = get_args(Texts)
"""What can be asked for; where there is no translation, the original is all there is."""

UNCERTAIN: Final = "? "
"""Before a translation that is not to be trusted, as on the lens."""


def shown(entry: JournalEntry, texts: Texts, *, reasons: bool = True) -> tuple[str, str]:
    """The original and the translation of a sentence as they are to be read, each empty where it is not shown.

    Nobody is left with a translation alone that is not to be trusted: the original then stands beside it, whatever was
    asked for. One that is missing is a remark in its place.

    Args:
        entry: a sentence.
        texts: which are asked for.
        reasons: whether it is said why a translation is missing or not to be trusted.
    """
    original = readable(entry.text)
    if entry.translation is None or texts == "original" or not original:
        return original, ""
    translation = entry.translation
    safe = translation.text and not (translation.uncertain or translation.keep_source)
    return ("" if texts == "translation" and safe else original), _noted(translation, reasons=reasons)


def _noted(translation: Translation, *, reasons: bool) -> str:
    text = readable(translation.text)
    if not text:
        why = readable(translation.missing) if reasons else ""
        return f"(not translated: {why})" if why else "(not translated)"
    if not translation.uncertain:
        return text
    why = readable("; ".join(translation.doubts)) if reasons else ""
    return f"{UNCERTAIN}{text} ({why})" if why else f"{UNCERTAIN}{text}"
