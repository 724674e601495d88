"""The wearer's taps from a script: one line a moment, `#` begins a comment.

    # seconds since power on, kind
    2.5
    8      double
    12.25  triple

Kind is `single` (as if left out), `double` or `triple`: so many taps `APART_S` apart, for the Frame itself only knows
that it was tapped; Halo knows the kind (device reference 2.9).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from firmware_bridge.errors import InputError

APART_S: Final = 0.25  # a deliberate double tap: quicker than two single ones, slower than the sensor's rebound
KINDS: Final = {"single": 1, "double": 2, "triple": 3}
SCRIPT_MAX_BYTES: Final = 1_000_000
SECONDS_MAX: Final = 1e7

_FORM: Final = "Write lines of: seconds [single, double or triple]."


def read_taps(path: Path) -> tuple[float, ...]:
    """The moments of all single taps, in seconds since power on, in order: for a device that counts none.

    Raises:
        InputError: as `read_gestures`.
    """
    return tuple(sorted(at + APART_S * n for at, kind in read_gestures(path) for n in range(KINDS[kind])))


def read_gestures(path: Path) -> tuple[tuple[float, str], ...]:
    """The moments and kinds of all taps, in seconds since power on, in order.

    Raises:
        InputError: the file is missing, unreadable, too long or empty, or a line (named by number) is wrong.
    """
    shown = ascii(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(SCRIPT_MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"the script of taps {shown} cannot be read: {error.strerror}", "Check the name.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"the script of taps {shown} is not text", _FORM) from error
    if len(content) > SCRIPT_MAX_BYTES:
        raise InputError(f"the script of taps {shown} is too long", f"At most {SCRIPT_MAX_BYTES // 1_000_000} MB.")
    taps: list[tuple[float, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            taps.append(_tap(words, f"{shown}, line {number}"))
    if not taps:
        raise InputError(f"the script of taps {shown} is empty", _FORM)
    return tuple(sorted(taps))


def _tap(words: list[str], place: str) -> tuple[float, str]:
    kind = words[1] if len(words) > 1 else "single"
    try:
        seconds = float(words[0])
    except ValueError as error:
        raise InputError(f"{place} is not understood", _FORM) from error
    if len(words) > 2 or kind not in KINDS or not 0 <= seconds <= SECONDS_MAX:
        raise InputError(f"{place} is not understood", _FORM)
    return seconds, kind
