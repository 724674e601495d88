"""The compass of a pair of glasses, calibrated; and the field that it is calibrated in."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Calibration", "EarthField", "Matrix", "Triple"]

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]


@dataclass(frozen=True, slots=True)
class EarthField:
    """The earth's magnetic field at a place.

    Attributes:
        declination_deg: of magnetic north from true north, clockwise.
        dip_deg: below the horizon; negative in the south.
        microtesla: its strength.
    """

    declination_deg: float
    dip_deg: float
    microtesla: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns raw counts into vectors on the head's axes: right, ahead, up.

    Attributes:
        accelerometer: times its counts gives up, of length 1 at rest.
        compass: times its counts, `offset` added, gives the field, of length 1 where it was calibrated.
        offset: as above; of magnets in the glasses.
        dip_deg: of the field there, as this compass shows it.
        noise_deg: standard deviation of a single heading at rest.
        error_deg: by how much headings are wrong on average, as far as its own measurements tell.
        earth: the field there, as a model of the earth has it.
    """

    accelerometer: Matrix
    compass: Matrix
    offset: Triple
    dip_deg: float
    noise_deg: float
    error_deg: float
    earth: EarthField
