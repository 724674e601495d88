"""Commands in hints, as they can be typed where the program is installed."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from host.cli import installation
from host.cli.installation import program, typed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files that can be run, as POSIX has them")

HINT = "Get it: pip install 'sidelight[moonshine]', then moonshine-voice download --stt; see sidelight demo --help"


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    """An environment that is not active."""
    folder = tmp_path / "my env" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "pip", "moonshine-voice", "sidelight"):
        (folder / name).write_text("")
        (folder / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sys, "argv", [str(folder / "sidelight")])
    monkeypatch.setenv("PATH", "/usr/bin")
    return folder


def test_in_an_active_environment_names_are_enough(environment, monkeypatch):
    monkeypatch.setenv("PATH", f"{environment}:/usr/bin")
    assert typed(HINT) == HINT
    assert program() == "sidelight"


@pytest.mark.parametrize("active", [True, False])
def test_what_is_to_be_installed_first_need_not_be_there(environment, monkeypatch, active):
    (environment / "moonshine-voice").unlink()
    if active:
        monkeypatch.setenv("PATH", f"{environment}:/usr/bin")
    expected = "moonshine-voice" if active else f"'{environment}/moonshine-voice'"
    assert typed("moonshine-voice download") == f"{expected} download"


def test_elsewhere_they_are_paths(environment):
    place = str(environment)
    assert typed(HINT) == (
        f"Get it: '{place}/python' -m pip install 'sidelight[moonshine]', "
        f"then '{place}/moonshine-voice' download --stt; see '{place}/sidelight' demo --help"
    )


def test_a_relative_path_stays_as_it_was_typed(environment, monkeypatch):
    monkeypatch.chdir(environment)
    monkeypatch.setattr(sys, "argv", ["./sidelight"])
    assert program() == "./sidelight"


def test_started_as_a_module(environment, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/host/cli/__main__.py"])
    assert program() == f"'{environment}/python' -m host.cli"


def test_without_pip_it_is_uv(environment, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert typed("Install it: pip install x") == f"Install it: uv pip install --python '{environment}/python' x"


@pytest.mark.parametrize("text", ["SIDELIGHT_HOME", "sidelight.db is damaged", "/home/me/sidelight", "reinstall pip"])
def test_other_words_stay(environment, text):
    assert typed(text) == text
    assert installation.typed("") == ""
