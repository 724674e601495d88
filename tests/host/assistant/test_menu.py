"""The menu, and the closed list of what can be asked for."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from host.assistant.actions import ACTIONS, action
from host.assistant.menu import STAYS_S, chosen, moved, opened, rows

ALL = frozenset(one.name for one in ACTIONS)


def test_names_are_unique_and_fit_a_command_line() -> None:
    assert len(ALL) == len(ACTIONS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ALL)
    assert action("price") is not None
    assert action("Price") is None


def test_what_ends_something_needs_a_tap() -> None:
    end = action("end")
    assert end is not None
    assert end.allowed("tap")
    assert end.allowed("menu")
    assert not any(end.allowed(by) for by in ("voice", "model", "script", "page"))
    assert all(one.needs_tap for one in ACTIONS if one.name.startswith(("stop", "end", "erase", "delete")))


def test_one_tap_goes_on_and_round() -> None:
    menu = opened(0.0, frozenset({"price", "sign", "battery"}))
    assert menu is not None
    assert rows(menu) == ("price", "translate sign", "battery")
    for _ in range(2):
        menu = moved(menu, 1.0)
    assert rows(menu) == ("battery", "price", "translate sign")
    assert chosen(menu).name == "battery"
    assert rows(moved(menu, 1.0))[0] == "price"


def test_it_closes_by_itself_some_time_after_the_last_tap() -> None:
    menu = opened(0.0, ALL)
    assert menu is not None
    assert menu.until_s == STAYS_S
    assert moved(menu, 5.0).until_s == 5.0 + STAYS_S


def test_there_is_none_where_nothing_is_possible() -> None:
    assert opened(0.0, frozenset({"menu", "nonsense"})) is None


@given(st.sets(st.sampled_from(sorted(ALL))), st.integers(0, 50))
def test_every_entry_is_reached_and_is_one_that_is_possible(possible: set[str], taps: int) -> None:
    menu = opened(0.0, frozenset(possible))
    if menu is None:
        assert not any(one.in_menu and one.name in possible for one in ACTIONS)
        return
    for _ in range(taps):
        menu = moved(menu, 0.0)
    assert chosen(menu).name in possible
    assert rows(menu)[0] == chosen(menu).label
