"""One address, `scheme:rest`, for all that can stand at the other end of a link.

    ble:...                      real glasses over Bluetooth (ble_devices.py)
    ble:...?via=ADAPTER          not over the system's Bluetooth: tcp:127.0.0.1:PORT, which `sidelight emulate` lends,
                                 or usb:0, a dongle that the system does not use (firmware_bridge/bumble_radio)
    emulator:frame?...           emulated glasses in this program (emulator/options.py), or emulator:halo?...
    replay:FILE                  a recording; replay:FILE?speed=4&strict=1

Each kind of link is imported only when it is asked for.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from firmware_bridge.ble_devices import BoundGlasses, Candidate, parse_wanted, preferring_bound, printable
from firmware_bridge.errors import NotInstalledError, UriError
from firmware_bridge.link import LinkSource

if TYPE_CHECKING:
    from firmware_bridge.ble_search import Radio
    from firmware_bridge.link_replay import ReplaySource

__all__ = ["SCHEMES", "bound_in", "glasses_in_range", "loop_for", "open_source", "radio_in"]

SCHEMES: Final = ("ble", "emulator", "replay")

MIN_SPEED: Final = 0.1
MAX_SPEED: Final = 1000.0
SHOWN_CHARS: Final = 200

_FORMS: Final = "Write ble:, 'ble:Frame 4F', 'emulator:frame?mic=FILE' or replay:FILE."
_EMULATOR_NEEDS: Final = ("lupa", "greenlet", "PIL")
_REPLAY_OPTIONS: Final = ("speed", "strict")


def open_source(uri: str, *, bound: Iterable[BoundGlasses] = (), any_bound: bool = False) -> LinkSource:
    """The link source of an address; must be called on the event loop that will use it.

    Args:
        uri: the address.
        bound: the pairs that this computer keeps to on that radio: `ble:` means these and no others, and a name or
            address of theirs means them. They are never paired with anew.
        any_bound: whether another of them is taken where the one that was connected stays away.

    Raises:
        UriError: the address cannot be understood; the message names the part and a suggestion.
        NotInstalledError: a library that this kind of link needs is missing.
        InputError: a file named in the address cannot be used.
    """
    scheme, colon, rest = uri.strip().partition(":")
    match scheme.lower() if colon else "":
        case "ble":
            return _open_ble(rest, bound, any_bound=any_bound)
        case "emulator":
            return _open_emulator(rest)
        case "replay":
            return _open_replay(rest)
        case _:
            raise _unknown(uri.strip())


def loop_for(uri: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the event loop that the glasses of this address need, for `asyncio.Runner(loop_factory=...)`.

    Raises:
        UriError: the address of emulated glasses cannot be understood.
        NotInstalledError: the emulated glasses are not installed.
    """
    scheme, _, rest = uri.strip().partition(":")
    if scheme.lower() != "emulator":
        return asyncio.new_event_loop
    _require_emulator()
    from firmware_bridge.emulator.source import loop_for as loop_for_emulator  # noqa: PLC0415 - an extra

    return loop_for_emulator(f"emulator:{rest}")


async def glasses_in_range(uri: str, timeout_s: float = 5.0) -> tuple[Candidate, ...]:
    """All glasses in range of the radio that a `ble:` address names, strongest signal first; takes `timeout_s`.

    Raises:
        UriError: another kind of address, or one that cannot be understood.
        NotInstalledError: a library that the radio needs is missing.
        LinkError: the radio cannot be used.
    """
    via = radio_in(uri)
    if via is None:
        raise UriError(f"{printable(uri, SHOWN_CHARS)!r} has no radio that others could be in range of", "Write ble:.")
    _require_bleak()
    from firmware_bridge.ble_search import SYSTEM_RADIO, scan  # noqa: PLC0415 - bleak loads the system's library

    return await scan(timeout_s, radio=_radio_at(via) if via else SYSTEM_RADIO)


def radio_in(uri: str) -> str | None:
    """Which radio an address goes over: empty for the system's, else what `via=` says; None where it needs none."""
    scheme, colon, rest = uri.strip().partition(":")
    return (_split_via(rest)[1] or "") if colon and scheme.lower() == "ble" else None


def bound_in(uri: str, bound: Iterable[BoundGlasses]) -> tuple[BoundGlasses, ...]:
    """Those of the bound pairs that an address means; none where it means others, or is no `ble:`.

    Raises:
        UriError: a `ble:` address that cannot be understood.
    """
    if radio_in(uri) is None:
        return ()
    rest, _ = _split_via(uri.strip().partition(":")[2])
    return preferring_bound(parse_wanted(unquote(rest)), bound).bound


