"""Manifests of folders of photos, as editors, spreadsheets and people save them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.bench.expected import Expected, parse_expected
from host.bench.folder import expected, photos
from host.errors import UsageError

ROWS = "file\tkind\texpected\na.jpg\tpricetag\tprice=29.90 NOK; name=SØT\n"


@pytest.mark.parametrize(
    "data",
    [
        ROWS.encode(), b"\xef\xbb\xbf" + ROWS.encode(), ROWS.replace("\n", "\r\n").encode(), ROWS.encode("utf-16"),
        ROWS.encode("cp1252"), ROWS.replace("\t", " \t ").encode(), ROWS.replace("file", "File").encode(),
        ("\n" + ROWS + "\n\nb.jpg\n\t\tprice=1\n").encode(), ROWS.replace("\n", "\tmore\tcolumns\n").encode(),
    ],
    ids=["plain", "BOM", "CRLF", "UTF-16", "cp1252", "spaces", "capitals", "short rows", "more columns"],
)  # fmt: skip
def test_a_manifest_is_read_however_it_was_saved(tmp_path: Path, data: bytes):
    (tmp_path / "manifest.tsv").write_bytes(data)
    assert expected(tmp_path)["a.jpg"] == "price=29.90 NOK; name=SØT"
    assert set(expected(tmp_path)) <= {"a.jpg", "b.jpg"}


def test_columns_stand_in_any_order(tmp_path: Path):
    (tmp_path / "manifest.tsv").write_text("expected\tfile\nprice=1\ta.jpg\n")
    assert expected(tmp_path) == {"a.jpg": "price=1"}


def test_a_folder_without_a_manifest_expects_nothing(tmp_path: Path):
    assert expected(tmp_path) == {}
    with pytest.raises(UsageError, match="there are no photos"):
        photos(tmp_path)
    assert photos(tmp_path, needed=False) == []


@pytest.mark.parametrize("text", ["", "photo,price\na.jpg,2\n", "\n\n"])
def test_a_manifest_without_its_columns_is_an_error(tmp_path: Path, text: str):
    (tmp_path / "manifest.tsv").write_text(text)
    with pytest.raises(UsageError, match="has no column 'file'"):
        expected(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name=A; unit_price=3; price=29.90 NOK", Expected(Decimal("29.90"), "NOK")),
        ("name=SALT; PEPPER; price=2,50 EUR; price=3", Expected(Decimal("2.50"), "EUR")),
        ("PRICE = 29.90 NOK", Expected(Decimal("29.90"), "NOK")),
        ('price="29.90 NOK"', Expected(Decimal("29.90"), "NOK")),
        ("price=NOK 29.90", Expected(Decimal("29.90"), "NOK")), ("price=kr 29,90", Expected(Decimal("29.90"))),
        ("price=2,50 €", Expected(Decimal("2.50"), "EUR")), ("price=£2.50", Expected(Decimal("2.50"), "GBP")),
        ("price=1 299,00 NOK", Expected(Decimal("1299.00"), "NOK")), ("price=1.299,00", Expected(Decimal("1299.00"))),
        ("price=1,299.00", Expected(Decimal("1299.00"))), ("price=1.299.000 IDR", Expected(Decimal(1299000), "IDR")),
        ("price=29.-", Expected(Decimal(29))), ("price=-", Expected(None)),
    ],
)  # fmt: skip
def test_what_people_write_of_a_price(text: str, says: Expected):
    assert parse_expected(text) == says


@given(st.text(max_size=60))
def test_anything_may_stand_there(text: str):
    for said in (text, f"price={text}"):
        try:
            found = parse_expected(said)
        except UsageError:
            continue
        assert found is None or found.price is None or found.price >= 0
