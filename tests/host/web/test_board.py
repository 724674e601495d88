"""What a browser that comes late is told."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from host.events import BatteryLevel, Notice, Partial, Sentence, to_json
from host.web.board import OTHERS, Board


def sentence(t: float, text: str = "words") -> Sentence:
    return Sentence(t=t, text=text, start_s=t, end_s=t + 1, language="en")


def test_of_a_state_only_the_newest_is_told_and_of_what_was_said_everything() -> None:
    board = Board()
    for percent in (80, 79, 78):
        board.told(BatteryLevel(t=100.0 - percent, percent=percent))
    board.told(sentence(1.0, "one"))
    board.told(sentence(50.0, "two"))
    told = board.whole()
    assert [event["text"] for event in told if event["event"] == "sentence"] == ["one", "two"]
    assert [event["percent"] for event in told if event["event"] == "battery"] == [78]
    assert [event["t"] for event in told] == sorted(event["t"] for event in told)  # type: ignore[type-var]


def test_what_was_being_said_is_over_with_the_sentence() -> None:
    board = Board()
    board.told(Partial(t=0.5, text="on"))
    board.told(sentence(1.0))
    assert [event["event"] for event in board.whole()] == ["sentence"]


@given(st.lists(st.text(max_size=5), max_size=3 * OTHERS))
def test_however_much_is_told_it_stays_bounded_and_the_newest_are_there(texts: list[str]) -> None:
    board = Board()
    notices = [Notice(t=float(n), code="x", message=text) for n, text in enumerate(texts)]
    for notice in notices:
        assert board.told(notice) == json.loads(to_json(notice))
    assert [event["message"] for event in board.whole()] == texts[-OTHERS:]
