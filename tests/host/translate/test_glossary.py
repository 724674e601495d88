"""A user's own words: found, put in, and every way in which the file can be wrong named with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.errors import UsageError
from host.translate.glossary import EMPTY, parse

WORDS = """
[[term]]
en = "the check"
es = "la nota"
de = "die Zeche"

[[term]]
English = "Main Hall"
ja = "本館"
"""


def test_a_whole_text_is_a_term_whatever_its_case_and_end():
    glossary = parse(WORDS, "words.toml")
    assert glossary.whole("The  Check!", "en", "es") == "la nota"
    assert glossary.whole("die Zeche", "de", "en") == "the check"
    assert glossary.whole("the checks", "en", "es") is None
    assert glossary.whole("the check", "en", "fr") is None


def test_a_term_in_a_text_is_written_in_the_other_language():
    glossary = parse(WORDS, "words.toml")
    assert glossary.applied("Bring the CHECK, please", "en", "es") == ("Bring la nota, please", ("la nota",))
    assert glossary.applied("the checked one", "en", "es") == ("the checked one", ())
    assert glossary.applied("ここは本館です", "ja", "en") == ("ここはMain Hallです", ("Main Hall",))
    assert EMPTY.applied("the check", "en", "es") == ("the check", ())


def test_a_replacement_is_text_and_no_pattern():
    glossary = parse('[[term]]\nen = "a.b"\nde = "\\\\1\\\\g<0>"\n', "g")
    assert glossary.applied("axb a.b", "en", "de") == ("axb \\1\\g<0>", ("\\1\\g<0>",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[term]]\nen = "a"\nes =\n', "the glossary g.toml is not TOML: Invalid value (at line 3, column 5)"),
        ('[[term]]\nen = "a', "the glossary g.toml is not TOML: "),
        ('[[term]]\nen = "a"\nes =', "at line 3"),
        ("\nx = 1\n", "the glossary g.toml, line 2: 'x' is not [[term]]"),
        ('\n[term]\nen = "a"\n', "the glossary g.toml, line 2: no [[term]]"),
        ('[[term]]\nen = "a"\nde = "b"\n\n[[term]]\nen = "c"\n', "line 5: a term needs its wording in two languages"),
        ('[[term]]\nen = "a"\nde = "b"\n[[term]]\nen = "c"\nklingon = "d"\n', "line 6: 'klingon' is no language"),
        ('[[term]]\nen = "a"\nes = 3\n', "line 3: 'es' is not a text"),
        ('[[term]]\nen = "a"\nes = " "\n', "line 3: 'es' is not a text"),
        (f'[[term]]\nen = "a"\nes = "{"b" * 201}"\n', "line 3: 'es' is not a text of 1 to 200 characters"),
    ],
)
def test_what_is_no_glossary_is_said_with_its_line(text, message):
    with pytest.raises(UsageError) as caught:
        parse(text, "g.toml")
    assert message in caught.value.message
    assert caught.value.hint


@settings(max_examples=100)
@given(st.text(max_size=80), st.text(min_size=1, max_size=20).filter(str.strip))
def test_any_text_with_any_term(text, term):
    quoted = "".join(f"\\U{ord(c):08x}" for c in term)
    try:
        glossary = parse(f'[[term]]\nen = "{quoted}"\nde = "Wort"\n', "g")
    except UsageError:  # a lone surrogate is none of TOML's
        return
    glossary.applied(text, "en", "de")
    glossary.whole(text, "en", "de")
