"""One emulated Frame on a virtual air, with instruments: what crosses the link, and when the lens is lit.

Our link and other people's packages come to it over the same Bluetooth stack (bleak on Bumble), the same paced radio
and the same device, in virtual time: nothing but the program above bleak differs.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from firmware_bridge import LinkSource, NotInstalledError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
    from firmware_bridge.emulator.device import EmulatedFrame

__all__ = [
    "CAPTION_Y",
    "LINE_ROWS",
    "PICTURE_ROWS",
    "PICTURE_WIDTH",
    "Conditions",
    "Lit",
    "Rig",
    "Traffic",
    "pattern",
    "require_rig",
    "rig",
]

CAPTION_Y: Final = 250  # captions are told apart by these rows of the lens, where no picture is ever drawn
LINE_ROWS: Final = 60  # from one line of a caption to the next
CAPTION_ROWS: Final = 2 * LINE_ROWS
PICTURE_WIDTH: Final = 320  # of pictures, which are drawn in the first rows
PICTURE_ROWS: Final = 150
LOOK_S: Final = 0.15  # a caption drawn, shown, and the hidden buffer cleared
BOOT_S: Final = 1.0  # a Frame that has been switched on long enough


@dataclass(frozen=True, slots=True)
class Conditions:
    """The radio and the device of one run.

    Attributes:
        interval_ms: connection interval.
        packets: packets per connection event and direction.
        loss: probability that a packet is not heard.
        slow: Lua four times slower.
    """

    interval_ms: float = 15.0
    packets: int = 4
    loss: float = 0.0
    slow: bool = False

    @property
    def uri(self) -> str:
        """The emulated Frame of these conditions."""
        radio = f"interval_ms={self.interval_ms:g}&packets={self.packets}&loss={self.loss:g}"
        return f"emulator:frame?{radio}&slow={int(self.slow)}"

    def __str__(self) -> str:
        device = "slow" if self.slow else "nominal"
        return f"{self.interval_ms:g} ms, {self.packets} packets an event, loss {self.loss:.0%}, {device} device"


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of the values that arrived or were sent, both ways, and exchanges that were waited for."""

    out_bytes: int
    in_bytes: int
    rounds: int

    @property
    def all_bytes(self) -> int:
        """Both ways."""
        return self.out_bytes + self.in_bytes

    def __sub__(self, before: Traffic) -> Traffic:
        return Traffic(self.out_bytes - before.out_bytes, self.in_bytes - before.in_bytes, self.rounds - before.rounds)


@dataclass(frozen=True, slots=True)
class Lit:
    """A picture that became wholly lit.

    Attributes:
        at_s: when, on the loop's clock.
        caption: what the rows of captions look like, as a digest; empty where they are dark.
        picture: the pattern of the rows of pictures, as `pattern` gives it; empty where they are dark.
    """

    at_s: float
    caption: bytes
    picture: bytes


