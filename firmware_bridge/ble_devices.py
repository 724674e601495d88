"""Which glasses a `ble:` address means, and the choice among those in range; pure.

    ble:                    the only glasses in range
    ble:?strongest          the nearest of several, by signal
    ble:Frame 4F            by name, upper and lower case alike
    ble:C6:11:22:33:44:4F   by Bluetooth address, or by the identifier that macOS gives instead

Device names come from outside and may hold anything; `printable` makes one fit to be shown.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from firmware_bridge.errors import NotFoundError, SeveralFoundError, UriError

__all__ = [
    "ANY",
    "UNKNOWN_SIGNAL_DBM",
    "Candidate",
    "Select",
    "Sightings",
    "Wanted",
    "choose",
    "is_wanted",
    "parse_wanted",
    "printable",
]

UNKNOWN_SIGNAL_DBM: Final = -127  # what bleak reports where the system gives no signal strength

MAX_NAME_BYTES: Final = 248  # Bluetooth Core, Vol 4 Part E 6.23: the longest device name
SHOWN_NAME_CHARS: Final = 40

_ADDRESS = re.compile(r"[0-9A-F]{2}(?:[:-][0-9A-F]{2}){5}", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)
_FORMS = "Write ble: alone, ble:?strongest, ble:NAME as in 'ble:Frame 4F', or ble:ADDRESS."
_WAKE = (
    "Wake the glasses, keep them within two metres, and disconnect them from any phone or other computer: "
    "glasses that are connected elsewhere cannot be seen."
)


class Select(Enum):
    """How the glasses are chosen."""

    ONLY = auto()
    STRONGEST = auto()
    NAME = auto()
    ADDRESS = auto()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The glasses asked for: `value` is the name, or the address in upper case with colons; else empty."""

    select: Select
    value: str = ""


ANY: Final = Wanted(Select.ONLY)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Glasses in range.

    Attributes:
        name: as they advertise it, or empty; text from outside.
        address: Bluetooth address, or the system's identifier where it hides addresses.
        signal_dbm: strongest signal seen, `UNKNOWN_SIGNAL_DBM` where the system does not tell.
        connected: this computer already holds a connection to them, so they do not advertise.
    """

    name: str
    address: str
    signal_dbm: int
    connected: bool = False


def parse_wanted(rest: str) -> Wanted:
    """What stands behind `ble:`, percent-decoded.

    Raises:
        UriError: an unknown option, or a name that no device can have.
    """
    text = rest.strip()
    if not text:
        return ANY
    if text.startswith("?"):
        if text.lower() == "?strongest":
            return Wanted(Select.STRONGEST)
        near = difflib.get_close_matches(text.lower(), ["?strongest"], n=1, cutoff=0.5)
        guess = f"; did you mean ble:{near[0]}?" if near else ""
        raise UriError(f"ble: has no option {printable(text)!r}{guess}", _FORMS)
    if _ADDRESS.fullmatch(text):
        return Wanted(Select.ADDRESS, text.upper().replace("-", ":"))
    if _IDENTIFIER.fullmatch(text):
        return Wanted(Select.ADDRESS, text.upper())
    if len(text.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES or printable(text, len(text)) != text:
        raise UriError(f"{printable(text)!r} cannot be the name of a Bluetooth device", _FORMS)
    return Wanted(Select.NAME, text)


def is_wanted(wanted: Wanted, candidate: Candidate) -> bool:
    """True where these glasses can be the ones asked for."""
    match wanted.select:
        case Select.NAME:
            return candidate.name.strip().casefold() == wanted.value.casefold()
        case Select.ADDRESS:
            return candidate.address.upper().replace("-", ":") == wanted.value.replace("-", ":")
        case _:
            return True


class Sightings:
    """Who was seen while looking for `wanted`; None looks for everybody."""

    def __init__(self, wanted: Wanted | None) -> None:
        self._wanted = wanted
        self._seen: dict[str, Candidate] = {}

    @property
    def candidates(self) -> list[Candidate]:
        """Everybody seen, strongest signal first."""
        return sorted(self._seen.values(), key=lambda c: (-c.signal_dbm, c.address))

    def add(self, candidate: Candidate) -> bool:
        """Note a sighting; True where these may be the glasses looked for.

        The strongest signal counts, and a name once heard stays.
        """
        before = self._seen.get(candidate.address)
        if before is not None:
            candidate = Candidate(
                candidate.name or before.name,
                candidate.address,
                max(candidate.signal_dbm, before.signal_dbm),
                candidate.connected or before.connected,
            )
        self._seen[candidate.address] = candidate
        return self._wanted is not None and is_wanted(self._wanted, candidate)


def choose(wanted: Wanted, candidates: Iterable[Candidate]) -> Candidate:
    """The one pair of glasses meant.

    Raises:
        NotFoundError: none of them is.
        SeveralFoundError: more than one is.
    """
    seen = sorted(candidates, key=lambda c: (-c.signal_dbm, c.address))
    matching = [c for c in seen if is_wanted(wanted, c)]
    if not matching:
        raise _not_found(wanted, seen)
    if len(matching) == 1 or wanted.select is Select.STRONGEST:
        return matching[0]
    listed = ", ".join(_described(c) for c in matching)
    if len({c.name.casefold() for c in matching}) == len(matching):
        hint = f"Name one, as in 'ble:{printable(matching[0].name)}', or take the nearest with ble:?strongest."
    else:
        hint = f"Give the address of one, as in ble:{matching[0].address}."
    found = tuple((printable(c.name), c.address, c.signal_dbm) for c in matching)
    raise SeveralFoundError(f"{len(matching)} pairs of glasses are in range: {listed}", hint, found)


def printable(text: str, limit: int = SHOWN_NAME_CHARS) -> str:
    """Text from outside made fit for one line of a terminal: no control or formatting characters, at most `limit`."""
    shown = "".join("\N{REPLACEMENT CHARACTER}" if _is_control(c) else c for c in text[:limit])
    return shown + "…" if len(text) > limit else shown


def _is_control(character: str) -> bool:
    # Cc, Cf (bidirectional overrides, zero width), Cs, Co, Cn; line and paragraph separators.
    category = unicodedata.category(character)
    return category[0] == "C" or category in {"Zl", "Zp"}


def _described(candidate: Candidate) -> str:
    name = printable(candidate.name) or "(no name)"
    if candidate.connected:
        signal = "connected to this computer"
    elif candidate.signal_dbm == UNKNOWN_SIGNAL_DBM:
        signal = "signal unknown"
    else:
        signal = f"{candidate.signal_dbm} dBm"
    return f"{name} ({candidate.address}, {signal})"


def _not_found(wanted: Wanted, seen: list[Candidate]) -> NotFoundError:
    match wanted.select:
        case Select.NAME:
            message = f"no glasses named {printable(wanted.value)!r} are in range"
        case Select.ADDRESS:
            message = f"no glasses with the address {wanted.value} are in range"
        case _:
            message = "no glasses are in range"
    if not seen:
        return NotFoundError(message, _WAKE)
    return NotFoundError(message, f"In range are: {', '.join(_described(c) for c in seen)}.")
