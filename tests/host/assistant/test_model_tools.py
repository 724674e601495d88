"""What a language model is offered of our actions, what it is told, and what of its answer is done."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.assistant.actions import ACTIONS
from host.assistant.model_tools import INSTRUCTIONS, offered, picked, question
from host.errors import ActionError

EVERYTHING = [one.name for one in ACTIONS]


def test_nothing_that_needs_a_tap_or_makes_no_sense_is_offered():
    assert {tool.name for tool in offered(EVERYTHING)} == {one.name for one in ACTIONS if not one.needs_tap}
    assert [tool.name for tool in offered(["battery", "end", "nonsense"])] == ["battery"]
    assert offered([]) == ()


@given(st.text())
def test_what_was_said_is_data(said):
    assert json.loads(question(said, "en")) == {"language": "en", "said": said}
    assert "{" not in INSTRUCTIONS


@pytest.mark.parametrize(
    ("calls", "found"), [([], None), (["battery"], "battery"), (["battery", "battery"], "battery")]
)
def test_one_call_at_most_is_done(calls, found):
    assert picked(calls, offered(EVERYTHING)) == found


@given(st.lists(st.sampled_from([*EVERYTHING, "", "erase", "BATTERY", "battery "])))
def test_whatever_is_called_only_what_was_offered_comes_out(calls):
    tools, wanted = offered(["battery", "price"]), set(calls)
    if len(wanted) > 1 or wanted - {"battery", "price"}:
        with pytest.raises(ActionError, match="nothing was done"):
            picked(calls, tools)
    else:
        assert picked(calls, tools) == (calls[0] if calls else None)
