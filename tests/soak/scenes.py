"""Random pictures for the lens, and what the lens of untroubled glasses makes of them."""

from __future__ import annotations

import asyncio
import random

import numpy as np
import numpy.typing as npt

from firmware_bridge import COLOURS, Bitmap, Glasses, Glyph, Glyphs, Item, PlacedGlyph, Rect, Scene, Text
from firmware_bridge.emulator.options import FrameOptions
from firmware_bridge.emulator.source import EmulatorSource

Lit = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 640, 400
GLYPHS_Y = 350  # lines of glyphs are below all else: what they erase depends on whether they went as one bitmap
GLYPHS_WIDTH = 100  # and beside one another, by id
ALPHABET = 300  # more than the glasses keep at a time
SETTLE_S = 0.5  # a few turns of the app's loop, a swap and a clear
WORDS = ("Straße größer café Ångström quick fox over 100 % of € ÿ \\n", "[[jumps]]", "]]--", "\x01\x04", "'", "dogs")


def random_scene(chance: random.Random, before: Scene) -> Scene:
    """A scene that shares some items with the one before."""
    items: dict[tuple[int, bool], Item] = {
        (item.id, isinstance(item, Bitmap)): item for item in before.items if chance.random() < 0.7
    }
    for _ in range(chance.randrange(4)):
        item = random_item(chance)
        old = items.get((item.id, isinstance(item, Bitmap)))
        if isinstance(old, Text) and isinstance(item, Text) and chance.random() < 0.7:
            text = (old.text[: chance.randrange(40)] + item.text)[:100]
            item = Text(old.id, old.x, old.y, text, old.colour, old.spacing)
        items[item.id, isinstance(item, Bitmap)] = item
    return Scene(tuple(items.values()))


def random_item(chance: random.Random) -> Item:
    """A line of text or of glyphs, a rectangle or a small bitmap, on the lens."""
    number, colour = chance.randrange(6), chance.choice(COLOURS[1:])
    x, y = chance.randrange(400), chance.randrange(300)
    kind = chance.random()
    if kind < 0.3:
        return random_line(chance, number, colour)
    if kind < 0.7:
        text = " ".join(chance.choices(WORDS, k=chance.randrange(6)))[:100]
        return Text(number, x, y, text, colour, chance.randrange(8))
    if kind < 0.85:
        width = chance.randrange(8, WIDTH - x)
        return Rect(number, x, y, width, chance.randrange(1, GLYPHS_Y - y), colour)
    bits = chance.choice((1, 2, 4))
    width, height = 8 * chance.randrange(1, 12), chance.randrange(1, 60)
    return Bitmap(
        number, x, min(y, GLYPHS_Y - height), width, bits, chance.randbytes(width * height * bits // 8), colour
    )


def random_line(chance: random.Random, number: int, colour: str) -> Glyphs:
    """Some glyphs of an alphabet, which overlap or not; its id is unlike those of everything else."""
    placed = tuple(
        PlacedGlyph(chance.randrange(GLYPHS_WIDTH - 24), chance.randrange(20), glyph(chance.randrange(ALPHABET)))
        for _ in range(chance.randrange(1, 7))
    )
    return Glyphs(10 + number, number * GLYPHS_WIDTH, GLYPHS_Y, placed, colour)


def glyph(n: int) -> Glyph:
    """The same for the same number."""
    chance = random.Random(n)
    width, height, bits = chance.randrange(1, 25), chance.randrange(1, 31), chance.choice((1, 1, 1, 2))
    size = width * height * bits
    return Glyph(width, height, bits, (chance.getrandbits(size) << -size % 8).to_bytes(-(-size // 8), "big"))


def lit(source: EmulatorSource) -> Lit:
    """What the wearer sees at this moment."""
    return np.array(source.device.display.picture())


async def untroubled(scene: Scene) -> Lit:
    """What the lens of glasses that were just switched on, over a link without faults, shows of a scene."""
    source = EmulatorSource(FrameOptions())
    async with Glasses(source) as glasses:
        await glasses.show(scene)
        await asyncio.sleep(SETTLE_S)
        return lit(source)
