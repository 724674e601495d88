"""The language being spoken, as people write it, to the code that recognisers take; pure.

Understood are ISO 639-1 codes (`en`), tags of BCP 47 and locales that begin with one (`en-US`, `zh_Hans_CN`,
`de_DE.UTF-8`), names in English (`German`), of many in the language itself (`Deutsch`), and `auto`.
Codes of three letters that have one of two become that (`jpn`). Others pass as they are: there are thousands, and the
recogniser says which it knows; but not the beginning of a language's name (`jap`), which is no code that was meant.
"""

from __future__ import annotations

import re
from typing import Final

from host.errors import UsageError
from host.iso639 import TWO_LETTERS
from host.suggest import nearest

__all__ = ["LANGUAGES", "language_code"]

_AUTO: Final = "auto"

_TABLE: Final = (
    "aa Afar|ab Abkhazian|ae Avestan|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese|av Avaric|"
    "ay Aymara|az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara|bn Bengali|bo Tibetan|"
    "br Breton|bs Bosnian|ca Catalan|ce Chechen|ch Chamorro|co Corsican|cr Cree|cs Czech|cu Church Slavonic|"
    "cv Chuvash|cy Welsh|da Danish|de German|dv Dhivehi|dz Dzongkha|ee Ewe|el Greek|en English|eo Esperanto|"
    "es Spanish|et Estonian|eu Basque|fa Persian|ff Fulah|fi Finnish|fj Fijian|fo Faroese|fr French|"
    "fy Western Frisian|ga Irish|gd Scottish Gaelic|gl Galician|gn Guarani|gu Gujarati|gv Manx|ha Hausa|he Hebrew|"
    "hi Hindi|ho Hiri Motu|hr Croatian|ht Haitian Creole|hu Hungarian|hy Armenian|hz Herero|ia Interlingua|"
    "id Indonesian|ie Interlingue|ig Igbo|ii Sichuan Yi|ik Inupiaq|io Ido|is Icelandic|it Italian|iu Inuktitut|"
    "ja Japanese|jv Javanese|ka Georgian|kg Kongo|ki Kikuyu|kj Kuanyama|kk Kazakh|kl Greenlandic|km Khmer|"
    "kn Kannada|ko Korean|kr Kanuri|ks Kashmiri|ku Kurdish|kv Komi|kw Cornish|ky Kyrgyz|la Latin|"
    "lb Luxembourgish|lg Ganda|li Limburgish|ln Lingala|lo Lao|lt Lithuanian|lu Luba-Katanga|lv Latvian|"
    "mg Malagasy|mh Marshallese|mi Maori|mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|"
    "my Burmese|na Nauru|nb Norwegian Bokmal|nd North Ndebele|ne Nepali|ng Ndonga|nl Dutch|nn Norwegian Nynorsk|"
    "no Norwegian|nr South Ndebele|nv Navajo|ny Chichewa|oc Occitan|oj Ojibwa|om Oromo|or Odia|os Ossetian|"
    "pa Punjabi|pi Pali|pl Polish|ps Pashto|pt Portuguese|qu Quechua|rm Romansh|rn Rundi|ro Romanian|ru Russian|"
    "rw Kinyarwanda|sa Sanskrit|sc Sardinian|sd Sindhi|se Northern Sami|sg Sango|si Sinhala|sk Slovak|"
    "sl Slovenian|sm Samoan|sn Shona|so Somali|sq Albanian|sr Serbian|ss Swati|st Southern Sotho|su Sundanese|"
    "sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Tagalog|tn Tswana|"
    "to Tongan|tr Turkish|ts Tsonga|tt Tatar|tw Twi|ty Tahitian|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|ve Venda|"
    "vi Vietnamese|vo Volapuk|wa Walloon|wo Wolof|xh Xhosa|yi Yiddish|yo Yoruba|za Zhuang|zh Chinese|zu Zulu"
)

LANGUAGES: Final[dict[str, str]] = dict(entry.split(" ", 1) for entry in _TABLE.split("|"))
"""ISO 639-1: code to English name."""

_NAMES: Final = {name.lower(): code for code, name in LANGUAGES.items()} | {
    "bangla": "bn",
    "castilian": "es",
    "divehi": "dv",
    "farsi": "fa",
    "filipino": "tl",
    "flemish": "nl",
    "gaelic": "gd",
    "mandarin": "zh",
    "panjabi": "pa",
    "slovene": "sl",
    # As their speakers write them, with and without accents.
    "deutsch": "de", "español": "es", "espanol": "es", "français": "fr", "francais": "fr", "italiano": "it",
    "português": "pt", "portugues": "pt", "nederlands": "nl", "svenska": "sv", "norsk": "no", "dansk": "da",
    "suomi": "fi", "polski": "pl", "čeština": "cs", "cestina": "cs", "magyar": "hu", "română": "ro", "romana": "ro",
    "türkçe": "tr", "turkce": "tr", "ελληνικά": "el", "русский": "ru", "українська": "uk", "עברית": "he",
    "العربية": "ar", "हिन्दी": "hi", "ไทย": "th", "中文": "zh", "日本語": "ja", "한국어": "ko",
}  # fmt: skip

_NEAR: Final = 0.8  # 200 names are close together: at less, Klingon is Kongo and British is Irish

# Countries whose code is often written for their language.
_COUNTRIES: Final = {
    "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "gr": "el", "il": "he", "jp": "ja", "ua": "uk", "us": "en",
    "vn": "vi",
}  # fmt: skip

# RFC 5646, section 2.1: language, script, region, variants; extensions and private parts are not looked at.
_TAG: Final = re.compile(
    r"([a-z]{2,3})(-[a-z]{3}){0,3}(-[a-z]{4})?(-[a-z]{2}|-[0-9]{3})?(-[a-z0-9]{5,8}|-[0-9][a-z0-9]{3})*(-[a-z0-9]-.*)?"
)


def language_code(text: str) -> str:
    """The code of a language written in any of the ways above.

    Raises:
        UsageError: it is none; with a suggestion where one is near.
    """
    written = re.sub(r"\s+", " ", re.sub(r"[.@(].*", "", text)).strip().lower()
    if written == _AUTO:
        return _AUTO
    if written in _NAMES:
        return _NAMES[written]
    tag = _TAG.fullmatch(written.replace("_", "-"))
    if tag and tag[1] in LANGUAGES:
        return tag[1]
    begun = [code for code, name in LANGUAGES.items() if len(written) == 3 and name.lower().startswith(written)]
    if tag and len(tag[1]) == 3 and (tag[1] in TWO_LETTERS or len(begun) != 1):
        return TWO_LETTERS.get(tag[1], tag[1])
    near = nearest(written, _NAMES, near=_NEAR)
    meant = _COUNTRIES.get(written) or (begun[0] if begun else _NAMES[near] if near else None)
    guess = f"; did you mean {LANGUAGES[meant]} ({meant})?" if meant else ""
    raise UsageError(
        f"{text!r:.40} is no language{guess}", "Write a code such as en, a tag such as en-US, or a name such as English"
    )
