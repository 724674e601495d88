"""Which glyph stands in which slot of the glasses' memory; pure.

The host decides and the glasses only store, so both agree without asking: every glyph of a cache is numbered, and the
answer to `Hello` names the cache and how many of its orders were carried out. What was lost with a link is then known
exactly; another cache, or none (restarted glasses, another program), begins a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firmware_bridge.glyphs import Glyph, PlacedGlyph
from firmware_bridge.messages import ForgetGlyphs, KeepGlyph, Order

__all__ = ["GlyphCache"]

SLOTS: Final = 255  # numbered from 1 in one byte
SLOT_BYTES: Final = 56  # in Lua's memory besides the pixels: a string's head 24, an entry in two tables 32
COUNT_MASK: Final = 0xFFFF
MAX_ID: Final = 0xFFFF_FFFF
MAX_WIDTH: Final = 255
MAX_DATA_BYTES: Final = 1024
SHARE: Final = 0.375
"""Of the memory that is free when the app has loaded: 24 of 64 KiB on the nominal Frame. A photo needs 20 KiB, a page
of lines as bitmaps 24; sound waits in the firmware's own memory."""


class GlyphCache:
    """The host's picture of the cache on the glasses; the glyphs used last stay longest.

    Attributes:
        budget_bytes: of the glasses' memory, slots and all.
    """

    def __init__(self) -> None:
        self.budget_bytes = 0
        self._id = 0  # of no cache
        self._told = False
        self._count = 0  # orders since the cache began
        self._slots: dict[Glyph, int] = {}  # used longest ago first
        self._unsure: list[tuple[int, Glyph | None]] = []  # slot, and what it held before, of orders not confirmed

    @property
    def empty(self) -> bool:
        """True while it holds no glyph."""
        return not self._slots

    def begin(self, cache_id: int, heap_bytes: int) -> None:
        """An empty cache on glasses with so much memory; the glasses are told with its first glyph.

        `cache_id`, 1 to 2^32-1, is unlike those of other programs and of this one's earlier caches.
        """
        self._id, self._told = cache_id, False
        self._count = 0
        self._slots.clear()
        self._unsure.clear()
        self.budget_bytes = int(heap_bytes * SHARE)

    def restart(self, *, smaller: bool) -> None:
        """The glasses may not hold what they should: begin another cache, of half the size where theirs was too big."""
        before = self.budget_bytes
        self.begin(self._id % MAX_ID + 1, 0)
        self.budget_bytes = before // 2 if smaller else before

    def resume(self, cache_id: int, count: int) -> bool:
        """What the glasses say of theirs after a lost link; True if it is ours, which then stands as they have it."""
        missing = self._count - count & COUNT_MASK
        if not self._id or cache_id != self._id or missing > len(self._unsure):
            return False
        self._told = True
        holds = {slot: glyph for glyph, slot in self._slots.items()}
        for _ in range(missing):
            slot, before = self._unsure.pop()
            self._count -= 1
            if (gone := holds.pop(slot, None)) is not None:
                del self._slots[gone]
            if before is not None:
                holds[slot] = before
                self._slots[before] = slot
        self._unsure.clear()
        return True

    def fits(self, placed: Iterable[PlacedGlyph]) -> bool:
        """Whether a picture of these glyphs leaves room for that of any other such picture."""
        glyphs = {one.glyph for one in placed}
        storable = all(g.width <= MAX_WIDTH and len(g.data) <= MAX_DATA_BYTES for g in glyphs)
        return storable and len(glyphs) <= SLOTS // 2 and sum(map(_cost, glyphs)) <= self.budget_bytes // 2

    def slots(self, wanted: Iterable[Glyph], shown: Iterable[Glyph]) -> tuple[list[Order], dict[Glyph, int]]:
        """Orders that bring every wanted glyph into the cache, and where all glyphs of both pictures are.

        Args:
            wanted: of the next picture, which `fits`.
            shown: of the picture on the lens, which must stay until the next is there.
        """
        wanted = dict.fromkeys(wanted)
        pinned = {*wanted, *shown}
        for glyph in wanted.keys() & self._slots.keys():
            self._slots[glyph] = self._slots.pop(glyph)
        orders: list[Order] = []
        for glyph in wanted:
            if glyph not in self._slots:
                orders += self._put(glyph, pinned)
        if orders and not self._told:
            self._told = True
            orders.insert(0, ForgetGlyphs(self._id))
        return orders, {glyph: self._slots[glyph] for glyph in pinned if glyph in self._slots}

    def confirmed(self) -> None:
        """The glasses have carried out all orders."""
        self._unsure.clear()

    def _put(self, glyph: Glyph, pinned: set[Glyph]) -> list[Order]:
        used = sum(map(_cost, self._slots))
        freed: list[tuple[int, Glyph | None]] = []
        while used + _cost(glyph) > self.budget_bytes or len(self._slots) >= SLOTS:
            oldest = next(old for old in self._slots if old not in pinned)
            freed.append((self._slots.pop(oldest), oldest))
            used -= _cost(oldest)
        if not freed:
            taken = set(self._slots.values())
            freed.append((next(n for n in range(1, SLOTS + 1) if n not in taken), None))
        self._count += len(freed)
        self._unsure += freed
        self._slots[glyph] = freed[-1][0]
        empty = [KeepGlyph(slot, 0, 0, b"") for slot, _ in freed[:-1]]
        return [*empty, KeepGlyph(freed[-1][0], glyph.width, glyph.bits, glyph.data)]


def _cost(glyph: Glyph) -> int:
    return len(glyph.data) + SLOT_BYTES
