"""What is told, in few words of the wearer's language; distances as people say them; pure.

A lens has room for "Left: Rue Grimaldi, then right", not for a router's sentences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

from host.navigate.route import Maneuver, Step, Way

__all__ = ["LANGUAGES", "Units", "distance", "duration", "instruction", "then", "where"]

FOOT_M: Final = 0.3048
MILE_M: Final = 1609.344
METRES_BELOW: Final = 975.0  # from here on "1.0 km"
FEET_BELOW: Final = 500.0  # from here on tenths of a mile

_ORDER: Final = (
    Maneuver.START,
    Maneuver.CONTINUE,
    Maneuver.SLIGHT_LEFT,
    Maneuver.LEFT,
    Maneuver.SHARP_LEFT,
    Maneuver.SLIGHT_RIGHT,
    Maneuver.RIGHT,
    Maneuver.SHARP_RIGHT,
    Maneuver.U_TURN,
    Maneuver.KEEP_LEFT,
    Maneuver.KEEP_RIGHT,
    Maneuver.ROUNDABOUT,
    Maneuver.STAIRS,
    Maneuver.ELEVATOR,
    Maneuver.ESCALATOR,
    Maneuver.ENTER,
    Maneuver.LEAVE,
    Maneuver.FERRY,
    Maneuver.WAYPOINT,
    Maneuver.ARRIVE,
)
_NOUNS: Final = {
    Maneuver.START,
    Maneuver.ROUNDABOUT,
    Maneuver.STAIRS,
    Maneuver.ELEVATOR,
    Maneuver.ESCALATOR,
    Maneuver.FERRY,
    Maneuver.WAYPOINT,
}
_WAYS: Final = (Way.PATH, Way.STAIRS, Way.CYCLEWAY, Way.CROSSING, Way.BRIDGE, Way.TUNNEL, Way.FERRY)


class Units(Enum):
    """How distances are told."""

    METRIC = "metric"
    IMPERIAL = "imperial"


# Values below the first number are rounded to the second.
_GRAINS: Final = {
    Units.METRIC: ((50.0, 5.0), (300.0, 10.0), (METRES_BELOW, 50.0)),
    Units.IMPERIAL: ((100.0, 10.0), (FEET_BELOW, 50.0)),
}


@dataclass(frozen=True, slots=True)
class _Language:
    """One language's words.

    Attributes:
        maneuvers: in the order of `_ORDER`, "|" between them.
        ways: in the order of `_WAYS`.
        exit: of a roundabout, with {n}.
        then: with {what}.
        joint: between what to do and where.
        minutes: with {n}.
        hours: with {h} and {n}.
        comma: the decimal sign.
        capital_nouns: nouns keep their capital letter within a sentence.
    """

    maneuvers: str
    ways: str
    exit: str
    then: str
    joint: str = ": "
    minutes: str = "{n} min"
    hours: str = "{h} h {n:02} min"
    comma: str = ","
    capital_nouns: bool = False


_LANGUAGES: Final = {
    "en": _Language(
        "Start|Straight on|Slight left|Left|Sharp left|Slight right|Right|Sharp right|Turn round|Keep left|Keep right"
        "|Roundabout|Stairs|Lift|Escalator|Go in|Go out|Ferry|Stop reached|Arrived",
        "path|stairs|cycle path|crossing|bridge|tunnel|ferry",
        exit="Roundabout, exit {n}",
        then="then {what}",
        comma=".",
    ),
    "es": _Language(
        "Salida|Todo recto|Ligera izquierda|Izquierda|Izquierda cerrada|Ligera derecha|Derecha|Derecha cerrada"
        "|Media vuelta|Mantente a la izquierda|Mantente a la derecha|Rotonda|Escaleras|Ascensor|Escalera mecánica"
        "|Entra|Sal|Ferri|Parada|Has llegado",
        "camino|escaleras|carril bici|paso de peatones|puente|túnel|ferri",
        exit="Rotonda, salida {n}",
        then="luego {what}",
    ),
    "fr": _Language(
        "Départ|Tout droit|Légèrement à gauche|À gauche|Franchement à gauche|Légèrement à droite|À droite"
        "|Franchement à droite|Demi-tour|Serrez à gauche|Serrez à droite|Rond-point|Escalier|Ascenseur|Escalator"
        "|Entrez|Sortez|Ferry|Étape|Vous êtes arrivé",
        "chemin|escalier|piste cyclable|passage piéton|pont|tunnel|ferry",
        exit="Rond-point, sortie {n}",
        then="puis {what}",
        joint=" : ",
    ),
    "de": _Language(
        "Start|Geradeaus|Halb links|Links|Scharf links|Halb rechts|Rechts|Scharf rechts|Umkehren|Links halten"
        "|Rechts halten|Kreisverkehr|Treppe|Aufzug|Rolltreppe|Hineingehen|Hinausgehen|Fähre|Zwischenziel|Am Ziel",
        "Weg|Treppe|Radweg|Überweg|Brücke|Tunnel|Fähre",
        exit="Kreisverkehr, Ausfahrt {n}",
        then="dann {what}",
        minutes="{n} Min.",
        hours="{h} Std. {n:02} Min.",
        capital_nouns=True,
    ),
    "it": _Language(
        "Partenza|Dritto|Leggermente a sinistra|A sinistra|Tutto a sinistra|Leggermente a destra|A destra"
        "|Tutto a destra|Torna indietro|Tieni la sinistra|Tieni la destra|Rotatoria|Scale|Ascensore|Scala mobile"
        "|Entra|Esci|Traghetto|Tappa|Arrivo",
        "sentiero|scale|pista ciclabile|attraversamento|ponte|galleria|traghetto",
        exit="Rotatoria, uscita {n}",
        then="poi {what}",
    ),
    "pt": _Language(
        "Partida|Em frente|Ligeira à esquerda|À esquerda|Acentuada à esquerda|Ligeira à direita|À direita"
        "|Acentuada à direita|Volte para trás|Mantenha a esquerda|Mantenha a direita|Rotunda|Escadas|Elevador"
        "|Escada rolante|Entre|Saia|Balsa|Paragem|Chegou",
        "caminho|escadas|ciclovia|passadeira|ponte|túnel|balsa",
        exit="Rotunda, saída {n}",
        then="depois {what}",
    ),
    "ja": _Language(
        "出発|直進|斜め左|左折|大きく左|斜め右|右折|大きく右|引き返す|左側を進む|右側を進む|環状交差点|階段"
        "|エレベーター|エスカレーター|中に入る|外に出る|フェリー|経由地|到着",
        "小道|階段|自転車道|横断歩道|橋|トンネル|フェリー",
        exit="環状交差点、{n}番目の出口",
        then="その先{what}",
        joint="、",
        minutes="{n}分",
        hours="{h}時間{n:02}分",
        comma=".",
    ),
    "zh": _Language(
        "出发|直行|偏左|左转|向左急转|偏右|右转|向右急转|掉头|靠左|靠右|环岛|楼梯|电梯|自动扶梯|进入|出去|轮渡|途经点|到达",
        "小路|楼梯|自行车道|人行横道|桥|隧道|轮渡",
        exit="环岛，第{n}个出口",
        then="然后{what}",
        joint="，",
        minutes="{n}分钟",
        hours="{h}小时{n:02}分钟",
        comma=".",
    ),
}

LANGUAGES: Final = tuple(_LANGUAGES)
"""ISO 639-1 codes of the languages that there are words for; English stands in for others."""


def instruction(step: Step, language: str) -> str:
    """What to do and onto which way: "Left: Rue Grimaldi", "Left: path", "Stairs".

    Args:
        step: what.
        language: ISO 639-1, perhaps with a region ("pt-BR"); English stands in for one without words.
    """
    words = _words(language)
    way = _where(step, words)
    return _what(step, words) + (words.joint + way if way else "")


def where(step: Step, language: str) -> str:
    """Onto which way, for whoever sees an arrow: "Rue Grimaldi", "path"; what to do where nothing is known of it."""
    words = _words(language)
    return _where(step, words) or _what(step, words)


def then(step: Step, language: str) -> str:
    """What follows what was told: "then right"."""
    words = _words(language)
    what = _what(step, words)
    if not (words.capital_nouns and step.maneuver in _NOUNS):
        what = what[0].lower() + what[1:]
    return words.then.format(what=what)


def distance(metres: float, units: Units, language: str) -> str:
    """As people say it: "35 m", "250 m", "1.2 km"; "150 ft", "0.3 mi". It never grows while the metres shrink.

    Args:
        metres: 0 or more.
        units: metric, or feet and miles.
        language: whose decimal sign it has.
    """
    if units is Units.METRIC:
        near, unit, far, far_unit = metres, "m", metres / 1000.0, "km"
        is_near = metres < METRES_BELOW
    else:
        near, unit, far, far_unit = metres / FOOT_M, "ft", metres / MILE_M, "mi"
        is_near = near < FEET_BELOW
    if is_near:
        grain = next(grain for below, grain in _GRAINS[units] if near < below)
        return f"{_rounded(near, grain):.0f} {unit}"
    if far >= 9.95:
        return f"{_rounded(far, 1.0):.0f} {far_unit}"
    return f"{_rounded(far, 0.1):.1f} {far_unit}".replace(".", _words(language).comma)


def duration(seconds: float, language: str) -> str:
    """To the minute, one at least: "4 min", "1 h 05 min"."""
    words = _words(language)
    minutes = max(1, round(seconds / 60.0))
    if minutes < 60:
        return words.minutes.format(n=minutes)
    return words.hours.format(h=minutes // 60, n=minutes % 60)


def _words(language: str) -> _Language:
    return _LANGUAGES.get(language.partition("-")[0].lower(), _LANGUAGES["en"])


def _what(step: Step, words: _Language) -> str:
    if step.maneuver is Maneuver.ROUNDABOUT and step.exit > 0:
        return words.exit.format(n=step.exit)
    return words.maneuvers.split("|")[_ORDER.index(step.maneuver)]


def _where(step: Step, words: _Language) -> str:
    """The way's first name, or what it is; nothing where that is said already or there is nothing to say."""
    if step.maneuver in {Maneuver.ARRIVE, Maneuver.WAYPOINT}:
        return ""
    if step.streets:
        return step.streets[0]
    if step.way not in _WAYS or step.maneuver.value == step.way.value:
        return ""
    return words.ways.split("|")[_WAYS.index(step.way)]


def _rounded(value: float, grain: float) -> float:
    return math.floor(value / grain + 0.5) * grain
