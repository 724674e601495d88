"""How many made-up tags are read rightly, as lines: right, refused or wrong, by layout, language and condition.

Seeds for tuning and for judging are apart: rules are tried on even seeds, and judged on odd ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from host.bench.tags.misread import Photo, photographed
from host.price.tag import Tag
from host.price.understand import understand

__all__ = ["JUDGING", "TUNING", "Tally", "outcome", "tallied"]

Outcome = Literal["right", "refused", "wrong"]

TUNING = range(0, 6000, 2)
JUDGING = range(1, 6001, 2)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many came out how: by all, and by each thing that a tag or its photo is."""

    all: Counter[Outcome]
    by: Mapping[tuple[str, str], Counter[Outcome]]

    def share(self, outcome: Outcome) -> float:
        """Of all, 0 to 1."""
        return self.all[outcome] / max(1, self.all.total())

    def report(self) -> str:
        """A table of all of it."""
        rows = [("all", "", self.all), *((kind, value, counts) for (kind, value), counts in sorted(self.by.items()))]
        return "\n".join(
            f"{kind:10} {value:22} {counts.total():5} {counts['right'] / counts.total():6.1%} right"
            f" {counts['refused'] / counts.total():6.1%} refused {counts['wrong']:4} wrong"
            for kind, value, counts in rows
        )


def outcome(photo: Photo, tag: Tag) -> Outcome:
    """Whether a tag was read as what it says: its price, of one or of several, and its currency."""
    if not tag.accepted:
        return "refused"
    spec = photo.spec
    single = spec.multi_buy is None or spec.multi_buy.total != spec.price
    count = 1 if single or spec.multi_buy is None else spec.multi_buy.count
    read = tag.multi_buy.count if tag.multi_buy is not None and tag.multi_buy.total == tag.price else 1
    same = tag.price == spec.price and count == read and tag.currency in (spec.currency, "")
    return "right" if same and (tag.per is None or spec.per is not None) else "wrong"


def tallied(seeds: Iterable[int]) -> Tally:
    """The tags of these seeds, read and counted."""
    whole: Counter[Outcome] = Counter()
    by: dict[tuple[str, str], Counter[Outcome]] = {}
    for seed in seeds:
        photo = photographed(seed)
        came = outcome(photo, understand(photo.lines, photo.view))
        whole[came] += 1
        spec = photo.spec
        for key in (("layout", spec.layout), ("language", spec.language), ("condition", photo.condition)):
            by.setdefault((key[0], str(key[1])), Counter())[came] += 1
    return Tally(whole, by)
