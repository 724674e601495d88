"""What an examination is given, and the words in which it says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from host.config import Settings
from host.errors import HostError
from host.events import Finding
from host.link_record import LinkRecord

__all__ = ["Checkup", "Examination", "broken", "in_a_row", "missing", "ok", "unknown", "wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What is examined.

    Attributes:
        settings: what decides which findings matter; the defaults where the configuration cannot be used.
        refused: why the configuration cannot be used; None where it can.
        connect: whether the glasses of the settings may be connected to.
        record: where the link to them is recorded to; None for nowhere.
        kernel: where the kernel's own file systems are mounted (`proc`, `sys`).
    """

    settings: Settings
    refused: HostError | None = None
    connect: bool = False
    record: LinkRecord | None = None
    kernel: Path = Path("/")


Examination = Callable[[Checkup], Iterable[Finding]]
"""Everything about one feature. Its findings have neither feature nor time: `examination.examine` knows both."""


def ok(check: str, message: str) -> Finding:
    """It works."""
    return Finding(t=0.0, feature="", check=check, state="ok", message=message)


def missing(check: str, message: str, fix: str = "") -> Finding:
    """It is not there, and what is set works without it."""
    return Finding(t=0.0, feature="", check=check, state="missing", message=message, fix=fix)


def broken(check: str, message: str, fix: str = "") -> Finding:
    """What is set does not work for want of it."""
    return Finding(t=0.0, feature="", check=check, state="broken", message=message, fix=fix)


def unknown(check: str, message: str, fix: str = "") -> Finding:
    """It could not be found out."""
    return Finding(t=0.0, feature="", check=check, state="unknown", message=message, fix=fix)


def wanted(check: str, message: str, fix: str = "", *, needed: bool) -> Finding:
    """It is not there: broken where what is set needs it, missing where not."""
    return (broken if needed else missing)(check, message, fix)


def in_a_row(words: Sequence[str]) -> str:
    """The words as a list in a sentence: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
