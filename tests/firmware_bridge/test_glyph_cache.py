"""Host and glasses agree on the glyph cache: the host's Python against the real scene.lua."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lua_scene import LuaScene

from firmware_bridge.glyph_cache import SHARE, SLOT_BYTES, SLOTS, GlyphCache
from firmware_bridge.glyphs import Glyph
from firmware_bridge.messages import ForgetGlyphs, KeepGlyph, Order, Show, WriteGlyphs


def glyph(n: int, width: int = 24) -> Glyph:
    return Glyph(width, 8, 1, random.Random(n).randbytes(width))


ALPHABET = [glyph(n, 8 * (1 + n % 6)) for n in range(40)]
LARGEST = 48 + SLOT_BYTES
pictures = st.lists(st.sampled_from(ALPHABET), max_size=6, unique=True)


def begun(budget_bytes: int, cache_id: int = 7) -> GlyphCache:
    cache = GlyphCache()
    cache.begin(cache_id, round(budget_bytes / SHARE) + 1)
    return cache


def held(glasses: LuaScene, slots: dict[Glyph, int]) -> list[Glyph]:
    """What the glasses draw for these slots."""
    steps = b"".join(bytes((slot, 0, 0)) for slot in slots.values())
    glasses.obey(WriteGlyphs(0, 0, 0, 1, steps), Show(1))
    return [
        Glyph(width, len(data) * 8 // bits // width, bits, data) for _, _, _, width, bits, _, data in glasses.draw()
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(["show", "show", "show", "cut", "restart", "stranger"]), pictures, st.floats(0, 1)),
        max_size=25,
    ),
    st.integers(12 * LARGEST, 20 * LARGEST),
)
def test_after_anything_the_glasses_hold_what_the_host_believes(
    steps: list[tuple[str, list[Glyph], float]], budget: int
) -> None:
    """Orders are carried out in order; a lost link loses those at the end, a restart all, a stranger brings his own."""
    cache, glasses, number = GlyphCache(), LuaScene(), 0
    shown: list[Glyph] = []

    def connect() -> None:
        nonlocal number
        number += 1
        if not cache.resume(*glasses.cache):
            cache.begin(number, round(budget / SHARE) + 1)

    connect()
    for what, wanted, share in steps:
        orders, slots = cache.slots(wanted, shown)
        if what == "show":
            glasses.obey(*orders)
            cache.confirmed()
            shown = wanted
        else:
            glasses.obey(*orders[: round(share * len(orders))])
            if what == "restart":
                glasses = LuaScene()
            elif what == "stranger":
                glasses.obey(ForgetGlyphs(10**6), *(KeepGlyph(n, 8, 1, b"x") for n in range(1, 20)))
            connect()
            shown = []
            orders, slots = cache.slots(wanted, shown)
            glasses.obey(*orders)
            cache.confirmed()
            shown = wanted
        wanted_slots = {one: slots[one] for one in wanted}
        assert held(glasses, wanted_slots) == list(wanted_slots)
        assert not glasses.failed
    everything = cache.slots((), ALPHABET)[1]
    assert held(glasses, everything) == list(everything)


@given(st.lists(pictures, min_size=2, max_size=12), st.integers(12 * LARGEST, 14 * LARGEST))
def test_the_budget_is_kept_and_what_is_shown_stays(sequence: list[list[Glyph]], budget: int) -> None:
    cache = begun(budget)
    memory: dict[int, bytes] = {}
    shown: list[Glyph] = []
    where: dict[Glyph, int] = {}
    for wanted in sequence:
        orders, slots = cache.slots(wanted, shown)
        for order in orders:
            if isinstance(order, KeepGlyph):
                assert order.slot not in {where[one] for one in shown}
                memory[order.slot] = order.pixels
                assert sum(len(data) + SLOT_BYTES for data in memory.values() if data) <= cache.budget_bytes
        assert {memory[slots[one]] for one in wanted} == {one.data for one in wanted}
        shown, where = wanted, slots


def test_a_glyph_crosses_once() -> None:
    cache = begun(10**4)
    first, slots = cache.slots(ALPHABET[:8], ())
    assert [type(order) for order in first] == [ForgetGlyphs] + [KeepGlyph] * 8
    assert sorted(slots.values()) == list(range(1, 9))
    assert cache.slots(ALPHABET[:8], ALPHABET[:8]) == ([], slots)


def crossing(cache: GlyphCache, sequence: list[list[Glyph]]) -> int:
    """How many glyphs cross for these pictures, one after the other."""
    shown: list[Glyph] = []
    count = 0
    for wanted in sequence:
        count += sum(isinstance(order, KeepGlyph) and bool(order.pixels) for order in cache.slots(wanted, shown)[0])
        shown = wanted
    return count


def test_what_came_in_many_pictures_outlives_what_came_in_one() -> None:
    cache = begun(8 * (24 + SLOT_BYTES))
    often, rarely = [glyph(n) for n in range(3)], [glyph(n) for n in range(3, 6)]
    crossing(cache, [*([often, rarely[:1]] * 5), rarely[1:2], rarely[2:]])
    crossing(cache, [[glyph(100 + n)] for n in range(8)])
    kept = cache.slots((), [*often, *rarely])[1]
    assert set(often) <= kept.keys()
    assert not {*rarely[1:]} <= kept.keys()


def test_what_came_often_once_goes_in_the_end() -> None:
    cache = begun(8 * (24 + SLOT_BYTES))
    often = [glyph(n) for n in range(3)]
    crossing(cache, [often, []] * 20)
    crossing(cache, [[glyph(100 + n)] for n in range(300)])
    assert cache.slots((), often)[1] == {}


def test_what_stays_on_the_lens_does_not_count_again() -> None:
    cache = begun(20 * (24 + SLOT_BYTES))
    long = [glyph(n) for n in range(5)]
    crossing(cache, [*([long] * 50), *([glyph(100 + n)] for n in range(80))])
    assert len(cache.slots((), long)[1]) <= 1


def test_a_list_that_is_repeated_and_does_not_quite_fit_mostly_stays() -> None:
    cache = begun(40 * (24 + SLOT_BYTES))
    cycle = [[glyph(n)] for n in range(50)]
    crossing(cache, cycle * 3)
    assert crossing(cache, cycle * 10) < 500 * 0.45  # all 500 where that used longest ago goes; 100 at best


def test_a_large_glyph_empties_more_than_one_slot() -> None:
    cache = begun(4 * (8 + SLOT_BYTES))
    cache.slots([glyph(n, 8) for n in range(4)], [])
    orders, slots = cache.slots([glyph(9, 100)], [])
    changed = [(order.slot, len(order.pixels)) for order in orders if isinstance(order, KeepGlyph)]
    assert [size for _, size in changed] == [0, 0, 100]
    assert len({slot for slot, _ in changed}) == 3
    assert slots == {glyph(9, 100): changed[-1][0]}


def test_bitmaps_take_the_room_of_glyphs_that_nobody_shows() -> None:
    cache = begun(10 * (24 + SLOT_BYTES))
    some = [glyph(n) for n in range(10)]
    cache.slots(some, [])
    assert cache.fits(some[:4], 6 * (24 + SLOT_BYTES))
    assert not cache.fits(some[:4], 7 * (24 + SLOT_BYTES))
    orders, slots = cache.slots(some[8:9], some[9:], 10**6)
    assert {order.slot for order in orders if isinstance(order, KeepGlyph) and not order.pixels} == {*range(1, 9)}
    assert slots == {some[8]: 9, some[9]: 10}


def test_there_are_no_more_slots_than_a_byte_can_name() -> None:
    cache = begun(10**6)
    many = [Glyph(8, 2, 1, n.to_bytes(2, "big")) for n in range(600)]
    assert cache.fits(many[:SLOTS], 0)
    assert not cache.fits(many[: SLOTS + 1], 0)
    for at in range(0, 600, 100):
        orders, _ = cache.slots(many[at : at + 100], many[max(at - 100, 0) : at])
        assert all(1 <= order.slot <= 255 for order in orders if isinstance(order, KeepGlyph))


@pytest.mark.parametrize("large", [Glyph(256, 8, 1, bytes(256)), Glyph(200, 50, 1, bytes(1250))])
def test_what_is_too_large_for_a_slot_does_not_fit(large: Glyph) -> None:
    assert not begun(10**6).fits([large], 0)


def test_glasses_without_memory_get_no_glyphs() -> None:
    assert not begun(0).fits([glyph(1)], 0)
    assert GlyphCache().fits([], 0)


def test_a_failure_begins_another_cache_of_half_the_size() -> None:
    cache = begun(10**4)
    cache.slots([glyph(1)], [])
    before = cache.budget_bytes
    cache.restart(smaller=True)
    assert cache.budget_bytes == before // 2
    assert cache.empty
    orders: list[Order] = cache.slots([glyph(1)], [])[0]
    assert orders[0] == ForgetGlyphs(8)
    cache.restart(smaller=False)
    assert cache.budget_bytes == before // 2
