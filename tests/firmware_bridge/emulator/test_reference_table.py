"""Nothing in the device reference is skipped silently, and the pages that say so are up to date."""

from __future__ import annotations

from dataclasses import fields

import pytest
import reference_table
from reference_table import DEVICES, Device

each_device = pytest.mark.parametrize("device", DEVICES, ids=[device.name for device in DEVICES])


@each_device
def test_every_row_has_a_test_or_a_reason_and_not_both(device: Device) -> None:
    tests = reference_table.tests_by_row(device)
    assert [row.name for row in device.rows if bool(tests.get(row.name)) == bool(row.left_out)] == []


@each_device
def test_every_name_is_that_of_one_row(device: Device) -> None:
    names = [row.name for row in device.rows]
    assert len(names) == len(set(names))
    assert set(reference_table.tests_by_row(device)) - set(names) == set()


@each_device
def test_every_doubt_of_the_reference_has_a_choice_or_a_reason_and_every_choice_its_doubt(device: Device) -> None:
    chosen = {field.metadata["row"] for field in fields(device.nominal)}
    doubtful = {row.name for row in device.rows if row.mark and not row.left_out}
    assert chosen == doubtful


@each_device
def test_every_strict_choice_differs_from_the_nominal_one(device: Device) -> None:
    same = [
        field.name
        for field in fields(device.nominal)
        if getattr(device.nominal, field.name) == getattr(device.strict, field.name)
    ]
    assert same == []


@each_device
def test_the_page_is_up_to_date(device: Device) -> None:
    assert device.path.read_text(encoding="utf-8") == reference_table.page(device), (
        "run: python tools/reference_table.py"
    )
