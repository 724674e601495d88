"""The unit's text: every word arrives as it was, whatever is in it; systemd itself, where it is, reads the text."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systemd_units import value, verify

from host.errors import UsageError
from host.systemd import MADE_BY, Service, _pattern, _quoted, unit

SERVICE = Service(
    command=("/opt/side light/100%/sidelight", "transcribe", "--glasses", "ble:Frame 4F"),
    folders=['/home/me/da%ta "here"', "/run/s"],
    secrets="/home/me/con[fig]/100% $HOME/service.env",
    environment={"SIDELIGHT_HOME": "/home/me/$HOME %h"},
)  # fmt: skip

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


def read_back(written: str, *, dollars: bool) -> str:
    """systemd.syntax(7): one word, in quotes or without; then specifiers and variables."""
    if written.startswith('"'):
        assert written.endswith('"')
        written = re.sub(r"\\(.)", r"\1", written[1:-1])
    else:
        assert re.fullmatch(r"[^\s\"'\\;#]+", written)
    assert re.fullmatch(r"(%%|[^%])*", written)
    written = written.replace("%%", "%")
    if dollars:
        assert re.fullmatch(r"(\$\$|[^$])*", written)
        written = written.replace("$$", "$")
    return written


@given(word=WORDS)
def test_any_word_is_read_back(word):
    assert read_back(_quoted(word, dollars=True), dollars=True) == word
    assert read_back(_quoted(word), dollars=False) == word
    assert "\n" not in _quoted(word)


@given(path=WORDS)
def test_any_path_of_keys_is_a_pattern_for_itself_alone(path):
    pattern = _pattern(path)
    assert re.sub(r"\\(.)", r"\1", pattern).replace("%%", "%") == path
    assert re.fullmatch(r"(\\.|[^*?\[\\])*", pattern, re.DOTALL)


@pytest.mark.parametrize("word", ["a\nExecStart=/bin/rm", "\x1b[2J", "a\0b", "\ud800"])
def test_what_no_unit_can_hold_is_refused(word):
    for refused in (_quoted, _pattern):
        with pytest.raises(UsageError, match="a service of systemd cannot have these characters"):
            refused(word)


def test_the_unit_is_hardened_and_explained():
    text = unit(SERVICE)
    assert text.startswith(MADE_BY)
    expected = '"/opt/side light/100%%/sidelight" transcribe --glasses "ble:Frame 4F"'
    assert value(text, "ExecStart") == expected
    assert value(text, "ReadWritePaths") == r'"/home/me/da%%ta \"here\"" /run/s'
    assert value(text, "EnvironmentFile") == r"-/home/me/con\[fig]/100%% $HOME/service.env"
    assert value(text, "Environment") == '"SIDELIGHT_HOME=/home/me/$HOME %%h"'
    for key, setting in {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "PrivateUsers": "yes",
        "Restart": "on-failure", "StartLimitBurst": "200", "KillMode": "mixed", "UMask": "0077",
        "SuccessExitStatus": "130", "RestartPreventExitStatus": "2", "WantedBy": "default.target",
    }.items():  # fmt: skip
        assert value(text, key) == setting
    lines = text.splitlines()
    known = {"Description", "Documentation", "StartLimitBurst", "TimeoutStopSec", "RestartSec", "Environment"}
    for before, line in itertools.pairwise(lines):
        if "=" in line and not line.startswith("#") and line.partition("=")[0] not in known:
            assert before.startswith("#"), f"{line} is not explained"


def test_without_a_sandbox_or_a_home_of_its_own():
    text = unit(Service(command=("/usr/bin/sidelight",), folders=["/d"], secrets="/s", sandboxed=False))
    assert not re.search(
        r"^(ProtectSystem|ReadWritePaths|RuntimeDirectory|PrivateTmp|PrivateUsers|Environment)=", text, re.MULTILINE
    )
    assert value(text, "NoNewPrivileges") == "yes"


@pytest.mark.parametrize("name", ["sidelight", "side light", "100%h", "$HOME", "a;b", "#a", "ünïcødé", "%%"])
def test_systemd_reads_the_program_as_it_was_written(tmp_path, name):
    program = tmp_path / name
    path = tmp_path / "sidelight.service"
    made = Service(command=(str(program), "transcribe"), folders=[str(tmp_path / name)], secrets=str(tmp_path / name))
    path.write_text(unit(made))
    assert f"Command {program} is not executable" in verify(path)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert verify(path) == ""


@pytest.mark.parametrize("name", ['quo"te', "it's", "back\\slash"])
def test_a_program_that_systemd_would_refuse(tmp_path, name):
    with pytest.raises(UsageError, match="a program whose path has quotes or backslashes"):
        unit(Service(command=(f"/opt/{name}",), folders=["/d"], secrets="/s"))
    unit(Service(command=("/opt/sidelight", name), folders=[f"/{name}"], secrets=f"/{name}"))
    path = tmp_path / "sidelight.service"
    path.write_text(f"[Service]\nExecStart={_quoted(f'/opt/{name}')}\n")
    assert "Executable name contains special characters" in verify(path).replace("special...", "special characters")


def test_systemd_would_find_a_mistake(tmp_path):
    path = tmp_path / "sidelight.service"
    path.write_text(unit(SERVICE).replace("KillMode=", "KilMode="))
    assert "Unknown key 'KilMode'" in verify(path)
