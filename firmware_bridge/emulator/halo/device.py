"""The emulated Halo: its parts, its power, and the GATT surface that any radio can carry.

    halo = EmulatedHalo(options, DeviceClock(loop))
    halo.connected(air, att_mtu=512)
    halo.subscribed(True)
    halo.written(b"print('hello')")

Section numbers are those of the device reference that ARCHITECTURE.md summarises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from firmware_bridge.emulator.board import LuaValue
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.glasses import EmulatedGlasses
from firmware_bridge.emulator.halo.bluetooth import Bluetooth
from firmware_bridge.emulator.halo.button import Button, Level, read_presses
from firmware_bridge.emulator.halo.camera import Camera
from firmware_bridge.emulator.halo.compression import Compression
from firmware_bridge.emulator.halo.display import Display
from firmware_bridge.emulator.halo.events import Drain, Events
from firmware_bridge.emulator.halo.files import Files
from firmware_bridge.emulator.halo.imu import Imu
from firmware_bridge.emulator.halo.microphone import Microphone
from firmware_bridge.emulator.halo.runtime import HaloRuntime
from firmware_bridge.emulator.halo.speaker import Speaker
from firmware_bridge.emulator.halo.system import System
from firmware_bridge.emulator.halo.timekeeping import Timekeeping
from firmware_bridge.emulator.hooks import call
from firmware_bridge.emulator.inputs import open_pictures, read_head_pose, read_sound
from firmware_bridge.emulator.options import HALO_MTU, HaloOptions
from firmware_bridge.emulator.power import Battery
from firmware_bridge.emulator.radio import Air
from firmware_bridge.emulator.taps import read_gestures
from firmware_bridge.gatt import (
    ATT_HEADER_BYTES,
    BREAK,
    DATA,
    EXIT,
    HALO_MAX_VALUE_BYTES,
    REBOOT,
    REMOVE_ALL,
    REMOVE_MAIN,
    RESET,
)

CONTROLS: Final = frozenset({REBOOT, BREAK, RESET, REMOVE_MAIN, EXIT, REMOVE_ALL})
PAIRING_S: Final = 60.0  # 1.2: the window that a hold of 5 s opens


class EmulatedHalo(EmulatedGlasses):
    """One emulated Halo; switched off by `frame.sleep()` until its button is pressed.

    Attributes:
        on_pairing: called when the wearer opens the window in which a new host may pair.
        on_unbonded: called when the wearer has everything wiped, bonds included.

    Raises:
        InputError: a file given in the options cannot be used.
    """

    display: Display
    microphone: Microphone
    files: Files
    camera: Camera
    imu: Imu
    system: System

    def __init__(self, options: HaloOptions, clock: DeviceClock) -> None:
        super().__init__(options, clock)
        self.choices = options.choices
        self.on_pairing: Callable[[], None] = lambda: None
        self.on_unbonded: Callable[[], None] = lambda: None
        self._options = options
        self._events = Events(one_slot=not options.later)
        self.runtime = HaloRuntime(
            self,
            self._processor,
            self._events,
            self.counters,
            slow=options.slow,
            later=options.later,
            on_end=self._ended,
        )
        self.bluetooth = Bluetooth(
            self,
            self.runtime,
            options.name,
            self.counters,
            header_bytes=self.choices.gatt_header_bytes,
            keeps_borders=options.later,
            on_sent=self._sent,
        )
        sound = None if options.mic is None else read_sound(options.mic, loop=options.loop)
        images = None if options.camera is None else open_pictures(options.camera)
        self.display = Display(self, checks_widths=options.later)
        self.microphone = Microphone(self, sound, waits_for_reader=sound is not None)
        self.speaker = Speaker(self, self.runtime)
        self.files = Files(self, options.flash)
        self.camera = Camera(self, images, self.choices)
        self.imu = Imu(self, None if options.head is None else read_head_pose(options.head))
        self.button = Button(self, self._held)
        self.time = Timekeeping(self)
        self.compression = Compression(self, keeps_all=options.later)
        battery = Battery(self, options.battery, options.drain, self._emptied)
        self.system = System(self, self.runtime, battery, charging=options.charging, dim=self.display.suspend)
        self._resets = (
            *(self.bluetooth, self.system, self.camera, self.microphone, self.speaker, self.imu, self.button),
            *(self.files, self.compression),
        )
        self._interrupts = (
            *(self.bluetooth, self.button, self.imu, self.compression, self.camera, self.microphone, self.speaker),
        )
        for moment, kind in read_gestures(options.taps) if options.taps is not None else ():
            clock.call_at(moment, self.tap, kind)
        for moment, held in read_presses(options.button) if options.button is not None else ():
            clock.call_at(moment, self.press, held)
        self._power_on("power on")

    @property
    def machine(self) -> HaloRuntime:
        """EmulatedGlasses."""
        return self.runtime

    def unbond(self) -> None:
        """Nobody is bonded any more; files stay."""

    def tap(self, kind: str = "single") -> None:
        """The wearer taps: "single", "double" or "triple"."""
        if self.powered:
            self._wake("imu")
            self.imu.tap(kind)

    def press(self, held_s: float = 0.0) -> None:
        """The wearer presses the button for so long; 0 is a click, -1 are two.

        A device that sleeps deeply wakes up, which is a start from the beginning (2.1); one in ship mode does not.
        """
        if self.powered:
            self._wake("button")
            if held_s < 0:
                self.button.click(2)
            else:
                self.button.hold(held_s)
        elif self._sleeps and not self.system.shipped and self.system.battery.percent:
            self.system.wakeup_source = "button"
            self._power_on("wake")

    # GATT surface

    def max_value_bytes(self, att_mtu: int) -> int:
        """EmulatedGlasses."""
        return min(min(att_mtu, HALO_MTU) - ATT_HEADER_BYTES, HALO_MAX_VALUE_BYTES)

    @property
    def address(self) -> str:
        """Bluetooth address, as a host prints it."""
        return self.bluetooth.address

    def link_up(self, air: Air) -> None:
        """A host is connected; nothing else has happened yet."""
        if hasattr(air, "on_free"):
            air.on_free = self._processor.wake
        self.bluetooth.on_connected(air)
        self._wake("ble")
        self._tell_link("connected")

    def bonded(self) -> None:
        """A host has just paired."""
        self._tell_link("paired")

    def mtu_exchanged(self, att_mtu: int) -> None:
        """The host and the device agreed on an MTU."""
        self.bluetooth.on_mtu(att_mtu)

    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""
        self.bluetooth.on_subscribed(on)

    def disconnected(self) -> None:
        """The link is gone; repeated calls do nothing. It ends no sleep (2.1)."""
        if self.bluetooth.connected:
            self.bluetooth.on_disconnected()
            self.runtime.clear()
            self.speaker.clear()
            self._processor.wake()
            self._tell_link("disconnected")

    def written(self, value: bytes) -> int:
        """A value arrived; its first byte decides (1.4). Returns 0, or an ATT error."""
        if not value or not self.powered:
            return 0
        self._received(value)
        self._wake("ble")
        if value[0] in CONTROLS:
            self.runtime.clear()
            self.bluetooth.clear()
            self._controls(value[0])
            return 0
        if value[0] == DATA and len(value) > 1:
            return self.bluetooth.on_data(value[1:])
        return self.runtime.write(value)

    def audio_written(self, value: bytes) -> int:
        """A value arrived for the speaker (1.10). Returns 0, or an ATT error."""
        if not value or not self.powered:
            return 0
        self._wake("ble")
        return self.speaker.on_audio(value)

    def battery(self) -> int:
        """Per cent, as the battery service says it."""
        return self.system.percent

    # Board

    def post(self, function: LuaValue, *arguments: LuaValue) -> None:
        """Put a Lua function into the hook slot."""
        self.signal(lambda: self.event(function, *arguments))

    def signal(self, drain: Drain) -> None:
        """EventBoard."""
        self._events.put(drain)
        if not self._processor.running:
            self._processor.wake()

    def event(self, function: LuaValue, *arguments: LuaValue) -> tuple[LuaValue, ...]:
        """EventBoard."""
        made = call(self.runtime.vm, function, arguments)
        return (b"event", *made[1:]) if made[:1] == (b"call",) else ()

    # Hardware: what the runtime needs

    def lua_api(self) -> Mapping[str, Any]:
        """Hardware."""
        return {
            **self.system.api(),
            "bluetooth": self.bluetooth.api(),
            "display": self.display.api(),
            "camera": self.camera.api(),
            "microphone": self.microphone.api(),
            "speaker": self.speaker.api(),
            "sound": self.speaker.sound_api(),
            "button": self.button.api(),
            "imu": self.imu.api(),
            "file": self.files.api(),
            "time": self.time.api(),
            "compression": self.compression.api(),
        }

    def reset_parts(self) -> None:
        """Hardware."""
        for part in self._resets:
            part.reset()

    def interrupt_parts(self) -> None:
        """Hardware."""
        for part in self._interrupts:
            part.interrupt()

    def write_text(self, text: bytes) -> None:
        """Hardware."""
        self.bluetooth.write_text(text)

    def read_module(self, name: bytes) -> bytes:
        """Hardware."""
        return self.files.read_module(name)

    # Inside

    def _power_on(self, reason: str) -> None:
        self.display.power_on()
        super()._power_on(reason)

    def _wake(self, source: str) -> None:
        self.system.wake(source)  # type: ignore[arg-type] # the sources of this file are some of those
        self._processor.wake()

    def _controls(self, byte: int) -> None:
        match byte:
            case 0x02:
                self.restart()
            case 0x03:
                self.runtime.interrupt()
            case 0x04:
                self.runtime.restart_vm()
            case 0x05:
                self.files.remove_main()
                self.runtime.restart_vm()
            case 0x06:
                self.runtime.exit()
            case _:
                self.files.remove_all()

    def _held(self, level: Level) -> None:
        if level == "pair":
            self.on_pairing()
        elif level == "sleep":
            self._processor.stop()
            self._ended("off")
        elif not self.system.charging:
            self.files.format()
            self.on_unbonded()
            self.system.shipped = True
            self._processor.stop()
            self._ended("off")
