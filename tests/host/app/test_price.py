"""Prices on the emulated Frame: taps, photos that are refused, lost links, and how it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from camera_desk import CameraDesk
from drawn_photos import TAG, photo
from sign_parts import ScriptedReader, line

from host.app import price
from host.app.price import price_camera, price_photos
from host.app.translate import Observer, Request
from host.config import Settings
from host.errors import BackendError, UsageError
from host.read.barcode import Barcode

CORNERS = ((0.0, 0.0), (90.0, 0.0), (90.0, 30.0), (0.0, 30.0))


def tag(text="29.90", confidence=0.97):
    return [line("TOMATOES", 200, 240, 300, 40), line(text, 220, 320, 260, 90, confidence)]


@dataclass
class Codes:
    """Finds these barcodes in every photo."""

    found: tuple[Barcode, ...] = ()

    async def read(self, _picture):
        return self.found


@dataclass
class Desk(CameraDesk):
    """What prices are given, too."""

    codes: Codes = field(default_factory=Codes)

    @property
    def cards(self):
        """The texts of each picture of the lens, without what is said while there is no card."""
        return [page for page in self.shown if page and page[0] not in SAID and not page[0].startswith("price: tap")]


SAID = ("hold still", "reading...", "more light", "closer")


FRAME_ONLY = pytest.mark.parametrize("desk", ["frame"], indirect=True)
"""What is told of photos, pages or times holds for the size of Frame's."""


@pytest.fixture(params=["frame", pytest.param("halo", marks=pytest.mark.slow)])
def desk(tmp_path, monkeypatch, request):
    desk = Desk(tmp_path, ScriptedReader([tag()]), kind=request.param)
    desk.put_on(monkeypatch)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setattr(price, "open_tag_reader", desk.open_reader)
    monkeypatch.setattr(price, "barcode_reader", lambda: desk.codes)
    return desk


def run(desk, *, once=False, taps="", until=30.0, photos=None, settings=None, **address):
    """Run in virtual time, for so many seconds where it does not end by itself."""

    def work(request, observer, wishes):
        if photos is not None:
            return price_photos(photos, request, observer, wishes)
        return price_camera(request, observer, wishes, once=once)

    return desk.run(work, settings or Settings(price_country="NO"), taps=taps, until=until, **address)


@FRAME_ONLY
def test_a_tap_reads_the_price_before_the_camera(desk):
    run(desk, taps="6\n")
    assert desk.shown[0] == ["price: tap to read a tag"]
    assert desk.shown[1:3] == [["hold still"], ["reading..."]]
    assert desk.cards == [["TOMATOES", "NOK 29.90", "tap: new photo"]]
    (read,) = desk.told("price")
    assert (read.accepted, read.amount, read.currency, read.photos) == (True, "29.90", "NOK", 1)
    assert set(read.seconds) == {"camera", "link", "decode", "read", "product"}
    assert read.seconds["camera"] < 0.5  # it was warm
    assert desk.reader.closed
    assert desk.dark


def test_without_a_tap_no_photo_is_taken(desk):
    run(desk)
    assert not desk.told("photo")
    assert desk.dark


@FRAME_ONLY
def test_a_price_that_is_refused_is_photographed_again(desk):
    desk.reader.said = [*[tag(confidence=0.4)] * 2, tag()]  # a refused photo is read twice: whole, and its middle
    run(desk, taps="6\n")
    assert [event.attempt for event in desk.told("photo")] == [1, 2]
    assert desk.told("price")[0].photos == 2
    assert desk.cards[-1][1] == "NOK 29.90"


def test_a_price_that_stays_doubtful_is_not_shown(desk):
    desk.reader.said = [tag(confidence=0.4)]
    run(desk, taps="6\n")
    assert len(desk.told("photo")) == 3
    (read,) = desk.told("price")
    assert (read.accepted, read.amount) == (False, None)
    assert not any("29" in text for page in desk.shown for text in page)
    assert desk.cards[-1] == ["TOMATOES", read.reason, read.hint, "tap: new photo"]


