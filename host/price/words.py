"""The words of shelf tags, by meaning and language: what makes a number an old price or a deposit; pure.

Compared without accents and case, since readers lose both ("jämförpris" is read as "jamforpris"). Collected from shops'
own tags and price marking rules; no native speaker of all of these languages has reviewed the table. To add to it:
words are parted by commas; "*" stands for any ending; "+" behind a word that also means something else makes it count
only right before a number ("van 2,99", not "Van Houten").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

__all__ = ["LANGUAGES", "WORDS", "Word", "folded", "leads", "says", "tax_of", "without_price_words"]

Word = Literal["unit", "was", "now", "deposit", "save", "member", "date", "code", "tax in", "tax out"]
"""What words of tags mean."""

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "no", "sv", "da", "fi", "pl", "zh", "ja")

WORDS: Final[Mapping[Word, Mapping[str, str]]] = {
    "unit": {  # what so much of it costs
        "en": "unit price, price per, per kilo, per litre",
        "de": "Grundpreis, Stückpreis, Kilopreis, Literpreis",
        "fr": "prix au, prix/, le kilo, le litre, le kg, au kilo, au litre",
        "es": "precio por, precio/, el kilo, el litro, precio kg, precio unidad+",
        "it": "al kilo, al chilo, al litro, al kg, al lt, al l, prezzo al",
        "pt": "preço por, o kilo, o quilo, o litro, preço/",
        "nl": "per kilo, per liter, prijs per, per stuk",
        "no": "enhetspris, jfr*, sammenlign*, sml.pris, pris pr, pr/kg, kilopris, literpris",
        "sv": "jfr*, jmf*, jämför*, enhetspris, kilopris, literpris",
        "da": "enhedspris, kg-pris, kg.pris, kilopris, literpris, pr. kg, pr. l",
        "fi": "vertailuhinta, kilohinta, litrahinta, vert.hinta",
        "pl": "cena za, cena jedn*, za kg, za litr, za 1 kg, za 1 l",
        "zh": "单价, 單價, 每公斤, 每斤",
        "ja": "単価, 当たり, あたり, 当り",
    },
    "was": {  # the price before
        "en": "was, before, rrp, reg, regular, regular price, list price, originally, msrp, srp",
        "de": "statt, vorher, bisher, uvp, alter Preis, früher, Normalpreis, ehem*",
        "fr": "avant, ancien prix, au lieu de, prix barré, prix normal, prix de base",
        "es": "antes, precio anterior, pvp, pvpr, precio regular, precio normal, precio habitual",
        "it": "prima+, anziché, invece di, prezzo pieno, era+, prezzo di listino",
        "pt": "antes, de R$+, preço anterior, pvpr, preço normal, preço original",
        "nl": "van+, was, adviesprijs, oude prijs, normale prijs",
        "no": "før, førpris, ord, ord pris, ordinær*, tidligere, veil, veil pris, veiledende, normalpris",
        "sv": "ord, ord pris, ordinarie, tidigare, förr, normalpris, rek pris",
        "da": "før, førpris, normalpris, tidligere, vejl*, førhen",
        "fi": "ennen, norm, normaali*, ovh, aiemmin",
        "pl": "cena regularna, najniższa cena*, było, przed+, poprzednia cena, cena przed, stara cena",
        "zh": "原价, 原價, 市场价, 市場價, 划线价, 门市价, 原售价",
        "ja": "定価, 通常価格, 通常, メーカー希望, 当店通常, 旧価格",
    },
    "now": {  # the price that one pays
        "en": "now, only, our price, sale, special, offer, today",
        "de": "jetzt, nur, Aktion*, Angebot, Preis, Sonderpreis, Knaller*",
        "fr": "maintenant, promo*, prix, prix promo, à seulement",
        "es": "ahora, oferta, precio, hoy, por solo, solo",
        "it": "ora, adesso, offerta, solo, a soli, prezzo, in offerta",
        "pt": "agora, só, oferta, por apenas, preço, apenas, promoção, por+",
        "nl": "nu, voor, slechts, actie*, prijs",
        "no": "nå, naa, na, tilbud, kun, pris",
        "sv": "nu, extrapris, kampanj*, pris, bara, endast",
        "da": "nu, kun, tilbud, pris, spotvare",
        "fi": "nyt, tarjous*, vain, hinta",
        "pl": "teraz, tylko, promocja, cena, super cena",
        "zh": "现价, 現價, 特价, 特價, 促销*, 售价, 零售价, 惊爆价, 活动价",
        "ja": "セール, 特価, お買得, お買い得, 本体価格, 価格, 本体, 今だけ, 税込価格",
    },
    "deposit": {
        "en": "deposit, crv, dep", "de": "Pfand, Depot, Leergut", "fr": "consigne", "es": "depósito",
        "it": "cauzione, deposito", "pt": "depósito", "nl": "statiegeld", "no": "pant", "sv": "pant", "da": "pant",
        "fi": "pantti, panttia, pantin", "pl": "kaucja, kaucji", "zh": "押金", "ja": "デポジット, 保証金",
    },
    "save": {
        "en": "save, off, saving*, you save",
        "de": "sparen, Sie sparen, gespart, Rabatt, Ersparnis, billiger, Nachlass",
        "fr": "économi*, remise, de réduction, réduction, d'économie",
        "es": "ahorra*, ahorre*, dto, descuento, dcto",
        "it": "risparmi*, sconto, scontato",
        "pt": "poupe, poupa, desconto, economize, poupança",
        "nl": "korting, bespaar, u bespaart, voordeel",
        "no": "spar, du sparer, rabatt, spart",
        "sv": "spara*, rabatt, du sparar",
        "da": "spar, du sparer, rabat",
        "fi": "säästä*, alennus, ale+, edullisempi",
        "pl": "taniej, oszczędz*, rabat*, zniżka",
        "zh": "省, 优惠, 立减, 直降, 折, 满减",
        "ja": "引き, 引, 割引, 割, 値引, オフ",
    },
    "member": {  # only for those who have a card or an app
        "en": "member*, club price, club card, clubcard*, with card, loyalty, card price, nectar*, prime member*",
        "de": "mit Karte, mit App, mit der App, Payback, Cumulus, Kundenkarte, App-Preis",
        "fr": "avec la carte, carte fidélité, prix carte, avec carte",
        "es": "con tarjeta, socio*, precio club, con la tarjeta",
        "it": "carta fedeltà, con carta, soci, con la carta",
        "pt": "cartão, com cartão, cliente clube, clube, sócio*",
        "nl": "bonuskaart, met kaart, met bonuskaart, klantenkaart",
        "no": "medlem*, trumf*, klubbpris*, Coop-medlem",
        "sv": "medlem*, klubbpris*, stammis*",
        "da": "medlem*, med app, med plus, klubpris*",
        "fi": "plussa*, jäsen*, s-etu*, etukortilla",
        "pl": "z kartą, z aplikacją, moja biedronka, klubowicz*",
        "zh": "会员价, 會員價, 会员, 會員, 付费会员",
        "ja": "会員価格, 会員, カード会員, アプリ会員",
    },
    "date": {
        "en": "best before, use by, exp, valid*, until, from date, printed",
        "de": "MHD, haltbar, gültig*, bis zum, vom+",
        "fr": "DLC, DDM, à consommer, valable, jusqu'au, du+",
        "es": "caducidad, consumir, válido*, hasta el, vigencia",
        "it": "scad*, valido*, fino al, dal+",
        "pt": "validade, válido*, até",
        "nl": "THT, geldig*, t/m",
        "no": "best før, gyldig*, siste forbruk*, uke, dato, gjelder",
        "sv": "bäst före, giltig*, gäller, vecka",
        "da": "bedst før, sidste anvend*, gyldig*, uge, gælder",
        "fi": "parasta ennen, voimassa, viikko",
        "pl": "najlepiej spożyć, ważne, ważna, do dnia",
        "zh": "生产日期, 保质期, 有效期, 日期", "ja": "賞味期限, 消費期限, まで, 期間",
    },
    "code": {  # a number behind it names the article, the shop or its telephone
        "en": "art+, art no, item+, sku, plu, ean, upc, ref, no+, tel, phone, model",
        "de": "Art.-Nr, Artikelnr, Artikelnummer, Nr+, Tel, Bestellnr",
        "fr": "réf, code, gencod, tél", "es": "cód, código, ref, tel", "it": "cod, codice, art+, tel",
        "pt": "cód, código, ref, tel", "nl": "artnr, artikelnr, nr, tel",
        "no": "varenr, vare nr, art nr, nr, tlf", "sv": "artnr, art nr, varunr, nr, tel",
        "da": "varenr, vare nr, nr, tlf",
        "fi": "tuote*, tuotenro, nro, puh", "pl": "kod, nr, indeks, tel",
        "zh": "货号, 条码, 编码, 编号, 电话", "ja": "商品コード, コード, 品番, 電話",
    },
    "tax in": {
        "en": "incl tax, inc tax, incl vat, inc vat, incl gst, inc gst, tax incl*, vat incl*",
        "de": "inkl MwSt, inkl USt",
        "fr": "TTC", "es": "IVA incl*, IVA inc, con IVA", "it": "IVA incl*, IVA inc", "pt": "IVA incl*, c/IVA, com IVA",
        "nl": "incl btw", "no": "inkl mva", "sv": "inkl moms", "da": "inkl moms", "fi": "sis alv",
        "pl": "z VAT, brutto",
        "zh": "含税", "ja": "税込, 税込価格, 内税",
    },
    "tax out": {
        "en": "excl tax, plus tax, ex tax, excl vat, ex vat, plus vat, ex gst, excl gst, + tax",
        "de": "zzgl MwSt, exkl MwSt, zzgl USt, ohne MwSt", "fr": "HT, hors taxe*", "es": "sin IVA, más IVA, + IVA",
        "it": "IVA escl*, + IVA", "pt": "sem IVA, s/IVA, + IVA", "nl": "excl btw, ex btw", "no": "ekskl mva, eks mva",
        "sv": "exkl moms", "da": "ekskl moms, eks moms", "fi": "alv 0*", "pl": "netto, bez VAT, + VAT",
        "zh": "不含税, 未税", "ja": "税抜, 税別, +税, 本体価格, 本体, 税抜価格",
    },
}  # fmt: skip
"""Each meaning's words in each language."""

