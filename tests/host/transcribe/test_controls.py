"""Bookmarks and pauses: where they stand, what is not heard, what is shown."""

from __future__ import annotations

import asyncio

import caption_parts as parts
import numpy as np
import pytest
from transcription_runs import Run

from firmware_bridge.emulator.clock import run_virtual
from host.contracts import AudioChunk
from host.events import Bookmark, Gap, Notice, Partial, Sentence
from host.transcribe.controls import PAUSED, Pauses, place_of

SPEECH = (
    parts.pause(0.5), parts.said("one", "two"), parts.pause(1.4),  # to 2.5 s
    parts.said("three", "four"), parts.pause(1.4),  # to 4.5 s
    parts.said("five", "six"), parts.pause(1.4),  # to 6.5 s
)  # fmt: skip


def controlled(run, font, *presses):
    """Run it and press: (seconds, what) each, "b" or "p"; ("c") is Ctrl-C."""

    async def main() -> None:
        transcription = run.make(font)
        task = asyncio.create_task(transcription.run())
        for at_s, key in presses:
            await asyncio.sleep(at_s - asyncio.get_running_loop().time())
            {"b": transcription.bookmark, "p": transcription.toggle_pause, "c": task.cancel}[key]()
        if presses[-1][1] == "c":
            with pytest.raises(asyncio.CancelledError):
                await task
        await task if not task.cancelled() else None
        transcription.bookmark()  # when it is over, nothing happens
        transcription.toggle_pause()

    run_virtual(main())
    return run


def test_a_bookmark_is_an_entry_with_its_time_and_is_told_on_the_lens(font):
    run = controlled(Run(parts.Microphone(SPEECH)), font, (1.0, "b"), (4.0, "b"))
    assert run.journal.texts == ["[bookmark]", "one two", "[bookmark]", "three four", "five six"] or (
        run.journal.texts == ["[bookmark]", "one two", "three four", "[bookmark]", "five six"]
    )
    marks = [entry for entry in run.journal.entries if entry.kind == "bookmark"]
    assert [entry.start_s for entry in marks] == pytest.approx([1.0, 4.0], abs=0.05)
    assert [e.start_s for e in run.of(Bookmark)] == [entry.start_s for entry in marks]
    assert any("bookmark set" in lines for lines in run.lens.history)
    assert [e.text for e in run.of(Sentence)] == ["one two", "three four", "five six"]


def test_what_is_said_in_a_pause_is_not_heard_not_kept_and_a_gap_that_says_why(font):
    run = controlled(Run(parts.Microphone(SPEECH), sound=[]), font, (2.2, "p"), (4.2, "p"))
    assert run.journal.texts == ["one two", "[paused]", "five six"]
    (gap,) = run.of(Gap)
    assert (gap.start_s, gap.end_s, gap.reason) == (
        pytest.approx(2.2, abs=0.05),
        pytest.approx(4.2, abs=0.05),
        PAUSED,
    )
    assert not {"three", "four"} & set(" ".join(e.text for e in run.of(Partial)).split())
    kept = np.concatenate(run.sound)
    assert {word for *_, word in parts.heard(kept)} == {"one", "two", "five", "six"}
    assert len(kept) == sum(map(len, SPEECH))  # times stay what they are
    assert [e.code for e in run.of(Notice)] == ["paused", "resumed"]
    assert any("[2 s paused]" in lines for lines in run.lens.history)


def test_a_sentence_that_a_pause_breaks_off_is_finished_at_once_and_the_lens_says_paused(font):
    run = Run(parts.Microphone(SPEECH, endless=True))
    controlled(run, font, (1.0, "p"), (3.0, "c"))
    assert run.journal.texts[0].startswith("one")
    assert run.of(Sentence)[0].t < 1.2
    assert "paused: tap twice to go on" in run.lens.lines
    assert run.journal.texts[1:] == ["[paused]"]


def test_the_sign_of_a_pause_stays_on_a_dark_lens_and_over_a_bookmark(font):
    run = Run(parts.Microphone((parts.pause(60.0),)))
    controlled(run, font, (1.0, "p"), (2.0, "b"), (50.0, "b"))
    sign = ["paused: tap twice to go on"]
    assert [lines for lines in run.lens.history if lines] == [["listening"], sign, [*sign, "[59 s paused]"]]
    assert [e.kind for e in run.journal.entries] == ["bookmark", "bookmark", "gap"]


def test_paused_and_resumed_within_a_sentence_too_short_to_be_a_pause(font):
    run = controlled(Run(parts.Microphone(SPEECH)), font, (0.7, "p"), (0.9, "p"))
    (gap,) = run.of(Gap)
    assert gap.end_s - gap.start_s == pytest.approx(0.2, abs=0.05)
    assert run.journal.texts[-2:] == ["three four", "five six"]


def chunk(start, heard_at_s, samples=160):
    return AudioChunk(np.ones(samples, np.int16), start, 16000, heard_at_s=heard_at_s)


def test_sound_that_is_late_is_judged_by_when_it_was_spoken():
    pauses = Pauses()
    assert pauses.toggle(10.0).on
    assert not pauses.toggle(20.0).on
    assert [pauses.heard(chunk(0, at)).lost_reason for at in (9.9, 10.0, 19.9, 20.0)] == [None, PAUSED, PAUSED, None]
    assert not pauses.heard(chunk(0, 30.0)).lost_reason


def test_a_moment_is_a_place_in_the_recording():
    assert place_of(5.0, None) == 0.0
    newest = chunk(32000, 7.0, 16000)  # its end is 3 s into the recording
    assert place_of(7.0, newest) == 3.0
    assert place_of(7.5, newest) == 3.5
    assert place_of(6.0, newest) == 2.0
    assert place_of(1.0, newest) == 0.0
    assert place_of(99.0, newest) == 6.0  # sound does not come: it is late by no more than that
