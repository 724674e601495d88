"""What a browser that comes late is told."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from host.events import BatteryLevel, Notice, Partial, Sentence, to_json
from host.web.board import OTHERS, Board


def whole(board: Board) -> list[Any]:
    return [json.loads(text) for text in board.whole()]


def sentence(t: float, text: str = "words") -> Sentence:
    return Sentence(t=t, text=text, start_s=t, end_s=t + 1, language="en")


def test_of_a_state_only_the_newest_is_told_and_of_what_was_said_everything() -> None:
    board = Board()
    for percent in (80, 79, 78):
        board.told(BatteryLevel(t=100.0 - percent, percent=percent))
    board.told(sentence(1.0, "one"))
    board.told(sentence(50.0, "two"))
    told = whole(board)
    assert [event["text"] for event in told if event["event"] == "sentence"] == ["one", "two"]
    assert [event["percent"] for event in told if event["event"] == "battery"] == [78]
    assert [event["event"] for event in told] == ["battery", "sentence", "sentence"]


def test_what_was_being_said_is_over_with_the_sentence() -> None:
    board = Board()
    board.told(Partial(t=0.5, text="on"))
    board.told(sentence(1.0))
    assert [event["event"] for event in whole(board)] == ["sentence"]


@given(st.lists(st.text(max_size=5), max_size=3 * OTHERS))
def test_however_much_is_told_it_stays_bounded_and_the_newest_are_there(texts: list[str]) -> None:
    board = Board()
    notices = [Notice(t=float(n), code="x", message=text) for n, text in enumerate(texts)]
    for notice in notices:
        assert board.told(notice) == to_json(notice)
    assert [event["message"] for event in whole(board)] == texts[-OTHERS:]


def test_what_the_glasses_say_is_kept_too_and_bounded() -> None:
    board = Board()
    for n in range(2 * OTHERS):
        board.take({"event": "console", "t": 1.0, "text": str(n)})
    assert [event["text"] for event in whole(board)] == [str(n) for n in range(OTHERS, 2 * OTHERS)]
