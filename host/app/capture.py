"""A photo of the glasses' camera that can be read: taken, turned upright, read, judged, and taken again if it is bad.

Unless it is kept awake, the camera sleeps but for each photo: it is woken by the order for one, which lets it adjust
its exposure for a second, and sleeps again once it has the picture. What the wearer can do about a bad photo is shown
before the next is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from firmware_bridge import Glasses
from host.app.read import Reading, decoded, read_picture
from host.events import PhotoRead
from host.read.quality import Advice
from host.read.reader import BarcodeReader, Picture, Reader

__all__ = ["TRIES", "Shot", "capture", "photo_event", "photographed"]

T = TypeVar("T")

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

    async def read(picture: Picture) -> Reading:
        return await read_picture(picture, reader, barcodes=barcodes, two_looks=two_looks)

    best: Shot | None = None
    advice: Advice | None = Advice.HOLD_STILL
    for attempt in range(1, TRIES + 1):
        if advice is None:
            break
        await say(advice)
        reading, seconds = await photographed(glasses, read, taken=taken)
        stages = {"photo": seconds["camera"] + seconds["link"], "decode": seconds["decode"], "read": seconds["read"]}
        shot = Shot(reading, attempt, {stage: round(value, 3) for stage, value in stages.items()})
        report(shot)
        best = shot if best is None or _worth(shot) > _worth(best) else best
        advice = shot.again
    assert best is not None, "one photo was taken"  # noqa: S101
    return best


async def photographed(
    glasses: Glasses,
    read: Callable[[Picture], Awaitable[T]],
    *,
    taken: Callable[[], Awaitable[None]],
    exposures: int = 10,
) -> tuple[T, dict[str, float]]:
    """One photo, and what is read in it; cancelling and errors as `capture`.

    Args:
        glasses: whose camera it is.
        read: of the upright picture.
        taken: told that the wearer may move again.
        exposures: as `Glasses.take_photo` has it.

    Returns:
        What was read, and the seconds of each stage: "camera" from the order to the first piece of the photo, "link"
        until the last, "decode", "read".
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    photo = await glasses.take_photo(exposures=exposures)
    arrived = clock()
    await taken()
    here = clock()
    picture = await decoded(photo.jpeg, photo.orientation)
    upright = clock()
    found = await read(picture)
    link = arrived - began - photo.camera_s
    return found, {"camera": photo.camera_s, "link": link, "decode": upright - here, "read": clock() - upright}


def photo_event(shot: Shot, file: str, t: float) -> PhotoRead:
    """The event of a photo: `file` is its name, empty for one of the glasses' camera; `t` as events have it."""
    reading = shot.reading
    return PhotoRead(
        t=t,
        file=file,
        text=reading.text,
        attempt=shot.attempt,
        codes=[code.text for code in reading.barcodes if code.kind == "qr"],
        advice="" if reading.advice is None else reading.advice.value,
        light=reading.quality.light,
        blur_px=reading.quality.blur_px,
        text_px=reading.quality.text_px,
        seconds=shot.seconds,
    )


def _worth(shot: Shot) -> tuple[int, int]:
    """Letters that were read for certain, then those that were not."""
    lines = shot.reading.lines
    return sum(len(line.text) for line in lines if not line.unsure), sum(len(line.text) for line in lines)
