"""Lines of glyphs on emulated glasses: what is seen, what crosses the link, and what becomes of both in trouble."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence

import glasses_end
import numpy as np
import pytest
from glasses_end import address, emulated, on_both, record, settle
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_glasses import ScriptedGlasses

from firmware_bridge import Bitmap, Glasses, Glyph, Glyphs, PlacedGlyph, Scene, Text
from firmware_bridge.emulator.board import LuaApiError
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.halo.display import VISIBLE
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.glyphs import pixels_of
from firmware_bridge.messages import Clear, Failed, ForgetGlyphs, KeepGlyph, Show, Strip, WriteGlyphs, WriteText

BACK_S = 8  # restarted glasses are found, and our app on them
HEAP_KIB = 150  # of the nominal Frame


def glyph(n: int, side: int = 30, bits: int = 1) -> Glyph:
    size = side * side * bits
    return Glyph(side, side, bits, (random.Random(n).getrandbits(size) << -size % 8).to_bytes(-(-size // 8), "big"))


def line(numbers: Sequence[int], row: int = 0, x: int = 5) -> Glyphs:
    side, step = (12, 13) if glasses_end.device == "halo" else (30, 32)
    return Glyphs(row, x, 60 * row, tuple(PlacedGlyph(step * k, n % 3, glyph(n, side)) for k, n in enumerate(numbers)))


def seen(source: EmulatorSource) -> np.ndarray:
    return np.asarray(source.device.display.indexed()[0])


def union(scene: Scene) -> np.ndarray:
    """Palette indices that must be seen of glyphs in white."""
    canvas = np.zeros((256, 256) if glasses_end.device == "halo" else (400, 640), np.uint8)
    for item in scene.items:
        assert isinstance(item, Glyphs)
        for one in item.placed:
            y, x = item.y + one.y, item.x + one.x
            part = canvas[y : y + one.glyph.height, x : x + one.glyph.width]
            np.maximum(part, pixels_of(one.glyph), out=part)
    return canvas * VISIBLE if glasses_end.device == "halo" else canvas


def sent(glasses: Glasses) -> int:
    assert glasses.session is not None
    return glasses.session.traffic.bytes_out


def test_what_is_seen_is_all_glyphs_over_one_another() -> None:
    """Letters that join, marks in the box of their letter, two bits a pixel."""
    joined = Glyphs(1, 20, 90, tuple(PlacedGlyph(11 * k, k % 5, glyph(k, 15 + k % 4)) for k in range(20)))
    marked = Glyphs(2, 7, 200, (PlacedGlyph(0, 9, glyph(50, 33)), PlacedGlyph(8, 0, glyph(51, 11)), *joined.placed[9:]))
    grey = Glyphs(3, 100, 300, (PlacedGlyph(0, 0, glyph(60, 21, 2)), PlacedGlyph(19, 1, glyph(61, 21, 2))))
    scene = Scene((joined, marked, grey))

    async def main() -> None:
        async with emulated() as (glasses, source):
            await glasses.show(scene)
            await settle()
            assert (seen(source) == union(scene)).all()

    run_virtual(main())


def test_glyphs_in_colour_move_and_go() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            red = Glyphs(1, 0, 350, (PlacedGlyph(0, 0, glyph(1)),), "red")
            await glasses.show(Scene((red, Text(2, 0, 0, "above"))))
            await settle()
            assert (seen(source)[350:380, :30] == 3 * pixels_of(glyph(1))).all()
            await glasses.show(Scene((Glyphs(1, 610, 370, red.placed, "red"),)))
            await settle()
            expected = np.zeros((400, 640), np.uint8)
            expected[370:, 610:] = 3 * pixels_of(glyph(1))
            assert (seen(source) == expected).all()
            await glasses.clear()
            await settle()
            assert not seen(source).any()

    run_virtual(main())


def test_a_glyph_crosses_the_link_once() -> None:
    async def main() -> None:
        async with emulated() as (glasses, _):
            cold = sent(glasses)
            await glasses.show(Scene((line(range(12)),)))
            cold = sent(glasses) - cold
            await settle()
            await glasses.clear()
            warm = sent(glasses)
            await glasses.show(Scene((line([3, 3, 1, 0, 7, 2, 11, 9, 4, 4, 5, 6]),)))
            warm = sent(glasses) - warm
            grown = sent(glasses)
            await glasses.show(Scene((line([3, 3, 1, 0, 7, 2, 11, 9, 4, 4, 5, 6, 8]),)))
            grown = sent(glasses) - grown
            assert cold > 12 * 113
            assert warm < 70
            assert grown < 30

    run_virtual(main())


@on_both
def test_after_a_lost_link_nothing_is_sent_again() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            await glasses.show(Scene((line(range(12)),)))
            await settle()
            source.faults.cut_now()
            await asyncio.sleep(3)
            before = sent(glasses)
            await glasses.show(Scene((line(range(12)), line(range(11, -1, -1), 1))))
            await settle()
            assert sent(glasses) - before < 70
            assert (seen(source) == union(Scene((line(range(12)), line(range(11, -1, -1), 1))))).all()

    run_virtual(main())


@on_both
@pytest.mark.parametrize("after", range(0, 24, 3))
def test_a_link_cut_anywhere_in_a_cold_line_is_mended(after: int) -> None:
    scene = Scene((line(range(12)), line(range(12, 30), 1), line(range(6, 24), 2)))

    async def main() -> None:
        async with emulated() as (glasses, source):
            await glasses.show(Scene((line(range(6)),)))
            asyncio.get_running_loop().call_later(after * 0.0025, source.faults.cut_now)
            await glasses.show(scene)
            await settle()
            assert (seen(source) == union(scene)).all()

    run_virtual(main())


@on_both
def test_restarted_glasses_and_another_program_are_noticed() -> None:
    scene = Scene((line(range(12)),))

    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        closing, source.close = source.close, settle
        first = Glasses(source)
        async with first:
            await first.show(scene)
            source.device.restart()
            await asyncio.sleep(BACK_S)
            assert (seen(source) == union(scene)).all()
            source.faults.cut_for(4)
            await asyncio.sleep(0.1)
        async with Glasses(source) as second:
            await second.show(Scene((line(range(40, 52)),)))
            await settle()
            assert (seen(source) == union(Scene((line(range(40, 52)),)))).all()
        async with Glasses(source) as third:
            await third.show(scene)
            await settle()
            assert (seen(source) == union(scene)).all()
        await closing()

    run_virtual(main())


def test_more_glyphs_than_the_glasses_have_room_for_are_shown_all_the_same() -> None:
    full = [
        Scene(tuple(line(range(at + 19 * row, at + 19 * row + 19), row) for row in range(6))) for at in (0, 200, 50)
    ]

    async def main() -> None:
        async with emulated() as (glasses, source):
            for scene in full:
                await glasses.show(scene)
                await settle()
                assert (seen(source) == union(scene)).all()

    run_virtual(main())


def test_glasses_with_little_memory_get_bitmaps() -> None:
    scene = Scene((line(range(6)),))

    async def main() -> None:
        source = EmulatorSource(parse_uri(address()))
        source.device.machine._heap_bytes = 88 * 1024
        source.device.restart()
        await asyncio.sleep(3)
        async with Glasses(source) as glasses:
            assert glasses.info.heap_bytes < 20_000
            before = sent(glasses)
            await glasses.show(scene)
            await asyncio.sleep(1)
            assert sent(glasses) - before > 190 * 30 // 8
            assert (seen(source) == union(scene)).all()

    run_virtual(main())


def test_a_full_cache_leaves_room_for_photo_and_sound() -> None:
    async def main() -> None:
        async with emulated() as (glasses, source):
            lost: list[str] = []

            async def watch() -> None:
                lost.extend([change.state async for change in glasses.states() if change.state != "quality"])

            for at in range(0, 180, 12):
                await glasses.show(Scene((line(range(at, at + 12)),)))
            others = [asyncio.create_task(watch()), asyncio.create_task(record(glasses, 60))]
            photo = asyncio.create_task(glasses.take_photo(resolution=400, exposures=0))
            while not photo.done():
                await glasses.show(Scene(tuple(line(range(60 + 9 * k, 72 + 9 * k), k) for k in range(5))))
                await asyncio.sleep(0.2)
                await glasses.show(Scene(tuple(line(range(90 + 9 * k, 102 + 9 * k), k) for k in range(5))))
                vm = source.device._luaport.vm
                assert vm is not None
                assert vm.heap_kib() < HEAP_KIB
            for other in others:
                other.cancel()
            await photo
            assert not lost
            assert glasses.lost_samples == 0

    run_virtual(main())


def test_glasses_with_another_cache_get_all_glyphs_again() -> None:
    """Even if they claim to show the very picture: its number may be a stranger's by chance."""

    async def main() -> None:
        source = ScriptedGlasses()  # says at every greeting that there is no cache
        source.on[Show] = lambda order: setattr(source, "shown", order.version)
        async with Glasses(source) as glasses:
            await glasses.show(Scene((line(range(3)),)))
            assert len(source.given(KeepGlyph)) == 3
            source.cut()
            await asyncio.sleep(2)
            assert source.connections == 2
            assert len(source.given(Clear)) == 2
            assert len(source.given(KeepGlyph)) == 6
            assert len({order.cache for order in source.given(ForgetGlyphs)}) == 2

    run_virtual(main())


