"""What a receiver or a recording says of one moment, and how wrong its places are; pure.

Everybody states errors otherwise. Here an accuracy is a standard deviation in each direction (north, east). Of a
circular normal distribution 68 % lie within 1.51 and 95 % within 2.45 of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["POINTS_MAX", "Measurement", "NoFix", "of_hdop", "of_radius68", "of_radius95"]

POINTS_MAX: Final = 200_000  # of a recording: two days, one a second; 50 MB of memory

UERE_M: Final = 5.0  # a metre of HDOP: a receiver of one frequency among houses; in the open it is 3
RADIUS68: Final = 1.51
RADIUS95: Final = 2.0  # not 2.45: between houses receivers think too well of themselves


@dataclass(frozen=True, slots=True)
class Measurement:
    """A place, as it was said.

    Attributes:
        lat: degrees north, WGS 84.
        lon: degrees east.
        accuracy_m: standard deviation of its error in each direction; None where nothing is said of it.
        utc_s: seconds since 1970 by the receiver's clock, which may be wrong; None where it says none.
        speed_mps: metres a second over ground; None where it says none.
        course_deg: 0 is north, 90 east; None where it says none.
    """

    lat: float
    lon: float
    accuracy_m: float | None = None
    utc_s: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None


@dataclass(frozen=True, slots=True)
class NoFix:
    """What can be heard of a receiver that does not know where it is.

    Attributes:
        message: one sentence, why; no full stop.
        hint: what to do.
    """

    message: str = "the receiver has no fix"
    hint: str = "Go where it sees the sky; the first fix takes a receiver a minute or more"


def of_hdop(hdop: float) -> float:
    """Accuracy of a place whose dilution of precision is all that is known."""
    return hdop * UERE_M


def of_radius68(radius_m: float) -> float:
    """Accuracy of a place that is within this radius with a probability of 68 %, as phones say."""
    return radius_m / RADIUS68


def of_radius95(radius_m: float) -> float:
    """Accuracy of a place that is within this radius with a probability of 95 %, as gpsd says."""
    return radius_m / RADIUS95
