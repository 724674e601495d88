"""Shows where the extras of this project install as wheels, with no compiler: Python and platform, one line each.

    python tools/check_wheels.py              # a table, and what is missing where
    python tools/check_wheels.py --markdown   # the README's table

For every target pip resolves the requirements with `--only-binary=:all:`. pip judges environment markers by the
interpreter that runs it, whatever `--platform` says, so the markers are judged here, for each target, at every depth:
pip is asked for one layer at a time, without dependencies, and its report names the next one. A requirement that a
marker of pyproject.toml takes away on a target is left out there and listed. Exit code 1 if a wheel is missing that
no marker accounts for.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
EXTRAS = ("demo", "all")
_INSTEAD = {"pyvalhalla-weekly": "pyvalhalla"}  # the same under another name, for other Pythons
PYTHONS = ("3.11", "3.12", "3.13")

# glibc 2.36 is Debian 12's; Ubuntu 24.04 has 2.39. macOS 15 is the oldest that Apple still mends.
GLIBC_MINOR = 36
MACOS = "15_0"


@dataclass(frozen=True)
class Platform:
    """A kind of computer: pip's tags for it and what its Python answers to environment markers."""

    name: str
    tags: tuple[str, ...]
    markers: dict[str, str]


def _linux(machine: str) -> Platform:
    tags = tuple(f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC_MINOR, 4, -1))
    old = tuple(f"{name}_{machine}" for name in ("manylinux2014", "manylinux2010", "manylinux1"))
    markers = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine}
    return Platform(f"Linux {machine}", (*tags, *old, f"linux_{machine}"), markers)


def _macos(machine: str, name: str) -> Platform:
    markers = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": machine}
    return Platform(name, (f"macosx_{MACOS}_{machine}",), markers)


PLATFORMS = (
    _linux("x86_64"),
    _linux("aarch64"),
    Platform(
        "Windows x86-64",
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
    _macos("arm64", "macOS arm64"),
    _macos("x86_64", "macOS Intel"),
)


@dataclass
class Outcome:
    """What became of one extra on one target."""

    wheels: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def text(self) -> str:
        """A cell of the table."""
        if self.missing:
            return "no wheel: " + ", ".join(self.missing)
        return "yes, without " + ", ".join(self.left_out) if self.left_out else "yes"


def main() -> int:
    """Resolve everything, print the table; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    parser.add_argument("--wheels", action="store_true", help="list the wheels of each target, too")
    args = parser.parse_args()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    targets = [(platform, python) for platform in PLATFORMS for python in PYTHONS]
    with ThreadPoolExecutor(max_workers=2) as pool:
        rows = list(pool.map(lambda target: [resolve(extras, extra, *target) for extra in EXTRAS], targets))
    print(_table(targets, rows, markdown=args.markdown))
    if args.wheels:
        for (platform, python), outcomes in zip(targets, rows, strict=True):
            print(f"\n{platform.name}, Python {python}:\n  " + "\n  ".join(outcomes[-1].wheels))
    return 1 if any(outcome.missing for row in rows for outcome in row) else 0


def resolve(project: dict[str, object], extra: str, platform: Platform, python: str) -> Outcome:
    """Which wheels this extra takes on this target, layer by layer."""
    environment = {**default_environment(), **platform.markers, "implementation_name": "cpython"}
    environment |= {"python_version": python, "python_full_version": f"{python}.0"}
    outcome = Outcome()
    wanted: dict[str, Requirement] = {}
    declared = _of_extra(project, extra)
    for requirement in declared:
        if _applies(requirement, environment, set()):
            wanted[str(requirement)] = _bare(requirement)
    names = ({_INSTEAD.get(r.name, r.name) for r in some} for some in (declared, wanted.values()))
    outcome.left_out = sorted(next(names) - next(names))
    while True:
        report = _ask_pip([r for r in wanted.values() if r.name not in outcome.missing], platform, python, outcome)
        found = len(wanted)
        for item in report:
            metadata = item["metadata"]
            name = canonicalize_name(metadata["name"])
            asked = {e for r in wanted.values() if canonicalize_name(r.name) == name for e in r.extras}
            for text in metadata.get("requires_dist", []):
                requirement = Requirement(text)
                if _applies(requirement, environment, asked):
                    wanted.setdefault(str(_bare(requirement)), _bare(requirement))
        if len(wanted) == found:
            outcome.wheels = sorted(item["download_info"]["url"].rpartition("/")[2] for item in report)
            return outcome


def _of_extra(project: dict[str, object], extra: str) -> list[Requirement]:
    """The requirements of the project with this extra; extras that name others are followed."""
    optional = project["optional-dependencies"]
    found = [Requirement(text) for text in project["dependencies"]]
    waiting, seen = [extra], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for requirement in map(Requirement, optional[name]):
            if requirement.name == project["name"]:
                waiting.extend(requirement.extras)
            else:
                found.append(requirement)
    return found


def _applies(requirement: Requirement, environment: dict[str, str], extras: set[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in extras or {""})


def _bare(requirement: Requirement) -> Requirement:
    bare = Requirement(str(requirement))
    bare.marker = None
    return bare


def _ask_pip(wanted: list[Requirement], platform: Platform, python: str, outcome: Outcome) -> list[dict[str, object]]:
    """The wheels pip picks for one layer; what has none goes to `outcome.missing`."""
    while True:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--dry-run",
                "--no-deps",
                "--ignore-installed",
            ]
            command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", python]
            command += [word for tag in platform.tags for word in ("--platform", tag)]
            command += ["--target", folder, "--report", str(report), *map(str, wanted)]
            done = subprocess.run(command, text=True, capture_output=True, check=False)
            if done.returncode == 0:
                return list(json.loads(report.read_text(encoding="utf-8"))["install"])
        failed = re.search(r"No matching distribution found for ([\w.-]+)", done.stderr)
        if failed is None:
            raise SystemExit(done.stderr)
        outcome.missing.append(failed[1])
        wanted = [r for r in wanted if r.name != failed[1]]


def _table(targets: list[tuple[Platform, str]], rows: list[list[Outcome]], *, markdown: bool) -> str:
    cells = [["platform", "Python", *(f"[{extra}]" for extra in EXTRAS)]]
    for (platform, python), outcomes in zip(targets, rows, strict=True):
        cells.append([platform.name, python, *(outcome.text() for outcome in outcomes)])
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    bar, ends = (" | ", ("| ", " |")) if markdown else ("  ", ("", ""))
    lines = [ends[0] + bar.join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + ends[1] for row in cells]
    if markdown:
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main())
