"""Whether a person could read the price in a made-up photo: a formula, fixed before any reading was tuned; pure.

It knows nothing of a reader, only of the photo's geometry and light. A figure is five rows: three strokes and the two
spaces between them, as an 8 has. Three things must hold:

1. **Height.** The smallest matrix that shows all ten figures apart has seven rows of five dots. A camera with one
   colour a pixel resolves some 0.6 of its pixels (the loss in its colour filter), so that takes 7 / 0.6 = 12 pixels.
2. **Blur.** Strokes alternate with spaces, a period of two fifths of the height. A Gaussian blur of standard deviation
   s leaves exp(-2 (pi s / period)^2) of the contrast of such a grating; motion by d pixels has the standard deviation
   of a box, d / sqrt(12).
3. **Contrast.** What is left must be 25 of 255 levels, about twice what JPEG of quality 50 takes for nothing (its steps
   for such gratings are 30 to 60, half of which is lost, spread over the eight pixels of a block), and three times the
   standard deviation of the noise, as is usual for a signal that is to be detected.

The smallest figures of the price count: raised cents, where there are such.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["Seen", "legible"]

LEAST_HEIGHT: Final = 12.0  # pixels
PERIOD: Final = 0.4  # of the height: of a stroke and a space
LEAST_CONTRAST: Final = 25.0  # of 255
ABOVE_NOISE: Final = 3.0  # standard deviations


@dataclass(frozen=True, slots=True)
class Seen:
    """How the smallest figures of a price are in a photo, all at the place where it is worst.

    Attributes:
        height: pixels, or pixels across / 0.6 where they are seen from the side and that is less.
        blur: standard deviation in pixels, of all kinds together.
        contrast: between ink and ground before the blur, grey levels 0 to 255.
        noise: standard deviation, grey levels.
    """

    height: float
    blur: float
    contrast: float
    noise: float


def legible(seen: Seen) -> bool:
    """Whether a person could read it."""
    if seen.height < LEAST_HEIGHT:
        return False
    left = seen.contrast * math.exp(-2 * (math.pi * seen.blur / (PERIOD * seen.height)) ** 2)
    return left >= max(LEAST_CONTRAST, ABOVE_NOISE * seen.noise)
