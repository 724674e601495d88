"""`sidelight emulate --view`: whoever opens the page plays the wearer of glasses that another program uses."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from firmware_bridge import Glasses

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

ROOT = Path(__file__).parents[3]


def test_a_program_over_bluetooth_sees_what_is_done_on_the_page() -> None:
    words = ("emulate", "frame", "--view", "--radio", "tcp:127.0.0.1:0", "--json")
    process = subprocess.Popen(
        [sys.executable, "-m", "host.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        url = urlsplit(re.search(r"page: (\S+)", process.stderr.readline())[1])  # type: ignore[index] # else it fails
        glasses = json.loads(process.stdout.readline())["glasses"]
        level, seen, lens = asyncio.run(played(f"http://{url.netloc}", url.fragment.removeprefix("token="), glasses))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert level == 23
    assert lens
    assert {"controls", "board", "console", "packet"} <= seen
    assert process.returncode == 130


async def played(origin: str, token: str, glasses: str) -> tuple[int, set[str], bool]:
    """What the program is told of the battery, which events came, and whether pictures did."""
    headers, seen, lens = {"Origin": origin}, set[str](), False
    async with asyncio.timeout(120), aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.post(f"{origin}/session", json={"token": token}, headers=headers) as answer:
            at = (await answer.json())["at"]
        async with session.ws_connect(f"{origin}/at/{at}/events", headers=headers, max_msg_size=0) as page:
            await page.send_json({"watch": ["packets"]})
            await page.send_json({"do": "charge", "percent": 23})
            async with Glasses.open(glasses) as worn:
                level = await worn.battery()
                while not {"console", "packet"} <= seen or not lens:
                    message = await page.receive()
                    lens = lens or message.type is aiohttp.WSMsgType.BINARY
                    if message.type is aiohttp.WSMsgType.TEXT:
                        event = json.loads(message.data)
                        seen |= {one["event"] for one in (event, *event.get("events", ()))}
    return level, seen, lens
