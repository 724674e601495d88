"""How long the glasses' battery lasts, and what is saved as it empties; pure.

Readings are whole per cents, a little wrong, and jump when the glasses were charged or slept. From them a filter of two
numbers, charge and drain, learns what this pair takes an hour as it is used. Until it has learned, what the maker says
is all that is known, and is said to be that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from host.contracts.battery import Learned

__all__ = [
    "AGAIN_S",
    "EMPTY_PERCENT",
    "FRAME",
    "HALO",
    "HYSTERESIS",
    "Battery",
    "Figures",
    "Savings",
    "Step",
    "ask_again_s",
    "away",
    "empty_in_h",
    "fresh",
    "measures",
    "noted",
    "said",
    "told",
]

EMPTY_PERCENT: Final = 4.0
"""Charge at which goodbye is said: two readings wrong by `READING_SD` still find the glasses on."""

SAVED_PERCENT: Final = (20.0, 10.0, EMPTY_PERCENT)
"""At or below which charge each step begins; those of 20 and 10 are what telephones do."""

HYSTERESIS: Final = 4.0
"""Per cent above its beginning at which a step ends: more than two readings of the same charge differ."""

READING_SD: Final = 2.0
"""Per cent by which a reading is wrong: the converter's step is 4 mV, about 1 % where a cell's voltage is flat, and
what runs at the moment lowers the voltage (device reference 2.1); our estimate."""

JUMP: Final = 6.0
"""Per cent by which a reading differs from what is expected where it is no noise: three times `READING_SD`."""

AWAY_S: Final = 1800.0
"""Without a reading for so long, nobody knows whether the glasses were on: nothing is learned of that time."""

WANDERS: Final = 6.0
"""Per cent an hour by which the drain changes within an hour of another use; Frame's figures are 26 apart."""

LEARNED_H: Final = 0.5
"""Hours of readings from which the drain counts as learned: 10 to 24 % of a charge, against readings wrong by 2."""

SURE: Final = 1.28
"""Standard deviations within which four of five lie: how far a range that is said goes."""

ABOUT: Final = 0.2
"""A range that goes no further than this part of its middle to either side is said as one time."""

AGAIN_S: Final = (10.0, 300.0)
"""Between two readings: at least, for a step that is near and a reading that is doubted; and at most."""

LITTLE_AGAIN_S: Final = 60.0
"""At most, once a step is taken: old cells fall quickly at their end, and goodbye must come before."""

SLOWEST: Final = 0.5  # per cent an hour: slower than any use; keeps a battery that seems to fill from lasting for ever


class Step(IntEnum):
    """How much is saved."""

    FULL = 0
    SPARING = 1
    LOW = 2
    EMPTY = 3
    """Everything is saved, goodbye is said, and the glasses are sent to sleep."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the maker says of a battery.

    Attributes:
        name: of the glasses.
        capacity_mah: of the battery.
        idle_ma: what they draw at least, and typically, while nothing of them is used.
        used_ma: the same with lens or microphone.
        camera_ma: the same with the camera.
    """

    name: str
    capacity_mah: float
    idle_ma: tuple[float, float]
    used_ma: tuple[float, float]
    camera_ma: tuple[float, float]

    def drain(self, *, used: bool = True, camera: bool = False) -> tuple[float, float]:
        """Per cent an hour, least and most."""
        low, high = self.camera_ma if camera else self.used_ma if used else self.idle_ma
        return 100 * low / self.capacity_mah, 100 * high / self.capacity_mah


FRAME: Final = Figures("Frame", 210.0, (45.0, 80.0), (45.0, 100.0), (80.0, 100.0))
"""Device reference 4: two cells of 105 mAh; 45 mA at least, 80 typically, 100 at most. Which part draws what is not
said: with nothing used it is taken to be between least and typical, with the camera between typical and most."""

HALO: Final = Figures("Halo", 300.0, (10.0, 30.0), (10.0, 30.0), (30.0, 34.0))
"""Device reference 4: two cells of 150 mAh; 10 mA, with the display 30; the camera's 40 mW are 11 mA at 3.7 V, of which
a third is taken, for it runs now and then. The speaker, which draws most, is not used."""


