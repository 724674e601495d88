"""What keeps texts from being translated: servers, models, packages, the glossary."""

from __future__ import annotations

import pytest
from checkups import found

from host.app.doctor.translation import translation
from host.backends import apertium


def test_what_is_always_there_and_what_is_not_set():
    findings = found(translation)
    assert findings["phrasebook"].state == "ok"
    assert (findings["openai"].state, findings["libretranslate"].state) == ("missing", "missing")
    assert "translate.base_url" in findings["openai"].fix
    assert "glossary" not in findings


@pytest.mark.parametrize("name", ["openai", "libretranslate", "ctranslate2"])
def test_what_is_named_and_not_set_is_broken(name):
    assert found(translation, translator=name)[name].state == "broken"


def test_servers_that_are_set():
    findings = found(
        translation,
        translate_base_url="http://localhost:1/v1",
        translate_model="m",
        libretranslate_url="http://localhost:2",
    )
    assert (findings["openai"].state, findings["libretranslate"].state) == ("ok", "ok")


def test_a_folder_without_a_model_is_broken(tmp_path):
    pytest.importorskip("ctranslate2")
    pytest.importorskip("sentencepiece")
    finding = found(translation, translate_folder=str(tmp_path))["ctranslate2"]
    assert finding.state == "broken"
    assert "there is no model.bin" in finding.message


def test_apertium_and_py3langid_that_are_not_installed(monkeypatch):
    monkeypatch.setattr(apertium.shutil, "which", lambda _program: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    findings = found(translation)
    assert findings["apertium"].fix == "sudo apt install apertium apertium-eng-spa"
    assert findings["language of a text"].fix == "pip install 'sidelight[translate]'"


def test_a_glossary_that_is_wrong_is_named_with_its_line(tmp_path):
    path = tmp_path / "g.toml"
    path.write_text('[[term]]\nen = "a"\nde = "b"\n')
    assert found(translation, translate_glossary=str(path))["glossary"].message == "1 term"
    path.write_text('[[term]]\nen = "a"\nde = 1\n')
    assert ", line 3:" in found(translation, translate_glossary=str(path))["glossary"].message
