"""What the wearer sees of a trip: a card with arrow, distance, street and sketch, or only a small distance; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from host.lens.arrows import pointer, roundabout, sign
from host.lens.cards import MARGIN, FontOf
from host.lens.display_list import Colour, DisplayList, Glyph, GlyphItem, Item, PlacedGlyph
from host.lens.font import Font, Part
from host.lens.layout import fill, shortened, words_of
from host.navigate.guidance import Guidance
from host.navigate.line import turned_deg
from host.navigate.notices import Notice, said
from host.navigate.phrases import LANGUAGES, Units, distance, duration, instruction, then, where
from host.navigate.route import Maneuver, Route, Step
from host.navigate.sketch import Box, Sketch, drawn
from host.navigate.trip import Phase, Trip

__all__ = ["LICENCE", "Look", "choice", "far", "message", "near", "spoken"]

LICENCE: Final = "\u00a9 OpenStreetMap contributors"
"""Stands wherever something of the map does."""

NOW_M: Final = 3.0
"""Nearer than this it is to be done now: nobody says "0 m"."""

_SKETCH: Final = (208, 300)  # width and height of the sketch, at the right edge
_BESIDE: Final = 112  # left edge of what stands beside the sign
_STREET_Y, _THEN_Y, _NOTICE_Y, _LEFT_Y, _FOOT_Y = 112, 226, 268, 318, 360
_LINE: Final = 56  # from line to line of a street's name

_ICON, _DISTANCE, _STREET, _THEN, _NOTICE, _LEFT, _FOOT, _UP, _WAY = 0, 1, 2, 5, 6, 7, 8, 9, 10
_CHOICE: Final = 20
"""Ids of the items; a street has up to three lines, the sketch two items, and a list its lines from the last one on."""

_SIGNS: Final = {
    Maneuver.START: "straight",
    Maneuver.CONTINUE: "straight",
}
"""Of what has no sign of its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the wearer reads.

    Attributes:
        language: of what is said, ISO 639-1, perhaps with a region.
        units: of distances.
        font_of: finds the fonts.
        width: of the lens, pixels.
        height: of the lens, pixels; laid out for 400.
        ahead_m: how much of the way a sketch has.
    """

    language: str
    units: Units
    font_of: FontOf
    width: int
    height: int
    ahead_m: float


def spoken(step: Step, language: str) -> str:
    """What to do and where, as text: ours, or the router's own sentence in a language that we have no words for."""
    known = language.partition("-")[0].lower() in LANGUAGES
    return instruction(step, language) if known or not step.text else step.text


def near(
    trip: Trip,
    guidance: Guidance,
    look: Look,
    *,
    destination: str,
    notices: tuple[Notice, ...] = (),
    up_deg: float | None = None,
    arrives: str = "",
) -> DisplayList:
    """The card.

    Args:
        trip: that is being made.
        guidance: of it, newest.
        look: how the wearer reads.
        destination: what the next stop is called.
        notices: what else is to be said; the first has the place of what to do, if they are off the route.
        up_deg: which direction is up in the sketch; None for no sketch.
        arrives: when they will be there, as a time of the day.
    """
    items = [*_sign(_glyph_of(trip, guidance))]
    room = look.width - 2 * MARGIN - (_SKETCH[0] + MARGIN if up_deg is not None else 0)
    small = look.font_of(look.language, "small")
    if guidance.phase in {Phase.ON_ROUTE, Phase.APPROACHING} and guidance.distance_m >= NOW_M:
        told = distance(guidance.distance_m, look.units, look.language)
        items += _line(_DISTANCE, told, look.font_of("en", "large"), (_BESIDE, 16), room - _BESIDE + MARGIN)
    items += _street(_what(guidance, look, destination), look, room)
    if guidance.phase is Phase.ON_ROUTE and guidance.then is not None:
        items += _line(_THEN, then(guidance.then, look.language), small, (MARGIN, _THEN_Y), room, colour="skyblue")
    if notices:
        text = ", ".join(said(notice, look.language) for notice in notices)
        items += _line(_NOTICE, text, small, (MARGIN, _NOTICE_Y), room, colour="yellow")
    if guidance.phase is not Phase.ARRIVED:
        way = distance(guidance.remaining_m, look.units, look.language)
        left = (way, duration(guidance.remaining_s, look.language), arrives)
        items += _line(_LEFT, " \u00b7 ".join(filter(None, left)), small, (MARGIN, _LEFT_Y), room)
    if up_deg is not None:
        items += _sketched(trip, guidance, look, up_deg)
    items += _line(_FOOT, LICENCE, small, (MARGIN, _FOOT_Y), look.width - 2 * MARGIN, colour="grey")
    return DisplayList(tuple(items))


def far(guidance: Guidance, look: Look) -> DisplayList:
    """Between what is to be done: only how far it is, for what is on the lens is in the way of what is behind it."""
    told = distance(guidance.distance_m, look.units, look.language)
    room = look.width - 2 * MARGIN
    return DisplayList(tuple(_line(_DISTANCE, told, look.font_of("en", "normal"), (MARGIN, MARGIN), room)))


def message(name: str, text: str, look: Look, more: str = "") -> DisplayList:
    """A sign (one of `host.lens.arrows.SIGNS`), what it is about, and a line below; before there is a trip."""
    room = look.width - 2 * MARGIN
    items = [*_sign(sign(name)), *_street(text, look, room)]
    items += _line(_NOTICE, more, look.font_of(look.language, "small"), (MARGIN, _NOTICE_Y), room, colour="grey")
    return DisplayList(tuple(items))


