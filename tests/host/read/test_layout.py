"""Reading order: menus, columns, writing downwards, and what must hold of any lines whatever."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.read.layout import Passage, arrange, is_number
from host.read.line import TextLine


def line(text, left, top, width=None, height=20, confidence=None):
    right, bottom = left + (12 * len(text) if width is None else width), top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), confidence)


def turned(lines, degrees):
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def about(point):
        return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine

    return [TextLine(found.text, tuple(map(about, found.corners)), found.confidence) for found in lines]


def texts(blocks):
    return [block.text.splitlines() for block in blocks]


MENU = [
    line("STARTERS", 200, 0, height=30),
    line("Tomato soup", 20, 60),
    line("6,50", 500, 62),
    line("Garlic bread", 20, 90),
    line("€ 4.-", 500, 90),
    line("Olives", 20, 120),
    line("3,90 €", 500, 118),
]

COLUMNS = [
    line("Opening hours and house rules", 60, 0, height=34),
    line("We are open", 0, 60),
    line("every day from", 0, 86),
    line("nine to six", 0, 112),
    line("Dogs must wait", 300, 60),
    line("outside, please", 300, 86),
    line("thank you", 300, 112),
]


@pytest.mark.parametrize("degrees", [0, 4, -9, 20])
def test_prices_stay_on_their_row(degrees):
    assert texts(arrange(turned(MENU, degrees))) == [
        ["STARTERS"],
        ["Tomato soup  6,50", "Garlic bread  € 4.-", "Olives  3,90 €"],
    ]


@pytest.mark.parametrize("degrees", [0, 5, -8])
def test_columns_are_read_one_after_the_other(degrees):
    assert texts(arrange(turned(COLUMNS, degrees))) == [
        ["Opening hours and house rules"],
        ["We are open", "every day from", "nine to six"],
        ["Dogs must wait", "outside, please", "thank you"],
    ]


def test_two_columns_of_names_with_prices_are_two_columns():
    menu = [line(f"dish {i}", 0, 30 * i) for i in range(3)] + [line("9.50", 150, 30 * i) for i in range(3)]
    menu += [line(f"drink {i}", 400, 30 * i) for i in range(3)] + [line("2.50", 560, 30 * i) for i in range(3)]
    assert texts(arrange(menu)) == [
        ["dish 0  9.50", "dish 1  9.50", "dish 2  9.50"],
        ["drink 0  2.50", "drink 1  2.50", "drink 2  2.50"],
    ]


def test_arabic_columns_and_rows_go_from_right_to_left():
    sign = [line("مغلق يوم", 300, 0), line("الجمعة كل", 300, 26), line("مفتوح من", 0, 0), line("التاسعة صباحا", 0, 26)]
    assert texts(arrange(sign)) == [["مغلق يوم", "الجمعة كل"], ["مفتوح من", "التاسعة صباحا"]]
    assert texts(arrange([line("قهوة عربية", 300, 0), line("12", 0, 0)])) == [["قهوة عربية  12"]]


def test_writing_downwards_is_read_from_the_right():
    sign = [line("立入禁止区域", 100, 0, 20, 120), line("関係者以外", 140, 0, 20, 120), line("NOTICE", 60, 140)]
    assert texts(arrange(sign)) == [["関係者以外", "立入禁止区域"], ["NOTICE"]]
    assert [p.text for p in arrange(sign)[0].passages] == ["関係者以外立入禁止区域"]


def test_what_may_be_misread_is_marked():
    block = arrange([line("Tomatoes", 0, 0, confidence=0.99), line("2.90", 200, 0, confidence=0.6)])[0]
    assert block.text == "Tomatoes  2.90 ?"
    assert block.unsure
    assert block.passages == [Passage(("Tomatoes", "2.90"), unsure=True)]


def test_rows_that_go_on_are_one_passage_and_a_parted_word_is_joined():
    sign = [line("Please do not feed the ani-", 0, 0), line("mals in this park", 0, 26), line("14:00", 0, 52)]
    assert arrange(sign)[0].passages == [Passage(("Please do not feed the animals in this park",)), Passage(("14:00",))]
    japanese = arrange([line("駅はここから", 0, 0), line("五分です", 0, 26)])
    assert [p.text for p in japanese[0].passages] == ["駅はここから五分です"]


def test_rows_in_capitals_are_not_joined_with_others_but_names_are():
    sign = [line("EMERGENCY", 0, 0), line("EXIT ONLY", 0, 26), line("Alarm will sound", 0, 52), line("at once", 0, 78)]
    assert [p.text for p in arrange(sign)[0].passages] == ["EMERGENCY EXIT ONLY", "Alarm will sound at once"]
    name = [line("A world heritage of", 0, 0), line("UNO", 0, 26), line("since last year", 0, 52)]
    assert [p.text for p in arrange(name)[0].passages] == ["A world heritage of UNO since last year"]


def test_a_row_that_ends_in_a_price_stands_for_itself_however_it_was_read():
    menu = [line("Tomato soup .... 6,50 €", 0, 0), line("Garlic bread 4.-", 0, 26), line("with oil", 0, 52)]
    assert [p.cells for p in arrange(menu)[0].passages] == [
        ("Tomato soup", "6,50 €"),
        ("Garlic bread", "4.-"),
        ("with oil",),
    ]
    led = [line("Tomato soup ....", 0, 0), line("6,50", 300, 0)]
    assert [p.cells for p in arrange(led)[0].passages] == [("Tomato soup", "6,50")]


def test_a_large_price_beside_small_rows_is_a_row_of_its_own():
    tag = [line("TOMATOES", 0, 0), line("Norway", 0, 26), line("29.90", 200, 4, height=70), line("per kg", 0, 52)]
    assert [row for block in texts(arrange(tag)) for row in block].count("29.90") == 1


@pytest.mark.parametrize(
    "text", ["6,50", "€ 4.-", "3,90 €", "19 90", "kr 29,90", "10:45", "¥1,280", "250g", "12.80元", "-20%"]
)
def test_numbers(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["Tomato", "", "1 large tomato", "Route 66 diner", "kr", "a" * 30 + "1", "二百円"])
def test_what_is_no_number(text):
    assert not is_number(text)


NUMBERS = st.integers(-500, 1500)
LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(["Tomato", "9.50", "禁煙席案内", "قهوة", "a b c", "?", "x" * 40]),
        NUMBERS,
        NUMBERS,
        st.integers(0, 300),
        st.integers(0, 120),
        st.none() | st.floats(0, 1),
    ),
    max_size=12,
)


def flat(blocks):
    return [found for block in blocks for row in block.rows for found in row.lines]


@given(LINES, st.randoms(use_true_random=False))
def test_every_line_comes_once_in_an_order_that_does_not_depend_on_theirs(lines, chance):
    found = arrange(lines)
    assert sorted(map(repr, flat(found))) == sorted(map(repr, lines))
    assert all(block.rows and all(row.lines for row in block.rows) for block in found)
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert [f.text for f in flat(arrange(shuffled))] == [f.text for f in flat(found)]


@given(
    st.lists(st.tuples(st.sampled_from(["Tea", "Fish and chips", "Soup"]), st.integers(1, 99)), min_size=1, max_size=9)
)
def test_a_menu_of_any_length_keeps_its_prices(dishes):
    menu = [line(name, 10, 30 * i) for i, (name, _) in enumerate(dishes)]
    menu += [line(f"{price}.50", 400, 30 * i + 3) for i, (_, price) in enumerate(dishes)]
    rows = [row for block in arrange(menu) for row in block.text.splitlines()]
    assert rows == [f"{name}  {price}.50" for name, price in dishes]


def test_nothing_is_no_text():
    assert arrange([]) == []
    assert arrange([line("  ", 0, 0, 10)]) == []
