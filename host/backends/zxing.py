"""Barcodes by zxing-cpp, which takes a few milliseconds; what its digits mean says `host/read/barcode.py`.

Only symbologies with a check of their own are looked for: a plain Code 39 or ITF is found in any railing. A product
number counts only if its check digit holds too. GS1 element strings are taken apart by python-stdnum.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from host.errors import BackendError, BackendMissingError
from host.read.barcode import Barcode, Kind, expanded_upc_e, is_gtin
from host.read.line import Box, Corners
from host.read.reader import Picture

__all__ = ["ZxingReader"]

_GROUP_SEPARATOR: Final = "\x1d"
_GTIN: Final = "01"  # application identifiers
_CONTENT: Final = "02"
MAX_TEXT: Final = 4300  # characters: more than the largest QR code (7,089 digits are no text that anybody shows)
ENLARGED: Final = 1000  # pixels: a photo smaller than this is looked at a second time, twice as large
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
        found = self._found(picture, 1)
        if not found and max(picture.shape[:2]) < ENLARGED:
            found = self._found(picture.repeat(2, axis=0).repeat(2, axis=1), 2)
        return found

    def _found(self, picture: Picture, scale: int) -> list[Barcode]:
        pixels = picture[:, :, ::-1].copy()  # it takes blue, green, red
        try:
            symbols = self._library.read_barcodes(pixels, formats=self._formats)
        except Exception as error:
            raise BackendError("zxing-cpp cannot search this photo for barcodes") from error
        codes = [code for symbol in symbols[:MAX_CODES] if (code := _code(symbol, scale)) is not None]
        return sorted(codes, key=lambda code: -_size(code.corners))


def _code(symbol: Any, scale: int) -> Barcode | None:
    """What the library found, if it is whole and of a kind that is wanted."""
    text = symbol.text
    if not symbol.valid or not text or len(text) > MAX_TEXT:
        return None
    corners = _corners(symbol.position, scale)
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


def _corners(position: Any, scale: int) -> Corners:
    def point(name: str) -> tuple[float, float]:
        corner = getattr(position, name)
        return corner.x / scale, corner.y / scale

    return point("top_left"), point("top_right"), point("bottom_right"), point("bottom_left")


def _size(corners: Corners) -> float:
    across, down = [x for x, _ in corners], [y for _, y in corners]
    box = Box(min(across), min(down), max(across), max(down))
    return max(box.width, box.height)
