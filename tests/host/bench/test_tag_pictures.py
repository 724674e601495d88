"""Made-up tags as photos: what is drawn is there, what spoils it is computed."""

from __future__ import annotations

import argparse
from decimal import Decimal

import numpy as np
import pytest

pytest.importorskip("PIL", reason="draws with Pillow: pip install 'sidelight[read]'")

from host.bench import price
from host.bench.tags.legible import legible
from host.bench.tags.picture import SIDE, Condition, photographed
from host.bench.tags.spec import Drawing, Print

TAG = Drawing(
    width=300,
    height=160,
    prints=(
        Print(text="29", role="price", left=40, top=50, width=80, height=60, face="lcd"),
        Print(text="90", role="cents", left=140, top=50, width=40, height=30, face="lcd"),
        Print(text="19.90", role="was", left=20, top=15, width=60, height=20, struck=True),
    ),
)


@pytest.mark.parametrize("condition", list(Condition))
def test_a_photo_is_of_frames_size_and_repeatable(condition):
    one, same = (photographed(TAG, condition, 4) for _ in range(2))
    assert one.picture.shape == (SIDE, SIDE, 3)
    assert np.array_equal(one.picture, same.picture)
    assert one.seen == same.seen


def test_the_smallest_figures_of_the_price_count():
    seen = photographed(TAG, Condition.GOOD, 4).seen
    shown = 380 / 300 * 30, 640 / 300 * 30  # the cents, in tags of 380 to 640 pixels
    assert shown[0] * 0.9 < seen.height < shown[1]
    assert seen.contrast == pytest.approx(230, abs=1)  # ink 20 on ground 250
    assert legible(seen)


def test_spoiling_is_seen():
    good = photographed(TAG, Condition.GOOD, 4)
    assert photographed(TAG, Condition.SMALL, 4).seen.height < good.seen.height
    assert photographed(TAG, Condition.BLUR, 4).seen.blur > good.seen.blur
    dark = photographed(TAG, Condition.DARK, 4)
    assert dark.picture.mean() < good.picture.mean() / 2
    assert dark.seen.contrast < good.seen.contrast / 2


def test_a_hidden_figure_is_legible_for_nobody():
    good, hidden = (photographed(TAG, condition, 4) for condition in (Condition.GOOD, Condition.HIDDEN))
    assert not legible(hidden.seen)
    assert (abs(good.picture.astype(int) - hidden.picture).max(axis=2) > 60).sum() > 100


def test_a_line_goes_through_an_old_price():
    plain = Drawing(TAG.width, TAG.height, (*TAG.prints[:2], Print(
        text="19.90", role="was", left=20, top=15, width=60, height=20)))  # fmt: skip
    struck, whole = (photographed(tag, Condition.GOOD, 4).picture.astype(int) for tag in (TAG, plain))
    assert (abs(struck - whole).max(axis=2) > 100).sum() > 30


def test_generated_tags_are_counted_by_what_is_wrong_with_them(tmp_path, monkeypatch):
    pytest.importorskip("rapidocr")
    pytest.importorskip("zxingcpp")
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    parser = argparse.ArgumentParser()
    price.add_arguments(parser)
    lines = []
    first, second, total = price.run(parser.parse_args(["--generated", "2", "--tuning"]), lines.append)
    assert (first["condition"], second["condition"]) == ("good", "small")
    assert Decimal(first["expected"].split()[0]) > 0
    assert total["conditions"]["all"]["photos"] == total["photos"] == 2
    assert any(line.startswith("good ") for line in lines)
