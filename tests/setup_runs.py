"""What the tests of setup share: a home of its own, a terminal, and what was written."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["ROOT", "SETTLED", "ended", "own_home", "steps", "terminal", "written"]

ROOT = Path(__file__).parents[1]
SETTLED = ["--language", "en", "--to", "de", "--currency", "EUR", "--model", "none"]


def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("SIDELIGHT_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path / "home"


def written(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "config" / "config.toml").read_text(encoding="utf-8"))


def steps(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {event["step"]: event for event in events if event["event"] == "setup"}


@contextlib.contextmanager
def terminal(*words: str, **environment: str) -> Iterator[Any]:
    """The program in a terminal of its own; read what it says and type."""
    pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed: pip install 'sidelight[test]'")
    command = ["-m", "host.cli", *words]
    child = pexpect.spawn(
        sys.executable,
        command,
        cwd=str(ROOT),
        env={**os.environ, **environment},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 200),
    )
    try:
        yield child
    finally:
        child.close(force=True)


def ended(child: Any) -> int:
    from pexpect import EOF  # noqa: PLC0415 - the terminal above has found it

    child.expect(EOF)
    child.close()
    return int(child.exitstatus)
