"""Amounts that are no price of one article: payments, lowest prices, vouchers, clocks; in each language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from host.price.gate import View
from host.price.tag import Tag
from host.price.terms import heads
from host.price.understand import understand
from host.price.words import TERMS, WORDS, Word
from host.read.line import TextLine


def line(text: str, top: float, height: float, *, left: float | None = None) -> TextLine:
    width = min(540, 0.55 * height * len(text))
    left = max(30, 300 - width / 2) if left is None else left
    right, bottom = left + width, top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.98)


def read(lines: list[TextLine], currency: str) -> Tag:
    return understand([line("BRUNOST", 40, 24), *lines], View((300, 200), currency))


def above(words: str, amount: str) -> list[TextLine]:
    return [line(words, 115, 26), line(amount, 150, 70)]


def below(amount: str, words: str) -> list[TextLine]:
    return [line(amount, 150, 70), line(words, 235, 26)]


AMOUNTS = (("29,90", "NOK"), ("9,99 €", "EUR"), ("£9.99", "GBP"))


@pytest.mark.parametrize("meaning", TERMS)
def test_a_word_above_below_or_before_an_amount_makes_it_no_price(meaning: Word):
    every = {word.strip().rstrip("*+") for words in WORDS[meaning].values() for word in words.split(",")}
    for number, word in enumerate(sorted(every)):
        amount, currency = AMOUNTS[number % len(AMOUNTS)]
        for lines in (above(word, amount), below(amount, word), [line(f"{word} {amount}", 150, 40)]):
            assert read(lines, currency).price is None, [one.text for one in lines]


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("4 x 25,00", "NOK"), ("4 x 25,00 kr", "NOK"), ("4 x 25,00 €", "EUR"), ("12 rater à 199,00", "NOK"),
        ("12x R$ 29,90", "BRL"), ("10 rat x 29,90 zł", "PLN"), ("199,00 /mnd", "NOK"), ("29,90 €/Monat", "EUR"),
        ("$29.99/mo", "USD"), ("29,90 €/mois", "EUR"), ("199 kr/mån", "SEK"), ("29,90 €/kk", "EUR"),
        ("月々2,980円", "JPY"), ("From £9.99", "GBP"), ("ab 9,99 €", "EUR"), ("fra 99,90", "NOK"),
        ("dès 9,99 €", "EUR"),
        ("à partir de 9,99 €", "EUR"), ("da 9,99 €", "EUR"), ("vanaf 9,99", "EUR"), ("från 99:-", "SEK"),
        ("od 9,99 zł", "PLN"), ("¥9.99起", "CNY"), ("980円から", "JPY"), ("980円~", "JPY"), ("opptil 50,00", "NOK"),
        ("-2,00 €", "EUR"), ("bon de réduction 2,00 €", "EUR"), ("£5.00 voucher", "GBP"), ("2,00 € de remise", "EUR"),
        ("1,50 € l'unité par 2", "EUR"), ("LE 2e à -50%", "EUR"), ("PVP recomendado: 12,95 €", "EUR"),
        ("P.V.P.R. 12,95 €", "EUR"), ("500 points", "EUR"), ("150 poeng", "NOK"), ("298ポイント", "JPY"),
        ("5,00 € cashback", "EUR"), ("0,15 €/WL", "EUR"), ("2,50 pr vask", "NOK"), ("15p per wash", "GBP"),
        ("0,19 €/Tab", "EUR"), ("199,00 kr/m²", "NOK"), ("4,99 €/m", "EUR"), ("29,9010:30", "NOK"),
        ("29,90 12.05", "NOK"),
        ("29,9012.05.2026", "NOK"), ("kl. 10.30", "NOK"), ("10.30 Uhr", "EUR"), ("18h30", "EUR"), ("21.50°C", "NOK"),
        ("20,50 x 30,00 cm", "NOK"), ("dès 20,00 € d'achat", "EUR"), ("$25.00 value", "USD"),
        ("SUMME EUR 12,95", "EUR"),
    ],
)  # fmt: skip
def test_words_on_the_line_of_an_amount(text: str, currency: str):
    assert read([line(text, 150, 50)], currency).price is None


@pytest.mark.parametrize(
    ("label", "amount", "currency"),
    [
        ("pr. mnd", "199,00", "NOK"), ("12 rater à", "199,00", "NOK"), ("en 4 fois sans frais", "25,00 €", "EUR"),
        ("12x de", "R$ 29,90", "BRL"), ("x 10 rat", "29,90 zł", "PLN"), ("x12期", "¥29.90", "CNY"),
        ("per month", "£29.99", "GBP"), ("al mes", "29,90 €", "EUR"), ("per måned", "199:-", "NOK"),
        ("ab 2 Stück", "1,50 €", "EUR"), ("ved kjøp av 2", "15,00", "NOK"), ("bij 2 stuks", "1,50", "EUR"),
        ("when you buy 2", "£1.50 each", "GBP"), ("l'unité par 2", "2,50 €", "EUR"), ("LE 2ème", "1,25 €", "EUR"),
        ("2ª unidad", "1,25 €", "EUR"), ("PVP recomendado", "12,95 €", "EUR"), ("per wash", "£0.15", "GBP"),
        ("pr porsjon", "12,50", "NOK"), ("pr tablett", "1,99", "NOK"), ("je Waschladung", "0,15 €", "EUR"),
        ("la dose", "0,19 €", "EUR"), ("pr 100 ark", "2,50", "NOK"), ("pr m2", "199,00", "NOK"),
        ("pr rull", "4,99", "NOK"),
        ("per døgn", "199,00", "NOK"), ("pr. person", "199,00", "NOK"), ("cagnottés sur la carte", "0,50 €", "EUR"),
        ("PAYBACK Punkte", "20,00", "EUR"), ("PANT", "3,00", "NOK"), ("Pfand", "0,25 €", "EUR"),
    ],
)  # fmt: skip
def test_a_label_beside_an_amount(label: str, amount: str, currency: str):
    for lines in (above(label, amount), below(amount, label)):
        assert read(lines, currency).price is None, [one.text for one in lines]


@pytest.mark.parametrize(
    ("lines", "price"),
    [
        (above("PVP", "12,95 €"), "12.95"), ([line("PVP: 2,99€", 150, 50)], "2.99"),
        (below("29,90", "inkl. mva"), "29.90"),
        ([line("29,90 inkl moms", 150, 50)], "29.90"), (below("29,90", "+ pant"), "29.90"),
        (below("29,90", "pant"), "29.90"),
        (below("1,99", "zzgl. 0,25 € Pfand"), "1.99"), (below("29,90", "pr stk"), "29.90"),
        (below("1,99", "je Packung"), "1.99"), (above("POR SOLO", "1,99 €"), "1.99"),
        (above("FRA NORGE", "29,90"), "29.90"),
        (below("29,90", "pr. pose"), "29.90"), (above("PARMESAN", "29,90"), "29.90"),
        (above("PERSIL 20", "29,90"), "29.90"),
        (above("Value pack", "29,90"), "29.90"), (above("TOTALREN", "29,90"), "29.90"),
        (below("29,90", "Gyldig fra 12.05"), "29.90"),
    ],
)  # fmt: skip
def test_what_only_looks_like_such_words_costs_no_price(lines: list[TextLine], price: str):
    assert read(lines, "NOK" if "€" not in str(lines) else "EUR").price == Decimal(price)


def test_a_minus_by_itself_before_an_amount():
    assert read([line("-", 170, 40, left=130), line("2,00 €", 150, 70, left=180)], "EUR").price is None


def test_other_prices_of_a_tag_are_told_apart_from_the_price():
    tag = read([line("29,90", 130, 80), line("fra 12,90 ved kjøp av 3", 250, 22)], "NOK")
    assert tag.price == Decimal("29.90")


@pytest.mark.parametrize(
    ("lines", "currency"),
    [
        ([line("SUPER E10", 60, 30, left=60), line("1.859", 60, 60, left=300), line("DIESEL", 160, 30, left=60),
          line("1.759", 160, 60, left=300)], "EUR"),
        ([line("DIESEL", 160, 30, left=60), line("1.75", 160, 60, left=300), line("9", 160, 30, left=435)], "EUR"),
        ([line("DIESEL", 100, 30), line("18,95", 150, 80)], "NOK"),
        ([line("AAPL", 60, 40), line("189.45", 130, 70), line("+1.25%", 220, 40)], "USD"),
        ([line("OSEBX", 60, 40), line("1352.45", 130, 70), line("+12.30", 220, 40)], "USD"),
        ([line("TEMPERATUR", 80, 40), line("21.50", 150, 80)], "NOK"),
        ([line("21.50", 150, 80, left=150), line("°C", 150, 40, left=340)], "NOK"),
        ([line("ÅPENT TIL", 60, 40), line("23.00", 150, 90)], "NOK"),
        ([line("ÅPNINGSTIDER", 60, 40), line("Man-Fre 10.00-20.00", 120, 30), line("Søn 12.00", 220, 30)], "NOK"),
        ([line("TOTAL", 200, 30, left=100), line("£12.95", 200, 30, left=380)], "GBP"),
        ([line("Melk 1 l", 60, 20, left=100), line("19,90", 60, 20, left=440), line("Brød", 90, 20, left=100),
          line("34,90", 90, 20, left=440), line("TOTAL", 170, 26, left=100), line("54,80", 170, 26, left=420)], "NOK"),
        ([line("Pizza", 60, 24, left=60), line("149,-", 60, 24, left=460), line("Pasta", 110, 24, left=60),
          line("159,-", 110, 24, left=460), line("Burger", 160, 24, left=60), line("169,-", 160, 24, left=460)], "NOK"),
        ([line("Espresso 2,20", 60, 24), line("Cappuccino 3,20", 110, 24), line("Tee 2,80", 160, 24)], "EUR"),
    ],
)  # fmt: skip
def test_boards_receipts_and_instruments(lines: list[TextLine], currency: str):
    assert understand(lines, View((300, 200), currency)).price is None


@pytest.mark.parametrize("text", ["per month", "pr. 100 ark", "12 cuotas de", "12x", "when you buy 2", "/ mnd"])
def test_lines_that_say_so(text: str):
    assert heads(text)


@pytest.mark.parametrize("text", ["per kg", "pr stk", "500 g", "29,90 pr mnd", "2 for", "Nescafe Gold", "PR. POSE", ""])
def test_lines_that_do_not(text: str):
    assert not heads(text)
