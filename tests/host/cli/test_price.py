"""`sidelight price --photo` as a user types it: the terminal, JSON, every error, hostile files and codes."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("babel")

from drawn_photos import TAG, photo  # noqa: E402 - needs Pillow
from sign_parts import ScriptedReader, line  # noqa: E402

from host.app import price  # noqa: E402
from host.backends.readers import OpenedReader  # noqa: E402
from host.cli import main  # noqa: E402
from host.read.barcode import Barcode  # noqa: E402

CORNERS = ((0.0, 0.0), (90.0, 0.0), (90.0, 30.0), (0.0, 30.0))
LINES = [line("TOMATOES", 200, 240, 300, 40), line("29.90", 220, 320, 260, 90)]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def events(self):
        return [json.loads(text) for text in self.out.splitlines()]

    def told(self, name):
        return [event for event in self.events if event["event"] == name]


class Codes:
    found = ()

    async def read(self, _picture):
        return self.found


@pytest.fixture
def said():
    """What the reader says of one photo after the other."""
    return [LINES]


@pytest.fixture
def codes():
    return Codes()


@pytest.fixture
def run(capsys, monkeypatch, tmp_path, said, codes) -> Callable[..., Ran]:
    async def open_tag_reader(*_args, **_options):
        return OpenedReader(ScriptedReader(said), "as told")

    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setattr(price, "open_tag_reader", open_tag_reader)
    monkeypatch.setattr(price, "barcode_reader", lambda: codes)

    def run(*words) -> Ran:
        code = main(["price", *map(str, words)])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def tag(tmp_path):
    Image.fromarray(photo(TAG)).save(tmp_path / "tag.png")
    return tmp_path / "tag.png"


def bomb(path, side=60_000):
    """A PNG that claims more pixels than are ever decoded."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))))
    return path


def test_a_photo_is_a_line(run, tag):
    ran = run("--photo", tag, "--country", "NO")
    assert (ran.code, ran.out) == (0, "tag.png: TOMATOES, NOK 29.90\n")


def test_the_price_in_the_currency_of_the_wearer_has_the_date_of_its_rate(run, tag):
    ran = run("--photo", tag, "--country", "NO", "--currency", "EUR", "--json")
    (read,) = ran.told("price")
    assert (read["amount"], read["currency"]) == ("29.90", "NOK")
    assert set(read["converted"]) == {"amount", "currency", "rate_date"}
    assert read["converted"]["currency"] == "EUR"
    assert read["converted"]["rate_date"].startswith("20")
    assert "(rate of " in read["text"]


def test_a_currency_without_a_rate_is_said_so(run, tag):
    ran = run("--photo", tag, "--country", "NO", "--currency", "VND")
    assert ran.code == 0
    assert "NOK 29.90; the European Central Bank gives no rate for VND" in ran.out


def test_without_a_country_the_amount_stands_alone(run, tag):
    ran = run("--photo", tag, "--json")
    assert ran.told("price")[0]["currency"] == ""
    assert ran.told("price")[0]["text"] == "TOMATOES, 29.90"


def test_many_photos_are_a_line_each_and_one_that_cannot_be_read_ends_nothing(run, tag, tmp_path, said):
    said.append([])
    (tmp_path / "empty.jpg").write_bytes(b"")
    ran = run("--photo", tag, tmp_path / "empty.jpg", tmp_path / "gone.jpg", tag, "--country", "NO")
    assert ran.code == 0
    assert [text.split(":")[1].split(",")[0].strip() for text in ran.out.splitlines()] == [
        "TOMATOES",
        "no price found; Go closer and hold one tag in the middle",
    ]
    assert "empty.jpg' " in ran.err
    assert "gone.jpg' cannot be read" in ran.err


def test_nothing_read_is_exit_code_1_and_says_what_to_do(run, tag, said):
    said[0] = []
    ran = run("--photo", tag, "--json")
    assert ran.code == 1
    (read,) = ran.told("price")
    assert (read["accepted"], read["reason"]) == (False, "no price found")
    assert read["hint"] == "Go closer and hold one tag in the middle"
    assert read["amount"] is None


