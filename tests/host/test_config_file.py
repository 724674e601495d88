"""The configuration file, changed by setup: comments stay, and it is whole at any moment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host import config
from host.config_file import change
from host.errors import StoreError, UsageError

MINE = """\
# my glasses
language = "fr"   # at home

[captions]
lines = 2
# why not
"""


def test_a_new_file_is_private_and_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "config.toml"
    change(file, {"language": "German", "captions.lines": 2, "currency": "eur"})
    assert config.given({}, file) == {"language": "de", "captions.lines": 2, "currency": "EUR"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_its_owner_wrote_stays(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE)
    change(file, {"language": "en", "currency": "EUR", "captions.size": "large", "openai.model": "m"})
    text = file.read_text()
    for comment in ("# my glasses\n", "# at home\n", "# why not\n"):
        assert comment in text
    assert config.given({}, file) == {
        "language": "en",
        "currency": "EUR",
        "captions.lines": 2,
        "captions.size": "large",
        "openai.model": "m",
    }


def test_nothing_new_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE)
    before = file.stat()
    change(file, {"language": "fr"})
    change(file, {})
    assert (file.read_text(), file.stat().st_ino) == (MINE, before.st_ino)


@pytest.mark.parametrize("inside", ["captions = { lines = 2 } # here", "captions.lines = 2"])
def test_the_rarer_spellings_of_a_table(inside: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"{inside}\n[openai]\nmodel = 'm'\n")
    change(file, {"captions.size": "large", "language": "en"})
    assert config.given({}, file) == {
        "captions.lines": 2,
        "captions.size": "large",
        "openai.model": "m",
        "language": "en",
    }


def test_a_link_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "sidelight.toml"
    real.parent.mkdir()
    real.write_text(MINE)
    mode = real.parent.stat().st_mode
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.symlink_to(real)
    change(file, {"language": "de"})
    assert file.is_symlink()
    assert real.read_text() == MINE.replace('"fr"', '"de"')
    assert real.parent.stat().st_mode == mode


@pytest.mark.parametrize("content", [b"language = \n", b"language = '\xff'\n"])
def test_a_file_that_was_spoilt_meanwhile_is_left_alone(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="cannot change the configuration"):
        change(file, {"language": "de"})
    assert file.read_bytes() == content


def test_a_bad_value_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(UsageError, match="did you mean English"):
        change(file, {"currency": "EUR", "language": "englisch"})
    assert not file.exists()


def test_a_disk_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE)

    def fails(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(StoreError, match="no room left"):
        change(file, {"language": "en"})
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert file.read_text() == MINE


values: dict[str, st.SearchStrategy[Any]] = {
    "language": st.sampled_from(["en", "de", "auto"]),
    "glasses": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    "captions.lines": st.integers(1, 3),
    "captions.dark_after_s": st.floats(0, 100),
    "keep_audio": st.booleans(),
    "llm.model": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
}
some = st.lists(st.sampled_from(sorted(values)), unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: values[key] for key in keys})
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=some, second=some)
def test_any_two_changes_add_up(first: dict[str, Any], second: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.unlink(missing_ok=True)
    change(file, first)
    change(file, second)
    if first or second:
        assert config.given({}, file) == first | second
        tomllib.loads(file.read_text(encoding="utf-8"))
