"""What goes to stdout and stderr, for a person, for a script, and on a terminal."""

from __future__ import annotations

import io
import json

import pytest

from host.cli.output import Output, OutputClosedError
from host.events import ErrorReport, Gap, LinkState, Notice, Partial, PositionFix, Saved, Sentence

SENTENCE = Sentence(t=1.0, text="hello there", start_s=61.5, end_s=62.0, language="en")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class ClosedPipe(io.StringIO):
    """A stream whose reader went away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def written(**options) -> tuple[Output, io.StringIO, io.StringIO]:
    stdout, stderr = io.StringIO(), io.StringIO()
    return Output(stdout, stderr, **options), stdout, stderr


def test_results_go_to_stdout_and_progress_to_stderr():
    out, stdout, stderr = written()
    out.event(LinkState(t=0, state="ready", detail="Frame 4F"))
    out.event(Partial(t=0, text="hel"))
    out.event(SENTENCE)
    out.event(Gap(t=2, start_s=3700.0, end_s=3704.25, reason="link lost"))
    out.event(Saved(t=3, id=4, path="talk.srt"))
    out.event(Notice(t=3, code="rough", message="the recogniser is rough", hint="Install a better one"))
    assert stdout.getvalue().splitlines() == [
        "0:01:01  hello there",
        "1:01:40  (4.2 s missing: link lost)",
        "saved: transcript 4, talk.srt",
    ]
    assert stderr.getvalue().splitlines() == [
        "glasses: ready (Frame 4F)",
        "note: the recogniser is rough. Install a better one",
    ]


def test_where_somebody_is_each_second_is_for_documents_and_maps():
    fix = PositionFix(t=1.0, lat=43.7, lon=7.4, accuracy_m=3.0)
    (out, stdout, stderr), (document, documents, _), watched = written(), written(json=True), []
    with out.watched(watched.append, print):
        out.event(fix)
    document.event(fix)
    assert (stdout.getvalue(), stderr.getvalue(), watched) == ("", "", [fix])
    assert json.loads(documents.getvalue()) == {"event": "fix", "t": 1.0, "lat": 43.7, "lon": 7.4, "accuracy_m": 3.0}


def test_json_is_one_object_a_line_and_nothing_else():
    out, stdout, stderr = written(json=True)
    out.line("not for a script")
    out.event(Partial(t=0.5, text="hel\n\x1b[2J"))
    out.event(SENTENCE)
    out.error("audio-input", "cannot read talk.wav", "Give a WAV or FLAC file")
    events = [json.loads(line) for line in stdout.getvalue().splitlines()]
    assert [e["event"] for e in events] == ["partial", "sentence", "error"]
    assert events[0]["text"] == "hel\n\x1b[2J"
    assert events[2]["code"] == "audio-input"
    assert "\x1b" not in stdout.getvalue()
    assert stderr.getvalue() == ""


def test_a_result_is_told_to_a_script_as_its_event_and_to_a_person_as_text():
    saved = Saved(t=3, id=4, path="talk.srt")
    said, scripted = written(), written(json=True)
    for out, _, _ in (said, scripted):
        out.told(saved, "transcript 4 is in talk.srt")
    assert said[1].getvalue() == "transcript 4 is in talk.srt\n"
    assert [json.loads(line)["event"] for line in scripted[1].getvalue().splitlines()] == ["saved"]


def test_a_note_names_commands_as_they_can_be_typed_and_leaves_what_was_said_alone(monkeypatch):
    monkeypatch.setattr("host.cli.installation.sys.argv", ["/some where/sidelight"])
    out, _, stderr = written()
    out.note("sidelight transcribe is a title", "Try: sidelight transcribe")
    assert stderr.getvalue() == "sidelight transcribe is a title. Try: '/some where/sidelight' transcribe\n"


def test_an_error_is_one_line():
    out, _, stderr = written()
    out.error("not-found", "no glasses called 'A\nB\x1b[31m' in range", "Wake them by a tap")
    assert stderr.getvalue() == "error: no glasses called 'A B�[31m' in range. Wake them by a tap\n"


def test_a_speaker_is_shown():
    out, stdout, _ = written()
    out.event(Sentence(t=0, text="yes", start_s=0, end_s=1, language="en", speaker="2"))
    assert stdout.getvalue().splitlines() == [
        "0:00:00  2: yes",
    ]


def test_live_line_is_redrawn_in_place_and_makes_room_for_results(monkeypatch):
    monkeypatch.setenv("COLUMNS", "24")
    terminal = Terminal()
    out = Output(terminal, terminal)
    out.level(-30.0)
    out.event(Partial(t=0, text="the quick brown fox\x1b[2J"))
    out.event(SENTENCE)
    out.close()
    assert terminal.getvalue().split("\r\x1b[K") == [
        "",
        "[#####-----] ",
        "[#####-----] …n fox�[2J",
        "0:01:01  hello there\n",
        "[#####-----] ",
        "",
    ]


def test_an_unchanged_live_line_is_not_written_again(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    out = Output(io.StringIO(), terminal)
    out.event(Partial(t=0, text="same"))
    once = terminal.getvalue()
    out.event(Partial(t=1, text="same"))
    assert terminal.getvalue() == once


@pytest.mark.parametrize("options", [{"plain": True}, {"json": True}])
def test_nothing_is_redrawn_where_that_is_not_wanted(options):
    terminal = Terminal()
    out = Output(io.StringIO(), terminal, colour=True, **options)
    out.level(-30.0)
    out.event(Partial(t=0, text="hel"))
    out.note("working")
    out.close()
    assert terminal.getvalue() == "working\n"


def test_colour_only_where_asked_for():
    plain, coloured = Terminal(), Terminal()
    Output(io.StringIO(), plain).error("x", "broken")
    Output(io.StringIO(), coloured, colour=True).error("x", "broken")
    assert plain.getvalue() == "error: broken\n"
    assert coloured.getvalue() == "\x1b[31merror: broken\x1b[0m\n"


def test_a_reader_that_went_away_is_told_apart_from_other_errors():
    out = Output(ClosedPipe(), io.StringIO())
    with pytest.raises(OutputClosedError):
        out.event(SENTENCE)


def test_events_count_from_the_start_of_the_program():
    times = iter([100.0, 102.5])
    out, stdout, _ = written(json=True, clock=lambda: next(times))
    out.error("x", "broken")
    assert json.loads(stdout.getvalue())["t"] == 2.5


def test_every_event_has_a_line_for_a_person():
    out, stdout, stderr = written()
    out.event(ErrorReport(t=0, code="x", message="broken"))
    assert stderr.getvalue() == "error: broken\n"
    assert stdout.getvalue() == ""
