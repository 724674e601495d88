"""Who speaks: listed, named, remembered by voice, forgotten; what is kept of a voice, and for how long."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from host.contracts import JournalEntry, Voice
from host.errors import NoSuchTranscriptError, UsageError
from host.store.journal import SqliteJournal
from host.store.voices import Known, Voices

MODEL = "voices.onnx"
LOW, HIGH = Voice("1", (1.0, 0.0), 4.0), Voice("2", (0.0, 2.0), 2.0)


def sentence(start_s, text, speaker):
    return JournalEntry("sentence", start_s, start_s + 1.5, text, "en", speaker=speaker)


@pytest.fixture
def voices(folder):
    with contextlib.closing(Voices.open(folder)) as opened:
        yield opened


@pytest.fixture
def meeting(folder, started):
    """A transcript in which 1, 2 and somebody unknown speak; its number."""

    def record(*voices, merged=None):
        with contextlib.closing(SqliteJournal.open(folder, started)) as journal:
            journal.add(sentence(0.0, "Hello.", "1"))
            journal.add(sentence(2.0, "Good morning to all of you.", "2"))
            journal.add(sentence(4.0, "What about the budget?", "1"))
            journal.add(sentence(6.0, "Yes.", None))
            journal.keep_voices(MODEL, voices or (LOW, HIGH), merged or {})
            return journal.id

    return record


def labels(store, number):
    return [entry.speaker for entry in store.entries(number)]


def test_speakers_are_listed_with_times_and_a_sample(voices, meeting):
    number = meeting(LOW)
    first, second = voices.of(number)
    assert (first.label, first.sentences, first.seconds, first.first_s, first.last_s) == ("1", 2, 3.0, 0.0, 5.5)
    assert first.sample == "What about the budget?"
    assert (first.voice, second.voice) == (True, False)
    assert voices.of(99) == []


def test_a_name_is_learned_once_and_nobody_else_is_remembered(voices, store, meeting):
    number = meeting()
    assert voices.known() == voices.remembered(MODEL) == []
    voices.name(number, ("1", "  Ann  Lee "))
    assert labels(store, number) == ["Ann Lee", "2", "Ann Lee", None]
    assert voices.known() == [Known("Ann Lee", 4.0, 1)]
    assert voices.remembered(MODEL) == [Voice("Ann Lee", (4.0, 0.0), 4.0)]
    assert voices.remembered("another") == []
    assert [hit.start_s for hit in store.search("ann")] == [0.0, 4.0]


def test_a_name_is_given_and_remembered_or_neither(voices, store, meeting):
    number = meeting()
    with contextlib.closing(sqlite3.connect(voices._database.path)) as other:
        other.execute(
            "CREATE TRIGGER broken BEFORE UPDATE OF named ON voice BEGIN SELECT RAISE(ABORT, 'power cut'); END"
        )
        other.commit()
    with pytest.raises(sqlite3.IntegrityError, match="power cut"):
        voices.name(number, ("1", "Ann"))
    assert labels(store, number) == ["1", "2", "1", None]


def test_several_are_named_at_once_or_none_is(voices, store, meeting):
    number = meeting()
    for wrong in (("9", "Bob"), ("2", " ")):
        with pytest.raises(UsageError):
            voices.name(number, ("1", "Ann"), wrong)
        assert labels(store, number) == ["1", "2", "1", None]
    voices.name(number, ("1", "Ann"), ("2", "Bob"), ("Ann", "Eve"))
    assert labels(store, number) == ["Eve", "Bob", "Eve", None]
    assert [known.name for known in voices.known()] == ["Bob", "Eve"]


def test_a_voice_of_two_transcripts_is_their_mean_by_length(voices, meeting):
    voices.name(meeting(LOW), ("1", "Ann"))
    voices.name(meeting(Voice("1", (0.0, 7.0), 1.0)), ("1", "Ann"))
    assert voices.known() == [Known("Ann", 5.0, 2)]
    assert voices.remembered(MODEL) == [Voice("Ann", (4.0, 1.0), 5.0)]


def test_a_wrong_name_is_put_right(voices, store, meeting):
    number = meeting()
    voices.name(number, ("1", "Bob"))
    voices.name(number, ("Bob", "Ann"))
    assert [known.name for known in voices.known()] == ["Ann"]
    voices.name(number, ("Ann", "Ann"))
    assert [known.name for known in voices.known()] == ["Ann"]
    assert store.search("bob") == []


def test_two_labels_of_one_voice_are_put_together_without_a_name(voices, store, meeting):
    number = meeting()
    voices.name(number, ("2", "1"))
    assert labels(store, number) == ["1", "1", "1", None]
    assert voices.known() == []
    voices.name(number, ("1", "Ann"))
    (ann,) = voices.remembered(MODEL)
    assert (ann.embedding[0] / ann.embedding[1], ann.seconds) == (2.0, 6.0)


@pytest.mark.parametrize(
    ("label", "name", "message"),
    [
        ("3", "Ann", "nobody in transcript 1 is called 3"),
        ("Ann", "Bob", "nobody in transcript 1 is called Ann"),
        ("1", "7", "nobody in transcript 1 is called 7"),
        ("1", " ", "a name needs at least one character"),
        ("1", "x" * 61, "a name has at most 60 characters"),
    ],
)
def test_names_that_cannot_be(voices, store, meeting, label, name, message):
    number = meeting()
    with pytest.raises(UsageError, match=message):
        voices.name(number, (label, name))
    assert labels(store, number) == ["1", "2", "1", None]
    with pytest.raises(NoSuchTranscriptError):
        voices.name(9, (label, "Ann"))


def test_a_recording_is_not_named_while_it_runs(voices, folder, started):
    with contextlib.closing(SqliteJournal.open(folder, started)) as journal:
        journal.add(sentence(0.0, "Hello.", "1"))
        with pytest.raises(UsageError, match="is being recorded"):
            voices.name(journal.id, ("1", "Ann"))


def test_voices_that_turn_out_to_be_one_are_one_in_what_was_said(voices, store, meeting):
    number = meeting(Voice("1", (1.0, 0.0), 6.0), merged={"2": "1"})
    assert labels(store, number) == ["1", "1", "1", None]
    assert [speaker.label for speaker in voices.of(number)] == ["1"]


def test_a_deleted_transcript_takes_its_voices_along_but_not_the_names(voices, store, meeting):
    number = meeting()
    voices.name(number, ("1", "Ann"))
    store.delete([number])
    assert voices.known() == [Known("Ann", 4.0, 1)]
    voices.forget("Ann")
    assert voices.known() == []


def test_a_forgotten_voice_is_nowhere_in_the_file(voices, store, meeting, folder):
    number = meeting(Voice("1", (0.123456, 0.654321), 4.0))
    data = b"\x80\xd6\xfc="  # 0.123456 as a 32-bit float
    voices.name(number, ("1", "Ann"))
    assert any(data in path.read_bytes() for path in folder.glob("sidelight.db*"))
    voices.forget("Ann")
    assert not any(data in path.read_bytes() for path in folder.glob("sidelight.db*"))
    assert labels(store, number) == ["Ann", "2", "Ann", None]
    with pytest.raises(UsageError, match="no voice is remembered as Ann"):
        voices.forget("Ann")
    assert [speaker.voice for speaker in voices.of(number)] == [False, False]


def test_what_is_discarded_leaves_no_voice(voices, folder, started):
    journal = SqliteJournal.open(folder, started)
    journal.keep_voices(MODEL, [LOW], {})
    journal.discard()
    assert voices.known() == []
    with pytest.raises(ValueError, match="closed"):
        journal.keep_voices(MODEL, [LOW], {})


@pytest.mark.parametrize("hostile", ["'; DROP TABLE voice; --", '" OR *', "a\x1b[31mb", "=1+1", "Ann\nBob", "\udcff"])
def test_a_name_is_data(voices, store, meeting, hostile):
    number = meeting()
    voices.name(number, ("1", hostile))
    assert len(voices.known()) == 1
    assert labels(store, number)[0] == voices.known()[0].name
    voices.forget(hostile)
    assert voices.known() == []
