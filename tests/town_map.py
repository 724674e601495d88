"""The small town of `tools/make_demo_map.py` as a map on this computer, made once for all tests."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from make_demo_map import CORNER, town

from host.contracts import Place

__all__ = ["at", "town_file", "town_folder"]

_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def town_file(folder: Path) -> Path:
    """The town as an .osm file in that folder."""
    file = folder / "town.osm"
    file.write_text(town(), encoding="utf-8")
    return file


@functools.cache
def town_folder() -> Path:
    """A data folder that has the map "town"; nobody changes it. Skips where the libraries are missing."""
    pytest.importorskip("osmium")
    pytest.importorskip("valhalla")
    from host.app.maps import add_map  # noqa: PLC0415

    _KEPT.append(tempfile.TemporaryDirectory(prefix="sidelight-town-"))
    folder = Path(_KEPT[-1].name)
    add_map(str(town_file(folder)), "town", folder / "data")
    return folder / "data"


def at(east: float, north: float) -> Place:
    """A place of the town, in blocks from its corner."""
    return Place(CORNER[0] + north * 90.0 / 111_195.0, CORNER[1] + east * 120.0 / 111_195.0)
