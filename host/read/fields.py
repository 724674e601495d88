"""What a reader that understands tags says of one: its texts, each with what it is; pure.

Texts are as printed, never numbers: where the cents begin and what belongs together is judged by whoever judges every
other reader's lines (`host/price`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

__all__ = ["ROLES", "Role", "TagField", "TagFields"]

Role = Literal[
    "price", "unit_price", "was", "member_price", "offer", "saving", "deposit", "quantity", "name", "code", "tax"
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""Every role that a text of a tag may have; what has none of them is left out."""


@dataclass(frozen=True, slots=True)
class TagField:
    """One text of a tag.

    Attributes:
        role: what it is.
        text: as printed, of raised cents with a point before them; data, whatever it says.
        sure: False if the reader doubts it.
    """

    role: Role
    text: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class TagFields:
    """One tag.

    Attributes:
        fields: its texts.
        tags: how many tags are in view, this one included; 0 where none is.
    """

    fields: tuple[TagField, ...] = ()
    tags: int = 0
