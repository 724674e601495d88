"""The link on real BlueZ: `python -m tests.bluez [SCENARIO ...]`, from the root of the repository.

Debian's own kernel runs in QEMU, with this computer's root (read only), its D-Bus and its bluetoothd; in it runs our
code on bleak's BlueZ backend. The machine's /dev/vhci is one end of a virtual air, an emulated Frame the other.

    apt-get install --no-install-recommends qemu-system-x86 busybox-static bluez dbus

The kernel is found in /boot, or downloaded with apt and kept, unpacked, in ~/.cache/sidelight-tests (12 MB). One line a
scenario tells what was seen; exit code 0: all as promised, 1: not all, 2: something needed is missing.
"""

# ruff: noqa: T201 - a command

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.bluez import doctor, machine  # noqa: F401 - the scenarios of the doctor are known then
from tests.bluez.calls import answer_calls
from tests.bluez.far_end import FarEnd
from tests.bluez.scenarios import SCENARIOS

LIMIT_S: Final = 900.0  # a busy computer takes four times as long as an idle one
LINE_BYTES: Final = 2**26  # the log of bluetoothd comes in one line


class World(FarEnd):
    """What the program in the machine can ask for: the far end, and to be heard."""

    def __init__(self, folder: Path, log: list[str]) -> None:
        super().__init__(folder)
        self.created = time.monotonic()
        self._log = log
        self.passed = 0

    async def began(self) -> None:
        print(f"the machine is up after {time.monotonic() - self.created:.0f} s", flush=True)

    async def log(self, text: str) -> None:
        self._log.append(text)

    async def result(self, name: str, ok: bool, seconds: float, seen: str) -> None:  # noqa: FBT001
        self.passed += ok
        print(f"{'ok    ' if ok else 'FAILED'} {seconds:5.1f} s  {name}: {seen}", flush=True)


async def run(kernel: machine.Kernel, names: list[str], log: list[str]) -> bool:
    """Play the scenarios; True where all went as promised."""
    playing = asyncio.current_task()
    assert playing is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)  # so that everything is cleaned up
    with tempfile.TemporaryDirectory(prefix="sidelight-bluez-") as folder_name:
        folder = Path(folder_name)
        ports = {"hci": folder / "hci", "calls": folder / "calls"}
        world = World(folder, log)
        await world.start()
        hci = await asyncio.start_unix_server(world.hci, ports["hci"])
        calls = await asyncio.start_unix_server(
            lambda reader, writer: answer_calls(reader, writer, world), ports["calls"], limit=LINE_BYTES
        )
        command = [sys.executable, "-m", "tests.bluez.guest", *names]
        try:
            async with hci, calls, machine.running(kernel, command, folder, ports) as it, asyncio.timeout(LIMIT_S):
                await it.wait()
        except TimeoutError:
            print(f"the machine did not come to an end within {LIMIT_S:.0f} s")
        finally:
            log.append((folder / "console.log").read_text(errors="replace"))
            await world.close()
    seconds = time.monotonic() - world.created
    print(f"{world.passed} as promised, {len(names) - world.passed} not, in {seconds:.0f} s")
    return world.passed == len(names)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bluez", description=__doc__.partition("\n")[0])
    parser.add_argument("scenario", nargs="*", help=f"which to play (default: all): {', '.join(SCENARIOS)}")
    parser.add_argument("--offline", action="store_true", help="do not download a kernel")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write what bluetoothd and the kernel said")
    arguments = parser.parse_args()
    if unknown := set(arguments.scenario) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    try:
        machine.check_programs()
        kernel = machine.find_kernel() if arguments.offline else machine.find_or_fetch_kernel()
    except machine.MissingError as error:
        print(error)
        return 2
    print(f"kernel {kernel.version}")
    log: list[str] = []
    try:
        all_passed = asyncio.run(run(kernel, arguments.scenario or list(SCENARIOS), log))
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    finally:
        if arguments.log is not None:
            arguments.log.write_text("\n".join(log))
    return 0 if all_passed else 1


if __name__ == "__main__":
    sys.exit(main())
