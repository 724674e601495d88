"""Which glasses a `ble:` address means, and the choice among those in range; pure.

    ble:                    the glasses that are bound to this computer; where none are, the only ones in range
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
    "BoundGlasses",
    "Candidate",
    "Select",
    "Sightings",
    "Wanted",
    "alike",
    "choose",
    "is_wanted",
    "parse_wanted",
    "preferring",
    "preferring_bound",
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
    BOUND = auto()


@dataclass(frozen=True, slots=True)
class BoundGlasses:
    """A pair of glasses that this computer has paired with and keeps to.

    Attributes:
        address: Bluetooth address in upper case with colons, or the system's identifier.
        name: as they advertised it; text from outside.
    """

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The glasses asked for.

    Attributes:
        select: how they are told from others.
        value: the name, or the address in upper case with colons; else empty.
        bound: for `Select.BOUND`, at least one pair, of which any will do: it is never paired with anew.
    """

    select: Select
    value: str = ""
    bound: tuple[BoundGlasses, ...] = ()


ANY: Final = Wanted(Select.ONLY)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Glasses in range.

    Attributes:
        name: as they advertise it, or empty; text from outside.
        address: Bluetooth address, or the system's identifier where it hides addresses.
        signal_dbm: strongest signal seen, `UNKNOWN_SIGNAL_DBM` where the system does not tell.
        connected: this computer already holds a connection to them, so they do not advertise.
        bonded: this computer has a key that it shares with them; None where the system does not tell.
    """

    name: str
    address: str
    signal_dbm: int
    connected: bool = False
    bonded: bool | None = None


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


def alike(pairs: Iterable[BoundGlasses], name: str) -> tuple[BoundGlasses, ...]:
    """Those of the kind of the glasses with this name, Frame or Halo, which is the first word that they advertise."""
    kind = name.split(" ", maxsplit=1)[0].casefold()
    return tuple(pair for pair in pairs if pair.name.split(" ", maxsplit=1)[0].casefold() == kind)


def preferring(wanted: Wanted, seen: Iterable[Candidate]) -> list[Candidate]:
    """Those that are wanted, where there are any; else all."""
    several = list(seen)
    return [candidate for candidate in several if is_wanted(wanted, candidate)] or several


def preferring_bound(wanted: Wanted, bound: Iterable[BoundGlasses]) -> Wanted:
    """The same, but bound glasses where it means some: `ble:` alone means all of them, a name or address those."""
    pairs = tuple(bound)
    if wanted.select in {Select.NAME, Select.ADDRESS}:
        pairs = tuple(b for b in pairs if is_wanted(wanted, Candidate(b.name, b.address, UNKNOWN_SIGNAL_DBM)))
    elif wanted.select is not Select.ONLY:
        pairs = ()
    return Wanted(Select.BOUND, bound=pairs) if pairs else wanted


def is_wanted(wanted: Wanted, candidate: Candidate) -> bool:
    """True where these glasses can be the ones asked for."""
    match wanted.select:
        case Select.NAME:
            return candidate.name.strip().casefold() == wanted.value.casefold()
        case Select.ADDRESS:
            return _same_address(candidate.address, wanted.value)
        case Select.BOUND:
            return any(_same_address(candidate.address, pair.address) for pair in wanted.bound)
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
                candidate.bonded,
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
    if len(matching) == 1 or wanted.select in {Select.STRONGEST, Select.BOUND}:
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


def _same_address(one: str, other: str) -> bool:
    return one.upper().replace("-", ":") == other.upper().replace("-", ":")


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
        case Select.BOUND:
            return _bound_not_found(wanted, seen)
        case _:
            message = "no glasses are in range"
    if not seen:
        return NotFoundError(message, _WAKE)
    return NotFoundError(message, f"In range are: {', '.join(_described(c) for c in seen)}.")


def _bound_not_found(wanted: Wanted, seen: list[Candidate]) -> NotFoundError:
    yours = ", ".join(f"{printable(pair.name) or '(no name)'} ({pair.address})" for pair in wanted.bound)
    message = f"your glasses are not in range: {yours}"
    if not seen:
        return NotFoundError(message, _WAKE)
    names = {pair.name.casefold() for pair in wanted.bound}
    alike = [c for c in seen if c.name.strip().casefold() in names]
    others = ", ".join(_described(c) for c in alike or seen)
    what = "has the same name and is another device" if alike else "is not bound to this computer"
    return NotFoundError(
        message, f"In range: {others}, which {what}; it was left alone. To use it, bind it with 'sidelight setup'."
    )
