"""A recording of the link to the glasses, as it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["LinkRecord"]


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A file to record all traffic with the glasses to, for a report.

    Attributes:
        path: it must not exist.
        media: whether voice and pictures are in it, too.
    """

    path: Path
    media: bool = False