@dataclass(frozen=True, slots=True)
class Battery:
    """What is known of a battery.

    Attributes:
        percent: the charge, 0 to 100.
        drain: per cent an hour.
        sd: how sure the charge is, in per cent.
        drain_sd: how sure the drain is.
        covariance: of both.
        at_s: when that was; None before the first reading.
        reading: the last one that was believed.
        doubted: a reading that was not believed yet, since it fits nothing before; the next one decides.
        hours: of readings from which the drain was learned.
        step: how much is saved.
    """

    drain: float
    drain_sd: float
    percent: float = 100.0
    sd: float = READING_SD
    covariance: float = 0.0
    at_s: float | None = None
    reading: int = 100
    doubted: float | None = None
    hours: float = 0.0
    step: Step = Step.FULL

    @property
    def learned(self) -> Learned | None:
        """What is worth keeping; None while it is no more than the maker's figures."""
        return Learned(self.drain, self.drain_sd, self.hours) if self.hours >= LEARNED_H else None


@dataclass(frozen=True, slots=True)
class Savings:
    """What a step saves.

    Attributes:
        dark_s: seconds without a change after which the lens goes dark; 0 is never.
        bits: a sample of sound.
        compass: whether it may be used.
    """

    dark_s: float
    bits: int
    compass: bool


def fresh(figures: Figures, learned: Learned | None = None) -> Battery:
    """A battery of which there is no reading yet; `learned` of the same pair, or one of the same kind."""
    if learned is not None and learned.hours >= LEARNED_H:
        return Battery(max(learned.drain, SLOWEST), math.hypot(learned.drain_sd, WANDERS / 2), hours=learned.hours)
    low, high = figures.drain()
    return Battery((low + high) / 2, (high - low) / 2 / SURE)


def noted(battery: Battery, t_s: float, percent: float) -> Battery:
    """With a reading.

    Args:
        battery: before it.
        t_s: when it was taken; times that go back count as the same moment.
        percent: what it says, 0 to 100.
    """
    percent = min(max(percent, 0.0), 100.0)
    passed_s = 0.0 if battery.at_s is None else max(0.0, t_s - battery.at_s)
    if battery.at_s is None or passed_s > AWAY_S:
        return _stepped(_begun(battery, t_s, percent))
    expected = _passed(battery, passed_s / 3600)
    limit = max(JUMP, 3 * math.hypot(expected.sd, READING_SD))
    if abs(percent - expected.percent) > limit:
        if battery.doubted is None or abs(percent - battery.doubted) > JUMP:
            return replace(battery, doubted=percent)
        return _stepped(_begun(battery, t_s, percent))
    return _stepped(replace(_corrected(expected, percent), at_s=t_s, reading=round(percent), doubted=None))


def away(battery: Battery) -> Battery:
    """The glasses were off: the next reading is believed, whatever it says."""
    return replace(battery, at_s=None, doubted=None)


def measures(step: Step, dark_s: float) -> Savings:
    """What is saved at a step, where the lens otherwise goes dark after `dark_s`; 0 is never."""
    match step:
        case Step.FULL:
            return Savings(dark_s, 16, compass=True)
        case Step.SPARING:
            return Savings(min(dark_s or math.inf, 10.0), 8, compass=True)
        case _:
            return Savings(min(dark_s or math.inf, 5.0), 8, compass=False)


def told(before: Step, battery: Battery) -> tuple[str, str]:
    """What the wearer is told of a step that was just taken, and what belongs to it."""
    charge = f"battery {battery.reading} %"
    if battery.step < before:
        return charge, "everything as before" if battery.step is Step.FULL else _SAVES[battery.step]
    return charge, _SAVES[battery.step]


_SAVES: Final[Mapping[Step, str]] = {
    Step.SPARING: "the lens goes dark sooner, sound comes with 8 bits",
    Step.LOW: "the lens goes dark soon, the compass is off",
    Step.EMPTY: "everything is saved, goodbye",
}


