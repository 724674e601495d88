"""Sentences get their speakers: in the journal, in events, on the lens; and what happens when that fails."""

from __future__ import annotations

import caption_parts as parts
from transcription_runs import Run

from host.contracts import Voice
from host.events import Notice, Sentence, SpeakerMerged

LOW, HIGH, MIDDLE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.8, 0.6, 0.0)
WAYS = {"one": LOW, "two": HIGH, "three": MIDDLE, "four": (0.0, 0.0, 0.0)}


def turns(*words, seconds=2.4):
    """Sentences of eight words each, all the same word."""
    return tuple(sound for w in words for sound in (parts.said(*[w] * 8, each_s=seconds / 8), parts.pause(1.0)))


def spoken(font, *words, known=(), failures=(), **more):
    run = Run(parts.Microphone(turns(*words, **more)), embedder=parts.Embedder(WAYS, list(failures)), known=known)
    return run.go(font)


def test_sentences_are_told_apart_by_voice(font):
    run = spoken(font, "one", "two", "one", "four")
    assert [e.speaker for e in run.of(Sentence)] == ["1", "2", "1", None]
    assert [e.speaker for e in run.journal.entries] == ["1", "2", "1", None]
    assert run.journal.voices[-1] == (["1", "2"], {})
    assert any(line.startswith("1: one") for lines in run.lens.history for line in lines)
    assert any(line.startswith("2: two") for lines in run.lens.history for line in lines)
    # The sound of each sentence is what its embedding is made of.
    assert all(abs(length - 2.4 * 16000) < 1100 for length in run.embedder.lengths)


def test_who_is_known_is_called_by_name(font):
    run = spoken(font, "two", "one", known=(Voice("Ann", LOW, 9.0),))
    assert [e.speaker for e in run.of(Sentence)] == ["1", "Ann"]
    assert any(line.startswith("Ann: one") for lines in run.lens.history for line in lines)


def test_voices_that_become_one_are_told(font):
    ways = WAYS | {"two": (0.39, 0.92, 0.0), "three": (0.95, 0.31, 0.0), "five": (0.883, 0.469, 0.0)}
    run = Run(
        parts.Microphone(turns("one", "two", *["five"] * 5, "two", seconds=3.2)),
        embedder=parts.Embedder(ways, info=parts.EmbedderInfo("coded", alike=0.42, unlike=0.41)),
    ).go(font)
    assert [(e.speaker, e.into) for e in run.of(SpeakerMerged)] == [("2", "1")]
    assert run.journal.voices[-1] == (["1"], {"2": "1"})
    assert [e.speaker for e in run.of(Sentence)][-1] == "1"


def test_an_embedder_that_fails_costs_labels_only_and_is_told_once(font):
    failing = parts.failing(retry=True)
    run = spoken(font, "one", "two", "one", "one", failures=[None, failing, failing])
    assert [e.speaker for e in run.of(Sentence)] == ["1", None, None, "1"]
    assert [(e.code, e.message) for e in run.of(Notice)] == [("speakers-untold", "the server does not answer")]


def test_a_speaker_that_the_recogniser_gives_is_left_alone(font, monkeypatch):
    made = parts.Session._hypothesis
    monkeypatch.setattr(
        parts.Session, "_hypothesis", lambda self, *, final: parts.replace(made(self, final=final), speaker="7")
    )
    run = spoken(font, "one")
    assert [e.speaker for e in run.of(Sentence)] == ["7"]
    assert run.embedder.lengths == []