def test_a_dark_tag_says_more_light_before_the_next_photo(desk):
    desk.sees(photo(TAG) // 60)
    desk.reader.said = [[]]
    run(desk, taps="6\n")
    assert [page[0] for page in desk.shown if page and page[0] in ("hold still", "more light")] == [
        "hold still",
        "more light",
        "more light",
    ]


def test_a_barcode_alone_is_not_photographed_again(desk):
    desk.reader.said = [[]]
    desk.codes.found = (Barcode("ean13", "4006381333931", CORNERS, gtin="4006381333931"),)
    run(desk, taps="6\n")
    (read,) = desk.told("price")
    assert (read.gtin, read.photos, read.reason) == ("4006381333931", 1, "no price found")


@FRAME_ONLY
def test_qr_codes_are_shown_as_text(desk):
    desk.codes.found = (Barcode("qr", "https://example.com/\n x", CORNERS),)
    run(desk, taps="6\n")
    assert "QR: https:\\\\example.com\\ x" in desk.cards[-1]  # the built-in font has a slash for a backslash
    assert desk.told("price")[0].codes == ["https://example.com/ x"]


@FRAME_ONLY
def test_several_tags_take_the_middle_one_and_say_so(desk):
    desk.reader.said = [[*tag(), line("11.50", 20, 20, 120, 45), line("COLA", 20, 80, 120, 20)]]
    run(desk, taps="6\n")
    assert desk.cards[0][1] == "NOK 29.90"
    assert "2 tags in view: the middle one" in desk.cards[0]


@FRAME_ONLY
def test_the_next_tap_reads_the_next_tag(desk):
    desk.reader.said = [tag(), tag("11.50")]
    run(desk, taps="6\n12\n")
    assert [page[1] for page in desk.cards] == ["NOK 29.90", "NOK 11.50"]


@FRAME_ONLY
def test_a_reader_that_fails_is_told_and_the_next_photo_may_be_read(desk):
    desk.reader.said = [BackendError("no answer", "Again"), tag()]
    run(desk, taps="6\n12\n")
    assert [event.message for event in desk.told("error")] == ["no answer"]
    assert desk.cards[0] == ["no answer", "Again", "tap: new photo"]
    assert desk.cards[-1][1] == "NOK 29.90"


@pytest.mark.parametrize("cut", ["3:2", "6.1:2", "6.5:2"])  # while it waits, exposes, sends
@FRAME_ONLY
def test_a_lost_link_resumes(desk, cut):
    run(desk, taps="6\n" if cut[0] == "6" else "9\n", cut=cut)
    assert "lost" in [event.state for event in desk.told("link")]
    assert desk.cards[-1][1] == "NOK 29.90"
    assert not desk.told("error")
    assert desk.dark


@pytest.mark.parametrize("until", [1.0, 2.6, 5.0, 6.05, 6.4, 7.0, 8.0, 9.0])
def test_ctrl_c_at_any_moment_leaves_camera_and_lens_dark(desk, until):
    desk.reader.takes_s = 1.0
    run(desk, taps="6\n", until=until)
    assert desk.dark or not desk.shown  # what the firmware itself shows at its start
    assert desk.reader.closed


@FRAME_ONLY
def test_once_photographs_at_once_and_says_how_many_were_read(desk):
    assert run(desk, once=True) == 1
    assert desk.shown[0] == ["hold still"]
    assert desk.told("price")[0].seconds["camera"] > 0.9  # it was cold
    assert desk.shown[-1] == []


def test_once_says_that_none_was_read(desk):
    desk.reader.said = [[]]
    assert run(desk, once=True) == 0


def test_photos_in_files_have_their_cards(desk):
    (desk.folder / "none.jpg").write_bytes(b"no picture")
    photos = [desk.folder / "none.jpg", desk.picture]
    assert run(desk, photos=photos) == 1
    assert next(event.message for event in desk.told("error")).startswith(repr(str(photos[0])))
    assert [page[1] for page in desk.cards] == ["NOK 29.90"]
    assert desk.shown[-1] == []


def test_the_lens_says_when_photos_leave_this_computer(desk):
    desk.reader.local = False
    run(desk, taps="6\n")
    assert ["hold still", "the photo goes online"] in desk.shown


def test_the_charge_is_reported(desk):
    run(desk)
    assert desk.told("battery")


def test_without_glasses_there_is_no_camera(desk):
    observer = Observer(event=desk.events.append, elapsed=lambda: 0.0)
    with pytest.raises(UsageError, match="no camera"):
        asyncio.run(price_camera(Request(settings=Settings()), observer, desk.wishes, once=False))
