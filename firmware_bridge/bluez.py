"""What BlueZ, and bleak's backend for it, need around an attempt to connect (Linux).

An agent: Linux asks for a confirmation of every "Just Works" pairing, and BlueZ answers "yes" by itself when the
program asked for the pairing, but only if some agent is registered; without one it answers "no" (seen on BlueZ 5.66,
kernel 6.1.192). A desktop has an agent, a bare system has none. Ours is there for the time of one attempt to pair, and
agrees to Just Works with the one device that is being paired, should it ask first; it refuses everything else. An agent
that was there before goes first. Where the glasses are bound nothing is to be paired, and there is no agent.

The version: bleak asks for it once, before the first connection. Cancelled in that, it waits for its own answer ever
after (seen in bleak 3.1.0): no connection would be made until the program ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge.cancelling import carried_out

__all__ = ["bluez_attempt", "bluez_has_bond", "pairing_agent"]

REGISTER_S: Final = 5.0  # bluetoothd answers at once, or not at all

_PATH: Final = "/sidelight/agent"
_INTERFACE: Final = "org.bluez.Agent1"
_log = logging.getLogger(__name__)


async def bluez_has_bond(device: BLEDevice) -> bool | None:
    """Whether BlueZ keeps a key for this device, which bleak has just found; None where it did not say."""
    properties = device.details.get("props", {}) if isinstance(device.details, dict) else {}
    bonded = properties.get("Bonded", properties.get("Paired"))  # the first since BlueZ 5.66
    return None if bonded is None else bool(bonded)


@asynccontextmanager
async def bluez_attempt(pairing: str | None) -> AsyncIterator[None]:
    """Around an attempt to connect through bleak's BlueZ backend.

    Args:
        pairing: BlueZ's path of the device, if it may be paired with.
    """
    from bleak.backends.bluezdbus.version import BlueZFeatures  # noqa: PLC0415 - can be imported on Linux alone

    if not BlueZFeatures.checked_bluez_version:
        await carried_out(BlueZFeatures.check_bluez_version())
    async with pairing_agent(pairing) if pairing is not None else nullcontext():
        yield


@asynccontextmanager
async def pairing_agent(device: str) -> AsyncIterator[None]:
    """While this is open BlueZ has an agent, for that device alone.

    Where none can be registered, this does nothing: pairing will tell why.

    Args:
        device: BlueZ's path of it.
    """
    from dbus_fast import BusType, Message, MessageType  # noqa: PLC0415 - comes with bleak, on Linux alone
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    def answer(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != _INTERFACE:
            return None
        asked_first = message.member == "RequestAuthorization" and message.body == [device]
        if asked_first or message.member in {"Release", "Cancel"}:
            return Message.new_method_return(message)
        return Message.new_error(message, "org.bluez.Error.Rejected", "nobody is here to be asked")

    bus: MessageBus | None = None
    try:
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
        yield
    finally:
        if bus is not None:
            bus.disconnect()  # BlueZ forgets the agent of whoever hangs up
