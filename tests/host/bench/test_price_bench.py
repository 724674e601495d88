"""`bench price`: any folder of photographed tags, through the embedded reader."""

from __future__ import annotations

import argparse
from decimal import Decimal

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("rapidocr")
pytest.importorskip("zxingcpp")

from drawn_photos import TAG, photo  # noqa: E402 - needs Pillow

from host.bench import price  # noqa: E402
from host.bench.camera_view import looked_at  # noqa: E402
from host.bench.expected import Expected, parse_expected  # noqa: E402
from host.bench.price import verdict  # noqa: E402
from host.errors import UsageError  # noqa: E402
from host.price.tag import Refusal, Tag  # noqa: E402


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))


def measured(folder, *arguments):
    parser = argparse.ArgumentParser()
    price.add_arguments(parser)
    lines = []
    return price.run(parser.parse_args(["--data", str(folder), *arguments]), lines.append), lines


def test_a_folder_is_measured_whatever_is_in_it(tmp_path):
    Image.fromarray(photo(TAG)).save(tmp_path / "a.jpg", quality=60)
    Image.fromarray(photo(TAG)).save(tmp_path / "b.png")
    (tmp_path / "c.png").write_text("no picture")
    (tmp_path / "d.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (tmp_path / "manifest.tsv").write_text(
        "file\tkind\texpected\na.jpg\tpricetag\tprice=29.90 NOK; name=MILK\nc.png\tpricetag\tprice=1\n"
        "b.png\tpricetag\tprice=cheap\ngone.jpg\tpricetag\tprice=2,50 EUR\n"
    )
    rows, lines = measured(tmp_path, "--country", "no")
    tag, plain, bad, heic, gone, total = rows
    assert (tag["verdict"], tag["amount"], tag["currency"]) == ("right", "29.90", "NOK")
    assert tag["seconds"] >= tag["reader_s"] > 0
    assert (plain["verdict"], plain["expected"]) == ("read", None)
    assert plain["manifest"] == "it expects a price of 'cheap', which is no amount"
    assert "is no picture" in bad["error"]
    assert "d.heic" in heic["error"]
    assert "No such file" in gone["error"]
    assert (total["photos"], total["right"], total["unreadable_files"]) == (5, 1, 3)
    assert total["manifest_faults"] == 1
    assert lines[-2].startswith("1 tags with a price to compare: 1 right, 0 refused, 0 wrong; 3 unreadable files")


def test_a_folder_is_measured_as_the_camera_of_the_glasses_sees_it(tmp_path):
    Image.fromarray(photo(TAG)[100:460]).save(tmp_path / "a.png")
    (tmp_path / "manifest.tsv").write_text("file\tkind\texpected\na.png\tpricetag\tprice=29.90 NOK\n")
    tag, _total = measured(tmp_path, "--country", "NO", "--camera")[0]
    assert (tag["verdict"], tag["camera"]) == ("right", "frame")


@pytest.mark.parametrize("glasses", ["halo", pytest.param("halo?strict=1", marks=pytest.mark.slow)])
def test_halo_s_camera_reads_a_tag_that_fills_half_of_its_view(tmp_path, glasses):
    Image.fromarray(photo(TAG)[100:460]).save(tmp_path / "a.png")
    (tmp_path / "manifest.tsv").write_text("file\tkind\texpected\na.png\tpricetag\tprice=29.90 NOK\n")
    tag, _total = measured(tmp_path, "--country", "NO", "--camera", glasses, "--view", "0.5")[0]
    assert (tag["verdict"], tag["camera"], tag["view"]) == ("right", glasses, 0.5)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--camera", "phone"), "'phone' is none of frame, halo"),
        (("--view", "2"), "'2' is no share"),
        (("--view", "x"), "'x' is no share"),
    ],
)
def test_what_is_no_camera_and_no_share_of_its_view(tmp_path, capsys, flags, says):
    with pytest.raises(SystemExit):
        measured(tmp_path, *flags)
    assert says in capsys.readouterr().err


def test_a_photo_that_fills_half_of_a_wide_view_has_its_ground_around_it():
    tag = np.zeros((100, 200, 3), np.uint8)
    seen = looked_at(tag, 0.5, 4 / 3)
    assert seen.shape == (300, 400, 3)
    assert looked_at(np.zeros((300, 100, 3), np.uint8), 1.0, 4 / 3).shape == (300, 400, 3)


def test_all_of_a_photo_is_before_the_camera():
    wide = np.full((200, 500, 3), 90, np.uint8)
    wide[50:150, 100:400] = 255
    seen = looked_at(wide)
    assert seen.shape == (500, 500, 3)
    assert (seen[150:350] == wide).all()
    assert (seen[:150] == 90).all()


def test_a_country_that_is_none_is_an_error(tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    with pytest.raises(UsageError, match="'XQ' is no country"):
        measured(tmp_path, "--country", "XQ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("price=29.90 NOK; name=TOMATER; unit_price=", Expected(Decimal("29.90"), "NOK")),
        ("name=a=b; price=2,50", Expected(Decimal("2.50"))),
        ("price=198JPY", Expected(Decimal(198), "JPY")),
        ("price=; name=X", Expected(None)),
        ("4006381333931", None),
        ("", None),
    ],
)
def test_what_a_manifest_expects(text, says):
    assert parse_expected(text) == says


@pytest.mark.parametrize("text", ["price=cheap", "price=1e9 EUR", "price=29.90 NOK NOK"])
def test_a_manifest_that_expects_no_amount_is_an_error(text):
    with pytest.raises(UsageError, match="which is no amount"):
        parse_expected(text)


@pytest.mark.parametrize(
    ("amount", "currency", "wanted", "says"),
    [
        ("29.90", "NOK", Expected(Decimal("29.9"), "NOK"), "right"),
        ("29.90", "", Expected(Decimal("29.9"), "NOK"), "right"),
        ("29.90", "SEK", Expected(Decimal("29.9"), "NOK"), "wrong"),
        ("2.99", "NOK", Expected(Decimal("29.9"), "NOK"), "wrong"),
        ("2.99", "NOK", Expected(None), "wrong"),
        ("2.99", "NOK", None, "read"),
        (None, "NOK", Expected(Decimal("29.9"), "NOK"), "refused"),
    ],
)
def test_a_wrong_price_is_told_from_none(amount, currency, wanted, says):
    refusal = Refusal.UNSURE if amount is None else None
    tag = Tag(price=None if amount is None else Decimal(amount), currency=currency, refusal=refusal)
    assert verdict(tag, wanted) == says
