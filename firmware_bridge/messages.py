"""Every message of the CONTROL channel, one frozen dataclass each; pure.

`Order` goes to the glasses, `Report` comes from them. A message is a fixed run of little-endian numbers (`LAYOUT`,
in `struct` notation) and, where `REST` is set, one last field that takes all remaining bytes. The far side of this
file is the `unpack` and `pack` calls in device_app; a message has no version of its own, because host and glasses
always run the same release (upload.py compares the app's hash).
"""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import ClassVar, Final, Self

from firmware_bridge.errors import LocalProtocolError, RemoteProtocolError
from firmware_bridge.wire import encode_message

__all__ = [
    "MAX_VERSION",
    "SHOWS",
    "Battery",
    "BatteryLevel",
    "BeginBitmap",
    "Camera",
    "Clear",
    "CopyText",
    "Failed",
    "FillRect",
    "ForgetGlyphs",
    "Hello",
    "KeepGlyph",
    "Listen",
    "Message",
    "Order",
    "PhotoBlock",
    "PhotoReceived",
    "Quality",
    "Ready",
    "Remove",
    "ReplaceTail",
    "Report",
    "Screen",
    "Sense",
    "SensorSample",
    "Show",
    "Sleep",
    "Strip",
    "TakePhoto",
    "Tapped",
    "WriteGlyphs",
    "WriteText",
    "decode_report",
    "next_version",
]


SHOWS: Final = 0x40  # of a code, beside ENDS of wire.py
MAX_VERSION: Final = 0xFFFF


def next_version(version: int) -> int:
    """The version of the picture after this one's, 1 to 65535."""
    return version % MAX_VERSION + 1


class Quality(IntEnum):
    """JPEG quality, by the names of Frame's camera (device reference 2.5)."""

    VERY_HIGH = 0
    HIGH = 1
    MEDIUM = 2
    LOW = 3
    VERY_LOW = 4


@dataclass(frozen=True, slots=True)
class Message:
    """Base of all messages: CODE is unique, LAYOUT the numbers in `struct` notation without byte order."""

    CODE: ClassVar[int] = 0
    LAYOUT: ClassVar[str] = ""
    REST: ClassVar[bool] = False

    def encode(self) -> bytes:
        """The message as it runs in the stream.

        Raises:
            LocalProtocolError: a number does not fit its field.
        """
        values = astuple(self)
        rest = values[-1] if self.REST else b""
        try:
            body = struct.pack("<" + self.LAYOUT, *(values[:-1] if self.REST else values))
        except struct.error as error:
            msg = f"{type(self).__name__}{values}: {error}"
            raise LocalProtocolError(msg) from error
        return encode_message(self.CODE, body + rest)

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """The message of a body.

        Raises:
            RemoteProtocolError: the body has the wrong length.
        """
        size = struct.calcsize("<" + cls.LAYOUT)
        if len(body) < size or (len(body) > size and not cls.REST):
            msg = f"the glasses sent {cls.__name__} with {len(body)} bytes instead of {size}"
            raise RemoteProtocolError(msg)
        values = struct.unpack_from("<" + cls.LAYOUT, body)
        return cls(*values, *((body[size:],) if cls.REST else ()))


class Order(Message):
    """A message to the glasses; one whose code has the bit `SHOWS` is followed by a picture, as by `Show`."""

    __slots__ = ()

    def encode_last(self) -> bytes:
        """The order as the last of a picture, which is then drawn, with the version after the last one's."""
        encoded = self.encode()
        return bytes((encoded[0] | SHOWS,)) + encoded[1:]


class Report(Message):
    """A message from the glasses."""

    __slots__ = ()


# --- orders -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello(Order):
    """A new connection begins; the app answers `Ready` with the same nonce and keeps its scene and microphone."""

    CODE: ClassVar[int] = 0x01
    LAYOUT: ClassVar[str] = "I"
    nonce: int


@dataclass(frozen=True, slots=True)
class WriteText(Order):
    """Set item `id` to a line of text; x, y from 0; colour 1 to 15 of the palette; spacing in pixels; UTF-8.

    Halo's letters have no spacing but a size, which stands in its place.
    """

    CODE: ClassVar[int] = 0x02
    LAYOUT: ClassVar[str] = "BHHBB"
    REST: ClassVar[bool] = True
    id: int
    x: int
    y: int
    colour: int
    spacing: int
    text: bytes


@dataclass(frozen=True, slots=True)
class ReplaceTail(Order):
    """Keep the first `keep` bytes of text item `id` (UTF-8, or the steps of glyphs) and put `text` behind them."""

    CODE: ClassVar[int] = 0x03
    LAYOUT: ClassVar[str] = "BB"
    REST: ClassVar[bool] = True
    id: int
    keep: int
    text: bytes


