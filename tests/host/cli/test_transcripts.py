"""`sidelight transcripts` as a user types it."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from datetime import datetime, timedelta, timezone

import pytest

from host.cli import main
from host.contracts import JournalEntry
from host.store.journal import SqliteJournal

STARTED = datetime(2026, 3, 1, 9, 5, 7, tzinfo=timezone(timedelta(hours=2)))
TALK = [
    JournalEntry("sentence", 0.0, 2.0, "Good morning, everyone.", "en", 0.75, "1"),
    JournalEntry("gap", 2.0, 12.0, "link lost"),
    JournalEntry("sentence", 3661.0, 3663.0, "The budget is \x1b[31mred\x1b[0m \u202etxet --> <b>.", "en"),
]
SHOWN_TALK = """\
Good morning, everyone.
2026-03-01 09:05+02:00, 1:01:03, 2 sentences

0:00:00 to 0:00:02  Good morning, everyone.

[0:00:00] 1: Good morning, everyone.
[0:00:02] (10.0 s missing: link lost)

1:01:01 to 1:01:03  The budget is \ufffd[31mred\ufffd[0m \ufffdtxet --> <b>.

[1:01:01] The budget is \ufffd[31mred\ufffd[0m \ufffdtxet --> <b>.
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def talk(home):
    """Transcript 1, a talk; transcript 2, interrupted."""
    with contextlib.closing(SqliteJournal.open(home / "data", STARTED)) as journal:
        for entry in TALK:
            journal.add(entry)
    interrupted = SqliteJournal.open(home / "data", STARTED)
    interrupted.add(JournalEntry("sentence", 0.0, 1.0, "会议开始了", "zh"))
    interrupted._lock.release()
    interrupted._database.close()


@pytest.fixture
def sidelight(capsys):
    """Run a command line: (exit code, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["transcripts", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def events(stdout: str) -> list[dict]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_list(talk, sidelight):
    code, stdout, stderr = sidelight("list")
    assert (code, stderr) == (0, "")
    assert stdout.splitlines() == [
        "    2  2026-03-01 09:05+02:00   0:00:01      1 sentence   interrupted: 会议开始了",
        "    1  2026-03-01 09:05+02:00   1:01:03      2 sentences  Good morning, everyone.",
    ]


def test_the_list_names_what_is_special_before_the_title(talk, sidelight, home):
    journal = SqliteJournal.open(home / "data", STARTED, "Cut off")
    journal.add(JournalEntry("bookmark", 1.0, 1.0, ""))
    journal._database.close()
    journal._lock.release()
    marked = SqliteJournal.open(home / "data", STARTED, "Marked")
    for at_s in (1.0, 2.0):
        marked.add(JournalEntry("bookmark", at_s, at_s, ""))
    marked.close()
    lines = [line.partition("sentence")[2].lstrip("s ") for line in sidelight("list")[1].splitlines()[:2]]
    assert lines == ["2 bookmarks: Marked", "interrupted, 1 bookmark: Cut off"]


def test_list_as_json(talk, sidelight):
    code, stdout, stderr = sidelight("list", "--json")
    assert (code, stderr) == (0, "")
    listed = events(stdout)
    assert all(isinstance(e.pop("t"), float) for e in listed)
    assert listed == [
        {
            "event": "transcript",
            "id": number,
            "title": title,
            "started": "2026-03-01T09:05:07+02:00",
            "sentences": sentences,
            "duration_s": duration_s,
            "state": state,
            "bookmarks": 0,
            "translations": 0,
        }
        for number, title, sentences, duration_s, state in [
            (2, "会议开始了", 1, 1.0, "interrupted"),
            (1, "Good morning, everyone.", 2, 3663.0, "complete"),
        ]
    ]


def test_list_of_nothing(home, sidelight):
    assert sidelight("list") == (0, "", "no transcripts yet. This makes one: sidelight transcribe\n")
    assert sidelight("list", "--json")[:2] == (0, "")


def test_one_being_recorded_is_listed_as_such(home, sidelight):
    journal = SqliteJournal.open(home / "data", STARTED)
    assert "recording: (no words)" in sidelight("list")[1]
    assert sidelight("delete", "1", "--yes") == (
        2,
        "",
        "error: transcript 1 is being recorded. Stop the recording first\n",
    )
    journal.close()


def test_show(talk, sidelight):
    assert sidelight("show", "1") == (0, SHOWN_TALK, "")


def test_show_says_where_the_sound_is(talk, sidelight, home):
    sound = home / "data" / "audio" / "2.flac"
    sound.parent.mkdir()
    sound.touch()
    assert sidelight("show", "2")[1].splitlines()[-2:] == ["", f"sound: {sound}"]


def test_show_as_json(talk, sidelight):
    code, stdout, _ = sidelight("show", "1", "--json")
    assert code == 0
    assert [e["event"] for e in events(stdout)] == ["transcript", "chapter", "chapter", "sentence", "gap", "sentence"]
    shown = [{k: v for k, v in e.items() if k not in {"event", "t"}} for e in events(stdout)[3:]]
    assert shown[0] == {
        "text": "Good morning, everyone.",
        "start_s": 0.0,
        "end_s": 2.0,
        "language": "en",
        "confidence": 0.75,
        "speaker": "1",
    }
    assert shown[1] == {"start_s": 2.0, "end_s": 12.0, "reason": "link lost"}
    assert shown[2]["text"] == TALK[2].text


def test_search(talk, sidelight):
    code, stdout, stderr = sidelight("search", "BUDG", "the")
    assert (code, stderr) == (0, "")
    assert stdout.splitlines() == [
        "    1  2026-03-01 09:05+02:00  Good morning, everyone.",
        "        1:01:01  The budget is \ufffd[31mred\ufffd[0m \ufffdtxet --> <b>.",
    ]
    assert sidelight("search", "会议")[1].splitlines()[1] == "        0:00:00  会议开始了"
    assert sidelight("search", "absent") == (0, "", "nothing found\n")
    assert sidelight("search", "--", '-x" OR NEAR(*')[0] == 0
    assert sidelight("search", " ") == (2, "", "error: nothing to search for. Give at least one word\n")


def test_search_as_json_and_its_limit(home, sidelight):
    with contextlib.closing(SqliteJournal.open(home / "data", STARTED)) as journal:
        for i in range(4):
            journal.add(JournalEntry("sentence", i, i + 0.5, f"word {i} " + "x" * 200))
    code, stdout, stderr = sidelight("search", "word", "--limit", "3", "--json")
    found = events(stdout)
    assert code == 0
    assert [(e["event"], e["id"], e["start_s"], e["end_s"]) for e in found] == [
        ("match", 1, float(i), i + 0.5) for i in range(3)
    ]
    assert found[0]["text"] == "word 0 " + "x" * 200
    assert found[0]["snippet"] == "word 0 " + "x" * 113 + "…"
    assert stderr == "3 of 4 shown; --limit 4 shows all\n"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("talk.txt", "Good morning"),
        ("talk.SRT", "1\n00:00:00,000 --> 00:00:02,000\n1: Good morning, everyone.\n"),
        ("talk.vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n"),
        ("talk.json", '{\n  "format": "sidelight-transcript",'),
        ("talk.md", "# Good morning, everyone.\n"),
    ],
)
def test_export_by_extension(talk, sidelight, tmp_path, name, begins):
    assert sidelight("export", "1", "--out", name) == (0, f"saved: transcript 1, {name}\n", "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    if sys.platform != "win32":
        assert oct((tmp_path / name).stat().st_mode & 0o777) == "0o600"


def test_export_replaces_only_by_force(talk, sidelight, tmp_path):
    (tmp_path / "talk.txt").write_text("a letter")
    assert sidelight("export", "1", "--out", "talk.txt") == (
        2,
        "",
        "error: talk.txt is there already. Add --force to replace it\n",
    )
    assert (tmp_path / "talk.txt").read_text() == "a letter"
    code, stdout, _ = sidelight("export", "1", "--out", "talk.txt", "--force", "--json")
    assert code == 0
    assert {k: v for k, v in events(stdout)[0].items() if k != "t"} == {"event": "saved", "id": 1, "path": "talk.txt"}
    assert (tmp_path / "talk.txt").read_text(encoding="utf-8") == SHOWN_TALK


def test_export_to_standard_output(talk, sidelight):
    assert sidelight("export", "1") == (0, SHOWN_TALK, "")
    assert sidelight("export", "1", "--out", "-", "--format", "vtt")[1].startswith("WEBVTT\n\n00:00:00.000 --> ")
    exported = json.loads(sidelight("export", "1", "--format", "json")[1])
    assert [e["text"] for e in exported["entries"]] == [e.text for e in TALK]


def test_export_by_format_whatever_the_extension(talk, sidelight, tmp_path):
    assert sidelight("export", "1", "--out", "notes", "--format", "md")[0] == 0
    assert (tmp_path / "notes").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["show", "9"], 1, "there is no transcript 9. See sidelight transcripts list"),
        (["rename", "9", "x"], 1, "there is no transcript 9. See sidelight transcripts list"),
        (["export", "9", "--out", "a.txt"], 1, "there is no transcript 9. See sidelight transcripts list"),
        (["delete", "1", "9", "--yes"], 1, "there is no transcript 9. See sidelight transcripts list"),
        (["show", "9" * 25], 1, "there is no transcript"),
        (["show", "one"], 2, "argument ID: 'one' is not a whole number from 1 on"),
        (["show", "0"], 2, "argument ID: '0' is not a whole number from 1 on"),
        (["show", "\u0661"], 2, "is not a whole number from 1 on"),
        (["search", "--limit", "-3", "x"], 2, "--limit"),
        (["export", "1", "--out", "a.doc"], 2, "Use one of .txt, .srt, .vtt, .json, .md, or give --format"),
        (["export", "1", "--out", "nowhere/a.txt"], 2, "there is no folder nowhere. Make it first"),
        (["export", "1", "--out", "."], 2, ". has no extension"),
        (["export", "1", "--out", ".", "--format", "txt"], 2, ". is no file. Give the name of a file"),
        (["export", "1", "--format", "pdf"], 2, "argument --format: 'pdf' is none of txt, srt, vtt, json, md"),
        (
            ["lst"],
            2,
            "minutes, speakers, voices, rename, delete; did you mean list? See",
        ),
        (["rename", "1", " "], 2, "a title needs at least one character. Give a title"),
        (["delete", "1"], 2, "there is no terminal to ask on. Add --yes to delete without being asked"),
        ([], 2, "WHAT"),
        (["list", "--forse"], 2, "unknown argument --forse"),
    ],
)
def test_errors_are_one_line_and_change_nothing(talk, sidelight, monkeypatch, words, code, message):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    got, stdout, stderr = sidelight(*words)
    assert (got, stdout) == (code, "")
    assert stderr.count("\n") == 1
    assert stderr.startswith("error: ")
    assert message in stderr
    assert len(sidelight("list")[1].splitlines()) == 2


def test_events_and_a_document_do_not_mix(talk, sidelight):
    code, stdout, _ = sidelight("export", "1", "--json")
    assert code == 2
    [error] = events(stdout)
    assert (error["code"], error["hint"]) == ("usage", "Give a file with --out")


def test_an_unusable_data_folder(home, sidelight):
    home.mkdir()
    (home / "data").write_text("a letter")
    code, stdout, stderr = sidelight("list")
    assert (code, stdout) == (1, "")
    assert "is a file where a folder must be. Move it away, or set SIDELIGHT_HOME to another folder" in stderr


def test_a_home_that_is_a_file(home, sidelight):
    home.write_text("a letter")
    complaint = f"error: SIDELIGHT_HOME names a file, {home}. Set it to a folder, or unset it\n"
    assert sidelight("list") == (2, "", complaint)


def test_rename(talk, sidelight):
    assert sidelight("rename", "1", "Monday", "meeting\x1b[2J") == (
        0,
        "transcript 1 is called Monday meeting\ufffd[2J\n",
        "",
    )
    renamed = events(sidelight("rename", "2", "标题", "--json")[1])
    assert [(e["event"], e["id"], e["title"]) for e in renamed] == [("transcript", 2, "标题")]


def test_delete_asks_first(talk, sidelight, monkeypatch):
    for answer in ("", "n\n", "\n", "no\n", "yesterday\n"):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        code, stdout, stderr = sidelight("delete", "1")
        assert (code, stdout) == (1, "")
        assert stderr.splitlines() == [
            "    1  Good morning, everyone.",
            "delete these for good? [y/N]",
            "nothing deleted",
        ]
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert sidelight("delete", "1")[:2] == (0, "transcript 1 is deleted\n")
    assert len(sidelight("list")[1].splitlines()) == 1


def test_delete_without_asking(talk, sidelight, home):
    code, stdout, _ = sidelight("delete", "2", "1", "2", "--yes", "--json")
    assert code == 0
    assert [(e["event"], e["id"]) for e in events(stdout)] == [("deleted", 2), ("deleted", 1)]
    assert [p.name for p in (home / "data").iterdir()] == ["sidelight.db"]
    assert b"morning" not in (home / "data" / "sidelight.db").read_bytes()


def test_help_has_examples(sidelight, capsys):
    with pytest.raises(SystemExit) as left:
        main(["transcripts", "--help"])
    assert left.value.code == 0
    assert "sidelight transcripts export 3 --out talk.srt" in capsys.readouterr().out
