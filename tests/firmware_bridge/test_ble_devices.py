"""Which glasses a `ble:` address means."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.ble_devices import (
    ANY,
    UNKNOWN_SIGNAL_DBM,
    Candidate,
    Select,
    Sightings,
    Wanted,
    choose,
    is_wanted,
    parse_wanted,
    printable,
)
from firmware_bridge.errors import NotFoundError, SeveralFoundError, UriError

NEAR = Candidate("Frame 4F", "C6:11:22:33:44:4F", -50)
FAR = Candidate("Frame A0", "C6:11:22:33:44:A0", -80)
NAMESAKE = Candidate("Frame 4F", "D1:22:33:44:55:4F", -70)


@pytest.mark.parametrize(
    ("rest", "wanted"),
    [
        ("", ANY),
        ("  ", ANY),
        ("?strongest", Wanted(Select.STRONGEST)),
        ("?Strongest", Wanted(Select.STRONGEST)),
        ("Frame 4F", Wanted(Select.NAME, "Frame 4F")),
        ("Brille von Jürgen", Wanted(Select.NAME, "Brille von Jürgen")),
        ("c6:11:22:33:44:4f", Wanted(Select.ADDRESS, "C6:11:22:33:44:4F")),
        ("c6-11-22-33-44-4f", Wanted(Select.ADDRESS, "C6:11:22:33:44:4F")),
        (
            "12345678-9abc-def0-1234-56789abcdef0",
            Wanted(Select.ADDRESS, "12345678-9ABC-DEF0-1234-56789ABCDEF0"),
        ),
        ("C6:11:22:33:44", Wanted(Select.NAME, "C6:11:22:33:44")),
    ],
)
def test_forms_of_an_address(rest: str, wanted: Wanted) -> None:
    assert parse_wanted(rest) == wanted


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("?strngest", "ble: has no option '?strngest'; did you mean ble:?strongest?"),
        ("?nonsense=1", "ble: has no option '?nonsense=1'"),
        ("Frame\x1b[2J", "'Frame\N{REPLACEMENT CHARACTER}[2J' cannot be the name of a Bluetooth device"),
        ("x" * 249, f"'{'x' * 40}…' cannot be the name of a Bluetooth device"),
    ],
)
def test_addresses_that_make_no_sense(rest: str, message: str) -> None:
    with pytest.raises(UriError) as caught:
        parse_wanted(rest)
    assert caught.value.message == message
    assert "ble:Frame 4F" in caught.value.hint


def test_the_only_pair_is_taken() -> None:
    assert choose(ANY, [NEAR]) == NEAR


def test_of_several_none_is_taken_unless_asked() -> None:
    with pytest.raises(SeveralFoundError) as caught:
        choose(ANY, [FAR, NEAR])
    error = caught.value
    assert error.message == (
        "2 pairs of glasses are in range: Frame 4F (C6:11:22:33:44:4F, -50 dBm), Frame A0 (C6:11:22:33:44:A0, -80 dBm)"
    )
    assert error.hint == "Name one, as in 'ble:Frame 4F', or take the nearest with ble:?strongest."
    assert error.candidates == (("Frame 4F", NEAR.address, -50), ("Frame A0", FAR.address, -80))
    assert choose(Wanted(Select.STRONGEST), [FAR, NEAR]) == NEAR


def test_two_of_one_name_are_told_apart_by_address() -> None:
    with pytest.raises(SeveralFoundError) as caught:
        choose(parse_wanted("frame 4f"), [NAMESAKE, NEAR, FAR])
    assert caught.value.hint == f"Give the address of one, as in ble:{NEAR.address}."
    assert choose(parse_wanted(NAMESAKE.address.lower()), [NAMESAKE, NEAR, FAR]) == NAMESAKE


def test_names_are_compared_without_case() -> None:
    assert choose(parse_wanted("fRAME a0"), [NEAR, FAR]) == FAR


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (ANY, "no glasses are in range"),
        (parse_wanted("Frame 99"), "no glasses named 'Frame 99' are in range"),
        (parse_wanted("AA:BB:CC:DD:EE:FF"), "no glasses with the address AA:BB:CC:DD:EE:FF are in range"),
    ],
)
def test_nobody_there(wanted: Wanted, message: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        choose(wanted, [])
    assert caught.value.message == message
    assert "connected elsewhere cannot be seen" in caught.value.hint


def test_another_pair_is_named_when_the_one_asked_for_is_missing() -> None:
    quiet = Candidate("", "D1:00:00:00:00:01", UNKNOWN_SIGNAL_DBM)
    held = Candidate("Frame 11", "D1:00:00:00:00:11", UNKNOWN_SIGNAL_DBM, connected=True)
    with pytest.raises(NotFoundError) as caught:
        choose(parse_wanted("Frame 99"), [quiet, FAR, held])
    assert caught.value.hint == (
        "In range are: Frame A0 (C6:11:22:33:44:A0, -80 dBm), (no name) (D1:00:00:00:00:01, signal unknown), "
        "Frame 11 (D1:00:00:00:00:11, connected to this computer)."
    )


def test_a_hostile_name_cannot_steer_the_terminal() -> None:
    evil = Candidate("Frame \x1b]0;owned\x07\u202e4F\n", "D1:00:00:00:00:66", -40)
    with pytest.raises(SeveralFoundError) as caught:
        choose(ANY, [evil, NEAR])
    error = caught.value
    for text in (error.message, error.hint, *(name for name, _, _ in error.candidates)):
        assert not any(unicodedata.category(c).startswith("C") for c in text)


def test_sightings_keep_the_strongest_signal_and_the_name() -> None:
    sightings = Sightings(parse_wanted("Frame 4F"))
    assert not sightings.add(Candidate("", NEAR.address, -70))
    assert sightings.add(Candidate("Frame 4F", NEAR.address, -60))
    assert sightings.add(Candidate("", NEAR.address, -90))
    assert sightings.candidates == [Candidate("Frame 4F", NEAR.address, -60)]
    assert not Sightings(None).add(NEAR)


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_a_clear_error(rest: str) -> None:
    with suppress(UriError):
        wanted = parse_wanted(rest)
        if wanted.select is Select.NAME:
            assert is_wanted(wanted, Candidate(wanted.value, "x", 0))


@given(st.text(max_size=100))
def test_printable_text_has_one_line_and_no_controls(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= 41
    assert not any(unicodedata.category(c)[0] == "C" for c in shown)
    assert len(shown.splitlines()) <= 1


CANDIDATES = st.builds(
    Candidate,
    st.sampled_from(["Frame 4F", "Frame A0", "Halo 01", ""]),
    st.sampled_from(["A", "B", "C", "D"]),
    st.integers(-100, -20),
)


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda c: c.address), st.sampled_from(["", "Frame 4F", "?strongest"]))
def test_a_choice_is_one_of_those_asked_for_and_never_a_guess(seen: list[Candidate], rest: str) -> None:
    wanted = parse_wanted(rest)
    matching = [c for c in seen if is_wanted(wanted, c)]
    if not matching:
        with pytest.raises(NotFoundError):
            choose(wanted, seen)
    elif len(matching) > 1 and wanted.select is not Select.STRONGEST:
        with pytest.raises(SeveralFoundError) as caught:
            choose(wanted, seen)
        assert len(caught.value.candidates) == len(matching)
    else:
        chosen = choose(wanted, seen)
        assert chosen in matching
        assert chosen.signal_dbm == max(c.signal_dbm for c in matching)
