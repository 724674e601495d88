"""What every emulated pair of glasses is: a clock, a processor, power, a link, and who looks on.

`device.py` makes Frame of it, `halo/device.py` Halo. Section numbers are those of the device reference that
ARCHITECTURE.md summarises.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from firmware_bridge.emulator.acts import Charge, Hear, Press, See, Tap, Turn, WearerAct
from firmware_bridge.emulator.clock import DeviceClock
from firmware_bridge.emulator.flash_folder import Store
from firmware_bridge.emulator.imu import HeadPose
from firmware_bridge.emulator.machine import End, LuaMachine
from firmware_bridge.emulator.observer import Lens
from firmware_bridge.emulator.options import GlassesOptions
from firmware_bridge.emulator.pictures import Pictures
from firmware_bridge.emulator.power import Battery, OnTime
from firmware_bridge.emulator.processor import Processor
from firmware_bridge.emulator.radio import Air
from firmware_bridge.emulator.sound import Samples
from firmware_bridge.emulator.telemetry import Counters, DeviceObserver, LinkState


class Shown(Lens, Protocol):
    """A display as whoever looks on sees it."""

    on_time: OnTime


class Hearing(Protocol):
    """A microphone as whoever plays a recording into it sees it."""

    on_time: OnTime
    on_ended: Callable[[], None] | None

    def pause(self, *, paused: bool) -> None:
        """Stop the sound's clock, or let it go on."""
        ...

    def heard_at(self, position: int) -> float | None:
        """Device time in seconds at which a sample of the sound was in the air; None if it was not, or long ago."""
        ...

    def hear(self, samples: Samples) -> None:
        """Let these be heard from here on."""
        ...


class Seeing(Protocol):
    """A camera as whoever holds pictures before it sees it."""

    on_time: OnTime

    def see(self, images: Pictures) -> None:
        """Let these lie before it from here on."""
        ...


class Feeling(Protocol):
    """A motion sensor as whoever turns the head sees it."""

    def turn(self, head: HeadPose) -> None:
        """Follow this head from here on."""
        ...


class Powered(Protocol):
    """What has a battery."""

    battery: Battery


class Kept(Protocol):
    """A file system whose changes can be kept."""

    def keep_in(self, store: Store) -> None:
        """From here on finished changes go there."""
        ...


