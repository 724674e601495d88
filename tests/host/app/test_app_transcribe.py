"""Captions and a transcript put together: emulated glasses or a file, a scripted recogniser, the real store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from caption_parts import pause, said
from glasses_end import write_wav

from firmware_bridge import GlassesError
from firmware_bridge.emulator.clock import run_virtual
from host.app.glasses import built_in_font, run_on_clock
from host.app.transcribe import Observer, Request, caption_style, transcribe
from host.audio import read_samples
from host.config import Settings
from host.errors import HostError, UsageError
from host.events import BatteryLevel, Bookmark, ErrorReport, Event, Gap, LinkState, Notice, Partial, Saved, Sentence
from host.lens.shape import FRAME
from host.paths import data_folder
from host.store.transcripts import Transcripts

SOUND = np.concatenate([pause(0.5), said("one", "two"), pause(1.0), said("three"), pause(2.0)])
SCRIPT = "0.5 0.8 Hello\n0.8 1.1 there.\n\n2.1 2.4 Goodbye.\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def talk(tmp_path) -> Path:
    (tmp_path / "script.txt").write_text(SCRIPT)
    return write_wav(tmp_path / "talk.wav", SOUND)


def settings(talk: Path, uri: str = "", **changes) -> Settings:
    glasses = uri or f"emulator:frame?mic={talk}&speed=max"
    return Settings(
        **{"transcriber": "scripted", "model": str(talk.parent / "script.txt"), "glasses": glasses} | changes
    )


def run(request: Request, watcher: Observer) -> int:
    return run_on_clock(transcribe(request, watcher), request.settings.glasses)


def observer(events: list[Event]) -> Observer:
    return Observer(event=events.append, elapsed=lambda: 0.0)


def saved() -> list[list[str]]:
    """The texts of every transcript in the store, oldest first."""
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        return [[entry.text for entry in store.entries(t.id)] for t in reversed(store.all())]


def test_from_the_glasses_microphone_to_the_store(talk):
    events: list[Event] = []
    number = run(Request(settings=settings(talk)), observer(events))
    assert saved() == [["Hello there.", "Goodbye."]]
    assert [e.text for e in events if isinstance(e, Sentence)] == ["Hello there.", "Goodbye."]
    assert [e.text for e in events if isinstance(e, Partial)] == ["Hello", "Hello there.", "Goodbye."]
    assert [e.state for e in events if isinstance(e, LinkState)] == ["connecting", "uploading", "ready"]
    assert [e.percent for e in events if isinstance(e, BatteryLevel)] == [80]
    assert [e.code for e in events if isinstance(e, Notice)] == ["recogniser", "scripted"]
    end = events[-1]
    assert isinstance(end, Saved)
    assert end.id == number
    assert end.path == str(data_folder() / "sidelight.db")
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        assert store.get(number).state == "complete"


def test_a_file_without_glasses(talk):
    events: list[Event] = []
    run(Request(settings=settings(talk, "none"), audio=str(talk)), observer(events))
    assert saved() == [["Hello there.", "Goodbye."]]
    assert not [e for e in events if isinstance(e, LinkState)]


def test_a_file_on_the_lens_is_played_no_faster_than_it_was_spoken(talk):
    async def main() -> float:
        await transcribe(Request(settings=settings(talk, "emulator:frame"), audio=str(talk)), observer([]))
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) > len(SOUND) / 16000


def test_the_transcript_is_exported_at_the_end(talk, tmp_path):
    events: list[Event] = []
    run(Request(settings=settings(talk), out=tmp_path / "talk.srt"), observer(events))
    assert "Hello there." in (tmp_path / "talk.srt").read_text()
    assert events[-1].path == str(tmp_path / "talk.srt")


def test_an_export_that_fails_at_the_end_is_told_and_the_transcript_is_safe(talk, tmp_path):
    (tmp_path / "out").mkdir()
    events: list[Event] = []

    def watch(event: Event) -> None:
        events.append(event)
        if isinstance(event, Sentence) and (tmp_path / "out").exists():
            (tmp_path / "out").rmdir()

    request = Request(settings=settings(talk), out=tmp_path / "out" / "talk.txt")
    run(request, Observer(event=watch, elapsed=lambda: 0.0))
    assert [e.message for e in events if isinstance(e, ErrorReport)] == [f"there is no folder {tmp_path / 'out'}"]
    assert events[-1].path == str(data_folder() / "sidelight.db")
    assert saved() == [["Hello there.", "Goodbye."]]


def test_the_sound_is_kept_only_if_asked_and_bit_for_bit(talk, home):
    run(Request(settings=settings(talk)), observer([]))
    assert not (home / "data" / "audio").exists()
    number = run(Request(settings=settings(talk, keep_audio=True)), observer([]))
    kept = read_samples(home / "data" / "audio" / f"{number}.flac")
    assert len(kept) > 2.5 * 16000
    assert (kept == SOUND[: len(kept)]).all()


def test_a_title_is_given_and_a_bad_one_leaves_no_transcript(talk):
    number = run(Request(settings=settings(talk), title="Monday  meeting"), observer([]))
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        assert store.get(number).title == "Monday meeting"
    with pytest.raises(HostError, match="at most 200"):
        run(Request(settings=settings(talk), title="x" * 201), observer([]))
    assert len(saved()) == 1


def test_an_error_with_the_glasses_is_not_to_be_sought_among_notes(talk):
    for uri in ("bluetooth:x", "emulator:frame?paired=other&speed=max"):
        events: list[Event] = []
        with pytest.raises(GlassesError):
            run(Request(settings=settings(talk, uri)), observer(events))
        assert not [e for e in events if isinstance(e, Notice)]


def test_what_breaks_off_before_anything_was_heard_leaves_no_transcript(talk, home):
    (talk.parent / "script.txt").write_text("50 51 later\n")

    async def interrupted(request: Request, after_s: float) -> list[Event]:
        events: list[Event] = []
        task = asyncio.create_task(transcribe(request, observer(events)))
        await asyncio.sleep(after_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return events

    looped = settings(talk, f"emulator:frame?mic={talk}&loop=1")
    for after_s in (0.0, 0.5, 2.0, 8.0):
        events = run_virtual(interrupted(Request(settings=looped, title="nothing"), after_s))
        assert not [e for e in events if isinstance(e, Saved)]
    assert [e.code for e in events if isinstance(e, Notice)][-1] == "nothing-heard"
    run_virtual(interrupted(Request(settings=replace(looped, keep_audio=True)), 8.0))
    assert len(saved()) == 1  # its sound was kept


def test_a_recording_without_words_is_saved_and_says_so(talk):
    (talk.parent / "script.txt").write_text("50 51 later\n")
    events: list[Event] = []
    run(Request(settings=settings(talk)), observer(events))
    assert [type(e).__name__ for e in events[-2:]] == ["Notice", "Saved"]
    assert saved() == [[]]


def test_sound_that_cannot_be_kept_leaves_no_transcript(talk, home):
    (home / "data").mkdir(parents=True)
    (home / "data" / "audio").write_text("a file")
    with pytest.raises(HostError, match="is a file where a folder must be"):
        run(Request(settings=settings(talk, keep_audio=True)), observer([]))
    assert saved() == []


def test_earlier_pictures_are_replaced_only_when_told_to(talk, tmp_path):
    folder = tmp_path / "lens"
    folder.mkdir()
    (folder / "lens-007.png").write_text("mine")
    (folder / "thesis.png").write_text("mine")
    with pytest.raises(UsageError, match="holds pictures of the lens already") as refused:
        run(Request(settings=settings(talk), lens_out=folder), observer([]))
    assert "--force" in refused.value.hint
    assert (folder / "lens-007.png").read_text() == "mine"
    run(Request(settings=settings(talk), lens_out=folder, replace=True), observer([]))
    assert sorted(p.name for p in folder.iterdir()) == ["lens-001.png", "lens-002.png", "lens.gif", "thesis.png"]


def test_pictures_of_the_emulated_lens_can_be_had(talk, tmp_path):
    run(Request(settings=settings(talk), lens_out=tmp_path / "lens"), observer([]))
    assert sorted(p.name for p in (tmp_path / "lens").iterdir()) == ["lens-001.png", "lens-002.png", "lens.gif"]
    with pytest.raises(HostError, match="no lens to picture"):
        run(Request(settings=settings(talk, "none"), audio=str(talk), lens_out=tmp_path / "lens"), observer([]))


def test_interrupted_it_saves_what_was_said(talk):
    events: list[Event] = []

    async def main() -> None:
        speaking = asyncio.Event()

        def watch(event: Event) -> None:
            events.append(event)
            if isinstance(event, Partial):
                speaking.set()

        request = Request(settings=settings(talk, f"emulator:frame?mic={talk}&loop=1"))
        task = asyncio.create_task(transcribe(request, Observer(event=watch, elapsed=lambda: 0.0)))
        await speaking.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main())
    assert isinstance(events[-1], Saved)
    assert saved() == [["Hello"]] or saved() == [["Hello there."]]


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_killed_at_once_it_has_every_sentence_that_was_reported(talk):
    (talk.parent / "script.txt").write_text("".join(f"{k / 10} {k / 10 + 0.05} word{k}\n\n" for k in range(1, 200)))
    program = (
        "from host.app.glasses import *; from host.app.transcribe import *\n"
        "from host.config import Settings; from host.events import *\n"
        f"s = Settings(transcriber='scripted', model={str(talk.parent / 'script.txt')!r},"
        f" glasses='emulator:frame?mic={talk}&loop=1&speed=4')\n"
        "o = Observer(event=lambda e: print(to_json(e), flush=True), elapsed=lambda: 0.0)\n"
        "run_on_clock(transcribe(Request(settings=s), o), s.glasses)"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ.copy())
    reported = []
    with child:
        for line in child.stdout:
            if '"event":"sentence"' in line:
                reported.append(line.split('"text":"')[1].split('"')[0])
            if len(reported) == 5:
                child.send_signal(signal.SIGKILL)
                reported += [x.split('"text":"')[1].split('"')[0] for x in child.stdout if '"event":"sentence"' in x]
    assert len(reported) >= 5
    texts = saved()[0]
    assert texts[: len(reported)] == reported
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        assert store.all()[0].state == "interrupted"


@pytest.mark.parametrize(
    ("changes", "audio", "error", "hint"),
    [
        ({"glasses": "none"}, "glasses", "without glasses there is no microphone", "--audio FILE"),
        (
            {"glasses": "emulator:frame?speed=max"},
            "mic",
            "the computer's microphone cannot be sped up",
            "speed=max",
        ),
        ({}, "nothing.wav", "there is no file 'nothing.wav'", "Check its name"),
        ({"transcriber": "whispr"}, "glasses", "there is no recogniser 'whispr'", "There are auto"),
        ({"model": "nowhere"}, "glasses", "there is no script at 'nowhere'", "--model"),
        ({"glasses": "emulator:frame?mick=a.wav"}, "glasses", "mick", "mic"),
        ({"glasses": "emulator:frame?mic=a&b.wav"}, "glasses", "unknown part 'b.wav'", "Write & inside a value as %26"),
        ({"glasses": "my talk.wav"}, "glasses", "is a sound file, not glasses", "'emulator:frame?mic=my talk.wav'"),
        ({"glasses": "a&b.flac"}, "glasses", "is a sound file", "--audio 'a&b.flac' --glasses none"),
        ({"glasses": "a&b.flac"}, "glasses", "is a sound file", "'emulator:frame?mic=a%26b.flac'"),
        ({"glasses": "emulator:halo2"}, "glasses", "halo2", "frame"),
        ({"glasses": "bluetooth:x"}, "glasses", "'bluetooth:x' is no address of glasses", "Write ble:"),
    ],
)
def test_what_cannot_start_says_why_and_leaves_no_transcript(talk, changes, audio, error, hint):
    with pytest.raises((HostError, GlassesError)) as raised:
        run(Request(settings=settings(talk, **changes), audio=audio), observer([]))
    assert error in raised.value.message
    assert hint in raised.value.hint + raised.value.message
    assert saved() == []


def test_glasses_of_somebody_else_leave_no_transcript(talk):
    with pytest.raises(GlassesError, match="paired with another computer"):
        run(Request(settings=settings(talk, "emulator:frame?paired=other&speed=max")), observer([]))
    assert saved() == []


@pytest.mark.parametrize(
    ("name", "error"),
    [("there.txt", "is there already"), ("talk.doc", "names no format"), ("no/talk.txt", "there is no folder")],
)
def test_where_it_cannot_be_exported_is_known_before_anything_is_recorded(talk, tmp_path, name, error):
    (tmp_path / "there.txt").write_text("mine")
    with pytest.raises(HostError, match=error):
        run(Request(settings=settings(talk), out=tmp_path / name), observer([]))
    assert (tmp_path / "there.txt").read_text() == "mine"
    assert not data_folder().exists()


def test_an_unusable_data_folder_is_known_before_anything_is_recorded(talk, home):
    home.mkdir()
    (home / "data").write_text("a file")
    with pytest.raises(HostError) as raised:
        run(Request(settings=settings(talk)), observer([]))
    assert raised.value.code == "store"
    assert str(home / "data") in raised.value.message


def test_the_style_follows_the_settings():
    plain = caption_style(Settings(), FRAME)
    assert (plain.lines, plain.dark_after_s) == (3, 30.0)
    assert plain.font.width("word") == built_in_font(FRAME).width("word")
    assert plain.spoken != plain.tail
    large = caption_style(Settings(captions_size="large", captions_lines=3), FRAME)
    assert large.lines == 2
    assert large.font.width("word") > plain.font.width("word")
    assert large.line_gap > plain.line_gap
    high = caption_style(Settings(captions_contrast="high"), FRAME)
    assert {high.spoken, high.tail, high.note} == {"white"}
    assert caption_style(Settings(captions_lines=1), FRAME).lines == 1


def test_taps_set_bookmarks_and_pause(talk, tmp_path):
    (tmp_path / "long.txt").write_text("".join(f"{n:.1f} {n + 0.5:.1f} word{n}\n\n" for n in range(1, 30)))
    (tmp_path / "taps.txt").write_text("6\n10 double\n20 double\n")
    sound = write_wav(tmp_path / "long.wav", np.concatenate([said("one", "two"), pause(0.4)] * 30))
    asked = settings(sound, f"emulator:frame?mic={sound}&taps={tmp_path / 'taps.txt'}&speed=max")
    events: list[Event] = []
    run(Request(settings=replace(asked, model=str(tmp_path / "long.txt"))), observer(events))
    (mark,) = [e for e in events if isinstance(e, Bookmark)]
    (gap,) = [e for e in events if isinstance(e, Gap) and e.reason == "paused"]
    assert gap.end_s - gap.start_s == pytest.approx(10.0, abs=0.3)
    assert gap.start_s - mark.start_s == pytest.approx(4.25, abs=0.5)
    heard = [e for e in events if isinstance(e, Sentence)]
    assert not [e for e in heard if gap.start_s + 0.6 < e.start_s < gap.end_s - 0.6]
    assert [e for e in heard if e.start_s > gap.end_s]
    assert [e.code for e in events if isinstance(e, Notice)][2:] == ["paused", "resumed"]
