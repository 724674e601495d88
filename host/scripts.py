"""Scripts, the languages written in them, and the fonts that are known to show them; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SCRIPTS", "Script", "face_code"]


@dataclass(frozen=True, slots=True)
class Script:
    """A script, or a way of writing Han.

    Attributes:
        code: ISO 15924.
        name: in English, fit for a sentence.
        tag: fontconfig's name of a language that needs all of it.
        families: fonts to be preferred, best first, a bar between two.
        files: where there is no fontconfig, files that hold the script, best first, in lower case, a bar between two;
            `#2` behind a name is which of the file's fonts.
        debian: package with such a font.
        languages: ISO 639-1 codes written in it, a space between two.
    """

    code: str
    name: str
    tag: str
    families: str
    files: str
    debian: str
    languages: str


_LATIN: Final = "Noto Sans|DejaVu Sans|Liberation Sans|Helvetica Neue|Segoe UI|Arial"
_LATIN_FILES: Final = "notosans-regular.ttf|dejavusans.ttf|arial.ttf|segoeui.ttf|helveticaneue.ttc|arial unicode.ttf"

SCRIPTS: Final = {
    script.code: script
    for script in (
        Script("Latn", "Latin", "en", _LATIN, _LATIN_FILES, "fonts-noto-core", ""),
        Script("Grek", "Greek", "el", _LATIN, _LATIN_FILES, "fonts-noto-core", "el"),
        Script(
            "Cyrl", "Cyrillic", "ru", _LATIN, _LATIN_FILES, "fonts-noto-core",
            "ab av ba be bg ce cu cv kk kv ky mk mn os ru sr tg tt uk",
        ),
        Script(
            "Arab", "Arabic", "ar", "Noto Sans Arabic|Noto Naskh Arabic|Geeza Pro|Segoe UI|Arial|DejaVu Sans",
            "notosansarabic-regular.ttf|notonaskharabic-regular.ttf|geezapro.ttc|segoeui.ttf|arial.ttf|dejavusans.ttf",
            "fonts-noto-core", "ar fa ks ps sd ug ur",
        ),
        Script(
            "Hebr", "Hebrew", "he", "Noto Sans Hebrew|Arial Hebrew|Segoe UI|Arial|DejaVu Sans",
            "notosanshebrew-regular.ttf|arialhb.ttc|segoeui.ttf|arial.ttf|dejavusans.ttf",
            "fonts-noto-core", "he yi",
        ),
        Script(
            "Thai", "Thai", "th", "Noto Sans Thai|Noto Sans Thai Looped|Thonburi|Leelawadee UI|Loma|Tahoma",
            "notosansthai-regular.ttf|thonburi.ttc|leelawui.ttf|leelawad.ttf|tahoma.ttf", "fonts-noto-core", "th",
        ),
        Script(
            "Deva", "Devanagari", "hi", "Noto Sans Devanagari|Kohinoor Devanagari|Nirmala UI|Mangal|Lohit Devanagari",
            "notosansdevanagari-regular.ttf|kohinoor.ttc|nirmala.ttf|nirmala.ttc|mangal.ttf|lohit-devanagari.ttf",
            "fonts-noto-core", "hi mr ne sa",
        ),
        Script(
            "Hans", "Chinese (simplified)", "zh-cn",
            "Noto Sans CJK SC|Noto Sans SC|Source Han Sans SC|PingFang SC|Microsoft YaHei|WenQuanYi Micro Hei",
            "notosanscjk-regular.ttc#2|notosanscjksc-regular.otf|msyh.ttc|hiragino sans gb.ttc|wqy-microhei.ttc",
            "fonts-noto-cjk", "zh",
        ),
        Script(
            "Hant", "Chinese (traditional)", "zh-tw",
            "Noto Sans CJK TC|Noto Sans TC|Source Han Sans TC|PingFang TC|Microsoft JhengHei|WenQuanYi Micro Hei",
            "notosanscjk-regular.ttc#3|notosanscjktc-regular.otf|msjh.ttc|stheiti light.ttc|wqy-microhei.ttc",
            "fonts-noto-cjk", "",
        ),
        Script(
            "Jpan", "Japanese", "ja",
            "Noto Sans CJK JP|Noto Sans JP|Source Han Sans|Hiragino Sans|Yu Gothic|Meiryo|IPAGothic|TakaoGothic",
            "notosanscjk-regular.ttc#0|notosanscjkjp-regular.otf|ヒラギノ角ゴシック w3.ttc|yugothr.ttc|meiryo.ttc",
            "fonts-noto-cjk", "ja",
        ),
        Script(
            "Kore", "Korean", "ko",
            "Noto Sans CJK KR|Noto Sans KR|Source Han Sans K|Apple SD Gothic Neo|Malgun Gothic|NanumGothic",
            "notosanscjk-regular.ttc#1|notosanscjkkr-regular.otf|applesdgothicneo.ttc|malgun.ttf|nanumgothic.ttf",
            "fonts-noto-cjk", "ko",
        ),
    )
}  # fmt: skip
"""The scripts that are promised. Others are shown where fontconfig knows a font for them."""

_BY_LANGUAGE: Final = {language: script.code for script in SCRIPTS.values() for language in script.languages.split()}
_KANA_AND_KIN: Final = {"Hira": "Jpan", "Kana": "Jpan", "Hang": "Kore", "Bopo": "Hant"}
_TRADITIONAL: Final = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def face_code(script: str, language: str) -> str:
    """Which row of `SCRIPTS` shows a script of Unicode in a language; a script without a row is its own.

    Args:
        script: ISO 15924 code of a character; `Zyyy` for "whatever the language is written in".
        language: BCP 47 tag, or empty. Han without a language is taken for simplified Chinese.
    """
    tag = language.lower()
    own = "Hant" if tag.startswith(_TRADITIONAL) else _BY_LANGUAGE.get(tag.split("-")[0], "Latn")
    if script in {"Zyyy", "Zinh"}:
        return own
    if script == "Hani":
        return own if own in {"Hans", "Hant", "Jpan", "Kore"} else "Hans"
    return _KANA_AND_KIN.get(script, script)