# --- what fails on the glasses ----------------------------------------------------------------------------------


def failing(times: int, report: Failed) -> tuple[ScriptedGlasses, list[int]]:
    """Glasses on which this is reported for the first so many pictures; and how many were shown."""
    source = ScriptedGlasses()
    count = [0]

    def shown(_order: object) -> None:
        count[0] += 1
        if 1 < count[0] <= 1 + times:  # the first picture is the dark one that a session begins with
            source.report(report)

    source.on[Show] = shown
    return source, count


@pytest.mark.parametrize("code", [WriteText.CODE, Show.CODE, Strip.CODE, WriteGlyphs.CODE, KeepGlyph.CODE])
def test_a_picture_that_failed_on_the_glasses_is_sent_again_whole(code: int) -> None:
    scene = Scene((Text(1, 0, 0, "a line"), line(range(3), 2), Bitmap(3, 0, 200, 8, 1, bytes(8))))

    async def main() -> None:
        source, _ = failing(1, Failed(code, b"not enough memory"))
        async with Glasses(source) as glasses:
            await glasses.show(scene)
            await settle()
            assert len(source.given(WriteText)) == 2
            assert len(source.given(Strip)) == 2
            assert len(source.given(KeepGlyph)) == 6
            assert [order.id for order in source.given(WriteGlyphs)] == [2, 2]

    run_virtual(main())


