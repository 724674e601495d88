"""The program in the machine: plugs the adapter in and plays scenarios; what it sees goes to the outside.

python -m tests.bluez.guest SCENARIO ...
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
import traceback

from tests.bluez import doctor  # noqa: F401 - its scenarios are known then
from tests.bluez.adapter import Adapter, Port
from tests.bluez.calls import Caller
from tests.bluez.desk import Desk
from tests.bluez.scenarios import SCENARIOS
from tests.bluez.services import LOG, Services

LIMIT_S = 150.0  # for one scenario; one that starts the program itself takes a minute


async def main(names: list[str]) -> None:
    reader = asyncio.StreamReader()
    outside = Caller(reader, Port("calls", reader.feed_data).write)
    desk = Desk(outside, Adapter(outside), Services())
    try:
        await desk.services.start()
        await outside("began")
        for name in names:
            await play(desk, name)
    except Exception:
        await outside("log", traceback.format_exc())
        raise
    finally:
        await outside("log", LOG.read_text(errors="replace"))


async def play(desk: Desk, name: str) -> None:
    """One scenario, from glasses and a computer that do not know each other."""
    log_began = LOG.stat().st_size
    started = time.monotonic()
    try:
        await desk.fresh()
        started = time.monotonic()
        async with asyncio.timeout(LIMIT_S):
            seen = await SCENARIOS[name](desk)
        ok = True
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was seen
        ok, seen = False, f"{type(error).__name__}: {error}"
        with LOG.open("rb") as log:
            log.seek(log_began)
            await desk.outside("log", f"=== {name}\n{traceback.format_exc()}\n{log.read().decode(errors='replace')}")
    await desk.outside("result", name, ok, time.monotonic() - started, seen)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(sys.argv[1:]))
