"""Which font shows a script, and what is said where none does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from host.errors import FontError
from host.fonts import FontFile, Fonts, report, require
from host.scripts import SCRIPTS, face_code


def listed(*fonts: tuple[str, str, str]) -> Fonts:
    """Fonts as fontconfig lists them: family, style, languages."""
    known = [
        (FontFile(Path(f"{name}-{style}.ttf"), 0, name), style, frozenset(tags.split())) for name, style, tags in fonts
    ]
    return Fonts(known, {})


def test_a_preferred_family_wins_and_is_upright():
    fonts = listed(
        ("DejaVu Sans", "Book", "ar ru"),
        ("Noto Sans Arabic", "Bold", "ar"),
        ("Noto Sans Arabic", "Regular", "ar"),
        ("Noto Naskh Arabic", "Regular", "ar"),
    )
    assert fonts.for_script("Arab") == FontFile(Path("Noto Sans Arabic-Regular.ttf"), 0, "Noto Sans Arabic")
    assert fonts.for_script("Cyrl") == FontFile(Path("DejaVu Sans-Book.ttf"), 0, "DejaVu Sans")


def test_any_font_that_covers_the_language_will_do_and_the_plainest_is_taken():
    fonts = listed(
        ("Odd Serif", "Regular", "th"),
        ("Odd Mono Sans", "Regular", "th"),
        ("Odd Sans", "Bold", "th"),
        ("Odd Sans", "Regular", "th"),
    )
    assert fonts.for_script("Thai") == FontFile(Path("Odd Sans-Regular.ttf"), 0, "Odd Sans")


def test_a_family_without_the_language_is_not_taken():
    assert listed(("Noto Sans CJK JP", "Regular", "ja")).for_script("Kore") is None


def test_a_script_without_a_font_names_the_package():
    fonts = listed(("DejaVu Sans", "Book", "en el ru"))
    found = {entry.script.code: entry for entry in report(fonts)}
    assert list(found) == list(SCRIPTS)
    assert found["Grek"].message == "Greek is shown with DejaVu Sans"
    assert found["Grek"].fix == ""
    assert found["Thai"].message == "no font for Thai is installed"
    assert "sudo apt install fonts-noto-core" in found["Thai"].fix
    assert "sudo apt install fonts-noto-cjk" in found["Jpan"].fix


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh-Hant", "no font for Chinese (traditional) is installed"),
        ("zh", "no font for Chinese (simplified) is installed"),
        ("ja", "no font for Japanese is installed"),
        ("fa", "no font for Arabic, which Persian is written in, is installed"),
        ("ar-EG", "no font for Arabic is installed"),
    ],
)
def test_a_language_that_cannot_be_shown_is_an_error_with_the_command(language, message):
    with pytest.raises(FontError) as error:
        require(language, listed(("DejaVu Sans", "Book", "en el ru")))
    assert error.value.message == message
    assert "sudo apt install fonts-noto-" in error.value.hint


def test_languages_that_can_be_shown_are_no_error():
    for language in ("en", "el", "ru-RU", "vi", "sw", "", "xx"):
        require(language, listed(("DejaVu Sans", "Book", "en el ru")))


def test_without_fontconfig_known_files_are_found_by_their_name():
    fonts = Fonts(
        [],
        {"msyh.ttc": Path("C:/Windows/Fonts/msyh.ttc"), "notosanscjk-regular.ttc": Path("/n/NotoSansCJK-Regular.ttc")},
    )
    assert fonts.for_script("Hans") == FontFile(Path("/n/NotoSansCJK-Regular.ttc"), 2, "NotoSansCJK-Regular")
    assert fonts.for_script("Kore").index == 1
    assert Fonts([], {"msyh.ttc": Path("msyh.ttc")}).for_script("Hans") == FontFile(Path("msyh.ttc"), 0, "msyh")
    assert fonts.for_script("Thai") is None
    assert fonts.for_script("Geor", "გ") is None


def test_without_fontconfig_the_usual_folders_are_searched(tmp_path, monkeypatch):
    folder = tmp_path / "fonts" / "deep"
    folder.mkdir(parents=True)
    (folder / "NotoSansThai-Regular.ttf").write_bytes(b"")
    (folder / "README").write_bytes(b"")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Fonts.of_this_computer().for_script("Thai").path == folder / "NotoSansThai-Regular.ttf"


def test_a_fontconfig_that_fails_is_as_none(tmp_path, monkeypatch):
    program = tmp_path / "fc-list"
    program.write_text("#!/bin/sh\nprintf 'nonsense\\nmore\\t\\t\\n'; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    Fonts.of_this_computer()


@pytest.mark.skipif(shutil.which("fc-list") is None, reason="fontconfig is not installed (apt install fontconfig)")
def test_fontconfig_is_asked_for_a_script_without_a_row():
    fonts = Fonts.of_this_computer()
    assert fonts.for_script("Zsye", "\U0010fffd") is None  # no font has that
    assert fonts.for_script("Latn") is not None or not report(fonts)[0].font


@pytest.mark.parametrize(
    ("script", "language", "code"),
    [
        ("Hani", "", "Hans"),
        ("Hani", "ja", "Jpan"),
        ("Hani", "ko-KR", "Kore"),
        ("Hani", "zh-TW", "Hant"),
        ("Hani", "ru", "Hans"),
        ("Hira", "zh", "Jpan"),
        ("Hang", "ja", "Kore"),
        ("Bopo", "zh", "Hant"),
        ("Cyrl", "zh", "Cyrl"),
        ("Zyyy", "he", "Hebr"),
        ("Zinh", "zh-Hant-HK", "Hant"),
        ("Zyyy", "", "Latn"),
        ("Geor", "ka", "Geor"),
    ],
)
def test_a_character_is_shown_by_the_font_of_its_script_in_its_language(script, language, code):
    assert face_code(script, language) == code


def test_a_damaged_font_is_an_error(tmp_path):
    typeface = pytest.importorskip("host.text.typeface")
    pytest.importorskip("uharfbuzz")
    pytest.importorskip("freetype")
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"no font")
    for file in (path, tmp_path / "gone.ttf"):
        with pytest.raises(FontError, match="cannot be read as a font"):
            typeface.Typeface(FontFile(file, 0, "Broken"), 36)


def test_signs_that_belong_to_no_script_have_fonts_of_their_own():
    fonts = listed(("DejaVu Sans", "Bold", "en"), ("DejaVu Sans", "Book", "en"), ("Noto Sans Symbols2", "Regular", ""))
    assert [font.family for font in fonts.for_symbols] == ["Noto Sans Symbols2", "DejaVu Sans"]
    assert [font.family for font in Fonts([], {"seguisym.ttf": Path("seguisym.ttf")}).for_symbols] == ["seguisym"]
