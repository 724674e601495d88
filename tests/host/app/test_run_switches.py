"""Everyday mode asked for one thing right after another: nothing is lost, and undoing undoes what it says."""

from __future__ import annotations

import contextlib

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from run_desk import RunDesk

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
