"""The emulated Frame: its parts, its power, and the GATT surface that any radio can carry.

    frame = EmulatedFrame(options, DeviceClock(loop))
    frame.connected(air, att_mtu=247)
    frame.subscribed(True)
    frame.written(b"print('hello')")

Section numbers are those of the device reference that ARCHITECTURE.md summarises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from firmware_bridge.emulator.bluetooth import Bluetooth
from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.camera import Camera
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.compression import Compression
from firmware_bridge.emulator.display import Display
from firmware_bridge.emulator.files import Files
from firmware_bridge.emulator.glasses import EmulatedGlasses
from firmware_bridge.emulator.hooks import HookSlot, call
from firmware_bridge.emulator.imu import Imu
from firmware_bridge.emulator.inputs import open_pictures, read_head_pose, read_sound
from firmware_bridge.emulator.luaport import LuaPort
from firmware_bridge.emulator.machine import End
from firmware_bridge.emulator.microphone import Microphone
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.power import Battery
from firmware_bridge.emulator.radio import Air
from firmware_bridge.emulator.system import System
from firmware_bridge.emulator.taps import APART_S, KINDS, read_taps
from firmware_bridge.emulator.timekeeping import Timekeeping
from firmware_bridge.gatt import BREAK, DATA, FRAME_MAX_VALUE_BYTES, max_value_bytes

BOOTLOADER_S: Final = 180.0  # 1.11: how long the bootloader waits for an update that does not come


class _Part(Protocol):
    def reset(self) -> None: ...


class EmulatedFrame(EmulatedGlasses):
    """One emulated Frame; switched off by `frame.sleep()` until a tap.

    Raises:
        InputError: a file given in the options cannot be used.
    """

    display: Display
    microphone: Microphone
    files: Files
    camera: Camera
    imu: Imu
    system: System

    def __init__(self, options: FrameOptions, clock: DeviceClock) -> None:
        super().__init__(options, clock)
        self.choices = options.choices
        self._options = options
        self._hooks = HookSlot(self.counters)
        self._luaport = LuaPort(
            self, self._processor, self._hooks, self.counters, slow=options.slow, on_end=self._ended
        )
        self.bluetooth = Bluetooth(
            options.name,
            self._hooks,
            self.counters,
            choices=self.choices,
            charge=self.charge,
            on_sent=self._sent,
            call=self._call,
        )
        sound = None if options.mic is None else read_sound(options.mic, loop=options.loop)
        self.display = Display(self)
        self.microphone = Microphone(self, sound, waits_for_reader=sound is not None)
        self.files = Files(self, options.flash, paired=options.paired != "no")
        self.camera = Camera(self, None if options.camera is None else open_pictures(options.camera))
        self.imu = Imu(
            self, None if options.head is None else read_head_pose(options.head), any_axes=options.axes == "any"
        )
        self.time = Timekeeping(self)
        self.compression = Compression(self)
        self.system = System(self, Battery(self, options.battery, options.drain, self._emptied), self._update)
        self._parts: tuple[_Part, ...] = (
            self.display,
            self.camera,
            self.microphone,
            self.imu,
            self.files,
            self.time,
            self.compression,
        )
        for moment in read_taps(options.taps) if options.taps is not None else ():
            clock.call_at(moment, self.tap)
        self._power_on("power on")

    @property
    def machine(self) -> LuaPort:
        """EmulatedGlasses."""
        return self._luaport

    def unbond(self) -> None:
        """Nobody is bonded any more: the files go with the next start (1.2)."""
        self.files.paired = False

    def tap(self, kind: str = "single") -> None:
        """The wearer taps, so many times; a device that sleeps wakes up, which is a start from the beginning (2.1)."""
        self._tapped()
        for more in range(1, KINDS[kind]):
            self.call_at(self.now() + more * APART_S, self._tapped)

    def _tapped(self) -> None:
        if self.powered:
            self.imu.tap()
        elif self._sleeps and self.system.battery.percent:
            self._power_on("wake")

    def charge_to(self, percent: float) -> None:
        """EmulatedGlasses: a device that sleeps wakes up, for it has left the cradle."""
        super().charge_to(percent)
        if self._sleeps and percent:
            self._power_on("wake")

    def press(self, held_s: float = 0.0) -> None:
        """EmulatedGlasses: Frame has no button."""

    # GATT surface

    def max_value_bytes(self, att_mtu: int) -> int:
        """EmulatedGlasses."""
        return max_value_bytes(att_mtu)

    @property
    def address(self) -> str:
        """Bluetooth address, as a host prints it."""
        return self.bluetooth.address

    def connected(self, air: Air, att_mtu: int) -> None:
        """A host is connected, has bonded before, and has exchanged this MTU: all that comes before a subscription."""
        self.files.paired = True
        super().connected(air, att_mtu)

    def link_up(self, air: Air) -> None:
        """A host is connected; nothing else has happened yet."""
        self.bluetooth.on_connected(air)
        self._tell_link("connected")

    def bonded(self) -> None:
        """A host has just paired: files are kept from here on, and the lens says so (1.2)."""
        self.files.paired = True
        self.splash()
        self._tell_link("paired")

    def mtu_exchanged(self, att_mtu: int) -> None:
        """The host and the device agreed on an MTU."""
        self.bluetooth.on_mtu(att_mtu)

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        self.bluetooth.on_subscribed(on)

    def disconnected(self) -> None:
        """The link is gone; repeated calls do nothing."""
        if self.bluetooth.connected:
            self.bluetooth.on_disconnected()
            self._tell_link("disconnected")

    def written(self, value: bytes) -> int:
        """A value arrived; its first byte decides (1.4). Empty and too long ones never leave the SoftDevice."""
        if not 1 <= len(value) <= FRAME_MAX_VALUE_BYTES or not self.powered:
            return 0
        self._received(value)
        if value[0] == DATA:
            self.bluetooth.on_data(value[1:])
        elif value[0] == BREAK:
            self._hooks.put_break()
        else:
            self._luaport.write(value)
        self._processor.wake()
        return 0

    # Board

    def post(self, function: LuaValue, *arguments: LuaValue) -> None:
        """Put a Lua function into the hook slot."""
        self._hooks.put("call", lambda: self._call(function, *arguments))
        self._processor.wake()

    # Hardware: what the Lua port needs

    def lua_api(self) -> Mapping[str, Any]:
        """Hardware."""
        return {
            **self.system.api(),
            **self.display.system_api(),
            "bluetooth": self.bluetooth.api(),
            "display": self.display.api(),
            "camera": self.camera.api(),
            "microphone": self.microphone.api(),
            "imu": self.imu.api(),
            "file": self.files.api(),
            "time": self.time.api(),
            "compression": self.compression.api(),
        }

    def reset_parts(self) -> None:
        """Hardware."""
        for part in self._parts:
            part.reset()

    def splash(self) -> None:
        """Hardware."""
        self.display.splash(self._options.name, paired=self.files.paired)

    def write_text(self, text: bytes) -> None:
        """Hardware."""
        self.bluetooth.write_text(text)

    def read_module(self, name: bytes) -> bytes:
        """Hardware."""
        return self.files.read_module(name)

    def stays_awake(self) -> bool:
        """Hardware."""
        return self.system.stays_awake

    # Power

    def _ended(self, end: End) -> None:
        super()._ended(end)
        if end == "update":
            self.call_at(self.now() + BOOTLOADER_S, self._restarted)

    def _update(self) -> None:
        self.display.draw_text("Frame Update", 185, 140)
        self.display.show()
        self._luaport.end("update")

    def _call(self, function: LuaValue, *arguments: LuaValue) -> tuple[LuaValue, ...]:
        return call(self._luaport.vm, function, arguments)
