"""What is known of connected glasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_bridge.link import GlassesKind
from firmware_bridge.session import Session

__all__ = ["GlassesInfo", "info_of"]

LENS_SIZES: Final[dict[GlassesKind, tuple[int, int]]] = {"frame": (640, 400), "halo": (256, 256)}
"""Pixels across and down (device reference 2.3, 2.4)."""


@dataclass(frozen=True, slots=True)
class GlassesInfo:
    """What is connected.

    Attributes:
        name: as advertised; data from outside.
        kind: "frame" or "halo".
        device: hardware and firmware version, as the glasses say.
        width: pixels across.
        height: pixels down.
        heap_bytes: memory that the device app had left when it started, at least.
        max_value_bytes: largest value of one write or notification.
        round: of the lens only the circle that fits into it is seen.
    """

    name: str
    kind: GlassesKind
    device: str
    width: int
    height: int
    heap_bytes: int
    max_value_bytes: int
    round: bool = False


def info_of(session: Session) -> GlassesInfo:
    """Of the glasses of a session that is ready."""
    link, ready = session.link.info, session.greeting
    width, height = LENS_SIZES[link.glasses]
    return GlassesInfo(
        name=link.name,
        kind=link.glasses,
        device=ready.device.decode("utf-8", "replace"),
        width=width,
        height=height,
        heap_bytes=ready.heap_kib * 1024,
        max_value_bytes=link.max_value_bytes,
        round=link.glasses == "halo",
    )
