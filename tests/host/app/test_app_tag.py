"""A drawn tag through the embedded reader."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from host.app.tag import read_tag
from host.backends import readers
from host.config import load
from host.price.tag import Refusal

pytest.importorskip("rapidocr", reason="the embedded reader: pip install 'sidelight[read]'")
from PIL import Image, ImageDraw, ImageFont


def drawn_tag(unit="kr/kg 172.50"):
    picture = Image.new("RGB", (420, 260), "white")
    draw = ImageDraw.Draw(picture)

    def put(x, y, text, size, anchor="ls"):
        draw.text((x, y), text, font=ImageFont.load_default(size), fill="black", anchor=anchor)

    put(40, 60, "SMOKED SALMON 200 g", 26)
    put(230, 160, "34", 90)
    put(340, 96, "50", 42, anchor="lt")
    put(40, 160, unit, 22)
    return np.asarray(picture, np.uint8)


class Forgetful:
    """A reader that overlooks the tallest line, as readers do with thick figures that are turned."""

    def __init__(self, reader):
        self._reader = reader
        self.info = reader.info
        self.read_line = reader.read_line

    async def read(self, picture):
        lines = await self._reader.read(picture)
        return sorted(lines, key=lambda line: line.height)[:-1]

    async def close(self):
        await self._reader.close()


async def read_with_everything(picture, wrapped=lambda reader: reader):
    settings = load({}, os.environ, Path("none.toml"))
    opened = await readers.open_reader(settings, os.environ, language="auto", on_cpu=None)
    try:
        return await read_tag(picture, wrapped(opened.reader), barcodes=readers.barcode_reader(), currency="NOK")
    finally:
        await opened.reader.close()


def test_a_tag_with_raised_cents_is_read():
    tag = asyncio.run(read_with_everything(drawn_tag())).tag
    assert (tag.price, tag.currency, tag.refusal) == (Decimal("34.50"), "NOK", None)
    assert tag.unit_price is not None
    assert tag.unit_price.amount == Decimal("172.50")
    assert tag.quantity is not None
    assert (tag.quantity.amount, tag.quantity.unit) == (Decimal("0.2"), "kg")


def test_a_spot_over_the_first_figure_leaves_no_price():
    picture = drawn_tag("")
    grey = np.minimum(picture, 215)  # paper
    grey[85:175, 224:282] = 255
    tag = asyncio.run(read_with_everything(grey.astype(np.uint8))).tag
    assert (tag.price, tag.refusal) == (None, Refusal.HIDDEN)


def test_the_unit_price_is_not_taken_for_a_price_that_the_reader_overlooked():
    found = asyncio.run(read_with_everything(drawn_tag("172.50"), Forgetful))
    assert any("172" in line.text for line in found.reading.lines)
    assert not any("34" in line.text for line in found.reading.lines)
    assert found.tag.price in (None, Decimal("34.50"))
