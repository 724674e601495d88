"""Pictures of the emulated lens: one a sentence, a film of all, and nothing disturbed by them."""

from __future__ import annotations

import asyncio

import pytest
from PIL import Image

from firmware_bridge import Glasses, Scene, Text
from firmware_bridge.emulator import run_virtual
from host.app.lens_pictures import FILM, LensPictures, picture_name
from host.errors import UsageError
from host.events import Partial, Sentence

SENTENCE = Sentence(t=0, text="hello", start_s=0, end_s=1, language="en")


async def caption(glasses: Glasses, text: str) -> None:
    await glasses.show(Scene((Text(1, 20, 150, text),)))
    await asyncio.sleep(0.3)  # until it is lit


def test_a_sentence_is_pictured_when_the_lens_shows_it(tmp_path):
    heard = []

    async def show() -> None:
        async with Glasses.open("emulator:frame") as glasses:
            with LensPictures(glasses, tmp_path / "new" / "folder") as pictures:
                report = pictures.watching(heard.append)
                report(Partial(t=0, text="hel"))
                await caption(glasses, "hel")
                report(SENTENCE)
                await caption(glasses, "hello")
                await caption(glasses, "hello again")

    run_virtual(show())
    folder = tmp_path / "new" / "folder"
    assert [type(e).__name__ for e in heard] == ["Partial", "Sentence"]
    assert sorted(p.name for p in folder.iterdir()) == [picture_name(1), FILM]
    with Image.open(folder / picture_name(1)) as picture:
        assert picture.size == (640, 400)
        assert picture.convert("L").getextrema()[1] > 128
    with Image.open(folder / FILM) as film:
        assert film.n_frames >= 3


def test_a_sentence_that_changes_nothing_on_the_lens_is_pictured_at_the_end(tmp_path):
    async def show() -> None:
        async with Glasses.open("emulator:frame") as glasses:
            with LensPictures(glasses, tmp_path) as pictures:
                await caption(glasses, "hello")
                pictures.watching(lambda _event: None)(SENTENCE)

    run_virtual(show())
    with Image.open(tmp_path / picture_name(1)) as picture:
        assert picture.convert("L").getextrema()[1] > 128


def test_a_picture_that_cannot_be_written_does_not_stop_the_glasses(tmp_path):
    (tmp_path / picture_name(1)).mkdir()

    async def show() -> None:
        async with Glasses.open("emulator:frame") as glasses:
            with LensPictures(glasses, tmp_path) as pictures:
                pictures.watching(lambda _event: None)(SENTENCE)
                await caption(glasses, "hello")
                await caption(glasses, "and on")

    run_virtual(show())


def test_real_glasses_have_no_picture(tmp_path):
    async def open_film() -> None:
        with pytest.raises(UsageError, match="emulated glasses only"):
            LensPictures(Glasses.open("ble:Frame 4F"), tmp_path)

    run_virtual(open_film())
