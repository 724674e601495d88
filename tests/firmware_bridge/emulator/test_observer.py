from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts_board import PartsBoard, call
from PIL import Image, ImageSequence

from firmware_bridge.emulator import observer
from firmware_bridge.emulator.display import SCAN_S, Display
from firmware_bridge.emulator.gif import GifWriter
from firmware_bridge.emulator.observer import LensFilm, png, save_png
from firmware_bridge.errors import InputError


def make() -> tuple[PartsBoard, Display]:
    board = PartsBoard()
    return board, Display(board)


def show(board: PartsBoard, display: Display, text: bytes, seconds: float, **options: Any) -> None:
    call(display.api(), "text", text, 20, 20, {key.encode(): value for key, value in options.items()})
    call(display.api(), "show")
    board.wait(seconds)


def frames(path: Path) -> list[tuple[int, np.ndarray]]:
    """(milliseconds, pixels) of each frame of a GIF."""
    with Image.open(path) as image:
        return [
            (frame.info.get("duration", 0), np.asarray(frame.convert("RGB"))) for frame in ImageSequence.Iterator(image)
        ]


def test_png_is_what_the_wearer_sees(tmp_path: Path) -> None:
    board, display = make()
    show(board, display, b"Hello", 1, color=b"ORANGE")
    save_png(display, tmp_path / "lens.png")
    with Image.open(tmp_path / "lens.png") as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), display.picture())
    with Image.open(io.BytesIO(png(display))) as image:
        assert image.size == (640, 400)


def test_a_film_has_every_change_for_as_long_as_it_stayed(tmp_path: Path) -> None:
    board, display = make()
    board.wait(0.5)
    with LensFilm(display, tmp_path / "lens.gif") as film:
        expected = [display.picture()]
        for text, seconds in ((b"one", 0.3), (b"two", 1.5), (b"three", 0.2)):
            show(board, display, text, seconds)
            expected.append(display.picture())
        call(display.api(), "show")
        board.wait(2)
    found = frames(tmp_path / "lens.gif")
    assert film.frames == len(found) == 5
    for (_, pixels), wanted in zip(found, [*expected, np.zeros_like(expected[0])], strict=True):
        assert np.array_equal(pixels, wanted)
    for (duration, _), lasted_ms in zip(found[1:4], (300, 1500, 200), strict=True):
        assert duration == pytest.approx(lasted_ms, abs=SCAN_S * 1000 + 10)
    assert sum(duration for duration, _ in found) == pytest.approx((display.time - 0.5) * 1000, abs=20)


def test_a_picture_shown_again_unchanged_is_no_frame(tmp_path: Path) -> None:
    board, display = make()
    with LensFilm(display, tmp_path / "lens.gif") as film:
        for _ in range(5):
            show(board, display, b"same", 0.2)
    assert film.frames == 2


def test_palette_and_power_save_are_changes_too(tmp_path: Path) -> None:
    board, display = make()
    with LensFilm(display, tmp_path / "lens.gif") as film:
        show(board, display, b"red?", 0.2)
        call(display.api(), "assign_color", b"WHITE", 255, 0, 0)
        board.wait(0.2)
        call(display.api(), "power_save", True)
        board.wait(0.2)
    found = frames(tmp_path / "lens.gif")
    assert film.frames == 4
    assert found[1][1].max(axis=(0, 1)).tolist() == [255, 255, 255]
    assert found[2][1][:, :, 0].max() > 2 * found[2][1][:, :, 1].max()
    assert found[3][1].max() == 0


def test_the_last_frame_is_seen(tmp_path: Path) -> None:
    board, display = make()
    with LensFilm(display, tmp_path / "lens.gif"):
        show(board, display, b"bye", 0.06)
    assert frames(tmp_path / "lens.gif")[-1][0] == pytest.approx(1000, abs=10)


def test_a_film_cut_off_by_a_crash_still_plays(tmp_path: Path) -> None:
    board, display = make()
    film = LensFilm(display, tmp_path / "lens.gif")
    for text in (b"one", b"two", b"three"):
        show(board, display, text, 0.5)
    film._file.flush()
    (tmp_path / "cut.gif").write_bytes((tmp_path / "lens.gif").read_bytes())
    film.close()
    film.close()
    assert len(frames(tmp_path / "cut.gif")) == 3


def test_a_film_ends_when_it_is_large_or_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(observer, "FILM_MAX_BYTES", 2000)
    board, display = make()
    with LensFilm(display, tmp_path / "lens.gif") as film:
        for n in range(20):
            show(board, display, b"captions %d" % n, 0.1)
    assert "reached" in film.ended
    assert film.frames < 20
    assert "ends early" in caplog.text

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with LensFilm(display, tmp_path / "other.gif") as film:
        monkeypatch.setattr(GifWriter, "add", full)
        show(board, display, b"more", 0.1)
        show(board, display, b"and more", 0.1)
    assert film.ended == "No space left on device"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    _, display = make()
    for attempt in (lambda: LensFilm(display, tmp_path), lambda: save_png(display, tmp_path / "no" / "lens.png")):
        with pytest.raises(InputError, match="cannot be written"):
            attempt()
    assert display.observers == []


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    sizes=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    count=st.integers(1, 6),
    change=st.floats(0, 1),
)
def test_any_frames_come_back(seed: int, sizes: tuple[int, int], count: int, change: float) -> None:
    rng = np.random.default_rng(seed)
    buffer = io.BytesIO()
    writer = GifWriter(buffer, sizes[1], sizes[0])
    indices = rng.integers(0, 16, sizes).astype(np.uint8)
    palette = rng.integers(0, 256, (16, 3)).astype(np.uint8)
    expected = []
    for number in range(count):
        writer.add(indices, palette, number + 2)
        expected.append((10 * (number + 2), palette[indices]))
        indices = np.where(rng.random(sizes) < change, rng.integers(0, 16, sizes), indices).astype(np.uint8)
        if rng.random() < change:
            palette = rng.integers(0, 256, (16, 3)).astype(np.uint8)
    writer.close()
    with Image.open(buffer) as image:
        found = [(f.info["duration"], np.asarray(f.convert("RGB"))) for f in ImageSequence.Iterator(image)]
    assert len(found) == len(expected)
    for (duration, pixels), (wanted_duration, wanted) in zip(found, expected, strict=True):
        assert duration == wanted_duration
        assert np.array_equal(pixels, wanted)
