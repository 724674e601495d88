"""What a browser asks of the wearer: an act, or a refusal with a reason, whatever it sends."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numpy")

from firmware_bridge import InputError
from host.app.wearer_controls import FILES, act_of, offered

ACTS = ("tap", "press", "turn", "silence", "test_card", "charge", "disturb", "cut")
FIELDS = ("kind", "held", "heading", "pitch", "roll", "percent", "loss", "delay_ms", "away_s")
NUMBERS = st.integers(min_value=-(10**400), max_value=10**400) | st.floats() | st.sampled_from([0, 10**400, True])
ANYTHING: st.SearchStrategy[object] = (
    NUMBERS | st.none() | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.just({})
)


@given(st.sampled_from(ACTS), st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_whatever_is_sent_is_an_act_or_refused(do: str, fields: dict[str, Any]) -> None:
    with contextlib.suppress(InputError):
        act_of({"do": do, **fields})


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e9, float("nan"), float("inf"), True, "90", None, [1]])
def test_what_is_no_angle_turns_nobody(value: object) -> None:
    with pytest.raises(InputError, match="heading"):
        act_of({"do": "turn", "heading": value, "pitch": 0, "roll": 0})


@pytest.mark.parametrize("kind", ["frame", "halo"])
def test_what_is_offered_can_be_done_as_it_is_offered(kind: str) -> None:
    """What the form has at first is sent as it is, files and recordings aside."""
    elsewhere = {*FILES, "record", "end_recording", "save"}
    for spec in (one for one in offered(kind, battery=50, loss=0.1) if one["do"] not in elsewhere):
        fields: Any = spec["fields"]
        first = {one["name"]: one.get("value", next(iter(one.get("options", ())), [None])[0]) for one in fields}
        act_of({"do": spec["do"], **first})
