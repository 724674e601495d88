"""Puts the device app onto the glasses: a loader of three statements, then the file in checked packets.

Each packet is `number u8 | check u32 | bytes` behind the byte 01. The loader answers every packet with the number it
wants next and its complement, writes only what it wants and what is whole, and so can be sent anything twice. The file
gets its real name (which carries its hash) last, so that a broken upload never looks like an app.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from firmware_bridge import gatt
from firmware_bridge.app_image import AppImage
from firmware_bridge.console import Console
from firmware_bridge.errors import RESTART_HINT, DeviceError, LinkTimeoutError, UploadError
from firmware_bridge.link import Link

__all__ = ["UploadReport", "Uploader"]

# Statements and the words they answer. Each may be run twice, and late: K names the upload, so that an old copy
# neither empties nor reopens the file.
_OPEN: Final = (
    ("if K~={upload} then K={upload} f=frame.file.open('sl.new','w')n=0 end", "open"),
    (
        (
            "B=frame.bluetooth function sl(d)local k,c=('<BI4'):unpack(d)local s=#d for i=6,#d do "
            "s=s*31+d:byte(i)&0xffffffff end if k==n&255 and c==s then f:write(d:sub(6))n=n+1 end "
            "B.send(('').char(n&255,~n&255))end"
        ),
        "load",
    ),
    ("B.receive_callback(sl)", "go"),
)
_CLOSE: Final = (
    ("if f then f:close()f=nil sl=nil B.receive_callback(nil)end", "closed"),
    (
        "for _,e in ipairs(frame.file.listdir'/')do if e.name:find'^sl%x+$'then frame.file.remove(e.name)end end",
        "swept",
    ),
    ("pcall(frame.file.rename,'sl.new','{name}')", "kept"),
)
_HEADER_BYTES: Final = 5
_ANSWER_S: Final = 0.5  # an erased flash page costs 85 ms, and 4 KiB of a file may need two
_TRIES: Final = 8


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What an upload cost: bytes of the app, packets sent (repeats included) and repeats."""

    app_bytes: int
    packets: int
    repeated: int


class Uploader:
    """One upload over one link; the owner passes on data packets while it runs."""

    def __init__(self, link: Link, console: Console) -> None:
        self._link = link
        self._console = console
        self._wanted: asyncio.Queue[int] = asyncio.Queue(16)

    def received(self, packet: bytes) -> None:
        """Take a data packet (without the byte 01) from the glasses."""
        if len(packet) == 2 and packet[0] ^ packet[1] == 0xFF and not self._wanted.full():
            self._wanted.put_nowait(packet[0])

    async def run(self, image: AppImage, upload: int) -> UploadReport:
        """Store the app; `upload` is a number unlike that of any other upload.

        Cancelling leaves a half-written file under another name, which the next upload replaces.

        Raises:
            UploadError: the glasses do not take it (storage full, no answer).
            LinkLostError: the connection is gone.
        """
        try:
            for statement, word in _OPEN:
                await self._console.run(statement.replace("{upload}", str(upload)), word)
            report = await self._send(image.source)
            for statement, word in _CLOSE:
                await self._console.run(statement.replace("{name}", image.name), word)
        except (DeviceError, LinkTimeoutError) as error:
            msg = "the device app could not be stored on the glasses"
            hint = f"Their storage may be full or worn. {RESTART_HINT}"
            raise UploadError(msg, hint, getattr(error, "device_text", "")) from error
        return report

    async def _send(self, source: bytes) -> UploadReport:
        size = self._link.info.max_value_bytes - 1 - _HEADER_BYTES
        pieces = [source[at : at + size] for at in range(0, len(source), size)]
        sent = at = 0
        tries = _TRIES
        while at < len(pieces):
            await self._link.write(_packet(at, pieces[at]))
            sent += 1
            wanted = await self._next_wanted()
            # The answer counts modulo 256: the piece it means is the one nearest to where we are.
            new = at if wanted is None else at + (wanted - at + 128) % 256 - 128
            if new > at:
                tries = _TRIES
            else:
                tries -= 1
                if not tries:
                    msg = "the glasses stopped taking the device app"
                    raise LinkTimeoutError(msg)
            at = max(new, 0)
        return UploadReport(len(source), sent, sent - len(pieces))

    async def _next_wanted(self) -> int | None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._wanted.get()
        except TimeoutError:
            return None


def _packet(number: int, piece: bytes) -> bytes:
    total = len(piece) + _HEADER_BYTES
    for byte in piece:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return bytes((gatt.DATA, number & 0xFF)) + total.to_bytes(4, "little") + piece
