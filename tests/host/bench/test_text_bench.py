"""`sidelight bench text`: its figures on the emulated Frame, with the fonts of this computer."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import pytest

from host.app.lens_text import LensText
from host.bench import text
from host.bench.sentences import SENTENCES
from host.errors import BackendMissingError, FontError
from host.fonts import Fonts, require
from host.lens.shape import FRAME


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few sentences; skipped, saying so, where a library or a font is missing."""
    fonts = Fonts.of_this_computer()
    try:
        LensText(fonts, FRAME)
        for language in SENTENCES:
            require(language, fonts)
    except (BackendMissingError, FontError) as error:
        pytest.skip(f"{error.message}: {error.hint}")
    monkeypatch.setattr(text, "SENTENCES", {language: lines[:3] for language, lines in SENTENCES.items()})
    monkeypatch.setattr(text, "LINES", 2)


def arguments(*texts: str) -> Namespace:
    parser = ArgumentParser()
    text.add_arguments(parser)
    return parser.parse_args(texts)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("size", ["small", "normal"])
def test_warm_lines_cost_a_small_share_of_their_pictures(size: str) -> None:
    lines: list[str] = []
    rows = text.run(arguments("--size", size), lines.append)
    by_language = {row["language"]: row for row in rows if "language" in row}
    assert [row["sent_as"] for row in by_language.values()] == [
        "glyphs" if size == "small" else "text",
        "glyphs",
        "glyphs",
    ]
    assert by_language["zh"]["met"] is True
    assert by_language["zh"]["cold_share"] < 1
    assert by_language["ar"]["warm_bytes"] < by_language["ar"]["cold_bytes"] < by_language["ar"]["picture_bytes"]
    times = {(row["device"], row["line"]): row for row in rows if "device" in row}
    assert len(times) == 6
    a_scan_ms = 25  # when in it a line comes is chance, and here are few lines
    assert times["nominal", "warm"]["lit_p50_ms"] < times["nominal", "cold"]["lit_p50_ms"] + a_scan_ms
    assert any("at most 0.25: yes" in line for line in lines)


def test_the_same_sentences_in_each_language() -> None:
    assert {language: len(lines) for language, lines in SENTENCES.items()} == {"en": 20, "zh": 20, "ar": 20}
    assert all(len(set(lines)) == 20 for lines in SENTENCES.values())
