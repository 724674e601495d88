"""Calibrating the compass of a pair of glasses by guided turns, told on the lens and in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from host.app.bound import kept_as
from host.app.compass import motions
from host.app.glasses import NO_GLASSES
from host.app.pages import Pages
from host.app.translate import Observer, Request, check_pictures
from host.app.wishes import Wishes
from host.app.worn import Worn, worn
from host.backends.geomagnetism import earth_field
from host.contracts import Place
from host.contracts.compass import Calibration
from host.errors import CalibrationError, PlaceNotFoundError, UsageError
from host.events import CompassCalibrated, CompassStep, Notice
from host.lens.cards import reading_s
from host.navigate.compass_fit import Refusal
from host.navigate.compass_turns import Guide, guided, interrupted
from host.navigate.places import coordinates
from host.paths import data_folder
from host.store.compasses import KeptCalibration, keep_calibration
from host.store.maps import MapFolder
from host.store.saved_places import saved_places
from host.suggest import suggestion

__all__ = ["calibrate_compass", "here"]

FINE_S: Final = 0.05  # from sample to sample: more of them, as noise is to go
READY_S: Final = 12.0  # to get up and away from the desk, or until a tap
_AWAY: Final = "Stand up, two steps from walls, cars and iron furniture, and try again"

_HINTS: Final = {
    Refusal.POSES: "Do as the lens says step by step, and bend your head by more",
    Refusal.AXES: _AWAY,
    Refusal.NOT_AROUND: "Turn by about a quarter each time, always to the right",
    Refusal.TO_THE_LEFT: "Try again, and turn to the right",
    Refusal.IRON: _AWAY,
    Refusal.UNSTEADY: _AWAY,
    Refusal.POLE: "Near a magnetic pole no compass works",
    Refusal.HEMISPHERE: "Say where you look at first, roughly: --facing 90 is east",
    Refusal.WAITED: "Begin again when you have a minute",
}


async def calibrate_compass(
    request: Request, observer: Observer, wishes: Wishes, place: Place, facing_deg: float | None = None
) -> Calibration:
    """Lead the wearer through the turns, and keep the calibration if it is good; else the earlier one stays.

    A lost link ends nothing: the step that it fell into is done again. Cancelling stops the sensor and keeps nothing.

    Args:
        request: what was asked for; with glasses.
        observer: is told each step, and the result.
        wishes: one makes it begin at once.
        place: about where the wearer is.
        facing_deg: where they look at first, from true north, within 60 degrees; None where they do not know.

    Raises:
        UsageError: without glasses.
        CalibrationError: it did not get good; says why.
        BackendMissingError: the magnetic model is not installed.
        StoreError: it cannot be kept.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    if request.glasses == NO_GLASSES:
        raise UsageError("without glasses there is no compass", "Leave --glasses none out")
    check_pictures(request)
    now = datetime.now(UTC).astimezone()
    guide = Guide(earth_field(place, now.date()), facing_deg)
    async with contextlib.AsyncExitStack() as stack:
        there = await worn(request, observer, wishes, "en", stack)
        assert there is not None, "there are glasses"  # noqa: S101
        begins = f"it begins in {READY_S:.0f} s, or with a tap"
        observer.event(Notice(t=observer.elapsed(), code="ready", message=f"stand up, away from iron; {begins}"))
        await there.pages.say("Stand up, away from iron", begins)
        await wishes.wish(READY_S)
        result = await _led(there, guide, observer)
        if isinstance(result, Refusal):
            await _left(there.pages, "not calibrated", result.value)
            raise CalibrationError(f"the compass is not calibrated: {result.value}", _HINTS[result])
        address = _address(there)
        keep_calibration(data_folder(), address, kept_as(request.glasses), KeptCalibration(result, now.isoformat()))
        told = _told(result, address, observer.elapsed())
        observer.event(told)
        await _left(there.pages, "compass calibrated", f"right to about {_about(result)} degrees")
    return result


def here(text: str, folder: Path) -> Place:
    """About where the wearer is.

    Args:
        text: "lat,lon", a plus code, a saved place or the name of a map; empty for the middle of the only map.
        folder: the data folder.

    Raises:
        UsageError: nothing says where they are.
        PlaceNotFoundError: there is no such place.
        StoreError: what is kept cannot be read.
    """
    if text and (place := coordinates(text)) is not None:
        return place
    maps = {one.name: one.record.bounds for one in MapFolder(folder).all()}
    if not text and len(maps) != 1:
        known = f", or the name of a map: {', '.join(maps)}" if maps else ""
        raise UsageError(
            "it is not known where you are, and without that a compass does not tell north from south",
            f"Add --at LAT,LON{known}",
        )
    saved = saved_places(folder)
    if text.lower() in saved:
        return saved[text.lower()].place
    name = text or next(iter(maps))
    if name not in maps:
        near = suggestion(text, [*saved, *maps])
        raise PlaceNotFoundError(f"no place is called {text!a:.60}{near}", "Write --at LAT,LON")
    bounds = maps[name]
    return Place((bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2)


async def _led(there: Worn, guide: Guide, observer: Observer) -> Calibration | Refusal:
    """What comes of the turns."""
    shown: tuple[str, int, str] | None = None
    async with contextlib.aclosing(motions(there.glasses, FINE_S)) as samples:
        async for motion in samples:
            guide = interrupted(guide) if motion is None else guided(guide, motion)
            if guide.result is not None:
                return guide.result
            step, advice = guide.step, guide.advice.value if guide.advice else ""
            assert step is not None, "it is not over"  # noqa: S101
            if (step.value, guide.done, advice) != shown:
                shown = (step.value, guide.done, advice)
                number = guide.done + 1
                observer.event(
                    CompassStep(t=observer.elapsed(), step=step.value, number=number, of=guide.of, advice=advice)
                )
                await there.pages.say(step.value, advice or f"{number} of {guide.of}")
    raise AssertionError  # samples end with an error only


async def _left(pages: Pages, text: str, more: str) -> None:
    """Show this for as long as it takes to read."""
    await pages.say(text, more)
    await asyncio.sleep(max(3.0, reading_s(text + more)))
    await pages.take()


def _address(there: Worn) -> str:
    session = there.glasses.session
    return "" if session is None else session.link.info.address


def _told(found: Calibration, address: str, t: float) -> CompassCalibrated:
    scale = float(np.linalg.norm(np.array(found.compass))) / math.sqrt(3.0) * found.earth.microtesla
    text = (
        f"compass calibrated: right to about {_about(found)} degrees; the field dips by {found.dip_deg:.0f} degrees"
        f" (expected: {found.earth.dip_deg:.0f}), true north is {_beside(found.earth.declination_deg)}"
    )
    return CompassCalibrated(
        t=t,
        address=address,
        error_deg=round(found.error_deg, 2),
        noise_deg=round(found.noise_deg, 2),
        dip_deg=round(found.dip_deg, 1),
        dip_expected_deg=round(found.earth.dip_deg, 1),
        declination_deg=round(found.earth.declination_deg, 1),
        microtesla_per_count=round(scale, 4),
        text=text,
    )


def _beside(declination_deg: float) -> str:
    side = "left" if declination_deg > 0 else "right"
    return f"{abs(declination_deg):.1f} degrees to the {side} of the needle"


def _about(found: Calibration) -> int:
    return max(3, math.ceil(2 * found.error_deg))
