"""Which font a text on the lens gets, and what is said where it cannot be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.app import lens_text
from host.app.glasses import built_in_font
from host.app.lens_text import LensText, letters_notice, text_font
from host.errors import BackendMissingError
from host.fonts import FontFile, Fonts
from host.lens.shape import FRAME


@pytest.fixture
def without_libraries(monkeypatch):
    monkeypatch.setattr(lens_text, "_LIBRARIES", ("nowhere_to_be_found",))


@pytest.fixture
def with_latin_only(monkeypatch):
    monkeypatch.setattr(lens_text, "_LIBRARIES", ())
    fonts = Fonts([(FontFile(Path("a.ttf"), 0, "Any Sans"), "Regular", frozenset(("en",)))], {})
    monkeypatch.setattr(Fonts, "of_this_computer", lambda: fonts)


def test_without_the_libraries_the_glasses_own_font_serves(without_libraries):
    assert text_font("ja", FRAME) == built_in_font(FRAME)
    with pytest.raises(BackendMissingError, match="nowhere_to_be_found") as error:
        LensText(Fonts([], {}), FRAME)
    assert error.value.hint == "Install it: pip install 'sidelight[text]'"


def test_it_is_told_that_a_language_cannot_be_shown(without_libraries):
    assert letters_notice("en") is None
    assert letters_notice("auto") is None
    notice = letters_notice("ru")
    assert notice.message == "text in every script needs what is not installed: nowhere_to_be_found"
    assert notice.hint == "Install it: pip install 'sidelight[text]'"


def test_it_is_told_that_a_font_is_missing(with_latin_only):
    assert letters_notice("de") is None
    notice = letters_notice("uk")
    assert notice.message == "no font for Cyrillic, which Ukrainian is written in, is installed"
    assert "apt install fonts-noto-core" in notice.hint


def test_without_any_font_the_glasses_own_serves():
    pytest.importorskip("icu")
    pytest.importorskip("uharfbuzz")
    pytest.importorskip("freetype")
    pytest.importorskip("budoux")
    text = LensText(Fonts([], {}), FRAME)
    assert [text.font(tag, size) for tag in ("en", "ja", "") for size in ("small", "large")] == [
        built_in_font(FRAME)
    ] * 6
    only_chinese = Fonts([(FontFile(Path("a.ttf"), 0, "Any Sans"), "Regular", frozenset(("zh-cn",)))], {})
    assert LensText(only_chinese, FRAME).font("zh", "large").height == 72
    assert LensText(only_chinese, FRAME).font("en", "large") == built_in_font(FRAME)


def test_a_language_with_letters_of_its_own_has_one_look():
    pytest.importorskip("icu")
    pytest.importorskip("uharfbuzz")
    pytest.importorskip("freetype")
    pytest.importorskip("budoux")
    text = LensText(Fonts.of_this_computer(), FRAME)
    assert [text.font(tag).built_in is not None for tag in ("en", "de", "fr", "nl", "auto", "")] == [True] * 6
    assert [text.font(tag).built_in is not None for tag in ("cs", "vi", "ru", "zh", "he")] == [False] * 5
    large = [text_font(tag, FRAME, large=True).height for tag in ("en", "auto", "ja", "cs")]
    assert large == [48, 48, 72, 72]
    assert [text.font("en", size).height for size in ("small", "normal", "large")] == [32, 48, 72]


def test_on_cards_characters_that_fill_the_em_are_not_larger_than_large_letters_need():
    pytest.importorskip("icu")
    pytest.importorskip("uharfbuzz")
    pytest.importorskip("freetype")
    pytest.importorskip("budoux")
    text = LensText(Fonts.of_this_computer(), FRAME)
    large = [text.card_font(tag, "large").height for tag in ("zh", "ja", "ko", "zh-Hant", "en", "th", "ar", "")]
    assert large == [48] * 4 + [72] * 4
    assert [text.card_font("zh", size).height for size in ("small", "normal")] == [32, 48]
