"""The emulated glasses as a link source, in this process.

source = EmulatorSource(parse_uri("emulator:frame?mic=talk.wav"))
link = await source.connect(on_value, on_lost)
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from firmware_bridge.emulator.acts import Act, Cut, Disturb
from firmware_bridge.emulator.clock import DeviceClock, VirtualTimeLoop
from firmware_bridge.emulator.device import EmulatedFrame
from firmware_bridge.emulator.faults import Faults
from firmware_bridge.emulator.glasses import EmulatedGlasses
from firmware_bridge.emulator.halo.device import EmulatedHalo
from firmware_bridge.emulator.options import FrameOptions, GlassesOptions, HaloOptions, parse_uri
from firmware_bridge.emulator.radio import RadioLink, RefusedError
from firmware_bridge.errors import (
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    NotFoundError,
    PairingError,
    UriError,
)
from firmware_bridge.link import LinkInfo, OnLost, OnValue

SCAN_S: Final = 0.120  # estimate: a few advertisements of 20 ms (1.1) until a scanning host has heard one
SCAN_MAX_S: Final = 10.0  # how long a scan without a result goes on
CONNECT_EVENTS: Final = 3  # from the request to the first packet heard both ways
SETUP_ROUND_TRIPS: Final = 12
"""Exchanges before the link is usable, two connection events each: encryption 3, MTU 1, data length and PHY 2,
discovery of one service with two characteristics and a descriptor 5, subscription 1."""
_LET_PAIR: Final = {
    "frame": "Reset its pairing: hold the button of the charging cradle while the glasses are in it.",
    "halo": "Hold its button for 5 s, which lets a new computer pair for a minute.",  # 1.2
}


def glasses_of(options: GlassesOptions, clock: DeviceClock) -> EmulatedGlasses:
    """The emulated glasses that these options are for.

    Raises:
        InputError: a file given in the options cannot be used.
    """
    if isinstance(options, HaloOptions):
        return EmulatedHalo(options, clock)
    assert isinstance(options, FrameOptions)  # noqa: S101 - there are no others
    return EmulatedFrame(options, clock)


def cut(faults: Faults, act: Cut) -> None:
    """Break the link at once; the glasses are away for as long as `act` says."""
    if act.for_s > 0:
        faults.cut_for(act.for_s)
    faults.cut_now()


def loop_for(uri: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the event loop that the glasses of this address need, for `asyncio.Runner(loop_factory=...)`.

    Raises:
        UriError: the address of an emulated device cannot be understood.
    """
    if uri.startswith("emulator:") and parse_uri(uri).virtual:
        return VirtualTimeLoop
    return asyncio.new_event_loop