def _open_ble(rest: str, bound: Iterable[BoundGlasses], *, any_bound: bool) -> LinkSource:
    rest, via = _split_via(rest)
    wanted = preferring_bound(parse_wanted(unquote(rest)), bound)
    _require_bleak()
    from firmware_bridge.link_ble import BleSource  # noqa: PLC0415 - bleak loads the system's Bluetooth library

    if via is None:
        return BleSource(wanted, any_bound=any_bound)
    return BleSource(wanted, radio=_radio_at(via), any_bound=any_bound)


def _require_bleak() -> None:
    if find_spec("bleak") is None:
        raise NotInstalledError("Bluetooth needs the library bleak, which is not installed", "Run: pip install bleak")


def _split_via(rest: str) -> tuple[str, str | None]:
    """What stands before `?via=` or `&via=`, and what stands behind it."""
    match = re.search(r"[?&]via=(.*)", rest, re.DOTALL)
    return (rest, None) if match is None else (rest[: match.start()], unquote(match[1]))


def _radio_at(where: str) -> Radio:
    if find_spec("bumble") is None:
        raise NotInstalledError("Bluetooth without the system's needs Bumble", "Run: pip install 'sidelight[bumble]'")
    from firmware_bridge.bumble_radio import adapter_at, radio_of  # noqa: PLC0415 - an extra
    from firmware_bridge.bumble_radio.adapter import transport_spec  # noqa: PLC0415

    try:
        transport_spec(where)
    except ValueError as error:
        raise UriError(f"via={printable(where)} is no Bluetooth adapter", "Write via=tcp:127.0.0.1:PORT.") from error
    return radio_of(lambda: adapter_at(where))


def _open_emulator(rest: str) -> LinkSource:
    _require_emulator()
    from firmware_bridge.emulator.options import parse_uri  # noqa: PLC0415 - the emulator is an extra
    from firmware_bridge.emulator.source import EmulatorSource  # noqa: PLC0415

    return EmulatorSource(parse_uri(f"emulator:{rest}"))


def _require_emulator() -> None:
    missing = [name for name in _EMULATOR_NEEDS if find_spec(name) is None]
    if missing:
        raise NotInstalledError(
            f"the emulated glasses need what is not installed: {', '.join(missing)}",
            "Run: pip install 'sidelight[emulator]'",
        )


def _open_replay(rest: str) -> ReplaySource:
    from firmware_bridge.link_replay import ReplaySource  # noqa: PLC0415 - as the others

    if not rest:
        raise UriError("replay: names no file", "Write replay:FILE, with a file that was made with --record.")
    if _exists(rest):  # a plain path, whatever characters are in it
        return ReplaySource(Path(rest))
    path, _, query = rest.partition("?")
    options = _replay_options(query)
    return ReplaySource(
        Path(path if _exists(path) else unquote(path)).expanduser(),
        speed=_speed(options.get("speed", "1")),
        strict=_flag("strict", options.get("strict", "0")),
    )


def _replay_options(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        if name not in _REPLAY_OPTIONS:
            raise UriError(
                f"unknown part {printable(name)!r} in the address of the recording{_suggestion(name, _REPLAY_OPTIONS)}",
                "Known parts: speed, strict.",
            )
        options[name] = unquote(value)
    return options


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise UriError(f"speed={printable(text)} is not possible", f"Allowed: {MIN_SPEED:g} to {MAX_SPEED:g}.")
    return speed


def _flag(name: str, text: str) -> bool:
    if text not in {"0", "1"}:
        raise UriError(f"{name}={printable(text)} is not possible", "Allowed: 0 or 1.")
    return text == "1"


def _exists(path: str) -> bool:
    return "\0" not in path and Path(path).exists()


def _unknown(uri: str) -> UriError:
    scheme, colon, _ = uri.partition(":")
    if not uri:
        return UriError("the address of the glasses is empty", _FORMS)
    if not colon and _exists(uri):
        return UriError(
            f"{printable(uri, SHOWN_CHARS)!r} is a file, not an address",
            f"To play a recording write replay:{printable(uri, SHOWN_CHARS)}.",
        )
    if re.fullmatch(r"(frame|halo) [0-9a-f]{2}|[0-9a-f]{2}([:-][0-9a-f]{2}){5}", uri, re.IGNORECASE):
        return UriError(f"{uri!r} is no address of glasses; did you mean 'ble:{uri}'?", _FORMS)
    known = {"frame": "emulator:frame", "halo": "emulator:halo", **{scheme: f"{scheme}:" for scheme in SCHEMES}}
    near = difflib.get_close_matches(scheme.lower(), known, n=1)
    guess = f"; did you mean {known[near[0]]!r}?" if near else ""
    return UriError(f"{printable(uri, SHOWN_CHARS)!r} is no address of glasses{guess}", _FORMS)


def _suggestion(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
