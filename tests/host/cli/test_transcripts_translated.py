"""`sidelight transcripts` where sentences were translated: shown, searched, counted and exported in both languages."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest

from host.cli import main
from host.contracts import JournalEntry, Translation
from host.store.journal import SqliteJournal

EVIL = "\x1b[2J\u202e<b>'; DROP TABLE entry; --"


@pytest.fixture
def talk(tmp_path, monkeypatch):
    """Transcript 1: two sentences translated, one whose translation is hostile, one pending as after a crash."""
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with contextlib.closing(
        SqliteJournal.open(tmp_path / "home" / "data", datetime(2026, 3, 1, 9, 5, tzinfo=UTC))
    ) as journal:
        translated = [
            ("Where is the train station?", Translation("请问火车站在哪里？", "zh", "phrasebook")),
            ("It costs 12.", Translation(EVIL, "zh", "apertium", ("12 is missing",))),
            ("Goodbye.", None),
        ]
        for start_s, (text, translation) in enumerate(translated):
            pending = Translation("", "zh")
            number = journal.add(JournalEntry("sentence", start_s, start_s + 0.5, text, "en", translation=pending))
            if translation is not None:
                journal.add_translation(number, translation)


@pytest.fixture
def sidelight(capsys, talk):
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["transcripts", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_list_counts_them(sidelight):
    assert sidelight("list")[1].endswith("3 sentences  2 translated: Where is the train station?\n")
    assert json.loads(sidelight("list", "--json")[1])["translations"] == 2


def test_show_has_both_or_the_one_asked_for(sidelight):
    both = [
        "[0:00:00] Where is the train station?",
        "          请问火车站在哪里？",
        "[0:00:01] It costs 12.",
        "          ? \ufffd[2J\ufffd<b>'; DROP TABLE entry; -- (12 is missing)",
        "[0:00:02] Goodbye.",
        "          (not translated)",
    ]
    assert sidelight("show", "1")[1].splitlines()[3:] == both
    assert sidelight("show", "1", "--texts", "original")[1].splitlines()[3:] == both[::2]
    assert sidelight("show", "1", "--texts", "translation")[1].splitlines()[3:] == [
        "[0:00:00] 请问火车站在哪里？",
        *both[2:],
    ]


def test_show_as_json_has_an_event_a_translation(sidelight):
    found = [json.loads(line) for line in sidelight("show", "1", "--json")[1].splitlines()]
    assert [e["event"] for e in found if e["event"] != "chapter"] == ["transcript", *["sentence", "translation"] * 3]
    told = [e for e in found if e["event"] == "translation"]
    assert all(isinstance(e.pop("t"), float) for e in told)
    assert told[0] == {
        "event": "translation",
        "source": "Where is the train station?",
        "target": "请问火车站在哪里？",
        "from": "en",
        "to": "zh",
        "backend": "phrasebook",
        "uncertain": False,
        "reason": "",
        "keep_source": False,
        "missing": "",
        "start_s": 0.0,
    }
    assert [(e["target"], e["uncertain"], e["reason"], e["missing"]) for e in told[1:]] == [
        (EVIL, True, "12 is missing", ""),
        ("", False, "", "not translated"),
    ]


def test_search_in_both_languages_shows_both(sidelight):
    for words in (["火车站"], ["train"], ["station", "哪里"]):
        code, stdout, stderr = sidelight("search", *words)
        assert (code, stderr) == (0, "")
        assert stdout.splitlines()[1:] == [
            "        0:00:00  Where is the train station?",
            "                 请问火车站在哪里？",
        ]
    found = json.loads(sidelight("search", "火车", "--json")[1])
    assert (found["text"], found["translation"]) == ("Where is the train station?", "请问火车站在哪里？")
    assert "\x1b" not in sidelight("search", "drop")[1]


@pytest.mark.parametrize("extension", ["txt", "srt", "vtt", "md", "json"])
def test_export_as_asked_for(sidelight, tmp_path, extension):
    def exported(*more: str) -> str:
        code, _, stderr = sidelight("export", "1", "--force", "--out", f"talk.{extension}", *more)
        assert (code, "error" in stderr) == (0, False)
        return (tmp_path / f"talk.{extension}").read_text(encoding="utf-8")

    original, chinese = "Where is the train station?", "请问火车站在哪里？"
    if extension == "json":
        assert exported() == exported("--texts", "original")
        assert json.loads(exported())["entries"][0]["translation"]["text"] == chinese
        return
    assert original in exported()
    assert chinese in exported()
    assert chinese not in exported("--texts", "original")
    body = exported("--texts", "translation").partition("sentences")[2] or exported("--texts", "translation")
    assert (original in body, chinese in body) == (False, True)
    assert "It costs 12." in body
    assert not {"\x1b", "\u202e"} & set(body)


def test_other_texts_are_refused(sidelight):
    code, stdout, stderr = sidelight("show", "1", "--texts", "french")
    assert (code, stdout) == (2, "")
    assert "'french' is none of both, original, translation" in stderr
