"""Moonshine: its models by path only, its lines as hypotheses, its licences told, nothing fetched.

No weights are at hand where these tests run: loading goes as far as it does without, and the lines are those that the
library's own voice activity finds, without text.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from host.app.demo_speech import recording
from host.audio import read_samples
from host.backends import moonshine
from host.backends.moonshine import Model, MoonshineEngine, find_model, hypothesis, info, notices, start
from host.config import Settings
from host.contracts import Word
from host.errors import BackendError, LanguageError, ModelMissingError

ROOT = Path(__file__).parents[3]
STREAMING = (
    "streaming_config.json",
    "encoder.ort",
    "adapter.ort",
    "cross_kv.ort",
    "decoder_kv.ort",
    "frontend.model.ort",
)
WHOLE = ("encoder_model.ort", "decoder_model_merged.ort")


def model_folder(path, names=STREAMING):
    """Files as they are named, without anything in them."""
    path.mkdir(parents=True)
    for name in (*names, "tokenizer.bin"):
        (path / name).touch()
    return path


def settings(path, language="en"):
    return replace(Settings(), model=str(path), language=language)


@pytest.mark.parametrize(
    ("where", "names", "expected"),
    [
        ("cache/model/tiny-streaming-en/quantized_26_08_21", STREAMING, (True, True, "en", False)),
        ("medium-streaming-en", (*STREAMING, "decoder_kv_with_attention.ort"), (True, False, "en", True)),
        ("base-es", (*WHOLE, "alignment_model.ort"), (False, False, "es", True)),
        ("tiny-ko", WHOLE, (False, True, "ko", False)),
        ("my model", STREAMING, (True, False, "", False)),
        ("other", WHOLE, (False, True, "", False)),
    ],
)
def test_what_can_be_told_of_a_folder(tmp_path, where, names, expected):
    model = find_model(str(model_folder(tmp_path / where, names)))
    assert (model.streaming, model.tiny, model.language, model.timed) == expected


def test_a_base_model_is_told_by_its_size(tmp_path):
    folder = model_folder(tmp_path / "model", WHOLE)
    with (folder / "decoder_model_merged.ort").open("wb") as decoder:
        decoder.truncate(109_424_400)
    assert not find_model(str(folder)).tiny


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(ModelMissingError, match="moonshine needs a model, and none was given") as error:
        find_model("")
    assert "sidelight models get moonshine-small-streaming-en" in error.value.hint
    with pytest.raises(ModelMissingError, match=r"there is no folder '.*nowhere' with a Moonshine model"):
        find_model(str(tmp_path / "nowhere"))
    with pytest.raises(
        ModelMissingError, match=r"encoder_model\.ort, decoder_model_merged\.ort, tokenizer\.bin missing"
    ):
        find_model(str(tmp_path))
    folder = model_folder(tmp_path / "part")
    (folder / "frontend.model.ort").unlink()
    (folder / "adapter.ort").unlink()
    with pytest.raises(ModelMissingError, match=r"adapter\.ort, frontend\.ort missing"):
        find_model(str(folder))
    with pytest.raises(ModelMissingError, match=r"no folder '.*\\x1b\[31m'"):
        find_model(str(tmp_path / "\x1b[31m"))


def test_licences_are_told(tmp_path):
    english = settings(model_folder(tmp_path / "tiny-streaming-en"))
    assert notices(english) == []
    assert info(find_model(english.model), "en").licence == "MIT, code and model"
    whole = settings(model_folder(tmp_path / "base-ja", WHOLE), "ja")
    ((code, text, hint),) = notices(whole)
    assert (code, text) == (
        "model-licence",
        "this ja model is under the Moonshine Community License: no commercial use",
    )
    assert hint
    assert "non-commercial" in info(find_model(whole.model), "ja").licence
    streaming = settings(model_folder(tmp_path / "tiny-streaming-ja"), "ja")
    assert "it was non-commercial" in notices(streaming)[0][1]
    assert "non-commercial before" in info(find_model(streaming.model), "ja").licence


def test_a_model_speaks_its_own_language(tmp_path):
    spanish = settings(model_folder(tmp_path / "small-streaming-es"), "en")
    with pytest.raises(LanguageError, match="moonshine does not recognise the language 'en'") as error:
        asyncio.run(start(spanish, {}, None))
    assert "It recognises es" in error.value.hint
    assert info(find_model(str(model_folder(tmp_path / "unnamed"))), "tl").languages == ("tl",)


def line(text, begin=1.0, duration=0.5, *, complete=False, words=None):
    return SimpleNamespace(text=text, start_time=begin, duration=duration, is_complete=complete, words=words)


def test_who_says_most_of_a_line_is_its_speaker():
    spans = [SimpleNamespace(speaker_index=i, duration=s) for i, s in ((0, 0.5), (2, 0.4), (0, 0.1), (2, 0.3))]
    told, untold = line("hello", complete=True), line("hel")
    told.speaker_spans = untold.speaker_spans = spans
    assert hypothesis(told, 0, None, "en").speaker == "3"
    assert hypothesis(untold, 0, None, "en").speaker is None  # it may still change
    told.speaker_spans = []
    assert hypothesis(told, 0, None, "en").speaker is None


def test_a_line_is_a_hypothesis():
    timed = [SimpleNamespace(word=" good", start=1.0, end=1.2, confidence=0.9)]
    timed.append(SimpleNamespace(word="day ", start=1.2, end=1.7, confidence=1.5))
    found = hypothesis(line(" good \n day", complete=True, words=timed), 160_000, None, "en")
    assert (found.text, found.final, found.start_s, found.end_s) == ("good day", True, 11.0, 11.5)
    assert found.words == (Word("good", 11.0, 11.2, 0.9), Word("day", 11.2, 11.7, 1.0))
    assert found.confidence == pytest.approx(0.95)
    assert found.speaker is None
    partial = hypothesis(line("go"), 0, 20_000, "en")
    assert (partial.final, partial.end_s, partial.words, partial.confidence) == (False, 1.25, (), None)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    pytest.importorskip("moonshine_voice")
    return silent_engine(tmp_path_factory.mktemp("empty"))


def silent_engine(folder):
    """The library as it is without a model: it finds lines, and no text."""
    return MoonshineEngine(Model(folder, True, True, "en", False), "en", {"skip_transcription": "true"})


@pytest.fixture
def durations_for_text(monkeypatch):
    """Lines without text say nothing; with their length for a text, what the engine makes of lines can be seen."""

    def with_text(found, *args):
        made = hypothesis(found, *args)
        return replace(made, text=f"{found.duration:.2f} s")

    monkeypatch.setattr(moonshine, "hypothesis", with_text)


def heard(engine, samples, session=1, position=0, piece=512):
    out = []
    for start_at in range(0, len(samples), piece):
        out += engine.feed(session, position + start_at, samples[start_at : start_at + piece])
    return out + engine.end(session)


def test_a_line_grows_and_is_finished_once(engine, durations_for_text):
    pytest.importorskip("soundfile")
    speech = read_samples(recording())[: 16000 * 8]
    found = heard(engine, speech, position=16000 * 100)
    finals = [h for h in found if h.final]
    assert len(finals) == 2
    assert 100.8 < finals[0].start_s < 101.3 < 103.3 < finals[0].end_s < 104.2
    assert all(108.0 >= h.end_s >= h.start_s for h in found)
    growing = [h.text for h in found[: found.index(finals[0])]]
    assert len(growing) >= 5
    assert len(set(growing)) == len(growing)
    assert heard(engine, speech[: 16000 * 2])[-1].final  # cut off in the middle of a word
    engine.close(1)


def test_a_number_is_no_other_s_after_a_break(engine, monkeypatch):
    """Behind a pause the library begins to number its speakers anew."""
    pytest.importorskip("soundfile")
    made = moonshine.hypothesis
    spans = [SimpleNamespace(speaker_index=0, duration=1.0)]

    def spoken(found, *args):
        return replace(made(SimpleNamespace(**vars(found) | {"speaker_spans": spans}), *args), text="words")

    monkeypatch.setattr(moonshine, "hypothesis", spoken)
    speech = read_samples(recording())[: 16000 * 4]
    first, second = (heard(engine, speech, session=5) for _ in range(2))
    engine.close(5)
    assert {h.speaker for h in first if h.final} == {"1"}
    assert {h.speaker for h in second if h.final} == {"2"}


def test_lines_without_text_say_nothing(engine):
    pytest.importorskip("soundfile")
    assert heard(engine, read_samples(recording())[: 16000 * 4]) == []
    assert heard(engine, np.zeros(100, np.int16)) == []
    assert engine.end(99) == []
    engine.close(99)


def test_hours_do_not_grow_the_library(engine, durations_for_text, monkeypatch):
    """A new stream in a pause changes no sentence."""
    pytest.importorskip("soundfile")
    speech = np.tile(read_samples(recording()), 3)
    expected = [h for h in heard(engine, speech, piece=16000) if h.final]
    began = []
    begin = engine._begin
    monkeypatch.setattr(engine, "_begin", lambda *args: (began.append(args[1]), begin(*args))[1])
    monkeypatch.setattr(moonshine, "_FRESH", 10 * 16000)
    found = [h for h in heard(engine, speech, piece=16000) if h.final]
    assert len(began) >= 4
    assert len(found) == len(expected) >= 12
    for one, other in zip(found, expected, strict=True):
        assert one.start_s == pytest.approx(other.start_s, abs=0.07)
        assert one.end_s == pytest.approx(other.end_s, abs=0.07)


def test_files_that_are_no_model_are_an_error(tmp_path):
    pytest.importorskip("moonshine_voice")
    for name, names in (("tiny-streaming-en", STREAMING), ("tiny-en", WHOLE)):
        folder = model_folder(tmp_path / name, names)
        for file in folder.iterdir():
            file.write_bytes(b"this is no model")
        with pytest.raises(BackendError, match=rf"moonshine cannot load the model in '.*{name}'") as error:
            asyncio.run(start(settings(folder), {}, None))
        assert error.value.hint == "Fetch the model again"
        assert not error.value.retry


def test_the_model_that_tells_voices_apart_is_taken_from_its_folder_or_is_an_error(tmp_path):
    pytest.importorskip("moonshine_voice")
    for name in ("segmentation.ort", "embedding.ort"):
        (tmp_path / name).write_bytes(b"this is no model")
    told = {"skip_transcription": "true", "identify_speakers": "true", "diarization_model_dir": str(tmp_path)}
    with pytest.raises(BackendError, match="or the one that tells voices apart") as error:
        MoonshineEngine(Model(tmp_path, True, True, "en", False), "en", told)
    assert "--speakers off" in error.value.hint


NOTHING_FETCHED = """
import sys

