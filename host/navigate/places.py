"""Finding a place by what somebody calls it: what they may mean, what fits best, and whether that is clear; pure.

A query is cut into terms: a phrase that is a kind of place ("gare", "bus stop", the end of モナコ駅), else a word.
Words that join others are left out. A place fits a term by its name, address or kind; the order is by how well it fits,
then by what it is and how near. If nothing has all terms, words are corrected by one letter or space; then any
term will do.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from host.contracts.places import MapPlace, PlaceSource, Term
from host.errors import PlaceNotFoundError
from host.folding import UNSPACED, folded
from host.navigate.categories import STOP_WORDS, label, words
from host.navigate.line import EARTH_M, Place, distance_m

__all__ = ["Found", "Places", "coordinates", "find", "near_duplicates", "tokens"]

# Of one name and kind, less is one place, of which the map has several things; of a street, pieces.
APART_M: Final = 150.0
_STREET_APART_M: Final = 1000.0
_NAMELESS_APART_M: Final = 30.0

_CANDIDATES: Final = 400
_LONGEST: Final = 200  # characters of a query
_MOST_TERMS: Final = 12
_LONGEST_PHRASE: Final = 5  # words of a kind's name
_MOST: Final = 16.5  # points; see `_score`
_CLEAR: Final = 1.0
_GOOD: Final = 0.55  # share of the terms, below which something is only like what was asked

# How well one term fits, 0 to 1.
_EXACT, _BEGINNING, _CORRECTED, _ADDRESS = 1.0, 0.8, 0.6, 0.7
_AND_CALLED = 0.05  # more, where what is of the kind is also called so
_ONLY_CALLED = 0.85  # the word for a kind in the name of something else, as in Station Road

# Points for what somebody is more likely to mean, where names fit alike.
_WEIGHTS: Final[Mapping[str, float]] = {
    "place=city": 1.5, "place=town": 1.5, "railway=station": 1.4, "aeroway=aerodrome": 1.4, "amenity=hospital": 1.2,
    "amenity=university": 1.1, "tourism": 1.0, "historic": 1.0, "leisure": 1.0, "railway": 1.0, "aeroway": 1.0,
    "place": 1.0, "amenity=parking": 0.2, "amenity=parking_entrance": 0.1, "amenity": 0.8, "shop": 0.7,
    "highway=bus_stop": 0.3, "highway": 0.6, "addr": 0.5, "natural": 0.7, "public_transport": 0.3, "boundary": 0.2,
    "building": 0.5,
}  # fmt: skip

_COORDINATES: Final = re.compile(r"\s*([-+]?\d{1,2}(?:\.\d{1,20})?)\s*[,;\s]\s*([-+]?\d{1,3}(?:\.\d{1,20})?)\s*")
_PLUS_CODE: Final = re.compile(r"\s*([23456789CFGHJMPQRVWX]{2,8}\+[23456789CFGHJMPQRVWX]{0,7})\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A place that may be meant.

    Attributes:
        place: of the map.
        name: what to call it, in the user's language where it has a name in it.
        score: how well it fits: 10 points for all terms, up to 6.5 for the rest.
        whole: whether its whole name was said.
        distance_m: from where the user is; None where nobody knows.
    """

    place: MapPlace
    name: str
    score: float
    whole: bool
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class Places:
    """What was found.

    Attributes:
        found: the best first, at least one.
        clear: whether only the first can be meant; else the user is asked.
    """

    found: tuple[Found, ...]
    clear: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A term of the query, ready to be compared: its words, and what else they may have been meant to be."""

    term: Term
    phrase: tuple[str, ...]
    corrected: tuple[tuple[str, ...], ...] = ()


def find(query: str, source: PlaceSource, *, near: Place | None = None, language: str = "en", limit: int = 8) -> Places:
    """The places that a query may mean.

    Args:
        query: what the user typed or said: a name, address, kind, "lat,lon" or plus code.
        source: the map's index.
        near: where the user is.
        language: ISO 639-1, of names.
        limit: how many at most.

    Raises:
        PlaceNotFoundError: none fits; with the nearest names.
        MapError: the index is damaged.
    """
    query = query[:_LONGEST]
    if (place := coordinates(query, near)) is not None:
        here = MapPlace(name=query.strip(), kind="", place=place)
        found = Found(here, query.strip(), _MOST, whole=True, distance_m=_distance(near, place))
        return Places((found,), clear=True)
    wanted = _wanted(query)
    terms = [w.term for w in wanted]
    candidates = source.find(terms, every=True, near=near, limit=_CANDIDATES) if terms else []
    if terms and not candidates:
        wanted = [_corrected(w, source.alike) for w in wanted]
        terms = [w.term for w in wanted]
        candidates = source.find(terms, every=True, near=near, limit=_CANDIDATES)
    partly = not candidates
    if terms and partly:
        candidates = source.find(terms, every=False, near=near, limit=_CANDIDATES)
    ranked = _ranked(candidates, wanted, near, language, limit)
    good = [found for found, fit in ranked if fit >= _GOOD]
    if not good:
        raise _not_found(query, [found.name for found, _ in ranked[:3]])
    by_name = any(not w.term.kinds for w in wanted)
    return Places(tuple(good), clear=not partly and _is_clear(good, by_name=by_name))


def coordinates(text: str, near: Place | None = None) -> Place | None:
    """The place that "lat,lon" or a plus code means; None where the text is neither.

    Args:
        text: what the user typed.
        near: where they are; a short plus code needs it.
    """
    if numbers := _COORDINATES.fullmatch(text):
        lat, lon = float(numbers[1]), float(numbers[2])
        return Place(lat, lon) if abs(lat) <= 90.0 and abs(lon) <= 180.0 else None
    if code := _PLUS_CODE.fullmatch(text):
        return _plus_code(code[1].upper(), near)
    return None


def near_duplicates(places: Sequence[MapPlace]) -> list[list[int]]:
    """Which of several places of one name and kind are one: their numbers, chained by less than `_apart`."""
    if not places:
        return []
    apart = _apart(places[0])
    window = math.degrees(apart / EARTH_M)
    order = sorted(range(len(places)), key=lambda n: places[n].place.lat)
    leader = list(range(len(places)))

    def first(number: int) -> int:
        while leader[number] != number:
            leader[number] = number = leader[leader[number]]
        return number

    for at, number in enumerate(order):
        here = places[number].place
        for other in order[at + 1 :]:
            if places[other].place.lat - here.lat > window:
                break
            if distance_m(here, places[other].place) < apart:
                leader[first(other)] = first(number)
    groups: dict[int, list[int]] = {}
    for number in order:
        groups.setdefault(first(number), []).append(number)
    return list(groups.values())


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text as the index has them; each character of an unspaced script is one."""
    plain = folded(text).casefold()
    return tuple("".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in plain).split())


