"""Where somebody is, as a receiver says it; pure."""

from __future__ import annotations

from dataclasses import dataclass

from host.navigate.line import Place

__all__ = ["Fix"]


@dataclass(frozen=True, slots=True)
class Fix:
    """A position.

    Attributes:
        lat: degrees north, WGS 84.
        lon: degrees east.
        accuracy_m: standard deviation of its error in each direction (north, east), as far as the receiver knows.
        time_s: when it was measured, on any clock that does not jump.
        speed_mps: metres a second over ground, from the receiver's Doppler; None where it does not say.
        course_deg: where the movement leads, 0 is north, 90 east; None where it does not say.
        source: who said it ("gpsd", "gpx", ...).
    """

    lat: float
    lon: float
    accuracy_m: float
    time_s: float
    speed_mps: float | None = None
    course_deg: float | None = None
    source: str = ""

    @property
    def place(self) -> Place:
        """Where."""
        return Place(self.lat, self.lon)
