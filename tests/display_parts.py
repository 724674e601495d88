"""The emulated display on a board of its own, and what it shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from parts_board import PartsBoard, call

from firmware_bridge.emulator.display import Display
from firmware_bridge.emulator.palette import DEFAULT_PALETTE, to_rgb

RGB = to_rgb(list(DEFAULT_PALETTE))
WEIGHTS = np.array([1 << 16, 1 << 8, 1], np.int64)


def make(*, strict: bool = False) -> tuple[PartsBoard, Display]:
    board = PartsBoard(strict=strict)
    return board, Display(board)


def text(display: Display, text: bytes, x: int, y: int, **options: Any) -> None:
    table = {key.encode(): value for key, value in options.items()}
    call(display.api(), "text", text, x, y, *([table] if options else []))


def bitmap(display: Display, *arguments: Any) -> None:
    call(display.api(), "bitmap", *arguments)


def shown(board: PartsBoard, display: Display) -> np.ndarray:
    """Show what is drawn, wait until it is lit, and give back the palette index of each pixel."""
    call(display.api(), "show")
    board.wait(0.1)
    return indices(display)


def indices(display: Display) -> np.ndarray:
    order = np.argsort(RGB @ WEIGHTS)
    found: np.ndarray = order[np.searchsorted((RGB @ WEIGHTS)[order], display.picture() @ WEIGHTS)]
    return found


def status(display: Display) -> int:
    return call(display.system_api(), "fpga_read", 0x18, 1)[0]
