"""What is known to be wrong with the firmware that a pair of glasses runs; pure.

Source: device reference, section 5, read from brilliantlabsAR/frame-codebase at its release v25.278.1113 and from
halo-firmware at 0.8.8. Whatever the version, the device app and the wire protocol are written so that none of it is
met: what is listed here is what a wearer still notices, or what a newer firmware mends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["FirmwareReport", "firmware_report"]

REFERENCE: Final = (25, 278, 1113)
HALO_REFERENCE: Final = (0, 8, 8)
_FRAME: Final = re.compile(r"Frame (v(\d{1,5})\.(\d{1,5})\.(\d{1,5}))")
_HALO: Final = re.compile(r"halo ((\d{1,5})\.(\d{1,5})\.(\d{1,5}))[-+.\w]{0,20}")


@dataclass(frozen=True, slots=True)
class FirmwareReport:
    """What is known of a version.

    Attributes:
        version: as the glasses write it, such as "v25.278.1113"; empty where they say something else.
        newer: whether it is newer than the one that Sidelight's knowledge is of.
        mended: bugs that an update would mend, a phrase each.
        noticed: limits that the wearer notices, a phrase each; no update known here mends them.
    """

    version: str
    newer: bool = False
    mended: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()


# 5.14: fixed on 2025-08-30, so released with v25.278 and not before.
_MENDED: Final = (((25, 278, 0), "a text longer than the prompt's buffer overwrites memory (mended in v25.278)"),)
_NOTICED: Final = (
    "its own font has Latin letters only, and no '/'",  # 5.9
    "it gives no heading, only the compass itself",  # 5.11
    "a fault inside restarts it, so that the link is lost and made again",  # 5.15
)
_NOTICED_ON_HALO: Final = (
    "its own font has ASCII letters only",  # 2.4
    "it gives no heading, only the compass itself",  # 2.9
    "LE Audio of another program may take its microphone",  # 5, Halo 6
)


def firmware_report(device: str) -> FirmwareReport:
    """What is known of the firmware.

    Args:
        device: `GlassesInfo.device`, text from outside.
    """
    halo = _HALO.fullmatch(device)
    match = halo or _FRAME.fullmatch(device)
    if match is None:
        return FirmwareReport("")
    version = (int(match[2]), int(match[3]), int(match[4]))
    if halo:
        return FirmwareReport(match[1], version > HALO_REFERENCE, (), _NOTICED_ON_HALO)
    mended = tuple(text for since, text in _MENDED if version < since)
    return FirmwareReport(match[1], version > REFERENCE, mended, _NOTICED)