class EmulatedGlasses(ABC):
    """One emulated pair of glasses; lives from power on until `close`. A `Board` for its parts.

    Attributes:
        counters: what happened since power on.
        observers: told what happens.
        on_gone: called when the device stops answering: it restarts or is switched off.
        powered: False while it is switched off.
        random: seeded; the only source of chance on the device.
        display: what the wearer sees.
        microphone: what a recording is played into.
        files: what is in their flash.
        camera: what pictures are held before.
        imu: what feels where the head points.
        system: what has their battery.
    """

    display: Shown
    microphone: Hearing
    files: Kept
    camera: Seeing
    imu: Feeling
    system: Powered

    def __init__(self, options: GlassesOptions, clock: DeviceClock) -> None:
        self.counters = Counters()
        self.observers: list[DeviceObserver] = []
        self.on_gone: Callable[[], None] | None = None
        self.powered = True
        self.random = random.Random(options.seed)  # noqa: S311 - repeatable on purpose
        self._sleeps = False
        self._closed = False
        self._clock = clock
        self._processor = Processor(clock, self._watchdog)

    @property
    @abstractmethod
    def machine(self) -> LuaMachine:
        """What runs Lua."""

    def close(self) -> None:
        """Switch the device off for good; repeated calls do nothing."""
        self._closed = True
        self.powered = self._sleeps = False
        self._processor.stop()

    def restart(self) -> None:
        """The whole device starts again, as after a crash or on the cradle's button; the link is gone."""
        self._processor.stop()
        self._ended("restart")

    @abstractmethod
    def unbond(self) -> None:
        """Nobody is bonded any more."""

    @abstractmethod
    def tap(self, kind: str = "single") -> None:
        """The wearer taps: "single", "double" or "triple"."""

    @abstractmethod
    def press(self, held_s: float = 0.0) -> None:
        """The wearer presses the button, where there is one, for so long; 0 is a click, -1 are two."""

    def act(self, act: WearerAct) -> None:
        """The wearer does something, or something is before them."""
        match act:
            case Tap():
                self.tap(act.kind)
            case Press():
                self.press(act.held_s)
            case Turn():
                self.imu.turn(act.pose())
            case Hear():
                self.microphone.hear(act.samples())
            case See():
                self.camera.see(act.pictures())
            case Charge():
                self.charge_to(act.percent)

    def charge_to(self, percent: float) -> None:
        """The battery holds so much."""
        self.system.battery.charge(percent)

    # GATT surface

    @abstractmethod
    def max_value_bytes(self, att_mtu: int) -> int:
        """Largest value that our link writes or is notified of, in bytes, under an ATT MTU (1.3)."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Bluetooth address, as a host prints it."""

    def connected(self, air: Air, att_mtu: int) -> None:
        """A host is connected, has bonded before, and has exchanged this MTU: all that comes before a subscription."""
        self.link_up(air)
        self.mtu_exchanged(att_mtu)

    @abstractmethod
    def link_up(self, air: Air) -> None:
        """A host is connected; nothing else has happened yet."""

    @abstractmethod
    def bonded(self) -> None:
        """A host has just paired."""

    @abstractmethod
    def mtu_exchanged(self, att_mtu: int) -> None:
        """The host and the device agreed on an MTU."""

    @abstractmethod
    def subscribed(self, on: bool) -> None:  # noqa: FBT001 - the state of the descriptor
        """The host switched notifications on or off."""

    @abstractmethod
    def disconnected(self) -> None:
        """The link is gone; repeated calls do nothing."""

    @abstractmethod
    def written(self, value: bytes) -> int:
        """A value arrived. Returns 0, or the ATT error with which a write that wants a response is refused."""

    # Board

    def now(self) -> float:
        """Device seconds since power on."""
        return self._processor.now()

    def charge(self, seconds: float) -> None:
        """The device is busy for so long."""
        self._processor.charge(seconds)

    def call_at(self, when: float, function: Callable[[], None]) -> None:
        """Call a function at a device time."""
        self._clock.call_at(when, function)

    def free_heap(self) -> int:
        """Bytes of the heap that the firmware's own `malloc` could get."""
        return self.machine.free_heap()

    def crash(self) -> None:
        """The firmware restarts the device."""
        self.machine.end("restart")

    # Power

    def _power_on(self, reason: str) -> None:
        self._power(on=True)
        for observer in self.observers:
            observer.restarted(self.now(), reason)
        self.machine.power_on()

    def _watchdog(self) -> None:
        self.counters.watchdog_resets += 1
        self.restart()

    def _ended(self, end: End) -> None:
        """The program is over: the radio is silent, and the device starts again unless it was switched off."""
        self._power(on=False)
        self._sleeps = end == "off"
        self.disconnected()
        if self.on_gone is not None:
            self.on_gone()
        if end == "restart":
            self.call_at(self.now(), self._restarted)

    def _emptied(self) -> None:
        """The battery is empty: the glasses switch off."""
        self._processor.stop()
        self._ended("off")

    def _power(self, *, on: bool) -> None:
        self.powered = on
        self.system.battery.power(on=on)
        for part in (self.display, self.camera, self.microphone):
            part.on_time.power(on=on)

    def _restarted(self) -> None:
        if not self.powered and not self._closed:
            self._power_on("restart")

    # Observers

    def _tell_link(self, state: LinkState) -> None:
        for observer in self.observers:
            observer.linked(self.now(), state)

    def _received(self, value: bytes) -> None:
        for observer in self.observers:
            observer.received(self.now(), value)

    def _sent(self, value: bytes) -> None:
        for observer in self.observers:
            observer.sent(self.now(), value)
