"""What osmium's complaints about a file mean."""

from __future__ import annotations

import errno
from pathlib import Path

from host.errors import DiskFullError, HostError, MapError

__all__ = ["damaged"]


def damaged(file: Path, error: Exception) -> HostError:
    """A library's complaint, as an error of ours: a MapError, or a DiskFullError."""
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "No space left" in str(error):
        return DiskFullError(f"no room left on the disk to read {file.name}", "Free some room there")
    reason = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())[:200]
    return MapError(f"{file.name} is no OpenStreetMap file, or is damaged: {reason}", "Get it again")
