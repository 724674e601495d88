"""Which glyph stands in which slot of the glasses' memory; pure.

The host decides and the glasses only store, so both agree without asking: every glyph of a cache is numbered, and the
answer to `Hello` names the cache and how many of its orders were carried out. What was lost with a link is then known
exactly; another cache, or none (restarted glasses, another program), begins a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from random import Random
from typing import Final

from firmware_bridge.glyphs import Glyph
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

MOST_LIVES: Final = 8
"""Pictures that count for a glyph. Of Chinese texts (1000 lines of a system's messages, a cache of 60 to 125
characters) 4 to 9 % fewer glyphs cross than where that used longest ago goes, of a list that is repeated 11 to 53 %;
more lives gain nothing."""


class GlyphCache:
    """The host's picture of the cache on the glasses.

    What goes is drawn by lot, so that no order of texts is the worst one; each picture that a glyph came in saves it
    once.

    Attributes:
        budget_bytes: of the glasses' memory, slots and all; the bitmaps of the scene count too.
    """

    def __init__(self) -> None:
        self.budget_bytes = 0
        self._id = 0  # of no cache
        self._told = False
        self._count = 0  # orders since the cache began
        self._slots: dict[Glyph, int] = {}
        self._lives: dict[Glyph, int] = {}  # 1 to `MOST_LIVES`, of each of these
        self._lot = Random(0)  # noqa: S311 - repeatable on purpose
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
        self._lives.clear()
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
                del self._slots[gone], self._lives[gone]
            if before is not None:
                holds[slot] = before
                self._slots[before], self._lives[before] = slot, 1
        self._unsure.clear()
        return True

    def fits(self, glyphs: Collection[Glyph], bitmap_bytes: int) -> bool:
        """Whether all of these can be kept at a time, beside bitmaps of the scene."""
        storable = all(glyph.width <= MAX_WIDTH and len(glyph.data) <= MAX_DATA_BYTES for glyph in glyphs)
        room = self.budget_bytes - bitmap_bytes
        return storable and len(glyphs) <= SLOTS and sum(map(_cost, glyphs)) <= room

    def slots(
        self, wanted: Iterable[Glyph], shown: Iterable[Glyph], bitmap_bytes: int = 0
    ) -> tuple[list[Order], dict[Glyph, int]]:
        """Orders that bring every wanted glyph into the cache, and where all glyphs of both pictures are.

        Args:
            wanted: of the next picture.
            shown: of the picture on the lens, which must stay until the next is there; all `fits` together.
            bitmap_bytes: of the scene, for which glyphs that nobody shows make room.
        """
        wanted = dict.fromkeys(wanted)
        shown = set(shown)
        pinned = shown | wanted.keys()
        for glyph in wanted.keys() & self._slots.keys() - shown:
            self._lives[glyph] = min(MOST_LIVES, self._lives[glyph] + 1)
        room = self.budget_bytes - bitmap_bytes
        orders: list[Order] = [KeepGlyph(slot, 0, 0, b"") for slot in self._freed(room, SLOTS, pinned)]
        for glyph in wanted:
            if glyph not in self._slots:
                orders += self._put(glyph, room, pinned)
        if orders and not self._told:
            self._told = True
            orders.insert(0, ForgetGlyphs(self._id))
        return orders, {glyph: self._slots[glyph] for glyph in pinned if glyph in self._slots}

    def confirmed(self) -> None:
        """The glasses have carried out all orders."""
        self._unsure.clear()

    def _put(self, glyph: Glyph, room: int, pinned: set[Glyph]) -> list[Order]:
        freed = self._freed(room - _cost(glyph), SLOTS - 1, pinned)
        if freed:
            slot = freed.pop()  # what it held is noted already
        else:
            taken = set(self._slots.values())
            slot = next(n for n in range(1, SLOTS + 1) if n not in taken)
            self._note(slot, None)
        self._slots[glyph], self._lives[glyph] = slot, 1
        empty = [KeepGlyph(slot, 0, 0, b"") for slot in freed]
        return [*empty, KeepGlyph(slot, glyph.width, glyph.bits, glyph.data)]

    def _freed(self, room: int, slots: int, pinned: set[Glyph]) -> list[int]:
        """Slots of glyphs that must go, as far as they may, for the others to take no more than this."""
        used = sum(map(_cost, self._slots))
        free = [glyph for glyph in self._slots if glyph not in pinned]
        freed = []
        while free and (used > room or len(self._slots) > slots):
            k = self._lot.randrange(len(free))
            glyph = free[k]
            self._lives[glyph] -= 1
            if self._lives[glyph] == 0:
                free[k] = free[-1]
                free.pop()
                del self._lives[glyph]
                freed.append(self._slots.pop(glyph))
                self._note(freed[-1], glyph)
                used -= _cost(glyph)
        return freed

    def _note(self, slot: int, before: Glyph | None) -> None:
        """The next order changes this slot, which holds `before`."""
        self._count += 1
        self._unsure.append((slot, before))


def _cost(glyph: Glyph) -> int:
    return len(glyph.data) + SLOT_BYTES
