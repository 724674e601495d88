"""What the emulation itself costs: printed, never asserted. Run with `-s`, or as a program for a longer look."""

from __future__ import annotations

import asyncio
import sys
import time

from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource

STREAM = (
    b"frame.microphone.start{sample_rate = 16000, bit_depth = 16} while true do local d = frame.microphone.read(240) "
    b"if d == '' then frame.sleep(0.001) else "
    b"while not pcall(frame.bluetooth.send, d) do frame.sleep(0.001) end end end"
)
LOOPS = {
    "idle at the prompt": b"",
    "16 kHz 16 bit sound": STREAM,
    "a loop that never sleeps": b"while true do end",
    "a loop of busy sends": b"while true do pcall(frame.bluetooth.send, 'x') end",
}


async def cost(text: bytes, uri: str, seconds: float) -> tuple[float, int]:
    """CPU seconds per emulated second, and bytes heard."""
    source = EmulatorSource(parse_uri(uri))
    heard = 0

    def on_value(value: bytes) -> None:
        nonlocal heard
        heard += len(value)

    link = await source.connect(on_value, lambda _error: None)
    if text:
        await link.write(text)
    await asyncio.sleep(0.5)
    start = time.process_time()
    await asyncio.sleep(seconds)
    taken = time.process_time() - start
    await source.close()
    return taken / seconds, heard


def report(seconds: float) -> dict[str, int]:
    """Print a line for each loop and speed; bytes heard of each."""
    volumes: dict[str, int] = {}
    for uri in ("emulator:frame", "emulator:frame?slow=1"):
        for name, text in LOOPS.items():
            taken, heard = run_virtual(cost(text, uri, seconds))
            volumes[f"{name}, {uri}"] = heard
            print(f"{taken:8.4f} CPU s per emulated second: {name}, {uri}")  # noqa: T201 - a benchmark
    return volumes


def test_cost_of_streaming() -> None:
    volumes = report(1.0)
    assert all((heard > 500) == ("sound" in name or "sends" in name) for name, heard in volumes.items()), volumes


if __name__ == "__main__":
    report(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
