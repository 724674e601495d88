"""Barcodes, for real: made by the library, and photographed ones where they are."""

from __future__ import annotations

import asyncio
import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

zxingcpp = pytest.importorskip("zxingcpp")
pytest.importorskip("stdnum")

from host.backends.zxing import ZxingReader  # noqa: E402 - needs the library
from host.photo import turned  # noqa: E402

PHOTOS = Path(__file__).parents[3].parent / "shared" / "data" / "barcodes"


def drawn(text, kind, scale=4):
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    image = np.pad(np.array(made.to_image(scale=scale)), 40, constant_values=255)
    return np.repeat(image[:, :, None], 3, axis=2)


def read(picture):
    return asyncio.run(ZxingReader().read(picture))


@pytest.mark.parametrize(
    ("text", "kind", "found", "gtin"),
    [
        ("4006381333931", "EAN13", "ean13", "4006381333931"),
        ("96385074", "EAN8", "ean8", "96385074"),
        ("036000291452", "UPCA", "upca", "036000291452"),
        ("01234565", "UPCE", "upce", "012345000065"),
    ],
)
def test_articles(text, kind, found, gtin):
    (code,) = read(drawn(text, kind))
    assert (code.kind, code.gtin, code.in_store) == (found, gtin, False)


def test_a_shops_own_number_is_known_as_such():
    (code,) = read(drawn("2012345678903", "EAN13"))
    assert code.in_store


def test_weight_and_price_of_gs1():
    (code,) = read(drawn("(01)09501101530003(3922)2990", "DataBarExp"))
    assert (code.kind, code.gtin, code.price) == ("gs1", "09501101530003", Decimal("29.90"))
    (code,) = read(drawn("(01)09501101530003(3103)001250", "DataBarExp"))
    assert code.weight_kg == Decimal("1.250")
    (code,) = read(drawn("(01)09501101530003(3932)9782990", "DataBarExp"))
    assert (code.price, code.currency) == (Decimal("29.90"), "EUR")


def test_a_qr_code_is_text_and_nothing_else():
    (code,) = read(drawn("https://example.org/\x1b[2J?4006381333931", "QRCode"))
    assert (code.kind, code.gtin, code.price) == ("qr", "", None)
    assert code.text.startswith("https://example.org/")


@pytest.mark.parametrize(
    ("text", "kind"), [("4006381333931", "Code39"), ("40063813339310", "ITF"), ("hello", "Code128")]
)
def test_symbols_without_a_check_of_articles_are_left_aside(text, kind):
    assert read(drawn(text, kind)) == []


def test_places_are_those_of_the_photo_and_the_largest_comes_first():
    picture = np.full((900, 900, 3), 255, np.uint8)
    for at, code in ((20, drawn("96385074", "EAN8", 3)), (450, drawn("4006381333931", "EAN13", 4))):
        picture[at : at + code.shape[0], 30 : 30 + code.shape[1]] = code
    first, second = read(picture)
    assert (first.gtin, second.gtin) == ("4006381333931", "96385074")
    assert min(y for _, y in first.corners) > 450
    assert max(y for _, y in second.corners) < 450


def test_a_small_symbol_is_found_at_twice_its_size_at_its_own_place():
    (code,) = read(drawn("4006381333931", "EAN13", 1))
    assert max(x for x, _ in code.corners) < 200


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 500, 3), (300, 300, 3)])
def test_nothing_is_found_in_nothing(shape):
    assert read(np.full(shape, 255, np.uint8)) == []


def test_a_number_that_one_look_alone_sees_is_not_taken(monkeypatch):
    reader = ZxingReader()
    found = ZxingReader._found
    monkeypatch.setattr(reader, "_found", lambda p, place, b: found(reader, p, place, b) if place.scale == 1.0 else [])
    one = drawn("4006381333931", "EAN13")
    assert asyncio.run(reader.read(one)) == []
    assert asyncio.run(reader.read(np.concatenate([one, one]))) == []


@pytest.mark.parametrize("degrees", [35, 45, 55, -40, -50])
def test_a_slanted_symbol_is_found_in_its_place(degrees):
    pytest.importorskip("PIL")
    picture = np.full((720, 720, 3), 128, np.uint8)
    symbol = drawn("4006381333931", "EAN13", 3)
    height, width = symbol.shape[:2]
    picture[140 : 140 + height, 280 : 280 + width] = symbol
    photo = turned(picture, degrees)
    (code,) = read(photo)
    assert (code.kind, code.gtin) == ("ean13", "4006381333931")
    angle, across, down = np.radians(degrees), 280 + width / 2 - 360, 140 + height / 2 - 360
    x = photo.shape[1] / 2 + across * np.cos(angle) + down * np.sin(angle)
    y = photo.shape[0] / 2 - across * np.sin(angle) + down * np.cos(angle)
    middle = [sum(axis) / 4 for axis in zip(*code.corners, strict=True)]
    assert np.hypot(middle[0] - x, middle[1] - y) < 20


def test_half_an_article_in_a_slanted_photo_is_none():
    """Of UPC-E's six digits a part of an EAN is enough."""
    pytest.importorskip("PIL")
    picture = np.full((720, 720, 3), 128, np.uint8)
    code = drawn("4333147893287", "EAN13", 3)[:, 40:200]
    picture[300 : 300 + code.shape[0], 280 : 280 + code.shape[1]] = code
    assert read(turned(picture, 45)) == []


def test_noise_is_no_article():
    chance = np.random.default_rng(5)
    for _ in range(5):
        assert read(chance.integers(0, 255, (300, 400, 3), np.uint8)) == []


def test_photographed_articles():
    if not PHOTOS.is_dir():
        pytest.skip("../shared/data/barcodes is not there")
    from host.photo import load_photo  # noqa: PLC0415 - needs Pillow

    with (PHOTOS / "manifest.tsv").open(encoding="utf-8") as stream:
        rows = [r for r in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE) if r["expected"].isdecimal()]
    found = {row["file"]: [code.gtin for code in read(load_photo(PHOTOS / row["file"]))] for row in rows}
    wrong = [row["file"] for row in rows if set(found[row["file"]]) - {row["expected"]}]
    right = [row["file"] for row in rows if row["expected"] in found[row["file"]]]
    assert wrong == []
    assert 3 * len(right) >= 2 * len(rows)
