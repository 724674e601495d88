"""What the emulation itself costs: printed, never asserted. Run with `-s`, or as a program for a longer look:

    PYTHONPATH=tests python -m tests.firmware_bridge.emulator.test_cost 30

Also that ten devices live in one process, and that a run is the same to the bit in every process.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from glasses_end import RATE, emulated, noise, record, samples_of, settle, write_wav

from firmware_bridge import Scene, Text
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


async def whole_stack(devices: int, seconds: float, path: Path) -> float:
    """CPU seconds per emulated second of so many glasses, each with sound and captions through `Glasses`."""

    async def use(number: int) -> None:
        async with emulated(mic=path, seed=number) as (glasses, _):

            async def captions() -> None:
                for n in range(int(seconds * 3)):
                    await glasses.show(Scene((Text(1, 20, 100, f"{number}: " + "word " * (n % 7)),)))
                    await asyncio.sleep(0.33)

            chunks, _ = await asyncio.gather(record(glasses, seconds), captions())
            heard = samples_of(chunks)
            assert (heard == noise(60)[: len(heard)]).all()
            assert len(heard) >= seconds * RATE

    await settle()
    began = time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(devices):
            group.create_task(use(number))
    return (time.process_time() - began) / seconds


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


def test_ten_devices_live_in_one_process_and_hear_every_sample(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "noise.wav", noise(60))
    for devices in (1, 10):
        taken = run_virtual(whole_stack(devices, 3, path))
        print(f"{taken:8.4f} CPU s per emulated second: {devices} in one process, with upload")  # noqa: T201 - as above


RUN = """
import sys, tempfile
from pathlib import Path
from soak.play import play
from soak.sound import recording, write_recording
with tempfile.TemporaryDirectory() as folder:
    write_recording(Path(folder) / "noise.wav")
    outcome = play(4, 30, Path(folder) / "noise.wav", recording())
    print(outcome.digest, outcome.seconds, sorted(outcome.counts.items()))
"""


def test_a_run_is_the_same_to_the_bit_in_every_process() -> None:
    """All that crosses the radio, with its times: whatever Python's hashes and addresses are."""
    seen = set()
    for hashes in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": hashes}
        run = [sys.executable, "-c", RUN]
        seen.add(subprocess.run(run, env=environment, check=True, capture_output=True, text=True, timeout=200).stdout)
    assert len(seen) == 1
    assert len(seen.pop()) > 64


if __name__ == "__main__":
    report(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
