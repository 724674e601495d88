"""What users of other people's packages do with a Frame, by the packages' own calls; each ends disconnected.

`Desk` is the other side: the emulated Frame's wearer, who taps, and who sees the lens.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from host.bench.link_peers import CAPTURE, LIBRARIES, LISTEN, TAPS, TEXT, program_of

LINES = Path(__file__).parent / "peers" / "lines.lua"
WAIT_S = 20.0


@dataclass
class Seen:
    """What a client got out of the glasses."""

    prints: list[str] = field(default_factory=list)
    jpeg: bytes = b""
    sound: bytes = b""
    taps: int = 0


async def messages(package: str, tap: Callable[[], None], listen_s: float = 2.0) -> Seen:
    """frame-msg or brilliant-msg: upload, text, photo, tap, sound."""
    library = importlib.import_module(package)
    client: Any = library.FrameMsg() if package == "frame_msg" else library.BrilliantMsg()
    seen = Seen()
    await client.connect()
    await client.print_short_text("Hello")
    await client.upload_stdlua_libs([*LIBRARIES])
    await client.upload_frame_app(str(program_of(package)))
    client.attach_print_response_handler(seen.prints.append)
    await client.start_frame_app()
    await asyncio.sleep(0.1)  # the program has just shown its first picture: what is drawn within 40 ms is lost (2.3)
    await client.send_message(TEXT, library.TxPlainText(text="Guten Tag", x=101, y=151, palette_offset=3).pack())

    photos = library.RxPhoto(upright=False)
    queue = await photos.attach(client)
    await client.send_message(CAPTURE, library.TxCaptureSettings(resolution=256, quality_index=2).pack())
    seen.jpeg = await asyncio.wait_for(queue.get(), WAIT_S)
    photos.detach(client)

    taps = library.RxTap()
    queue = await taps.attach(client)
    await client.send_message(TAPS, library.TxCode(1).pack())
    await asyncio.sleep(0.1)
    tap()
    seen.taps = await asyncio.wait_for(queue.get(), WAIT_S)
    taps.detach(client)
    await client.send_message(TAPS, library.TxCode(0).pack())

    audio = library.RxAudio(streaming=True)
    queue = await audio.attach(client)
    await client.send_message(LISTEN, library.TxCode(1).pack())
    while len(seen.sound) < listen_s * 32_000:
        seen.sound += await asyncio.wait_for(queue.get(), WAIT_S)
    await client.send_message(LISTEN, library.TxCode(0).pack())
    while (chunk := await asyncio.wait_for(queue.get(), WAIT_S)) is not None:
        seen.sound += chunk
    audio.detach(client)

    client.detach_print_response_handler()
    await client.stop_frame_app()
    await client.disconnect()
    return seen


async def lines(package: str, tap: Callable[[], None], listen_s: float = 1.0) -> Seen:
    """frameutils, frame-ble or brilliant-ble: a Lua file of one's own, and its raw packets."""
    library = importlib.import_module(package)
    client: Any = {"frameutils": "Bluetooth", "frame_ble": "FrameBle", "brilliant_ble": "BrilliantBle"}[package]
    client = getattr(library, client)()
    seen = Seen()
    packets: asyncio.Queue[bytes] = asyncio.Queue(10_000)
    await client.connect(
        print_response_handler=seen.prints.append,
        data_response_handler=lambda data: packets.put_nowait(bytes(data)),
    )

    async def next_packet() -> bytes:
        return await asyncio.wait_for(packets.get(), WAIT_S)

    await client.upload_file(str(LINES), "lines.lua")
    await client.send_lua("require('lines')", await_print=True)
    await client.send_data(b"text:Guten Tag")
    assert await next_packet() == b"shown"

    await client.send_data(b"photo")
    while (chunk := await next_packet()) != b"done":
        seen.jpeg += chunk

    tap()
    assert await next_packet() == b"tap"
    seen.taps = 1

    await client.send_data(b"listen")
    while len(seen.sound) < listen_s * 32_000:
        seen.sound += await next_packet()
    await client.send_break_signal()
    await asyncio.sleep(0.3)
    await client.send_reset_signal()
    await asyncio.sleep(0.3)
    await client.disconnect()
    return seen
