"""`sidelight setup` as a user runs it: in a terminal, by flags, and with everything that can be wrong."""

from __future__ import annotations

import io
import re
import socket
from pathlib import Path

import pytest
from setup_runs import SETTLED, ended, own_home, steps, terminal, written

from host.app.demo_speech import recording
from host.app.setup.steps import AGAIN
from host.cli import main
from host.cli import setup as setup_verb
from host.models.installed import ModelFolder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return own_home(tmp_path, monkeypatch)


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
        (
            ["--model", "zipformer-fr", "--language", "de"],
            2,
            "--model: zipformer-fr does not recognise German here. Take",
        ),
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


def test_what_was_typed_before_a_question_is_no_answer(home: Path) -> None:
    with terminal("setup", "--glasses", "none") as child:
        child.sendline("fr")  # the program is still loading
        child.expect("spoken around you")
        child.sendline("en")
        child.expect("language +ok +en")
        child.expect("for translations")
        child.sendintr()
        assert ended(child) == 130


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
        child.expect("model +known +none, as before")
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


def test_commands_are_as_they_can_be_typed_here(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["/opt/side light/bin/sidelight"])
    assert main(["setup", "--glasses", "none", *SETTLED]) == 0
    assert "Get one later: '/opt/side light/bin/sidelight' models get" in capsys.readouterr().out


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
