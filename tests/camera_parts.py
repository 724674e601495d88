"""The emulated camera on a board of its own, and photos read from it."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
from parts_board import PartsBoard, call
from PIL import Image

from firmware_bridge.emulator.camera import Camera
from firmware_bridge.emulator.pictures import Pictures

GRADIENT = np.stack(np.broadcast_arrays(*np.ogrid[0:720, 0:720], 90), axis=2).astype(np.int64) * 255 // 720
CARD = GRADIENT.astype(np.uint8)


def make(*pictures: np.ndarray, strict: bool = False) -> tuple[PartsBoard, Camera, Any]:
    board = PartsBoard(strict=strict)
    camera = Camera(board, Pictures([lambda one=one: one for one in pictures]) if pictures else None)
    return board, camera, camera.api()


def settle(board: PartsBoard, api: Any, **options: Any) -> dict[str, Any]:
    for _ in range(30):
        found = call(api, "auto", {key.encode(): value for key, value in options.items()})
        board.wait(0.1)
    return found


def capture(board: PartsBoard, api: Any, **options: Any) -> None:
    call(api, "capture", {key.encode(): value for key, value in options.items()})
    board.wait(0.2)


def read_all(api: Any, size: int, name: str = "read") -> list[bytes]:
    return list(itertools.takewhile(lambda data: data is not None, (call(api, name, size) for _ in range(100_000))))


def photo(board: PartsBoard, api: Any, **options: Any) -> bytes:
    capture(board, api, **options)
    assert call(api, "image_ready") is True
    return b"".join(read_all(api, 4096))


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
