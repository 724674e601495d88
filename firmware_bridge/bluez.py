"""What BlueZ, and bleak's backend for it, need around an attempt to connect (Linux).

An agent: Linux asks for a confirmation of every "Just Works" pairing, and BlueZ answers "yes" by itself when the
program asked for the pairing, but only if some agent is registered; without one it answers "no" (seen on BlueZ 5.66,
kernel 6.1.192). A desktop has an agent, a bare system has none. Ours makes up for that and agrees to nothing: BlueZ
never asks it about a pairing that we asked for, and it refuses everything else. An agent that was there first goes
first.

The version: bleak asks for it once, before the first connection. Cancelled in that, it waits for its own answer ever
after (seen in bleak 3.1.0): no connection would be made until the program ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from firmware_bridge.cancelling import carried_out

__all__ = ["bluez_attempt", "pairing_agent"]

REGISTER_S: Final = 5.0  # bluetoothd answers at once, or not at all

_PATH: Final = "/sidelight/agent"
_INTERFACE: Final = "org.bluez.Agent1"
_log = logging.getLogger(__name__)


@asynccontextmanager
async def bluez_attempt() -> AsyncIterator[None]:
    """Around an attempt to connect through bleak's BlueZ backend."""
    from bleak.backends.bluezdbus.version import BlueZFeatures  # noqa: PLC0415 - can be imported on Linux alone

    if not BlueZFeatures.checked_bluez_version:
        await carried_out(BlueZFeatures.check_bluez_version())
    async with pairing_agent():
        yield


@asynccontextmanager
async def pairing_agent() -> AsyncIterator[None]:
    """While this is open BlueZ has an agent. Where none can be registered, this does nothing: pairing will tell why."""
    from dbus_fast import BusType, Message, MessageType  # noqa: PLC0415 - comes with bleak, on Linux alone
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    def answer(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != _INTERFACE:
            return None
        if message.member in {"Release", "Cancel"}:
            return Message.new_method_return(message)
        return Message.new_error(message, "org.bluez.Error.Rejected", "nobody is here to be asked")

    bus: MessageBus | None = None
    try:
        bus = MessageBus(bus_type=BusType.SYSTEM)
        async with asyncio.timeout(REGISTER_S):
            await bus.connect()
            bus.add_message_handler(answer)
            reply = await bus.call(
                Message(
                    destination="org.bluez",
                    path="/org/bluez",
                    interface="org.bluez.AgentManager1",
                    member="RegisterAgent",
                    signature="os",
                    body=[_PATH, "NoInputNoOutput"],
                )
            )
        if reply is not None and reply.message_type is MessageType.ERROR:
            _log.info("BlueZ takes no pairing agent: %s", reply.error_name)
    except Exception:  # noqa: BLE001 - without a bus or a bluetoothd nothing else works either, and bleak says so
        _log.debug("no pairing agent", exc_info=True)
    try:
        yield
    finally:
        if bus is not None:
            bus.disconnect()  # BlueZ forgets the agent of whoever hangs up
