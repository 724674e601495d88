"""From a microphone to the lens and the journal, with stand-ins, in virtual time."""

from __future__ import annotations

import asyncio

import caption_parts as parts
import numpy as np
import pytest
from caption_parts import failing, pause, said
from transcription_runs import TALK, Run

from firmware_bridge.emulator.clock import run_virtual
from host.errors import BackendError, DiskFullError, LensError
from host.events import ErrorReport, Gap, Notice, Partial, Sentence
from host.transcribe.pipeline import Parts, Transcription


def test_what_is_said_is_written_down_reported_and_shown(font):
    run = Run(parts.Microphone(TALK)).go(font)
    assert run.journal.texts == ["one two three", "four five"]
    assert [e.text for e in run.of(Sentence)] == ["one two three", "four five"]
    assert run.lens.lines == ["one two three", "four five"]
    assert run.of(ErrorReport) == []
    assert run.microphone.closed
    assert run.recogniser.open_sessions == 0


def test_the_lens_says_that_it_listens_until_there_are_words(font):
    run = Run(parts.Microphone(TALK)).go(font)
    assert run.lens.history[0] == ["listening"]
    assert not any("listening" in picture for picture in run.lens.history[1:])


def test_words_come_to_the_lens_while_they_are_spoken(font):
    run = Run(parts.Microphone(TALK)).go(font)
    first_s = next(at for at, picture in run.lens.pictures if parts.lines_of(picture)[-1:] == ["one"])
    assert first_s < 0.5 + 0.3
    assert [e.text for e in run.of(Partial)][:3] == ["one", "one two", "one two three"]


def test_a_sentence_is_on_disk_before_it_is_reported(font):
    run = Run(parts.Microphone(TALK)).go(font)
    assert run.saved_when_reported == [1, 2]


def test_times_are_places_in_the_recording(font):
    run = Run(parts.Microphone(TALK)).go(font)
    first, second = run.journal.entries
    assert (first.start_s, first.end_s) == pytest.approx((0.5, 1.4))
    assert (second.start_s, second.end_s) == pytest.approx((2.4, 3.0))
    assert [(w.text, w.start_s) for w in second.words] == [("four", pytest.approx(2.4)), ("five", pytest.approx(2.7))]


@pytest.mark.parametrize("chunk", [37, 512, 1000, 16000])
def test_how_the_sound_was_cut_changes_nothing(font, chunk):
    run = Run(parts.Microphone(TALK, chunk=chunk)).go(font)
    same = Run(parts.Microphone(TALK, chunk=320)).go(font)
    assert run.journal.entries == same.journal.entries


def test_a_lost_link_is_a_gap_of_its_length_and_captions_go_on(font):
    run = Run(parts.Microphone((pause(0.3), said("one", "two"), 10.0, said("three"), pause(1.0)))).go(font)
    assert run.journal.texts == ["one two", "[link lost]", "three"]
    gap = run.of(Gap)[0]
    assert (gap.start_s, gap.end_s, gap.reason) == (pytest.approx(0.9), pytest.approx(10.9), "link lost")
    assert run.lens.lines == ["one two", "[10 s lost]", "three"]
    assert run.journal.entries[2].start_s == pytest.approx(10.9)


def test_a_short_gap_is_written_down_but_does_not_tear_the_sentence(font):
    run = Run(parts.Microphone((pause(0.3), said("one", "two"), 0.1, said("three"), pause(1.0)))).go(font)
    assert run.journal.texts == ["[link lost]", "one two three"]
    assert not any("lost" in line for picture in run.lens.history for line in picture)


def test_a_full_disk_is_told_and_everything_is_saved_when_there_is_room(font):
    talk = (*TALK, said("six"), pause(1.0))
    run = Run(parts.Microphone(talk), journal=parts.Journal(full=2)).go(font)
    assert run.journal.texts == ["one two three", "four five", "six"]
    assert [e.code for e in run.of(ErrorReport)] == ["disk-full"]
    assert [e.code for e in run.of(Notice)] == ["saved-again"]
    assert any("disk full: not saved" in picture for picture in run.lens.history)
    assert any("disk full: not saved" in p and "one two three" in p for p in run.lens.history)
    assert "disk full: not saved" not in run.lens.lines
    assert run.saved_when_reported == [1, 2, 3]


def test_what_could_not_be_saved_at_the_end_is_an_error(font):
    run = Run(parts.Microphone(TALK), journal=parts.Journal(full=100))
    with pytest.raises(DiskFullError, match="2 sentences and gaps could not be saved"):
        run.go(font)
    assert run.of(Sentence) == []
    assert run.lens.lines == ["disk full: not saved", "one two three", "four five"]


