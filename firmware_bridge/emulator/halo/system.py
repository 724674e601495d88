"""`frame.*` itself on the emulated Halo: sleeps, versions, battery (device reference 2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol

from firmware_bridge.emulator.board import Args, Board, LuaApiError, LuaValue, type_name
from firmware_bridge.emulator.halo.bluetooth import Waits
from firmware_bridge.emulator.machine import End
from firmware_bridge.emulator.power import Battery

HARDWARE_VERSION: Final = "halo"
FIRMWARE_VERSION: Final = "0.8.8"  # the release whose sources the reference was read from
GIT_TAG: Final = "3a4fd2e"
SE_REVISION: Final = "SES B1 EVALUATION_BOARD v1.107.0"  # of the processor's own security part; any text
EUI: Final = "2CF7F14F48414C4F"  # 2.1: its maker's 2C:F7:F1, then five bytes
SLEEP_MAX_S: Final = 0xFFFF_FFFF / 1000  # milliseconds in 32 bits
EMPTY_MV: Final = 3300  # estimate: the voltage of a lithium cell at 0 and at 100 per cent
FULL_MV: Final = 4200

YIELD_S: Final = 10e-6  # estimate: other threads run first

WakeupSource = Literal["unknown", "timeout", "button", "ble", "imu", "microphone"]


class Sleeper(Waits, Protocol):
    """How the system sleeps, as `HaloRuntime` does it."""

    def sleep(self, seconds: float) -> bool:
        """`frame.sleep`. Returns False where 0x03 cut it short."""
        ...

    def take_stale_interrupt(self) -> bool:
        """Whether 0x03 has come since the last sleep."""
        ...

    def end(self, end: End) -> None:
        """The program ends."""
        ...

    def wake_up(self) -> None:
        """The VM starts again after light sleep."""
        ...


class System:
    """The functions directly in `frame`.

    Args:
        board: the device.
        sleeper: how it sleeps.
        battery: of the device.
        charging: whether it is on its charger.
        dim: called with True when standby or light sleep begins, with False when it ends.

    Attributes:
        battery: of the device.
        charging: may be changed while the device runs.
        wakeup_source: what ended the last sleep.
        shipped: whether ship mode was entered, which no button ends.
    """

    def __init__(
        self, board: Board, sleeper: Sleeper, battery: Battery, *, charging: bool, dim: Callable[[bool], None]
    ) -> None:
        self.battery = battery
        self.charging = charging
        self.wakeup_source: WakeupSource = "unknown"
        self.shipped = False
        self.stays_awake = False
        self._board = board
        self._sleeper = sleeper
        self._dim = dim
        self._asleep = False
        self._charges = True

    def api(self) -> Mapping[str, Any]:
        """Constants and functions of `frame`."""
        return {
            "HARDWARE_VERSION": HARDWARE_VERSION,
            "FIRMWARE_VERSION": FIRMWARE_VERSION,
            "GIT_TAG": GIT_TAG,
            "sleep": self._sleep,
            "light_sleep": self._light_sleep,
            "standby": self._standby,
            "yield": lambda _args: self._board.charge(YIELD_S),
            "wakeup_source": lambda _args: self.wakeup_source,
            "reboot": lambda _args: self._sleeper.end("restart"),
            "ship_mode": self._ship_mode,
            "stay_awake": self._stay_awake,
            "battery_level": lambda _args: float(self.percent),
            "battery_voltage": lambda _args: float(EMPTY_MV + (FULL_MV - EMPTY_MV) * self.percent // 100),
            "battery_charging": lambda _args: self.charging and self._charges,
            "charge": self._charge,
            "get_eui": lambda _args: EUI,
            "get_se_revision": lambda _args: SE_REVISION,
        }

    @property
    def percent(self) -> int:
        """The battery as the battery service says it."""
        return min(100, max(0, round(self.battery.percent)))

    def reset(self) -> None:
        """The Lua VM starts."""
        self.stays_awake = self._asleep = False

    def wake(self, source: WakeupSource) -> None:
        """Something happened that ends standby or light sleep."""
        if self._asleep:
            self._asleep = False
            self.wakeup_source = source

    def _sleep(self, args: Args) -> None:
        seconds = args.number(1) if len(args) else 0.0
        if seconds < 0:
            raise LuaApiError("sleep duration must be non-negative")
        if seconds == 0:  # known trap (5, Halo 1): power off
            self._sleeper.end("off")
            return
        if seconds == seconds and not self._sleeper.sleep(int(min(seconds, SLEEP_MAX_S) * 1000) / 1000):  # noqa: PLR0124
            raise LuaApiError("interrupted")

    def _standby(self, args: Args) -> None:
        """The VM stands still and goes on in place (2.1)."""
        self._rest(args)
        if self._sleeper.take_stale_interrupt():
            raise LuaApiError("interrupted")

    def _light_sleep(self, args: Args) -> None:
        """The VM starts again afterwards (2.1)."""
        self._rest(args)
        self._sleeper.wake_up()
        raise LuaApiError("interrupted")

    def _rest(self, args: Args) -> None:
        seconds = args.number(1) if len(args) else 0.0
        if seconds < 0:
            raise LuaApiError("timeout must be non-negative")
        timeout_s = int(min(seconds, SLEEP_MAX_S) * 1000) / 1000 if seconds == seconds else 0.0  # noqa: PLR0124
        self._asleep = True
        self._dim(True)
        self._sleeper.block(lambda: not self._asleep, timeout_s or None)
        self.wake("timeout")
        self._dim(False)

    def _ship_mode(self, _args: Args) -> None:
        if self.charging:
            raise LuaApiError("cannot enter ship mode while charging")
        self.shipped = True
        self._sleeper.end("off")

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

    def _charge(self, args: Args) -> None:
        self._charges = args.raw(1) not in (None, False) if len(args) else True
