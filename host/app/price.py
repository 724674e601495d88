"""Prices: from photos or the glasses' camera to a line in the terminal and a card on the lens."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from firmware_bridge import DeviceError, Glasses, GlassesError, LinkTimeoutError, RemoteProtocolError
from host.app.capture import TRIES, Shot, photo_event, photographed
from host.app.glasses import NO_GLASSES, compute_reporter
from host.app.pages import Pages, by_tap, by_time
from host.app.price_knowledge import Knowledge
from host.app.read import loaded
from host.app.tag import TagReading, read_tag
from host.app.translate import Observer, Request, check_pictures
from host.app.wishes import Wishes
from host.app.worn import LIT_S, Worn, accompanied, worn
from host.backends.readers import barcode_reader, open_tag_reader
from host.config import Settings
from host.currencies import currency_in
from host.errors import BackendMissingError, HostError, LensError, UsageError
from host.events import ErrorReport, Notice
from host.lens.cards import reading_s
from host.lens.display_list import DisplayList
from host.lens.pages import Footer, paged
from host.price.article import with_barcodes
from host.price.card import Priced, card_pages, line_of
from host.price.report import event_of
from host.price.tag import Refusal
from host.price.vote import voted
from host.read.quality import Advice
from host.read.reader import BarcodeReader, Picture, Reader

__all__ = [
    "PriceReader",
    "WarmCamera",
    "look_at",
    "price_camera",
    "price_language",
    "price_once",
    "price_photos",
    "price_reader",
]

_AGAIN: Final = (HostError, DeviceError, RemoteProtocolError, LinkTimeoutError)
"""What may go better with the next photo, but for a lens that cannot be drawn on and what is not installed."""

_WARM_S: Final = 1.0  # ten exposures of 0.1 s, after which the camera sees well (device reference 2.5)
_MOVE_S: Final = 0.7  # from reading what to do to having done it; our choice
_OFF_S: Final = 2.0  # that the order to let the camera sleep may take where the link is bad
_LANGUAGES: Final = {"JP": "ja", "CN": "zh", "TW": "zh-TW", "HK": "zh-HK", "KR": "ko"}


async def price_photos(photos: Sequence[Path], request: Request, observer: Observer, wishes: Wishes) -> int:
    """Read the prices in photos in files, tell and show them; how many were read.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no reader.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    read = 0
    async with _opened(request, observer, wishes) as (prices, here):
        for path in photos:
            try:
                priced = await _in_file(path, prices)
            except HostError as error:
                if isinstance(error, BackendMissingError):
                    raise
                message = error.message if path.name in error.message else f"{path.name}: {error.message}"
                observer.event(ErrorReport(t=observer.elapsed(), code=error.code, message=message, hint=error.hint))
                continue
            read += priced.tag.accepted
            if here is not None:
                await _leave(priced, prices, here, wishes)
    return read


async def price_camera(request: Request, observer: Observer, wishes: Wishes, *, once: bool) -> int:
    """Photograph with the glasses and read the price, on each wish, until cancelled; how many were read.

    The camera is kept awake meanwhile. What goes wrong with one photo is told, here and on the lens, and the next may
    be taken. Whatever ends it, the lens is dark and the camera asleep.

    Args:
        request: what was asked for; with glasses.
        observer: is told what happens.
        wishes: of the wearer.
        once: at once, and then end; what goes wrong is raised.

    Raises:
        UsageError: settings that do not fit together; nothing was started.
        HostError: no reader.
        GlassesError: the glasses cannot be reached, or stay away for good.
    """
    if request.glasses == NO_GLASSES:
        raise UsageError("without glasses there is no camera", "Leave --glasses none out, or add --photo FILE")
    async with _opened(request, observer, wishes) as (prices, here):
        assert here is not None, "there are glasses"  # noqa: S101
        if once:
            return int((await price_once(here, prices, observer, wishes)).tag.accepted)
        camera = WarmCamera(here.glasses)
        async with camera.kept():
            await here.pages.turn([_message(here.pages, "price: tap to read a tag")], wishes)
            while True:
                try:
                    priced = await look_at(camera, here.pages, prices, observer)
                    pages = prices.card(priced, here.pages, by_tap)
                except _AGAIN as failure:
                    if isinstance(failure, LensError | BackendMissingError):
                        raise
                    observer.event(_report_of(failure, observer.elapsed()))
                    pages = (_message(here.pages, failure.message, failure.hint, by_tap),)
                wishes.forget()  # who taps while a photo is taken does not mean the pages of it
                await here.pages.turn(pages, wishes)