def _wanted(query: str) -> list[_Wanted]:
    """The terms of a query."""
    found: list[_Wanted] = []
    parts = tokens(query)
    at = 0
    while at < len(parts) and len(found) < _MOST_TERMS:
        for length in range(min(_LONGEST_PHRASE, len(parts) - at), 0, -1):
            phrase = parts[at : at + length]
            if kinds := words().get(" ".join(phrase)):
                found.append(_Wanted(Term((" ".join(phrase),), kinds), phrase))
                at += length
                break
        else:
            end = at + 1
            if UNSPACED.fullmatch(parts[at]):  # a name of such a script is one term, up to a kind of place
                while end < len(parts) and UNSPACED.fullmatch(parts[end]) and not _kind_at(parts, end):
                    end += 1
            phrase = parts[at:end]
            found.append(_Wanted(Term((" ".join(phrase),)), phrase))
            at = end
    telling = [w for w in found if w.term.kinds or w.phrase[0] not in STOP_WORDS or len(w.phrase) > 1]
    return telling or found


def _kind_at(parts: Sequence[str], at: int) -> bool:
    """Whether a kind of place begins there and ends the query."""
    return " ".join(parts[at:]) in words()


def _corrected(wanted: _Wanted, alike: Callable[[str], Iterable[str]]) -> _Wanted:
    """A term with the words that differ from it by one letter or space."""
    if len(wanted.phrase) != 1:
        return wanted
    word = wanted.phrase[0]
    near: list[tuple[str, ...]] = [
        (other,) for other in sorted(alike(word)) if other != word and _one_edit(word, other)
    ]
    near += [(word[:at], word[at:]) for at in range(1, len(word))]  # a space left out
    kinds = wanted.term.kinds.union(*(k for name, k in words().items() if len(word) >= 5 and _one_edit(word, name)))
    texts = (*wanted.term.texts, *(" ".join(phrase) for phrase in near))
    return _Wanted(Term(texts, kinds), wanted.phrase, tuple(near))


