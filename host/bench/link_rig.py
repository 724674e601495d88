"""Emulated glasses on a virtual air, with instruments: what crosses the link, and when the lens is lit.

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
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np

from firmware_bridge import GlassesKind, LinkSource, NotInstalledError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_bridge.emulator.bluetooth_frame import BluetoothFrame
    from firmware_bridge.emulator.faults import Faults

__all__ = [
    "STAGES",
    "Conditions",
    "Lit",
    "Rig",
    "Stage",
    "Traffic",
    "pattern",
    "require_rig",
    "rig",
]

LOOK_S: Final = 0.2  # a caption drawn, shown, and the hidden buffer cleared
BOOT_S: Final = 1.0  # glasses that have been switched on long enough


@dataclass(frozen=True, slots=True)
class Stage:
    """Where things are shown on a lens, in pixels, and what its glasses can do.

    Attributes:
        caption_x: left edge of captions.
        caption_y: their top; they are told apart by the rows from here on, where no picture is ever drawn.
        line_rows: from one line of a caption to the next.
        letter: size of the letters; 0 where there is one only.
        picture_width: of pictures, which are drawn in the first rows.
        picture_rows: of pictures.
        photo_pixels: of a photo of the test card, of the best quality.
        pcm_hz: rate of samples of 16 bits that still fits the link.
        interval_ms: connection interval that the glasses ask for.
        packets: packets per connection event and direction.
    """

    caption_x: int
    caption_y: int
    line_rows: int
    letter: int
    picture_width: int
    picture_rows: int
    photo_pixels: int
    pcm_hz: int
    interval_ms: float
    packets: int

    @property
    def picture_bytes(self) -> int:
        """Of a picture with 4 bits a pixel: 24 000."""
        return self.picture_width * self.picture_rows // 2


STAGES: Final[dict[GlassesKind, Stage]] = {
    "frame": Stage(0, 250, 60, 0, 320, 150, 460, 16_000, 15.0, 4),
    "halo": Stage(48, 200, 16, 8, 250, 192, 640, 8_000, 40.0, 6),
}


Firmware = Literal["0.8.8", "later"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The radio and the device of one run.

    Attributes:
        interval_ms: connection interval.
        packets: packets per connection event and direction.
        loss: probability that a packet is not heard.
        slow: Lua four times slower.
        device: which glasses.
        firmware: of Halo; packages by others need one later than the device reference's 0.8.8.
    """

    interval_ms: float = STAGES["frame"].interval_ms
    packets: int = STAGES["frame"].packets
    loss: float = 0.0
    slow: bool = False
    device: GlassesKind = "frame"
    firmware: Firmware = "later"

    @classmethod
    def of(cls, device: GlassesKind) -> Conditions:
        """What these glasses ask for, and nothing lost."""
        return cls(STAGES[device].interval_ms, STAGES[device].packets, device=device)

    @property
    def stage(self) -> Stage:
        """Of these glasses."""
        return STAGES[self.device]

    @property
    def uri(self) -> str:
        """The emulated glasses of these conditions."""
        radio = f"interval_ms={self.interval_ms:g}&packets={self.packets}&loss={self.loss:g}"
        firmware = f"&firmware={self.firmware}" if self.device == "halo" else ""
        return f"emulator:{self.device}?{radio}&slow={int(self.slow)}{firmware}"

    def __str__(self) -> str:
        device = "slow" if self.slow else "nominal"
        firmware = f", firmware {self.firmware}" if self.device == "halo" else ""
        radio = f"{self.interval_ms:g} ms, {self.packets} packets an event, loss {self.loss:.0%}"
        return f"{radio}, {device} device{firmware}"


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
    """The glasses and their instruments; made by `rig`.

    Attributes:
        stage: of these glasses.
        faults: what may go wrong above the radio.
        device: the glasses without their Bluetooth.
        lit: every picture that became lit.
        connected_s: when the newest link was there, on the loop's clock.
    """

    def __init__(self, glasses: BluetoothFrame, kind: GlassesKind) -> None:
        loop = asyncio.get_running_loop()
        self.stage = STAGES[kind]
        self.faults: Faults = glasses.faults
        self.device = cast("Any", glasses.device)  # EmulatedFrame or EmulatedHalo, whose parts the steps look into
        self._glasses = glasses
        self._kind = kind
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
        """Since the glasses were switched on."""
        return Traffic(self._out, self._in, self._rounds)

    def source(self) -> LinkSource:
        """The glasses as our own Bluetooth link finds them."""
        from firmware_bridge.bumble_radio import link_source  # noqa: PLC0415 - an extra

        return link_source(lambda: self._computer)

    def lend_to_bleak(self) -> Callable[[], None]:
        """Let bleak find the glasses wherever a program in this process uses it; returns what undoes it."""
        from firmware_bridge.bumble_radio import use_by_default  # noqa: PLC0415 - an extra

        return use_by_default(lambda: self._computer)

    async def looks(self, captions: Iterable[str]) -> dict[str, bytes]:
        """What each caption looks like on this lens, drawn by the glasses' own Lua; nobody may be connected.

        Args:
            captions: of letters, spaces and one newline each at most.

        Raises:
            ValueError: two of them look the same, or one leaves the lens dark.
        """
        before = "frame.display.power_save(false);frame.display.clear();" if self._kind == "halo" else ""
        x, y = self.stage.caption_x + 1, self.stage.caption_y + 1
        looks = {}
        for caption in captions:
            lines = (
                f"frame.display.text('{line}',{x},{y + n * self.stage.line_rows})"
                for n, line in enumerate(caption.split("\n"))
            )
            self.device.written(f"{before}{';'.join(lines)};frame.display.show()".encode())
            await asyncio.sleep(LOOK_S)
            looks[caption] = self.lit[-1].caption if self.lit else b""
        if len({b"", *looks.values()}) <= len(looks):
            msg = "captions must look different from each other"
            raise ValueError(msg)
        return looks

    def look_of(self, pixels: bytes) -> bytes:
        """The pattern of a picture that was drawn whole, as `lit` has it."""
        indices = np.frombuffer(bytes(n for byte in pixels for n in (byte >> 4, byte & 15)), np.uint8)
        picture = indices.reshape(self.stage.picture_rows, self.stage.picture_width)
        return pattern(np.where(_seen(self._kind)[: picture.shape[0], : picture.shape[1]], picture, 0))

    async def start(self) -> None:
        """Advertise."""
        self._computer = self._glasses.computer()
        await self._glasses.start()
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
        stage = self.stage
        rows = seen[stage.caption_y : stage.caption_y + 2 * stage.line_rows]
        caption = hashlib.sha256(rows.tobytes()).digest() if rows.any() else b""
        top = seen[: stage.picture_rows, : stage.picture_width]
        colours = top.astype("u4") @ (1, 1 << 8, 1 << 16)
        self.lit.append(Lit(self._power_on + at_s, caption, pattern(colours) if top.any() else b""))