def ask_again_s(battery: Battery) -> float:
    """Seconds until the next reading is of use: the sooner the nearer the next step is."""
    if battery.doubted is not None:
        return AGAIN_S[0]
    below = [battery.percent - limit for limit in SAVED_PERCENT if battery.percent > limit]
    nearest_s = 3600 * min(below, default=100.0) / max(battery.drain, SLOWEST)
    most_s = LITTLE_AGAIN_S if battery.step else AGAIN_S[1]
    return min(max(nearest_s / 3, AGAIN_S[0]), most_s)


def empty_in_h(battery: Battery) -> tuple[float, float, float]:
    """Hours until goodbye is said: in four of five cases not sooner, the likeliest, in four of five not later."""
    usable = max(0.0, battery.percent - EMPTY_PERCENT)
    off = SURE * battery.drain_sd
    sure = SURE * battery.sd
    return (
        max(0.0, usable - sure) / max(battery.drain + off, SLOWEST),
        usable / max(battery.drain, SLOWEST),
        (usable + sure) / max(battery.drain - off, SLOWEST),
    )


def said(battery: Battery, figures: Figures) -> str:
    """The charge and what is left, in a line: "battery 63 %, about 1 h 40 min"."""
    charge = f"battery {battery.reading} %"
    soon, likely, late = empty_in_h(battery)
    if battery.learned is None:
        low, high = figures.drain()
        usable = max(0.0, battery.percent - EMPTY_PERCENT)
        return f"{charge}, {_range(usable / high, usable / low)} by {figures.name}'s own figures"
    if late - likely <= ABOUT * likely and likely - soon <= ABOUT * likely:
        return f"{charge}, about {_time(likely)}"
    return f"{charge}, {_range(soon, late)}"


def _begun(battery: Battery, t_s: float, percent: float) -> Battery:
    """From here on; how long the glasses took to get here is not known, so the drain is as it was."""
    return replace(
        battery,
        percent=percent,
        sd=READING_SD,
        covariance=0.0,
        at_s=t_s,
        reading=round(percent),
        doubted=None,
    )


def _passed(battery: Battery, hours: float) -> Battery:
    """So much later, nothing read: the prediction of a Kalman filter whose drain wanders."""
    charge, drain, both = battery.sd**2, battery.drain_sd**2, battery.covariance
    return replace(
        battery,
        percent=max(0.0, battery.percent - battery.drain * hours),
        sd=math.sqrt(max(charge - 2 * hours * both + hours**2 * drain, 0.0)),
        drain_sd=math.sqrt(drain + WANDERS**2 * hours),
        covariance=both - hours * drain,
        hours=battery.hours + hours,
    )


def _corrected(battery: Battery, percent: float) -> Battery:
    """With what was read at that moment: the update of the same filter."""
    charge, drain, both = battery.sd**2, battery.drain_sd**2, battery.covariance
    whole = charge + READING_SD**2
    surprise = percent - battery.percent
    return replace(
        battery,
        percent=min(max(battery.percent + charge / whole * surprise, 0.0), 100.0),
        drain=max(battery.drain + both / whole * surprise, SLOWEST),
        sd=math.sqrt(charge * READING_SD**2 / whole),
        drain_sd=math.sqrt(max(drain - both**2 / whole, 0.0)),
        covariance=both * READING_SD**2 / whole,
    )


def _stepped(battery: Battery) -> Battery:
    """The step of this charge: down at once, up only where it is clear."""
    down = sum(battery.percent <= limit for limit in SAVED_PERCENT)
    up = sum(battery.percent <= limit + HYSTERESIS for limit in SAVED_PERCENT)
    return replace(battery, step=Step(max(down, min(up, battery.step))))


def _range(low_h: float, high_h: float) -> str:
    low, high = _time(low_h), _time(high_h)
    return low if low == high else f"{low} to {high}"


def _time(hours: float) -> str:
    """No more exact than it can be: to ten minutes from an hour on, to five below."""
    step = 10 if hours >= 1 else 5
    minutes = round(hours * 60 / step) * step
    if minutes < step:
        return "a few minutes"
    whole, rest = divmod(minutes, 60)
    return " ".join(filter(None, (f"{whole} h" if whole else "", f"{rest} min" if rest else "")))