_EXTRA_FOLDS: Final = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "œ": "oe", "\u0131": "i"})
MAX_LETTERS: Final = 200  # of a line that is looked at


@lru_cache(maxsize=1024)
def folded(text: str) -> str:
    """The text without accents, widths and case, for comparing only."""
    plain = unicodedata.normalize("NFKD", text[:MAX_LETTERS]).lower().translate(_EXTRA_FOLDS)
    return unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))


def says(text: str, word: Word) -> bool:
    """Whether a line has a word of that meaning."""
    return _PATTERNS[word].search(folded(text)) is not None


def leads(text: str, word: Word) -> bool:
    """Whether a line begins with a word of that meaning, as a label does."""
    plain = folded(text)
    return _PATTERNS[word].match(plain, len(plain) - len(plain.lstrip(" .:;*-+(/\u00a5$"))) is not None


def tax_of(text: str) -> str:
    """Whether a line says that a price is with tax ("in"), without ("out"), or nothing ("")."""
    return "out" if says(text, "tax out") else "in" if says(text, "tax in") else ""


def without_price_words(text: str) -> bool:
    """Whether a line has none of these words, so that it can be a product's name."""
    words: tuple[Word, ...] = ("unit", "was", "deposit", "save", "date", "code", "member", "tax in", "tax out")
    return not any(says(text, word) for word in words)


