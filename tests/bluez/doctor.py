"""What the doctor says of BlueZ as it is, in each state that it can be in."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from signal import SIGTERM

from firmware_bridge import check_radio
from host.app.doctor.checkup import Checkup
from host.app.doctor.glasses import glasses
from host.config import Settings
from host.paths import kept_in
from tests.bluez.desk import Desk, expect, scenario


@scenario
async def doctor_names_what_is_wrong(desk: Desk) -> str:
    healthy = await _conditions()
    expect(set(healthy.values()) == {"ok"}, f"{healthy}")
    await desk.services.switch(on=False)
    await _say("power", "Bluetooth is switched off")
    await desk.services.switch(on=True)
    await desk.adapter.unplug()
    await asyncio.sleep(1.0)
    await _say("adapter", "this computer has no Bluetooth adapter")
    await desk.adapter.plug()
    await desk.services.powered()
    await desk.services.end_bluetoothd(SIGTERM)
    await _say("bluetooth service", "the Bluetooth service is not running")
    await desk.services.start_bluetoothd()
    await desk.services.powered()
    expect(await _conditions() == healthy, "not as before")
    return ", ".join(healthy)


@scenario
async def doctor_asks_the_glasses(desk: Desk) -> str:
    with tempfile.TemporaryDirectory() as home, kept_in(Path(home)):
        checkup = Checkup(settings=Settings(), connect=True)
        found = {finding.check: finding for finding in await asyncio.to_thread(lambda: list(glasses(checkup)))}
    expect(found["MTU"].message == "247: a packet carries 244 bytes", f"{found}")
    expect({finding.state for finding in found.values()} == {"ok", "missing"}, f"{found}")
    return "; ".join(f"{check}: {finding.message}" for check, finding in found.items())


async def _conditions() -> dict[str, str]:
    return {check.name: check.condition for check in await check_radio()}


async def _say(name: str, message: str) -> None:
    last = (await check_radio())[-1]
    expect((last.name, last.condition, last.message) == (name, "broken", message), f"{last}")