async def price_once(here: Worn, prices: PriceReader, observer: Observer, wishes: Wishes) -> Priced:
    """Photograph and read the price, and show it for as long as that takes to read; the camera is asleep by then.

    Raises:
        HostError, DeviceError, RemoteProtocolError, LinkTimeoutError: there is none; the next photo may have one.
        GlassesError: the glasses are out of reach for good.
    """
    camera = WarmCamera(here.glasses)
    async with camera.kept():
        priced = await look_at(camera, here.pages, prices, observer)
    await _leave(priced, prices, here, wishes)
    return priced


class PriceReader:
    """What photos say of prices: reads, asks who knows the product, reports."""

    def __init__(
        self, reader: Reader, barcodes: BarcodeReader | None, knowledge: Knowledge, country: str, observer: Observer
    ) -> None:
        """Use what is open; `country` (ISO 3166) is that of the shops, or empty."""
        self.reader, self._barcodes, self._knowledge, self._observer = reader, barcodes, knowledge, observer
        self._currency, self._language = currency_in(country), _LANGUAGES.get(country, "")

    async def read(self, picture: Picture) -> TagReading:
        """What one photo says, its barcodes included. Raises BackendError."""
        reading = await read_tag(picture, self.reader, barcodes=self._barcodes, currency=self._currency)
        return replace(reading, tag=with_barcodes(reading.tag, reading.barcodes))

    async def known(self, readings: Sequence[TagReading], file: str, seconds: Mapping[str, float]) -> Priced:
        """All that is known of what the photos of one tag say; kept, then reported."""
        clock = asyncio.get_running_loop().time
        began = clock()
        codes = [code for reading in readings for code in reading.barcodes]
        priced = await self._knowledge.of(voted([reading.tag for reading in readings]), codes)
        stages = {stage: round(value, 3) for stage, value in {**seconds, "product": clock() - began}.items()}
        event = event_of(
            priced,
            self._knowledge.writing,
            t=self._observer.elapsed(),
            file=file,
            photos=len(readings),
            seconds=stages,
        )
        self._observer.event(event)
        return priced

    def card(self, priced: Priced, pages: Pages, footer: Footer) -> tuple[DisplayList, ...]:
        """Its pages."""
        return card_pages(
            priced, self._knowledge.writing, pages.font_of, pages.shape, footer=footer, language=self._language
        )

    def line(self, priced: Priced) -> str:
        """All of it in one line."""
        return line_of(priced, self._knowledge.writing)


