"""An emulated Frame in a process of its own, for tests: says its port, then does what standard input tells it.

drop        the link breaks at once
away N      out of range for N seconds
restart     the Frame starts again
button      its bond is forgotten
off         it is off the air for good
stranger    another device of its name comes; `stranger ADDRESS`: of its name and this address
written     how many values the stranger was written
"""

from __future__ import annotations

import asyncio
import sys

from stranger import Stranger

from firmware_bridge.emulator.on_air import on_air
from firmware_bridge.emulator.options import parse_uri


async def main(uri: str) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async with on_air(parse_uri(uri), "tcp:127.0.0.1:0") as lent:
        print(lent.where, flush=True)
        stranger: Stranger | None = None
        while order := (await orders.readline()).decode().split():
            match order:
                case ["drop"]:
                    lent.frame.faults.cut_now()
                case ["away", seconds]:
                    lent.frame.faults.cut_for(float(seconds))
                case ["restart"]:
                    lent.frame.device.restart()
                case ["button"]:
                    lent.frame.press_cradle_button()
                case ["off"]:
                    lent.frame.device.on_gone = None
                    await lent.frame.close()
                case ["stranger", *address]:
                    stranger = Stranger(lent.frame.air, *address)
                    await stranger.start()
                case ["written"] if stranger is not None:
                    print(len(stranger.written), flush=True)
                    continue
            print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