def watch(event, args):
    if event.split(".")[0] in ("socket", "urllib", "http", "ftplib") and event != "socket.__new__":
        raise AssertionError(f"{event} {args}")
    if event == "open" and isinstance(args[0], str) and "moonshine_voice" in args[0] and ".cache" in args[0]:
        raise AssertionError(f"{event} {args}")

sys.addaudithook(watch)
import numpy as np
from pathlib import Path
from host.backends.moonshine import Model, MoonshineEngine, find_model
from host.errors import BackendError, ModelMissingError

empty, garbage = Path(sys.argv[1]), sys.argv[2]
engine = MoonshineEngine(Model(empty, True, True, "en", False), "en", {"skip_transcription": "true"})
engine.feed(1, 0, np.zeros(32000, np.int16))
engine.end(1)
for attempt in (lambda: MoonshineEngine(find_model(garbage), "en"), lambda: find_model(str(empty))):
    try:
        attempt()
    except (BackendError, ModelMissingError):
        continue
    raise AssertionError("loaded")
print("nothing fetched")
"""


def test_nothing_is_fetched(tmp_path):
    pytest.importorskip("moonshine_voice")
    (tmp_path / "empty").mkdir()
    folder = model_folder(tmp_path / "tiny-streaming-en")
    done = subprocess.run(
        [sys.executable, "-c", NOTHING_FETCHED, str(tmp_path / "empty"), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path / "home"), "MOONSHINE_VOICE_CACHE": str(tmp_path / "cache")},
    )
    assert done.stdout == "nothing fetched\n", done.stderr
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "cache").exists()
