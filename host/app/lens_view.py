"""The lens, looked at from elsewhere: exactly what is lit of emulated glasses, what was asked for of real ones."""

from __future__ import annotations

from collections.abc import Callable

from firmware_bridge import Glasses, Scene

__all__ = ["follow_lens"]

Picture = Callable[[], bytes]
"""Makes a picture of the lens, PNG, in whichever thread it is wanted."""


def follow_lens(glasses: Glasses, see: Callable[[Picture], None]) -> None:
    """Call `see` with each new picture from now on, as long as the glasses are open; it must not block.

    Raises:
        ImportError: the emulator's packages, which draw the pictures, are not installed.
    """
    from firmware_bridge.emulator import later_png  # noqa: PLC0415 - an extra
    from firmware_bridge.scene_picture import scene_png  # noqa: PLC0415 - likewise

    display = getattr(getattr(glasses.source, "device", None), "display", None)
    if display is not None:
        see(later_png(display))
        display.observers.append(lambda _lit_at, _picture: see(later_png(display)))
        return
    width, height = glasses.info.width, glasses.info.height

    def asked_for(scene: Scene) -> None:
        see(lambda: scene_png(scene, width, height))

    asked_for(Scene())
    glasses.watch_lens(asked_for)