def _one_edit(a: str, b: str) -> bool:
    """Whether one letter was added, left out or replaced, or two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    swapped = len(a) == len(b) and rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:] or swapped


def _ranked(
    candidates: Sequence[MapPlace], wanted: Sequence[_Wanted], near: Place | None, language: str, most: int
) -> list[tuple[Found, float]]:
    """What fits, the best first, each place once, with how well its terms fit."""
    scored: list[tuple[Found, float]] = []
    for place in candidates:
        fit, covered = _fit(place, wanted)
        if fit <= 0.0:
            continue
        distance = _distance(near, place.place)
        score = _score(place, fit, covered, distance)
        whole = fit >= _ONLY_CALLED and covered >= 1.0
        scored.append((Found(place, _shown(place, language), score, whole, distance), fit))
    scored.sort(key=lambda pair: (-pair[0].score, pair[0].name))
    once: list[tuple[Found, float]] = []
    for found, fit in scored:
        if len(once) < most and not any(_is_one(found, other) for other, _ in once):
            once.append((found, fit))
    return once


def _is_one(a: Found, b: Found) -> bool:
    """Whether two that were found are one place: near, and of one name; or of one kind, and one name within another."""
    apart = _apart(a.place) if a.place.kind == b.place.kind else APART_M
    if distance_m(a.place.place, b.place.place) >= apart:
        return False
    first, second = tokens(a.name), tokens(b.name)
    shorter, longer = sorted((first, second), key=len)
    return first == second if a.place.kind != b.place.kind else _holds(longer, shorter)


def _apart(place: MapPlace) -> float:
    """How far from another of its name and kind one must be to be another place, in metres."""
    if place.kind == "highway=street":
        return _STREET_APART_M
    return APART_M if place.name else _NAMELESS_APART_M


def _fit(place: MapPlace, wanted: Sequence[_Wanted]) -> tuple[float, float]:
    """How well a place fits, 0 to 1, and how much of its name was said, 0 to 1; by the name that fits best."""
    best = (0.0, 0.0)
    address = tokens(f"{place.address} {place.locality}")
    for name in dict.fromkeys((place.name, *place.names.values())):
        parts = tokens(name)
        fits = [_term_fit(w, parts, address, place.kind) for w in wanted]
        said = sum(covered for _, covered in fits)
        telling = sum(1 for part in parts if part not in STOP_WORDS)
        best = max(best, (sum(fit for fit, _ in fits) / len(fits), min(1.0, said / max(1, telling))))
    return best


def _term_fit(wanted: _Wanted, name: tuple[str, ...], address: tuple[str, ...], kind: str) -> tuple[float, float]:
    """How well one term fits, and how many words of the name it takes; half of those it is not exactly."""
    phrase = wanted.phrase
    size = float(len(phrase))
    called = _holds(name, phrase)
    if kind in wanted.term.kinds:
        return (_EXACT + _AND_CALLED, size) if called else (_EXACT, 0.0)
    if called:
        return (_ONLY_CALLED if wanted.term.kinds else _EXACT), size
    if _holds(name, phrase, beginning=True):
        return _BEGINNING, size / 2
    if _holds(address, phrase, beginning=True):
        return _ADDRESS, 0.0
    for other in wanted.corrected:
        if _holds(name, other, beginning=True):
            return _CORRECTED, len(other) / 2
    return 0.0, 0.0


def _holds(name: tuple[str, ...], phrase: tuple[str, ...], *, beginning: bool = False) -> bool:
    """Whether a phrase is in a name; its last word may be the beginning of one."""
    size = len(phrase)
    for at in range(len(name) - size + 1):
        part = name[at : at + size]
        if part == phrase:
            return True
        if beginning and part[:-1] == phrase[:-1] and part[-1].startswith(phrase[-1]) and not phrase[-1].isdigit():
            return True
    return False


def _score(place: MapPlace, fit: float, covered: float, distance: float | None) -> float:
    """Ten points for the terms, two for a name of which nothing else is left, up to 1.5 for what it is, 3 for near."""
    key = place.kind.partition("=")[0]
    weight = _WEIGHTS.get(place.kind, _WEIGHTS.get(key, 0.4))
    near = 0.0 if distance is None else max(0.0, 3.0 - 0.5 * math.log2(1.0 + distance / 250.0))
    return 10.0 * fit + 2.0 * covered + weight + near


def _is_clear(found: Sequence[Found], *, by_name: bool) -> bool:
    """Whether the first is the only one that can be meant."""
    if len(found) < 2 or found[0].score - found[1].score >= _CLEAR:
        return True
    first, second = (tokens(f.name) for f in found[:2])
    return by_name and found[0].whole and not found[1].whole and first != second


def _shown(place: MapPlace, language: str) -> str:
    return place.names.get(language) or place.name or label(place.kind, language)


def _distance(near: Place | None, place: Place) -> float | None:
    return None if near is None else distance_m(near, place)


def _plus_code(code: str, near: Place | None) -> Place | None:
    """The middle of what a plus code names. Without a place near by a short one means nothing."""
    from openlocationcode import openlocationcode  # noqa: PLC0415 - loaded when used

    if openlocationcode.isShort(code):
        if near is None:
            return None
        code = openlocationcode.recoverNearest(code, near.lat, near.lon)
    if not openlocationcode.isFull(code):
        return None
    area = openlocationcode.decode(code)
    return Place(area.latitudeCenter, area.longitudeCenter)


def _not_found(query: str, nearest: Sequence[str]) -> PlaceNotFoundError:
    said = " ".join("".join(c if c.isprintable() else " " for c in query).split())[:80]
    hint = f"Nearest: {', '.join(nearest)}" if nearest else "Write it as the map does, or give a place as LAT,LON"
    return PlaceNotFoundError(f"the map has no place {said!r}", hint, nearest=tuple(nearest))