def test_a_lens_that_fails_is_told_once_and_stops_nothing(font):
    async def main() -> None:
        run.lens = parts.Lens()
        run.lens.error = LensError("the glasses are gone")
        await run.make(font).run()

    run = Run(parts.Microphone(TALK))
    run_virtual(main())
    assert run.journal.texts == ["one two three", "four five"]
    assert [e.message for e in run.of(ErrorReport)] == ["the glasses are gone"]


def test_a_lens_that_waits_for_its_link_holds_nothing_up_and_gets_the_newest(font):
    async def main() -> None:
        run.lens = parts.Lens()
        run.lens.here.clear()
        asyncio.get_running_loop().call_later(3.5, run.lens.here.set)
        await run.make(font).run()

    run = Run(parts.Microphone(TALK))
    run_virtual(main())
    assert [round(e.t, 1) for e in run.of(Sentence)] == [1.9, 3.5]
    assert len(run.lens.pictures) <= 4
    assert run.lens.lines == ["one two three", "four five"]


def test_a_lens_that_never_comes_back_does_not_hold_up_the_end(font):
    async def main() -> None:
        run.lens = parts.Lens()
        run.lens.here.clear()
        await run.make(font).run()
        assert asyncio.get_running_loop().time() < 6.0

    run = Run(parts.Microphone(TALK))
    run_virtual(main())
    assert run.journal.texts == ["one two three", "four five"]


def test_a_sentence_that_fails_is_a_gap_and_the_next_one_is_recognised(font):
    run = Run(parts.Microphone(TALK), parts.Recogniser(failures=[failing(retry=True)])).go(font)
    assert run.journal.texts == ["[not recognised]", "four five"]
    assert [(n.code, n.message) for n in run.of(Notice)] == [("backend", "the server does not answer")]
    gap = run.of(Gap)[0]
    assert gap.start_s < 0.5
    assert gap.end_s > 1.4
    assert any("speech recognition fails" in picture for picture in run.lens.history)
    assert "speech recognition fails" not in run.lens.lines


def test_a_recogniser_that_dies_is_opened_anew_where_sound_cannot_be_had_again(font):
    talk = (*TALK, said("six"), pause(1.0))
    recogniser = parts.Recogniser(failures=[failing(retry=False)], open_failures=[None, failing(retry=False), None])
    run = Run(parts.Microphone(talk), recogniser).go(font)
    assert run.journal.texts == ["[not recognised]", "[not recognised]", "six"]
    assert run.journal.entries[2].start_s == pytest.approx(4.0)
    assert len(run.of(ErrorReport)) == 2
    assert recogniser.open_sessions == 0


def test_a_recogniser_that_dies_ends_a_recording_that_can_be_had_again(font):
    run = Run(parts.Microphone(TALK), parts.Recogniser(failures=[None, failing(retry=False)]), live=False)
    with pytest.raises(BackendError, match="the server does not answer"):
        run.go(font)
    assert run.journal.texts == ["one two three"]
    assert run.microphone.closed


@pytest.mark.parametrize("error", [failing(retry=False), OSError("broken")])
def test_what_cannot_start_is_raised_at_once(font, error):
    run = Run(parts.Microphone(TALK), parts.Recogniser(open_failures=[error]))
    with pytest.raises(type(error)):
        run.go(font)
    assert run.events == []


def test_a_microphone_that_fails_ends_it_after_what_was_heard(font):
    run = Run(parts.Microphone((*TALK[:2], OSError("gone"))))
    with pytest.raises(OSError, match="gone"):
        run.go(font)
    assert run.journal.texts == ["one two three"]


def test_a_slow_recogniser_holds_up_a_file_and_nothing_is_lost(font):
    run = Run(parts.Microphone(TALK, real_time=False), parts.Recogniser(takes_s=0.2), live=False).go(font)
    assert run.journal.texts == ["one two three", "four five"]
    assert run.of(Gap) == []
    assert run.took_s > 3.0


def test_only_so_much_sound_waits_here(font):
    run = Run(parts.Microphone([said("one", each_s=60.0)], real_time=False), parts.Recogniser(takes_s=1000.0))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(500.0)
        assert run.microphone.given < 2.5 * parts.RATE_HZ
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())


def test_a_recogniser_that_finds_sentences_itself_gets_all_sound(font):
    recogniser = parts.Recogniser(parts.with_info(segments=True))
    run = Run(parts.Microphone((*TALK, 10.0, said("six"), pause(0.2))), recogniser).go(font)
    assert run.journal.texts == ["one two three", "four five", "[link lost]", "six"]
    assert run.journal.entries[1].start_s == pytest.approx(2.4)
    assert run.journal.entries[3].start_s == pytest.approx(14.0)


