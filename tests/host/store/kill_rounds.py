"""Run as a program: records in child processes, kills each with SIGKILL, and prints what it reported as JSON.

A program of its own, because only a process with one thread may fork safely, and forking makes many rounds cheap.

Arguments: the data folder, rounds, seed, and what a child is killed at: "adding", "translating", "starting" (from its
first moment on), "making" (the same, each in a folder of its own, named by the round), or "deleting" (never the first
transcript).
Prints [[transcript id or null, sentences reported], ...].
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from host.contracts import JournalEntry, Translation
from host.store.journal import SqliteJournal
from host.store.transcripts import Transcripts


def main(folder: Path, rounds: int, seed: int, what: str) -> None:
    chance = random.Random(seed)
    reports = []
    for number in range(rounds):
        seen, telling = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(seen)
            work = {"deleting": delete, "translating": translate}.get(what, record)
            try:
                work(folder / str(number) if what == "making" else folder, telling)
            finally:
                os._exit(1)
        os.close(telling)
        first = b"" if what in {"starting", "making"} else os.read(seen, 100)
        if not first and what in {"adding", "translating", "deleting"}:
            sys.exit("the child could not write")
        select.select([], [], [], chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(seen, "rb") as pipe:
            rest = pipe.read()
        said = (first + rest).decode().split()
        reports.append([int(said[0]) if said else None, len(said) - 1 if said else 0])
    sys.stdout.write(json.dumps(reports))


def record(folder: Path, telling: int) -> None:
    journal = SqliteJournal.open(folder, datetime.now(UTC))
    os.write(telling, f"{journal.id}\n".encode())
    for i in range(100_000):
        journal.add(JournalEntry("sentence", i, i + 1, f"sentence {i} of transcript {journal.id}"))
        os.write(telling, b"+\n")


def translate(folder: Path, telling: int) -> None:
    journal = SqliteJournal.open(folder, datetime.now(UTC))
    os.write(telling, f"{journal.id}\n".encode())
    for i in range(100_000):
        text, pending = f"sentence {i} of transcript {journal.id}", Translation("", "es", missing="not translated")
        number = journal.add(JournalEntry("sentence", i, i + 1, text, translation=pending))
        os.write(telling, b"+\n")
        journal.add_translation(number, Translation(f"frase {i}", "es", "test"))


def delete(folder: Path, telling: int) -> None:
    store = Transcripts.open(folder)
    others = [t.id for t in store.all() if t.id != 1]
    os.write(telling, b"0\n")
    store.delete(others[:2])
    os.write(telling, b"+\n")
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