class Rig:
    """The Frame and its instruments; made by `rig`.

    Attributes:
        frame: with its Bluetooth, and what may go wrong above the radio.
        device: without.
        lit: every picture that became lit.
        connected_s: when the newest link was there, on the loop's clock.
    """

    def __init__(self, frame: BluetoothFrame) -> None:
        loop = asyncio.get_running_loop()
        self.frame = frame
        self.device = cast("EmulatedFrame", frame.device)  # in this process, as it was not told otherwise
        self.lit: list[Lit] = []
        self.connected_s = 0.0
        self._after: dict[str, list[tuple[int, Callable[[], None]]]] = {"received": [], "sent": []}
        self._values = {"received": 0, "sent": 0}
        self._out = self._in = self._rounds = 0
        self._asked = False
        self._power_on = loop.time() - self.device.now()
        self.device.display.observers.append(self._is_lit)

    @property
    def traffic(self) -> Traffic:
        """Since the Frame was switched on."""
        return Traffic(self._out, self._in, self._rounds)

    def source(self) -> LinkSource:
        """The Frame as our own Bluetooth link finds it."""
        from firmware_bridge.bumble_radio import link_source  # noqa: PLC0415 - an extra

        return link_source(lambda: self._computer)

    def lend_to_bleak(self) -> Callable[[], None]:
        """Let bleak find the Frame wherever a program in this process uses it; returns what undoes it."""
        from firmware_bridge.bumble_radio import use_by_default  # noqa: PLC0415 - an extra

        return use_by_default(lambda: self._computer)

    async def looks(self, captions: Iterable[str]) -> dict[str, bytes]:
        """What each caption looks like on this lens, drawn by Frame's own Lua; nobody may be connected.

        Args:
            captions: of letters, spaces and one newline each at most.

        Raises:
            ValueError: two of them look the same, or one leaves the lens dark.
        """
        looks = {}
        for caption in captions:
            lines = (
                f"frame.display.text('{line}',1,{CAPTION_Y + 1 + n * LINE_ROWS})"
                for n, line in enumerate(caption.split("\n"))
            )
            self.device.written(f"{';'.join(lines)};frame.display.show()".encode())
            await asyncio.sleep(LOOK_S)
            looks[caption] = self.lit[-1].caption if self.lit else b""
        if len({b"", *looks.values()}) <= len(looks):
            msg = "captions must look different from each other"
            raise ValueError(msg)
        return looks

    async def start(self) -> None:
        """Advertise."""
        self._computer = self.frame.computer()
        await self.frame.start()
        await asyncio.sleep(BOOT_S)

    def after_received(self, count: int, act: Callable[[], None]) -> None:
        """Do this when so many more values of the computer have arrived."""
        self._after["received"].append((self._values["received"] + count, act))

    def after_sent(self, count: int, act: Callable[[], None]) -> None:
        """Do this when so many more notifications were handed to the radio; the last of them has not arrived yet."""
        self._after["sent"].append((self._values["sent"] + count, act))

    # DeviceObserver, as `rig` attaches it

    def received(self, value: bytes) -> None:
        """A value of the computer arrived."""
        self._out += len(value)
        self._asked = True
        self._count("received")

    def sent(self, value: bytes) -> None:
        """A notification was handed to the radio."""
        self._in += len(value)
        self._rounds += self._asked
        self._asked = False
        self._count("sent")

    def _count(self, what: str) -> None:
        self._values[what] += 1
        due = [act for number, act in self._after[what] if number <= self._values[what]]
        self._after[what] = [waiting for waiting in self._after[what] if waiting[0] > self._values[what]]
        for act in due:
            act()

    def _is_lit(self, at_s: float, picture: Callable[[], NDArray[np.uint8]]) -> None:
        seen = picture()
        rows = seen[CAPTION_Y : CAPTION_Y + CAPTION_ROWS]
        caption = hashlib.sha256(rows.tobytes()).digest() if rows.any() else b""
        top = seen[:PICTURE_ROWS, :PICTURE_WIDTH]
        colours = top.astype("u4") @ (1, 1 << 8, 1 << 16)
        self.lit.append(Lit(self._power_on + at_s, caption, pattern(colours) if top.any() else b""))


def pattern(values: NDArray[Any]) -> bytes:
    """Which pixels are alike, as a digest: the same for palette indices and for the colours they stand for."""
    _, first, inverse = np.unique(values.reshape(-1), return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.uint8)
    rank[np.argsort(first)] = np.arange(len(first))
    return hashlib.sha256(rank[inverse].tobytes()).digest()


def require_rig() -> None:
    """Raises NotInstalledError: the emulator or Bumble is not installed."""
    if missing := [name for name in ("lupa", "greenlet", "PIL", "bumble") if find_spec(name) is None]:
        msg = f"the emulated Frame over Bluetooth needs what is not installed: {', '.join(missing)}"
        raise NotInstalledError(msg, "Run: pip install 'sidelight[emulator,bumble]'")


@asynccontextmanager
async def rig(conditions: Conditions) -> AsyncIterator[Rig]:
    """A Frame that was never paired, switched on for a while; must run in virtual time."""
    from firmware_bridge.emulator import parse_uri  # noqa: PLC0415 - the Lua VM is loaded when it is used
    from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame  # noqa: PLC0415
    from firmware_bridge.emulator.telemetry import DeviceObserver, LinkState  # noqa: PLC0415

    frame = BluetoothFrame(parse_uri(conditions.uri))
    made = Rig(frame)

    class Instruments(DeviceObserver):
        def received(self, when_s: float, value: bytes) -> None:  # noqa: ARG002
            made.received(value)

        def sent(self, when_s: float, value: bytes) -> None:  # noqa: ARG002
            made.sent(value)

        def linked(self, when_s: float, state: LinkState) -> None:  # noqa: ARG002
            if state == "connected":
                made.connected_s = asyncio.get_running_loop().time()

    made.device.observers.append(Instruments())
    try:
        await made.start()
        yield made
    finally:
        await frame.close()