def test_one_that_finds_sentences_itself_and_fails_is_tried_again(font):
    recogniser = parts.Recogniser(parts.with_info(segments=True), failures=[failing(retry=True)])
    talk = (*TALK[:3], pause(6.0), said("six"), pause(1.0))
    run = Run(parts.Microphone(talk), recogniser).go(font)
    assert run.journal.texts == ["[not recognised]", "six"]
    assert run.journal.entries[1].start_s == pytest.approx(8.4)


def test_one_that_answers_whole_utterances_gets_short_ones(font):
    recogniser = parts.Recogniser(parts.with_info(streaming=False))
    run = Run(parts.Microphone([said("one", "two", each_s=10.0), pause(1.0)]), recogniser).go(font)
    assert run.of(Partial) == []
    assert max(e.end_s - e.start_s for e in run.journal.entries) < 9.1
    assert " ".join(run.journal.texts).split() == ["one", "one", "two", "two"]


def test_after_silence_the_lens_is_dark(font):
    run = Run(parts.Microphone((*TALK, pause(40.0)))).go(font, dark_after_s=20.0)
    assert run.lens.lines == []
    assert run.lens.pictures[-1][0] == pytest.approx(3.5 + 20.0, abs=0.5)


def test_a_long_answer_is_shown_to_its_end(font):
    words = [f"{w}" for w in parts.VOCABULARY] * 8
    recogniser = parts.Recogniser(parts.with_info(streaming=False))
    run = Run(parts.Microphone([said(*words, each_s=0.05), pause(0.6)]), recogniser).go(font)
    shown = [line for picture in run.lens.history[1:] for line in picture]
    assert " ".join(dict.fromkeys(shown)).split()[:5] == words[:5]
    assert " ".join(run.lens.lines).split()[-5:] == words[-5:]


def test_the_way_of_a_hypothesis_is_timed_stage_by_stage(font):
    run = Run(parts.Microphone(TALK), parts.Recogniser(takes_s=0.01)).go(font)
    assert {t.text for t in run.times} >= {"one", "one two three", "four five"}
    for t in run.times:
        stamps = [t.spoken_s, t.arrived_s, t.taken_s, t.judged_s, t.recognised_s, t.written_s, t.saved_s, t.drawn_s]
        assert stamps == sorted(stamps)
        assert t.recognised_s - t.judged_s >= 0.009
        assert t.drawn_s - t.recognised_s == pytest.approx(0.0, abs=0.02)
        assert t.shown_s - t.drawn_s >= 0.059


def test_the_meter_gets_ten_figures_a_second(font):
    run = Run(parts.Microphone(TALK)).go(font)
    assert len(run.levels) == pytest.approx(40, abs=2)
    assert run.levels[0] == float("-inf")
    assert max(run.levels) == pytest.approx(-24.1, abs=0.1)


def test_the_sound_itself_is_kept_whole(font):
    run = Run(parts.Microphone((*TALK, 2.0, said("six"))), sound=[]).go(font)
    kept = np.concatenate(run.sound)
    assert (kept == np.concatenate([*TALK, pause(2.0), said("six")])).all()


def test_without_a_lens_it_writes_and_reports(font):
    run = Run(parts.Microphone(TALK))

    async def main() -> None:
        made = Parts(
            microphone=run.microphone, live=True, recogniser=run.recogniser, voice=parts.Voice(), journal=run.journal
        )
        await Transcription(made, "en", run.events.append, elapsed=asyncio.get_running_loop().time).run()

    run_virtual(main())
    assert [e.text for e in run.of(Sentence)] == ["one two three", "four five"]


@pytest.mark.parametrize("live", [True, False])
def test_a_recording_of_which_nothing_could_be_recognised_is_an_error(font, live):
    failing = [parts.failing(retry=True), parts.failing(retry=True)]
    info = parts.with_info(streaming=False)
    run = Run(parts.Microphone(TALK), parts.Recogniser(info, failures=failing), live=live)
    with pytest.raises(BackendError, match="nothing could be recognised: the server does not answer") as error:
        run.go(font)
    assert error.value.hint == "Check it"
    assert run.journal.texts == ["[not recognised]", "[not recognised]"]  # saved all the same


def test_one_sentence_that_was_recognised_is_enough(font):
    run = Run(
        parts.Microphone(TALK), parts.Recogniser(parts.with_info(streaming=False), failures=[parts.failing(retry=True)])
    )
    assert run.go(font).journal.texts == ["[not recognised]", "four five"]
