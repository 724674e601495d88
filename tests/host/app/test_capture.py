"""Photos of the emulated Frame's camera until one can be read: advice, tries, stage times, lost links, its sleep."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")

from drawn_photos import TAG, photo  # noqa: E402 - needs Pillow
from glasses_end import emulated  # noqa: E402
from sign_parts import ScriptedReader, rows  # noqa: E402

from firmware_bridge.emulator.clock import run_virtual  # noqa: E402
from host.app.capture import TRIES, capture  # noqa: E402
from host.errors import BackendError  # noqa: E402
from host.read.quality import Advice  # noqa: E402


@pytest.fixture
def tag(tmp_path):
    Image.fromarray(photo(TAG)).save(tmp_path / "tag.png")
    return tmp_path / "tag.png"


@pytest.fixture
def night(tmp_path):
    Image.fromarray(photo(TAG) // 60).save(tmp_path / "night.png")
    return tmp_path / "night.png"


def captured(camera, reader, **options):
    """The shot, what was said, and every shot that was reported."""
    said, shots = [], []

    async def say(advice):
        said.append(advice)

    async def taken():
        said.append("taken")

    async def main():
        async with emulated(camera=camera, **options) as (glasses, source):
            shot = await capture(glasses, reader, say=say, taken=taken, report=shots.append)
            await asyncio.sleep(0.1)
            assert source.device.camera.asleep
            return shot

    return run_virtual(main()), said, shots


def test_a_good_photo_is_taken_once_and_its_stages_are_timed(tag):
    reader = ScriptedReader([rows("TOMATO SOUP", "29.90")], takes_s=1.5)
    shot, said, shots = captured(tag, reader)
    assert shot.reading.text == "TOMATO SOUP\n\n29.90"
    assert said == [Advice.HOLD_STILL, "taken"]
    assert shots == [shot]
    assert shot.attempt == 1
    assert shot.seconds["read"] >= 1.5
    assert 1.1 < shot.seconds["photo"] < 6  # a second of exposure, and tens of kilobytes
    assert [seen.shape for seen in reader.seen] == [(720, 720, 3)]


def test_what_the_wearer_can_do_is_said_before_each_other_photo(night):
    shot, said, shots = captured(night, ScriptedReader([[]]))
    assert said == [Advice.HOLD_STILL, "taken", Advice.MORE_LIGHT, "taken", Advice.MORE_LIGHT, "taken"]
    assert [s.attempt for s in shots] == [1, 2, 3] == list(range(1, TRIES + 1))
    assert shot.reading.advice is Advice.MORE_LIGHT


def test_the_best_of_bad_photos_is_kept(night):
    reader = ScriptedReader([rows("TOM", confidence=0.5), rows("TOMATO SO", confidence=0.6), rows("T", confidence=0.4)])
    shot, _, shots = captured(night, reader)
    assert len(shots) == TRIES
    assert shot.attempt == 2


def test_one_that_can_be_read_in_spite_of_its_figures_is_good_enough(night):
    _, said, _ = captured(night, ScriptedReader([rows("TOMATO SOUP")]))
    assert said == [Advice.HOLD_STILL, "taken"]


def test_nothing_to_read_and_nothing_to_say_of_the_photo_is_no_reason_for_another(tag):
    shot, _, shots = captured(tag, ScriptedReader([[]]))
    assert (len(shots), shot.again) == (1, None)


@pytest.mark.parametrize("after_s", [0.3, 1.4])  # while it is exposed, and while it is sent
def test_a_link_that_is_lost_during_the_photo_resumes_it(tag, after_s):
    reader = ScriptedReader([rows("TOMATO SOUP")])
    begun = []

    async def ready():
        async with emulated(camera=tag):
            begun.append(asyncio.get_running_loop().time())

    run_virtual(ready())
    shot, said, _ = captured(tag, reader, cut=f"{begun[0] + after_s}:2")
    assert said == [Advice.HOLD_STILL, "taken"]
    assert shot.seconds["photo"] > 3
    assert reader.seen[0].shape == (720, 720, 3)
    assert np.ptp(reader.seen[0]) > 100


def test_a_reader_that_fails_is_an_error_and_the_camera_sleeps(tag):
    with pytest.raises(BackendError, match="no answer"):
        captured(tag, ScriptedReader([BackendError("no answer")]))


@pytest.mark.parametrize("after_s", [0.05, 0.6, 1.3, 1.6, 2.0])
def test_cancelled_at_any_moment_the_camera_sleeps_within_three_seconds(tag, after_s):
    async def main():
        async with emulated(camera=tag) as (glasses, source):
            taking = asyncio.create_task(
                capture(
                    glasses,
                    ScriptedReader([[]], takes_s=9),
                    say=lambda _advice: asyncio.sleep(0),
                    taken=lambda: asyncio.sleep(0),
                    report=lambda _shot: None,
                )
            )
            await asyncio.sleep(after_s)
            taking.cancel()
            await asyncio.wait({taking})
            await asyncio.sleep(3)
            assert source.device.camera.asleep

    run_virtual(main())


def test_the_camera_sleeps_while_its_picture_is_fetched(tag):
    async def main():
        async with emulated(camera=tag) as (glasses, source):
            taking = asyncio.create_task(glasses.take_photo())
            await asyncio.sleep(0.5)
            assert not source.device.camera.asleep
            await asyncio.sleep(0.85)
            assert source.device.camera.asleep
            assert not taking.done()
            assert len((await taking).jpeg) > 10_000

    run_virtual(main())
