"""The address of emulated glasses: `emulator:frame?part=value&part=value`, or `emulator:halo?...`.

Parts, all optional. Values are percent-decoded; a plain path works too, with spaces and in any script: only `%` and
`&` inside a value must be written `%25` and `%26`.

    mic=FILE          recording for the microphone, WAV or FLAC
    loop=1            repeat it
    camera=PATH       picture, or folder of pictures in the order of their names
    taps=FILE         taps of the wearer, see `taps.py`
    head=FILE         head pose, see `imu.py`
    axes=any          the motion sensor lies in the glasses any way, mirrored too, by the seed; `head`: along the head
    battery=PERCENT   0 to 100
    drain=PERCENT     of the battery that are gone in an hour of being on, 0 to 100000; empty, they switch off
    speed=N           device seconds per second, 0.1 to 100, or `max`: virtual time
    seed=N            of all chance
    slow=1            Lua four times slower than the estimate
    strict=1          where the firmware is not known exactly, the worst that is possible, see `choices.py`
    interval_ms=MS    connection interval, 7.5 to 4000
    packets=N         packets per connection event and direction, 1 to 20
    loss=P            probability that a packet is not heard, 0 to 0.9
    mtu=N             ATT MTU of the host, 23 to 517
    name=TEXT         advertised name
    flash=FOLDER      keeps the glasses' files between runs
    paired=self       or `other` (bonded to another computer: connecting fails) or `no`
    faults=F:P,F:P    chance faults above the radio: drop, delay, duplicate, reorder, corrupt, cut
    cut=AT:FOR,...    out of range at second AT for FOR seconds

Halo has these besides:

    button=FILE       what the wearer does with the button, see `halo/button.py`
    charging=1        it is on its charger
    firmware=later    what is known to be otherwise after 0.8.8: packets for Lua stay apart (brilliant-msg 7.3 needs
                      that), 0x04 breaks a script off, `require` runs a file each time, every block of LZ4 arrives
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote

from firmware_bridge.emulator.choices import NOMINAL, STRICT, Choices
from firmware_bridge.emulator.faults import Cut, FaultRates
from firmware_bridge.emulator.halo import choices as halo_choices
from firmware_bridge.emulator.halo.choices import HaloChoices
from firmware_bridge.emulator.link_layer import RadioConditions
from firmware_bridge.errors import UriError

Paired = Literal["self", "other", "no"]

FRAME_LENS: Final = (640, 400)  # 2.3
HALO_LENS: Final = (256, 256)  # 2.4
HALO_MTU: Final = 512  # 1.3: the largest of its stack
_HALO_RADIO: Final[dict[str, Any]] = {"interval_s": 0.040, "packets": halo_choices.NOMINAL.packets_per_event}
"""1.3: Halo asks for 30 to 50 ms."""

SCHEME: Final = "emulator:"
_SHOWN: Final = 80  # characters of a wrong value that a message repeats


@dataclass(frozen=True, kw_only=True)
class GlassesOptions:
    """What makes one emulated pair of glasses of whatever kind; see the module for meanings and ranges."""

    mic: Path | None = None
    loop: bool = False
    camera: Path | None = None
    taps: Path | None = None
    head: Path | None = None
    axes: Literal["head", "any"] = "head"
    battery: float = 80.0
    drain: float = 0.0
    speed: float | Literal["max"] = 1.0
    seed: int = 0
    slow: bool = False
    strict: bool = False
    radio: RadioConditions = field(default_factory=RadioConditions)
    mtu: int = 247
    name: str = "Frame 4F"
    flash: Path | None = None
    paired: Paired = "self"
    faults: FaultRates = field(default_factory=FaultRates)
    cuts: tuple[Cut, ...] = ()

    @property
    def virtual(self) -> bool:
        """True where the device needs a `VirtualTimeLoop`."""
        return self.speed == "max"


@dataclass(frozen=True, kw_only=True)
class FrameOptions(GlassesOptions):
    """Everything that makes one emulated Frame."""

    @property
    def choices(self) -> Choices:
        """What the device does where the reference is not sure."""
        return STRICT if self.strict else NOMINAL


@dataclass(frozen=True, kw_only=True)
class HaloOptions(GlassesOptions):
    """Everything that makes one emulated Halo."""

    radio: RadioConditions = field(default_factory=lambda: RadioConditions(**_HALO_RADIO))
    mtu: int = HALO_MTU
    name: str = "Halo 4F"
    button: Path | None = None
    charging: bool = False
    firmware: Literal["0.8.8", "later"] = "0.8.8"

    @property
    def later(self) -> bool:
        """Whether the firmware is later than 0.8.8."""
        return self.firmware == "later"

    @property
    def choices(self) -> HaloChoices:
        """What the device does where the reference is not sure."""
        return halo_choices.STRICT if self.strict else halo_choices.NOMINAL


def parse_uri(uri: str) -> GlassesOptions:
    """Read `emulator:frame?...` or `emulator:halo?...`: FrameOptions or HaloOptions.

    Raises:
        UriError: an unknown device or part, or a value out of range; the message says which.
    """
    device, _, query = uri.removeprefix(SCHEME).partition("?")
    if device not in (*_DEVICES, ""):
        raise UriError(
            f"there is no emulated device {device!r}{_suggestion(device, _DEVICES)}",
            "Use emulator:frame or emulator:halo.",
        )
    halo = device == "halo"
    parts = _PARTS | _HALO_PARTS if halo else _PARTS
    values: dict[str, Any] = {}
    chosen: set[str] = set()
    radio: dict[str, Any] = dict(_HALO_RADIO) if halo else {}
    for part in query.split("&") if query else []:
        name, equals, text = part.partition("=")
        reader = parts.get(name)
        if reader is None:
            raise UriError(
                f"unknown part {name!r} in the address of the glasses{_suggestion(name, parts)}",
                "Known parts: " + ", ".join(parts) + "." + ("" if equals else " Write & inside a value as %26."),
            )
        if not equals:
            raise UriError(f"{name} has no value", f"Write {name}=VALUE.")
        value = reader(name, unquote(text))
        if name in _RADIO:
            chosen.add(name)
            radio[_RADIO[name]] = value
        else:
            values["cuts" if name == "cut" else name] = value
    if values.get("strict") and "packets" not in chosen:
        radio["packets"] = (halo_choices.STRICT if halo else STRICT).packets_per_event
    made = HaloOptions if halo else FrameOptions
    return made(**values, radio=RadioConditions(**radio))


def lens_size(options: GlassesOptions) -> tuple[int, int]:
    """Width and height in pixels of the lens of the glasses that these options are for."""
    return HALO_LENS if isinstance(options, HaloOptions) else FRAME_LENS


def _suggestion(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _bad(name: str, text: str, allowed: str) -> UriError:
    return UriError(f"{name}={_shown(text)} is not possible", f"Allowed: {allowed}.")


def _shown(text: str) -> str:
    """A value for a message: bounded, control characters as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:_SHOWN])


