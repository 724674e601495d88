"""Barcodes by zxing-cpp, in up to 0.1 s a photo; what their digits mean says `host/read/barcode.py`.

Only symbologies with a check of their own are looked for: a plain Code 39 or ITF is found in any railing. A product
number counts only if its check digit holds and two looks at the photo, at different sizes, agree on it. No row of the
photo crosses a symbol that is slanted by 30 to 60 degrees, so a photo without any symbol is looked at turned as well.
GS1 element strings are taken apart by python-stdnum.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from host.errors import BackendError, BackendMissingError
from host.photo import grey_levels, resized, turned
from host.read.barcode import Barcode, Kind, expanded_upc_e, is_gtin
from host.read.line import Box, Corners, Point
from host.read.reader import Picture

__all__ = ["ZxingReader"]

_GROUP_SEPARATOR: Final = "\x1d"
_GTIN: Final = "01"  # application identifiers
_CONTENT: Final = "02"
MAX_TEXT: Final = 4300  # characters: more than the largest QR code (7,089 digits are no text that anybody shows)
ENLARGED: Final = 1000  # pixels: a photo smaller than this is looked at enlarged, too
VOTES: Final = 2  # looks that must agree on an article's number: one check digit lets one misreading in ten pass
_ONE_DIGIT: Final = frozenset({"ean13", "ean8", "upca", "upce"})
# (scale, binariser): of small photos, enlarged ones too, in which bars a pixel wide are found; else made smaller.
_LOOKS: Final[dict[bool, tuple[tuple[float, str], ...]]] = {
    True: ((1.0, "LocalAverage"), (1.5, "LocalAverage"), (2.0, "LocalAverage"), (2.0, "GlobalHistogram")),
    False: ((1.0, "LocalAverage"), (0.5, "LocalAverage"), (1.0, "GlobalHistogram"), (0.5, "GlobalHistogram")),
}
# Of 150 drawn EAN and UPC symbols at any angle, small ones and blurred ones, this finds 76 instead of 44, none wrong;
# turned by 30 degrees either way as well, 80. UPC-E is left out: its six digits are found in a part of a slanted EAN.
SLANT: Final = 45.0  # degrees
_TURNED_SCALES: Final = (1.0, 1.5)
_NOT_SLANTED: Final = "upce"
MAX_CODES: Final = 50  # of one photo


class ZxingReader:
    """Finds barcodes; a `BarcodeReader`. Holds nothing."""

    def __init__(self) -> None:
        """Load the library. Raises BackendMissingError."""
        try:
            import zxingcpp  # noqa: PLC0415 - imported when used
        except ImportError as error:
            raise BackendMissingError(
                "barcodes need zxing-cpp, which is not installed", "Install it: pip install 'sidelight[read]'"
            ) from error
        self._library: Any = zxingcpp
        formats = zxingcpp.BarcodeFormat
        self._formats = (
            formats.EANUPC,
            formats.QRCode,
            formats.MicroQRCode,
            formats.Code128,
            formats.DataBar,
            formats.DataMatrix,
        )

    async def read(self, picture: Picture) -> list[Barcode]:
        """The barcodes in a photo, the largest first. Raises BackendError."""
        return await asyncio.to_thread(self._read, picture)

    def _read(self, picture: Picture) -> list[Barcode]:
        votes: Counter[str] = Counter()
        products: dict[str, Barcode] = {}
        others: dict[str, Barcode] = {}
        grey = grey_levels(picture)
        looks = _LOOKS[max(picture.shape[:2]) < ENLARGED]
        views = {1.0: grey}
        for number, (scale, binariser) in enumerate(looks):
            if scale not in views:
                views[scale] = resized(grey, scale)
            found = self._found(views[scale], _Place(scale), binariser)
            votes.update({code.gtin for code in found if code.kind in _ONE_DIGIT})
            for code in found:
                if code.kind in _ONE_DIGIT:
                    products.setdefault(code.gtin, code)
                else:
                    others.setdefault(code.text, code)
            if number and (votes or others) and all(count >= VOTES for count in votes.values()):
                break
        if not votes and not others:
            return self._slanted(grey)
        sure = [code for gtin, code in products.items() if votes[gtin] >= VOTES]
        sure = [code for code in sure if not any(_same_place(code, other) for other in sure if other is not code)]
        return sorted([*sure, *others.values()], key=lambda code: -_size(code.corners))

    def _slanted(self, grey: Picture) -> list[Barcode]:
        """The one product whose number every look at the turned photo finds."""
        height, width = grey.shape
        largest = min(1.0, ENLARGED / max(height, width))
        products: list[Barcode] = []
        for number, times in enumerate(_TURNED_SCALES):
            scale = largest * times
            view = turned(resized(grey, scale), SLANT)
            place = _Place(scale, SLANT, (view.shape[1] / 2, view.shape[0] / 2), (width / 2, height / 2))
            found = self._found(view, place, "LocalAverage")
            seen = [code for code in found if code.kind in _ONE_DIGIT and code.kind != _NOT_SLANTED]
            known = {code.gtin for code in products}
            products = [code for code in seen if not number or code.gtin in known]
            if not products:
                break
        return products if len({code.gtin for code in products}) == 1 else []

    def _found(self, grey: Picture, place: _Place, binariser: str) -> list[Barcode]:
        try:
            symbols = self._library.read_barcodes(
                grey, formats=self._formats, binarizer=getattr(self._library.Binarizer, binariser)
            )
        except Exception as error:
            raise BackendError("zxing-cpp cannot search this photo for barcodes") from error
        return [code for symbol in symbols[:MAX_CODES] if (code := _code(symbol, place)) is not None]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a look's pixels are in the photo: it was scaled, then turned about its middle."""

    scale: float
    degrees: float = 0.0
    middle: Point = (0.0, 0.0)  # of the look, pixels
    photo: Point = (0.0, 0.0)  # middle of the photo

    def of(self, x: float, y: float) -> Point:
        """The photo's pixel that is the look's."""
        cos, sin = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        across, down = (x - self.middle[0]) / self.scale, (y - self.middle[1]) / self.scale
        return across * cos - down * sin + self.photo[0], across * sin + down * cos + self.photo[1]


