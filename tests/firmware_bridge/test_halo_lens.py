"""Drawing on Halo, which is seen at once: only what changed is touched, and what is left is the picture asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge import Bitmap, Glasses, Glyph, Glyphs, PlacedGlyph, Rect, Scene, Text
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.scene import Item

PLACES = st.integers(0, 180)
COLOURS = st.sampled_from(["white", "red", "cloudblue"])
GLYPHS = st.sampled_from([Glyph(8, 4, 1, bytes((n, 255 - n, n * 7 % 256, 129))) for n in range(1, 6)])
TEXTS = st.text("abc xyz", min_size=1, max_size=9)


def placed(pieces: list[tuple[int, Glyph]]) -> tuple[PlacedGlyph, ...]:
    return tuple(PlacedGlyph(9 * n, y, glyph) for n, (y, glyph) in enumerate(pieces))


def items(number: int) -> st.SearchStrategy[Item]:
    """Anything that may lie on, under or across the others."""
    line = st.lists(st.tuples(st.integers(0, 6), GLYPHS), min_size=1, max_size=5).map(placed)
    sizes = st.sampled_from([0, 8, 24])
    return st.one_of(
        st.builds(Text, st.just(number), PLACES, PLACES, TEXTS, COLOURS, st.just(4), sizes),
        st.builds(Text, st.just(number), st.just(40), st.just(100), TEXTS, st.just("white")),  # grows, shrinks, changes
        st.builds(Rect, st.just(number), PLACES, PLACES, st.integers(8, 60), st.integers(1, 60), COLOURS),
        st.builds(Bitmap, st.just(number), PLACES, PLACES, st.just(8), st.just(1), st.binary(min_size=1, max_size=30)),
        st.builds(Glyphs, st.just(number), PLACES, PLACES, line, COLOURS),
        st.builds(Glyphs, st.just(number), st.just(50), st.just(90), line),
    )


@st.composite
def scenes(draw: Any) -> Scene:
    numbers = draw(st.sets(st.integers(1, 5), max_size=5))
    return Scene(tuple(draw(items(number)) for number in sorted(numbers)))


async def drawn(pictures: list[Scene], options: str = "") -> np.ndarray:
    """What lies in the display's memory at the end, corners included."""
    source = EmulatorSource(parse_uri(f"emulator:halo?{options}"))
    async with Glasses(source) as glasses:
        for scene in pictures:
            await glasses.show(scene)
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.3)
        return np.array(source.device.display.framebuffer())


@settings(max_examples=12, deadline=None)
@given(st.lists(scenes(), min_size=2, max_size=5))
def test_whatever_was_there_before_the_lens_shows_what_is_asked(pictures: list[Scene]) -> None:
    assert np.array_equal(run_virtual(drawn(pictures)), run_virtual(drawn(pictures[-1:])))


def test_damage_and_loss_on_the_way_change_no_pixel() -> None:
    pictures = [Scene(tuple(Text(n, 50, 40 + 20 * n, f"line {n} {step}") for n in range(1, 7))) for step in range(12)]
    clean = run_virtual(drawn(pictures[-1:]))
    faults = "faults=drop:0.05,corrupt:0.05,duplicate:0.05,reorder:0.05,delay:0.05"
    for options in (faults, f"{faults}&strict=1&slow=1", f"{faults}&firmware=later", f"{faults}&mtu=40"):
        assert np.array_equal(run_virtual(drawn(pictures, f"seed=4&{options}")), clean), options


def test_what_stays_is_never_dark_and_a_line_that_grows_keeps_its_letters() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo"))
        async with Glasses(source) as glasses:
            title = Text(1, 80, 60, "Title", "yellow")
            await glasses.show(Scene((title, Text(2, 60, 120, "Hello"))))
            await asyncio.sleep(0.3)
            display = source.device.display
            before = display.framebuffer().any(axis=2)
            rows = before[50:140].copy()
            touched: list[bool] = []
            inner = display._drawn

            def watched(pixels: int) -> None:
                touched.append(bool((rows & ~display.framebuffer()[50:140].any(axis=2)).any()))
                inner(pixels)

            display._drawn = watched  # type: ignore[method-assign]
            await glasses.show(Scene((title, Text(2, 60, 120, "Hello there"))))
            await asyncio.sleep(0.3)
            assert touched == [False]  # one call, for the letters that came
            assert display.framebuffer()[120:136, 60 + 6 * 16 :].any()

    run_virtual(main())


def test_it_is_dark_until_our_app_draws_and_whatever_was_there_goes() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo"))
        link = await source.connect(lambda _value: None, lambda _error: None)
        await link.write(b"frame.display.power_save(false) frame.display.text('somebody else', 60, 100)")
        await asyncio.sleep(0.5)
        assert source.device.display.picture().any()
        await link.disconnect()
        async with Glasses(source) as glasses:
            await asyncio.sleep(0.2)
            assert not source.device.display.picture().any()
            await glasses.show(Scene((Text(1, 60, 100, "ours"),)))
            await glasses.screen(on=False)
            await asyncio.sleep(0.3)
            assert not source.device.display.picture().any()
            await glasses.screen(on=True, brightness=2)
            await asyncio.sleep(0.3)
            assert source.device.display.picture().any()
            assert source.device.display.brightness == 100

    run_virtual(main())


@pytest.mark.parametrize(("kind", "count"), [("single", 1), ("double", 2), ("triple", 3)])
def test_a_double_tap_is_two_and_presses_are_told_apart(kind: str, count: int) -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo"))
        async with Glasses(source) as glasses:
            taps = glasses.taps()
            asyncio.get_running_loop().call_later(1, source.device.tap, kind)
            for after_s, held_s in ((4, 0.0), (6, -1.0), (8, 1.0)):
                asyncio.get_running_loop().call_later(after_s, source.device.press, held_s)
            found = [await anext(taps) for _ in range(count + 3)]
            assert found[count - 1].time_s - found[0].time_s < 0.05
            assert found[count].time_s - found[count - 1].time_s > 2
            assert [tap.button for tap in found] == [""] * count + ["single", "double", "long"]
            await taps.aclose()

    run_virtual(main())


def test_it_sleeps_until_its_button_is_pressed() -> None:
    async def main() -> None:
        source = EmulatorSource(parse_uri("emulator:halo"))
        async with Glasses(source) as glasses:
            await glasses.show(Scene((Text(1, 60, 100, "awake"),)))
            await glasses.sleep()
            assert not source.device.powered
            await asyncio.sleep(3)
            source.device.press(0.0)
            await asyncio.sleep(12)
            assert source.device.display.picture().any()

    run_virtual(main())
