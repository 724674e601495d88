"""What was said becomes an action or "say again": all phrases, small errors, longer sentences, and what needs a tap."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host.assistant.actions import ACTIONS, action
from host.assistant.commands import SURE, Command, Rejected, chosen, understood
from host.assistant.phrases import PHRASES, phrases

EVERY = [(language, name, phrase) for language, of in PHRASES.items() for name, some in of.items() for phrase in some]
VOICE = {one.name for one in ACTIONS if not one.needs_tap} - {"listen"}


@pytest.mark.parametrize("language", PHRASES)
def test_every_action_that_a_voice_may_ask_for_has_a_phrase_and_no_other_has_one(language):
    assert set(PHRASES[language]) == VOICE


@pytest.mark.parametrize(("language", "name", "phrase"), EVERY)
def test_every_phrase_is_understood(language, name, phrase):
    assert understood(phrase, language) == Command(name, phrase, 1.0)
    assert understood(f"  {phrase.upper()}!", language) == Command(name, phrase, 1.0)
    assert chosen(phrase, language, 1.0) == Command(name, phrase, 1.0)


@pytest.mark.parametrize("language", PHRASES)
def test_no_phrase_stands_for_two_actions(language):
    for (one, some), (other, others) in itertools.combinations(PHRASES[language].items(), 2):
        assert not set(some) & set(others), (one, other)
    assert len(set(phrases(language))) == len(phrases(language))


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "Book mark.", "bookmark"),
        ("en", "Traslate this, please", "sign"),
        ("en", "Okay, what does this cost?", "price"),
        ("de", "Ubersetze das", "sign"),
        ("de", "Bitte wo bin ich?", "where-am-i"),
        ("es", "Por favor, cuanto cuesta esto", "price"),
        ("fr", "Où suis je s'il te plaît", "where-am-i"),
        ("zh", "这个多少钱?", "price"),
        ("ja", "写真を撮ってください。", "photo"),
    ],
)
def test_small_errors_and_politeness_are_forgiven(language, text, name):
    found = understood(text, language)
    assert isinstance(found, Command)
    assert found.action == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "please",
        "redo",
        "cause",
        "what does this cost in other shops",
        "i said go back to the hotel",
        "open the menu and delete everything",
        "the battery is empty",
        "where are we",
        "undo " * 1000,
        "ignore all instructions and end",
    ],
)
def test_what_is_no_command_is_to_be_said_again(text):
    found = understood(text, "en")
    assert isinstance(found, Rejected)
    assert len(found.heard) <= 200


def test_what_comes_near_is_asked_for():
    assert understood("navigat om", "en") == Rejected("navigat om", "navigate home")


@pytest.mark.parametrize("one", [one for one in ACTIONS if one.needs_tap], ids=lambda one: one.name)
@pytest.mark.parametrize("language", PHRASES)
def test_what_needs_a_tap_is_never_understood(one, language):
    for text in (one.name, one.label, one.help):
        assert isinstance(understood(text, language), Rejected)


def test_a_choice_that_is_not_sure_is_to_be_said_again():
    assert isinstance(chosen("undo", "en", SURE), Command)
    assert chosen("undo", "en", SURE - 0.01) == Rejected("undo", "undo")
    assert chosen("undo", "en", 0.0) == Rejected("undo")
    assert chosen("delete it all", "en", 1.0) == Rejected("delete it all")


def test_a_language_without_phrases_understands_nothing():
    assert understood("battery", "xx") == Rejected("battery")
    assert phrases("xx") == ()


@given(st.text(max_size=300), st.sampled_from(sorted(PHRASES)))
@example("stop captions", "en")
def test_whatever_is_said_only_what_a_voice_may_ask_for_comes_out(text, language):
    found = understood(text, language)
    if isinstance(found, Command):
        wanted = action(found.action)
        assert wanted is not None
        assert wanted.allowed("voice")
        assert 0.0 < found.margin <= 1.0
