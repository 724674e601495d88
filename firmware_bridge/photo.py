"""From photo packets to a JPEG: blocks are checked, asked for again when damaged, and put in order; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_bridge.errors import RemoteProtocolError
from firmware_bridge.messages import PhotoBlock, PhotoReceived
from firmware_bridge.wire import PhotoPacket, check

__all__ = ["FRAME_ORIENTATION", "Photo", "PhotoAssembler"]

FRAME_ORIENTATION: Final = 8
"""EXIF: upright is a quarter turn counter-clockwise of the stored picture (device reference 2.5)."""

MAX_BLOCKS: Final = 64  # 16 packets of up to 242 bytes each: 248 kB, more than either camera gives
BLOCKS_KEPT: Final = 2  # BLOCKS of device_app/photo.lua
_NUMBERS: Final = 64


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it left the camera.

    Attributes:
        jpeg: the camera's own bytes, whole and checked.
        orientation: EXIF orientation, 1 to 8, that makes it upright; to be applied once, when decoding.
    """

    jpeg: bytes
    orientation: int


class PhotoAssembler:
    """Collects one photo. `again` counts the blocks that had to be repeated."""

    def __init__(self, photo_id: int) -> None:
        self.id = photo_id
        self.again = 0
        self._packets: dict[int, bytes] = {}
        self._blocks: dict[int, bytes] = {}
        self._count: int | None = None

    def packet(self, packet: PhotoPacket) -> None:
        """Take a piece."""
        self._packets[packet.number] = packet.data

    def block(self, report: PhotoBlock) -> PhotoReceived:
        """Check a block that was announced; the answer to send.

        Raises:
            RemoteProtocolError: more blocks than any photo has.
        """
        if report.index >= MAX_BLOCKS or report.packets > _NUMBERS // 2:
            msg = f"the glasses announced block {report.index} with {report.packets} packets"
            raise RemoteProtocolError(msg)
        if report.index not in self._blocks:
            numbers = [(report.first + n) % _NUMBERS for n in range(report.packets)]
            pieces = [self._packets.get(number, b"") for number in numbers]
            if check(b"".join(check(piece).to_bytes(4, "little") for piece in pieces)) != report.check:
                self.again += 1
                return PhotoReceived(self.id, report.index, 0)
            self._blocks[report.index] = b"".join(pieces)
            for number in numbers:
                self._packets.pop(number, None)
        if report.last:
            self._count = report.index + 1
        return PhotoReceived(self.id, report.index, 1)

    @property
    def missing(self) -> list[int]:
        """The blocks that the glasses may hold and that are not here: as many as they keep, from the first missing."""
        first = next(index for index in range(MAX_BLOCKS + 1) if index not in self._blocks)
        return [index for index in range(first, first + BLOCKS_KEPT) if index not in self._blocks]

    @property
    def jpeg(self) -> bytes | None:
        """The photo when every block is here, else None."""
        if self._count is None or len(self._blocks) < self._count:
            return None
        return b"".join(self._blocks[index] for index in range(self._count))
