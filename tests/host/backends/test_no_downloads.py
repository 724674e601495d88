"""The libraries fetch nothing: with every socket refused, a missing model is our own error with the command to get it.

The audit hook sits where the model is loaded: in the process that a recogniser's model has for itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CUT_OFF = """
import sys

def refuse(event, args):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        if event in ("socket.connect", "socket.bind") and isinstance(args[1], (str, bytes)):
            return  # this computer's own
        print("NETWORK", event, args, flush=True)
        raise OSError("the network is cut")

sys.addaudithook(refuse)
"""

CHOOSE = """
import asyncio, os, sys
from dataclasses import replace
from host.backends import registry
from host.config import Settings
from host.errors import HostError

async def main():
    try:
        opened = await registry.open_recogniser(replace(Settings(), transcriber=sys.argv[1], model=sys.argv[2]), {})
    except HostError as error:
        print(type(error).__name__, error.message, "|", error.hint)
    else:
        await opened.recogniser.close()
        print("loaded")

if __name__ == "__main__":
    asyncio.run(main())
"""


def run(tmp_path, backend, model):
    """Load in a program, and its child, that have no network."""
    (tmp_path / "site").mkdir(exist_ok=True)
    (tmp_path / "site" / "sitecustomize.py").write_text(CUT_OFF)  # in every process, the model's too
    (tmp_path / "choose.py").write_text(CHOOSE)
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    places = {"HOME": str(tmp_path / "home"), "SIDELIGHT_HOME": str(tmp_path / "sidelight"), "PYTHONPATH": path}
    command = [sys.executable, str(tmp_path / "choose.py"), backend, model]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], **places}
    )
    assert "NETWORK" not in done.stdout, done.stdout
    assert not (tmp_path / "home").exists(), "something was put into the user's own folder"
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("backend", "library", "gets"),
    [
        ("moonshine", "moonshine_voice", "sidelight models get moonshine-small-streaming-en"),
        ("sherpa", "sherpa_onnx", "sidelight models list"),
        ("whisper", "faster_whisper", "sidelight models get whisper-small"),
    ],
)
def test_without_a_model_the_command_is_said_and_nothing_is_asked(tmp_path, backend, library, gets):
    pytest.importorskip(library)
    said = run(tmp_path, backend, "")
    assert said.startswith(f"ModelMissingError {backend} needs a model, and none was given | "), said
    assert gets in said


def test_a_name_that_the_library_would_fetch_is_no_model(tmp_path):
    pytest.importorskip("faster_whisper")
    assert run(tmp_path, "whisper", "tiny").startswith(
        "ModelMissingError there is no folder 'tiny' with a Whisper model"
    )
    assert run(tmp_path, "auto", "whisper-tiny") == (
        "ModelMissingError the model whisper-tiny is not here | Get it: sidelight models get whisper-tiny\n"
    )


def test_models_that_are_here_load_without_a_network(tmp_path):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    pytest.importorskip("faster_whisper")
    from tiny_models import set_phrase, tone_recogniser  # noqa: PLC0415 - needs what was just looked for

    assert run(tmp_path, "sherpa", str(tone_recogniser(tmp_path / "en"))) == "loaded\n"
    whisper = set_phrase(tmp_path / "faster-whisper-phrase")
    assert run(tmp_path, "auto", str(whisper)) == "loaded\n"
    (whisper / "tokenizer.json").unlink()  # which the library would fetch, whatever it is told
    assert "tokenizer.json missing | sidelight models get whisper-small gets one" in run(tmp_path, "auto", str(whisper))


def test_the_network_is_really_cut(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(CUT_OFF)
    code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tmp_path)}
    )
    assert "NETWORK socket." in done.stdout
    assert "the network is cut" in done.stderr
