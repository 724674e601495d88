"""Open Food Facts: what an article is, by its barcode. Data under the ODbL 1.0, its contents under the DbCL 1.0.

Reference: openfoodfacts.github.io/openfoodfacts-server/api (version 2). It asks for at most 15 products a minute from
one address, for a User-Agent with name, version and contact, and for its name wherever its data is shown.
"""

from __future__ import annotations

from typing import Any, Final

from host.backends.open_data import OpenDatabase, code_of
from host.contracts.prices import Product
from host.errors import BackendError

__all__ = ["LICENCE", "OpenFoodFacts"]

LICENCE: Final = "Product data: Open Food Facts contributors, ODbL 1.0 (openfoodfacts.org)"
PER_MINUTE: Final = 15
_FIELDS: Final = "code,product_name,brands,quantity"
_LONGEST: Final = 200  # characters of what is shown of a text


class OpenFoodFacts:
    """The database of articles at an address; nothing is asked before the first call."""

    def __init__(self, base_url: str, **options: Any) -> None:
        """As `OpenDatabase`, whose other arguments may be given. Raises UsageError."""
        self.database = OpenDatabase(
            base_url, name="Open Food Facts", setting="price.products_url", per_minute=PER_MINUTE, **options
        )

    async def product(self, gtin: str) -> Product | None:
        """What it says of an article; None where it has no such article. Cancelling breaks the connection.

        Args:
            gtin: digits only.

        Raises:
            BackendError: no answer, or none that is understood.
        """
        if not (gtin.isascii() and gtin.isdecimal()):
            raise BackendError("that is no article number", "Read the barcode again")
        answer = await self.database.get(f"/api/v2/product/{code_of(gtin)}.json?fields={_FIELDS}")
        found = self.database.object_in(answer)
        if answer.status == 404 or found.get("status") == 0:
            # A page of somebody else's server also has that status.
            if "status" not in found and "code" not in found:
                raise self.database.nonsense()
            return None
        said = found.get("product")
        if not isinstance(said, dict):
            raise self.database.nonsense()
        name, brands, quantity = (_text(said.get(key)) for key in ("product_name", "brands", "quantity"))
        brand = brands.split(",")[0].strip()
        return Product(gtin=gtin, name=name, brand=brand, quantity=quantity) if name or brand else None

    def close(self) -> None:
        """Ask no more. Repeated calls do nothing."""
        self.database.close()


def _text(value: object) -> str:
    """One line of a text from outside; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value[: 4 * _LONGEST]).split())[:_LONGEST]
