"""Translation models got by name from a server on this computer, then taken by themselves: tiny ones, run for real."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from model_server import ModelServer, Served, sha256

from host.cli import main
from host.models import catalogue
from host.models.catalogue import MODELS

pytest.importorskip("ctranslate2", reason="pip install 'sidelight[ctranslate2]'")
pytest.importorskip("sentencepiece", reason="pip install 'sidelight[ctranslate2]'")

from tiny_translator import SAID, set_translation

TINY = {
    "opus-mt-en-de": (),
    "m2m100-418m": ("__en__", "__de__", "__es__"),
    "nllb-200-600m": ("eng_Latn", "deu_Latn", "spa_Latn"),
}
"""Which rows have a stand-in, and the languages that its vocabulary names."""

TEXT = "where is the exit"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    return {name: set_translation(folder / MODELS[name].folder, prefix=prefix) for name, prefix in TINY.items()}


@pytest.fixture
def server(tmp_path, monkeypatch, tiny):
    """Serves the stand-ins, whose rows differ from the real ones in addresses, sizes and digests only."""
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    (tmp_path / "tls").mkdir()
    made = ModelServer(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    with made.running():
        for name, folder in tiny.items():
            files = []
            for file in MODELS[name].files:
                content = (folder / file.name).read_bytes()
                made.files[f"/{name}/{file.name}"] = Served(content)
                url = f"{made.url}/{name}/{file.name}"
                files.append(replace(file, url=url, size=len(content), digest=sha256(content)))
            monkeypatch.setitem(catalogue.MODELS, name, replace(MODELS[name], files=tuple(files)))
        yield made


@pytest.fixture
def said(capsys):
    def run(*words):
        code = main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def translated(said, *words, to="de"):
    code, out, err = said("translate", TEXT, "--from", "en", "--to", to, "--json", *words)
    events = [json.loads(line) for line in out.splitlines()]
    return code, next((e for e in events if e["event"] == "translation"), None), out + err


@pytest.mark.parametrize("name", TINY)
def test_once_got_it_is_taken_without_a_path(server, said, name):
    accept = () if MODELS[name].commercial else ("--accept-licence",)
    code, out, err = said("models", "get", name, *accept)
    assert code == 0
    assert out.startswith(f"{name} is in ")
    assert f"licence {MODELS[name].licence}" in err
    assert f"model.bin: checked, its digest is named by {MODELS[name].digest_source}" in err
    assert " s for a short sentence" in err
    for words in ((), ("--translator", "ctranslate2"), ("--translate-folder", name)):
        code, event, told = translated(said, *words)
        assert (code, event["backend"], event["target"]) == (0, "ctranslate2", SAID)
        assert f"translated by ctranslate2 (by model: {name}, {MODELS[name].licence})" in told
        assert ("a neural model that does these languages is on this computer" in told) == ("--translator" not in words)


def test_listed_with_languages_and_licence_got_and_removed(server, said):
    listed = {line.split()[0]: line for line in said("models", "list", "--language", "de")[1].splitlines() if line}
    assert "en to de" in listed["opus-mt-en-de"]
    assert "NON-COMMERCIAL, CC-BY-NC-4.0" in listed["nllb-200-600m"]
    assert "opus-mt-en-es" not in listed
    assert said("models", "get", "opus-mt-en-de")[0] == 0
    code, out, _ = said("models", "list", "--language", "de", "--json")
    (row,) = [e for e in map(json.loads, out.splitlines()) if e["id"] == "opus-mt-en-de"]
    assert (row["purpose"], row["installed"], row["languages"]) == ("translate", True, ["en", "de"])
    code, out, _ = said("models", "list", "--measure", "--language", "de")
    assert code == 0  # only recognisers are measured
    assert said("models", "remove", "opus-mt-en-de")[0] == 0
    code, _, told = translated(said, "--translator", "ctranslate2")
    assert code == 1
    assert "the translator ctranslate2 cannot be used: no translation model is here" in told


def test_a_licence_that_is_not_for_commerce_must_be_accepted(server, said):
    code, _, err = said("models", "get", "nllb-200-600m")
    assert code == 1
    assert "nllb-200-600m is not for commercial use, or not certainly: CC-BY-NC-4.0" in err
    assert server.asked == []


def test_a_file_with_another_digest_is_refused(server, said):
    server.files["/opus-mt-en-de/model.bin"] = Served(b"x" * len(server.files["/opus-mt-en-de/model.bin"].content))
    code, _, err = said("models", "get", "opus-mt-en-de")
    assert code == 1
    assert "model.bin is not the file that the catalogue names" in err


def test_several_are_here_and_a_name_takes_one(server, said):
    for name in TINY:
        assert said("models", "get", name, "--accept-licence")[0] == 0
    assert translated(said, to="es")[1]["backend"] == "ctranslate2"  # the pair's model does not know it
    code, event, told = translated(said, "--translate-folder", "opus-mt-en-de", "--translator", "ctranslate2", to="es")
    assert (code, event) == (1, None)
    assert "ctranslate2 does not translate English to Spanish" in told
    code, out, _ = said("doctor", "--json")
    found = {e["check"]: e for e in map(json.loads, out.splitlines()) if e["event"] == "finding"}
    assert "en to de; licence CC-BY-4.0" in found["model opus-mt-en-de"]["message"]
    assert found["model m2m100-418m"]["message"] == "3 languages; licence MIT"
    assert "licence CC-BY-NC-4.0" in found["model nllb-200-600m"]["message"]
    assert not any("speed was not measured" in line for line in out.splitlines())


def test_one_that_was_damaged_does_not_end_auto_and_is_got_again(server, said, tmp_path):
    assert said("models", "get", "opus-mt-en-de")[0] == 0
    (weights,) = (tmp_path / "home").rglob("model.bin")
    weights.write_bytes(weights.read_bytes()[:-1])
    phrase = ("translate", "Where is the station?", "--from", "en", "--to", "de")
    code, out, err = said(*phrase)
    assert (code, out) == (0, "Wo ist der Bahnhof?\n")
    assert "ctranslate2 cannot be used: the model in " in err
    assert "model.bin is cut off" in err
    code, _, err = said(*phrase, "--translator", "ctranslate2")
    assert code == 1
    assert "models get opus-mt-en-de" in err
    assert said("models", "get", "opus-mt-en-de")[0] == 0
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in catalogue.MODELS["opus-mt-en-de"].files[0].digest
    assert translated(said)[1]["target"] == SAID


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--translate-folder", "m2m100-418m"), "the model m2m100-418m is not here. Get it: "),
        (
            ("--translate-folder", "whisper-tiny"),
            "whisper-tiny is a model to transcribe, not to translate. --model takes",
        ),
    ],
)
def test_names_that_cannot_be_taken(server, said, words, says):
    code, _, told = translated(said, "--translator", "ctranslate2", *words)
    assert code in {1, 2}
    assert says in told.replace('","hint":"', ". ")
