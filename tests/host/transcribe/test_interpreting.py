"""A recording that is translated: what is saved and shown when, and what a slow or dead translator does to it."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

import caption_parts as parts
import pytest
from caption_parts import pause, said
from transcription_runs import TALK, Run

from firmware_bridge.emulator.clock import run_virtual
from host.contracts import Translation
from host.errors import BackendError, FontError, LanguageError, UntranslatedError
from host.events import ErrorReport, Notice, Sentence
from host.events import Translation as Translated
from host.lens.shape import FRAME
from host.transcribe.bilingual_captions import BilingualStyle
from host.transcribe.finishing import FINISH_TRANSLATION_S
from host.transcribe.interpreting import TRANSLATED_S, TRIED_OUT_S

WORDS = ("one", "two", "three", "four", "five", "six", "seven")
LONG = tuple(part for word in WORDS for part in (said(word), pause(1.0)))


@dataclass
class Interpreter:
    """Puts sentences into capitals; `failures` are raised by calls in turn, None answers."""

    takes_s: float = 0.0
    tried_s: float = 0.0
    broken: Exception | None = None
    failures: list[Exception | None] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def language_of(self, text, heard):
        return heard or "en"

    async def try_out(self):
        await asyncio.sleep(self.tried_s)
        if self.broken:
            raise self.broken

    def target_of(self, language):
        return "es"

    async def translate(self, text, language):
        self.asked.append((asyncio.get_running_loop().time(), text))
        await asyncio.sleep(self.takes_s)
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        return Translation(text.upper(), "es", "test")


def recorded(font, talk=TALK, *, live=True, cancel_s=None, journal=None, **interpreter):
    run = Run(parts.Microphone(talk), live=live, interpreter=Interpreter(**interpreter))
    run.journal = journal or run.journal
    run.style = BilingualStyle(font_of=lambda _language, _size: font, shape=FRAME, language="en")

    async def main() -> None:
        work = asyncio.create_task(run.make(font).run())
        if cancel_s is not None:
            await asyncio.sleep(cancel_s)
            work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            assert cancel_s is not None
        run.took_s = asyncio.get_running_loop().time()

    run_virtual(main())
    return run


def kept(run):
    return [(e.text, e.translation.text, e.translation.missing) for e in run.journal.entries if e.kind == "sentence"]


def reports(run):
    return [(e.message, next(k for k, o in enumerate(run.events) if o is e)) for e in run.events
            if isinstance(e, ErrorReport)]  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (BackendError("the key is wrong"), "the key is wrong"),
        (ValueError("odd"), "the translator failed: ValueError: odd"),
    ],
)
def test_what_is_broken_is_told_before_anybody_speaks_and_once(font, broken, message):
    run = recorded(font, broken=broken, failures=[broken])
    assert [told for told, _ in reports(run)] == [message]
    assert not any(isinstance(e, Sentence) for e in run.events[: reports(run)[0][1]])
    assert kept(run) == [("one two three", "", message), ("four five", "FOUR FIVE", "")]
    assert [e.code for e in run.events if isinstance(e, Notice)].count("translated-again") == 1


def test_a_translator_that_does_not_answer_in_time_is_told_and_asked_all_the_same(font):
    run = recorded(font, tried_s=1000.0)
    assert [told for told, _ in reports(run)] == [f"the translator has not answered within {TRIED_OUT_S:.0f} s"]
    assert [target for _, target, _ in kept(run)] == ["ONE TWO THREE", "FOUR FIVE"]


def test_that_a_word_is_not_held_is_nothing_to_tell(font):
    assert reports(recorded(font, broken=UntranslatedError("not held"))) == []


def test_each_sentence_is_saved_then_translated_then_shown_with_both_texts(font):
    run = recorded(font)
    assert kept(run) == [("one two three", "ONE TWO THREE", ""), ("four five", "FOUR FIVE", "")]
    assert ["ONE TWO THREE", "one two three"] in run.lens.history
    assert run.lens.lines == ["FOUR FIVE", "four five"]
    told = [(type(e).__name__, getattr(e, "target", e.text if isinstance(e, Sentence) else "")) for e in run.events]
    assert [one for one in told if one[0] != "Partial"] == [
        ("Sentence", "one two three"), ("Translation", "ONE TWO THREE"),
        ("Sentence", "four five"), ("Translation", "FOUR FIVE"),
    ]  # fmt: skip
    event = run.of(Translated)[0]
    assert (event.source, event.from_, event.to, event.backend) == ("one two three", "en", "es", "test")
    assert event.start_s == run.of(Sentence)[0].start_s


def test_a_translation_that_is_shown_does_not_change_while_the_next_sentence_is_spoken(font):
    run = recorded(font)
    capitals = [[line for line in picture if line.isupper()] for picture in run.lens.history]
    assert [shown for shown, _ in itertools.groupby(capitals)] == [[], ["ONE TWO THREE"], ["FOUR FIVE"]]


def test_the_original_is_on_the_lens_and_saved_while_the_translator_thinks(font):
    run = recorded(font, takes_s=5.0)
    originals = [at for at, picture in run.lens.pictures if parts.lines_of(picture)[-1:] == ["one two three"]]
    translated = [at for at, picture in run.lens.pictures if "ONE TWO THREE" in parts.lines_of(picture)]
    assert originals[0] + 4.0 < translated[0]
    assert kept(run)[1][1] == "FOUR FIVE"


def test_a_failure_costs_one_translation_is_told_once_and_so_is_its_end(font):
    dead = BackendError("the server does not answer", "Check it", retry=True)
    run = recorded(font, LONG, failures=[dead, dead, dead])
    assert [(e.code, e.message) for e in run.of(ErrorReport)] == [("backend", "the server does not answer")]
    assert [n.code for n in run.of(Notice)] == ["translated-again"]
    assert [why for *_, why in kept(run)] == ["the server does not answer"] * 3 + [""] * 4
    assert [e.missing for e in run.of(Translated)[:4]] == ["the server does not answer"] * 3 + [""]
    marks = [line for picture in run.lens.history for line in picture if line.startswith("[not")]
    assert [mark for mark, _ in itertools.groupby(marks)][:2] == [marks[0], "[not translated]"]
    assert marks[0].startswith("[not translated: the server doe")


def test_a_translator_that_breaks_does_not_end_the_recording(font):
    run = recorded(font, failures=[ValueError("index out of range")])
    assert [e.message for e in run.of(ErrorReport)] == ["the translator failed: ValueError: index out of range"]
    assert kept(run)[0][2].startswith("the translator failed")
    assert kept(run)[1][1] == "FOUR FIVE"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (UntranslatedError("'one' is not in the phrasebook", "What would: more"), "no translator here holds it"),
        (LanguageError("the text is in Spanish already"), "the text is in Spanish already"),
    ],
)
def test_what_is_not_held_or_needs_none_is_no_failure_and_told_once(font, error, reason):
    run = recorded(font, failures=[error, error])
    assert [why for *_, why in kept(run)] == [reason, reason]
    assert run.of(ErrorReport) == []
    assert [n.message for n in run.of(Notice)] == [error.message]


def test_a_translator_that_hangs_is_given_up_and_the_next_sentence_is_translated(font):
    run = recorded(font, TALK, live=False, takes_s=0.0, failures=[])
    assert run.of(ErrorReport) == []
    hanging = recorded(font, TALK, live=False, takes_s=TRANSLATED_S + 5)
    assert [why for *_, why in kept(hanging)] == ["no translation came within 15 s"] * 2
    assert [e.message for e in hanging.of(ErrorReport)] == ["no translation came within 15 s"]


def test_live_speech_overtakes_a_slow_translator_and_nothing_of_it_is_lost(font):
    run = recorded(font, LONG, takes_s=14.0)
    assert [text for text, *_ in kept(run)] == [*WORDS]
    assert [round(e.t, 1) for e in run.of(Sentence)] == pytest.approx([0.8 + 1.3 * k for k in range(7)], abs=0.3)
    given_up = [text for text, _, why in kept(run) if why == "the translator is too slow"]
    assert given_up == ["two", "three"]
    assert kept(run)[-1][1] == "SEVEN"


def test_a_recording_that_can_wait_waits_for_the_translator(font):
    run = recorded(font, LONG, live=False, takes_s=10.0)
    assert [why for *_, why in kept(run)] == [""] * 7


def test_ctrl_c_finishes_the_sentence_and_its_translation(font):
    run = recorded(font, (said("one", "two"), pause(60.0)), cancel_s=0.7, takes_s=2.0)
    assert [one[:2] for one in kept(run)] == [("one two", "ONE TWO")]
    assert run.of(Notice) == []


def test_ctrl_c_does_not_wait_long_for_a_translator_and_says_what_stayed_untranslated(font):
    run = recorded(font, (said("one", "two"), pause(60.0)), cancel_s=0.7, takes_s=14.0)
    assert run.took_s <= 0.7 + FINISH_TRANSLATION_S + 1.0
    assert [n.message for n in run.of(Notice)] == ["the last sentence stayed untranslated"]
    assert kept(run)[0][1:] == ("", "")


def test_a_full_disk_keeps_the_translation_in_memory_behind_its_sentence(font):
    run = recorded(font, LONG[:6], journal=parts.Journal(full=3))
    assert [one[:2] for one in kept(run)] == [("one", "ONE"), ("two", "TWO"), ("three", "THREE")]
    names = [type(e).__name__ for e in run.events if isinstance(e, Sentence | Translated)]
    assert names[:2] == ["Sentence", "Translation"]


def test_the_wearer_asks_for_originals_and_gets_them_on_the_lens(font):
    run = Run(parts.Microphone((*TALK, pause(3.0))), interpreter=Interpreter())
    run.style = BilingualStyle(font_of=lambda _language, _size: font, shape=FRAME, language="en", original=False)

    async def main() -> None:
        recording = run.make(font)
        asyncio.get_running_loop().call_later(4.5, recording.toggle_originals)
        await recording.run()

    run_virtual(main())
    assert ["one two three", "four five"] in run.lens.history


def test_without_any_font_the_lens_stays_dark_and_everything_is_kept(font):
    def fonts(_language, _size):
        raise FontError("no font is installed", "Install one")

    run = Run(parts.Microphone(TALK), interpreter=Interpreter())
    run.style = BilingualStyle(font_of=fonts, shape=FRAME)
    run.go(font)
    assert [e.message for e in run.of(ErrorReport)] == ["no font is installed"]
    assert kept(run) == [("one two three", "ONE TWO THREE", ""), ("four five", "FOUR FIVE", "")]
