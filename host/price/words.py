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

__all__ = ["LANGUAGES", "TERMS", "WORDS", "Word", "folded", "leads", "says", "tax_of", "without_price_words"]

Word = Literal[
    "unit", "was", "now", "deposit", "save", "member", "date", "code", "tax in", "tax out",
    "from", "part", "several", "voucher", "charge", "measured",
]  # fmt: skip
"""What words of tags mean."""

TERMS: Final[tuple[Word, ...]] = ("from", "part", "several", "voucher", "charge", "measured")
"""Those that make an amount something else than what one pays for one of the article."""

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
        "en": "was, before, rrp, reg, regular, regular price, list price, originally, msrp, srp, lowest price",
        "de": "statt, vorher, bisher, uvp, alter Preis, früher, Normalpreis, ehem*, niedrigster, 30-Tage*",
        "fr": "avant, ancien prix, au lieu de, prix barré, prix normal, prix de base, prix le plus bas",
        "es": "antes, precio anterior, pvp rec*, p.v.p.r, p.v.p rec*, precio recomendado, precio regular, "
        "precio más bajo",
        "it": "prima+, anziché, invece di, prezzo pieno, era+, prezzo di listino, prezzo più basso",
        "pt": "antes, de R$+, preço anterior, pvpr, p.v.p.r, pvp rec*, preço recomendado, preço normal, "
        "preço original, preço mais baixo",
        "nl": "van+, was, adviesprijs, oude prijs, normale prijs, laagste prijs",
        "no": "før, førpris, ord, ord pris, ordinær*, tidligere, tidl, veil, veil pris, veiledende, normalpris, "
        "laveste pris",
        "sv": "ord, ord pris, ordinarie, tidigare, tid pris, förr, normalpris, rek pris, lägsta pris",
        "da": "før, førpris, normalpris, tidligere, tidl, vejl*, førhen, laveste pris",
        "fi": "ennen, norm, normaali*, ovh, aiemmin, alin hinta",
        "pl": "cena regularna, najniższa cena*, było, przed+, poprzednia cena, cena przed, stara cena",
        "zh": "原价, 原價, 市场价, 市場價, 划线价, 门市价, 原售价",
        "ja": "定価, 通常価格, 通常, メーカー希望, 当店通常, 旧価格",
    },
    "now": {  # the price that one pays
        "en": "now, only, our price, sale, special, offer, today",
        "de": "jetzt, nur, Aktion*, Angebot, Preis, Sonderpreis, Knaller*",
        "fr": "maintenant, promo*, prix, prix promo, à seulement",
        "es": "ahora, oferta, precio, hoy, por solo, solo, pvp+, p.v.p+",
        "it": "ora, adesso, offerta, solo, a soli, prezzo, in offerta",
        "pt": "agora, só, oferta, por apenas, preço, apenas, promoção, por+, pvp+, p.v.p+",
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
        "en": "deposit, crv, dep", "de": "Pfand, Einwegpfand, Mehrwegpfand, Depot, Leergut", "fr": "consigne",
        "es": "depósito",
        "it": "cauzione, deposito", "pt": "depósito", "nl": "statiegeld", "no": "pant", "sv": "pant", "da": "pant",
        "fi": "pantti, panttia, pantin", "pl": "kaucja, kaucji", "zh": "押金", "ja": "デポジット, 保証金",
    },
    "save": {
        "en": "save, off, saving*, you save, a saving of, cheaper",
        "de": "sparen, Sie sparen, gespart, Rabatt, Ersparnis, billiger, Nachlass",
        "fr": "économi*, remise, de remise, de réduction, réduction, d'économie",
        "es": "ahorra*, ahorre*, dto, descuento, dcto",
        "it": "risparmi*, sconto, scontato",
        "pt": "poupe, poupa, desconto, economize, poupança",
        "nl": "korting, bespaar, u bespaart, voordeel",
        "no": "spar, du sparer, rabatt, spart",
        "sv": "spara*, rabatt, du sparar, billigare",
        "da": "spar, du sparer, rabat",
        "fi": "säästä*, alennus, ale+, edullisempi",
        "pl": "taniej, oszczędz*, rabat*, zniżka",
        "zh": "省, 优惠, 立减, 直降, 折, 满减",
        "ja": "引き, 引, 割引, 割, 値引, オフ, 半額",
    },
    "member": {  # only for those who have a card or an app
        "en": "member*, club price, club card, clubcard*, with card, loyalty, card price, nectar*, prime member*, "
        "with app, with the app, app price",
        "de": "mit Karte, mit App, mit der App, Payback, Cumulus, Kundenkarte, App-Preis, Lidl Plus, REWE Bonus, "
        "Kaufland Card, DeutschlandCard",
        "fr": "avec la carte, carte fidélité, prix carte, avec carte",
        "es": "con tarjeta, socio*, precio club, con la tarjeta",
        "it": "carta fedeltà, con carta, soci, con la carta",
        "pt": "cartão, com cartão, cliente clube, clube, sócio*",
        "nl": "bonuskaart, met kaart, met bonuskaart, klantenkaart",
        "no": "medlem*, trumf*, klubbpris*, Coop-medlem, Æ-pris, med app",
        "sv": "medlem*, klubbpris*, stammis*",
        "da": "medlem*, med app, med plus, klubpris*",
        "fi": "plussa*, jäsen*, s-etu*, etukortilla",
        "pl": "z kartą, z aplikacją, moja biedronka, klubowicz*",
        "zh": "会员价, 會員價, 会员, 會員, 付费会员",
        "ja": "会員価格, 会員, カード会員, アプリ会員",
    },
    "date": {
        "en": "best before, use by, exp, valid*, until, from date, printed, packed on",
        "de": "MHD, haltbar, gültig*, bis zum, vom+, abgepackt*, verpackt am",
        "fr": "DLC, DDM, à consommer, valable, jusqu'au, du+",
        "es": "caducidad, consumir, válido*, hasta el, vigencia",
        "it": "scad*, valido*, fino al, dal+",
        "pt": "validade, válido*, até",
        "nl": "THT, geldig*, t/m",
        "no": "best før, gyldig*, siste forbruk*, uke, dato, gjelder, pakkedag*, pakket",
        "sv": "bäst före, giltig*, gäller, vecka, packdag*, förpackningsdag, t.o.m",
        "da": "bedst før, sidste anvend*, gyldig*, uge, gælder",
        "fi": "parasta ennen, voimassa, viikko",
        "pl": "najlepiej spożyć, ważne, ważna, do dnia",
        "zh": "生产日期, 保质期, 有效期, 日期", "ja": "賞味期限, 消費期限, まで, 期間",
    },
    "code": {  # a number behind it names the article, the shop or its telephone
        "en": "art+, art no, item+, sku, plu, ean, upc, ref, no+, tel, phone, model, aisle, shelf+",
        "de": "Art.-Nr, Artikelnr, Artikelnummer, Nr+, Tel, Bestellnr",
        "fr": "réf, code, gencod, tél", "es": "cód, código, ref, tel", "it": "cod, codice, art+, tel",
        "pt": "cód, código, ref, tel", "nl": "artnr, artikelnr, nr, tel",
        "no": "varenr, vare nr, art nr, nr, tlf, hylle+", "sv": "artnr, art nr, varunr, nr, tel",
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
    "from": {  # the lowest or the highest of several prices
        "en": "from+, starting at, starts at, as low as, up to+", "de": "ab+, schon ab, bereits ab, bis+, bis zu+",
        "fr": "à partir de, dès+, jusqu'à+", "es": "desde+, a partir de, hasta+", "it": "a partire da, da+, fino a+",
        "pt": "desde+, a partir de, até+", "nl": "vanaf+, vanaf, v.a, tot+", "no": "fra+, opptil, inntil+",
        "sv": "från+, upp till, upptill", "da": "fra+, op til+", "fi": "alkaen, jopa+", "pl": "od+, już od+, nawet do",
        "zh": "起+, 低至, 最高, 元起", "ja": "から+, より+, 円から, 円より, 最大",
    },
    "part": {  # what it costs a month, a use, or as the first of several payments
        "en": "monthly, weekly, a month, a week, pcm, instal*, down payment, interest free",
        "de": "monatlich, mtl, im Monat, Monatsrate*, Rate+, Raten, Anzahlung, Waschladung*, Waschgang",
        "fr": "mensuel*, mensualité*, acompte, sans frais, le mois, la dose, le lavage, la portion, le mètre",
        "es": "cuota*, al mes, mensual*, a plazos, sin intereses, el lavado, la dosis, por lavado",
        "it": "rata+, rate, al mese, mensil*, acconto, al lavaggio, a lavaggio, la dose, al metro",
        "pt": "parcela*, ao mês, mensal*, prestaç*, sem juros, o metro, a dose, por lavagem",
        "nl": "maandelijks, per maand, termijn*, aanbetaling, wasbeurt*",
        "no": "mnd, månedlig, rater, avdrag*, delbetal*",
        "sv": "mån+, månadsvis, avbetal*, delbetal*, månadskostnad", "da": "mdr, månedlig*, rater, afdrag*, udbetaling",
        "fi": "kuukaudessa, kuukausierä*, erissä, osamaksu*, pesukerta*", "pl": "rata+, rat, raty, miesięcz*, zaliczka",
        "zh": "每月, 分期, 期+, 首付, 月供, 定金, 订金", "ja": "月々, 月額, 毎月, 分割, 頭金, 回払い",
    },
    "several": {  # what one costs for those who take more
        "en": "when you buy, when buying, if you buy, 2nd, second one, any+, pick+, choose+, mix & match",
        "de": "beim Kauf von, bei Abnahme, bei Kauf, das zweite",
        "fr": "par+, les+, lot de+, l'unité par, le 2e, le 2ème, le 2ieme, 2ème, le deuxième, le second, pour l'achat",
        "es": "2ª, 2a unidad, segunda unidad, 2ª unidad, comprando, por la compra, lleva+",
        "it": "2° pezzo, il secondo, acquistando, prendi+",
        "pt": "2ª, 2ª unidade, segunda unidade, na compra de, comprando, levando, leve+, sai a+, sai por+",
        "nl": "bij+, bij aankoop, 2e, tweede",
        "no": "ved kjøp, v/kjøp, når du kjøper, velg+, plukk & miks", "sv": "vid köp, när du köper, välj+",
        "da": "ved køb, v/køb, når du køber, vælg+",
        "fi": "kun ostat, ostaessasi, valitse+", "pl": "przy zakupie, drugi, druga", "zh": "第二件, 第2件, 任选, 满+",
        "ja": "2点目, 2個目, まとめて, 点以上, 個以上, よりどり",
    },
    "voucher": {  # what one gets, not what one pays
        "en": "voucher, coupon, gift card, cashback, cash back, points, bonus, reward*, value+, worth",
        "de": "Gutschein*, Coupon, Wertbon, Punkte, Bonus*, im Wert von, Wert+, Geld zurück, Sofort-Rabatt",
        "fr": "bon d'achat, bon de réduction, bon+, chèque, carte cadeau, points, cagnott*, remboursé*, valeur+",
        "es": "vale+, cupón, puntos, tarjeta regalo, reembolso, valorado*, valor de",
        "it": "buono+, buono sconto, buono spesa, punti, carta regalo, rimborso, valore+",
        "pt": "vale+, cupão, cupom, pontos, cartão presente, reembolso, valor de",
        "nl": "tegoedbon*, waardebon*, cadeaubon*, punten, zegels, t.w.v, ter waarde van",
        "no": "gavekort, kupong*, verdikupong, poeng, bonus*, verdi+, verdisjekk",
        "sv": "presentkort, kupong*, värdecheck, poäng, bonus*, värde+",
        "da": "gavekort, kupon, point+, bonus*, værdi+",
        "fi": "lahjakortti, kuponki, piste*, bonus*, arvo+", "pl": "bon+, kupon, voucher, punkt*, zwrot, wartość+",
        "zh": "券, 积分, 返现, 抵用, 礼品卡", "ja": "ポイント, クーポン, 商品券, 進呈, 還元, 相当",
    },
    "charge": {  # what is paid for something else than the article, or for all of them
        "en": "delivery, shipping, postage, fee+, total+, subtotal, change+, minimum+, min spend, spend+, donat*, win+",
        "de": "Versand*, Lieferung, Porto+, Gebühr*, Summe, Gesamt*, zu zahlen, Rückgeld, Mindest*, Spende*, Gewinn*",
        "fr": "livraison, frais de, total+, somme, à payer, rendu+, minimum+, d'achat, don+, gagnez",
        "es": "envío, gastos de, total+, suma+, a pagar, cambio+, compra mínima, mínimo+, gana+",
        "it": "spedizione, consegna, totale, da pagare, resto+, spesa minima, minimo+, vinci+",
        "pt": "envio, entrega, frete, total+, a pagar, troco+, compra mínima, mínimo+, ganhe+",
        "nl": "bezorg*, verzend*, totaal, te betalen, wisselgeld, besteding, minimaal, win+",
        "no": "frakt, levering, gebyr*, total+, totalt, sum+, å betale, vekslepenger, kjøp for, minstekjøp, vinn+",
        "sv": "frakt, leverans, avgift*, totalt, summa, att betala, köp över, köp för, handla för, vinn+",
        "da": "fragt, levering, gebyr*, total+, i alt, at betale, byttepenge, køb over, køb for, vind+",
        "fi": "toimitus*, yhteensä, summa, maksettava*, vaihtoraha, vähintään, voita+",
        "pl": "dostawa, wysyłka, opłata, suma, razem, do zapłaty, reszta+, minimum+, wygraj",
        "zh": "运费, 配送费, 合计, 合計, 总计, 總計, 小计, 应付, 找零", "ja": "送料, 合計, 小計, お釣り, お預り",
    },
    "measured": {  # clocks, scales, thermometers, timetables, pumps
        "en": "open+, opening*, open until, closes, closed, temp+, temperature, weight+, net weight, size+, "
        "departure*, diesel, alc",
        "de": "Öffnungszeit*, geöffnet, Uhr, Temperatur, Gewicht+, Gewicht kg, Nettogewicht, netto kg, Größe+, "
        "Abfahrt, Ankunft, Diesel, Super E10, Benzin",
        "fr": "ouvert*, horaire*, fermé, température, poids+, poids net, taille+, départ, gazole, sans plomb, SP95, "
        "SP98",
        "es": "abierto, horario*, cerrado, temperatura, peso+, peso neto, talla+, salida+, gasóleo, gasolina",
        "it": "aperto, orari*, chiuso, temperatura, peso+, peso netto, taglia+, partenza, gasolio, benzina",
        "pt": "aberto, horário*, fechado, temperatura, peso+, tamanho+, partida, gasóleo, gasolina",
        "nl": "open+, openingstijd*, geopend, gesloten, uur+, temperatuur, gewicht+, maat+, vertrek, benzine",
        "no": "åpent, åpningstid*, stengt, kl+, temperatur*, vekt+, vekt kg, nettovekt, str+, størrelse, avgang*, "
        "blyfri, bensin",
        "sv": "öppet, öppettid*, stängt, kl+, temperatur*, vikt+, stl+, storlek, avgång*, blyfri, bensin",
        "da": "åbent, åbningstid*, lukket, kl+, temperatur*, vægt+, str+, størrelse, afgang*, blyfri, benzin",
        "fi": "auki, avoinna, aukiolo*, klo+, lämpötila*, paino+, koko+, lähtö*, bensiini",
        "pl": "otwarte, godziny, zamknięte, godz+, temperatura, waga+, rozmiar+, odjazd*, benzyna",
        "zh": "营业, 温度, 重量, 净重, 尺码, 汽油, 柴油",
        "ja": "営業, 気温, 温度, 重量, サイズ, 発車, レギュラー, 軽油, ハイオク",
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
    words: tuple[Word, ...] = ("unit", "was", "deposit", "save", "date", "code", "member", "tax in", "tax out", *TERMS)
    return not any(says(text, word) for word in words)


def _pattern(words: Mapping[str, str]) -> re.Pattern[str]:
    every = {word.strip() for line in words.values() for word in line.split(",")}
    return re.compile("|".join(_one(word) for word in sorted(every, key=lambda word: (-len(word), word))))


def _one(word: str) -> str:
    """A word of the table: spaces and points in it may be lost or added; letters end where it ends."""
    plain = folded(word.rstrip("*+"))
    inner = "".join(r"[\s.:-]*" if c in " .-" else re.escape(c) for c in plain)
    begin = r"(?<![a-z])" if plain[0].isascii() and plain[0].isalpha() else r"(?<!\d)" if plain[0].isdigit() else ""
    end = r"[a-z]*" if word.endswith("*") else _END if plain[-1].isascii() and plain[-1].isalpha() else ""
    return begin + inner + end + (_BEFORE_A_NUMBER if word.endswith("+") else "")


# Readers lose the space before a sign: "ComcartãoR$1,90".
_END: Final = r"(?:(?![a-z])|(?=(?:r\$|kr|chf|eur|zl)[\s.]*(?:\d|$)))"
_BEFORE_A_NUMBER: Final = r"(?=[\s:.]*(?:[$\u20ac\u00a3\u00a5]|kr)?[\s.]*(?:\d|$))"
_PATTERNS: Final = {meaning: _pattern(words) for meaning, words in WORDS.items()}
