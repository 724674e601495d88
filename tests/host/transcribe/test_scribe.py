"""What is reported of hypotheses as they are written down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from host.contracts import Hypothesis, JournalEntry
from host.errors import DiskFullError
from host.events import Event, Partial
from host.transcribe.attribution import VoicesHeard
from host.transcribe.hearing import Heard
from host.transcribe.scribe import Scribe
from host.transcribe.times import StageTimes

TIMES = StageTimes(text="", final=False, sound_end_s=1, spoken_s=1, arrived_s=1, taken_s=1, judged_s=1, recognised_s=1)


def reported(*said: tuple[str, bool]) -> list[tuple[str, str]]:
    """(event, text) of these hypotheses, each a text and whether it is final."""
    events: list[Event] = []

    async def add(_entry: JournalEntry) -> None: ...

    async def keep_voices(*_voices: object) -> None: ...

    async def main() -> None:
        scribe = Scribe(add, keep_voices, events.append, "en", lambda: 0.0)
        for text, final in said:
            await scribe.take(Heard(Hypothesis(text, final, 0.0, 1.0), TIMES))

    asyncio.run(main())
    return [(e.name, e.text) for e in events]


def test_words_that_are_taken_back_altogether_leave_the_terminal_too():
    assert reported(("hm", False), ("", True), ("yes", True)) == [
        (Partial.name, "hm"),
        (Partial.name, ""),
        ("sentence", "yes"),
    ]


def test_nothing_said_is_nothing_reported():
    assert reported(("", False), ("yes", False), ("yes", True), ("", True)) == [
        (Partial.name, "yes"),
        ("sentence", "yes"),
    ]


def test_voices_that_were_one_are_one_in_sentences_too_that_could_only_be_saved_at_the_end():
    full, kept = [True], []

    async def add(entry: JournalEntry) -> None:
        if full:
            raise DiskFullError("no room", "Free some")
        kept.append(entry.speaker)

    async def keep_voices(_model: str, _voices: object, merged: Mapping[str, str]) -> None:
        kept[:] = [merged.get(speaker, speaker) for speaker in kept]

    async def main() -> None:
        scribe = Scribe(add, keep_voices, lambda _event: None, "en", lambda: 0.0)
        await scribe.take(Heard(Hypothesis("yes", True, 0.0, 1.0, speaker="2"), TIMES))
        await scribe.take(VoicesHeard("a model", (), {"2": "1"}, (("2", "1"),)))
        full.clear()
        await scribe.close()

    asyncio.run(main())
    assert kept == ["1"]
