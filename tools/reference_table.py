"""Writes docs/frame-reference.md: every row of the device reference, and the tests that show it done or why it is not.

    python tools/reference_table.py

Rows are in `reference_rows.py`, choices in `firmware_bridge/emulator/choices.py`; a test says what it shows by
`@pytest.mark.reference("1.4 break", ...)`. tests/firmware_bridge/emulator/test_reference_table.py fails while the page
is out of date, and where a row has neither test nor reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from reference_rows import ROWS, Row

from firmware_bridge.emulator.choices import NOMINAL, STRICT, Choices

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "frame-reference.md"
_INTRODUCTION: Final = """\
# Frame as it is documented, and the emulated Frame

Made by `python tools/reference_table.py`; do not edit.

The device reference is what is known of Frame's firmware v25.278.1113. Each row is one statement of it in our words. It
is **done** where a test shows it (paths are below `tests/`, mostly in `firmware_bridge/emulator/`), or left out for the
reason given. Where the reference is not sure the emulator makes a choice, which has a name; `strict=1` in its address
makes the worst that is still possible.

"""
_SECTIONS: Final = {
    "1": "Bluetooth and the prompt",
    "2": "The Lua API",
    "3": "The Lua VM",
    "4": "Timing",
    "5": "Known bugs and limits",
}
_MARKS: Final = {"": "", "est": "estimated", "?": "not known", "open": "open in part"}


def tests_by_row() -> dict[str, list[str]]:
    """For each row the tests that name it, as `file::test`, in the order of files and of tests in them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for row in _rows_of(node):
                    tests = found.setdefault(row, [])
                    name = f"{path.relative_to(ROOT / 'tests').as_posix()}::{node.name}"
                    if name not in tests:
                        tests.append(name)
    return found


def page() -> str:
    """The text of docs/frame-reference.md."""
    tests = tests_by_row()
    done = sum(bool(tests.get(row.name)) for row in ROWS)
    return "".join(
        [
            _INTRODUCTION,
            f"{len(ROWS)} rows: {done} done, {len(ROWS) - done} left out.\n",
            *_choices(),
            *(part for number, title in _SECTIONS.items() for part in _section(number, title, tests)),
        ]
    )


def _choices() -> Iterator[str]:
    yield "\n## Choices\n\n| choice | decides | row | nominal | strict |\n|---|---|---|---|---|\n"
    for field in fields(Choices):
        nominal, strict = (_value(getattr(choices, field.name)) for choices in (NOMINAL, STRICT))
        row, what = field.metadata["row"], field.metadata["what"]
        yield f"| `{field.name}` | {what} | {row} | {nominal} | {strict} |\n"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _section(number: str, title: str, tests: dict[str, list[str]]) -> Iterator[str]:
    yield f"\n## {number} {title}\n\n| row | the reference says | sure? | emulated |\n|---|---|---|---|\n"
    for row in ROWS:
        if row.name.split()[0].split(".")[0] == number:
            yield f"| {row.name} | {_cell(row.says)} | {_sure(row)} | {_emulated(row, tests.get(row.name, []))} |\n"


def _sure(row: Row) -> str:
    chosen = [f"`{field.name}`" for field in fields(Choices) if field.metadata["row"] == row.name]
    return "; ".join(filter(None, (_MARKS[row.mark], ", ".join(chosen))))


def _emulated(row: Row, tests: list[str]) -> str:
    shown = "<br>".join(f"`{test.removeprefix('firmware_bridge/emulator/')}`" for test in tests)
    return f"left out: {_cell(row.left_out)}" if row.left_out else f"done<br>{shown}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows_of(test: ast.FunctionDef) -> Iterator[str]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.reference":
            for argument in decorator.args:
                yield ast.literal_eval(argument)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(f"{PAGE.relative_to(ROOT)} is written.")
