"""Glasses, looked at from elsewhere: what is lit of emulated ones, what was asked for of real ones; and played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firmware_bridge import Glasses, Scene
from host.app.wearer import controls_of

if TYPE_CHECKING:
    from firmware_bridge.emulator import EmulatorSource
    from firmware_bridge.emulator.observer import Lens
    from firmware_bridge.emulator.on_air import OnAir
    from firmware_bridge.emulator.options import GlassesOptions
    from host.web.controls import Controls

__all__ = ["Lending", "follow_glasses"]

Picture = Callable[[], bytes]
"""Makes a picture of the lens, PNG, in whichever thread it is wanted."""


@dataclass(frozen=True, slots=True)
class Lending:
    """Emulated glasses for other programs, and what made them."""

    reached: OnAir
    options: GlassesOptions


def follow_glasses(
    glasses: Glasses | Lending,
    see: Callable[[Picture], None],
    offer: Callable[[Controls], None],
    elapsed: Callable[[], float],
) -> None:
    """Call `see` with each new picture from now on, as long as the glasses are open; it must not block.

    Args:
        glasses: open, or lent.
        see: is given the pictures.
        offer: is given, for emulated glasses, what may be done to them.
        elapsed: the time of events, seconds.

    Raises:
        ImportError: the emulator's packages, which draw the pictures, are not installed.
    """
    from firmware_bridge.scene_picture import scene_png  # noqa: PLC0415 - an extra

    if isinstance(glasses, Lending):
        reached, options = glasses.reached, glasses.options
        _follow_lens(reached.glasses.watch_lens(), see)
        offer(controls_of(reached, reached.glasses.observers, options, elapsed, connected=False))
        return
    source = _emulated(glasses)
    if source is not None:
        _follow_lens(source.device.display, see)
        offer(controls_of(source, source.device.observers, source.options, elapsed, connected=True))
        return
    info = glasses.info

    def asked_for(scene: Scene) -> None:
        see(lambda: scene_png(scene, info.kind))

    asked_for(Scene())
    glasses.watch_lens(asked_for)


def _follow_lens(lens: Lens, see: Callable[[Picture], None]) -> None:
    from firmware_bridge.emulator import later_png  # noqa: PLC0415 - an extra

    see(later_png(lens))
    lens.observers.append(lambda _lit_at, _picture: see(later_png(lens)))


def _emulated(glasses: Glasses) -> EmulatorSource | None:
    """The glasses in this process; None where there are none."""
    source: Any = getattr(glasses.source, "inner", glasses.source)  # what is recorded
    return source if hasattr(source, "device") else None
