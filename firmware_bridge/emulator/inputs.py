"""Files that play the wearer's surroundings: opened, checked, and bounded before they are decoded.

Their names and their contents come from outside: nothing in them is executed, and whatever is wrong with them ends in
an `InputError` that says which file, what is wrong, and what to do.
"""

from __future__ import annotations

import io
import re
import warnings
import wave
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from firmware_bridge.emulator.acts import Hear, See
from firmware_bridge.emulator.imu import HeadPose
from firmware_bridge.emulator.jpeg import Picture
from firmware_bridge.emulator.pictures import Pictures
from firmware_bridge.emulator.sound import RATE_HZ, Recording, Resampler, Samples
from firmware_bridge.errors import InputError

SOUND_MAX_S: Final = 4 * 3600  # 460 MB once decoded
PICTURE_MAX_PIXELS: Final = 80_000_000  # more than telephones make; 240 MB once decoded
PICTURE_MAX_BYTES: Final = 100_000_000
SCRIPT_MAX_BYTES: Final = 10_000_000
PICTURES_HELD_BYTES: Final = 200_000_000
"""Pictures that have no more bytes together are read at once: a confined device can open no file later."""
PLAYED_MAX_S: Final = 30 * 60  # of a recording for glasses that run: 58 MB once decoded
SHOWN_MAX_PIXELS: Final = (2560, 1440)  # of a picture for glasses that run: twice the sensor of either kind
PICTURE_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
PICTURE_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
_RATES_HZ: Final = (1_000, 768_000)
_CHANNELS_MAX: Final = 32
_PIECE_FRAMES: Final = 1 << 16


def read_sound(path: Path, *, loop: bool = False) -> Recording:
    """A recording as the microphone hears it: 16 kHz, 16 bit, mono.

    Several channels are averaged; another rate is converted; 16 kHz 16 bit mono arrives bit for bit. FLAC, and WAV
    other than plain PCM, need the `soundfile` library.

    Args:
        path: a WAV or FLAC file, at most four hours long.
        loop: play it over and over.

    Raises:
        InputError: the file is missing, unreadable, no sound, empty or too long.
    """
    _require_file(path, "recording")
    return Recording(_read_samples(path, None, SOUND_MAX_S), loop=loop)


def sound_to_play(name: str, content: bytes) -> Hear:
    """What a file says whose content somebody has given: a recording as for `read_sound`, at most 30 minutes long.

    Raises:
        InputError: as `read_sound`; nothing is opened under that name.
    """
    return Hear(_read_samples(Path(name), content, PLAYED_MAX_S).astype("<i2").tobytes())


def picture_to_show(name: str, content: bytes) -> See:
    """What a file shows whose content somebody has given, in as many pixels as either camera can make use of.

    Raises:
        InputError: it is no picture, damaged or too large; nothing is opened under that name.
    """
    path = Path(name)
    if not content:
        raise InputError(f"the picture {_shown(path)} is empty", "Give a file that holds something.")
    _check_size(path, len(content))
    _check_pixels(path, content)
    image = Image.fromarray(_decode_picture(path, content))
    image.thumbnail(SHOWN_MAX_PIXELS if image.width > image.height else SHOWN_MAX_PIXELS[::-1])
    return See(*image.size, image.tobytes())


def open_pictures(path: Path) -> Pictures:
    """What lies before the camera: one picture, or those of a folder in the order of their names (2 before 10).

    Every file is looked into at once, so that what is wrong with one shows before anything starts; each is decoded
    when its turn comes.

    Raises:
        InputError: the file or folder is missing, unreadable or empty, or one file is no picture or too large.
    """
    paths = _pictures_in(path) if path.is_dir() else [path]
    for one in paths:
        _require_file(one, "picture")
        _check_picture(one)
    held = sum(one.stat().st_size for one in paths) <= PICTURES_HELD_BYTES
    return Pictures([partial(_decode_picture, one, one.read_bytes() if held else None) for one in paths])


def read_head_pose(path: Path) -> HeadPose:
    """The head's pose over time from a script; its form stands in `imu.py`.

    Raises:
        InputError: the file is missing, unreadable or too long, or a line (named by number) is wrong.
    """
    _require_file(path, "script of the head")
    if path.stat().st_size > SCRIPT_MAX_BYTES:
        raise InputError(f"the script {_shown(path)} is too long", f"At most {SCRIPT_MAX_BYTES // 1_000_000} MB.")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"the script {_shown(path)} is not text", "Write lines of numbers, see --help.") from error
    moments: list[tuple[float, float, float, float]] = []
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].replace(",", " ").split()
        if words:
            moments.append(_moment(words, f"{_shown(path)}, line {number}"))
            if len(moments) > 1 and moments[-1][0] < moments[-2][0]:
                raise InputError(f"{_shown(path)}, line {number}: the time goes back", "Sort the lines by time.")
    if not moments:
        raise InputError(f"the script {_shown(path)} is empty", _HEAD_FORM)
    return HeadPose(moments)


