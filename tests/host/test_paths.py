"""Where things are kept: the platform's folders, or all of it in SIDELIGHT_HOME."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from host.paths import config_folder, data_folder


def test_one_variable_moves_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    assert data_folder() == tmp_path / "data"
    assert config_folder() == tmp_path / "config"
    assert not any(tmp_path.iterdir())


def test_a_relative_folder_and_a_home_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIDELIGHT_HOME", "here")
    assert data_folder() == tmp_path / "here" / "data"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("SIDELIGHT_HOME", "~/there")
    assert config_folder() == tmp_path / "there" / "config"


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
def test_the_platforms_folders_without_it(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("SIDELIGHT_HOME", raising=False)
    else:
        monkeypatch.setenv("SIDELIGHT_HOME", value)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere/config")
    assert data_folder() == Path("/somewhere/data/sidelight")
    assert config_folder() == Path("/somewhere/config/sidelight")
