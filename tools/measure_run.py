"""Measures what `sidelight run` computes until the first words are on the lens of the emulated Frame.

    python tools/measure_run.py

Nothing is set: the recogniser is the one that comes with the program, the glasses hear the demo's recording. It counts
CPU seconds of the program and of the processes that it starts; the aim is below three, printed and not enforced.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

ROUNDS = 3
SOUND = Path(__file__).parents[1] / "host" / "data" / "demo-speech.flac"


def main() -> None:
    """Run, measure, print."""
    found = [_measured() for _ in range(ROUNDS)]
    for name in found[0]:
        print(f"{name}: {statistics.median(times[name] for times in found):.1f} s of CPU")


def _measured() -> dict[str, float]:
    """CPU seconds until the glasses are ready, and until the first words."""
    command = [sys.executable, "-m", "host.cli", "run", "--json", "--glasses", f"emulator:frame?mic={SOUND}"]
    with tempfile.TemporaryDirectory() as home:
        program = subprocess.Popen(command, env={**os.environ, "SIDELIGHT_HOME": home}, stdout=subprocess.PIPE)
        times = {}
        try:
            for line in program.stdout or ():
                event = json.loads(line)
                if event["event"] == "link" and event["state"] == "ready":
                    times["glasses ready"] = _computed(program.pid)
                elif event["event"] in {"partial", "sentence"}:
                    times["first words"] = _computed(program.pid)
                    return times
        finally:
            program.terminate()
            program.communicate()
    sys.exit("no words were heard")


def _computed(number: int) -> float:
    program = psutil.Process(number)
    return sum(sum(one.cpu_times()[:4]) for one in (program, *program.children(recursive=True)))


if __name__ == "__main__":
    main()
