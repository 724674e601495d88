"""What the wearer sees of a trip: a card with arrow, distance, street and sketch, or only a small distance; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from host.lens.arrows import SIZE, pointer, roundabout, sign
from host.lens.cards import FontOf
from host.lens.display_list import Colour, DisplayList, Glyph, GlyphItem, Item, PlacedGlyph
from host.lens.font import Font, Part
from host.lens.layout import fill, shortened, words_of
from host.lens.pages import foot
from host.lens.shape import LensShape
from host.navigate.guidance import Guidance
from host.navigate.line import turned_deg
from host.navigate.notices import Notice, said
from host.navigate.phrases import LANGUAGES, Units, distance, duration, instruction, then, where
from host.navigate.route import Maneuver, Route, Step
from host.navigate.sketch import Box, Pen, Sketch, drawn
from host.navigate.trip import Phase, Trip

__all__ = ["LICENCE", "Look", "choice", "far", "message", "near", "spoken"]

LICENCE: Final = "\u00a9 OpenStreetMap contributors"
"""Stands wherever something of the map does."""

SHORT_LICENCE: Final = "\u00a9 OpenStreetMap"
"""Stands where there is no room for more."""

NOW_M: Final = 3.0
"""Nearer than this it is to be done now: nobody says "0 m"."""

_ICON, _DISTANCE, _STREET, _THEN, _NOTICE, _LEFT, _FOOT, _UP, _WAY = 0, 1, 2, 5, 6, 7, 8, 9, 10
_CHOICE: Final = 20
"""Ids of the items; a street has up to three lines, the sketch two items, and a list its lines from the last one on."""

_SIGNS: Final = {
    Maneuver.START: "straight",
    Maneuver.CONTINUE: "straight",
}
"""Of what has no sign of its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrangement:
    """Where things stand on a lens, in pixels; tops where it is not said otherwise.

    Attributes:
        sign: left edge, top, and how large.
        distance: its left edge, beside the sign, and its top.
        street: of what is to be done.
        pitch: from line to line of a street's name in two lines.
        tight: between its three small ones, and in lists.
        after: of what comes then.
        notice: of what else is to be said.
        up: of which direction is up in the sketch.
        left: of the rest of the way.
        foot: of the licence.
        far: of the distance that is shown alone.
        sketch: where it is.
        pen: what it is drawn with.
        middle: whether what stands above and below everything else stands in the middle.
    """

    sign: tuple[int, int, int]
    distance: tuple[int, int]
    street: int
    pitch: int
    tight: int
    after: int
    notice: int
    up: int
    left: int
    foot: int
    far: int
    sketch: Box
    pen: Pen
    middle: bool


_WIDE: Final = _Arrangement(
    sign=(8, 8, SIZE),
    distance=(112, 16),
    street=112,
    pitch=56,
    tight=6,
    after=226,
    notice=268,
    up=318,
    left=318,
    foot=360,
    far=8,
    sketch=Box(424, 8, 208, 300),
    pen=Pen(),
    middle=False,
)
"""On a lens of 640 x 400 pixels."""

