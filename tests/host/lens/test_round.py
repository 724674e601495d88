"""Cards on a round lens: nothing leaves the circle, no word is lost, and short texts stand in the middle."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from round_lens import all_seen, boxes, halo_font

from host.lens.cards import Block, cards
from host.lens.display_list import TextItem
from host.lens.layout import words_of
from host.lens.pages import foot, paged
from host.lens.shape import FRAME, HALO
from host.lens.words import joined

SIZES = st.sampled_from(["small", "normal", "large"])
WORDS = st.lists(st.text("abcdefghijk", min_size=1, max_size=40), max_size=60).map(" ".join)
BLOCKS = st.lists(st.tuples(WORDS, SIZES), max_size=5)


def blocks_of(given_):
    return [Block(text, halo_font("", size)) for text, size in given_]


def words_on(pages) -> list[str]:
    return [word for page in pages for item in page.items if isinstance(item, TextItem) for word in item.text.split()]


def words_in(blocks) -> list[str]:
    room = {block: HALO.room(block.font.height) for block in blocks}
    return [
        word
        for block in blocks
        for piece in words_of(block.text, block.font, room[block])
        for word in joined((piece,)).split()
    ]


@given(BLOCKS)
@settings(deadline=None)
def test_no_card_leaves_the_circle_and_no_word_is_lost(texts):
    blocks = blocks_of(texts)
    pages = cards(blocks, HALO)
    assert all(map(all_seen, pages))
    assert "".join(words_on(pages)) == "".join(words_in(blocks))


@given(st.lists(BLOCKS, max_size=4), st.sampled_from(["", "tap", "{} of {}, tap: next, twice: photo"]))
@settings(deadline=None)
def test_no_page_leaves_the_circle_nor_meets_its_foot(groups, text):
    blocks = [blocks_of(group) for group in groups]
    pages = paged(blocks, halo_font("", "small"), HALO, text.format)
    for page in pages:
        assert all_seen(page)
        ends = sorted((y, y + height) for item in page.items for _, y, _, height in boxes(item))
        assert all(end <= top for (_, end), (top, _) in pairwise(ends))
    shown = [w for page in pages for item in page.items if item.colour == "white" for w in item.text.split()]
    assert "".join(shown) == "".join(word for group in blocks for word in words_in(group))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_fits_one_page_stands_in_its_middle(count):
    [page] = cards([Block("line\n" * count, halo_font("", "large"))], HALO)
    found = [box for item in page.items for box in boxes(item)]
    (x, top, width, _), (_, last, _, height) = found[0], found[-1]
    assert abs((top + last + height) / 2 - HALO.height / 2) <= 2
    assert x + width / 2 == HALO.width / 2


def test_a_word_that_is_too_wide_for_the_first_row_stands_in_one_that_is_wide_enough():
    font = halo_font("", "large")
    word = "x" * (HALO.room(font.height) // 16)
    pages = cards([Block(f"{word} " * 20, font)], HALO)
    assert set(words_on(pages)) == {word}
    assert pages[0].items[0].y > HALO.top


def test_rows_are_longer_the_nearer_they_are_to_the_middle():
    rooms = [HALO.row(y, 8)[1] for y in range(HALO.top, HALO.bottom - 8)]
    middle = len(rooms) // 2
    assert rooms[:middle] == sorted(rooms[:middle])
    assert rooms[middle:] == sorted(rooms[middle:], reverse=True)
    assert min(rooms) >= 0.5 * HALO.width
    assert {FRAME.row(y, 48) for y in (0, 8, 300, 360)} == {(8, 624)}


def test_a_foot_stands_higher_where_it_is_longer():
    font = halo_font("", "small")
    assert foot("tap", font, HALO) == HALO.bottom - 8 > foot("x" * 22, font, HALO)
    assert foot("x" * 200, font, HALO) == HALO.bottom - 8
    assert foot("x" * 200, font, FRAME) == FRAME.bottom - 8


def test_there_is_a_place_for_small_things_where_there_are_no_corners():
    assert FRAME.corner(8, 8) == (632, 0)
    x, y = HALO.corner(8, 8)
    left, right = HALO.span(y, y + 8)
    assert left <= x and x + 8 <= right  # noqa: PT018
    assert y < 8
