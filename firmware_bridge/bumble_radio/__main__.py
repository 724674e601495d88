"""Run a program that uses bleak, unchanged, on a Bluetooth adapter that is not the operating system's.

    python -m firmware_bridge.bumble_radio tcp:127.0.0.1:9600 program.py --its-own arguments
    python -m firmware_bridge.bumble_radio tcp:127.0.0.1:9600 -m package.module
    python -m firmware_bridge.bumble_radio usb:0 program-installed-with-pip

The adapter is lent by emulated glasses (`sidelight emulate frame --radio tcp:127.0.0.1:9600`), or is a USB dongle.
--keys FILE, before the adapter, keeps its bonds there: another file is another computer.
"""

from __future__ import annotations

import argparse
import logging
import runpy
import shutil
import sys
from pathlib import Path

from firmware_bridge.bumble_radio.adapter import adapter_at, transport_spec
from firmware_bridge.bumble_radio.binding import use_by_default


def main(words: list[str]) -> None:
    """Run the program named in `words`, as Python would; returns when it ends."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_bridge.bumble_radio",
        description=(__doc__ or "").partition("\n\n")[0],
        epilog=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--keys", type=Path, metavar="FILE", help="where bonds are kept")
    parser.add_argument("adapter", help="tcp:127.0.0.1:PORT or usb:0")
    parser.add_argument("program", nargs=argparse.REMAINDER, help="a file, -m MODULE or an installed program")
    options = parser.parse_args(words)
    try:
        transport_spec(options.adapter)
    except ValueError as error:
        parser.error(str(error))
    if not options.program or options.program == ["-m"]:
        parser.error("which program?")
    use_by_default(lambda: adapter_at(options.adapter, options.keys))
    logging.getLogger("bumble").setLevel(logging.CRITICAL)  # it warns of what the program is told anyway
    run(options.program)


def run(program: list[str]) -> None:
    """Run a file, `-m MODULE` or an installed program with its arguments, as `__main__` of this process."""
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        return
    path = Path(program[0])
    if not path.exists():
        path = Path(shutil.which(program[0], path=str(Path(sys.executable).parent)) or program[0])
    sys.argv = [str(path), *program[1:]]
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
