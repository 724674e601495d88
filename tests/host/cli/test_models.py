"""`sidelight models` as a user types it, against a server of models on this computer."""

from __future__ import annotations

import json
import random

import pytest
from model_server import ModelServer, Served, model, sha256

from host.cli import main
from host.cli import models as verb
from host.models import catalogue, installed
from host.models.catalogue import MODELS
from host.models.model import ModelFile

WEIGHTS = random.Random(2).randbytes(300_000)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))


@pytest.fixture
def server(tmp_path, monkeypatch):
    (tmp_path / "tls").mkdir()
    made = ModelServer(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    with made.running():
        yield made


def said(capsys, *words):
    code = main(["models", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_list_says_what_is_known_of_each(capsys):
    code, out, _ = said(capsys, "list")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert set(MODELS) <= set(lines)
    assert "MIT; 7.84 % word errors" in lines["moonshine-small-streaming-en"]
    assert "NON-COMMERCIAL, Moonshine Community License" in lines["moonshine-tiny-ko"]
    assert "142 MB" in lines["moonshine-small-streaming-en"]
    assert " here" not in out
    code, out, _ = said(capsys, "list", "--language", "fr", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert [e["id"] for e in events][:2] == ["zipformer-fr", "whisper-large-v3-turbo"]
    assert {"event", "t", "size", "licence", "commercial", "quality", "installed", "real_time_factor"} <= set(events[0])
    assert said(capsys, "list", "--language", "French")[1] == said(capsys, "list", "--language", "fr")[1] != ""
    code, out, err = said(capsys, "list", "--language", "xx")
    assert (code, out) == (0, "")
    assert "no model of the catalogue knows the language xx" in err


def test_get_list_and_remove(server, capsys, monkeypatch):
    server.files["/m/weights.onnx"] = Served(WEIGHTS)
    server.files["/m/tokens.txt"] = Served(b"a 0", headers={"X-Linked-Etag": sha256(b"a 0").removeprefix("sha256:")})
    server.files["/m/notes.txt"] = Served(b"notes")
    files = [ModelFile(f"{server.url}/m/{name}", f"tiny-en/{name}", size, digest) for name, size, digest in (
        ("weights.onnx", len(WEIGHTS), sha256(WEIGHTS)), ("tokens.txt", 3, ""), ("notes.txt", 5, ""))]  # fmt: skip
    monkeypatch.setitem(catalogue.MODELS, "tiny-en", model(*files, digest_source="the page of a test"))
    code, out, err = said(capsys, "get", "tiny-en")
    assert (code, out.count("\n")) == (0, 1)
    assert out.startswith("tiny-en is in ")
    assert "100 %" in err
    assert "weights.onnx: checked, its digest is named by the page of a test" in err
    assert "tokens.txt: checked against the digest that its server gives; recorded" in err
    assert "notes.txt: nobody names a digest; recorded as it came, sha256 " in err
    assert " here" in said(capsys, "list", "--language", "en")[1]
    asked = len(server.asked)
    assert said(capsys, "get", "tiny-en")[1].startswith("tiny-en is here already, whole, in ")
    code, out, _ = said(capsys, "get", "tiny-en", "--json")
    assert len(server.asked) == asked
    (event,) = [json.loads(line) for line in out.splitlines()]
    assert (event["event"], event["installed"], len(event["files"])) == ("model", True, 3)
    code, out, _ = said(capsys, "remove", "tiny-en")
    assert (code, out) == (0, "tiny-en is removed; 0.3 MB are free again\n")
    assert " here" not in said(capsys, "list", "--language", "en")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["get", "moonshine-medum"], "; did you mean moonshine-medium-streaming-en?"),
        (["get", "whisper-smal"], "there is no model named 'whisper-smal'; did you mean whisper-small?"),
        (["remove", "whisper-tiny"], "the model whisper-tiny is not here"),
        (["get", "moonshine-tiny-ko"], "moonshine-tiny-ko is not for commercial use, or not certainly"),
        (["get", "whisper-tiny", "--from", "/nowhere"], "there is no folder '/nowhere'"),
        (["get", "whisper-tiny", "--models-mirror", "http://mirror"], "models.mirror is no https address"),
    ],
)
def test_errors_are_one_line(capsys, words, says):
    code, out, err = said(capsys, *words)
    assert code in {1, 2}
    assert out == ""
    assert says in err
    assert [line for line in err.splitlines() if line.startswith("error: ")] == err.splitlines()[-1:]


def test_speed_is_measured_and_kept(tmp_path, capsys):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    pytest.importorskip("soundfile")
    from tiny_models import tone_recogniser  # noqa: PLC0415 - needs what was just looked for

    folder = installed.ModelFolder(tmp_path / "home" / "data")
    tone_recogniser(folder.root / "zipformer-en" / MODELS["zipformer-en"].folder)
    (folder.root / "zipformer-en" / "sidelight.json").write_text("{}")
    code, out, err = said(capsys, "list", "--measure", "--language", "en")
    assert (code, "measuring zipformer-en" in err) == (0, True)
    (line,) = [line for line in out.splitlines() if line.split()[0] == "zipformer-en"]
    assert " of real time" in line
    assert folder.find("zipformer-en").real_time_factor > 0
    (folder.root / "zipformer-en" / MODELS["zipformer-en"].folder / "tokens.txt").unlink()
    code, _, err = said(capsys, "list", "--measure")
    assert code == 1
    assert "tokens.txt missing" in err


def test_an_interrupted_download_says_that_it_can_go_on(server, capsys, monkeypatch):
    server.files["/m/weights.onnx"] = Served(WEIGHTS)
    file = ModelFile(f"{server.url}/m/weights.onnx", "tiny-en/weights.onnx", len(WEIGHTS))
    monkeypatch.setitem(catalogue.MODELS, "tiny-en", model(file))

    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("host.app.models.get", interrupted)
    code, out, err = said(capsys, "get", "tiny-en")
    assert (code, out) == (130, "")
    assert "what has come is kept: the same command goes on with it" in err


def test_a_measurement_that_is_interrupted_leaves_the_model(server, capsys, monkeypatch):
    server.files["/m/weights.onnx"] = Served(WEIGHTS)
    file = ModelFile(f"{server.url}/m/weights.onnx", "tiny-en/weights.onnx", len(WEIGHTS))
    monkeypatch.setitem(catalogue.MODELS, "tiny-en", model(file, backend="pocketsphinx"))

    def interrupted(_here, _folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("host.backends.registry.missing", lambda _name: "")
    monkeypatch.setattr("host.app.models.measured", interrupted)
    code, _, err = said(capsys, "get", "tiny-en")
    assert code == 130
    assert "tiny-en is here; how fast it is was not measured" in err
    assert " here" in said(capsys, "list", "--language", "en")[1]


def test_speed_is_measured_once_a_model_is_got(tmp_path, server, capsys, monkeypatch):
    pytest.importorskip("sherpa_onnx")
    pytest.importorskip("onnx")
    pytest.importorskip("soundfile")
    from tiny_models import tone_recogniser  # noqa: PLC0415 - needs what was just looked for

    tone_recogniser(tmp_path / "made")
    contents = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    server.files |= {f"/m/{name}": Served(content) for name, content in contents.items()}
    files = [ModelFile(f"{server.url}/m/{name}", f"tiny-en/{name}", len(c)) for name, c in contents.items()]
    monkeypatch.setitem(catalogue.MODELS, "tiny-en", model(*files))
    code, out, err = said(capsys, "get", "tiny-en", "--json")
    assert code == 0
    assert 0 < json.loads(out)["real_time_factor"] < 1
    assert "measuring tiny-en: twenty seconds of speech" in err
    assert " of real time\n" in err
    said(capsys, "remove", "tiny-en")

    def slow(_here, _folder):
        return 1.5

    monkeypatch.setattr("host.app.models.measured", slow)
    assert (
        "1.50 of real time; slower than speech, so it is taken only by --model tiny-en"
        in said(capsys, "get", "tiny-en")[2]
    )


def test_a_library_that_is_missing_is_said_before_the_download(server, capsys, monkeypatch):
    monkeypatch.setattr("host.backends.registry.installed", frozenset)
    server.files["/m/weights.onnx"] = Served(WEIGHTS)
    file = ModelFile(f"{server.url}/m/weights.onnx", "tiny-en/weights.onnx", len(WEIGHTS))
    monkeypatch.setitem(catalogue.MODELS, "tiny-en", model(file))
    code, _, err = said(capsys, "get", "tiny-en")
    lines = err.splitlines()
    (library,) = [n for n, line in enumerate(lines) if "its library is not installed yet: pip install" in line]
    assert code == 0
    assert library < next(n for n, line in enumerate(lines) if " % " in line)
    assert "measuring" not in err


def test_the_verb_describes_itself():
    assert verb.__doc__
    assert "Nothing is downloaded but by" in verb.__doc__