def test_several_tags_take_the_middle_one_and_say_so(run, tag, said):
    said[0] = [*LINES, line("11.50", 20, 20, 120, 45), line("COLA", 20, 80, 120, 20)]
    ran = run("--photo", tag, "--json")
    (read,) = ran.told("price")
    assert (read["amount"], read["tags_in_view"]) == ("29.90", 2)
    assert read["text"].endswith("2 tags in view: the middle one")


def test_a_file_that_is_no_picture_is_an_error(run, tmp_path):
    (tmp_path / "talk.wav").write_bytes(b"RIFF....WAVE")
    ran = run("--photo", tmp_path / "talk.wav")
    assert (ran.code, ran.out) == (1, "")
    assert "talk.wav' is no picture that can be read here" in ran.err


def test_a_folder_is_an_error(run, tmp_path):
    ran = run("--photo", tmp_path)
    assert ran.code == 1
    assert "cannot be read" in ran.err


def test_an_image_bomb_is_refused_before_it_is_decoded(run, tmp_path, monkeypatch):
    monkeypatch.setattr(np, "asarray", lambda *_args, **_options: pytest.fail("it was decoded"))
    ran = run("--photo", bomb(tmp_path / "bomb.png"))
    assert ran.code == 1
    assert "bomb.png" in ran.err
    assert "bomb.png' claims more than 64 megapixels, and was not decoded" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--currency", "EURO"], "'EURO' is no currency; did you mean EUR?"),
        (["--country", "Norway"], "'Norway' is no country"),
        (["--once"], "--once belongs to the camera"),
        (["--lens-out", "here"], "without glasses there is no lens to picture"),
        (["--record", "link.jsonl"], "without glasses there is no link to record"),
    ],
)
def test_what_makes_no_sense_says_so(run, tag, words, message):
    ran = run("--photo", tag, *words)
    assert ran.code == 2
    assert message in ran.err


def test_without_glasses_and_photos_there_is_nothing_to_read(run):
    ran = run("--glasses", "none")
    assert ran.code == 2
    assert "without glasses there is no camera" in ran.err


def test_an_in_store_number_is_no_article(run, tag, codes):
    codes.found = (Barcode("ean13", "2412345006999", CORNERS, gtin="2412345006999"),)
    assert run("--photo", tag, "--json").told("price")[0]["gtin"] == ""
    codes.found = (Barcode("ean13", "4006381333931", CORNERS, gtin="4006381333931"),)
    assert run("--photo", tag, "--json").told("price")[0]["gtin"] == "4006381333931"


def test_a_price_in_a_barcode_stands_in_for_one_that_was_not_read(run, tag, said, codes):
    said[0] = []
    codes.found = (Barcode("gs1", "x", CORNERS, elements={"3922": "12.50", "3103": "0.500"}),)
    (read,) = run("--photo", tag, "--country", "NO", "--json").told("price")
    assert (read["amount"], read["currency"], read["quantity"]) == ("12.50", "NOK", "500 g")


def test_a_price_in_a_barcode_that_is_another_refuses_the_one_read(run, tag, codes):
    codes.found = (Barcode("gs1", "x", CORNERS, elements={"3922": "12.50"}),)
    (read,) = run("--photo", tag, "--json").told("price")
    assert (read["accepted"], read["reason"]) == (False, "price, unit price and quantity do not agree")


def test_a_qr_code_is_text_and_does_nothing_to_the_terminal(run, tag, codes):
    codes.found = (Barcode("qr", "\x1b[2Jjavascript:alert(1)\n\u202eevil", CORNERS),)
    ran = run("--photo", tag)
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert len(ran.out.splitlines()) == 1
    assert "javascript:alert(1)" in ran.out


def test_the_same_product_again_is_compared(run, tag, said, tmp_path):
    assert run("--photo", tag, "--country", "NO").code == 0
    said[0] = [LINES[0], line("34.90", 220, 320, 260, 90)]
    ran = run("--photo", tag, "--country", "NO", "--json")
    (read,) = ran.told("price")
    assert read["compared"]
    assert "29.90" in read["compared"][0]


def test_the_help_says_what_happens_to_photos(capsys):
    with pytest.raises(SystemExit):
        main(["price", "--help"])
    assert "No photo is\nkept" in capsys.readouterr().out
