"""Languages as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.config import load
from host.errors import UsageError
from host.languages import LANGUAGES, language_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        (" en ", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("de_DE.UTF-8", "de"),
        ("ca_ES@valencia", "ca"),
        ("zh-Hans-CN", "zh"),
        ("zh-yue", "zh"),
        ("es-419", "es"),
        ("sl-rozaj-biske", "sl"),
        ("de-DE-u-co-phonebk", "de"),
        ("English", "en"),
        ("english (US)", "en"),
        ("Scottish  Gaelic", "gd"),
        ("Mandarin", "zh"),
        ("Farsi", "fa"),
        ("Deutsch", "de"),
        ("Español", "es"),
        ("中文", "zh"),
        ("yue", "yue"),
        ("jpn", "ja"),
        ("eng-US", "en"),
        ("tlh-Latn", "tlh"),
        ("auto", "auto"),
    ],
)
def test_what_is_understood(text, code):
    assert language_code(text) == code


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("Englsh", "; did you mean English (en)?"),
        ("Germn", "; did you mean German (de)?"),
        ("jp", "; did you mean Japanese (ja)?"),
        ("us", "; did you mean English (en)?"),
        ("jap", "; did you mean Japanese (ja)?"),
        ("ger", "; did you mean German (de)?"),
        ("", ""),
        ("zz", ""),
        ("en-", ""),
        ("-en", ""),
        ("x-klingon", ""),
        ("klingon", ""),
        ("British", ""),
        ("the language of love\n", ""),
    ],
)
def test_what_is_none_says_so_with_a_guess(text, guess):
    with pytest.raises(UsageError) as refused:
        language_code(text)
    assert refused.value.message.endswith(f" is no language{guess}")
    assert "en-US" in refused.value.hint


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_an_error(text):
    try:
        assert re.fullmatch(r"[a-z]{2,3}|auto", language_code(text))
    except UsageError as error:
        assert len(error.message) < 100  # noqa: PT017 - either is right


def test_every_code_and_every_name_is_understood():
    assert len(LANGUAGES) == 183
    for code, name in LANGUAGES.items():
        assert language_code(code) == language_code(name) == code


def test_the_setting_takes_all_of_them(tmp_path):
    assert load({"language": "en-US"}, {}, tmp_path / "none").language == "en"
    with pytest.raises(UsageError, match=r"--language: 'Englsh' is no language; did you mean English \(en\)\?"):
        load({"language": "Englsh"}, {}, tmp_path / "none")
    (tmp_path / "config.toml").write_text('language = "Klingonese"\n')
    with pytest.raises(UsageError, match=r"config\.toml, line 1: 'Klingonese' is no language"):
        load({}, {}, tmp_path / "config.toml")
