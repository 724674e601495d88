"""`sidelight bench text`: what lines in three scripts cost on the link, beside sending each line as a picture.

The same sentences are shown one after another on an emulated Frame, twice: the first time no glyph is on the glasses
(cold), the second time all of them are that the glasses have room for (warm). The picture of a line is its ink, one bit
a pixel, over the same link. Everything happens in virtual time, so the figures are the same on every computer with
the same fonts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from random import Random
from typing import Any, Final

from host.bench.lens_rig import (
    COSTS_HEAD,
    LIMIT,
    as_bitmaps,
    costs_of,
    costs_row,
    fonts_for,
    only_glyphs,
    open_lens,
)
from host.bench.link_captions import spread
from host.bench.sentences import SENTENCES
from host.lens.cards import Block, cards
from host.lens.display_list import DisplayList, TextItem
from host.lens.font import Font
from host.lens.shape import FRAME
from host.lens.shaping import TextSize

__all__ = ["add_arguments", "run"]

LINE_CHARACTERS: Final = 12
LINES: Final = 20
FIRST_IDEOGRAPH: Final = 0x4E00
EVERY_SO_MANY: Final = 61  # ideographs between two that are taken: dense and simple ones alike


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench text`."""
    parser.add_argument("--size", choices=("small", "normal"), default="normal", help="of the text (default normal)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; tables by `line`, and their rows as JSON values.

    Raises:
        BackendMissingError, FontError: text cannot be shaped here.
        ImportError: the emulator is not installed.
    """
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    rows: list[dict[str, Any]] = []
    line("bytes both ways for 20 sentences, and their share of what the lines cost as pictures of 1 bit a pixel")
    line(f"{'':<4} {'sent as':<15} {COSTS_HEAD}")
    for language in SENTENCES:
        costs = run_virtual(_bytes(language, args.size))
        row = {"language": language, **costs, "met": costs["warm_share"] <= LIMIT if language == "zh" else None}
        rows.append(row)
        line(f"{language:<4} {costs['sent_as']:<15} {costs_row(costs, met=row['met'])}")
    line("")
    line(f"from the call to the lit lens, a line of {LINE_CHARACTERS} Chinese characters")
    line(f"{'device':<8} {'':<8} {'p50':>8} {'p95':>8} {'max':>8}")
    for device, slow in (("nominal", False), ("slow", True)):
        for kind, times in run_virtual(_delays(args.size, slow=slow)).items():
            figures = {key: round(1000 * value, 1) for key, value in spread("lit", times).items()}
            rows.append({"device": device, "line": kind, **{f"{key[:-2]}_ms": v for key, v in figures.items()}})
            line(f"{device:<8} {kind:<8} " + " ".join(f"{value:>5.0f} ms" for value in figures.values()))
    return rows


async def _bytes(language: str, size: TextSize) -> dict[str, Any]:
    """What the sentences of a language cost."""
    font = fonts_for([language]).font(language, size)
    cards = [_card(font, sentence) for sentence in SENTENCES[language]]
    costs = await costs_of(cards, [_card(only_glyphs(font), sentence) for sentence in SENTENCES[language]])
    built_in = any(isinstance(item, TextItem) for card in cards for item in card.items)
    return {"sent_as": "text" if built_in else "glyphs", **costs}


async def _delays(size: TextSize, *, slow: bool) -> dict[str, list[float]]:
    """Seconds from the call to the lit lens, of each line, by what the glasses had of it before."""
    font = fonts_for(["zh"]).font("zh", size)
    chance = Random(7)  # noqa: S311 - repeatable on purpose
    many = [chr(FIRST_IDEOGRAPH + EVERY_SO_MANY * n) for n in range(LINES * LINE_CHARACTERS)]
    cold = ["".join(many[at : at + LINE_CHARACTERS]) for at in range(0, len(many), LINE_CHARACTERS)]
    warm = ["".join(chance.sample(cold[-1], LINE_CHARACTERS)) for _ in range(LINES)]
    async with open_lens(slow=slow) as lens:
        times = {
            "cold": [await lens.show(_card(font, text), chance) for text in cold],
            "warm": [await lens.show(_card(font, text), chance) for text in warm],
        }
    async with open_lens(slow=slow) as lens:
        times["picture"] = [await lens.show(as_bitmaps(_card(only_glyphs(font), text)), chance) for text in cold]
    return times


def _card(font: Font, sentence: str) -> DisplayList:
    return cards([Block(sentence, font)], FRAME)[0]