_ROUND: Final = _Arrangement(
    sign=(54, 26, 56),
    distance=(116, 42),
    street=88,
    pitch=24,
    tight=4,
    after=148,
    notice=166,
    up=166,
    left=184,
    foot=203,
    far=8,
    sketch=Box(160, 78, 82, 100),
    pen=Pen(dot=4, apart=6.5, turn=9, end=11, you=13),
    middle=True,
)
"""In a circle of 256 pixels: the sketch is at the right, where rows are longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the wearer reads.

    Attributes:
        language: of what is said, ISO 639-1, perhaps with a region.
        units: of distances.
        font_of: finds the fonts.
        shape: of the lens: 640 x 400 pixels, or a circle of 256.
        ahead_m: how much of the way a sketch has.
    """

    language: str
    units: Units
    font_of: FontOf
    shape: LensShape
    ahead_m: float

    @property
    def arranged(self) -> _Arrangement:
        """Where things stand."""
        return _ROUND if self.shape.round else _WIDE


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
    at, sketched = look.arranged, up_deg is not None
    items = [*_sign(_glyph_of(trip, guidance, at.sign[2]), at)]
    small = look.font_of(look.language, "small")
    if guidance.phase in {Phase.ON_ROUTE, Phase.APPROACHING} and guidance.distance_m >= NOW_M:
        told = distance(guidance.distance_m, look.units, look.language)
        font, (x, y) = look.font_of("en", "large"), at.distance
        left, room = _row(y, font, look, sketched=sketched)
        items += _line(_DISTANCE, told, font, (x, y), left + room - x)
    items += _street(_what(guidance, look, destination), look, sketched=sketched)
    if guidance.phase is Phase.ON_ROUTE and guidance.then is not None:
        items += _text(
            _THEN, then(guidance.then, look.language), small, at.after, look, sketched=sketched, colour="skyblue"
        )
    if notices:
        text = ", ".join(said(notice, look.language) for notice in notices)
        items += _text(_NOTICE, text, small, at.notice, look, sketched=sketched, colour="yellow")
    if guidance.phase is not Phase.ARRIVED:
        way = distance(guidance.remaining_m, look.units, look.language)
        rest = (way, duration(guidance.remaining_s, look.language), arrives)
        items += _edge(_LEFT, " \u00b7 ".join(filter(None, rest)), small, at.left, look, sketched=sketched)
    if up_deg is not None:
        items += _sketched(trip, guidance, look, up_deg)
        if not guidance.by_heading and not (notices and at.up == at.notice):
            items += _up(look)
    room = _row(at.foot, small, look)[1]
    licence = LICENCE if small.width(small.shown(LICENCE)) <= room else SHORT_LICENCE
    items += _edge(_FOOT, licence, small, at.foot, look, colour="grey")
    return DisplayList(tuple(items))


def far(guidance: Guidance, look: Look) -> DisplayList:
    """Between what is to be done: only how far it is, for what is on the lens is in the way of what is behind it."""
    told = distance(guidance.distance_m, look.units, look.language)
    return DisplayList(tuple(_edge(_DISTANCE, told, look.font_of("en", "normal"), look.arranged.far, look)))


def message(name: str, text: str, look: Look, more: str = "") -> DisplayList:
    """A sign (one of `host.lens.arrows.SIGNS`), what it is about, and a line below; before there is a trip."""
    at = look.arranged
    items = [*_sign(sign(name, at.sign[2]), at), *_street(text, look)]
    items += _text(_NOTICE, more, look.font_of(look.language, "small"), at.notice, look, colour="grey")
    return DisplayList(tuple(items))