class EmulatorSource:
    """One pair of emulated glasses; power stays on between connections.

    Must be made on the event loop it is used on.

    Attributes:
        device: the glasses.
        faults: what goes wrong above the radio.

    Raises:
        InputError: a file given for them cannot be used.
        UriError: the options ask for virtual time and the loop is not virtual.
    """

    def __init__(self, options: GlassesOptions) -> None:
        loop = asyncio.get_running_loop()
        if options.virtual and not isinstance(loop, VirtualTimeLoop):
            raise UriError("speed=max needs virtual time", "Run the program with run_virtual.")
        if isinstance(loop, VirtualTimeLoop) and options.speed not in ("max", 1.0):
            raise UriError(f"speed={options.speed:g} is not possible in virtual time", "Leave speed out.")
        speed = 1.0 if options.speed == "max" else options.speed
        self._options = options
        self._conditions = options.radio
        self._clock = DeviceClock(loop, speed)
        self._chance = random.Random(options.seed ^ 0x5EED)  # noqa: S311 - repeatable on purpose
        self._link: _EmulatorLink | None = None
        self._connections = 0
        self.device = glasses_of(options, self._clock)
        self.device.on_gone = self._device_gone
        self.faults = Faults(self._clock, options.faults, self._chance, self._drop, self._set_in_range)
        for cut in options.cuts:
            self.faults.schedule(cut)
        self._ended = asyncio.Event()
        self.device.microphone.on_ended = self._ended.set

    @property
    def options(self) -> GlassesOptions:
        """All that made the glasses."""
        return self._options

    @property
    def input_ended(self) -> asyncio.Event | None:
        """Set when the recording has been read to its end by the glasses; None without one that ends."""
        return self._ended if self._options.mic is not None and not self._options.loop else None

    def pause_input(self, *, paused: bool) -> None:
        """LinkSource: let the recording wait."""
        self.device.microphone.pause(paused=paused)

    def act(self, act: Act) -> None:
        """Play the wearer, or do something to the air; on the thread of the loop."""
        match act:
            case Disturb():
                self.faults.delay_s = act.delay_s
                self._conditions = replace(self._conditions, loss=act.loss)
                if self._link is not None:
                    self._link.radio.set_loss(act.loss)
            case Cut():
                cut(self.faults, act)
            case _:
                self.device.act(act)

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> _EmulatorLink:
        """LinkSource: scan, connect, encrypt, exchange the MTU, discover, subscribe."""
        try:
            async with asyncio.timeout(timeout_s / self._clock.speed):
                return await self._connect(on_value, on_lost)
        except TimeoutError as error:
            raise LinkTimeoutError(
                f"the emulated glasses did not connect within {timeout_s:g} s", "Try again."
            ) from error

    async def close(self) -> None:
        """LinkSource: switch the glasses off."""
        if self._link is not None:
            await self._link.disconnect()
        self.device.close()

    async def _connect(self, on_value: OnValue, on_lost: OnLost) -> _EmulatorLink:
        await self._scan()
        interval = self._options.radio.interval_s
        await self._clock.sleep(CONNECT_EVENTS * interval)
        if self._options.paired == "other":
            raise PairingError(
                f"{self._options.name} is paired with another computer",
                _LET_PAIR["halo" if isinstance(self._options, HaloOptions) else "frame"],
            )
        await self._clock.sleep(SETUP_ROUND_TRIPS * 2 * interval)
        if not self.faults.in_range:
            raise LinkLostError("the connection broke while it was being set up", "Try again.")
        self._connections += 1
        info = LinkInfo(
            kind="emulator",
            name=self._options.name,
            address=self.device.address,
            max_value_bytes=self.device.max_value_bytes(self._options.mtu),
            nonce=self._chance.getrandbits(32),
            glasses="halo" if isinstance(self._options, HaloOptions) else "frame",
        )
        link = _EmulatorLink(info, self._released)

        def lost() -> None:
            self._link = None
            on_lost(LinkLostError("the connection to the glasses broke", "Bring them back into range."))

        radio = RadioLink(
            self._clock,
            self._conditions,
            self._chance,
            peripheral=self.device,
            path=self.faults,
            on_value=on_value,
            on_lost=lost,
        )
        link.attach(radio)
        self._link = link
        self.device.connected(radio, self._options.mtu)
        self.device.subscribed(True)
        return link

    async def _scan(self) -> None:
        start = self._clock.now()
        await self._clock.sleep(SCAN_S)
        while self._link is not None or not self.faults.in_range or not self.device.powered:
            if self._clock.now() - start >= SCAN_MAX_S:
                raise NotFoundError(
                    f"{self._options.name} is not in range", "Bring the glasses nearer and switch them on."
                )
            await self._clock.sleep(SCAN_S)

    def _released(self) -> None:
        self._link = None

    def _device_gone(self) -> None:
        if self._link is not None:
            self._link.radio.device_gone()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.radio.drop()

    def _set_in_range(self, in_range: bool) -> None:  # noqa: FBT001 - a state
        if self._link is not None:
            self._link.radio.set_in_range(in_range)


class _EmulatorLink:
    """One connection to the emulated glasses."""

    def __init__(self, info: LinkInfo, released: Callable[[], None]) -> None:
        self._info = info
        self._released = released
        self.radio: RadioLink

    def attach(self, radio: RadioLink) -> None:
        self.radio = radio

    @property
    def info(self) -> LinkInfo:
        """What is known of this connection."""
        return self._info

    async def write(self, value: bytes, *, response: bool = False) -> None:
        """Link: write one value."""
        if not 1 <= len(value) <= self._info.max_value_bytes:
            raise LocalProtocolError(
                f"a value of {len(value)} bytes cannot be written (1 to {self._info.max_value_bytes})"
            )
        try:
            await self.radio.write(value, response=response)
        except ConnectionError as error:
            raise LinkLostError("the connection to the glasses is gone", "Connect again.") from error
        except RefusedError as error:
            raise LinkError(f"the glasses did not take what was written ({error})", "Write more slowly.") from error

    async def disconnect(self) -> None:
        """Link: end the connection."""
        if self.radio.open:
            self.radio.close()
            self._released()
