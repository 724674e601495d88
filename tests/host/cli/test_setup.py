"""`sidelight setup`, as a user runs it: in a terminal, by flags, and with everything that can be wrong."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.app.demo_speech import recording
from host.app.setup.steps import AGAIN
from host.cli import main
from host.cli import setup as setup_verb
from host.models.installed import ModelFolder

ROOT = Path(__file__).parents[3]
SETTLED = ["--language", "en", "--to", "de", "--currency", "EUR", "--model", "none"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("SIDELIGHT_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path / "home"


def written(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "config" / "config.toml").read_text(encoding="utf-8"))


def steps(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {event["step"]: event for event in events if event["event"] == "setup"}


@pytest.fixture
def emulated(tmp_path: Path) -> str:
    """Glasses in this program with a wearer who speaks, taps and turns."""
    (tmp_path / "taps").write_text("".join(f"{second}\n" for second in range(1, 90)))
    (tmp_path / "head").write_text("".join(f"{second} {second % 2 * 120} 0 0\n" for second in range(90)))
    return f"emulator:frame?speed=max&loop=1&mic={recording()}&taps={tmp_path}/taps&head={tmp_path}/head"


def test_all_of_it_on_emulated_glasses(emulated: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--glasses", emulated, "--yes", "--json"]) == 0
    told = steps(capsys)
    assert {step: event["state"] for step, event in told.items()} == {
        "glasses": "ok",
        "lens": "unknown",
        "microphone": "ok",
        "camera": "ok",
        "tap": "ok",
        "compass": "ok",
        "language": "ok",
        "translate.to": "ok",
        "currency": "ok",
        "model": "skipped",
        "configuration": "ok",
    }
    assert re.fullmatch(r"a voice at -\d+ dB, quiet at -\d+ dB", told["microphone"]["detail"])
    assert told["camera"]["detail"].startswith("720 x 720, light ")
    assert written(home) == {
        "language": "de",
        "translate": {"to": "de"},
        "currency": "EUR",
        "transcriber": "auto",
    }

    again = ["setup", "--glasses", emulated, "--skip-tests", "--json"]
    assert main(again) == 0
    assert {event["state"] for event in steps(capsys).values()} == {"known"}
    assert main([*again, "--again", "language", "--language", "fr"]) == 0
    assert steps(capsys)["language"]["detail"] == "fr (French)"
    assert written(home)["language"] == "fr"


def test_what_does_not_work_is_said_and_is_the_exit_code(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--glasses", "emulator:frame?speed=max&battery=4", "--yes", "--json"]) == 1
    told = steps(capsys)
    assert (told["battery"]["detail"], told["battery"]["hint"]) == (
        "the battery is at 4 %",
        "Charge the glasses before you use them",
    )
    assert "no voice" in told["microphone"]["detail"]
    for step, part in (("microphone", "mic"), ("tap", "taps"), ("compass", "head")):
        hint = f"Nobody wears emulated glasses: {part}=FILE in their address plays it to them"
        assert (told[step]["state"], told[step]["hint"]) == ("failed", hint)
    assert told["tap"]["detail"] == "no tap was felt in 15 s"
    assert "its raw values move by" in told["compass"]["detail"]
    assert written(home)["language"] == "de"


def test_without_a_terminal_it_says_what_to_add_and_touches_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["setup"]) == 2
    said = capsys.readouterr().err
    assert "there is no terminal to ask on, and not answered is: --language, --to, --currency, --model" in said
    assert "--language de --to de --currency EUR --model none, or --yes" in said
    assert main(["setup", "--language", "de"]) == 2
    assert "not answered is: --to, --currency, --model" in capsys.readouterr().err
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--language", "Germn"], 2, "did you mean German (de)?"),
        (["--currency", "EURO"], 2, "did you mean EUR?"),
        (
            ["--model", "wisper-small"],
            2,
            "there is no model named 'wisper-small'; did you mean whisper-small?",
        ),
        (["--model", "wespeaker-en"], 2, "--model: wespeaker-en is there to tell voices apart"),
        (["--model", "zipformer-fr", "--language", "de"], 2, "--model: zipformer-fr does not recognise German. Take"),
        (["--to", "auto"], 2, "--to: no language can be found out for what is not yet written"),
        (["--again", "lense"], 2, "did you mean lens?"),
        (["--glasses", "replay:link.jsonl"], 2, "a recording of glasses cannot be set up"),
        (["--glasses", "blee:"], 2, "did you mean 'ble:'?"),
        (["--glasses", "emulator:frame?paired=other"], 1, "Frame 4F is paired with another computer"),
    ],
)
def test_wrong_words(words: list[str], code: int, message: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--yes", *words]) == code
    assert message in capsys.readouterr().err
    assert not (home / "config").exists()


def test_the_words_after_again_are_those_of_the_steps() -> None:
    assert setup_verb._AGAIN == AGAIN  # the verb's help answers without loading the steps


def test_a_damaged_configuration_is_left_as_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    for text, message in (("language = \n", "is not TOML"), ("colour = 1\n", "unknown setting colour")):
        file.write_text(text)
        assert main(["setup", "--glasses", "none", "--yes"]) == 2
        assert message in capsys.readouterr().err
        assert file.read_text() == text


def test_a_licence_that_is_not_accepted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "--glasses",
        "none",
        "--language",
        "es",
        "--to",
        "en",
        "--currency",
        "EUR",
        "--model",
        "moonshine-tiny-streaming-es",
    ]
    assert main(["setup", *words, "--json"]) == 1
    told = steps(capsys)["model"]
    assert told["state"] == "failed"
    assert "moonshine-tiny-streaming-es is not for commercial use" in told["detail"]
    assert "--accept-licence" in told["hint"]
    assert written(home)["language"] == "es"
    assert ModelFolder(home / "data").all() == []


# --- over Bluetooth, without a radio ---------------------------------------------------------------------------


class Lent:
    """An emulated Frame in a process of its own, that this computer reaches over Bluetooth."""

    def __init__(self, options: str) -> None:
        words = [sys.executable, str(ROOT / "tests" / "lent_frame.py"), f"emulator:frame{options}"]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.glasses = f"ble:?via={self._process.stdout.readline().strip()}"

    def do(self, order: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def lent(options: str = "") -> Iterator[Lent]:
    pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")
    it = Lent(options)
    try:
        yield it
    finally:
        it.end()


@contextlib.contextmanager
def terminal(*words: str, **environment: str) -> Iterator[Any]:
    """The program in a terminal of its own; read what it says and type."""
    pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed: pip install 'sidelight[test]'")
    command = ["-m", "host.cli", *words]
    child = pexpect.spawn(
        sys.executable,
        command,
        cwd=str(ROOT),
        env={**os.environ, **environment},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 200),
    )
    try:
        yield child
    finally:
        child.close(force=True)


def ended(child: Any) -> int:
    from pexpect import EOF  # noqa: PLC0415 - the terminal above has found it

    child.expect(EOF)
    child.close()
    return int(child.exitstatus)


def test_pair_bind_and_refuse_a_stranger(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lent() as frame:
        with terminal("setup", "--glasses", frame.glasses, "--skip-tests") as child:
            child.expect("looking for glasses")
            child.expect("pairing")
            child.expect(r"Frame 4F \(4F:52:41:4D:45:46\) is paired and bound; ble: means it and no other")
            child.expect(r"Which language is spoken around you \(or auto\)\? \[de\]")
            child.sendline("Klingon")
            child.expect("\r\n'Klingon' is no language. Write a code")  # no flag was wrong
            child.expect(r"\[de\]")
            child.sendline("English")
            child.expect(r"language do you read, for translations\? \[de\]")
            child.sendline("")
            child.expect(r"currency, for prices abroad\? \[EUR\]")
            child.sendline("")
            child.expect("models that fit this computer, best first")
            child.expect(r"Get which one \(number, name or none\)\? \[none\]")
            child.sendline("99")
            child.expect("a number from 1 to")
            child.sendline("none")
            child.expect("configuration +ok")
            assert ended(child) == 0
        assert written(home) == {
            "glasses": frame.glasses,
            "language": "en",
            "translate": {"to": "de"},
            "currency": "EUR",
            "transcriber": "auto",
        }
        with terminal("setup", "--skip-tests") as child:  # nothing is asked twice
            child.expect("glasses +known +Frame 4F")
            assert ended(child) == 0
            assert "?" not in child.before

        assert frame.do("stranger") == "done"
        assert main(["devices", "--seconds", "2", "--json"]) == 0
        seen = {event["address"]: event for event in map(json.loads, capsys.readouterr().out.splitlines())}
        assert {address: (event["device"], event["bound"], event["bonded"]) for address, event in seen.items()} == {
            "4F:52:41:4D:45:46": ("Frame 4F", True, True),
            "AA:52:41:4D:45:46": ("Frame 4F", False, False),
        }
        assert frame.do("off") == "done"
        assert main(["setup", "--again", "tap", "--json"]) == 1
        error = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert error["message"] == "your glasses are not in range: Frame 4F (4F:52:41:4D:45:46)"
        assert "In range: Frame 4F (AA:52:41:4D:45:46" in error["hint"]
        assert "has the same name and is another device; it was left alone" in error["hint"]
        assert frame.do("stranger 4F:52:41:4D:45:46") == "done"
        assert main(["setup", "--again", "tap", "--json"]) == 1
        error = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert "does not have the bond of your glasses, so nothing was sent to it" in error["message"]
        assert frame.do("written") == "0"


def test_a_bond_that_the_glasses_lost_and_a_pair_that_is_unbound(capsys: pytest.CaptureFixture[str]) -> None:
    with lent() as frame:
        assert main(["setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED]) == 0
        assert main(["devices", "--battery", "--seconds", "1"]) == 0
        assert "bound, bonded, battery 80 %" in capsys.readouterr().out
        frame.do("button")
        assert main(["transcribe"]) == 1
        assert "does not have the bond of your glasses" in capsys.readouterr().err
        assert main(["devices", "--forget", "Frame 5A"]) == 2
        assert "Bound are: 'Frame 4F' ('4F:52:41:4D:45:46')" in capsys.readouterr().err
        assert main(["devices", "--forget", "frame 4f"]) == 0
        assert "is not bound any more" in capsys.readouterr().out


def test_several_pairs_in_range(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lent() as frame:
        frame.do("stranger")
        assert main(["setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED]) == 1
        said = capsys.readouterr().err
        assert "2 pairs of glasses are in range: Frame 4F (4F:52:41:4D:45:46, -50 dBm)" in said
        assert "Give the address of one" in said
        assert not (home / "config").exists()
        with terminal("setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED) as child:
            child.expect(r"1  Frame 4F \(4F:52:41:4D:45:46\), -50 dBm")
            child.expect(r"Which are yours \(number\)\? \[1\]")
            child.sendline("3")
            child.expect("a number from 1 to 2")
            child.sendline("1")
            child.expect("is paired and bound")
            assert ended(child) == 0


def test_glasses_that_are_bonded_to_another_computer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lent("?paired=other") as frame:
        assert main(["setup", "--glasses", frame.glasses, "--skip-tests", *SETTLED]) == 1
    assert "refused to pair with this computer, most likely because it is bonded to another" in capsys.readouterr().err
    assert not (home / "config").exists()


def test_ended_in_the_middle_what_was_answered_is_kept(home: Path) -> None:
    file = home / "config" / "config.toml"
    with terminal("setup", "--glasses", "none") as child:
        child.expect("spoken around you")
        child.sendline("fr")
        child.expect("language +ok +fr")
        child.expect("for translations")
        child.sendintr()
        child.expect("stopped. Run it again to go on: what is ok is kept, and not asked again")
        assert ended(child) == 130
    assert written(home) == {"language": "fr"}
    with terminal("setup", "--glasses", "none") as child:
        child.expect("language +known +fr")
        child.expect("for translations")
        child.kill(9)
    assert written(home) == {"language": "fr"}
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]
    with terminal("setup", "--glasses", "none") as child:
        child.expect("for translations")
        child.sendeof()
        assert ended(child) == 2


def test_nobody_is_asked_to_wear_emulated_glasses(emulated: str, home: Path) -> None:
    with terminal("setup", "--glasses", "emulator:frame?speed=20", *SETTLED) as child:
        child.expect("configuration +ok")
        said = child.before
        assert ended(child) == 1
    assert "lens          unknown  it shows a picture; nobody was there to read it" in said
    assert "?" not in said
    assert "speak" not in said.lower()
    with terminal("setup", "--glasses", "emulator:frame", "--skip-tests") as child:
        child.expect(r"glasses +known +Frame 4F \(emulated, set up on 20")
        assert ended(child) == 0


def test_a_model_that_comes_is_interrupted_at_once_and_asked_for_again(home: Path) -> None:
    """Its server takes the request and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mirror = f"https://127.0.0.1:{silent.getsockname()[1]}"
        words = ["setup", "--glasses", "none", *SETTLED[:-1], "zipformer-en"]
        with terminal(*words, SIDELIGHT_MODELS_MIRROR=mirror) as child:
            child.expect("configuration +ok")
            connection, _ = silent.accept()
            with connection:
                child.sendintr()
                child.expect("stopped. Run it again to go on")
                assert ended(child) == 130
    assert "transcriber" not in written(home)
    with terminal("setup", "--glasses", "none") as child:
        child.expect("currency +known +EUR")
        child.expect("Get which one")
        child.sendline("none")
        child.expect("model +skipped +none; captions are rough without one")
        assert ended(child) == 0
    with terminal("setup", "--glasses", "none") as child:
        child.expect("model +known +chosen before")
        assert ended(child) == 0


