"""`sidelight bench power`: each feature beside an idle link, in virtual time."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("lupa")

from host.assistant.power import FRAME, HALO
from host.bench.power import current_ma
from host.cli import main


def test_the_makers_figures_hold_at_both_ends():
    assert current_ma(FRAME, 0, 0, 0) == (45.0, 80.0)
    assert current_ma(FRAME, 1, 1, 0) == (45.0, 100.0)
    assert current_ma(FRAME, 1, 0, 1) == (80.0, 100.0)
    assert current_ma(HALO, 0, 0, 0) == (10.0, 10.0)
    assert current_ma(HALO, 1, 0, 0) == (30.0, 30.0)
    low, high = current_ma(HALO, 0.5, 1, 0.1)
    assert low == high == pytest.approx(10 + 10 + 0.31 + 1.08)


def measured(capsys, only: str, *words: str) -> dict:
    assert main(["bench", "power", "--minutes", "0.2", "--only", only, "--json", *words]) == 0
    floor, row = (json.loads(line)["values"] for line in capsys.readouterr().out.splitlines())
    assert floor["feature"] == "idle link"
    assert (floor["lens_s"], floor["camera_s"], floor["microphone_s"]) == (0.0, 0.0, 0.0)
    assert floor["bytes"] < 500
    assert (floor["bytes_times_floor"], floor["current_times_floor"]) == (1.0, 1.0)
    return row


def test_captions_need_microphone_and_lens_and_no_camera(capsys):
    row = measured(capsys, "captions")
    assert (row["lens_s"], row["camera_s"]) == (60.0, 0.0)
    assert row["microphone_s"] == pytest.approx(60.0)
    assert row["bytes"] > 60 * 32_000  # 16 bit at 16 kHz
    assert row["bytes_times_floor"] > 1000
    assert (row["least_hours"], row["most_hours"]) == (2.1, 4.7)


def test_without_anything_to_see_or_hear_nothing_is_on(capsys):
    row = measured(capsys, "nothing runs")
    assert (row["lens_s"], row["camera_s"], row["microphone_s"]) == (0.0, 0.0, 0.0)
    assert row["bytes_times_floor"] < 4


def test_halo_s_sound_is_an_eighth(capsys):
    pytest.importorskip("lc3")
    row = measured(capsys, "captions, silence", "--device", "halo")
    assert 60 * 4_000 < row["bytes"] < 60 * 6_000
    assert row["least_ma"] == row["most_ma"]


@pytest.mark.parametrize("words", [("--minutes", "9"), ("--minutes", "nan"), ("--device", "neither")])
def test_what_cannot_be_measured_is_refused(capsys, words):
    assert main(["bench", "power", *words]) == 2
    assert f"error: argument {words[0]}" in capsys.readouterr().err
