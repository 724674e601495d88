"""Which recogniser hears two languages in turn, and what is said where none does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from host.app.transcribe import Observer
from host.app.translate_listen import _translating, hearing_both
from host.backends import registry
from host.config import Settings
from host.errors import LanguageError, UsageError
from host.lens.shape import LensShape
from host.models.catalogue import MODELS
from host.models.installed import Installed, ModelFolder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))


def here(monkeypatch, *models, libraries=("pocketsphinx", "openai", "scripted", "sherpa", "whisper")):
    """As if these models of the catalogue, and these libraries, were on this computer."""
    monkeypatch.setattr(ModelFolder, "all", lambda _self: [Installed(model, Path("/models")) for model in models])
    monkeypatch.setattr(registry, "installed", lambda: frozenset(libraries))


BOTH = next(model for model in MODELS.values() if set(model.languages) == {"zh", "en"})
WHISPER = next(model for model in MODELS.values() if model.backend == "whisper" and len(model.languages) > 50)


def test_a_model_of_just_the_two_languages_is_taken(monkeypatch):
    here(monkeypatch, WHISPER, BOTH)
    for pair in (("zh", "en"), ("en", "zh")):
        found = hearing_both(Settings(), pair)
        assert (found.model, found.language) == (BOTH.name, pair[0])


def test_else_a_recogniser_tells_which_language_it_hears(monkeypatch):
    here(monkeypatch, WHISPER, BOTH)
    assert hearing_both(Settings(), ("en", "es")).language == "auto"
    assert hearing_both(Settings(transcriber="whisper"), ("zh", "en")).language == "auto"
    here(monkeypatch)
    assert hearing_both(Settings(openai_base_url="http://127.0.0.1:1/v1"), ("en", "es")).language == "auto"


def test_without_either_it_is_refused_with_what_would_do(monkeypatch):
    here(monkeypatch)
    with pytest.raises(LanguageError, match="nothing here hears both English and Spanish: pocketsphinx cannot") as told:
        hearing_both(Settings(), ("en", "es"))
    assert "models get" in told.value.hint
    with pytest.raises(LanguageError, match="pocketsphinx does not hear both English and Spanish") as told:
        hearing_both(Settings(transcriber="pocketsphinx"), ("en", "es"))
    assert "whisper" in told.value.hint
    here(monkeypatch, BOTH, libraries=("pocketsphinx",))
    with pytest.raises(LanguageError):
        hearing_both(Settings(), ("zh", "en"))


@pytest.mark.parametrize(
    ("url", "sign"), [("https://example.org/v1", "words go online"), ("http://127.0.0.1:9/v1", "")]
)
@pytest.mark.parametrize("spoken", ["auto", "en"])
def test_the_lens_says_that_words_leave_whatever_language_is_spoken(spoken, url, sign):
    settings = Settings(language=spoken, translate_to="es", translate_base_url=url, translate_model="m")
    observer = Observer(event=lambda _event: None, elapsed=lambda: 0.0)

    async def main():
        async with _translating(settings, None, observer) as translating:
            return translating.style(LensShape(640, 400))

    assert asyncio.run(main()).sign == sign


def test_one_language_is_not_two():
    with pytest.raises(UsageError, match="both languages are English"):
        hearing_both(Settings(), ("en", "en"))
