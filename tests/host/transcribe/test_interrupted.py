"""Ctrl-C in the middle of a sentence: what is finished, what is dropped, what is said of it."""

from __future__ import annotations

import asyncio

import caption_parts as parts
import pytest
from transcription_runs import TALK, Run

from firmware_bridge.emulator.clock import run_virtual
from host.events import Notice, Partial
from host.transcribe.finishing import FINISH_S


def test_interrupted_it_finishes_the_sentence_and_stops_the_microphone(font):
    run = Run(parts.Microphone(TALK[:2], endless=True))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(2.0)
        assert run.journal.texts == []
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.get_running_loop().time() < 2.2

    run_virtual(main())
    assert run.journal.texts == ["one two three"]
    assert run.lens.lines == ["one two three"]
    assert run.microphone.closed
    assert run.recogniser.open_sessions == 0


def test_interrupted_it_waits_no_longer_than_it_says(font):
    run = Run(parts.Microphone(TALK, endless=True), parts.Recogniser(takes_s=90.0))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(5.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.get_running_loop().time() == pytest.approx(5.0 + FINISH_S, abs=0.1)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(main())
    assert [e.message for e in run.of(Notice)] == [
        "finishing the last sentence; Ctrl-C again drops it",
        "sound that was not recognised yet is dropped",
    ]


def test_interrupted_on_a_busy_computer_it_says_what_it_waits_for_and_saves_the_sentence(font):
    run = Run(parts.Microphone(TALK[:2], endless=True), parts.Recogniser(end_takes_s=20.0))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(2.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())
    assert [e.message for e in run.of(Notice)] == ["finishing the last sentence; Ctrl-C again drops it"]
    assert run.journal.texts == ["one two three"]


@pytest.mark.parametrize("again_s", [0.0, 0.02, 1.0])
def test_interrupted_twice_it_does_not_finish_the_sentence_and_says_what_it_drops(font, again_s):
    run = Run(parts.Microphone(TALK[:2], endless=True), parts.Recogniser(end_takes_s=2.0))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(2.0)
        task.cancel()
        await asyncio.sleep(again_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.get_running_loop().time() < 2.2 + again_s
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtual(main())
    assert [e.message for e in run.of(Notice)] == ["what was being said is dropped: one two three"]
    assert run.journal.texts == []
    assert run.microphone.closed
    assert run.recogniser.open_sessions == 0


def test_interrupted_twice_when_everything_is_written_drops_nothing(font):
    run = Run(parts.Microphone(TALK[:2], endless=True), lens=parts.Lens(takes_s=0.9))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(2.0)
        task.cancel()
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())
    assert run.of(Notice) == []
    assert run.journal.texts == ["one two three"]


@pytest.mark.parametrize("stops_s", [0.0, 1.0, 60.0])
def test_interrupted_it_finishes_the_sentence_however_long_the_microphone_takes_to_stop(font, stops_s):
    class Slow(parts.Microphone):
        async def chunks(self):
            try:
                async for chunk in super().chunks():
                    yield chunk
            finally:
                await asyncio.sleep(stops_s)

    run = Run(Slow(TALK[:2], endless=True))

    async def main() -> None:
        task = asyncio.create_task(run.make(font).run())
        await asyncio.sleep(1.2)  # while three words are said
        assert [e.text for e in run.of(Partial)]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())
    assert run.journal.texts == ["one two three"]
    assert run.of(Notice) == []


def test_a_tap_while_it_is_broken_off_is_nothing(font):
    """The lens fails as nothing should; the microphone takes a moment to stop, and the wearer taps in it."""
    run = Run(parts.Microphone(TALK[:2], endless=True))

    class Broken(parts.Lens):
        async def show(self, picture):
            if picture.items:
                raise ValueError("no lens at all")

    class Tapped(parts.Microphone):
        async def chunks(self):
            try:
                async for chunk in parts.Microphone.chunks(self):
                    yield chunk
            finally:
                transcription.bookmark()
                transcription.toggle_pause()
                tapped.append(True)

    async def main() -> None:
        nonlocal transcription
        run.lens = Broken()
        run.microphone = Tapped(TALK[:2], endless=True)
        transcription = run.make(font)
        with pytest.raises(ValueError, match="no lens at all"):
            await transcription.run()

    transcription, tapped = None, []
    run_virtual(main())
    assert tapped == [True]
