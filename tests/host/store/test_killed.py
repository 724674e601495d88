"""Killed at any moment (SIGKILL), every sentence that was reported is in the store; programs may write at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from host.store.database import Database
from host.store.transcripts import Transcripts

ROOT = Path(__file__).parents[3]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
PROGRAM = Path(__file__).with_name("kill_rounds.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from host.contracts import JournalEntry
from host.store.journal import SqliteJournal
journal = SqliteJournal.open(Path(sys.argv[1]), datetime.now(UTC))
print(journal.id, flush=True)
sys.stdin.readline()
for i in range(80):
    journal.add(JournalEntry("sentence", i, i + 1, f"{sys.argv[2]} {i}"))
journal.close()
"""


def kill(folder: Path, rounds: int, what: str, seed: int = 1) -> list[tuple[int | None, int]]:
    done = subprocess.run(
        [sys.executable, PROGRAM, folder, str(rounds), str(seed), what],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(report) for report in json.loads(done.stdout)]


def check(folder: Path, reports: list[tuple[int | None, int]]) -> None:
    store = Transcripts.open(folder)
    try:
        for number, reported in reports:
            if number is None:
                continue
            transcript, entries = store.get(number), store.entries(number)
            assert transcript.state == "interrupted"
            assert [e.text for e in entries] == [f"sentence {i} of transcript {number}" for i in range(len(entries))]
            # One more at most: committed, and killed before it was reported.
            assert reported <= len(entries) == transcript.sentences <= reported + 1
            assert len(store.search(f"transcript {number}")) >= len(entries)
    finally:
        store.close()
    assert_sound(folder)


def assert_sound(folder: Path) -> None:
    database = Database.open(folder)
    assert database.query("PRAGMA integrity_check") == [("ok",)]
    with database.transaction() as connection:
        connection.execute("INSERT INTO sentence_index (sentence_index) VALUES ('integrity-check')")
    database.close()


def test_every_reported_sentence_is_kept(folder):
    reports = kill(folder, 40, "adding")
    assert sum(reported for _, reported in reports) > 40
    check(folder, reports)


def test_killed_between_a_sentence_and_its_translation_it_says_that_it_is_not_translated(folder):
    reports = kill(folder, 30, "translating")
    check(folder, reports)
    store = Transcripts.open(folder)
    untranslated = 0
    for number, _ in reports:
        translated = [entry.translation for entry in store.entries(number)]
        whole = [f"frase {i}" for i in range(len(translated))]
        pending = bool(translated) and translated[-1].missing == "not translated"
        assert [t.text for t in translated] == ([*whole[:-1], ""] if pending else whole)
        assert store.get(number).translations == len(translated) - pending
        untranslated += pending
    assert untranslated  # by chance, some half of the rounds
    store.close()


def test_killed_while_starting(folder):
    check(folder, kill(folder, 20, "starting"))


def test_killed_while_the_database_is_being_made(folder):
    for number, report in enumerate(kill(folder, 15, "making")):
        check(folder / str(number), [report])


def test_killed_while_deleting(folder, recorded):
    kept = recorded("the first of all")
    for i in range(20):
        recorded(*[f"sentence {j} of {i}" for j in range(3)])
    kill(folder, 10, "deleting")
    assert_sound(folder)
    store = Transcripts.open(folder)
    assert [e.text for e in store.entries(kept)] == ["the first of all"]
    for transcript in store.all():  # each is there whole, or not at all
        assert len(store.entries(transcript.id)) == transcript.sentences in {1, 3}
    store.close()


def test_programs_write_at_once(folder):
    names = ("red", "blue", "green")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, folder, name],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    numbers = [int(writer.stdout.readline()) for writer in writers]  # all made the new database together
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.stdin.close()
        writer.stdout.close()
    store = Transcripts.open(folder)
    for name, number in zip(names, numbers, strict=True):
        assert [e.text for e in store.entries(number)] == [f"{name} {i}" for i in range(80)]
        assert store.get(number).state == "complete"
    store.close()
