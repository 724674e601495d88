"""Everyday mode asked for one thing right after another: nothing is lost, and undoing undoes what it says."""

from __future__ import annotations

import asyncio
import contextlib

import numpy as np
import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from caption_parts import Voice
from run_desk import RunDesk

from host.app.spoken_commands import SpokenCommands
from host.assistant.commands import Command
from host.backends import registry
from host.paths import data_folder
from host.store.transcripts import Transcripts

SPANISH = {"translate_to": "es", "translator": "phrasebook"}


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = RunDesk(tmp_path)
    desk.put_on(monkeypatch)
    return desk


def saved() -> list[list[str]]:
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        return [
            [entry.text for entry in store.entries(one.id) if entry.kind == "sentence"] for one in reversed(store.all())
        ]


def test_undoing_never_pauses_what_was_not_paused(desk):
    at = [(3.0, desk.do("pause")), (4.0, desk.do("translate")), (7.0, desk.do("undo"))]
    found = []
    at += [(t, lambda: found.append(desk.assistant.why_not("undo"))) for t in (6.0, 8.0)]
    desk.go([(0.5, "Hello."), (5.0, "Goodbye.")], lasts=18.0, settings=SPANISH, at=at)
    assert found == ["", "there is nothing to undo"]  # the pause ended with the transcript
    assert saved() == [["Hello."], ["Hello."], ["Hello.", "Goodbye."]]


def test_a_pause_that_was_ended_is_not_undone(desk):
    at = [(3.0, desk.do("pause")), (4.0, desk.do("resume"))]
    found = []
    at += [(4.5, lambda: found.append(desk.assistant.why_not("undo")))]
    desk.go([(0.5, "Hello.")], lasts=6.0, at=at)
    assert found == ["there is nothing to undo"]


def test_switching_twice_at_once_leaves_one_transcript_that_is_recorded(desk):
    at = [(3.0, desk.do("translate")), (3.0, desk.do("undo")), (9.0, desk.do("bookmark"))]
    desk.go([(0.5, "Hello."), (5.0, "Goodbye.")], lasts=18.0, settings=SPANISH, at=at)
    assert len(desk.told("bookmark")) == 1
    assert desk.seen_at(9.0)[-1] == "o"
    assert not desk.told("error")


def test_what_was_stopped_can_be_started_again_at_once(desk):
    at = [(4.0, desk.do("stop-captions")), (4.0, desk.do("captions"))]
    desk.go([(0.5, "Hello."), (5.0, "Goodbye.")], lasts=18.0, at=at)
    assert saved() == [["Hello."], ["Hello.", "Goodbye."]]


def test_who_stops_the_captions_goes_on_without_them(desk):
    desk.heard_by_glasses = True
    desk.go(
        [(0.5, "Hello.")], lasts=18.0, at=[(8.0, desk.do("stop-captions")), (12.0, desk.do("captions"))], until=40.0
    )
    assert saved() == [["Hello."], ["Hello."]]


def test_what_is_said_while_a_spoken_switch_is_understood_is_written_down(desk, monkeypatch):
    """The captions that end there are given what they were held back, however long that took."""

    async def heard(_commands, _sound, _language):
        await asyncio.sleep(4.0)  # a busy computer, or a language model
        return Command("translate", "translate what they say", 1.0)

    monkeypatch.setattr(SpokenCommands, "heard", heard)
    monkeypatch.setattr(registry, "voice_activity", Voice)
    sound = np.zeros(25 * 16000, np.int16)
    sound[6 * 16000 : 7 * 16000] = 4096
    at = [(8.0, desk.do("listen"))]
    desk.go([(0.5, "Hello."), (8.5, "Meanwhile.")], sound=sound, settings=SPANISH, at=at)
    assert [event.action for event in desk.told("action")] == ["captions", "listen", "translate"]
    assert "Meanwhile." in saved()[0]


def test_what_is_said_while_a_command_is_listened_to_is_saved_when_it_is_interrupted(desk, monkeypatch):
    async def heard(_commands, _sound, _language):
        await asyncio.sleep(60.0)
        return Command("price", "read the price tag", 1.0)

    monkeypatch.setattr(SpokenCommands, "heard", heard)
    monkeypatch.setattr(registry, "voice_activity", Voice)
    sound = np.zeros(25 * 16000, np.int16)
    sound[6 * 16000 : 7 * 16000] = 4096
    desk.go([(0.5, "Hello."), (8.5, "Meanwhile.")], sound=sound, at=[(8.0, desk.do("listen"))], until=13.0)
    assert saved() == [["Hello.", "Meanwhile."]]
