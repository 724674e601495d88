"""Measures what `sidelight --help` costs, in starts of a bare interpreter on the same computer.

    python tools/measure_start.py

The aim is at most twelve; it is printed, not enforced, because a timing says as much about the computer as about us.
Both commands run in turn, and the medians are compared.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 9


def main() -> None:
    """Run, compare, print."""
    bare = [sys.executable, "-c", "pass"]
    ours = [sys.executable, "-m", "host.cli", "--help"]
    times = [(_seconds(bare), _seconds(ours)) for _ in range(ROUNDS)]
    start, answer = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"bare start {start * 1000:.0f} ms, sidelight --help {answer * 1000:.0f} ms: {answer / start:.1f} starts")


def _seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
