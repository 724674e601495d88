"""The program around the verbs: help, exit codes, errors, signals, a reader that goes away."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from host.cli import main, program
from host.cli.interrupts import ONE_PRESS_S
from host.errors import AudioInputError, UsageError

ROOT = Path(__file__).parents[3]

# A verb that does what its argument says; written to a file so that the program imports it as it does its own.
PROBE = '''
"""Does what it is told."""
import asyncio, logging, sys, time
from host.cli.interrupts import at_once, stoppable
from host.cli.options import add_output_options, add_settings, examples, settings_of
from host.errors import AudioInputError, UsageError
from host.events import Sentence

def add_arguments(parser):
    parser.epilog = examples("sidelight probe ok", "sidelight probe fail")
    parser.add_argument("what")
    parser.add_argument("--number", type=int, default=0)
    add_settings(parser, "language", "captions.lines", "keep_audio")
    add_output_options(parser)

def run(args, out):
    match args.what:
        case "ok":
            settings = settings_of(args)
            out.line(f"did it {args.number} {settings.captions_lines} {settings.keep_audio} {settings.language}")
        case "fail":
            raise AudioInputError("cannot read talk.mp4", "Give a WAV or FLAC file")
        case "usage":
            raise UsageError("no such thing", "Name another")
        case "group":
            raise ExceptionGroup("tasks", [ExceptionGroup("inner", [ValueError("x"), AudioInputError("it was this")])])
        case "bug":
            raise ZeroDivisionError("1/0\\n\\x1b[2J")
        case "log":
            logging.getLogger("host.probe").warning("something \x1b[2J odd")
            logging.getLogger("library").error("a library failed")
        case "wait":
            asyncio.run(wait(out))
        case "finish":
            asyncio.run(stoppable(lambda: finish(out)))
        case "load":
            with at_once():
                out.line("waiting")
                try:
                    time.sleep(60)
                except KeyboardInterrupt:
                    raise ImportError("as a library in C does")
        case "talk":
            while True:
                out.event(Sentence(t=0, text="blah", start_s=0, end_s=1, language="en"))
    return 0

async def wait(out):
    try:
        out.line("waiting")
        await asyncio.sleep(60)
    finally:
        out.line("saved what there was")

async def finish(out):
    work = asyncio.create_task(asyncio.sleep(60))
    out.line("waiting")
    try:
        await work
    except asyncio.CancelledError:
        try:
            out.line("finishing")
            await asyncio.sleep(2)
            out.line("finished")
        except asyncio.CancelledError:
            out.line("dropped")
        raise
'''

LAUNCH = """
import sys
from host.cli import main, program
program.VERBS = (program.Verb("probe", "probe_verb", "a probe"),)
sys.exit(main())
"""


@pytest.fixture
def probe(tmp_path, monkeypatch):
    (tmp_path / "probe_verb.py").write_text(PROBE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(program, "VERBS", (program.Verb("probe", "probe_verb", "a probe"),))
    yield
    sys.modules.pop("probe_verb", None)


def launch(tmp_path: Path, *words: str, **options) -> subprocess.Popen[str]:
    (tmp_path / "probe_verb.py").write_text(PROBE, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCH, *words],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": ""},
        **options,
    )


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_lists_every_verb(capsys, words):
    assert main(words) == 0
    shown = capsys.readouterr().out
    for verb in program.VERBS:
        assert f"  {verb.name} " in shown
        assert verb.help in shown


def test_every_verb_has_help_with_examples(capsys):
    for verb in program.VERBS:
        with pytest.raises(SystemExit) as ended:
            main([verb.name, "--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert "examples:\n  sidelight " + verb.name in shown


def test_the_help_of_transcribe_says_that_a_language_can_be_recognised(capsys):
    with pytest.raises(SystemExit):
        main(["transcribe", "--help"])
    assert "auto: whisper and openai recognise it" in " ".join(capsys.readouterr().out.split())


def test_help_loads_no_heavy_library():
    code = (
        "import sys; from host.cli import main; main(['--help']); "
        "print(' '.join({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = {"numpy", "asyncio", "bleak", "lupa", "PIL", "sqlite3", "logging", "pocketsphinx", "soundfile", "email"}
    assert loaded & heavy == set()
    assert "firmware_bridge" not in loaded


def test_both_ways_to_start_it_load_little_before_they_are_ready_for_ctrl_c():
    code = "import sys, host.cli, host.cli.__main__; print('host.cli.program' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["prob"], 2, "error: unknown verb prob; did you mean probe? See sidelight --help"),
        (["--jsno"], 2, "error: unknown argument --jsno. See sidelight --help"),
        (["probe"], 2, "error: the following arguments are required: what. See sidelight probe --help"),
        (
            ["probe", "ok", "--lenguage", "de"],
            2,
            "error: unknown argument --lenguage; did you mean --language? See sidelight probe --help",
        ),
        (["probe", "ok", "--number", "x"], 2, "argument --number: invalid int value: 'x'. See sidelight probe --help"),
        (["probe", "usage"], 2, "error: no such thing. Name another"),
        (["probe", "fail"], 1, "error: cannot read talk.mp4. Give a WAV or FLAC file"),
        (["probe", "group"], 1, "error: it was this"),
        (["probe", "bug"], 1, "error: unexpected ZeroDivisionError: 1/0 �[2J. This is a bug; --log debug shows where"),
    ],
)
def test_an_error_is_one_line_on_stderr_and_an_exit_code(probe, capsys, words, code, message):
    assert main(words) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith(message + "\n")
    assert shown.err.count("\n") == 1


def test_with_json_an_error_is_an_event(probe, capsys):
    assert main(["probe", "fail", "--json"]) == 1
    shown = capsys.readouterr()
    event = json.loads(shown.out)
    assert (event["event"], event["code"]) == ("error", AudioInputError.code)
    assert event["hint"] == "Give a WAV or FLAC file"
    assert shown.err == ""


def test_wrong_usage_with_json_is_an_event_too(probe, capsys):
    assert main(["probe", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["code"] == UsageError.code


def test_flags_overrule_the_configuration_file(probe, capsys, tmp_path, monkeypatch):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('language = "de"\nkeep_audio = true\ncaptions.lines = 1\n')
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    assert main(["probe", "ok", "--number", "3", "--captions-lines", "2", "--no-keep-audio"]) == 0
    assert capsys.readouterr().out == "did it 3 2 False de\n"


def test_a_bug_is_shown_with_its_place_when_asked(probe, capsys):
    assert main(["probe", "bug", "--log", "debug"]) == 1
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "probe_verb.py" in shown


def test_warnings_are_logged_only_when_asked_for_and_never_raw(probe, capsys):
    assert main(["probe", "log"]) == 0
    assert [line.split(": ", 1)[1] for line in capsys.readouterr().err.splitlines()] == ["a library failed"]
    assert main(["probe", "log", "--log", "warning"]) == 0
    shown = [line.split(": ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    assert shown == ["something �[2J odd", "a library failed"]
    assert logging.getLogger("host").level == logging.NOTSET


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sidelight ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_termination_let_the_verb_save_and_end_with_130(tmp_path, number):
    assert_saves_when_sent(launch(tmp_path, "probe", "wait"), number)


def test_a_background_job_ignores_ctrl_c_and_still_saves_when_terminated(tmp_path):
    process = launch(tmp_path, "probe", "wait", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    process.send_signal(signal.SIGINT)
    assert_saves_when_sent(process, signal.SIGTERM)


def assert_saves_when_sent(process: subprocess.Popen[str], number: signal.Signals) -> None:
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=20)
    assert stdout == "saved what there was\n"
    assert stderr == ""
    assert process.returncode == 130


@pytest.mark.parametrize("pauses_s", [(), (0.0, 0.0), (0.02,), (0.02, 0.1)])
def test_ctrl_c_that_comes_several_times_at_once_is_one_wish(tmp_path, pauses_s):
    process = launch(tmp_path, "probe", "finish")
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    for pause_s in pauses_s:
        time.sleep(pause_s)
        process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == ("finishing\nfinished\n", "")
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_does_not_wait_for_the_end(tmp_path, number):
    process = launch(tmp_path, "probe", "finish")
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "finishing\n"
    time.sleep(1.5 * ONE_PRESS_S)
    process.send_signal(number)
    assert process.communicate(timeout=20) == ("dropped\n", "")
    assert process.returncode == 130


def test_ctrl_c_while_libraries_are_loaded_ends_it_whatever_they_make_of_it(tmp_path):
    process = launch(tmp_path, "probe", "load")
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 130


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device is Linux's")
@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["probe", "--help"], ["probe", "ok"], ["probe", "talk", "--json"]]
)
def test_output_that_cannot_be_written_is_said(tmp_path, words):
    (tmp_path / "probe_verb.py").write_text(PROBE, encoding="utf-8")
    with Path("/dev/full").open("w") as full:
        environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
        done = subprocess.run(
            [sys.executable, "-c", LAUNCH, *words], stdout=full, stderr=subprocess.PIPE, env=environment, check=False
        )
    complaint = b"error: the output could not be written: no space left on device. Send it to another place\n"
    assert (done.returncode, done.stderr) == (1, complaint)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device is Linux's")
def test_notes_that_cannot_be_written_stop_nothing(tmp_path):
    (tmp_path / "probe_verb.py").write_text(PROBE, encoding="utf-8")
    with Path("/dev/full").open("w") as full:
        environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
        command = [sys.executable, "-c", LAUNCH, "probe", "log"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, env=environment, check=False)
    assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell's")
def test_closed_output_swallows_it(tmp_path):
    (tmp_path / "probe_verb.py").write_text(PROBE, encoding="utf-8")
    command = ["/bin/sh", "-c", '"$0" -c "$1" probe ok >&- 2>&-', sys.executable, LAUNCH]
    done = subprocess.run(command, env={"PYTHONPATH": f"{ROOT}:{tmp_path}"}, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("words", [["probe", "talk"], ["probe", "talk", "--json"]])
def test_a_reader_that_goes_away_ends_it_quietly(tmp_path, words):
    process = launch(tmp_path, *words)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=20) == 1
    process.stderr.close()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["probe", "--help"]])
def test_help_to_a_reader_that_went_away_is_quiet(tmp_path, words):
    reader, writer = os.pipe()
    os.close(reader)
    (tmp_path / "probe_verb.py").write_text(PROBE, encoding="utf-8")
    with os.fdopen(writer, "wb") as gone:
        environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
        done = subprocess.run(
            [sys.executable, "-c", LAUNCH, *words], stdout=gone, stderr=subprocess.PIPE, env=environment, check=False
        )
    assert done.stderr == b""


def test_a_terminal_that_lacks_characters_gets_replacements(tmp_path):
    process = launch(tmp_path, "probe", "fäil")
    process.communicate(timeout=20)
    process = subprocess.run(
        [sys.executable, "-c", LAUNCH, "prübe"],
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert process.returncode == 2
    assert b"unknown verb pr?be; did you mean probe?" in process.stderr