@dataclass(frozen=True, slots=True)
class CopyText(Order):
    """Give item `id` the text of item `other` (both of text, or both of glyphs), as where a line moves up."""

    CODE: ClassVar[int] = 0x15
    LAYOUT: ClassVar[str] = "BB"
    id: int
    other: int


@dataclass(frozen=True, slots=True)
class FillRect(Order):
    """Set item `id` to a filled rectangle; pixels from 0; colour 1 to 15."""

    CODE: ClassVar[int] = 0x04
    LAYOUT: ClassVar[str] = "BHHHHB"
    id: int
    x: int
    y: int
    width: int
    height: int
    colour: int


@dataclass(frozen=True, slots=True)
class BeginBitmap(Order):
    """Set item `id` to a bitmap without pixels yet; bits a pixel 1, 2 or 4; `colour` is that of index 1."""

    CODE: ClassVar[int] = 0x05
    LAYOUT: ClassVar[str] = "BHHHBB"
    id: int
    x: int
    y: int
    width: int
    bits: int
    colour: int


@dataclass(frozen=True, slots=True)
class Strip(Order):
    """The next `rows` rows of bitmap `id`; the pixels fill whole bytes exactly."""

    CODE: ClassVar[int] = 0x06
    LAYOUT: ClassVar[str] = "BH"
    REST: ClassVar[bool] = True
    id: int
    rows: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Remove(Order):
    """Forget item `id`, a bitmap (`bitmap` 1) or another (0); unknown ids are ignored."""

    CODE: ClassVar[int] = 0x07
    LAYOUT: ClassVar[str] = "BB"
    id: int
    bitmap: int


@dataclass(frozen=True, slots=True)
class Clear(Order):
    """Forget all items."""

    CODE: ClassVar[int] = 0x08


@dataclass(frozen=True, slots=True)
class Show(Order):
    """Draw the scene as it is; `version` (not 0) names it, so that a later `Ready` says what the lens shows.

    Later pictures, whose last order has the bit `SHOWS`, count on from it.
    """

    CODE: ClassVar[int] = 0x09
    LAYOUT: ClassVar[str] = "H"
    version: int


@dataclass(frozen=True, slots=True)
class Listen(Order):
    """Start the microphone as stream `epoch` (0 to 63), or stop it with bits 0; rate 8000 or 16000, bits 8 or 16.

    More bits are, on Halo, the bytes of an LC3 frame of 10 ms.
    A running stream of the same epoch goes on untouched.
    """

    CODE: ClassVar[int] = 0x0A
    LAYOUT: ClassVar[str] = "BHB"
    epoch: int
    rate_hz: int
    bits: int


@dataclass(frozen=True, slots=True)
class TakePhoto(Order):
    """Take photo `id`; resolution 100 to 720, even; pan -140 to 140; `exposures` runs of auto-exposure before."""

    CODE: ClassVar[int] = 0x0B
    LAYOUT: ClassVar[str] = "BHBhB"
    id: int
    resolution: int
    quality: int
    pan: int
    exposures: int


@dataclass(frozen=True, slots=True)
class PhotoReceived(Order):
    """Block `index` of photo `id` is here (`ok` 1), or must come again (0)."""

    CODE: ClassVar[int] = 0x0C
    LAYOUT: ClassVar[str] = "BHB"
    id: int
    index: int
    ok: int


@dataclass(frozen=True, slots=True)
class Camera(Order):
    """Keep the camera awake and its exposure adjusted for `seconds` from now on, or let it sleep (0)."""

    CODE: ClassVar[int] = 0x0D
    LAYOUT: ClassVar[str] = "B"
    seconds: int


@dataclass(frozen=True, slots=True)
class Sense(Order):
    """Report taps (`taps` 1) and send a sensor sample every `period_ms` milliseconds (0: none)."""

    CODE: ClassVar[int] = 0x0E
    LAYOUT: ClassVar[str] = "BH"
    taps: int
    period_ms: int


@dataclass(frozen=True, slots=True)
class Battery(Order):
    """Ask for the charge; the app answers `BatteryLevel`."""

    CODE: ClassVar[int] = 0x0F


@dataclass(frozen=True, slots=True)
class Screen(Order):
    """Lens on (1) or off (0), brightness -2 to 2."""

    CODE: ClassVar[int] = 0x10
    LAYOUT: ClassVar[str] = "Bb"
    on: int
    brightness: int


@dataclass(frozen=True, slots=True)
class Sleep(Order):
    """Deep sleep: the link drops and only a tap or the cradle wakes the glasses."""

    CODE: ClassVar[int] = 0x11


@dataclass(frozen=True, slots=True)
class ForgetGlyphs(Order):
    """Empty the glyph cache and begin another one, number `cache` (not 0), of which no order has been carried out."""

    CODE: ClassVar[int] = 0x12
    LAYOUT: ClassVar[str] = "I"
    cache: int