_HEAD_FORM: Final = "Write lines of: seconds heading [pitch [roll]], angles in degrees."


def _moment(words: list[str], place: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if not 2 <= len(numbers) <= 4:
        raise InputError(f"{place} is not understood", _HEAD_FORM)
    seconds, heading, pitch, roll = numbers + [0.0] * (4 - len(numbers))
    if not (0 <= seconds <= 1e7 and -360 <= heading <= 360 and -90 <= pitch <= 90 and -180 <= roll <= 180):
        raise InputError(
            f"{place} is out of range", "Seconds from 0, heading -360 to 360, pitch -90 to 90, roll -180 to 180."
        )
    return seconds, heading, pitch, roll


_Pieces = Iterator[NDArray[Any]]
"""Arrays of (frames, channels): int16 where the file has just that, else float64 from -1 to 1."""


def _read_samples(path: Path, content: bytes | None, max_s: int) -> Samples:
    """Those of a file, or of one of that name whose content is known."""
    soundfile = _soundfile()
    rate, pieces = _by_wave(path, content) if soundfile is None else _by_soundfile(path, content, soundfile)
    samples = _as_heard(path, rate, pieces, max_s)
    if len(samples) == 0:
        raise InputError(f"the recording {_shown(path)} is empty", "Give one that holds sound.")
    return samples


def _as_heard(path: Path, rate_hz: int, pieces: _Pieces, max_s: int = SOUND_MAX_S) -> Samples:
    resampler = Resampler(rate_hz) if rate_hz != RATE_HZ else None
    made: list[Samples] = []
    frames = 0
    for piece in pieces:
        frames += len(piece)
        if frames > max_s * rate_hz:
            long = f"{max_s // 3600} hours" if max_s >= 3600 else f"{max_s // 60} minutes"
            raise InputError(f"the recording {_shown(path)} is longer than {long}", "Cut it into shorter ones.")
        if piece.dtype == np.int16 and piece.shape[1] == 1 and resampler is None:
            made.append(piece[:, 0])
            continue
        unit = piece / 32768 if piece.dtype == np.int16 else np.nan_to_num(piece, posinf=1, neginf=-1)
        mono = unit.mean(axis=1)
        made.append(_quantised(mono if resampler is None else resampler.feed(mono)))
    if resampler is not None:
        made.append(_quantised(resampler.finish()))
    return np.concatenate(made) if made else np.empty(0, np.int16)


def _quantised(samples: NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _soundfile() -> Any | None:
    try:
        import soundfile  # noqa: PLC0415 - only where a recording is read
    except (ImportError, OSError):  # OSError: the library that it wraps is missing
        return None
    return soundfile


def _by_soundfile(path: Path, content: bytes | None, soundfile: Any) -> tuple[int, _Pieces]:
    try:
        source = soundfile.SoundFile(path if content is None else io.BytesIO(content))
    except soundfile.SoundFileError as error:
        raise _not_a_sound(path) from error
    _check_format(path, source.samplerate, source.channels)

    def pieces() -> _Pieces:
        kind = "int16" if source.subtype == "PCM_16" else "float64"
        with source:
            try:
                while len(piece := source.read(_PIECE_FRAMES, dtype=kind, always_2d=True)):
                    yield piece
            except soundfile.SoundFileError as error:
                raise InputError(f"the recording {_shown(path)} is damaged", "Give an intact file.") from error

    return source.samplerate, pieces()


def _by_wave(path: Path, content: bytes | None = None) -> tuple[int, _Pieces]:
    try:
        source = wave.open(str(path) if content is None else io.BytesIO(content), "rb")  # noqa: SIM115 - closed by the generator below
    except (wave.Error, EOFError, RuntimeError) as error:  # RuntimeError: chunks nested wrongly
        raise _not_a_sound(path, "; FLAC needs: pip install 'sidelight[transcribe]'") from error
    rate, channels, width = source.getframerate(), source.getnchannels(), source.getsampwidth()
    _check_format(path, rate, channels)

    def pieces() -> _Pieces:
        with source:
            while data := source.readframes(_PIECE_FRAMES):
                yield _from_pcm(data[: len(data) // (width * channels) * width * channels], width).reshape(-1, channels)

    return rate, pieces()


def _from_pcm(data: bytes, width: int) -> NDArray[Any]:
    """Little-endian PCM of 1 (unsigned), 2, 3 or 4 bytes a sample."""
    if width == 2:
        return np.frombuffer(data, "<i2").astype(np.int16)
    if width == 1:
        return (np.frombuffer(data, np.uint8) - 128.0) / 128
    padded = np.zeros((len(data) // width, 4), np.uint8)
    padded[:, 4 - width :] = np.frombuffer(data, np.uint8).reshape(-1, width)
    return padded.view("<i4")[:, 0] / float(1 << 31)


def _check_format(path: Path, rate_hz: int, channels: int) -> None:
    if not (_RATES_HZ[0] <= rate_hz <= _RATES_HZ[1] and 1 <= channels <= _CHANNELS_MAX):
        raise InputError(
            f"the recording {_shown(path)} has {channels} channels at {rate_hz} Hz, which cannot be played",
            "Convert it to 16 kHz mono.",
        )


def _not_a_sound(path: Path, more: str = "") -> InputError:
    return InputError(f"{_shown(path)} is not a recording that can be read", f"Give a WAV or FLAC file{more}.")


def _pictures_in(folder: Path) -> list[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"the folder {_shown(folder)} cannot be read: {error.strerror}", "Check that you may read it."
        ) from error
    found = [p for p in entries if p.suffix.lower() in PICTURE_SUFFIXES and not p.name.startswith(".")]
    if not found:
        raise InputError(f"the folder {_shown(folder)} holds no picture", "Put JPEG or PNG files into it.")
    return sorted(found, key=_natural)


def _natural(path: Path) -> list[str]:
    """Sort key that puts 2 before 10: text and numbers by turns."""
    return [part.zfill(20) if n % 2 else part for n, part in enumerate(re.split(r"([0-9]+)", path.name.lower()))]


def _check_picture(path: Path) -> None:
    """Read a picture's header and refuse what would be too large to decode."""
    _check_size(path, path.stat().st_size)
    _check_pixels(path)


def _check_size(path: Path, size: int) -> None:
    if size > PICTURE_MAX_BYTES:
        raise InputError(
            f"the picture {_shown(path)} is larger than {PICTURE_MAX_BYTES // 1_000_000} MB", "Give a smaller one."
        )


def _check_pixels(path: Path, content: bytes | None = None) -> None:
    with _opened(path, content) as image:
        if image.width * image.height > PICTURE_MAX_PIXELS:
            raise _too_many_pixels(path)


def _decode_picture(path: Path, content: bytes | None) -> Picture:
    with _opened(path, content) as image:
        image.draft("RGB", (1440, 1440))  # JPEG: decode at the smallest scale that still is enough
        try:
            upright = ImageOps.exif_transpose(image)
            return np.asarray(_opaque(upright))
        except (OSError, ValueError, SyntaxError) as error:
            raise InputError(f"the picture {_shown(path)} is damaged", "Give an intact file.") from error


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it is transparent."""
    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", above.size, "white"), above)
    return image.convert("RGB")


def _opened(path: Path, content: bytes | None = None) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            return Image.open(path if content is None else io.BytesIO(content), formats=PICTURE_FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InputError(
            f"{_shown(path)} is not a picture that can be read", "Give a JPEG, PNG, WebP, BMP, GIF or TIFF file."
        ) from error


def _too_many_pixels(path: Path) -> InputError:
    return InputError(
        f"the picture {_shown(path)} has more than {PICTURE_MAX_PIXELS // 1_000_000} million pixels",
        "Give a smaller one.",
    )


def _require_file(path: Path, what: str) -> None:
    """Refuse what is not a readable file, before any decoder sees it."""
    if not path.exists():
        raise InputError(f"the {what} {_shown(path)} does not exist", "Check the name.")
    if not path.is_file():
        raise InputError(f"{_shown(path)} is not a file", f"Give the {what} as a file.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise InputError(
            f"the {what} {_shown(path)} cannot be read: {error.strerror}", "Check that you may read it."
        ) from error
    if empty:
        raise InputError(f"the {what} {_shown(path)} is empty", "Give a file that holds something.")


def _shown(path: Path) -> str:
    """A file name as text for a message: control characters as escapes, so that it cannot steer a terminal."""
    text = str(path)
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
