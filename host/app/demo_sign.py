"""What the sign of the demo says; `tools/make_demo_sign.py` draws it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["SIGN", "sign"]

SIGN = ("SORTIE DE SECOURS", "QUAI 4", "TOILETTES", "INTERDIT DE FUMER")
"""Its lines, in French: all of them are in the phrasebook."""


def sign() -> Path:
    """The bundled picture: a JPEG with more pixels than the glasses' camera has."""
    return Path(str(files("host").joinpath("data", "demo-sign.jpg")))
