"""Where readers want a line to be broken, in scripts whose letters Unicode's rules let stand alone.

Those rules allow a break between almost any two ideographs, and between the syllables of a Korean word. Phrases of
Chinese, Japanese and Thai come from BudouX, which only this file imports; Korean has its spaces.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate
from typing import Any, Final

__all__ = ["phrase_starts"]

_HAN: Final = r"\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_STRETCH: Final = re.compile(
    rf"(?P<han>[{_HAN}\u3040-\u30ff\u31f0-\u31ff\u3001-\u301f\uff00-\uffef]+)|(?P<thai>[\u0e01-\u0e5b]+)"
    r"|(?P<hangul>[0-9]*[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]+)"
)
"""Han and kana with their punctuation, or Thai, or a Korean word."""


def phrase_starts(text: str, language: str) -> dict[int, bool]:
    """Of every character inside a stretch of Chinese, Japanese, Thai or Korean: whether a phrase begins there.

    The first character of a stretch is left out: what is before it decides.

    Args:
        text: one line.
        language: BCP 47 tag; decides how Han is read. Where it says nothing, kana makes Han Japanese.
    """
    starts: dict[int, bool] = {}
    for stretch in _STRETCH.finditer(text):
        if stretch["hangul"]:
            phrases = [stretch[0]]
        else:
            phrases = _parser("th" if stretch["thai"] else _reading(text, language)).parse(stretch[0])
        begins = {stretch.start() + k for k in accumulate(map(len, phrases), initial=0)}
        starts |= {k: k in begins for k in range(stretch.start() + 1, stretch.end())}
    return starts


def _reading(text: str, language: str) -> str:
    tag = language.lower()
    if tag.startswith("ja"):
        return "ja"
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return "zh-hant"
    if tag.startswith("zh"):
        return "zh"
    return "ja" if re.search(r"[\u3040-\u30ff]", text) else "zh"


@cache
def _parser(model: str) -> Any:
    import budoux  # noqa: PLC0415 - an extra

    load = {
        "ja": budoux.load_default_japanese_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }
    return load[model]()
