"""The computer that a library must have a wheel for."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

__all__ = ["Computer"]


@dataclass(frozen=True, slots=True)
class Computer:
    """What decides whether a library has a wheel.

    Attributes:
        system: as `sys.platform` says: "linux", "darwin" or "win32".
        machine: as `platform.machine()` says, such as "x86_64", "aarch64", "arm64" or "AMD64".
        python: major and minor version.
    """

    system: str
    machine: str
    python: tuple[int, int]

    @classmethod
    def this(cls) -> Computer:
        """The one this program runs on."""
        return cls(sys.platform, platform.machine(), (sys.version_info.major, sys.version_info.minor))

    def __str__(self) -> str:
        names = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
        return f"Python {self.python[0]}.{self.python[1]} on {names.get(self.system, self.system)} {self.machine}"
