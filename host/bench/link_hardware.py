"""`bench link --glasses`: the same steps, by us, on glasses that are not emulated here, by the clock.

No emulated lens says when it is lit, so captions and pictures end when the glasses have acknowledged them. Nothing is
lost on purpose, a caption within 24 kB is left out since a call returns when all of it is there, and the first start
is one only if the glasses did not have the program.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from firmware_bridge import LinkLostError, LinkSource, StartReport, UriError
from host.app.bound import open_glasses
from host.bench.link_captions import Effort, forty, growing, pixels, spread
from host.bench.link_clients import Sidelight
from host.bench.link_rig import STAGES
from host.bench.link_table import Row, Value, cells, heading, markdown, table_line, titles, values
from host.link_record import LinkRecord

__all__ = ["measure_glasses"]

ACKNOWLEDGED: Final = "call to acknowledged"
SETTLE_S: Final = 1.0
PERIOD_S: Final = 0.1
ROWS: Final = (
    Row("", "first_s", "start, connected to ready", "s"),
    Row("", "first_rounds", "start, rounds", "count"),
    Row("", "first_bytes", "start, bytes (more than a few: an upload)", "bytes"),
    Row("", "again_s", "start again, program runs", "s"),
    Row("", "again_rounds", "start again, rounds", "count"),
    Row("", "caption_p50_s", f"caption of 40 characters, {ACKNOWLEDGED}, p50", "ms"),
    Row("", "caption_p95_s", "caption of 40 characters, p95", "ms"),
    Row("", "stream_p50_s", f"captions at 10 a second, {ACKNOWLEDGED}, p50", "ms"),
    Row("", "stream_p95_s", "captions at 10 a second, p95", "ms"),
    Row("", "stream_bytes", "captions at 10 a second, bytes", "bytes"),
    Row("", "picture_s", f"24 kB, {ACKNOWLEDGED}", "s"),
    Row("", "photo_s", "photo", "s"),
    Row("", "photo_jpeg_bytes", "photo, JPEG", "bytes"),
    Row("", "photo_overhead", "photo, bytes beyond the JPEG", "share"),
    Row("", "sound_lost", "sound and a photo: samples lost", "count"),
    Row("", "sound_bytes", "sound and a photo, bytes", "bytes"),
)


def measure_glasses(
    address: str,
    effort: Effort,
    line: Callable[[str], None],
    *,
    as_markdown: bool,
    record: LinkRecord | None = None,
) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and its rows as JSON values.

    Args:
        address: of the glasses, "ble:..."; emulated ones are measured without an address, with more to see.
        effort: how much to do.
        line: takes the table.
        as_markdown: how it is written.
        record: where to record the link to; None for nowhere.

    Raises:
        GlassesError: the address is not possible, or the glasses fail.
        StoreError: which glasses are bound cannot be read.
    """
    if not address.startswith("ble:"):
        raise UriError(
            f"{address[:80]!r} is not measured by its address", "Write ble: or ble:NAME, or leave --glasses out."
        )
    figures = asyncio.run(_measured(address, effort, record))
    line(f"sidelight on {address}, by the clock")
    line("")
    names = ["sidelight"]
    for text in titles(heading(names), as_markdown=as_markdown):
        line(text)
    for row in ROWS:
        texts = cells(row, [figures[row.figure]])
        line(markdown(texts) if as_markdown else table_line(texts))
    return [{"conditions": address, **values(row, names, [figures[row.figure]])} for row in ROWS]


async def _measured(address: str, effort: Effort, record: LinkRecord | None) -> dict[str, Value]:
    source = open_glasses(address, record).source
    try:
        return await _steps(source, effort)
    finally:
        await source.close()


async def _steps(source: LinkSource, effort: Effort) -> dict[str, Value]:
    client = Sidelight(source)
    figures: dict[str, Value] = {}
    for name in ("first", "again"):
        await client.start()
        figures |= _of_start(name, client.glasses.start)
        if name == "first":
            await client.stop()
            await asyncio.sleep(SETTLE_S)
    try:
        await asyncio.sleep(SETTLE_S)
        figures |= spread("caption", [await _timed(client.caption(text)) for text in forty(effort.captions)])
        before = _bytes(client)
        figures |= spread("stream", [delay async for delay in _stream(client, effort.stream_s)])
        figures["stream_bytes"] = sum(_bytes(client)) - sum(before)
        size = STAGES[client.glasses.info.kind].picture_bytes
        figures["picture_s"] = await _timed(client.picture(next(pixels(size))))
        before = _bytes(client)
        figures["photo_s"], figures["photo_jpeg_bytes"] = await _photo(client)
        figures["photo_overhead"] = (_bytes(client)[1] - before[1]) / float(figures["photo_jpeg_bytes"]) - 1
        before = _bytes(client)
        photo = asyncio.create_task(_photo(client))
        heard = await client.listen(effort.sound_s)
        await photo
        figures["sound_lost"], figures["sound_bytes"] = heard.known_lost, sum(_bytes(client)) - sum(before)
    finally:
        await client.stop()
    return figures


def _of_start(name: str, report: StartReport) -> dict[str, Value]:
    return {
        f"{name}_s": report.seconds,
        f"{name}_rounds": report.rounds,
        f"{name}_bytes": report.bytes_out + report.bytes_in,
    }


async def _stream(client: Sidelight, seconds: int) -> AsyncIterator[float]:
    """Captions at their times; how late each was acknowledged."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n, text in enumerate(itertools.islice(itertools.cycle(growing()), round(seconds / PERIOD_S))):
        due = began + n * PERIOD_S
        await asyncio.sleep(max(due - loop.time(), 0))
        await client.caption(text)
        yield loop.time() - due


async def _photo(client: Sidelight) -> tuple[float, int]:
    asked = asyncio.get_running_loop().time()
    jpeg = await client.photo()
    return asyncio.get_running_loop().time() - asked, len(jpeg)


async def _timed(step: Awaitable[None]) -> float:
    asked = asyncio.get_running_loop().time()
    await step
    return asyncio.get_running_loop().time() - asked


def _bytes(client: Sidelight) -> tuple[int, int]:
    """Bytes out and in since the link was made.

    Raises:
        LinkLostError: the link broke meanwhile, and with it what was counted.
    """
    session = client.glasses.session
    if session is None:
        raise LinkLostError("the link broke while it was measured", "Come closer and measure again.")
    return session.traffic.bytes_out, session.traffic.bytes_in
