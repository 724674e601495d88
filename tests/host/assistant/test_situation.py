"""What makes sense as things are."""

from __future__ import annotations

import pytest

from host.assistant.actions import ACTIONS
from host.assistant.situation import Situation, why_not

NOTHING = Situation()
EVERYTHING = Situation(
    captions=True,
    heard=True,
    in_front=True,
    led=True,
    answering=True,
    answered=True,
    undoable=True,
    target=True,
    positions=True,
)


@pytest.mark.parametrize(
    ("now", "possible"),
    [
        (NOTHING, {"price", "photo", "captions", "listen", "quiet", "battery", "menu", "end"}),
        (
            EVERYTHING,
            {one.name for one in ACTIONS} - {"captions", "navigate-home", "resume"},
        ),
    ],
)
def test_what_is_possible(now, possible):
    assert {one.name for one in ACTIONS if not why_not(one.name, now)} == possible


def test_what_is_paused_can_only_be_resumed():
    now = Situation(captions=True, heard=True, paused=True)
    assert why_not("pause", now) == "it is paused already"
    assert not why_not("resume", now)


def test_captions_come_to_the_front_where_a_way_is_there():
    assert not why_not("captions", Situation(captions=True, heard=True, in_front=False))
