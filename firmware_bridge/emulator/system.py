"""`frame.*` itself: battery, cradle, FPGA, LED, firmware update (device reference 2.1).

`frame.sleep` is in `prelude.lua`, because it runs Lua while it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from firmware_bridge.emulator.board import Args, Board, LuaApiError, LuaValue, type_name

HARDWARE_VERSION: Final = "Frame"
FIRMWARE_VERSION: Final = "v25.278.1113"  # the release whose sources the reference was read from
GIT_TAG: Final = "d309634"

_BATTERY_S: Final = 30e-6  # estimate: one conversion of the ADC
_SPI_BYTE_S: Final = 2e-6  # 2.3: 4 MHz
_CHIP_ID_REGISTER: Final = 0xDB
_CHIP_ID: Final = 0x81
_DISPLAY_REGISTER: Final = 0x18
_BUSY_BIT: Final = 0x02


class System:
    """The functions directly in `frame`.

    Args:
        board: the device.
        battery: per cent, 0 to 100.
        display_status: the display's register 0x18.
        restart: restarts the device; for `frame.update`.
    """

    def __init__(
        self, board: Board, battery: float, display_status: Callable[[], int], restart: Callable[[], None]
    ) -> None:
        self.battery = battery
        self.stays_awake = False
        self._board = board
        self._display_status = display_status
        self._restart = restart

    def api(self) -> Mapping[str, Any]:
        """Constants and functions of `frame`."""
        return {
            "HARDWARE_VERSION": HARDWARE_VERSION,
            "FIRMWARE_VERSION": FIRMWARE_VERSION,
            "GIT_TAG": GIT_TAG,
            "battery_level": self._battery_level,
            "stay_awake": self._stay_awake,
            "update": self._update,
            "fpga_read": self._fpga_read,
            "fpga_write": self._fpga_write,
            "led": {"set_color": self._set_color},
        }

    def _battery_level(self, _args: Args) -> float:
        self._board.charge(_BATTERY_S)
        return float(min(100, max(0, round(self.battery))))

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

    def _update(self, _args: Args) -> None:
        self._restart()

    def _fpga_read(self, args: Args) -> bytes:
        address, length = args.integer(1), args.integer(2)
        if not 0x00 <= address <= 0xFF:
            raise LuaApiError("address must be between 0x00 and 0xFF")
        if not 0 <= length <= 0x10000:
            raise LuaApiError("not enough memory")
        self._board.charge(_SPI_BYTE_S * (1 + length))
        first = {_CHIP_ID_REGISTER: _CHIP_ID}.get(address, 0)
        if address == _DISPLAY_REGISTER:
            first = self._display_status()
        return bytes([first] + [0] * (length - 1)) if length else b""

    def _fpga_write(self, args: Args) -> None:
        address, data = args.integer(1), args.string(2)
        if not 0x00 <= address <= 0xFF:
            raise LuaApiError("address must be between 0x00 and 0xFF")
        self._board.charge(_SPI_BYTE_S * (1 + len(data)))

    def _set_color(self, args: Args) -> None:
        for n in (1, 2, 3):
            if not 0 <= args.integer(n) <= 100:
                raise LuaApiError("led color must be between 0 and 100")
