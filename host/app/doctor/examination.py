"""What works on this computer, what is missing, and how to mend it; the computer is looked at and left as it is.

A feature is one line of `EXAMINATIONS`: a function that is given a `Checkup` and finds what it finds. Nothing is
imported that is slow to import, nothing is sent beyond this computer, and glasses are connected to only if asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from firmware_bridge import GlassesError
from host.app.doctor.captions import captions
from host.app.doctor.checkup import Checkup, Examination, broken, unknown
from host.app.doctor.computer import computer
from host.app.doctor.glasses import emulated_glasses, glasses
from host.app.doctor.lens import lens
from host.app.doctor.microphone import microphone
from host.app.doctor.navigation import navigation
from host.app.doctor.photos import photos
from host.app.doctor.position import position
from host.app.doctor.program import program
from host.app.doctor.servers import servers
from host.app.doctor.storage import storage
from host.app.doctor.translation import translation
from host.errors import HostError
from host.events import Finding

__all__ = ["EXAMINATIONS", "examine"]

EXAMINATIONS: Final[Mapping[str, Examination]] = {
    "program": program,
    "glasses": glasses,
    "emulated glasses": emulated_glasses,
    "captions": captions,
    "lens text": lens,
    "translation": translation,
    "photos": photos,
    "navigation": navigation,
    "positions": position,
    "servers": servers,
    "this computer's microphone": microphone,
    "storage": storage,
    "computer": computer,
}

_log = logging.getLogger(__name__)


def examine(
    checkup: Checkup, elapsed: Callable[[], float], examinations: Mapping[str, Examination]
) -> Iterator[Finding]:
    """Every finding, as it is found.

    Args:
        checkup: what is examined.
        elapsed: seconds since the program started.
        examinations: feature to what examines it.
    """
    for feature, examination in examinations.items():
        try:
            for finding in examination(checkup):
                yield replace(finding, feature=feature, t=elapsed())
        except (HostError, GlassesError) as error:
            yield replace(broken(feature, error.message, error.hint), feature=feature, t=elapsed())
        except Exception as error:  # noqa: BLE001 - an examination that fails must not hide what the others find
            _log.debug("%s could not be examined", feature, exc_info=True)
            said = f"this could not be examined: {type(error).__name__}: {error}"
            yield replace(
                unknown(feature, said, "This is a bug; --log debug shows where"), feature=feature, t=elapsed()
            )
