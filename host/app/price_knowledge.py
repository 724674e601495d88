"""A tag and all that is known of its product, for the card: what it is, what it cost before, in the wearer's money."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Self

from host.app.products import Known, Products, seen_of
from host.app.translate import Observer
from host.config import Settings
from host.errors import HostError
from host.events import Notice
from host.paths import data_folder
from host.price.article import gtin_of
from host.price.card import Priced, Writing
from host.price.money import day_shown, locale_of, money_shown
from host.price.tag import Tag
from host.read.barcode import Barcode

__all__ = ["MAX_CODE", "Knowledge", "writing_of"]

MAX_CODE: Final = 300
"""Characters of a QR code that are shown."""


class Knowledge:
    """Who is asked about a product, and how the wearer writes."""

    def __init__(self, products: Products, writing: Writing, settings: Settings, observer: Observer) -> None:
        """Ask `products`, which are open."""
        self.writing = writing
        self._products, self._settings, self._observer = products, settings, observer
        self._said: set[str] = set()

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls, settings: Settings, environment: Mapping[str, str], observer: Observer
    ) -> AsyncIterator[Self]:
        """All who are asked, open meanwhile.

        Raises:
            BackendMissingError: what writes amounts is not installed.
            UsageError: an address that is none.
            StoreError: the data folder cannot be used.
        """
        writing = writing_of(environment)
        async with Products.opened(data_folder(), settings) as products:
            yield cls(products, writing, settings, observer)

    async def of(self, tag: Tag, codes: Sequence[Barcode]) -> Priced:
        """All that is known; an accepted price is kept before it is told. What fails costs a note and no price.

        Args:
            tag: what was read.
            codes: barcodes of the same photos.
        """
        gtin = gtin_of(codes)
        seen = seen_of(tag, gtin, self._settings, datetime.now(UTC).astimezone())
        if seen is not None:
            known = await self._products.known(seen, self.writing)
        else:
            known = await self._products.named(gtin) if gtin else Known()
        for problem in known.problems:
            self._tell(problem)
        said = dict.fromkeys(" ".join(code.text.split())[:MAX_CODE] for code in codes if code.kind == "qr")
        return Priced(
            tag=tag,
            product=known.product or tag.name,
            gtin=gtin,
            converted=known.converted,
            compared=known.compared,
            codes=tuple(said),
            notes=(*known.notes, *(problem.message for problem in known.problems)),
        )

    def _tell(self, problem: HostError) -> None:
        """Each kind of problem once, with what to do; the card has it every time."""
        if problem.code not in self._said:
            self._said.add(problem.code)
            self._observer.event(
                Notice(t=self._observer.elapsed(), code=problem.code, message=problem.message, hint=problem.hint)
            )


def writing_of(environment: Mapping[str, str]) -> Writing:
    """How amounts and days are written by the locale of the environment. Raises BackendMissingError."""
    locale = locale_of(*(environment.get(name, "") for name in ("LC_ALL", "LC_MONETARY", "LANG")))
    today = datetime.now(UTC).astimezone().date()
    return Writing(
        lambda amount, currency: money_shown(amount, currency, locale), lambda day: day_shown(day, today, locale)
    )
