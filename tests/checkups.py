"""Findings of one examination, for the tests of the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from host.app.doctor.checkup import Checkup, Examination
from host.config import Settings
from host.events import Finding

__all__ = ["found", "states"]


def found(examination: Examination, checkup: Checkup | None = None, **settings: Any) -> dict[str, Finding]:
    """Check to finding."""
    checkup = checkup or Checkup(settings=Settings(**settings))
    return {finding.check: finding for finding in examination(checkup)}


def states(findings: Mapping[str, Finding]) -> dict[str, str]:
    return {check: finding.state for check, finding in findings.items()}
