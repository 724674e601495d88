"""Which of the cards that features have ready is on the lens; pure.

A feature puts its newest card on the stage; the stage says what is seen. What is asked for covers what runs, and
nothing covers a turn that is near. A card that is covered keeps the time that it still needs, and comes back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from host.lens.display_list import DisplayList, Item, RectItem
from host.lens.shape import FRAME, LensShape

__all__ = ["CORNER_IDS", "MAIN_IDS", "Box", "Card", "Rank", "Seen", "Stage", "dropped", "put", "seen"]

MAIN_IDS: Final = 200
"""Ids of a card's items, from 0; those of corners follow, and the last is the sign of recording."""

CORNER_IDS: Final = 27
"""Likewise of what is beside it; two such corners are seen at most."""

SIGN_ID: Final = 255
SIGN_PX: Final = 8
_NOTHING_S: Final = 1e-6  # less is left of a time by rounding


Box = tuple[int, int, int, int]


class Rank(IntEnum):
    """What goes before what; a card covers those of a lower rank."""

    FEATURE = 1
    """What runs: captions, a translation."""
    ANSWER = 2
    """What the wearer asked for: a price, a sign, the menu."""
    TURN = 3
    """A turn that is near."""
    WARNING = 4
    """What must be known before anything else: the charge is at its end."""


@dataclass(frozen=True, slots=True)
class Card:
    """What one source wants to be seen.

    Attributes:
        source: whose it is; it has one card at a time.
        picture: of it, with ids below `MAIN_IDS`, or `CORNER_IDS` where it is `beside`.
        rank: against those of others; of two of one rank the newer is seen.
        reading_s: seconds in sight after which it is done with; None: it stays until its source takes it away.
        until_s: the time after which it means nothing any more, in sight or not.
        box: what of the lens it takes: left, top, right, bottom; None for all of it.
        beside: it is a small thing in a corner, with a box, seen together with a card that leaves its box free.
    """

    source: str
    picture: DisplayList
    rank: Rank
    reading_s: float | None = None
    until_s: float = math.inf
    box: Box | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """The cards that there are.

    Attributes:
        cards: oldest first; each with the reading time that it still needs.
        quiet: what merely runs is not seen.
        recording: the lens shows that sound is recorded.
        shape: of the lens.
        now_s: the time up to which reading was counted.
    """

    cards: tuple[Card, ...] = ()
    quiet: bool = False
    recording: bool = False
    shape: LensShape = FRAME
    now_s: float = -math.inf


@dataclass(frozen=True, slots=True)
class Seen:
    """What is on the lens.

    Attributes:
        source: of the card; empty where there is none.
        picture: of it, of what is beside it, and the sign of recording.
        until_s: it changes by itself then, at the soonest; infinite where it does not.
    """

    source: str
    picture: DisplayList
    until_s: float


def put(stage: Stage, card: Card, now_s: float) -> Stage:
    """With this card instead of the one that its source had, which does not become newer by that."""
    stage = _passed(stage, now_s)
    before = next((one for one in stage.cards if one.source == card.source), None)
    if before is not None and before.rank == card.rank:
        return replace(stage, cards=tuple(card if one is before else one for one in stage.cards))
    return replace(stage, cards=(*_without(stage.cards, card.source), card))


def dropped(stage: Stage, source: str, now_s: float) -> Stage:
    """Without the card of a source."""
    stage = _passed(stage, now_s)
    return replace(stage, cards=_without(stage.cards, source))


def seen(stage: Stage, now_s: float) -> tuple[Stage, Seen]:
    """The stage at this time, and what is seen then."""
    stage = _passed(stage, now_s)
    top = _top(stage)
    items: list[Item] = [] if top is None else list(top.picture.items)
    at = MAIN_IDS
    for corner in (card for card in stage.cards if card.beside and not _hidden(stage, card)):
        if at + CORNER_IDS > SIGN_ID or (top is not None and _overlap(corner.box, top.box)):
            continue
        items += [_with_id(item, at + item.id) for item in corner.picture.items]
        at += CORNER_IDS
    if stage.recording:
        items.append(RectItem(SIGN_ID, *stage.shape.corner(SIGN_PX, SIGN_PX), SIGN_PX, SIGN_PX, "red"))
    ends = [card.until_s for card in stage.cards]
    if top is not None and top.reading_s is not None:
        ends.append(stage.now_s + top.reading_s)
    return stage, Seen("" if top is None else top.source, DisplayList(tuple(items)), min(ends, default=math.inf))


def _passed(stage: Stage, now_s: float) -> Stage:
    """Time goes on: it is taken from what the card in sight needs, and from the next when that is done with."""
    while stage.cards and stage.now_s < now_s:
        top = _top(stage)
        ends = [now_s, *(card.until_s for card in stage.cards)]
        if top is not None and top.reading_s is not None:
            ends.append(stage.now_s + top.reading_s)
        until_s = max(stage.now_s, min(ends))
        cards = tuple(_read(card, until_s - stage.now_s) if card is top else card for card in stage.cards)
        stage = replace(stage, now_s=until_s, cards=tuple(card for card in cards if _is_of_use(card, until_s)))
    now_s = max(stage.now_s, now_s)
    return replace(stage, now_s=now_s, cards=tuple(card for card in stage.cards if _is_of_use(card, now_s)))


def _read(card: Card, seconds: float) -> Card:
    return card if card.reading_s is None else replace(card, reading_s=card.reading_s - seconds)


def _is_of_use(card: Card, now_s: float) -> bool:
    return card.until_s > now_s and (card.reading_s is None or card.reading_s > _NOTHING_S)


def _top(stage: Stage) -> Card | None:
    """The card in sight: of the highest rank, and of these the newest."""
    shown = [card for card in stage.cards if not card.beside and not _hidden(stage, card)]
    return max(reversed(shown), key=lambda card: card.rank, default=None)


def _hidden(stage: Stage, card: Card) -> bool:
    return stage.quiet and card.rank is Rank.FEATURE


def _without(cards: Iterable[Card], source: str) -> tuple[Card, ...]:
    return tuple(card for card in cards if card.source != source)


def _overlap(one: Box | None, other: Box | None) -> bool:
    """Whether two boxes have a pixel in common; what has none takes all of the lens."""
    if one is None or other is None:
        return True
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _with_id(item: Item, number: int) -> Item:
    return replace(item, id=number)
