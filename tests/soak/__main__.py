"""Random operations under random faults, in virtual time: `python -m tests.soak`, from the root of the repository.

    python -m tests.soak --seeds 100 --operations 10000     a hundred runs of a hundred operations
    python -m tests.soak --seed 17 --operations 100 -v      one of them again, told step by step

Exit code 0: nothing was wrong. What is wrong comes with its seed and the virtual time.
"""

# ruff: noqa: T201 - a command

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from .play import play
from .sound import recording, write_recording


def main() -> int:
    """Play; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="runs, each with a seed of its own (default 10)")
    parser.add_argument("--operations", type=int, default=1000, help="operations of all runs together (default 1000)")
    parser.add_argument("--seed", type=int, help="this one alone, with --operations for it")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell every step")
    args = parser.parse_args()
    seeds = [args.seed] if args.seed is not None else range(args.first, args.first + args.seeds)
    each = args.operations if args.seed is not None else -(-args.operations // args.seeds)
    trace = print if args.verbose else None
    totals: Counter[str] = Counter()
    failed, virtual_s, began = [], 0.0, time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        sound, truth = Path(folder) / "noise.wav", recording()
        write_recording(sound)
        for seed in seeds:
            outcome = play(seed, each, sound, truth, trace)
            heap = max(totals["heap, KiB"], outcome.counts.pop("heap, KiB", 0))
            totals.update(outcome.counts)
            totals["heap, KiB"] = heap
            virtual_s += outcome.seconds
            memory = psutil.Process().memory_info().rss / 2**20
            print(
                f"seed {seed}: {outcome.operations} operations, {outcome.seconds:.0f} s, {outcome.digest[:12]}, "
                f"{memory:.0f} MiB",
                flush=True,
            )
            for text in outcome.wrong:
                print(f"  WRONG at {text}", flush=True)
            if outcome.wrong:
                failed.append(seed)
                print(f"  again: python -m tests.soak --seed {seed} --operations {each} -v", flush=True)
    for name, number in sorted(totals.items()):
        print(f"{name:<32} {number}")
    print(f"{virtual_s:.0f} virtual seconds in {time.process_time() - began:.0f} CPU seconds")
    print(f"{len(failed)} of {len(seeds)} seeds failed" + (f": {failed}" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
