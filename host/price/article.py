"""What the barcodes in a photo add to a tag: the article's number, and the price of what was weighed; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from host.price.quantities import Quantity
from host.price.tag import Refusal, Tag
from host.read.barcode import Barcode

__all__ = ["gtin_of", "with_barcodes"]

_MISSING: Final = frozenset({Refusal.NONE_FOUND, Refusal.UNSURE, Refusal.CENTS})
"""Refusals of what was not read well enough: a barcode, which has a check of its own, may say it instead."""


def gtin_of(codes: Sequence[Barcode]) -> str:
    """The number of the article, as its largest barcode has it; empty where there is none that means it everywhere."""
    return next((code.gtin for code in codes if code.gtin and not code.in_store), "")


def with_barcodes(tag: Tag, codes: Sequence[Barcode]) -> Tag:
    """The tag with the price that GS1 barcodes carry (of what a shop has weighed), where there is one.

    It stands in for a price that was not read, and refuses one that is another.

    Args:
        tag: as its text was understood.
        codes: barcodes in the same photo.
    """
    said = {code.price: code for code in codes if code.price is not None and code.price > 0}
    if not said:
        return tag
    if tag.accepted:
        return tag if tag.price in said else replace(tag, price=None, refusal=Refusal.SUMS)
    if len(said) > 1 or tag.refusal not in _MISSING:
        return tag
    price, code = next(iter(said.items()))
    weight = code.weight_kg
    return Tag(
        price=price,
        currency=code.currency or tag.currency,
        refusal=None,
        confidence=1.0,
        quantity=Quantity(weight, "kg") if weight else tag.quantity,
        name=tag.name,
        codes=tag.codes,
        in_view=max(1, tag.in_view),
        evidence=("the barcode carries it",),
    )
