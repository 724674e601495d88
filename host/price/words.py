"""The words of shelf tags, in fourteen languages: what makes a number an old price or a deposit; pure.

Compared without accents and case, since readers lose both ("jämförpris" is read as "jamforpris"). Languages: en, de,
fr, es, it, pt, nl, no, sv, da, fi, pl, zh, ja. Collected from shops' own tags and price marking rules;
no native speaker of all of them has reviewed the list.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["Word", "folded", "says", "tax_of", "without_price_words"]

Word = str
"""One of the keys of `_WORDS`: "unit", "was", "now", "deposit", "save", "member", "date", "code"."""

_EXTRA_FOLDS: Final = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "œ": "oe", "\u0131": "i"})

# A word ends where its letters end; Chinese and Japanese go on without a space.
_WORDS: Final[dict[str, str]] = {
    "unit": (
        r"unit price|price per|grundpreis|stuckpreis|prix au|prix/|le kilo|le litre|al kilo|"
        r"al litro|al kg|al l\b|el kilo|precio por|precio/|preco por|o kilo|prezzo al|per kilo|"
        r"prijs per|enhetspris|jfr|jmf|jamfor|jmfpris|sammenlign|sml\.?pris|enhedspris|"
        r"vertailuhinta|kilohinta|cena za|cena jedn|za kg|za litr|单价|單價|単価|当たり|あたり|当り"
    ),
    "was": (
        r"was|before|rrp|reg(?:ular|\.)?(?: price)?|list price|originally|statt|vorher|bisher|uvp|"
        r"alt(?:er preis)?|avant|ancien prix|au lieu de|prix barre|antes|precio anterior|pvp|prima|"
        r"anziche|invece di|prezzo pieno|era|de r\$|preco anterior|van|was|adviesprijs|"
        r"for(?:pris|ut)|for kr|forr|ord\.?(?:inarie|inaer|pris)?|tidligere|veil\.?(?:pris)?|"
        r"normalpris|forpris|ennen|norm\.?|normaali(?:hinta)?|cena regularna|najnizsza cena|bylo|"
        r"przed|原价|原價|市场价|定価|通常価格|通常|メーカー希望"
    ),
    "now": (
        r"now|only|our price|sale|special|offer|jetzt|nur|aktion(?:spreis)?|angebot|maintenant|"
        r"promo(?:tion)?|prix|ahora|oferta|precio|ora|adesso|offerta|solo|agora|por apenas|preco|"
        r"nu|voor|slechts|na|naa|nå|tilbud|kun|pris|extrapris|kampanj|nyt|tarjous|vain|teraz|"
        r"promocja|cena|现价|現價|特价|特價|促销|セール|特価|お買得|本体価格|価格"
    ),
    "deposit": (
        r"deposit|crv|pfand|consigne|deposito|cauzione|statiegeld|pant|panttia|pantti|kaucja|押金|"
        r"デポジット"
    ),
    "save": (
        r"save|off|rabatt?|sparen|sie sparen|gespart|economi[sz]ez|remise|de reduction|ahorr[ae]s?|"
        r"dto|descuento|risparmi|sconto|poupe|desconto|korting|bespaar|spar(?:a|er)?|du sparer|"
        r"saastat|alennus|taniej|oszczedz|rabat|省|优惠|立减|引き?|割引"
    ),
    "member": (
        r"member|club|card|loyalty|mit (?:karte|app)|payback|avec la carte|con tarjeta|socio|"
        r"carta fedelta|con carta|cartao|bonuskaart|medlem|trumf|klubb|plussa|z karta|z aplikacja|"
        r"会员|會員|会員"
    ),
    "date": (
        r"best before|use by|exp|mhd|haltbar|dlc|ddm|a consommer|caducidad|consumir|scad|validade|"
        r"tht|best for|bast fore|sidste|parasta ennen|najlepiej|valid|gultig|valable|valido|gyldig|"
        r"giltig|voimassa|wazne|生产日期|保质期|賞味期限|消費期限"
    ),
    "code": (
        r"art\.?(?:ikel)?(?:nr|no)?|item|sku|plu|ean|upc|ref|nr|no\.|vare(?:nr)?|tuote|kod|codice|"
        r"codigo|货号|条码|商品コード"
    ),
}  # fmt: skip
_PATTERNS: Final = {word: re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])") for word, pattern in _WORDS.items()}

_TAX_IN: Final = re.compile(
    r"税込|含税|incl\.? ?(?:tax|vat|gst|mwst|btw|moms|mva|iva)|inkl\.? ?(?:mwst|moms|mva|alv)|\bttc\b|iva incl"
)
_TAX_OUT: Final = re.compile(
    r"税抜|税別|\+ ?税|未税|不含税|"
    r"(?:excl?|plus|ex|zzgl|ekskl|exkl|eks)\.? ?(?:tax|vat|gst|mwst|btw|moms|mva|iva)|\bht\b|"
    r"本体価格|\bnetto\b|sin iva|iva escl"
)  # fmt: skip


def folded(text: str) -> str:
    """The text without accents, widths and case, for comparing only."""
    plain = unicodedata.normalize("NFKD", text[:200]).lower().translate(_EXTRA_FOLDS)
    return unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))


def says(text: str, word: Word) -> bool:
    """Whether a line has a word of that meaning."""
    return _PATTERNS[word].search(folded(text)) is not None


def tax_of(text: str) -> str:
    """Whether a line says that a price is with tax ("in"), without ("out"), or nothing ("")."""
    plain = folded(text)
    return "out" if _TAX_OUT.search(plain) else "in" if _TAX_IN.search(plain) else ""


def without_price_words(text: str) -> bool:
    """Whether a line has none of these words, so that it can be a product's name."""
    return not any(says(text, word) for word in ("unit", "was", "deposit", "save", "date", "code"))
