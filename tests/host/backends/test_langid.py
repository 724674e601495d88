"""Which language a text is in, with the library itself."""

from __future__ import annotations

import asyncio
import sys

import pytest

from host.backends.langid import TextIdentifier
from host.errors import BackendMissingError, LanguageError

SENTENCES = {
    "en": "Where can I buy a ticket for the train?",
    "es": "¿Dónde puedo comprar un billete para el tren?",
    "fr": "Où est-ce que je peux acheter un billet de train ?",
    "de": "Wo kann ich eine Fahrkarte für den Zug kaufen?",
    "it": "Dove posso comprare un biglietto per il treno?",
    "pt": "Onde posso comprar uma passagem de trem?",
}


@pytest.fixture(scope="module")
def identifier():
    pytest.importorskip("py3langid", reason="pip install 'sidelight[translate]'")
    return TextIdentifier()


def identify(identifier, text, among):
    return asyncio.run(identifier.identify(text, among))


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_among_some_and_among_all(identifier, language):
    found, sure = identify(identifier, SENTENCES[language], frozenset(SENTENCES))
    assert found == language
    assert 0.5 < sure <= 1.0
    assert identify(identifier, SENTENCES[language], None)[0] == language


def test_only_what_may_be_is_answered(identifier):
    assert identify(identifier, SENTENCES["es"], ["fr", "de"])[0] in ("fr", "de")
    assert identify(identifier, "x" * 100_000, ["fr", "de"])[0] in ("fr", "de")


def test_languages_that_it_does_not_know(identifier):
    with pytest.raises(LanguageError, match="cannot be told from those it can be"):
        identify(identifier, "hello", ["xx"])


def test_without_its_library_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    with pytest.raises(BackendMissingError) as caught:
        identify(TextIdentifier(), "hello", None)
    assert "pip install 'sidelight[translate]'" in caught.value.hint
    assert "--from" in caught.value.hint
