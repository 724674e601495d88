"""The earth's magnetic field by the World Magnetic Model, which pygeomag carries; offline."""

from __future__ import annotations

from datetime import date

from host.backends.choosing import not_installed
from host.contracts import Place
from host.contracts.compass import EarthField

__all__ = ["earth_field"]


def earth_field(place: Place, day: date) -> EarthField:
    """The field at sea level on that day.

    Of a day beyond the model's five years it is that of its last rates of change, wrong by tenths of a degree more.

    Raises:
        BackendMissingError: pygeomag is not installed.
    """
    try:
        from pygeomag import GeoMag  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise not_installed("the magnetic model", "pip install 'sidelight[navigate]'") from error
    year = day.year + (day.timetuple().tm_yday - 1) / 365.25
    found = GeoMag().calculate(place.lat, place.lon, 0.0, year, allow_date_outside_lifespan=True)
    return EarthField(float(found.d), float(found.i), float(found.f) / 1000.0)