def choice(query: str, titles: Sequence[str], marked: int, look: Look) -> DisplayList:
    """A numbered list of places, of which one is marked."""
    small, room = look.font_of(look.language, "small"), look.width - 2 * MARGIN
    pitch = small.height + 6
    most = (look.height - 2 * MARGIN) // pitch - 2  # without the head and the foot
    first = max(0, min(marked - most // 2, len(titles) - most))
    items = _line(_DISTANCE, query, small, (MARGIN, MARGIN), room, colour="skyblue")
    for row, number in enumerate(range(first, min(len(titles), first + most)), 1):
        text, at = f"{number + 1}  {titles[number]}", (MARGIN, MARGIN + row * pitch)
        colour: Colour = "yellow" if number == marked else "grey"
        items += _line(_CHOICE + row, text, look.font_of("", "small"), at, room, colour=colour)
    foot = look.height - MARGIN - small.height
    return DisplayList((*items, *_line(_FOOT, said(Notice.CHOOSE, look.language), small, (MARGIN, foot), room)))


def _what(guidance: Guidance, look: Look, destination: str) -> str:
    """What stands below the sign."""
    match guidance.phase:
        case Phase.WAITING:
            return said(Notice.NO_POSITION, look.language)
        case Phase.APPROACHING:
            return said(Notice.TO_THE_ROUTE, look.language)
        case Phase.OFF_ROUTE:
            return said(Notice.OFF_ROUTE, look.language)
        case Phase.TURNED_BACK:
            return said(Notice.TURNED_BACK, look.language)
    step = guidance.step
    if step.maneuver in {Maneuver.WAYPOINT, Maneuver.ARRIVE} and destination:
        arrived = guidance.phase is Phase.ARRIVED
        return f"{spoken(step, look.language)}: {destination}" if arrived else destination
    known = look.language.partition("-")[0].lower() in LANGUAGES
    ring = step.maneuver is Maneuver.ROUNDABOUT  # exits are counted, the sign has only the direction
    return where(step, look.language) if known and not ring else spoken(step, look.language)


def _glyph_of(trip: Trip, guidance: Guidance) -> Glyph:
    step = guidance.step
    match guidance.phase:
        case Phase.WAITING:
            return sign("no position")
        case Phase.OFF_ROUTE:
            return sign("off route")
        case Phase.TURNED_BACK:
            return sign("u-turn")
        case Phase.APPROACHING:
            known = guidance.facing_deg is not None
            return pointer(turned_deg(guidance.facing_deg or 0.0, guidance.ahead_deg)) if known else sign("off route")
    if step.maneuver is Maneuver.ROUNDABOUT:
        return roundabout(_leaves_deg(trip.route, step))
    return sign(_SIGNS.get(step.maneuver, step.maneuver.value))


def _leaves_deg(route: Route, ring: Step) -> float:
    """In which direction a roundabout is left: 0 is straight on, 90 to the right."""
    number = next(n for n, step in enumerate(route.steps) if step is ring)
    starts, line = (*route.starts_m, route.length_m), route.line
    reach_m = 10.0  # of the ways before and behind it
    before = line.direction_deg(max(0.0, starts[number] - reach_m), reach_m)
    return turned_deg(before, line.direction_deg(starts[number + 1], reach_m))


def _sketched(trip: Trip, guidance: Guidance, look: Look, up_deg: float) -> list[Item]:
    on_route = guidance.phase in {Phase.ON_ROUTE, Phase.ARRIVED}
    beside = None if on_route or trip.sight is None else trip.sight.place
    turns = tuple(cue.at_m for cue in trip.cues if cue.at_m >= guidance.along_m)
    box = Box(look.width - MARGIN - _SKETCH[0], MARGIN, *_SKETCH)
    items = drawn(Sketch(trip.route.line, guidance.along_m, up_deg, turns, look.ahead_m, beside), box, _WAY)
    if not guidance.by_heading:
        small, text = look.font_of(look.language, "small"), said(Notice.WALKING_DIRECTION, look.language)
        wide = min(small.width(small.shown(text)), look.width // 2)
        items += _line(_UP, text, small, (look.width - MARGIN - wide, _LEFT_Y), wide, colour="grey")
    return items


def _street(text: str, look: Look, room: int) -> list[Item]:
    """What stands below the sign, in two large lines or three small ones."""
    font, most = look.font_of("", "normal"), 2
    lines = fill(words_of(text, font, room), font, room)
    if len(lines) > most:
        font, most = look.font_of("", "small"), 3
        lines = fill(words_of(text, font, room), font, room)
    if len(lines) > most:
        rest = shortened(text, font, room * most)
        lines = fill(words_of(rest, font, room), font, room)[:most]
    pitch = _LINE if most == 2 else font.height + 6
    found: list[Item] = []
    for number, words in enumerate(lines):
        if words:
            found += font.line([Part(_STREET + number, words)], MARGIN, _STREET_Y + number * pitch, room)
    return found


def _line(
    item_id: int, text: str, font: Font, at: tuple[int, int], room: int, *, colour: Colour = "white"
) -> list[Item]:
    """One line, its end cut off where it is too long; nothing for no text."""
    words = font.words(shortened(text, font, room))
    return font.line([Part(item_id, words, colour)], *at, room) if words else []


def _sign(glyph: Glyph) -> tuple[Item, ...]:
    return (GlyphItem(_ICON, MARGIN, MARGIN, (PlacedGlyph(0, 0, glyph),)),)
