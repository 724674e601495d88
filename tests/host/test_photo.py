"""Photos: whatever a file holds is a picture or one clear error, and nothing large is decoded before it is refused."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host import photo
from host.errors import PhotoInputError
from host.photo import decode_photo, encode_jpeg, load_photo

Image = pytest.importorskip("PIL.Image")

RED, GREEN, BLUE = (250, 10, 10), (10, 250, 10), (10, 10, 250)


def flag():
    """64 by 32: red on the left, blue on the right, a green bar at the top."""
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:, :32], picture[:, 32:], picture[:8] = RED, BLUE, GREEN
    return picture


def saved(kind, picture=None, **options):
    buffer = io.BytesIO()
    Image.fromarray(flag() if picture is None else picture).save(buffer, kind, **options)
    return buffer.getvalue()


def like(pixel, colour):
    return np.abs(pixel.astype(int) - colour).max() < 60


def upright(found):
    return (
        found.shape == (32, 64, 3)
        and like(found[2, 32], GREEN)
        and like(found[24, 8], RED)
        and like(found[24, 56], BLUE)
    )


@pytest.mark.parametrize("kind", photo.FORMATS)
def test_every_format_is_read(kind):
    assert upright(decode_photo(saved(kind)))


TURNED = {  # what a camera in that orientation stores
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, -1),
}


@pytest.mark.parametrize("orientation", TURNED)
def test_orientation_is_applied_once(orientation):
    stored = np.ascontiguousarray(TURNED[orientation](flag()))
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert upright(decode_photo(saved("JPEG", stored, exif=exif.tobytes(), quality=95)))
    assert upright(decode_photo(saved("JPEG", stored, quality=95), orientation=orientation))


def test_an_orientation_that_is_given_is_the_only_one():
    exif = Image.Exif()
    exif[0x0112] = 3
    assert upright(decode_photo(saved("JPEG", exif=exif.tobytes(), quality=95), orientation=1))


@pytest.mark.parametrize("told", [0, 9, 65535])
def test_an_orientation_that_there_is_not_is_left_aside(told):
    exif = Image.Exif()
    exif[0x0112] = told
    assert upright(decode_photo(saved("JPEG", exif=exif.tobytes(), quality=95)))
    with pytest.raises(ValueError, match="no EXIF orientation"):
        decode_photo(saved("JPEG"), orientation=9)


def claims(width, height):
    """A PNG that is small and says that it is large."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8001, 8001), (10_000, 9_500), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(PhotoInputError, match="claims more than 64 megapixels, and was not decoded"):
        decode_photo(claims(*size))


def test_a_file_too_large_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(photo, "MAX_BYTES", 1_000_000)
    file = tmp_path / "large.jpg"
    file.write_bytes(b"\xff\xd8" + bytes(2_000_000))
    with pytest.raises(PhotoInputError, match="is larger than 1 MB"):
        load_photo(file)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"hello, this is a text", "is no picture that can be read here"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture that can be read here"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no picture that can be read here"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is damaged|is no picture"),
    ],
)
def test_what_is_no_picture_says_so(tmp_path, content, says):
    file = tmp_path / "tag.jpg"
    file.write_bytes(content)
    with pytest.raises(PhotoInputError, match=says) as caught:
        load_photo(file)
    assert "tag.jpg" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_file_cut_off_says_so(kind):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    whole = saved(kind, noise)
    with pytest.raises(PhotoInputError, match=r"cut off or damaged|is damaged"):
        decode_photo(whole[: len(whole) // 2])


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(PhotoInputError, match=r"none\.jpg' cannot be read: No such file or directory"):
        load_photo(tmp_path / "none.jpg")
    with pytest.raises(PhotoInputError, match="cannot be read: Is a directory"):
        load_photo(tmp_path)


def test_a_file_name_cannot_write_to_the_terminal(tmp_path):
    with pytest.raises(PhotoInputError) as caught:
        load_photo(tmp_path / "a\x1b[2Jb.jpg")
    assert "\x1b" not in caught.value.message


def test_transparent_is_white_and_grey_of_16_bits_keeps_its_shades():
    clear = np.zeros((8, 8, 4), np.uint8)
    assert decode_photo(saved("PNG", clear)).min() == 255
    grey = np.full((8, 8), 0x8000, np.uint16)
    assert decode_photo(saved("PNG", grey))[0, 0].tolist() == [128] * 3


def test_a_large_photo_is_scaled_down():
    found = decode_photo(saved("JPEG", np.zeros((2000, 6000, 3), np.uint8)))
    assert found.shape == (1000, 3000, 3)


def test_what_is_sent_tells_nothing_but_the_picture():
    sent = encode_jpeg(flag(), longest_px=32)
    with Image.open(io.BytesIO(sent)) as image:
        assert (image.size, dict(image.getexif())) == ((32, 16), {})


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"]),
    st.integers(0, 5000),
    st.integers(0, 255),
    st.integers(0, 5000),
)
def test_any_damage_is_a_picture_or_an_error_of_ours(kind, place, value, length):
    content = bytearray(saved(kind))
    content[place % len(content)] = value
    with contextlib.suppress(PhotoInputError):
        found = decode_photo(bytes(content[: max(1, length)]))
        assert found.ndim == 3
        assert found.shape[2] == 3