def choice(query: str, titles: Sequence[str], marked: int, look: Look) -> DisplayList:
    """A numbered list of places, of which one is marked."""
    small, top, bottom = look.font_of(look.language, "small"), look.shape.top, look.shape.bottom
    pitch = small.height + look.arranged.tight
    most = (bottom - top) // pitch - 2  # without the head and the foot
    first = max(0, min(marked - most // 2, len(titles) - most))
    items = _text(_DISTANCE, query, small, top, look, colour="skyblue")
    for row, number in enumerate(range(first, min(len(titles), first + most)), 1):
        text, y = f"{number + 1}  {titles[number]}", top + row * pitch
        colour: Colour = "yellow" if number == marked else "grey"
        items += _text(_CHOICE + row, text, look.font_of("", "small"), y, look, colour=colour)
    text = said(Notice.CHOOSE, look.language)
    return DisplayList((*items, *_text(_FOOT, text, small, foot(text, small, look.shape), look)))


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


def _glyph_of(trip: Trip, guidance: Guidance, size: int) -> Glyph:
    step = guidance.step
    match guidance.phase:
        case Phase.WAITING:
            return sign("no position", size)
        case Phase.OFF_ROUTE:
            return sign("off route", size)
        case Phase.TURNED_BACK:
            return sign("u-turn", size)
        case Phase.APPROACHING:
            turned = None if guidance.facing_deg is None else turned_deg(guidance.facing_deg, guidance.ahead_deg)
            return sign("off route", size) if turned is None else pointer(turned, size)
    if step.maneuver is Maneuver.ROUNDABOUT:
        return roundabout(_leaves_deg(trip.route, step), size)
    return sign(_SIGNS.get(step.maneuver, step.maneuver.value), size)


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
    at = look.arranged
    sketch = Sketch(trip.route.line, guidance.along_m, up_deg, turns, look.ahead_m, beside)
    return drawn(sketch, at.sketch, _WAY, at.pen)


def _up(look: Look) -> list[Item]:
    """That not where they look is up in the sketch: beside it, or below it at the right."""
    small, text = look.font_of(look.language, "small"), said(Notice.WALKING_DIRECTION, look.language)
    at = look.arranged
    if at.middle:
        return _text(_UP, text, small, at.up, look, sketched=True, colour="grey")
    wide = min(small.width(small.shown(text)), look.shape.width // 2)
    return _line(_UP, text, small, (look.shape.width - look.shape.margin - wide, at.up), wide, colour="grey")


def _street(text: str, look: Look, *, sketched: bool = False) -> list[Item]:
    """What stands below the sign, in two large lines or three small ones."""
    at, font, most = look.arranged, look.font_of("", "normal"), 2
    x, room = _row(at.street, font, look, sketched=sketched)
    lines = fill(words_of(text, font, room), font, room)
    if len(lines) > most:
        font, most = look.font_of("", "small"), 3
        x, room = _row(at.street, font, look, sketched=sketched)
        lines = fill(words_of(text, font, room), font, room)
    if len(lines) > most:
        rest = shortened(text, font, room * most)
        lines = fill(words_of(rest, font, room), font, room)[:most]
    pitch = at.pitch if most == 2 else font.height + at.tight
    found: list[Item] = []
    for number, words in enumerate(lines):
        if words:
            found += font.line([Part(_STREET + number, words)], x, at.street + number * pitch, room)
    return found


def _row(y: int, font: Font, look: Look, *, sketched: bool = False) -> tuple[int, int]:
    """Left edge and pixels of a row; it ends before a sketch, or as if that went on below."""
    x, room = look.shape.row(y, font.height)
    sketch = look.arranged.sketch
    beside = sketched and y + font.height > sketch.y
    return (x, min(room, sketch.x - look.shape.margin - x)) if beside else (x, room)


def _text(
    item_id: int, text: str, font: Font, y: int, look: Look, *, sketched: bool = False, colour: Colour = "white"
) -> list[Item]:
    """One line from the left edge of its row."""
    x, room = _row(y, font, look, sketched=sketched)
    return _line(item_id, text, font, (x, y), room, colour=colour)


def _edge(
    item_id: int, text: str, font: Font, y: int, look: Look, *, sketched: bool = False, colour: Colour = "white"
) -> list[Item]:
    """One line above or below everything else."""
    if not look.arranged.middle:
        return _text(item_id, text, font, y, look, sketched=sketched, colour=colour)
    x, room = _row(y, font, look)
    wide = font.width(shortened(text, font, room))
    return _line(item_id, text, font, (x + (room - wide) // 2, y), wide, colour=colour)


def _line(
    item_id: int, text: str, font: Font, at: tuple[int, int], room: int, *, colour: Colour = "white"
) -> list[Item]:
    """One line, its end cut off where it is too long; nothing for no text."""
    words = font.words(shortened(text, font, room))
    return font.line([Part(item_id, words, colour)], *at, room) if words else []


def _sign(glyph: Glyph, at: _Arrangement) -> tuple[Item, ...]:
    return (GlyphItem(_ICON, *at.sign[:2], (PlacedGlyph(0, 0, glyph),)),)
