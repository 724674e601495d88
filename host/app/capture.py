"""A photo of the glasses' camera that can be read: taken, turned upright, read, judged, and taken again if it is bad.

The camera sleeps but for each photo: it is woken by the order for one, which lets it adjust its exposure for a second,
and sleeps again once it has the picture. What the wearer can do about a bad photo is shown before the next is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from firmware_bridge import Glasses
from host.app.read import Reading, decoded, read_picture
from host.read.quality import Advice
from host.read.reader import BarcodeReader, Reader

__all__ = ["TRIES", "Shot", "capture"]

TRIES: Final = 3
"""Photos of one thing at most: who has held still in vain twice must do something else."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo and what was read in it.

    Attributes:
        reading: what it says.
        attempt: which try it was, from 1.
        seconds: that each stage took, by its name: "photo" from the order until its last byte, "decode", "read".
    """

    reading: Reading
    attempt: int
    seconds: dict[str, float]

    @property
    def again(self) -> Advice | None:
        """What to do before another photo, where this one is not good enough; None where it is, or nobody knows."""
        surely = sum(len(line.text) for line in self.reading.lines if not line.unsure)
        doubtful = sum(len(line.text) for line in self.reading.lines if line.unsure)
        return self.reading.advice if surely <= doubtful else None


async def capture(
    glasses: Glasses,
    reader: Reader,
    *,
    barcodes: BarcodeReader | None = None,
    two_looks: bool = False,
    say: Callable[[Advice], Awaitable[None]],
    taken: Callable[[], Awaitable[None]],
    report: Callable[[Shot], None],
) -> Shot:
    """Take photos until one can be read, at most `TRIES`; the best of them.

    Cancelling leaves the camera asleep within three seconds, and the reader usable.

    Args:
        glasses: whose camera it is; a link that is lost meanwhile is waited for.
        reader: of the text.
        barcodes: reader of barcodes; None to look for none.
        two_looks: as `read_picture` has it.
        say: shows what to do for the photo that comes next; `Advice.HOLD_STILL` for the first.
        taken: told that the wearer may move again.
        report: told each photo.

    Raises:
        DeviceError, RemoteProtocolError, LinkTimeoutError: there is no photo; the next may be one.
        PhotoInputError: what came is no picture.
        BackendError: the reader failed.
        GlassesError: the glasses are out of reach for good.
    """
    clock = asyncio.get_running_loop().time
    best: Shot | None = None
    advice: Advice | None = Advice.HOLD_STILL
    for attempt in range(1, TRIES + 1):
        if advice is None:
            break
        await say(advice)
        began = clock()
        photo = await glasses.take_photo()
        await taken()
        here = clock()
        picture = await decoded(photo.jpeg, photo.orientation)
        upright = clock()
        reading = await read_picture(picture, reader, barcodes=barcodes, two_looks=two_looks)
        stages = {"photo": here - began, "decode": upright - here, "read": clock() - upright}
        shot = Shot(reading, attempt, {stage: round(seconds, 3) for stage, seconds in stages.items()})
        report(shot)
        best = shot if best is None or _worth(shot) > _worth(best) else best
        advice = shot.again
    assert best is not None, "one photo was taken"  # noqa: S101
    return best


def _worth(shot: Shot) -> tuple[int, int]:
    """Letters that were read for certain, then those that were not."""
    lines = shot.reading.lines
    return sum(len(line.text) for line in lines if not line.unsure), sum(len(line.text) for line in lines)
