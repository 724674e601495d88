"""`sidelight transcripts speakers`, `voices`, and bookmarks, as a user types them."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest

from host.cli import main
from host.contracts import JournalEntry, Voice
from host.store.journal import SqliteJournal

STARTED = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)


def said(start_s, text, speaker=None):
    return JournalEntry("sentence", start_s, start_s + 1.5, text, "en", speaker=speaker)


@pytest.fixture
def meeting(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    with contextlib.closing(SqliteJournal.open(tmp_path / "data", STARTED)) as journal:
        journal.add(said(0.0, "Hello.", "1"))
        journal.add(JournalEntry("bookmark", 2.5, 2.5, ""))
        journal.add(said(2.0, "The \x1b[31mbudget is late.", "2"))
        journal.add(said(4.0, "Why is it late?", "1"))
        journal.add(said(6.0, "Nobody knows."))
        journal.keep_voices("voices.onnx", [Voice("1", (1.0, 0.0), 3.0)], {})


@pytest.fixture
def sidelight(capsys, meeting):
    """Run a command line: (exit code, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["transcripts", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_speakers_are_listed_and_named_once(sidelight):
    code, out, err = sidelight("speakers", "1")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "           1  0:00:00 to 0:00:05  2 sentences, 3 s: Why is it late?",
        "           2  0:00:02 to 0:00:03  1 sentence, 2 s: The \ufffd[31mbudget is late.",
    ]
    code, out, err = sidelight("speakers", "1", "1=Ann", "2=Bob  Lee")
    assert code == 0
    assert "Ann  0:00:00 to 0:00:05" in out
    assert "Bob Lee  0:00:02" in out
    assert "the voice of Ann is remembered. To forget it: sidelight transcripts voices --forget NAME" in err
    assert "Bob Lee is named in this transcript only" in err
    assert "[0:00:00] Ann: Hello." in sidelight("show", "1")[1]


def test_voices_are_listed_and_forgotten(sidelight):
    assert "no voice is remembered" in sidelight("voices")[2]
    sidelight("speakers", "1", "1=Ann")
    assert sidelight("voices") == (0, "         Ann  3 s of speech in 1 transcript\n", "")
    events = [json.loads(line) for line in sidelight("voices", "--json")[1].splitlines()]
    assert [(e["event"], e["speaker"], e["seconds"], e["forgotten"]) for e in events] == [("voice", "Ann", 3.0, False)]
    assert sidelight("voices", "--forget", "An") == (
        2,
        "",
        "error: no voice is remembered as An; did you mean Ann? There are Ann\n",
    )
    assert sidelight("voices", "--forget", "Ann")[1].startswith("the voice of Ann is forgotten")
    assert "no voice is remembered" in sidelight("voices")[2]


def test_speakers_as_json(sidelight):
    code, out, _ = sidelight("speakers", "1", "2=1", "--json")
    assert code == 0
    (event,) = [json.loads(line) for line in out.splitlines()]
    assert (event["event"], event["speaker"], event["sentences"], event["first_s"]) == ("speaker", "1", 3, 0.0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Ann"], "error: 'Ann' does not say who is who. Write it as in: 1=Ann"),
        (["=Ann"], "error: '=Ann' does not say who is who"),
        (["1="], "error: a name needs at least one character"),
        (["9=Ann"], "error: nobody in transcript 1 is called 9"),
    ],
)
def test_names_that_cannot_be_are_one_line(sidelight, words, message):
    code, out, err = sidelight("speakers", "1", *words)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert "there is no transcript 7" in sidelight("speakers", "7", "1=Ann")[2]


def test_bookmarks_are_shown_listed_and_found(sidelight):
    assert sidelight("show", "1", "--bookmarks") == (0, "0:00:02  2: The \ufffd[31mbudget is late.\n", "")
    assert "[0:00:02] 2: The \ufffd[31mbudget is late.\n[0:00:02] (bookmark)\n" in sidelight("show", "1")[1]
    assert "  1 bookmark: Hello.\n" in sidelight("list")[1]
    assert json.loads(sidelight("list", "--json")[1])["bookmarks"] == 1
    found = sidelight("search", "late")[1].splitlines()
    assert [line.endswith("(bookmark)") for line in found[1:]] == [True, False]
    assert len(sidelight("search", "late", "--bookmarks")[1].splitlines()) == 2
    kinds = [json.loads(line)["event"] for line in sidelight("show", "1", "--json")[1].splitlines()]
    assert kinds == ["transcript", "chapter", "sentence", "sentence", "bookmark", "sentence", "sentence"]
    (mark,) = [json.loads(line) for line in sidelight("show", "1", "--bookmarks", "--json")[1].splitlines()]
    assert (mark["event"], mark["start_s"], mark["speaker"]) == ("bookmark", 2.5, "2")


def test_a_transcript_without_either_says_so(sidelight, tmp_path):
    with contextlib.closing(SqliteJournal.open(tmp_path / "data", STARTED)) as journal:
        journal.add(said(0.0, "Hello."))
    assert "no bookmarks in it" in sidelight("show", "2", "--bookmarks")[2]
    assert "its speakers were not told apart" in sidelight("speakers", "2")[2]


def test_titles_and_speakers_are_searched(sidelight):
    sidelight("rename", "1", "Roof meeting")
    sidelight("speakers", "1", "1=Ann")
    assert sidelight("search", "roof")[1].splitlines()[1].strip() == "title  Roof meeting"
    assert [line.strip() for line in sidelight("search", "ann")[1].splitlines()[1:]] == [
        "0:00:00  Ann: Hello.",
        "0:00:04  Ann: Why is it late?",
    ]
