"""The table of `bench link`: its rows, their targets, and how a row is written; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "ROWS",
    "SWEPT",
    "Row",
    "Target",
    "best_of",
    "cell",
    "cells",
    "heading",
    "markdown",
    "ratio",
    "table_line",
    "values",
]

Value = float | str
Unit = Literal["s", "ms", "bytes", "count", "share", "text"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the row must show of ours.

    Attributes:
        says: in a few words.
        met: whether it does, given ours and the best of the others (None without any).
    """

    says: str
    met: Callable[[Value, float | None], bool | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        step: which step it belongs to.
        figure: the key in that step's figures.
        label: for people.
        unit: of the figure, which is in seconds, bytes, pieces or shares of one.
        target: what must be, if anything was set.
    """

    step: str
    figure: str
    label: str
    unit: Unit
    target: Target | None = None


def at_most(limit: float, says: str) -> Target:
    """Ours is a number and no higher."""
    return Target(says, lambda ours, _best: isinstance(ours, float | int) and ours <= limit)


def _half_of_best(ours: Value, best: float | None) -> bool | None:
    return None if best is None else isinstance(ours, float | int) and ours <= best / 2


def _at_most_and_best(limit: float) -> Callable[[Value, float | None], bool | None]:
    return lambda ours, best: isinstance(ours, float | int) and ours <= min(limit, math.inf if best is None else best)


def _no_later(ours: Value, best: float | None) -> bool | None:
    return None if best is None else isinstance(ours, float | int) and ours <= best


HALF: Final = Target("half of the best", _half_of_best)
NONE: Final = at_most(0, "0")
MENDED: Final = Target("mended", lambda ours, _best: ours == "mended")

ROWS: Final = (
    Row("starts", "cold_s", "first start, connect to ready", "s"),
    Row("starts", "cold_rounds", "first start, rounds", "count"),
    Row("starts", "cold_bytes", "first start, bytes", "bytes"),
    Row("starts", "warm_running_s", "warm start, program runs", "s"),
    Row("starts", "warm_running_rounds", "warm start, program runs, rounds", "count", at_most(2, "2")),
    Row("starts", "warm_flash_s", "warm start, glasses restarted", "s"),
    Row("starts", "warm_flash_rounds", "warm start, glasses restarted, rounds", "count", at_most(2, "2")),
    Row("picture", "picture_s", "24 kB to the glasses", "s", HALF),
    Row("picture", "picture_lit_s", "24 kB, call to lit", "s"),
    Row("picture", "picture_bytes", "24 kB, bytes", "bytes"),
    Row("captions", "caption_p50_s", "caption of 40 characters, call to lit, p50", "ms"),
    Row(
        "captions",
        "caption_p95_s",
        "caption of 40 characters, p95",
        "ms",
        Target("65 ms, no later than the best", _at_most_and_best(0.065)),
    ),
    Row(
        "captions",
        "caption_max_s",
        "caption of 40 characters, latest",
        "ms",
        Target("no later than the best", _no_later),
    ),
    Row("captions", "caption_bytes", "caption of 40 characters, bytes", "bytes"),
    Row("stream", "stream_p50_s", "captions at 10 a second, p50", "ms"),
    Row("stream", "stream_p95_s", "captions at 10 a second, p95", "ms", at_most(0.090, "90 ms")),
    Row("stream", "stream_lost", "captions at 10 a second, never lit", "count", NONE),
    Row("stream", "stream_flicker", "captions at 10 a second, flicker", "count", NONE),
    Row("stream", "stream_bytes", "captions at 10 a second, bytes", "bytes", HALF),
    Row("interruptions", "interruption_p95_s", "caption within 24 kB, p95", "ms", at_most(0.150, "150 ms")),
    Row("interruptions", "interruption_lost", "caption within 24 kB, never lit", "count", NONE),
    Row("interruptions", "interruption_errors", "24 kB with a caption within, failed", "count", NONE),
    Row("interruptions", "interruption_pictures_lost", "24 kB with a caption within, never lit", "count", NONE),
    Row("lost packet", "lost_caption_more_s", "a caption's packet lost, later by", "ms", at_most(0.2, "200 ms")),
    Row("lost packet", "lost_picture_more_s", "a packet of 24 kB lost, later by", "ms", at_most(0.2, "200 ms")),
    Row(
        "lost packet",
        "lost_dead",
        "after a lost packet, dead",
        "text",
        Target("nothing", lambda ours, _best: ours == "nothing"),
    ),
    Row("photo", "photo_s", "photo", "s"),
    Row("photo", "photo_jpeg_bytes", "photo, JPEG", "bytes"),
    Row("photo", "photo_overhead", "photo, bytes beyond the JPEG", "share", at_most(0.017, "1.7 %")),
    Row("photo", "photo_damaged", "photo, one bit damaged", "text", MENDED),
    Row("photo", "photo_lost", "photo, one packet lost", "text", MENDED),
    Row("sound", "sound_lost", "sound, captions and a photo: samples lost", "count", NONE),
    Row("sound", "sound_unnoticed", "... lost and unnoticed", "count", NONE),
    Row("sound", "sound_caption_p95_s", "... caption, p95", "ms"),
    Row("sound", "sound_captions_lost", "... captions never lit", "count"),
    Row("sound", "sound_photo_s", "... photo", "s"),
    Row("sound", "sound_bytes", "... bytes", "bytes"),
    Row("gaps", "gaps_lost", "five notifications of sound lost: samples", "count"),
    Row("gaps", "gaps_unnoticed", "... unnoticed", "count", NONE),
)

SWEPT: Final = (
    "picture_s",
    "caption_p95_s",
    "stream_p95_s",
    "interruption_p95_s",
    "lost_caption_more_s",
    "photo_s",
    "sound_unnoticed",
)
"""The figures that a sweep shows of each of its conditions."""

_LABEL_WIDTH: Final = 54
_VALUE_WIDTH: Final = 17


def best_of(others: Sequence[Value]) -> float | None:
    """The lowest that is a number; infinite where all of them failed, None without others."""
    if not others:
        return None
    return min((float(value) for value in others if not isinstance(value, str)), default=math.inf)


def ratio(ours: Value, best: float | None) -> float | None:
    """Ours for one of the best; None where that says nothing."""
    if isinstance(ours, str) or best is None or not 0 < best < math.inf or math.isinf(ours):
        return None
    return ours / best


def cell(value: Value, unit: Unit) -> str:
    """A figure with its unit."""
    if isinstance(value, str):
        return value
    if math.isinf(value):
        return "never"
    text = {
        "s": f"{value:.2f} s",
        "ms": f"{value * 1000:.0f} ms",
        "bytes": f"{value:,.0f} B".replace(",", " "),
        "share": f"{value * 100:.2f} %",
    }
    return text.get(unit, f"{value:g}")


def heading(names: Sequence[str]) -> list[str]:
    """The cells above the rows; ours is the first name."""
    compared = [f"{names[0]} / best"] if len(names) > 1 else []
    return ["", *names, *compared, "target", "met"]


def cells(row: Row, figures: Sequence[Value]) -> list[str]:
    """The cells of a row; ours is the first figure."""
    ours, best = figures[0], best_of(figures[1:])
    share = ratio(ours, best)
    compared = ["-" if share is None else f"{share:.2f}"] if len(figures) > 1 else []
    met = None if row.target is None else row.target.met(ours, best)
    return [
        row.label,
        *(cell(figure, row.unit) for figure in figures),
        *compared,
        "" if row.target is None else row.target.says,
        {None: "", True: "yes", False: "NO"}[met],
    ]


def table_line(texts: Sequence[str]) -> str:
    """Cells as a line of a plain table."""
    first, *middle, target, met = texts
    return (
        f"{first:<{_LABEL_WIDTH}}"
        + "".join(f" {text:>{_VALUE_WIDTH - 1}}" for text in middle)
        + f"   {target:<30}{met}"
    ).rstrip()


def markdown(texts: Sequence[str]) -> str:
    """Cells as a line of a Markdown table."""
    return "| " + " | ".join(texts) + " |"


def titles(texts: Sequence[str], *, as_markdown: bool) -> list[str]:
    """The lines above a table."""
    return [markdown(texts), "|" + "---|" * len(texts)] if as_markdown else [table_line(texts)]


def values(row: Row, names: Sequence[str], figures: Sequence[Value]) -> dict[str, object]:
    """A row as JSON values; what never happened is null."""
    ours, best = figures[0], best_of(figures[1:])
    share = ratio(ours, best)
    return {
        "figure": row.figure,
        "what": row.label,
        **{
            name: None if isinstance(figure, float) and math.isinf(figure) else figure
            for name, figure in zip(names, figures, strict=True)
        },
        "ratio": None if share is None else round(share, 4),
        "target": None if row.target is None else row.target.says,
        "met": None if row.target is None else row.target.met(ours, best),
    }
