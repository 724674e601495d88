"""Prices: from photos or the glasses' camera to a line in the terminal and a card on the lens."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from host.app.glasses import compute_reporter
from host.app.read import loaded
from host.app.tag import TagReading, read_tag
from host.app.translate import Observer, Request
from host.backends.readers import barcode_reader, open_tag_reader
from host.config import Settings
from host.currencies import currency_in
from host.errors import BackendMissingError, HostError
from host.events import ErrorReport, Notice
from host.price.card import Priced
from host.price.report import event_of
from host.read.reader import BarcodeReader, Picture, Reader

__all__ = ["MAX_CODE", "PriceReader", "price_photos"]

MAX_CODE: Final = 300
"""Characters of a QR code that are shown."""


async def price_photos(photos: Sequence[Path], request: Request, observer: Observer) -> int:
    """Read the prices in photos in files, and tell them; how many were read.

    Raises:
        HostError: no reader.
    """
    read = 0
    async with _opened(request, observer) as prices:
        for path in photos:
            try:
                priced = await prices.in_file(path)
            except HostError as error:
                if isinstance(error, BackendMissingError):
                    raise
                message = error.message if path.name in error.message else f"{path.name}: {error.message}"
                observer.event(ErrorReport(t=observer.elapsed(), code=error.code, message=message, hint=error.hint))
                continue
            read += priced.tag.accepted
    return read


class PriceReader:
    """What photos say of prices: reads, looks products up, reports."""

    def __init__(self, reader: Reader, barcodes: BarcodeReader | None, settings: Settings, observer: Observer) -> None:
        """Use what is open."""
        self.reader, self.barcodes = reader, barcodes
        self._settings, self._observer = settings, observer
        self._currency = currency_in(settings.price_country)

    async def in_file(self, path: Path) -> Priced:
        """The price in the photo of a file, reported. Raises PhotoInputError, BackendError."""
        clock = asyncio.get_running_loop().time
        began = clock()
        picture = await loaded(path)
        here = clock()
        reading = await self.read(picture)
        seconds = {"decode": round(here - began, 3), "read": round(clock() - here, 3)}
        return await self.known([reading], path.name, seconds)

    async def read(self, picture: Picture) -> TagReading:
        """What one photo says. Raises BackendError."""
        return await read_tag(picture, self.reader, barcodes=self.barcodes, currency=self._currency)

    async def known(self, readings: Sequence[TagReading], file: str, seconds: Mapping[str, float]) -> Priced:
        """All that is known of what the photos of one tag say, reported."""
        tag = readings[-1].tag
        codes = [code for reading in readings for code in reading.barcodes]
        gtin = next((code.gtin for code in codes if code.gtin and not code.in_store), "")
        said = dict.fromkeys(" ".join(code.text.split())[:MAX_CODE] for code in codes if code.kind == "qr")
        priced = Priced(tag=tag, product=tag.name, gtin=gtin, codes=tuple(said))
        self._observer.event(
            event_of(priced, money_text, t=self._observer.elapsed(), file=file, photos=len(readings), seconds=seconds)
        )
        return priced


@contextlib.asynccontextmanager
async def _opened(request: Request, observer: Observer) -> AsyncIterator[PriceReader]:
    """All that is needed, opened and told; closed in order, whatever ends it."""
    settings = request.settings
    async with contextlib.AsyncExitStack() as stack:
        opened = await open_tag_reader(settings, os.environ, on_cpu=compute_reporter(request.glasses))
        stack.push_async_callback(opened.reader.close)
        taken = f"text is read by {opened.reader.info.name}: {opened.why}"
        for notice in (Notice(t=0.0, code="reader", message=taken), *opened.notices):
            observer.event(replace(notice, t=observer.elapsed()))
        yield PriceReader(opened.reader, _barcodes(), settings, observer)


def _barcodes() -> BarcodeReader | None:
    with contextlib.suppress(BackendMissingError):
        return barcode_reader()
    return None


def money_text(amount: Decimal, currency: str) -> str:
    """An amount as a person writes it."""
    return f"{amount:f} {currency}".strip()