def _pattern(words: Mapping[str, str]) -> re.Pattern[str]:
    every = {word.strip() for line in words.values() for word in line.split(",")}
    return re.compile("|".join(_one(word) for word in sorted(every, key=lambda word: (-len(word), word))))


def _one(word: str) -> str:
    """A word of the table: spaces and points in it may be lost or added; letters end where it ends."""
    plain = folded(word.rstrip("*+"))
    inner = "".join(r"[\s.:-]*" if c in " .-" else re.escape(c) for c in plain)
    begin = r"(?<![a-z])" if plain[0].isascii() and plain[0].isalpha() else ""
    end = r"[a-z]*" if word.endswith("*") else _END if plain[-1].isascii() and plain[-1].isalpha() else ""
    return begin + inner + end + (_BEFORE_A_NUMBER if word.endswith("+") else "")


# Readers lose the space before a sign: "ComcartãoR$1,90".
_END: Final = r"(?:(?![a-z])|(?=(?:r\$|kr|chf|eur|zl)[\s.]*(?:\d|$)))"
_BEFORE_A_NUMBER: Final = r"(?=[\s:.]*(?:[$\u20ac\u00a3\u00a5]|kr)?[\s.]*(?:\d|$))"
_PATTERNS: Final = {meaning: _pattern(words) for meaning, words in WORDS.items()}
