"""From photo packets to a JPEG: blocks are checked, asked for again when damaged, and put in order; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_bridge.errors import RemoteProtocolError
from firmware_bridge.link import GlassesKind
from firmware_bridge.messages import PhotoBlock, PhotoReceived
from firmware_bridge.wire import PhotoPacket, check

__all__ = ["ORIENTATIONS", "Photo", "PhotoAssembler"]

ORIENTATIONS: Final[dict[GlassesKind, int]] = {"frame": 8, "halo": 1}
"""EXIF: upright is a quarter turn counter-clockwise of what Frame stores (device reference 2.5).

What Halo stores is upright: the vendor's examples for both ask for that turn with Frame alone.
"""

MAX_PHOTO_BYTES: Final = 0x20000  # Halo's buffer; Frame's largest is 66,160 bytes (device reference 2.5, 2.6)
BLOCKS_KEPT: Final = 2  # BLOCKS of device_app/photo.lua: at most so many are sent and not confirmed
START_OF_JPEG: Final = b"\xff\xd8"
_NUMBERS: Final = 64  # of packets; a block takes half of them at most, so that two can be under way


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it left the camera.

    Attributes:
        jpeg: the camera's own bytes, whole and checked.
        orientation: EXIF orientation, 1 to 8, that makes it upright; to be applied once, when decoding.
        camera_s: seconds from the order to its first piece: the rest of the time was the link's.
    """

    jpeg: bytes
    orientation: int
    camera_s: float = 0.0


class PhotoAssembler:
    """Collects one photo, in bounded memory whatever the far end sends."""

    def __init__(self, photo_id: int) -> None:
        self.id = photo_id
        self._packets: dict[int, bytes] = {}
        self._blocks: dict[int, _Block] = {}
        self._count: int | None = None

    def packet(self, packet: PhotoPacket) -> None:
        """Take a piece."""
        self._packets[packet.number] = packet.data

    def block(self, report: PhotoBlock) -> PhotoReceived:
        """Check a block that was announced; the answer to send.

        Raises:
            RemoteProtocolError: no photo has such a block: out of order, of too many packets, empty, behind the last,
                one that makes the photo too large; or the photo is whole with it and no JPEG.
        """
        if report.packets > _NUMBERS // 2 or report.index >= len(self._blocks) + BLOCKS_KEPT:
            raise _no_photo(f"block {report.index} of {report.packets} packets, with {len(self._blocks)} blocks here")
        known = self._blocks.get(report.index)
        if known is not None and known.check != report.check:  # restarted glasses take another picture
            self._blocks, self._count, known = {}, None, None
        if known is None:
            data = self._data_of(report)
            if data is None:
                return PhotoReceived(self.id, report.index, 0)
            self._blocks[report.index] = _Block(data, report.check)
        if report.last:
            self._count = report.index + 1
        size = sum(len(block.data) for block in self._blocks.values())
        if size > MAX_PHOTO_BYTES:
            raise _no_photo(f"{size} bytes, and the most that a camera gives is {MAX_PHOTO_BYTES}")
        if not self._blocks[report.index].data and not report.last:
            raise _no_photo(f"block {report.index} is empty and not the last")
        if self._count is not None and max(self._blocks) >= self._count:
            raise _no_photo(f"block {max(self._blocks)} behind the last, {self._count - 1}")
        if self.jpeg is not None and not self.jpeg.startswith(START_OF_JPEG):
            raise _no_photo(f"it begins with {self.jpeg[:2].hex() or 'nothing'}")
        return PhotoReceived(self.id, report.index, 1)

    @property
    def missing(self) -> list[int]:
        """The blocks that the glasses may hold and that are not here."""
        end = max(self._blocks, default=-1) + 1 + BLOCKS_KEPT
        return [index for index in range(end) if index not in self._blocks]

    @property
    def jpeg(self) -> bytes | None:
        """The photo when every block is here, else None."""
        if self._count is None or len(self._blocks) < self._count:
            return None
        return b"".join(self._blocks[index].data for index in range(self._count))

    def _data_of(self, report: PhotoBlock) -> bytes | None:
        """The block's bytes; None if they did not come as they were sent."""
        numbers = [(report.first + n) % _NUMBERS for n in range(report.packets)]
        pieces = [self._packets.get(number, b"") for number in numbers]
        if check(b"".join(check(piece).to_bytes(4, "little") for piece in pieces)) != report.check:
            return None
        for number in numbers:
            self._packets.pop(number, None)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Block:
    data: bytes
    check: int


def _no_photo(why: str) -> RemoteProtocolError:
    return RemoteProtocolError(f"what the glasses sent is no photo ({why})", "Try again; restart them if it stays.")