def _code(symbol: Any, place: _Place) -> Barcode | None:
    """What the library found, if it is whole and of a kind that is wanted."""
    text = symbol.text
    if not symbol.valid or not text or len(text) > MAX_TEXT:
        return None
    corners = _corners(symbol.position, place)
    if symbol.content_type.name == "GS1":
        elements = _elements(symbol.bytes)
        gtin = elements.get(_GTIN) or elements.get(_CONTENT, "")
        return Barcode("gs1", text, corners, gtin if is_gtin(gtin) else "", elements) if elements else None
    name = str(symbol.format)
    if name == "QR Code" or name.endswith("QR Code"):
        return Barcode("qr", text, corners)
    product = _product(name, text)
    return Barcode(product[0], text, corners, product[1]) if product and is_gtin(product[1]) else None


def _product(name: str, text: str) -> tuple[Kind, str] | None:
    """Kind and number of an EAN or UPC symbol; the library writes UPC with 13 digits, and UPC-E in its long form."""
    if name == "EAN-8":
        return "ean8", text
    if name == "UPC-E":
        return "upce", expanded_upc_e(text) if len(text) == 8 else text[-12:]
    if name in ("EAN-13", "UPC-A"):
        return ("upca", text[-12:]) if name == "UPC-A" or text.startswith("0") else ("ean13", text)
    return None


def _elements(content: bytes) -> Mapping[str, str]:
    """Application identifier to value of a GS1 element string; empty where it does not keep the rules."""
    from stdnum import gs1_128  # noqa: PLC0415 - reads its table of identifiers when imported

    try:
        parts = gs1_128.info(content.decode("ascii").strip(_GROUP_SEPARATOR), _GROUP_SEPARATOR)
    except Exception:  # noqa: BLE001 - its parser raises whatever a value's own type does, and a label holds anything
        return {}
    return {identifier: _text(value) for identifier, value in parts.items()}


def _text(value: object) -> str:
    if isinstance(value, tuple):  # a price with its currency's number
        return " ".join(map(_text, value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _corners(position: Any, place: _Place) -> Corners:
    def point(name: str) -> Point:
        corner = getattr(position, name)
        return place.of(corner.x, corner.y)

    return point("top_left"), point("top_right"), point("bottom_right"), point("bottom_left")


def _box(corners: Corners) -> Box:
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return Box(min(across), min(down), max(across), max(down))


def _size(corners: Corners) -> float:
    box = _box(corners)
    return max(box.width, box.height)


def _same_place(one: Barcode, other: Barcode) -> bool:
    """Two numbers for one symbol: the lines across it cross each other's boxes."""
    first, second = _box(one.corners), _box(other.corners)
    return first.shared_width(second) > 0 and first.shared_height(second) > 0
