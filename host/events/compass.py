"""Calibrating the compass of a pair of glasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["CompassCalibrated", "CompassStep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompassStep(Event):
    """What the wearer is to do, or what goes wrong with it; told when either changes.

    Attributes:
        step: what to do.
        number: which step, from 1.
        of: how many there are, as far as is known.
        advice: what goes wrong; empty where nothing does.
    """

    name: ClassVar[str] = "compass_step"
    step: str
    number: int
    of: int
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompassCalibrated(Event):
    """The compass is calibrated, and that is kept.

    Attributes:
        address: of the glasses.
        error_deg: by how much headings are wrong on average, as far as the turns tell.
        noise_deg: standard deviation of a single heading at rest.
        dip_deg: of the field, as measured.
        dip_expected_deg: as the World Magnetic Model has it there.
        declination_deg: of magnetic north from true north there, by the model.
        microtesla_per_count: scale of the compass, if the field is as strong there as the model has it.
        text: all of this in one line for a person.
    """

    name: ClassVar[str] = "compass"
    address: str
    error_deg: float
    noise_deg: float
    dip_deg: float
    dip_expected_deg: float
    declination_deg: float
    microtesla_per_count: float
    text: str
