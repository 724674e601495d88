"""What is shown in `bench link`: captions, pictures, and how delays are summed up; pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

__all__ = ["BRIEF", "FULL", "QUICK", "Effort", "forty", "growing", "pixels", "spread"]

LINE_CHARACTERS: Final = 20  # of a caption in two lines; as many of all but the widest fit across the lens
_SPOKEN: Final = (
    "the harbour office opens at eight and closes when the last ferry has left for the outer islands in the evening "
    "please keep your ticket until you are back on land since nobody else can tell which crossing you have paid for "
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done.

    Attributes:
        captions: shown one at a time, at most 70.
        stream_s: of captions at ten a second.
        interruptions: captions shown in the middle of a picture.
        sound_s: of sound, with captions and a photo.
    """

    captions: int
    stream_s: int
    interruptions: int
    sound_s: int


FULL: Final = Effort(captions=60, stream_s=60, interruptions=8, sound_s=60)
QUICK: Final = Effort(captions=20, stream_s=10, interruptions=4, sound_s=20)
BRIEF: Final = Effort(captions=12, stream_s=3, interruptions=2, sound_s=6)


def forty(count: int) -> list[str]:
    """So many different captions of 40 characters, in two lines."""
    starts = range(0, len(_SPOKEN), 3)
    texts = (_SPOKEN[at:] + _SPOKEN for at in starts[:count])
    return [f"{text[:LINE_CHARACTERS]}\n{text[LINE_CHARACTERS : 2 * LINE_CHARACTERS]}" for text in texts]


def growing() -> list[str]:
    """What a recogniser says, a word at a time: the lower of two lines fills, then it moves up."""
    captions = []
    upper, lower = "", ""
    for word in _SPOKEN.split():
        longer = f"{lower} {word}".strip()
        if len(longer) > LINE_CHARACTERS:
            upper, longer = lower, word
        lower = longer
        if upper:
            captions.append(f"{upper}\n{lower}")
    return captions


def pixels(size: int) -> Iterator[bytes]:
    """Pictures of so many bytes, which nothing compresses, without end."""
    for seed in itertools.count():
        yield Random(seed).randbytes(size)  # noqa: S311 - repeatable on purpose


def spread(name: str, delays: Sequence[float]) -> dict[str, float]:
    """Delays as the figures `NAME_p50_s`, `NAME_p95_s`, `NAME_max_s`, by nearest rank."""
    ordered = sorted(delays)
    return {
        f"{name}_{label}_s": ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
        for label, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
    }
