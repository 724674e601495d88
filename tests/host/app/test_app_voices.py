"""Voices told apart, named once and known again: from a recording to the store and the next recording.

sherpa-onnx runs for real, on a model that is made in the test; a "voice" is a tone.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from tiny_models import quiet, tone, voice_model

from host.app.transcribe import Observer, Request, transcribe
from host.app.voices import model_for
from host.config import Settings
from host.errors import BackendError, BackendMissingError, ModelMissingError, UsageError
from host.events import Notice, Sentence
from host.models.catalogue import MODELS
from host.models.installed import Installed
from host.paths import data_folder
from host.store.voices import Voices

LOW, HIGH = 200, 5000
SCRIPT = "".join(f"{at:.1f} {at + 2.8:.1f} sentence{n}\n\n" for n, at in enumerate((0.5, 4.5, 8.5)))


@pytest.fixture
def model(tmp_path, monkeypatch):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    (tmp_path / "script.txt").write_text(SCRIPT)
    return voice_model(tmp_path / "voices.onnx")


def recorded(folder, *voices, **changes):
    """Transcribe three seconds of each voice; all events."""
    sound = np.concatenate([quiet(0.5), *(part for hz in voices for part in (tone(hz, 2.8), quiet(1.2)))])
    soundfile.write(folder / "talk.wav", sound, 16000)
    asked = Settings(
        transcriber="scripted",
        model=str(folder / "script.txt"),
        glasses="none",
        **{"speaker_model": str(folder / "voices.onnx")} | changes,
    )
    events = []
    request = Request(settings=asked, audio=str(folder / "talk.wav"))
    asyncio.run(transcribe(request, Observer(event=events.append, elapsed=lambda: 0.0)))
    return events


def speakers(events):
    return [event.speaker for event in events if isinstance(event, Sentence)]


def test_a_name_given_once_is_known_in_the_next_recording(model, tmp_path):
    events = recorded(tmp_path, LOW, HIGH, LOW)
    assert speakers(events) == ["1", "2", "1"]
    assert "voices are told apart by voices.onnx" in [e.message for e in events if isinstance(e, Notice)]
    with contextlib.closing(Voices.open(data_folder())) as store:
        store.name(1, ("1", "Ann"))
    events = recorded(tmp_path, HIGH, LOW, HIGH)
    assert speakers(events) == ["1", "Ann", "1"]
    assert any("known by name: Ann" in e.message for e in events if isinstance(e, Notice))
    with contextlib.closing(Voices.open(data_folder())) as store:
        assert [speaker.voice for speaker in store.of(2)] == [True, True]
        store.forget("Ann")
    assert speakers(recorded(tmp_path, LOW, HIGH, LOW)) == ["1", "2", "1"]


def test_switched_off_nothing_of_a_voice_is_kept(model, tmp_path):
    assert speakers(recorded(tmp_path, LOW, HIGH, speakers="off")) == [None, None]
    with contextlib.closing(Voices.open(data_folder())) as store:
        assert store.of(1) == []
        assert store._database.query("SELECT count(*) FROM voice") == [(0,)]


def test_without_a_model_speakers_are_not_told_apart(model, tmp_path):
    events = recorded(tmp_path, LOW, HIGH, speaker_model="")
    assert speakers(events) == [None, None]
    assert "speakers" not in [e.code for e in events if isinstance(e, Notice)]


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ("nowhere.onnx", ModelMissingError, "there is no speaker embedding model at 'nowhere.onnx'"),
        ("wespeaker-en", ModelMissingError, "the model wespeaker-en is not here"),
        ("~nobody-of-this-name/x", ModelMissingError, "there is no speaker embedding model at '~nobody"),
        ("whisper-tiny", UsageError, "whisper-tiny is a model to transcribe, not to tell voices apart"),
        ("script.txt", BackendError, r"sherpa cannot load the model in '.*script\.txt'"),
    ],
)
def test_a_model_that_was_named_and_cannot_be_had_is_an_error(model, tmp_path, asked, error, message):
    named = str(tmp_path / asked) if asked == "script.txt" else asked
    with pytest.raises(error, match=message):
        recorded(tmp_path, LOW, speaker_model=named)


def test_the_library_is_missing(model, tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sherpa_onnx" else found(name))
    with pytest.raises(BackendMissingError, match="telling voices apart needs sherpa-onnx") as error:
        recorded(tmp_path, LOW)
    assert error.value.hint == "Install it: pip install 'sidelight[sherpa]', or leave it out: --speakers off"


def test_a_broken_model_that_nobody_asked_for_costs_no_captions(model, tmp_path, monkeypatch):
    folder = data_folder() / "models" / "wespeaker-en"
    folder.mkdir(parents=True)
    (folder / "sidelight.json").write_text("{}")
    (folder / "voices.onnx").write_bytes(b"this is no model")
    events = recorded(tmp_path, LOW, speaker_model="")
    assert speakers(events) == [None]
    (notice,) = [e for e in events if isinstance(e, Notice) and e.code == "speakers-untold"]
    assert "sherpa cannot load the model in" in notice.message
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sherpa_onnx" else found(name))
    events = recorded(tmp_path, LOW, speaker_model="")
    assert speakers(events) == [None]
    assert "telling voices apart needs sherpa-onnx" in " ".join(e.message for e in events if isinstance(e, Notice))


def test_which_model_is_taken(tmp_path):
    here = [Installed(MODELS[name], tmp_path / name) for name in ("moonshine-voices", "wespeaker-en", "whisper-tiny")]
    plain = Settings()
    assert model_for("sherpa", plain, here) == str(tmp_path / "wespeaker-en")
    assert model_for("moonshine", plain, here) == str(tmp_path / "moonshine-voices")
    assert model_for("sherpa", plain, here[2:]) == ""
    named = replace(plain, speaker_model="moonshine-voices")
    assert (model_for("sherpa", named, here), model_for("moonshine", named, here)) == ("", str(here[0].path))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "segmentation.ort").touch()
    own = replace(plain, speaker_model=str(tmp_path / "own"))
    assert (model_for("sherpa", own, here), model_for("moonshine", own, here)) == ("", str(tmp_path / "own"))
