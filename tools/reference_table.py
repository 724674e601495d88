"""Writes docs/frame-reference.md and docs/halo-reference.md: every row of the device reference, and the tests that show
it done or why it is not.

    python tools/reference_table.py

Rows are in `reference_rows.py` and `halo_rows.py`, choices in `firmware_bridge/emulator/choices.py` and
`firmware_bridge/emulator/halo/choices.py`; a test says what it shows by `@pytest.mark.reference("1.4 break", ...)` or
`@pytest.mark.halo_reference(...)`. tests/firmware_bridge/emulator/test_reference_table.py fails while a page is out of
date, and where a row has neither test nor reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

import halo_rows
import reference_rows
from reference_rows import Row

from firmware_bridge.emulator import choices
from firmware_bridge.emulator.halo import choices as halo_choices

ROOT: Final = Path(__file__).parents[1]
_INTRODUCTION: Final = """\
# {name} as it is documented, and the emulated {name}

Made by `python tools/reference_table.py`; do not edit.

The device reference is what is known of {name}'s firmware {firmware}. Each row is one statement of it in our words. It
is **done** where a test shows it (paths are below `tests/`, mostly in `firmware_bridge/emulator/`), or left out for the
reason given. Where the reference is not sure the emulator makes a choice, which has a name; `strict=1` in its address
makes the worst that is still possible.

"""


@dataclass(frozen=True, slots=True)
class Device:
    """What the page of one kind of glasses is made of.

    Attributes:
        name: of the glasses.
        firmware: that the reference was read from.
        marker: by which tests name rows.
        rows: of the reference.
        nominal: its choices.
        strict: the worst ones.
    """

    name: str
    firmware: str
    marker: str
    rows: tuple[Row, ...]
    nominal: Any
    strict: Any

    @property
    def path(self) -> Path:
        """The page."""
        return ROOT / "docs" / f"{self.name.lower()}-reference.md"


FRAME: Final = Device("Frame", "v25.278.1113", "reference", reference_rows.ROWS, choices.NOMINAL, choices.STRICT)
HALO: Final = Device("Halo", "0.8.8", "halo_reference", halo_rows.ROWS, halo_choices.NOMINAL, halo_choices.STRICT)
DEVICES: Final = (FRAME, HALO)
_SECTIONS: Final = {
    "1": "Bluetooth and the prompt",
    "2": "The Lua API",
    "3": "The Lua VM",
    "4": "Timing",
    "5": "Known bugs and limits",
}
_MARKS: Final = {"": "", "est": "estimated", "?": "not known", "open": "open in part"}


def tests_by_row(device: Device) -> dict[str, list[str]]:
    """For each row the tests that name it, as `file::test`, in the order of files and of tests in them."""
    found: dict[str, list[str]] = {}
    for marker, row, name in _marked():
        if marker == device.marker:
            tests = found.setdefault(row, [])
            if name not in tests:
                tests.append(name)
    return found


@cache
def _marked() -> tuple[tuple[str, str, str], ...]:
    """Every row that a test names: marker, row, and the test."""
    return tuple(
        (marker, row, f"{path.relative_to(ROOT / 'tests').as_posix()}::{node.name}")
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for marker, row in _rows_of(node)
    )


def page(device: Device) -> str:
    """The text of a page."""
    tests = tests_by_row(device)
    done = sum(bool(tests.get(row.name)) for row in device.rows)
    return "".join(
        [
            _INTRODUCTION.format(name=device.name, firmware=device.firmware),
            f"{len(device.rows)} rows: {done} done, {len(device.rows) - done} left out.\n",
            *_choices(device),
            *(part for number, title in _SECTIONS.items() for part in _section(device, number, title, tests)),
        ]
    )


def _choices(device: Device) -> Iterator[str]:
    yield "\n## Choices\n\n| choice | decides | row | nominal | strict |\n|---|---|---|---|---|\n"
    for field in fields(device.nominal):
        nominal, strict = (_value(getattr(chosen, field.name)) for chosen in (device.nominal, device.strict))
        row, what = field.metadata["row"], field.metadata["what"]
        yield f"| `{field.name}` | {what} | {row} | {nominal} | {strict} |\n"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _section(device: Device, number: str, title: str, tests: dict[str, list[str]]) -> Iterator[str]:
    yield f"\n## {number} {title}\n\n| row | the reference says | sure? | emulated |\n|---|---|---|---|\n"
    for row in device.rows:
        if row.name.split()[0].split(".")[0] == number:
            shown = _emulated(row, tests.get(row.name, []))
            yield f"| {row.name} | {_cell(row.says)} | {_sure(device, row)} | {shown} |\n"


def _sure(device: Device, row: Row) -> str:
    chosen = [f"`{field.name}`" for field in fields(device.nominal) if field.metadata["row"] == row.name]
    return "; ".join(filter(None, (_MARKS[row.mark], ", ".join(chosen))))


def _emulated(row: Row, tests: list[str]) -> str:
    shown = "<br>".join(f"`{test.removeprefix('firmware_bridge/emulator/')}`" for test in tests)
    return f"left out: {_cell(row.left_out)}" if row.left_out else f"done<br>{shown}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows_of(test: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and (called := ast.unparse(decorator.func)).endswith("reference"):
            for argument in decorator.args:
                yield called.removeprefix("pytest.mark."), ast.literal_eval(argument)


if __name__ == "__main__":
    for device in DEVICES:
        device.path.write_text(page(device), encoding="utf-8", newline="\n")
        print(f"{device.path.relative_to(ROOT)} is written.")
