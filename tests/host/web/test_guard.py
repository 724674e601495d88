"""Who may use the page, and who not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.web.guard import SESSIONS, TRIES, TRIES_S, Guard, RefusedError, policy

GUARD = Guard(("127.0.0.1", "localhost"), 8123, "http")


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123", "LOCALHOST:8123"])
def test_our_own_names_are_served(host: str) -> None:
    assert GUARD.check_host({"Host": host}) == f"http://{host.lower()}"


@pytest.mark.parametrize("host", ["", "127.0.0.1", "127.0.0.1:80", "evil.example:8123", "127.0.0.1:8123.evil.example"])
def test_other_names_are_refused(host: str) -> None:
    with pytest.raises(RefusedError, match="not the host") as caught:
        GUARD.check_host({"Host": host})
    assert caught.value.status == 421


def test_on_the_usual_port_a_name_comes_without_it() -> None:
    assert Guard(("glasses.example",), 443, "https").check_host({"Host": "glasses.example"})


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.example", "http://localhost:8123", "https://127.0.0.1:8123", "http://127.0.0.1:8124"],
)
def test_another_page_may_ask_for_nothing(origin: str) -> None:
    with pytest.raises(RefusedError, match="Only the page itself"):
        GUARD.check_origin({"Host": "127.0.0.1:8123", "Origin": origin})


def test_the_page_itself_may() -> None:
    GUARD.check_origin({"Host": "127.0.0.1:8123", "Origin": "http://127.0.0.1:8123"})


def test_the_token_lets_in_and_its_session_is_known_at_its_path_alone() -> None:
    guard = Guard(("localhost",), 1, "http")
    path, secret = guard.let_in(guard.token, 0.0)
    other_path, other = guard.let_in(guard.token, 0.0)
    guard.check_session(path, secret)
    assert len({path, secret, other_path, other, guard.token}) == 5
    for wrong in ((path, other), (other_path, secret), ("", secret), (path, ""), (path, None), (path, "\ud800")):
        with pytest.raises(RefusedError, match="carries a token"):
            guard.check_session(*wrong)


def test_the_oldest_session_ends_where_there_are_too_many() -> None:
    guard = Guard(("localhost",), 1, "http")
    sessions = [guard.let_in(guard.token, 0.0) for _ in range(SESSIONS + 1)]
    for session in sessions[1:]:
        guard.check_session(*session)
    with pytest.raises(RefusedError):
        guard.check_session(*sessions[0])


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text())))
def test_nothing_else_does(token: object) -> None:
    guard = Guard(("localhost",), 1, "http")
    with pytest.raises(RefusedError, match="token is wrong"):
        guard.let_in(token, 0.0)
    with pytest.raises(RefusedError, match="carries a token"):
        guard.check_session("", token if isinstance(token, str) else None)


def test_guessing_is_ended_for_a_while() -> None:
    guard = Guard(("localhost",), 1, "http")
    for second in range(TRIES):
        with pytest.raises(RefusedError, match="wrong"):
            guard.let_in("x", float(second))
    with pytest.raises(RefusedError, match="Too many") as caught:
        guard.let_in(guard.token, float(TRIES))
    assert caught.value.status == 429
    assert guard.let_in(guard.token, TRIES_S)


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    text = policy("https://glasses.example")
    assert "default-src 'none'" in text
    assert "unsafe" not in text
    assert "connect-src 'self' wss://glasses.example;" in text
