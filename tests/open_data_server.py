"""Open Food Facts, Open Prices and the European Central Bank on 127.0.0.1, answering as they do, or as a test wants."""

from __future__ import annotations

import io
import json
import time
import urllib.parse
import zipfile
from collections.abc import Callable
from typing import Any

from local_server import Handler, LocalServer

MILK = "7038010000782"
MELK = {"code": MILK, "status": 1, "product": {"product_name": "Lettmelk", "brands": "TINE, Q", "quantity": "1,75 l"}}
UNKNOWN = {"code": "", "status": 0, "status_verbose": "product not found"}

TABLE = "Date, USD, JPY, NOK, \n20 November 2026, 1.1172, 175.68, 10.3120, \n"


def price_row(number: int, price: Any = 20.5, **more: Any) -> dict[str, Any]:
    """A price as the serializers of Open Prices write it, without the places and proofs that a test does not need."""
    return {
        "id": number,
        "product_id": 7,
        "location_id": 3,
        "proof_id": 9,
        "type": "PRODUCT",
        "product_code": MILK,
        "product_name": None,
        "category_tag": None,
        "labels_tags": None,
        "origins_tags": None,
        "price": price,
        "price_is_discounted": False,
        "price_without_discount": None,
        "discount_type": None,
        "price_per": None,
        "currency": "NOK",
        "location_osm_id": 652825274,
        "location_osm_type": "NODE",
        "date": "2026-10-01",
        "receipt_quantity": None,
        "owner": "somebody",
        "source": "web",
        "created": "2026-10-02T06:30:00Z",
        "updated": "2026-10-02T06:30:00Z",
        "duplicate_of": None,
        **more,
    }


def place_row(number: int, country: str | None = "NO", **more: Any) -> dict[str, Any]:
    """A place, as above."""
    return {
        "id": number,
        "type": "OSM",
        "osm_id": 652825274,
        "osm_type": "NODE",
        "osm_name": "Kiwi Grønland",
        "osm_brand": "Kiwi",
        "osm_address_city": "Oslo",
        "osm_address_country": "Norge",
        "osm_address_country_code": country,
        "osm_lat": "59.9",
        "osm_lon": "10.7",
        **more,
    }


def archive(table: str | bytes = TABLE, **more: str | bytes) -> bytes:
    """A table as the bank packs it, and further files in the archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in {"eurofxref.csv": table, **more}.items():
            written.writestr(name, content)
    return packed.getvalue()


Reply = tuple[int, str, bytes, dict[str, str]]


def said(body: Any, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status, "application/json", content, headers


class OpenDataServer(LocalServer):
    """`answer` gets a path and its query and gives a reply; `requests` holds (path, query, headers)."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Reply] | None = None) -> None:
        super().__init__(_Handler)
        self.answer = answer or self.usual
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.delay_s = 0.0

    def usual(self, path: str, query: dict[str, str]) -> Reply:
        """What the three say when all is well."""
        if path.startswith("/api/v2/product/"):
            return said(MELK) if MILK in path else said(UNKNOWN, 404)
        if path == "/api/v1/prices":
            rows = [price_row(n, 20 + n, location=place_row(3)) for n in range(1, 5)]
            rows = [row for row in rows if row["product_code"] == query["product_code"]]
            return said({"items": rows, "page": 1, "pages": 1, "size": 100, "total": len(rows)})
        return 200, "application/zip", archive(), {}


class _Handler(Handler):
    def respond(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.owner.requests.append((url.path, query, dict(self.headers)))
        if self.owner.delay_s:
            time.sleep(self.owner.delay_s)
        status, kind, body, headers = self.owner.answer(url.path, query)
        self.answer(status, kind, body, headers)
