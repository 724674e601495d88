"""Emulated glasses for other programs: over a socket of this computer, or over the air.

async with on_air(parse_uri("emulator:frame"), "tcp:127.0.0.1:9600") as lent:
    print(lent.where)

What programs by others do to it stays in a process of its own (`confined.py`).

tcp:127.0.0.1:PORT    each program that connects gets a Bluetooth adapter of its own; PORT 0 takes a free one
usb:0                 a USB Bluetooth dongle of this computer is their radio (never tried)
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from firmware_bridge.emulator.acts import Act, Cut, Disturb
from firmware_bridge.emulator.confined import ConfinedGlasses
from firmware_bridge.emulator.options import GlassesOptions
from firmware_bridge.emulator.source import cut
from firmware_bridge.errors import AdapterError, InputError, NotInstalledError, UriError

if TYPE_CHECKING:
    from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame

_TCP: Final = re.compile(r"tcp:(?:127\.0\.0\.1|localhost):([0-9]{1,5})")
_USB: Final = re.compile(r"usb:[0-9A-Za-z:/#!._-]+")
_USB_REASONS: Final = {  # of Bumble, and of libusb.h: enum libusb_error
    "device not found": "there is none",
    "LIBUSB_ERROR_NO_DEVICE": "it was unplugged",
    "LIBUSB_ERROR_ACCESS": "this user has no access to it",
    "LIBUSB_ERROR_BUSY": "the system uses it",
    "LIBUSB_ERROR_OTHER": "this computer offers no USB",
}


@dataclass(frozen=True, slots=True)
class OnAir:
    """Emulated glasses that others can reach.

    Attributes:
        frame: the glasses on their radio.
        glasses: the glasses themselves, in a process of their own.
        where: the adapter that reaches it: `tcp:127.0.0.1:PORT`; over the air, the dongle.
        over_the_air: whether any computer with Bluetooth can reach it.
    """

    frame: BluetoothFrame
    glasses: ConfinedGlasses
    where: str
    over_the_air: bool

    def act(self, act: Act) -> None:
        """Play the wearer, or do something to the air; on the thread of the loop. A real one loses no packet for us."""
        match act:
            case Disturb():
                self.frame.faults.delay_s = act.delay_s
                self.frame.air.set_loss(act.loss)
            case Cut():
                cut(self.frame.faults, act)
            case _:
                self.glasses.act(act)


@asynccontextmanager
async def on_air(options: GlassesOptions, radio: str) -> AsyncIterator[OnAir]:
    """Emulated glasses, reachable until the block ends.

    Args:
        options: all that makes it; virtual time is not possible.
        radio: `tcp:127.0.0.1:PORT` or `usb:0`.

    Raises:
        UriError: `radio` is neither, or the options ask for virtual time.
        NotInstalledError: Bumble is missing.
        InputError: a file given in the options cannot be used.
        AdapterError: the port is taken, or the dongle cannot be used.
        DeviceError: the process of the glasses does not start.
    """
    tcp = _TCP.fullmatch(radio)
    if options.virtual:
        raise UriError("speed=max is not possible over a radio", "Leave it out, or give a number.")
    if not (_USB.fullmatch(radio) or (tcp and int(tcp[1]) < 0x10000)):
        raise UriError(f"{radio!r} is no radio", "Write tcp:127.0.0.1:PORT, or usb:0 for the first USB dongle.")
    if find_spec("bumble") is None:
        raise NotInstalledError("Bluetooth without a radio needs Bumble", "Run: pip install 'sidelight[bumble]'")
    from firmware_bridge.emulator.bluetooth_frame import bonded_as_kept  # noqa: PLC0415 - an extra
    from firmware_bridge.emulator.halo.bluetooth_halo import bluetooth_of  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        glasses = ConfinedGlasses(bonded_as_kept(options))
        stack.push_async_callback(glasses.close)
        await glasses.start()
        if tcp:
            frame = bluetooth_of(options, device=glasses)
            stack.push_async_callback(frame.close)
            await frame.start()
            port = await _lend(stack, frame, int(tcp[1]))
            yield OnAir(frame, glasses, f"tcp:127.0.0.1:{port}", over_the_air=False)
        else:
            frame = await _with_dongle(stack, options, radio, glasses)
            yield OnAir(frame, glasses, radio, over_the_air=True)


async def _lend(stack: AsyncExitStack, frame: BluetoothFrame, port: int) -> int:
    from firmware_bridge.emulator.hci_server import HciServer  # noqa: PLC0415 - an extra

    server = HciServer(frame.plug_in)
    try:
        await server.start(port)
    except OSError as error:
        why = "another program has it" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
        raise AdapterError(f"port {port} cannot be used: {why}", "Choose another one, or 0 for any.") from error
    stack.push_async_callback(server.close)
    return server.port


async def _with_dongle(
    stack: AsyncExitStack, options: GlassesOptions, radio: str, glasses: ConfinedGlasses
) -> BluetoothFrame:
    from bumble.transport import open_transport  # noqa: PLC0415 - an extra

    from firmware_bridge.emulator.halo.bluetooth_halo import bluetooth_of  # noqa: PLC0415

    try:
        dongle = await open_transport(radio)
        stack.push_async_callback(dongle.close)
        frame = bluetooth_of(options, dongle=dongle, device=glasses)
        stack.push_async_callback(frame.close)
        await frame.start()
    except InputError:
        raise
    except Exception as error:
        why = next((why for text, why in _USB_REASONS.items() if text in str(error)), str(error))
        raise AdapterError(
            f"the Bluetooth dongle {radio} cannot be used: {why}",
            "Plug it in, stop the system's Bluetooth service, and give yourself access to the device.",
        ) from error
    return frame
