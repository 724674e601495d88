from __future__ import annotations

import contextlib
import io
import struct
import wave
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from firmware_bridge.emulator import inputs
from firmware_bridge.emulator.inputs import open_pictures, read_head_pose, read_sound
from firmware_bridge.errors import InputError

RAMP = ((np.arange(5000) * 37 + 11) % 65536 - 32768).astype("<i2")


@pytest.fixture(params=["soundfile", "wave"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to read a sound: with the soundfile library and without."""
    if request.param == "wave":
        monkeypatch.setattr(inputs, "_soundfile", lambda: None)
    else:
        pytest.importorskip("soundfile", reason="soundfile is not installed: pip install 'sidelight[transcribe]'")
    return str(request.param)


def write_wav(path: Path, data: bytes, *, rate: int = 16000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


def samples(path: Path) -> np.ndarray:
    sound = read_sound(path)
    assert sound.length is not None
    return sound.take(0, sound.length)


@pytest.mark.usefixtures("reader")
def test_16_khz_16_bit_mono_arrives_bit_for_bit(tmp_path: Path) -> None:
    assert np.array_equal(samples(write_wav(tmp_path / "a.wav", RAMP.tobytes())), RAMP)


@pytest.mark.usefixtures("reader")
def test_channels_are_averaged(tmp_path: Path) -> None:
    stereo = np.stack([RAMP, -(RAMP // 2)], axis=1).astype("<i2")
    found = samples(write_wav(tmp_path / "a.wav", stereo.tobytes(), channels=2))
    assert np.array_equal(found, np.rint((stereo[:, 0].astype(float) + stereo[:, 1]) / 2).astype(np.int16))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("width", [1, 3, 4])
def test_other_sample_widths(tmp_path: Path, width: int) -> None:
    level = (np.arange(-100, 101, 25) / 128).repeat(50)
    if width == 1:
        data = (np.rint(level * 128) + 128).astype(np.uint8).tobytes()
    else:
        data = b"".join(int(v * (1 << (8 * width - 1))).to_bytes(width, "little", signed=True) for v in level)
    assert np.array_equal(samples(write_wav(tmp_path / "a.wav", data, width=width)), (level * 32768).astype(np.int16))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_other_rates_are_converted(tmp_path: Path, rate: int) -> None:
    tone = (12000 * np.sin(2 * np.pi * 500 * np.arange(rate * 2) / rate)).astype("<i2")
    found = samples(write_wav(tmp_path / "a.wav", tone.tobytes(), rate=rate))
    expected = 12000 * np.sin(2 * np.pi * 500 * np.arange(32000) / 16000)
    assert len(found) == 32000
    assert np.abs(found - expected)[500:-500].max() < 3


def test_without_the_library_the_hint_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_soundfile", lambda: None)
    (tmp_path / "a.flac").write_bytes(b"fLaC" + bytes(100))
    with pytest.raises(InputError) as caught:
        read_sound(tmp_path / "a.flac")
    assert caught.value.hint == "Give a WAV or FLAC file; FLAC needs: pip install 'sidelight[transcribe]'."


def test_flac_and_float(tmp_path: Path) -> None:
    soundfile = pytest.importorskip(
        "soundfile", reason="soundfile is not installed: pip install 'sidelight[transcribe]'"
    )
    soundfile.write(tmp_path / "a.flac", RAMP, 16000, subtype="PCM_16")
    assert np.array_equal(samples(tmp_path / "a.flac"), RAMP)
    odd = np.array([0.5, np.nan, 2.0, -np.inf, -0.25])
    soundfile.write(tmp_path / "b.wav", odd, 16000, subtype="FLOAT")
    assert samples(tmp_path / "b.wav").tolist() == [16384, 0, 32767, -32768, -8192]


def test_a_loop(tmp_path: Path) -> None:
    sound = read_sound(write_wav(tmp_path / "a.wav", RAMP.tobytes()), loop=True)
    assert sound.length is None
    assert np.array_equal(sound.take(4990, 20), np.concatenate([RAMP[-10:], RAMP[:10]]))


@pytest.mark.usefixtures("reader")
def test_a_wav_cut_short_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", RAMP.tobytes())
    path.write_bytes(path.read_bytes()[: 44 + 2001])
    assert np.array_equal(samples(path), RAMP[:1000])


@pytest.mark.usefixtures("reader")
def test_sound_errors(tmp_path: Path) -> None:
    def refused(name: str, content: bytes | None) -> str:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_sound(tmp_path / name)
        assert caught.value.hint
        return caught.value.message

    assert "does not exist" in refused("missing.wav", None)
    assert "is empty" in refused("empty.wav", b"")
    assert "not a recording that can be read" in refused("text.wav", b"hello world, this is not a sound at all")
    assert "not a recording that can be read" in refused("half.wav", b"RIFF\x00\x00")
    silent = write_wav(tmp_path / "silent.wav", b"")
    assert "is empty" in refused("silent.wav", silent.read_bytes())
    strange = write_wav(tmp_path / "strange.wav", RAMP.tobytes(), rate=10)
    assert "10 Hz, which cannot be played" in refused("strange.wav", strange.read_bytes())
    with pytest.raises(InputError, match="is not a file"):
        read_sound(tmp_path)


def test_a_recording_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "SOUND_MAX_S", 0.2)
    with pytest.raises(InputError, match="longer than"):
        read_sound(write_wav(tmp_path / "a.wav", RAMP.tobytes()))


def test_names_cannot_steer_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_sound(tmp_path / "a\x1b[2J\nb.wav")
    assert "\x1b" not in caught.value.message
    assert "\n" not in caught.value.message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_wav(tmp_path / "a.wav", RAMP.tobytes())

    def denied(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read_sound(path)


@settings(max_examples=40, deadline=None)
@given(data=st.binary(min_size=1, max_size=300), cut=st.integers(0, 200))
def test_damaged_files_end_in_an_input_error_or_in_sound(
    data: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sound")
    whole = write_wav(folder / "a.wav", RAMP[:100].tobytes()).read_bytes()
    (folder / "b.wav").write_bytes(whole[:cut] + data)
    with contextlib.suppress(InputError):
        read_sound(folder / "b.wav")
    with contextlib.suppress(InputError):
        inputs._as_heard(folder, *inputs._by_wave(folder / "b.wav"))


# --- pictures ---------------------------------------------------------------------------------------------------


def save(path: Path, colour: tuple[int, ...], mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Path:
    Image.new(mode, size, colour).save(path)
    return path


def test_one_picture(tmp_path: Path) -> None:
    field = open_pictures(save(tmp_path / "a.png", (10, 200, 30))).field()
    assert field.shape == (720, 1280, 3)
    assert field[360, 640].tolist() == [10, 200, 30]


def test_a_folder_in_the_order_of_names(tmp_path: Path) -> None:
    for level, name in enumerate(["a.png", "b2.jpg", "b10.bmp", "c.webp", "notes.txt", ".hidden.png"]):
        if name.endswith("txt"):
            (tmp_path / name).write_text("no picture")
        else:
            save(tmp_path / name, (50 * level, 50 * level, 50 * level))
    pictures = open_pictures(tmp_path)
    found = []
    for _ in range(5):
        found.append(int(pictures.field()[300, 640, 0]))
        pictures.advance()
    assert found == [pytest.approx(level, abs=3) for level in (0, 50, 100, 150, 0)]


def test_a_telephones_orientation_is_respected(tmp_path: Path) -> None:
    image = Image.new("RGB", (200, 100), "black")
    image.paste("white", (0, 0, 50, 100))  # bright at the left as stored; at the top once upright
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    field = open_pictures(tmp_path / "a.jpg").field()
    upright = np.rot90(field)
    assert upright[:250].mean() > 200
    assert upright[320:].mean() < 20


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    assert open_pictures(save(tmp_path / "a.png", (0, 0, 0, 0), "RGBA")).field().min() == 255


@pytest.mark.parametrize("mode", ["L", "1", "P", "I;16", "CMYK"])
def test_other_kinds_of_pixels(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (30, 30), 0).save(path)
    assert open_pictures(path).field().shape == (720, 1280, 3)


def test_picture_errors(tmp_path: Path) -> None:
    def refused(path: Path) -> str:
        with pytest.raises(InputError) as caught:
            open_pictures(path)
        assert caught.value.hint
        return caught.value.message

    assert "does not exist" in refused(tmp_path / "missing.png")
    assert "holds no picture" in refused(tmp_path)
    (tmp_path / "empty.png").write_bytes(b"")
    assert "is empty" in refused(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("hello")
    assert "is not a picture that can be read" in refused(tmp_path / "text.png")
    (tmp_path / "page.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")
    assert "is not a picture that can be read" in refused(tmp_path / "page.png")
    assert "empty.png is empty" in refused(tmp_path)  # of a folder, the bad file is named


@pytest.mark.parametrize("side", [9000, 60_000])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))))
    with pytest.raises(InputError, match="more than 80 million pixels"):
        open_pictures(tmp_path / "bomb.png")


def test_a_picture_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "PICTURE_MAX_BYTES", 10)
    with pytest.raises(InputError, match="larger than"):
        open_pictures(save(tmp_path / "a.png", (1, 2, 3)))


def test_a_picture_cut_short_is_damaged(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 50).convert("RGB").save(buffer, "JPEG")
    (tmp_path / "a.jpg").write_bytes(buffer.getvalue()[:5000])
    with pytest.raises(InputError, match="is damaged"):
        open_pictures(tmp_path / "a.jpg").field()


# --- head pose --------------------------------------------------------------------------------------------------


def test_a_script_of_the_head(tmp_path: Path) -> None:
    path = tmp_path / "head.txt"
    path.write_text("\ufeff# turning\n0 90\n\n2, 180, -10   # down\n4 180 0 5\n", "utf-8")
    pose = read_head_pose(path)
    assert pose.at(0) == (90, 0, 0)
    assert pose.at(1) == pytest.approx((135, -5, 0))
    assert pose.at(4) == pytest.approx((180, 0, 5))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 90\nx 5\n", "line 2 is not understood"),
        ("0\n", "line 1 is not understood"),
        ("0 1 2 3 4\n", "line 1 is not understood"),
        ("0 400\n", "line 1 is out of range"),
        ("0 nan\n", "line 1 is out of range"),
        ("-1 0\n", "line 1 is out of range"),
        ("2 0\n1 0\n", "line 2: the time goes back"),
        ("# nothing\n", "is empty"),
    ],
)
def test_script_errors(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "head.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_head_pose(path)
    assert caught.value.hint


def test_a_script_that_is_not_text_or_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not text"):
        read_head_pose(tmp_path / "a")
    monkeypatch.setattr(inputs, "SCRIPT_MAX_BYTES", 2)
    with pytest.raises(InputError, match="is too long"):
        read_head_pose(tmp_path / "a")