def pattern(values: NDArray[Any]) -> bytes:
    """Which pixels are alike, as a digest: the same for palette indices and for the colours they stand for."""
    _, first, inverse = np.unique(values.reshape(-1), return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.uint8)
    rank[np.argsort(first)] = np.arange(len(first))
    return hashlib.sha256(rank[inverse].tobytes()).digest()


def _seen(kind: GlassesKind) -> NDArray[np.bool_]:
    """True where the lens has a pixel."""
    if kind == "frame":
        return np.ones((400, 640), np.bool_)
    from firmware_bridge.emulator.halo.display import VISIBLE  # noqa: PLC0415 - the emulator is an extra

    seen: NDArray[np.bool_] = VISIBLE
    return seen


def require_rig() -> None:
    """Raises NotInstalledError: the emulator or Bumble is not installed."""
    if missing := [name for name in ("lupa", "greenlet", "PIL", "bumble") if find_spec(name) is None]:
        msg = f"emulated glasses over Bluetooth need what is not installed: {', '.join(missing)}"
        raise NotInstalledError(msg, "Run: pip install 'sidelight[emulator,bumble]'")


@asynccontextmanager
async def rig(conditions: Conditions) -> AsyncIterator[Rig]:
    """Glasses that were never paired, switched on for a while; must run in virtual time."""
    from firmware_bridge.emulator import parse_uri  # noqa: PLC0415 - the Lua VM is loaded when it is used
    from firmware_bridge.emulator.halo.bluetooth_halo import bluetooth_of  # noqa: PLC0415
    from firmware_bridge.emulator.telemetry import DeviceObserver, LinkState  # noqa: PLC0415

    glasses = bluetooth_of(parse_uri(conditions.uri))
    made = Rig(glasses, conditions.device)

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
        await glasses.close()
