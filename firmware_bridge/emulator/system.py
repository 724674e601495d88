"""`frame.*` itself: versions, battery, cradle, firmware update (device reference 2.1).

`frame.sleep` is in `prelude_frame.lua`, because it runs Lua while it waits; FPGA and light belong to the display.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from firmware_bridge.emulator.board import Args, Board, LuaApiError, LuaValue, type_name
from firmware_bridge.emulator.power import Battery

HARDWARE_VERSION: Final = "Frame"
FIRMWARE_VERSION: Final = "v25.278.1113"  # the release whose sources the reference was read from
GIT_TAG: Final = "d309634"

_BATTERY_S: Final = 30e-6  # estimate: one conversion of the ADC


class System:
    """The functions directly in `frame`.

    Args:
        board: the device.
        battery: of the device.
        update: what `frame.update()` does.

    Attributes:
        battery: of the device.
        stays_awake: what `frame.stay_awake` was last told.
    """

    def __init__(self, board: Board, battery: Battery, update: Callable[[], None]) -> None:
        self.battery = battery
        self.stays_awake = False
        self._board = board
        self._update = update

    def api(self) -> Mapping[str, Any]:
        """Constants and functions of `frame`."""
        return {
            "HARDWARE_VERSION": HARDWARE_VERSION,
            "FIRMWARE_VERSION": FIRMWARE_VERSION,
            "GIT_TAG": GIT_TAG,
            "battery_level": self._battery_level,
            "stay_awake": self._stay_awake,
            "update": lambda _args: self._update(),
        }

    def _battery_level(self, _args: Args) -> float:
        self._board.charge(_BATTERY_S)
        return float(min(100, max(0, round(self.battery.percent))))

    def _stay_awake(self, args: Args) -> LuaValue:
        if len(args) > 1:
            raise LuaApiError("expected 0 or 1 arguments")
        if len(args) == 0:
            return self.stays_awake
        value = args.raw(1)
        if not isinstance(value, bool):
            args.error(1, f"boolean expected, got {type_name(value)}")
        self.stays_awake = value
        return None
