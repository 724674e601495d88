"""Which script a text is in, and which scripts a language is written in; pure.

Coarse on purpose: it decides between languages before any statistics, and tells a translation that came in a wrong
script. Ranges are the blocks of Unicode 15.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

__all__ = ["language_by_script", "script_of", "scripts_in", "written_in"]

_RANGES: Final = (
    (0x0041, 0x024F, "Latin"),
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x052F, "Cyrillic"),
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x077F, "Arabic"),
    (0x08A0, 0x08FF, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x1000, 0x109F, "Burmese"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, "Hangul"),
    (0x1200, 0x137F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1E00, 0x1EFF, "Latin"),
    (0x1F00, 0x1FFF, "Greek"),
    (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hangul"),
    (0x3400, 0x9FFF, "Han"),
    (0xAC00, 0xD7AF, "Hangul"),
    (0xF900, 0xFAFF, "Han"),
    (0xFB1D, 0xFB4F, "Hebrew"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFE, "Arabic"),
    (0xFF21, 0xFF5A, "Latin"),
    (0xFF66, 0xFF9D, "Kana"),
    (0x20000, 0x323AF, "Han"),
)

_WRITTEN: Final = {
    "ja": ("Kana", "Han"), "zh": ("Han",), "ko": ("Hangul",), "el": ("Greek",), "he": ("Hebrew",), "yi": ("Hebrew",),
    "ar": ("Arabic",), "fa": ("Arabic",), "ur": ("Arabic",), "ps": ("Arabic",), "ug": ("Arabic",), "sd": ("Arabic",),
    "ru": ("Cyrillic",), "uk": ("Cyrillic",), "be": ("Cyrillic",), "bg": ("Cyrillic",), "mk": ("Cyrillic",),
    "kk": ("Cyrillic",), "ky": ("Cyrillic",), "mn": ("Cyrillic",), "tg": ("Cyrillic",), "sr": ("Cyrillic", "Latin"),
    "hi": ("Devanagari",), "mr": ("Devanagari",), "ne": ("Devanagari",), "sa": ("Devanagari",), "bn": ("Bengali",),
    "as": ("Bengali",), "pa": ("Gurmukhi",), "gu": ("Gujarati",), "ta": ("Tamil",), "te": ("Telugu",),
    "kn": ("Kannada",), "ml": ("Malayalam",), "th": ("Thai",), "lo": ("Lao",), "my": ("Burmese",), "ka": ("Georgian",),
    "am": ("Ethiopic",), "ti": ("Ethiopic",), "km": ("Khmer",), "hy": ("Armenian",),
}  # fmt: skip


def written_in(language: str) -> tuple[str, ...]:
    """Scripts of a language (ISO 639-1); Latin for every one that is not known to have another."""
    return _WRITTEN.get(language, ("Latin",))


def script_of(character: str) -> str:
    """Script of a letter; empty for what is no letter or in none of the scripts above."""
    code = ord(character)
    if not character.isalpha():
        return ""
    return next((name for first, last, name in _RANGES if first <= code <= last), "")


def scripts_in(text: str) -> Counter[str]:
    """How many letters of each script there are."""
    return Counter(script for script in map(script_of, text) if script)


def language_by_script(text: str, among: Collection[str]) -> str | None:
    """The one language of these that the text's script leaves; None where it leaves several or none.

    Kana is Japanese whatever stands beside it, for Chinese has none; Hangul is Korean. Han alone may be either
    Chinese or Japanese. Otherwise the script with the most letters decides.

    Args:
        text: from anywhere.
        among: ISO 639-1 codes.
    """
    found = scripts_in(text)
    if not found:
        return None
    for script in ("Kana", "Hangul"):
        if found[script]:
            return _only(script, among)
    return _only(found.most_common(1)[0][0], among)


def _only(script: str, among: Collection[str]) -> str | None:
    left = [language for language in among if script in written_in(language)]
    return left[0] if len(left) == 1 else None
