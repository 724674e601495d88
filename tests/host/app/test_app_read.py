"""A photo is read: from a file or the glasses, with barcodes, in order, judged; and each way it can fail."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("zxingcpp")

pytest.importorskip("lupa")

from drawn_photos import TAG, photo  # noqa: E402 - needs Pillow
from glasses_end import emulated  # noqa: E402

from firmware_bridge.emulator.clock import run_virtual  # noqa: E402
from host.app.read import decoded, loaded, read_picture, require_text  # noqa: E402
from host.backends.zxing import ZxingReader  # noqa: E402
from host.errors import NoTextError, PhotoInputError  # noqa: E402
from host.read.line import TextLine  # noqa: E402
from host.read.quality import Advice  # noqa: E402
from host.read.reader import ReaderInfo  # noqa: E402


def line(text, left, top, width, height, confidence=0.95):
    right, bottom = left + width, top + height
    return TextLine(text, ((left, top), (right, top), (right, bottom), (left, bottom)), confidence)


@dataclass
class Scripted:
    """A reader that says one list of lines a photo, and keeps the photos it was given."""

    said: list[list[TextLine]]
    places: bool = True
    seen: list[np.ndarray] = field(default_factory=list)

    @property
    def info(self):
        return ReaderInfo("scripted", ("Latn",), local=True, places=self.places, quality="as told", licence="")

    async def read(self, picture):
        self.seen.append(picture)
        return self.said[len(self.seen) - 1]

    async def close(self):
        pass


def read(picture, reader, **options):
    return asyncio.run(read_picture(picture, reader, **options))


def test_a_photo_of_the_glasses_is_turned_once_and_read():
    upright = photo(TAG)
    buffer = io.BytesIO()
    Image.fromarray(np.rot90(upright, -1)).save(buffer, "JPEG", quality=60)  # as a sensor mounted sideways sees it
    picture = asyncio.run(decoded(buffer.getvalue(), 8))
    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright).mean() < 6


def test_a_photo_from_the_emulated_frame_comes_out_upright(tmp_path):
    upright = photo(TAG)
    Image.fromarray(upright).save(tmp_path / "tag.png")

    async def main():
        async with emulated(camera=tmp_path / "tag.png") as (glasses, _):
            taken = await glasses.take_photo()
            return await decoded(taken.jpeg, taken.orientation)

    picture = run_virtual(main())
    assert picture.shape == (720, 720, 3)
    assert np.corrcoef(picture.ravel(), upright.ravel())[0, 1] > 0.9


def test_lines_barcodes_and_figures_come_together():
    zxingcpp = pytest.importorskip("zxingcpp")
    made = zxingcpp.create_barcode("4006381333931", zxingcpp.BarcodeFormat.EAN13)
    code = np.array(made.to_image(scale=3))
    picture = photo(TAG)
    picture[500 : 500 + code.shape[0], 100 : 100 + code.shape[1]] = code[:, :, None]
    reader = Scripted([[line("29.90", 300, 350, 300, 100), line("TOMATO SOUP", 160, 200, 300, 44, 0.5)]])
    found = read(picture, reader, barcodes=ZxingReader())
    assert [c.gtin for c in found.barcodes] == ["4006381333931"]
    assert found.text == "TOMATO SOUP ?\n\n29.90"
    assert found.quality.text_px == 100  # of what is sure
    assert found.advice is None
    assert (found.width, found.height) == (720, 720)


def test_the_second_look_is_the_middle_and_its_lines_stand_where_they_are():
    reader = Scripted([[], [line("29.90", 100, 100, 200, 60)]])
    found = read(photo(TAG), reader, two_looks=True)
    assert [seen.shape for seen in reader.seen] == [(720, 720, 3), (432, 432, 3)]
    assert found.lines[0].box.left == 244


def test_a_reader_without_places_looks_once():
    reader = Scripted([[line("29.90", 0, 0, 720, 600)]], places=False)
    found = read(photo(TAG), reader, two_looks=True)
    assert len(reader.seen) == 1
    assert found.quality.text_px is None


@pytest.mark.parametrize(
    ("spoil", "advised", "message", "hint"),
    [
        (lambda p: p // 20, Advice.MORE_LIGHT, "the photo is too dark to read", "Take it again with more light"),
        (
            lambda p: np.array(Image.fromarray(p).resize((72, 72)).resize((720, 720))),
            Advice.HOLD_STILL,
            "the photo is blurred",
            "Take it again and hold still",
        ),
        (lambda p: p, None, "no text was found in the photo", "Go closer, and hold the text in the middle"),
    ],
)
def test_a_photo_without_text_says_what_to_do(spoil, advised, message, hint):
    found = read(spoil(photo(TAG)), Scripted([[]]))
    assert found.advice is advised
    with pytest.raises(NoTextError) as caught:
        require_text(found)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_text_is_required_and_there():
    found = read(photo(TAG), Scripted([[line("29.90", 300, 350, 300, 100)]]))
    assert require_text(found) is found


def test_a_file_that_is_no_photo_is_an_error_of_its_own(tmp_path):
    (tmp_path / "a.jpg").write_text("no")
    with pytest.raises(PhotoInputError):
        asyncio.run(loaded(tmp_path / "a.jpg"))
