"""Nothing in the device reference is skipped silently, and the page that says so is up to date."""

from __future__ import annotations

from dataclasses import fields

import reference_table
from reference_rows import ROWS

from firmware_bridge.emulator.choices import NOMINAL, STRICT, Choices


def test_every_row_has_a_test_or_a_reason_and_not_both() -> None:
    tests = reference_table.tests_by_row()
    assert [row.name for row in ROWS if bool(tests.get(row.name)) == bool(row.left_out)] == []


def test_every_name_is_that_of_one_row() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert set(reference_table.tests_by_row()) - set(names) == set()


def test_every_doubt_of_the_reference_has_a_choice_or_a_reason_and_every_choice_its_doubt() -> None:
    chosen = {field.metadata["row"] for field in fields(Choices)}
    doubtful = {row.name for row in ROWS if row.mark and not row.left_out}
    assert chosen == doubtful


def test_every_strict_choice_differs_from_the_nominal_one() -> None:
    assert [
        field.name for field in fields(Choices) if getattr(NOMINAL, field.name) == getattr(STRICT, field.name)
    ] == []


def test_the_page_is_up_to_date() -> None:
    assert reference_table.PAGE.read_text(encoding="utf-8") == reference_table.page(), (
        "run: python tools/reference_table.py"
    )
