"""The calibrated compasses: one for each pair of glasses, the last that was good."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from host.contracts.compass import Calibration, EarthField, Matrix, Triple
from host.store.database import DATABASE_NAME, Database

__all__ = ["KeptCalibration", "calibration_of", "keep_calibration"]


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """A calibration, and when it was made: ISO 8601 with its offset."""

    calibration: Calibration
    made: str


def keep_calibration(folder: Path, address: str, radio: str, kept: KeptCalibration) -> None:
    """Keep the calibration of these glasses in that data folder, instead of an earlier one.

    Args:
        folder: made if it is not there.
        address: of the glasses.
        radio: over which they are reached, as of bound pairs.
        kept: what to keep.

    Raises:
        StoreError, DiskFullError: it cannot be kept; the earlier one is as it was.
    """
    values = (address, radio, kept.made, json.dumps(asdict(kept.calibration)))
    with contextlib.closing(Database.open(folder)) as database, database.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO compass_calibration (address, radio, made, parameters) VALUES (?, ?, ?, ?)", values
        )


def calibration_of(folder: Path, address: str, radio: str) -> KeptCalibration | None:
    """The calibration of these glasses; None where there is none, or none that makes sense.

    Raises:
        StoreError: what is kept cannot be read.
    """
    if not (folder / DATABASE_NAME).exists():
        return None
    with contextlib.closing(Database.open(folder)) as database:
        rows = database.query(
            "SELECT made, parameters FROM compass_calibration WHERE address = ? AND radio = ?", address, radio
        )
    try:
        return KeptCalibration(_calibration(json.loads(rows[0][1])), str(rows[0][0])) if rows else None
    except (KeyError, TypeError, ValueError):
        return None


def _calibration(values: dict[str, Any]) -> Calibration:
    """Raises KeyError, TypeError, ValueError."""
    earth = EarthField(*(_number(values["earth"][name]) for name in ("declination_deg", "dip_deg", "microtesla")))
    if earth.microtesla <= 0.0:
        raise ValueError
    return Calibration(
        _matrix(values["accelerometer"]),
        _matrix(values["compass"]),
        _triple(values["offset"]),
        _number(values["dip_deg"]),
        _number(values["noise_deg"]),
        _number(values["error_deg"]),
        earth,
    )


def _matrix(rows: Any) -> Matrix:
    one, two, three = rows
    return _triple(one), _triple(two), _triple(three)


def _triple(values: Any) -> Triple:
    x, y, z = values
    return _number(x), _number(y), _number(z)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number
