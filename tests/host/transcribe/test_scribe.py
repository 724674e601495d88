"""What is reported of hypotheses as they are written down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from host.contracts import Hypothesis
from host.errors import DiskFullError
from host.events import ErrorReport, Event, Notice, Partial, Sentence
from host.transcribe import scribe as scribe_module
from host.transcribe.attribution import VoicesHeard
from host.transcribe.hearing import Heard
from host.transcribe.scribe import Scribe, Write
from host.transcribe.times import StageTimes

TIMES = StageTimes(text="", final=False, sound_end_s=1, spoken_s=1, arrived_s=1, taken_s=1, judged_s=1, recognised_s=1)


def reported(*said: tuple[str, bool]) -> list[tuple[str, str]]:
    """(event, text) of these hypotheses, each a text and whether it is final."""
    events: list[Event] = []

    async def add(_write: Write) -> None: ...

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

    async def add(write: Write) -> None:
        if full:
            raise DiskFullError("no room", "Free some")
        kept.append(write.what.speaker)

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


@pytest.mark.parametrize("at_end", [False, True])
def test_more_than_memory_holds_is_given_up_and_said(monkeypatch, at_end):
    monkeypatch.setattr(scribe_module, "_UNSAVED", 3)
    full, events = [True], []

    async def add(_entry: object) -> None:
        if full:
            raise DiskFullError("no room", "Free some")

    async def keep_voices(*_voices: object) -> None: ...

    async def main() -> None:
        scribe = Scribe(add, keep_voices, events.append, "en", lambda: 0.0)
        for text in ("one", "two", "three", "four", "five"):
            await scribe.take(Heard(Hypothesis(text, True, 0.0, 1.0), TIMES))
        with pytest.raises(DiskFullError, match="5 sentences and gaps could not be saved"):
            await scribe.close()
        full.clear()
        if not at_end:
            await scribe.take(Heard(Hypothesis("six", True, 0.0, 1.0), TIMES))
        await scribe.close()

    asyncio.run(main())
    assert [e.code for e in events if isinstance(e, ErrorReport)] == ["disk-full", "given-up"]
    assert [e.text for e in events if isinstance(e, Sentence)] == (
        ["three", "four", "five"] if at_end else ["four", "five", "six"]
    )
    (again,) = [e for e in events if isinstance(e, Notice)]
    lost = 2 if at_end else 3
    assert again.message == f"everything heard so far is saved again, but for the oldest {lost}"
