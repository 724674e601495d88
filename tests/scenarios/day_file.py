"""A day of somebody who wears the glasses, as a file: what happens when, and what must be seen of it.

A scenario is TOML. `begins` and `ends` are times of the day; the program runs in between. `[settings]` are settings of
the program, `[translations]` what the translator knows, `[places]` what is saved, by blocks of the made-up town,
`[glasses]` options of the emulated Frame, with `drowsy = true` one that costs a tenth of the computing, for a long day
with sound of 8 kHz and 8 bits. `script` is the day, a line for each thing:

    TIME WORDS "TEXTS" [for|within|until TIME]          # a remark

TIME is 08:15, 08:15:03 or 08:15:03.5, or +2.5: seconds after the line before. A span is `1.5 s` or `10 min`.

    say "Good morning"               is said, from then on, 0.4 s a word, or `for 3 s`
    hear "jfk"                       likewise a recording, for a real recogniser: then nothing else is said that day
    tap | tap twice | tap thrice     on the glasses
    do price                         asked for by a script; `do price by page`, `by tap`, ...
    refused end "end needs a tap"    likewise, and what the answer must be
    see tag "TOMATOES" "29.90"       lies before the camera from then on; `see sign "Salida"`
    stand 2.2,0                      where they are, in blocks
    walk 3,0 3,3                     from there on to these corners, at 1.4 m/s; `walk 3,0 at 2 m/s`
    away for 20 s                    the glasses are out of range
    battery 45                       the glasses have that much, in percent
    recharge 100 for 30 min          they are off and in their cradle, and have that much in the end
    swap 90                          another pair is put on, which has that much; this one is off
    memory "noon"                    what the program holds is weighed, and remembered by this name

What must be seen, each a failure with its line if it is not:

    say "Good morning" within 1 s    it is on the lens so long after its last word
    lens "A" "B" within 1 s          at some time from then on all of these are on the lens together
    lens "A" for 4 s                 and these are there all the time
    never "A" until 09:30            none of these is, at any time
    dark within 2 s                  there is no text
    told sentence "A" within 3 s     an event of that name, whose values have these texts
    silent error until 09:30         no such event
    transcript 1 "A" "B"             has these sentences, in this order, among others
    gaps 1 at most 25 s              so much of the sound of the first transcript is missing
    history "TOMATOES" "29.90"       prices of which each value is one of these texts
    memory "evening" "noon" 2        the program then holds at most so many percent more than before

The lens is read as one text, from top to bottom; ● is the sign of recording. Transcripts and history are looked at in
the end, whatever the time of their lines. Without being asked for, one thing is expected of every day: what was said
while the sign of recording was drawn and the glasses were in range is in a transcript.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["DayError", "Line", "Scenario", "clock", "read_scenario", "said"]

_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$")
_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_SPANS = ("for", "within", "most")
VERBS = (
    "say", "hear", "tap", "do", "refused", "see", "stand", "walk", "away", "battery", "recharge", "swap", "memory",
    "lens", "never", "dark", "told", "silent", "transcript", "gaps", "history",
)  # fmt: skip


class DayError(Exception):
    """A scenario cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a day.

    Attributes:
        number: in the file, from 1.
        at_s: seconds since the day began.
        verb: its first word.
        words: the others that are neither quoted nor a span.
        texts: what is quoted.
        span_s: what follows `for`, `within` or `until`, in seconds; None where nothing does.
        span: which of these it was.
    """

    number: int
    at_s: float
    verb: str
    words: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    span_s: float | None = None
    span: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A day.

    Attributes:
        path: of its file.
        begins_s: time of the day at which it begins, in seconds after midnight.
        lasts_s: how long.
        settings: of the program.
        translations: what the translator knows.
        places: what is saved, in blocks of the town.
        glasses: options of the emulated Frame.
        drowsy: whether its Lua sleeps longer than it asks.
        lines: in the order of the file.
    """

    path: Path
    begins_s: float
    lasts_s: float
    settings: Mapping[str, Any]
    translations: Mapping[str, str]
    places: Mapping[str, tuple[float, float]]
    glasses: Mapping[str, Any]
    drowsy: bool
    lines: tuple[Line, ...]


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file. Raises DayError, which names the line."""
    text = path.read_text(encoding="utf-8")
    content = tomllib.loads(text)
    script = content.pop("script")
    first = 2 + text[: text.index("script = ")].count("\n")  # the line below `script = '''`
    begins_s, ends_s = _of_day(content.pop("begins")), _of_day(content.pop("ends"))
    settings, translations = content.pop("settings", {}), content.pop("translations", {})
    places = {name: (east, north) for name, (east, north) in content.pop("places", {}).items()}
    glasses = content.pop("glasses", {})
    drowsy = glasses.pop("drowsy", False)
    if content:
        raise DayError(f"{path.name}: there is no {', '.join(content)}")
    lines: list[Line] = []
    for number, line in enumerate(script.splitlines(), start=first):
        try:
            parts = _parts(line)
            if parts:
                lines.append(_line(number, parts, begins_s, lines[-1].at_s if lines else 0.0))
        except ValueError as error:
            raise DayError(f"{path.name}:{number}: {error}: {line.strip()}") from error
    return Scenario(path, begins_s, ends_s - begins_s, settings, translations, places, glasses, drowsy, tuple(lines))


def clock(seconds: float) -> str:
    """A time of the day for a reader."""
    tenths = round(seconds * 10)
    return f"{tenths // 36000:02}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def said(line: Line) -> tuple[float, str, float]:
    """When it begins, what it is, and how long it takes."""
    text = line.texts[0]
    takes_s = line.span_s if line.span == "for" and line.span_s is not None else 0.4 * len(text.split())
    return line.at_s, text, takes_s


def _parts(line: str) -> list[tuple[str, bool]]:
    """Words and whether they are quoted."""
    found = shlex.shlex(line, posix=False)
    found.whitespace_split, found.quotes = True, '"'  # a remark begins with its default, #
    return [(one.strip('"'), one.startswith('"')) for one in found]


def _line(number: int, parts: list[tuple[str, bool]], begins_s: float, before_s: float) -> Line:
    (when, _), (verb, _), *rest = parts
    at_s = before_s + float(when) if when.startswith("+") else _of_day(when) - begins_s
    if verb not in VERBS:
        raise ValueError(f"there is no {verb!r}")
    if at_s < before_s:
        raise ValueError("it goes back in time")
    texts = tuple(text for text, quoted in rest if quoted)
    words = [text for text, quoted in rest if not quoted]
    span, span_s = "", None
    for n, word in enumerate(words):
        if word in _SPANS:
            span, span_s = word, _seconds(words[n : n + 3])
            del words[n : n + 3]
            break
        if word == "until":
            span, span_s = word, _of_day(" ".join(words[n + 1 : n + 2])) - begins_s - at_s
            del words[n : n + 2]
            break
    return Line(number, at_s, verb, tuple(words), texts, span_s, span)


def _seconds(words: list[str]) -> float:
    try:
        _, count, unit = words
        return float(count) * _UNITS[unit]
    except (ValueError, KeyError):
        raise ValueError(f"{words[0]!r} is no span") from None


def _of_day(text: str) -> float:
    found = _TIME.match(text)
    if not found:
        raise ValueError(f"{text!r} is no time")
    hours, minutes, seconds = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds or 0)
