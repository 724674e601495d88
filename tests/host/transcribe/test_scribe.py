"""What is reported of hypotheses as they are written down."""

from __future__ import annotations

import asyncio

from host.contracts import Hypothesis, JournalEntry
from host.events import Event, Partial
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
