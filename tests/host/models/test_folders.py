"""A folder with a model, as a user names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.errors import ModelMissingError
from host.models.folders import model_files


def test_its_files_are_listed(tmp_path, monkeypatch):
    for name in ("tokens.txt", "model.bin"):
        (tmp_path / name).touch()
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    assert model_files(f"~/{tmp_path.name}", "a model", "") == (tmp_path, ["model.bin", "tokens.txt"])


@pytest.mark.parametrize("name", ["nowhere", "~nobody-of-this-name/x", "a file", "a\0b", "x" * 5000])
def test_what_is_no_folder_of_a_model(tmp_path, monkeypatch, name):
    (tmp_path / "a file").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelMissingError, match=r"there is no folder .* with a Whisper model") as error:
        model_files(name, "a Whisper model", "Get one")
    assert error.value.hint == "Get one"


def test_a_folder_that_may_not_be_read(monkeypatch, tmp_path):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ModelMissingError, match="may not be read"):
        model_files(str(tmp_path), "a model", "")
