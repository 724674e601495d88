"""Figures of a photo: light, blur in pixels, size of letters, and the advice that follows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from host.read.line import TextLine
from host.read.quality import Advice, Quality, advice, measure

ImageFilter = pytest.importorskip("PIL.ImageFilter")
Image = pytest.importorskip("PIL.Image")


def stripes(sigma=0.0, light=1.0):
    """Dark bars of 24 pixels on white, blurred and darkened."""
    picture = np.full((320, 320, 3), 255, np.uint8)
    picture[:, (np.arange(320) // 24) % 2 == 1] = 20
    image = Image.fromarray(picture).filter(ImageFilter.GaussianBlur(sigma))
    return np.rint(np.asarray(image) * light).astype(np.uint8)


@pytest.mark.parametrize("sigma", [1.5, 2.0, 3.0, 4.0])
def test_blur_is_measured_in_pixels(sigma):
    assert measure(stripes(sigma)).blur_px == pytest.approx(sigma, rel=0.25)


def test_sharp_is_below_a_pixel_and_the_light_does_not_matter():
    assert measure(stripes()).blur_px < 1.0
    assert measure(stripes(3.0, 0.3)).blur_px == pytest.approx(measure(stripes(3.0)).blur_px, rel=0.1)


def test_light_and_contrast():
    found = measure(stripes(light=0.5))
    assert found.light == pytest.approx(0.5, abs=0.01)
    assert found.contrast == pytest.approx(0.46, abs=0.01)


def test_a_wall_has_no_blur_to_measure():
    assert measure(np.full((100, 100, 3), 128, np.uint8)).blur_px is None


def test_the_largest_line_counts():
    corners = ((0, 0), (300, 0), (300, 60), (0, 60))
    small = TextLine("small", ((0, 200), (50, 200), (50, 210), (0, 210)))
    assert measure(stripes(), [small, TextLine("large", corners)]).text_px == 60


def quality(light=0.9, blur_px=0.7, text_px=40.0):
    return Quality(light, 0.8, blur_px, text_px)


def test_without_text_blur_counts_by_the_size_of_the_photo():
    assert advice(Quality(0.9, 0.8, 2.0, longest_px=720)) is Advice.HOLD_STILL
    assert advice(Quality(0.9, 0.8, 2.0, longest_px=3000)) is None
    assert measure(stripes()).longest_px == 320


def test_advice():
    assert advice(quality()) is None
    assert advice(quality(light=0.03)) is Advice.MORE_LIGHT
    assert advice(quality(blur_px=9.0)) is Advice.HOLD_STILL
    assert advice(quality(blur_px=9.0, text_px=None)) is Advice.HOLD_STILL
    assert advice(quality(text_px=9.0)) is Advice.CLOSER
    assert advice(quality(blur_px=None, text_px=None)) is None
    assert advice(quality(light=0.03, blur_px=9.0)) is Advice.MORE_LIGHT


@settings(deadline=None, max_examples=30)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_any_picture_has_figures(picture):
    found = measure(picture, [TextLine("x", ((-5, -5), (99, -5), (99, 99), (-5, 99)))])
    assert 0 <= found.contrast <= found.light <= 1
    assert found.blur_px is None or found.blur_px > 0
