"""Other people's packages in `bench link`: frame-msg and brilliant-msg, as they are, by their own documented calls.

They find the emulated glasses because bleak does (`Rig.lend_to_bleak`). Their programs on the glasses are written as
their users write them, on the Lua files that each package uploads: `frame_msg_app.lua`, `brilliant_msg_app.lua`.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import logging
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from firmware_bridge import GlassesKind, NotInstalledError
from host.bench.link_clients import Heard
from host.bench.link_rig import STAGES

__all__ = [
    "CAPTURE",
    "LIBRARIES",
    "LISTEN",
    "PEERS",
    "SPRITE",
    "TAPS",
    "TEXT",
    "Peer",
    "peers_for",
    "program_of",
    "require_peers",
    "version_of",
]

PEERS: Final = {"brilliant-msg": "brilliant_msg", "frame-msg": "frame_msg"}  # distribution: module
LIBRARIES: Final = ("data", "camera", "audio", "plain_text", "code", "sprite", "tap")
TEXT, CAPTURE, LISTEN, TAPS, SPRITE = 0x0A, 0x0D, 0x30, 0x10, 0x20  # message codes, as in the Lua programs
PALETTE: Final = bytes(range(0, 240, 5))
QUALITY_VERY_HIGH: Final = 4
RATE_HZ: Final = 16_000
PHOTO_S: Final = 20.0  # they wait for a photo for ever; a program of theirs would not


def peers_for(kind: GlassesKind) -> list[str]:
    """The packages that drive these glasses: frame-msg is for Frame alone."""
    return list(PEERS) if kind == "frame" else ["brilliant-msg"]


def require_peers(kind: GlassesKind) -> None:
    """Raises NotInstalledError: a package that drives these glasses is missing."""
    missing = [name for name in peers_for(kind) if find_spec(PEERS[name]) is None]
    if missing:
        raise NotInstalledError(
            f"the comparison needs packages by others that are not installed: {', '.join(missing)}",
            "Run: pip install 'sidelight[peers]'",
        )


def version_of(name: str) -> str:
    """The installed version of a peer."""
    return importlib.metadata.version(name)


def program_of(module: str) -> Path:
    """The Lua program that a peer uploads."""
    return Path(__file__).parent / f"{module}_app.lua"


class Peer:
    """frame-msg or brilliant-msg.

    Args:
        name: a key of `PEERS`.
        kind: which glasses there are.

    Attributes:
        name: the package, as in tables.
        stage: of the glasses.
        client: its own object, while started.
    """

    def __init__(self, name: str, kind: GlassesKind = "frame") -> None:
        self.name = name
        self.stage = STAGES[kind]
        self._module = PEERS[name]
        self._library: Any = _quietly_imported(self._module)
        self.client: Any = None

    async def start(self) -> None:
        """Client: connect as its documentation does, upload the files that are needed, start the program."""
        self.client = self._library.FrameMsg() if self._module == "frame_msg" else self._library.BrilliantMsg()
        await self.client.connect()
        await self.client.upload_stdlua_libs([*LIBRARIES])
        await self.client.upload_frame_app(str(program_of(self._module)))
        await self.client.start_frame_app()

    async def stop(self) -> None:
        """Client."""
        await self.client.disconnect()

    async def caption(self, text: str) -> None:
        """Client."""
        x, y = self.stage.caption_x + 1, self.stage.caption_y + 1
        await self.client.send_message(TEXT, self._library.TxPlainText(text=text, x=x, y=y).pack())

    async def picture(self, pixels: bytes) -> None:
        """Client."""
        await self.client.send_message(SPRITE, self.sprite(pixels).pack())

    def sprite(self, pixels: bytes) -> Any:
        """The package's own message for so many pixels."""
        indices = bytes(nibble for byte in pixels for nibble in (byte >> 4, byte & 15))
        width = self.stage.picture_width
        return self._library.TxSprite(width, len(indices) // width, 16, PALETTE, indices)

    async def photo(self) -> bytes:
        """Client: the JPEG as it came; turning it upright would encode it anew."""
        photos = self._library.RxPhoto(upright=False)
        queue = await photos.attach(self.client)
        try:
            settings = self._library.TxCaptureSettings(
                resolution=self.stage.photo_pixels, quality_index=QUALITY_VERY_HIGH
            )
            await self.client.send_message(CAPTURE, settings.pack())
            return bytes(await asyncio.wait_for(queue.get(), PHOTO_S))
        finally:
            photos.detach(self.client)

    async def listen(self, seconds: float) -> Heard:
        """Client: to the end that the program on the glasses tells."""
        audio = self._library.RxAudio(streaming=True)
        queue = await audio.attach(self.client)
        await self.client.send_message(LISTEN, self._library.TxCode(1).pack())
        heard = Heard()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        stopping: asyncio.Task[None] | None = None
        try:
            while True:
                if stopping is None and loop.time() >= end:
                    stopping = asyncio.create_task(self.client.send_message(LISTEN, self._library.TxCode(0).pack()))
                chunk = await asyncio.wait_for(queue.get(), PHOTO_S)
                if chunk is None:
                    break
                heard.samples += len(chunk) // 2 * (RATE_HZ // self.stage.pcm_hz)
        finally:
            audio.detach(self.client)
            if stopping is not None:
                await asyncio.gather(stopping, return_exceptions=True)
        return heard


def _quietly_imported(module: str) -> Any:
    """Import it; it configures the root logger when imported, which is not its to configure."""
    root = logging.getLogger()
    handlers: Iterable[logging.Handler] = list(root.handlers)
    level = root.level
    try:
        return importlib.import_module(module)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