def test_what_fails_always_is_not_sent_for_ever() -> None:
    async def main() -> None:
        source, count = failing(10**6, Failed(Show.CODE, b"not enough memory"))
        async with Glasses(source) as glasses:
            await glasses.show(Scene((Text(1, 0, 0, "a line"), Bitmap(3, 0, 200, 8, 1, bytes(8)))))
            await asyncio.sleep(30)
            first = count[0]
            assert first <= 8
            await glasses.show(Scene((Text(1, 0, 0, "another line"),)))
            await asyncio.sleep(30)
            assert count[0] - first <= 8

    run_virtual(main())


def test_the_failure_of_what_is_no_picture_sends_no_picture() -> None:
    async def main() -> None:
        source, count = failing(1, Failed(0x10, b"no brightness"))
        async with Glasses(source) as glasses:
            await glasses.show(Scene((Text(1, 0, 0, "a line"),)))
            await settle()
            assert count[0] == 2

    run_virtual(main())


def test_a_bitmap_that_finds_no_memory_once_is_there_in_the_end() -> None:
    scene = Scene((line(range(12)),))

    async def main() -> None:
        async with emulated() as (glasses, source):
            display = source.device.display
            original, failures = display._sprite, [0]

            def sprite(*args: object) -> None:
                if failures[0] < 1:
                    failures[0] += 1
                    raise LuaApiError("not enough memory")
                original(*args)  # type: ignore[arg-type]

            display._sprite = sprite  # type: ignore[method-assign]
            await glasses.show(scene)
            await settle()
            assert failures == [1]
            assert (seen(source) == union(scene)).all()

    run_virtual(main())


# --- anything in any order --------------------------------------------------------------------------------------

EVENTS = {
    "cut": lambda source: source.faults.cut_now(),
    "cut at the next order": lambda source: source.faults.next("down", "cut"),
    "cut at the next report": lambda source: source.faults.next("up", "cut"),
    "damage": lambda source: source.faults.next("down", "corrupt"),
    "loss": lambda source: source.faults.next("down", "lose"),
    "away": lambda source: source.faults.cut_for(1.5),
    "restart": lambda source: source.device.restart(),
}
rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 180), st.integers(1, 19)), max_size=5)
steps = st.lists(
    st.tuples(
        st.one_of(rows, rows, st.sampled_from(list(EVENTS))), st.sampled_from([0.0, 0.003, 0.01, 0.02, 0.05, 0.3, 2.0])
    ),
    max_size=20,
)


async def storm(script: list[tuple[list[tuple[int, int, int]] | str, float]]) -> None:
    scene = Scene()
    running: list[asyncio.Task[None]] = []
    async with emulated() as (glasses, source):
        for what, pause in script:
            if isinstance(what, str):
                EVENTS[what](source)
            else:
                scene = Scene(tuple({row: line(range(at, at + n), row) for row, at, n in what}.values()))
                running.append(asyncio.create_task(glasses.show(scene)))
            await asyncio.sleep(pause)
        async with asyncio.timeout(60):
            await asyncio.sleep(BACK_S)
            await glasses.show(scene)
            for task in running:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await settle()
        assert (seen(source) == union(scene)).all()


@settings(max_examples=6, deadline=None)
@given(steps)
def test_whatever_happens_the_lens_ends_as_asked(script: list[tuple[list[tuple[int, int, int]] | str, float]]) -> None:
    run_virtual(storm(script))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(steps)
def test_whatever_happens_the_lens_ends_as_asked_often(
    script: list[tuple[list[tuple[int, int, int]] | str, float]],
) -> None:
    run_virtual(storm(script))
