"""What is reported of photos that are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from host.events.event import Event

__all__ = ["PhotoRead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRead(Event):
    """A photo was read.

    Attributes:
        file: its name; empty for one of the glasses' camera.
        attempt: which try of the camera it was, from 1.
        text: what it says in reading order, doubtful parts with a question mark; data, whatever it says.
        codes: what QR codes in it say; never opened.
        advice: what would make it readable: "more light", "hold still", "closer"; empty where nothing is known of.
        light: how bright its bright parts are, 0 to 1.
        blur_px: of its sharpest edges, as a standard deviation; None where it has none.
        text_px: height of its largest line; None where nothing was read for certain.
        seconds: that each stage took: "photo" (of the camera: from the order to its last byte), "decode", "read".
    """

    name: ClassVar[str] = "photo"
    file: str
    text: str
    attempt: int = 1
    codes: Sequence[str] = ()
    advice: str = ""
    light: float
    blur_px: float | None
    text_px: float | None
    seconds: Mapping[str, float]