def _path(name: str, text: str) -> Path:
    if not text or "\0" in text:
        raise _bad(name, text, "a file or folder")
    return Path(text).expanduser()


def _text(name: str, text: str) -> str:
    if not 1 <= len(text.encode()) <= 29 or not text.isprintable():
        raise _bad(name, text, "1 to 29 bytes of printable text")
    return text


def _flag(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise _bad(name, text, "0 or 1")
    return text == "1"


def _number(low: float, high: float) -> Callable[[str, str], float]:
    def read(name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise _bad(name, text, f"{low:g} to {high:g}")
        return value

    return read


def _integer(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise _bad(name, text, f"whole numbers {low} to {high}")
        return value

    return read


def _speed(name: str, text: str) -> float | Literal["max"]:
    if text == "max":
        return "max"
    try:
        return _number(0.1, 100)(name, text)
    except UriError as error:
        raise _bad(name, text, "0.1 to 100, or max") from error


def _interval(name: str, text: str) -> float:
    return _number(7.5, 4000)(name, text) / 1000


def _axes(name: str, text: str) -> Literal["head", "any"]:
    if text not in ("head", "any"):
        raise _bad(name, text, "head or any")
    return "any" if text == "any" else "head"


def _paired(name: str, text: str) -> Paired:
    if text in _PAIRED:
        return _PAIRED[text]
    raise _bad(name, text, "self, other or no")


def _firmware(name: str, text: str) -> str:
    if text not in ("0.8.8", "later"):
        raise _bad(name, text, "0.8.8 or later")
    return text


def _faults(name: str, text: str) -> FaultRates:
    known = [f.name for f in fields(FaultRates)]
    rates: dict[str, float] = {}
    for item in text.split(","):
        fault, _, rate = item.partition(":")
        if fault not in known:
            raise UriError(
                f"unknown fault {fault!r} in {name}={_shown(text)}{_suggestion(fault, known)}",
                "Known faults: " + ", ".join(known) + ".",
            )
        rates[fault] = _number(0, 1)(f"{name}={fault}", rate)
    if sum(rates.values()) > 1:
        raise _bad(name, text, "probabilities that add up to at most 1")
    return FaultRates(**rates)


def _cuts(name: str, text: str) -> tuple[Cut, ...]:
    made = []
    for item in text.split(","):
        at, colon, length = item.partition(":")
        if not colon:
            raise _bad(name, text, "SECOND:SECONDS, several with commas between")
        made.append(Cut(_number(0, 1e6)(name, at), _number(0.001, 1e6)(name, length)))
    return tuple(made)


_PAIRED: Final[dict[str, Paired]] = {"self": "self", "other": "other", "no": "no"}
_PARTS: Final[dict[str, Callable[[str, str], Any]]] = {
    "mic": _path,
    "loop": _flag,
    "camera": _path,
    "taps": _path,
    "head": _path,
    "axes": _axes,
    "battery": _number(0, 100),
    "drain": _number(0, 100_000),
    "speed": _speed,
    "seed": _integer(0, 2**63 - 1),
    "slow": _flag,
    "strict": _flag,
    "interval_ms": _interval,
    "packets": _integer(1, 20),
    "loss": _number(0, 0.9),
    "mtu": _integer(23, 517),
    "name": _text,
    "flash": _path,
    "paired": _paired,
    "faults": _faults,
    "cut": _cuts,
}
_RADIO: Final = {"interval_ms": "interval_s", "packets": "packets", "loss": "loss"}
_HALO_PARTS: Final[dict[str, Callable[[str, str], Any]]] = {"button": _path, "charging": _flag, "firmware": _firmware}
_DEVICES: Final = ("frame", "halo")
