"""Which card is on the lens."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from host.assistant.stage import Box, Card, Rank, Stage, dropped, put, seen
from host.lens.display_list import DisplayList, RectItem, TextItem


def picture(text: str, item_id: int = 0) -> DisplayList:
    return DisplayList((TextItem(item_id, 8, 8, text),))


def card(source: str, rank: Rank, reading_s: float | None = None, until_s: float = math.inf) -> Card:
    return Card(source, picture(source), rank, reading_s, until_s)


def source(stage: Stage, now_s: float) -> str:
    return seen(stage, now_s)[1].source


CAPTIONS = card("captions", Rank.FEATURE)
PRICE = card("price", Rank.ANSWER, reading_s=6.0)
TURN = card("way", Rank.TURN)


def test_what_was_asked_for_covers_what_runs_until_it_has_been_read() -> None:
    stage = put(put(Stage(), CAPTIONS, 0.0), PRICE, 1.0)
    assert source(stage, 1.0) == source(stage, 6.9) == "price"
    assert seen(stage, 1.0)[1].until_s == 7.0
    assert source(stage, 7.0) == "captions"


def test_nothing_covers_a_turn_and_the_answer_comes_back_for_the_rest_of_its_time() -> None:
    stage = put(put(put(Stage(), CAPTIONS, 0.0), PRICE, 1.0), TURN, 3.0)
    stage = put(stage, card("menu", Rank.ANSWER), 4.0)
    assert source(stage, 60.0) == "way"
    stage = dropped(dropped(stage, "way", 60.0), "menu", 60.0)
    assert source(stage, 63.9) == "price"
    assert source(stage, 64.0) == "captions"


def test_the_newer_of_two_answers_is_seen_first() -> None:
    stage = put(put(Stage(), PRICE, 0.0), card("sign", Rank.ANSWER, reading_s=2.0), 1.0)
    assert source(stage, 2.9) == "sign"
    assert source(stage, 3.0) == "price"
    assert source(stage, 8.0) == ""


def test_a_picture_that_changes_does_not_jump_the_queue() -> None:
    stage = put(put(Stage(), CAPTIONS, 0.0), card("translation", Rank.FEATURE), 1.0)
    stage = put(stage, Card("captions", picture("more"), Rank.FEATURE), 2.0)
    assert source(stage, 2.0) == "translation"


def test_what_means_nothing_any_more_is_gone_unseen() -> None:
    stage = put(put(Stage(), card("note", Rank.ANSWER, until_s=5.0), 0.0), TURN, 1.0)
    assert source(dropped(stage, "way", 6.0), 6.0) == ""


def test_quiet_hides_what_merely_runs() -> None:
    stage = put(Stage(quiet=True), CAPTIONS, 0.0)
    assert source(stage, 0.0) == ""
    assert source(put(stage, PRICE, 1.0), 1.0) == "price"
    assert source(put(stage, card("charge", Rank.WARNING), 1.0), 1.0) == "charge"


def test_a_corner_is_seen_where_it_is_free() -> None:
    low: Box = (0, 200, 640, 400)
    high: Box = (500, 0, 640, 50)
    distance = Card("distance", picture("120 m"), Rank.FEATURE, box=high, beside=True)
    stage = put(put(Stage(), Card("captions", picture("words"), Rank.FEATURE, box=low), 0.0), distance, 0.0)
    assert texts(seen(stage, 0.0)[1].picture) == ["words", "120 m"]
    assert texts(seen(put(stage, PRICE, 1.0), 1.0)[1].picture) == ["price"]
    assert texts(seen(dropped(stage, "captions", 1.0), 1.0)[1].picture) == ["120 m"]


def test_who_is_recorded_can_see_it_on_the_lens_whatever_is_shown() -> None:
    for stage in (Stage(recording=True), put(Stage(recording=True), PRICE, 0.0)):
        items = seen(stage, 0.0)[1].picture.items
        assert [item.colour for item in items if isinstance(item, RectItem)] == ["red"]


def texts(shown: DisplayList) -> list[str]:
    return [item.text for item in shown.items if isinstance(item, TextItem)]


CARDS = st.builds(
    Card,
    source=st.sampled_from("abcd"),
    picture=st.builds(lambda ids: DisplayList(tuple(TextItem(i, 8, 8, "x") for i in ids)), st.sets(st.integers(0, 26))),
    rank=st.sampled_from(Rank),
    reading_s=st.one_of(st.none(), st.floats(0.5, 10)),
    until_s=st.one_of(st.just(math.inf), st.floats(0, 60)),
    box=st.sampled_from([None, (0, 0, 100, 100), (100, 0, 200, 100), (50, 50, 150, 150)]),
    beside=st.booleans(),
)


@given(st.lists(st.tuples(st.floats(0, 5), st.one_of(CARDS, st.sampled_from("abcd"))), max_size=30), st.booleans())
def test_any_day(steps: list[tuple[float, Card | str]], quiet: bool) -> None:  # noqa: FBT001 - a property's argument
    stage, now_s = Stage(quiet=quiet, recording=True), 0.0
    for passed_s, what in steps:
        now_s += passed_s
        stage = dropped(stage, what, now_s) if isinstance(what, str) else put(stage, what, now_s)
        stage, shown = seen(stage, now_s)
        ids = [item.id for item in shown.picture.items]
        assert len(set(ids)) == len(ids)
        assert shown.until_s > now_s
        there = [one for one in stage.cards if not one.beside and not (quiet and one.rank is Rank.FEATURE)]
        assert bool(there) == bool(shown.source)
        if there:
            top = next(one for one in there if one.source == shown.source)
            assert top.rank == max(one.rank for one in there)
        assert len({one.source for one in stage.cards}) == len(stage.cards)


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=20))
def test_how_often_one_looks_changes_nothing(waits: list[float]) -> None:
    stage = put(put(Stage(), PRICE, 0.0), card("sign", Rank.ANSWER, reading_s=2.0), 1.0)
    looked, now_s = stage, 1.0
    for wait in waits:
        now_s += wait
        looked, _ = seen(looked, now_s)
    assert source(looked, now_s + 0.001) == source(stage, now_s + 0.001)
