"""`sidelight bench translate`: its figures on the emulated Frame, with the fonts of this computer."""

from __future__ import annotations

import importlib.util
from argparse import ArgumentParser, Namespace

import pytest

from host.app.lens_text import LensText
from host.bench import translate
from host.bench.sentences import SENTENCES
from host.errors import BackendMissingError, FontError, HostError
from host.fonts import Fonts, require
from host.lens.shape import FRAME


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few sentences; skipped, saying so, where a library or a font is missing."""
    fonts = Fonts.of_this_computer()
    try:
        LensText(fonts, FRAME)
        for language in SENTENCES:
            require(language, fonts)
    except (BackendMissingError, FontError) as error:
        pytest.skip(f"{error.message}: {error.hint}")
    monkeypatch.setattr(translate, "SHOWN", (("normal", False), ("large", True)))
    monkeypatch.setattr(translate, "SENTENCES", {language: lines[:2] for language, lines in SENTENCES.items()})


def arguments(*texts: str) -> Namespace:
    parser = ArgumentParser()
    translate.add_arguments(parser)
    return parser.parse_args(texts)


@pytest.mark.skipif(importlib.util.find_spec("pocketsphinx") is None, reason="pocketsphinx has no wheel here")
def test_bytes_and_stages_with_their_limits() -> None:
    lines: list[str] = []
    rows = translate.run(arguments(), lines.append)
    costs = {(row["language"], row["size"], row["original"]): row for row in rows if "language" in row}
    assert len(costs) == 6
    for row in costs.values():
        assert row["warm_bytes"] <= row["cold_bytes"] < row["picture_bytes"]
    assert costs["zh", "normal", False]["met"] is True
    assert costs["zh", "large", True]["cold_bytes"] > costs["zh", "normal", False]["cold_bytes"]
    stages = {(row["device"], row["stage"]): row for row in rows if "device" in row}
    assert {stage for _, stage in stages} == {"own stages", "link", "lens", "all"}
    assert all(row["n"] == 2 for row in stages.values())
    original_ms = 20  # the original crosses first, then the translation
    for device in ("nominal", "slow"):
        assert stages[device, "link"]["p50_ms"] > original_ms
        assert stages[device, "all"]["p50_ms"] > stages[device, "link"]["p50_ms"] + stages[device, "lens"]["p50_ms"]
    apart = {row["stage"]: row for row in rows if "name" in row}
    assert (apart["recogniser"]["name"], apart["translator"]["name"]) == ("pocketsphinx", "phrasebook")
    assert apart["recogniser"]["n"] == apart["translator"]["n"] >= 3  # those that are lit before the next one comes
    assert apart["recogniser"]["p50_ms"] > 100  # the silence that shows that a sentence is over
    assert any("at most 0.25: yes" in line for line in lines)


def test_warm_chinese_cards_cost_at_most_a_quarter_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """All twenty sentences with their originals: more glyphs than the glasses have room for."""
    monkeypatch.setattr(translate, "SHOWN", (("large", True),))
    monkeypatch.setattr(translate, "SENTENCES", {"zh": SENTENCES["zh"], "en": SENTENCES["en"]})
    lines: list[str] = []
    rows = translate.costs(lines.append)
    assert [row["met"] for row in rows if row["language"] == "zh"] == [True]


def test_a_translator_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translate, "SHOWN", ())
    with pytest.raises(HostError, match="nonsense"):
        translate.run(arguments("--translator", "nonsense"), lambda _line: None)