@dataclass(frozen=True, slots=True)
class KeepGlyph(Order):
    """Put a glyph into slot 1 to 255 of the cache: width in pixels, bits a pixel 1 or 2; without pixels empty it."""

    CODE: ClassVar[int] = 0x13
    LAYOUT: ClassVar[str] = "BBB"
    REST: ClassVar[bool] = True
    slot: int
    width: int
    bits: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class WriteGlyphs(Order):
    """Set item `id` to glyphs of the cache. Each of `steps` is a slot, then how far right (i8) and down (i8) of the
    one before the glyph's corner is, the first from `x`, `y`; slot 0 draws nothing. Drawn in this order.
    """

    CODE: ClassVar[int] = 0x14
    LAYOUT: ClassVar[str] = "BHHB"
    REST: ClassVar[bool] = True
    id: int
    x: int
    y: int
    colour: int
    steps: bytes


# --- reports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready(Report):
    """The app runs.

    Attributes:
        nonce: of the `Hello`, or of the start command.
        heap_kib: memory that was free when the app had loaded, at least, KiB.
        battery: charge in percent.
        shown: version of the scene on the lens; 0 for none.
        epoch: microphone stream that runs; 255 for none.
        cache: number of the glyph cache; 0 for none.
        kept: how many `KeepGlyph` came since it began, modulo 65536.
        app: hash of the app, 8 hexadecimal digits.
        device: hardware and firmware version.
    """

    CODE: ClassVar[int] = 0x81
    LAYOUT: ClassVar[str] = "IHBHBIH8s"
    REST: ClassVar[bool] = True
    nonce: int
    heap_kib: int
    battery: int
    shown: int
    epoch: int
    cache: int
    kept: int
    app: bytes
    device: bytes


@dataclass(frozen=True, slots=True)
class Tapped(Report):
    """The glasses were tapped; `time_ms` is the app's clock, wrapping at 2^32.

    `button` is 0 for a tap; of Halo's button 1 for a click, 2 for two, 3 for a long press.
    """

    CODE: ClassVar[int] = 0x82
    LAYOUT: ClassVar[str] = "IB"
    time_ms: int
    button: int


@dataclass(frozen=True, slots=True)
class BatteryLevel(Report):
    """Charge in percent."""

    CODE: ClassVar[int] = 0x83
    LAYOUT: ClassVar[str] = "B"
    percent: int


@dataclass(frozen=True, slots=True)
class PhotoBlock(Report):
    """Block `index` of photo `id` has been sent: `packets` PHOTO packets, the first numbered `first` modulo 64.

    `check` is the check of the packets' checks, each 4 bytes little endian; `last` is 1 for the photo's last block.
    """

    CODE: ClassVar[int] = 0x85
    LAYOUT: ClassVar[str] = "BHBBIB"
    id: int
    index: int
    packets: int
    first: int
    check: int
    last: int


@dataclass(frozen=True, slots=True)
class Failed(Report):
    """Something went wrong on the glasses; `order` is the code of the order it belongs to, 0 for none."""

    CODE: ClassVar[int] = 0x86
    LAYOUT: ClassVar[str] = "B"
    REST: ClassVar[bool] = True
    order: int
    text: bytes


SENSOR_LAYOUT: Final = struct.Struct("<6h")


@dataclass(frozen=True, slots=True)
class SensorSample:
    """Raw counts of accelerometer and compass, x y z each, as `frame.imu.raw` gives them (device reference 2.9)."""

    accelerometer: tuple[int, int, int]
    compass: tuple[int, int, int]

    @classmethod
    def decode(cls, data: bytes) -> SensorSample:
        """A sample from a SENSOR packet. Raises RemoteProtocolError for another length."""
        if len(data) != SENSOR_LAYOUT.size:
            msg = f"the glasses sent a sensor sample of {len(data)} bytes instead of {SENSOR_LAYOUT.size}"
            raise RemoteProtocolError(msg)
        ax, ay, az, cx, cy, cz = SENSOR_LAYOUT.unpack(data)
        return cls((ax, ay, az), (cx, cy, cz))


_REPORTS: Final[dict[int, type[Report]]] = {
    kind.CODE: kind for kind in (Ready, Tapped, BatteryLevel, PhotoBlock, Failed)
}


def decode_report(code: int, body: bytes) -> Report:
    """The report with this code and body.

    Raises:
        RemoteProtocolError: unknown code or wrong length.
    """
    kind = _REPORTS.get(code)
    if kind is None:
        msg = f"the glasses sent a message of unknown kind {code:#04x}"
        raise RemoteProtocolError(msg)
    return kind.decode(body)
