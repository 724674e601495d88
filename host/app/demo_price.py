"""The demo's shelf tag: photographed, read and shown on emulated glasses in virtual time, by `sidelight price`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from host.app.demo_tag import COUNTRY, tag
from host.app.lens_pictures import FILM
from host.app.price import price_camera
from host.app.translate import Observer, Request
from host.app.wishes import Wishes
from host.config import Settings
from host.events import Event, PriceRead

__all__ = ["CURRENCY", "ReadPrice", "priced"]

CURRENCY: Final = "EUR"
"""Of the wearer."""


@dataclass(frozen=True, slots=True)
class ReadPrice:
    """What came of it.

    Attributes:
        read: whether a price was.
        seconds: that each stage took, the reader's computing included.
        pictures: of the lens, in order; the film last.
    """

    read: bool
    seconds: dict[str, float]
    pictures: tuple[Path, ...]


def priced(folder: Path, report: Callable[[Event], None], elapsed: Callable[[], float]) -> ReadPrice:
    """A Norwegian tag, photographed and shown with its price in euros; pictures go into `folder`. Raises HostError."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - an extra

    settings = Settings(price_country=COUNTRY, currency=CURRENCY, reader="rapidocr")
    glasses = f"emulator:frame?speed=max&camera={quote(str(tag()))}"
    request = Request(settings=settings, glasses=glasses, lens_out=folder, replace=True)
    seconds: dict[str, float] = {}

    def watching(event: Event) -> None:
        if isinstance(event, PriceRead):
            seconds.update(event.seconds)
        report(event)

    work = price_camera(request, Observer(event=watching, elapsed=elapsed), Wishes(), once=True)
    read = run_virtual(work, charge_compute=True)
    return ReadPrice(bool(read), seconds, (*sorted(folder.glob("lens-*.png")), folder / FILM))
