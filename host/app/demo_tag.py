"""What the shelf tag of the demo says; `tools/make_demo_tag.py` draws it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["COUNTRY", "NAME", "PRICE", "SIZE", "UNIT_PRICE", "tag"]

NAME, SIZE, PRICE, UNIT_PRICE = "FILTERKAFFE", "250 g", ("54", "90"), "219,60 kr/kg"
"""Its texts; the price as whole and raised cents."""

COUNTRY = "NO"
"""Where it hangs."""


def tag() -> Path:
    """The bundled picture: a JPEG with more pixels than the glasses' camera has."""
    return Path(str(files("host").joinpath("data", "demo-tag.jpg")))
