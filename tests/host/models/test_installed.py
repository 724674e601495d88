"""Models in their folder: whole, replaced, known to be as they came, removed, and for one program at a time."""

from __future__ import annotations

import tarfile
import threading
import time
from pathlib import Path

import pytest
from model_server import WEIGHTS, Served, folder_of, getting, model, served, sha256, tiny

from host.app.models import get
from host.errors import DownloadError, ModelMissingError, StoreError
from host.models.model import ModelFile


def test_an_archive_is_unpacked_and_the_old_model_replaced(server, tmp_path):
    with tarfile.open(tmp_path / "tiny-en.tar.bz2", "w:bz2") as tar:
        (tmp_path / "weights.onnx").write_bytes(WEIGHTS)
        tar.add(tmp_path / "weights.onnx", "tiny-en/weights.onnx")
    packed = (tmp_path / "tiny-en.tar.bz2").read_bytes()
    server.files["/tiny-en.tar.bz2"] = Served(packed)
    wanted = model(ModelFile(f"{server.url}/tiny-en.tar.bz2", ".", len(packed), sha256(packed), unpacked=800_000))
    folder = folder_of(tmp_path, wanted)
    first = get(wanted, folder).installed
    (first.path / "stale").touch()
    folder.record_speed("tiny-en", 0.25)
    assert folder.find("tiny-en").real_time_factor == 0.25
    second = get(wanted, folder).installed
    assert sorted(p.name for p in second.path.iterdir()) == ["weights.onnx"]
    assert getting(tmp_path) == []
    elsewhere = model(*wanted.files, folder="other")
    with pytest.raises(DownloadError, match="there is no folder other in what came"):
        get(elsewhere, folder)
    assert folder.find("tiny-en") is not None


def test_an_archive_that_cannot_be_unpacked_is_downloaded_anew(server, tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        (tmp_path / "weights.onnx").write_bytes(WEIGHTS)
        tar.add(tmp_path / "weights.onnx", "tiny-en/weights.onnx")
    packed = (tmp_path / "a.tar.gz").read_bytes()
    wanted = model(ModelFile(f"{server.url}/a.tar.gz", ".", len(packed), unpacked=800_000))
    folder = folder_of(tmp_path, wanted)
    server.files["/a.tar.gz"] = Served(packed[: len(packed) // 2])
    with pytest.raises(DownloadError, match=r"^a\.tar\.gz is no archive, or is damaged"):
        get(wanted, folder)
    server.files["/a.tar.gz"] = Served(packed)
    assert (get(wanted, folder).installed.path / "weights.onnx").read_bytes() == WEIGHTS


def test_removing(server, tmp_path):
    served(server)
    folder = folder_of(tmp_path, tiny(server))
    get(tiny(server), folder)
    assert folder.remove("tiny-en") > len(WEIGHTS)
    assert folder.all() == []
    assert not (tmp_path / "data" / "models" / "tiny-en").exists()
    with pytest.raises(ModelMissingError, match="the model tiny-en is not here"):
        folder.remove("tiny-en")
    with pytest.raises(ModelMissingError, match=r"there is no model named 'tiny-em'; did you mean tiny-en\?"):
        folder.remove("tiny-em")
    served(server, cut_after=[300_000, 0, 0, 0])
    with pytest.raises(DownloadError):
        get(tiny(server), folder)
    assert folder.remove("tiny-en") >= 300_000
    assert getting(tmp_path) == []


def test_a_removal_that_was_interrupted_is_no_obstacle(server, tmp_path):
    served(server)
    folder = folder_of(tmp_path, tiny(server))
    get(tiny(server), folder)
    (folder.root / ".getting" / "tiny-en" / "gone" / "tiny-en").mkdir(parents=True)
    folder.remove("tiny-en")
    assert folder.all() == []
    assert getting(tmp_path) == []


def test_what_cannot_be_put_in_its_place_leaves_the_model_that_was_there(server, tmp_path, monkeypatch):
    served(server)
    folder = folder_of(tmp_path, tiny(server))
    got = get(tiny(server), folder).installed
    renamed = Path.rename

    def refuse(path, target):
        if path.name == "ready":
            raise OSError(5, "Input/output error")
        return renamed(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match="input/output error"):
        get(tiny(server), folder)
    assert folder.all() == [got]
    assert (got.path / "weights.onnx").read_bytes() == WEIGHTS


def test_a_model_is_known_to_be_as_it_came(server, tmp_path):
    served(server)
    wanted = tiny(server, digest=sha256(WEIGHTS))
    folder = folder_of(tmp_path, wanted)
    assert folder.as_it_came("tiny-en") is None
    got = get(wanted, folder)
    assert folder.as_it_came("tiny-en") == got.files
    assert folder_of(tmp_path, tiny(server, digest=sha256(b"newer"))).as_it_came("tiny-en") is None
    for spoil in (b"", WEIGHTS[:-1] + b"x"):
        (got.installed.path / "weights.onnx").write_bytes(spoil)
        assert folder.as_it_came("tiny-en") is None
    (got.installed.path / "weights.onnx").unlink()
    assert folder.as_it_came("tiny-en") is None
    (folder.root / "tiny-en" / "sidelight.json").write_text("[]")
    assert folder.as_it_came("tiny-en") is None


def test_two_at_once(server, tmp_path):
    served(server, stall_after=[100_000])
    wanted = tiny(server)
    folder, errors = folder_of(tmp_path, wanted), []
    first = threading.Thread(target=lambda: get(wanted, folder), daemon=True)
    first.start()
    deadline = time.monotonic() + 10
    while not server.asked and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(DownloadError, match="another program is getting or removing tiny-en") as error:
        get(wanted, folder)
    errors.append(error)
    with pytest.raises(DownloadError, match="another program"):
        folder.remove("tiny-en")
    server.silent.set()
    first.join(20)
    assert (folder.find("tiny-en").path / "weights.onnx").read_bytes() == WEIGHTS