def test_another_language_asks_for_another_model(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup", "--glasses", "none", *SETTLED]) == 0
    capsys.readouterr()
    assert main(["setup", "--glasses", "none", "--language", "fr", "--yes", "--json"]) == 0
    model = steps(capsys)["model"]
    assert (model["state"], model["detail"]) == (
        "skipped",
        "none; pocketsphinx cannot recognise the language 'fr'",
    )
    assert model["hint"].startswith("Get one later: ")


def test_a_licence_is_asked_for(home: Path) -> None:
    words = ["--language", "es", "--to", "en", "--currency", "EUR"]
    with terminal("setup", "--glasses", "none", *words) as child:
        child.expect(r"(\d)  (\S+): [^\r]*NON-COMMERCIAL")
        name = child.match[2]
        child.expect(r"Get which one")
        child.sendline(name)
        child.expect(rf"{name} is not for commercial use \(.*\). Do you accept that licence \(y/n\)\? \[n\]")
        child.sendline("")
        child.expect(r"Get which one")
        child.sendline("none")
        child.expect("configuration +ok")
        assert ended(child) == 0


def test_each_part_of_the_locale_is_for_its_own(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("LC_MONETARY", "de_CH.UTF-8")
    assert main(["setup", "--glasses", "none", "--yes"]) == 0
    assert (written(home)["language"], written(home)["currency"]) == ("en", "CHF")
    monkeypatch.setenv("LC_MESSAGES", "fr_FR.UTF-8")
    assert main(["setup", "--glasses", "none", "--yes", "--again", "language"]) == 0
    assert written(home)["language"] == "fr"


@pytest.mark.skipif(sys.platform != "linux", reason="BlueZ is Linux only")
def test_a_computer_whose_bluetooth_service_is_not_running(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("dbus-daemon is not installed")
    arguments = [daemon, "--session", "--nofork", "--nopidfile", "--print-address"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as bus:
        assert bus.stdout is not None
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.stdout.readline().strip())
        for verb in (["setup", "--skip-tests", *SETTLED], ["devices", "--seconds", "1"]):
            assert main(verb) == 1
            said = capsys.readouterr().err
            assert "the Bluetooth service is not running. Start it with 'sudo systemctl start bluetooth'" in said
        bus.terminate()