@dataclass(slots=True)
class WarmCamera:
    """The camera, and since when it is awake on the session that there is."""

    glasses: Glasses
    _since_s: float = 0.0
    _session: object = None

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Awake meanwhile; asleep afterwards, whatever ends it, unless the glasses are out of reach."""
        try:
            await self.glasses.keep_camera_awake(on=True)
            self._noted()
            yield
        finally:
            with contextlib.suppress(GlassesError, TimeoutError):
                async with asyncio.timeout(_OFF_S):
                    await self.glasses.keep_camera_awake(on=False)

    @property
    def exposures(self) -> int:
        """How often it should still adjust before a photo: 0 when it is warm."""
        if self.glasses.session is not self._session:  # the glasses may have restarted
            self._noted()
        awake_s = asyncio.get_running_loop().time() - self._since_s
        return max(0, round((_WARM_S - awake_s) * 10))

    def _noted(self) -> None:
        self._since_s, self._session = asyncio.get_running_loop().time(), self.glasses.session


async def look_at(camera: WarmCamera, pages: Pages, prices: PriceReader, observer: Observer) -> Priced:
    """The price before the camera: of one photo, or of several where the first is refused; told as it comes."""
    online = "" if prices.reader.info.local else "the photo goes online"
    readings: list[TagReading] = []
    seconds: Counter[str] = Counter()
    advice = Advice.HOLD_STILL
    for attempt in range(1, TRIES + 1):
        await pages.say(advice.value, online)
        if attempt > 1:
            await asyncio.sleep(_MOVE_S)
        reading, stages = await photographed(
            camera.glasses, prices.read, taken=lambda: pages.say("reading...", online), exposures=camera.exposures
        )
        readings.append(reading)
        seconds.update(stages)
        rounded = {stage: round(value, 3) for stage, value in stages.items()}
        observer.event(photo_event(Shot(reading.reading, attempt, rounded), "", observer.elapsed()))
        tag = voted([reading.tag for reading in readings])
        if tag.accepted or (tag.refusal is Refusal.NONE_FOUND and reading.barcodes):
            break
        advice = reading.reading.advice or Advice.HOLD_STILL
    return await prices.known(readings, "", seconds)


async def _in_file(path: Path, prices: PriceReader) -> Priced:
    """The price in the photo of a file, reported. Raises PhotoInputError, BackendError."""
    clock = asyncio.get_running_loop().time
    began = clock()
    picture = await loaded(path)
    here = clock()
    reading = await prices.read(picture)
    return await prices.known([reading], path.name, {"decode": here - began, "read": clock() - here})


async def _leave(priced: Priced, prices: PriceReader, here: Worn, wishes: Wishes) -> None:
    """Show the card for as long as it takes to read."""
    await here.pages.leave(prices.card(priced, here.pages, by_time), wishes, reading_s(prices.line(priced)))


@contextlib.asynccontextmanager
async def _opened(
    request: Request, observer: Observer, wishes: Wishes
) -> AsyncIterator[tuple[PriceReader, Worn | None]]:
    """All that is needed, opened and told; closed in order, whatever ends it."""
    check_pictures(request)
    async with contextlib.AsyncExitStack() as stack:
        prices, notices = await stack.enter_async_context(_reader(request, observer))
        here = await worn(request, observer, wishes, price_language(request.settings), stack)
        if here is not None:
            await accompanied(here.glasses, request, observer, stack, "reading prices")
        for notice in notices:
            observer.event(replace(notice, t=observer.elapsed()))
        yield prices, here
        await asyncio.sleep(LIT_S if here is not None else 0)


@contextlib.asynccontextmanager
async def price_reader(request: Request, observer: Observer) -> AsyncIterator[PriceReader]:
    """What reads prices, opened and told. Raises HostError: there is none."""
    async with _reader(request, observer) as (prices, notices):
        for notice in notices:
            observer.event(replace(notice, t=observer.elapsed()))
        yield prices


def price_language(settings: Settings) -> str:
    """The language (BCP 47) of the shops' tags; empty where it may be any."""
    return _LANGUAGES.get(settings.price_country, "")


@contextlib.asynccontextmanager
async def _reader(request: Request, observer: Observer) -> AsyncIterator[tuple[PriceReader, list[Notice]]]:
    """What reads prices, and what is to be told of it."""
    settings = request.settings
    async with contextlib.AsyncExitStack() as stack:
        knowledge = await stack.enter_async_context(Knowledge.opened(settings, os.environ, observer))
        opened = await open_tag_reader(settings, os.environ, on_cpu=compute_reporter(request.glasses))
        stack.push_async_callback(opened.reader.close)
        taken = f"text is read by {opened.reader.info.name}: {opened.why}"
        notices = [Notice(t=0.0, code="reader", message=taken)]
        notices += [one for one in opened.notices if one.code != "reader-scripts"]  # figures are alike in all of them
        yield PriceReader(opened.reader, _barcodes(), knowledge, settings.price_country, observer), notices


def _message(pages: Pages, text: str, more: str = "", footer: Footer = by_time) -> DisplayList:
    return paged([pages.message(text, more)], pages.font_of("en", "small"), pages.shape, footer)[0]


def _barcodes() -> BarcodeReader | None:
    with contextlib.suppress(BackendMissingError):
        return barcode_reader()
    return None


def _report_of(error: HostError | GlassesError, t: float) -> ErrorReport:
    return ErrorReport(t=t, code=error.code, message=error.message, hint=error.hint)
