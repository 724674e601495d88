"""The link contract: how values cross to the glasses and back, whatever carries them.

A `LinkSource` is one pair of glasses that can be connected to again and again; a `Link` is one connection and is
used once. Above this seam nothing knows whether a radio, an emulator or a recording answers.

    source = open_source("ble:Frame 4F")
    link = await source.connect(on_value, on_lost)
    await link.write(b"...")
    await link.disconnect()
    await source.close()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from firmware_bridge.errors import LinkError

LinkKind = Literal["ble", "emulator", "replay"]
GlassesKind = Literal["frame", "halo"]
OnValue = Callable[[bytes], None]
OnLost = Callable[[LinkError], None]


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """What is known of one connection.

    Attributes:
        kind: what carries it.
        name: as the glasses advertise it; text from outside, shown as data only.
        address: Bluetooth address, or the system's identifier where it hides addresses (macOS).
        max_value_bytes: largest value of one write and of one notification, 20 to 495.
        nonce: a number unlike the previous connection's, 0 to 2^32-1, so that a packet left over from an older
            connection is told apart. A recording carries the one it was made with.
        glasses: which device it is.
    """

    kind: LinkKind
    name: str
    address: str
    max_value_bytes: int
    nonce: int
    glasses: GlassesKind = "frame"


class Link(Protocol):
    """One connection to the glasses, ready for use; made by `LinkSource.connect`, never reused."""

    @property
    def info(self) -> LinkInfo:
        """What is known of this connection."""
        ...

    async def write(self, value: bytes, *, response: bool = False) -> None:
        """Write one value (1 to `max_value_bytes` bytes) to the glasses.

        Without `response` it returns when the system has taken the value, which says nothing of its arrival.
        Values of one caller arrive in the order written. Cancelling may or may not have sent the value.

        Raises:
            LinkLostError: the connection is gone.
            LocalProtocolError: the value is empty or too long.
        """
        ...

    async def disconnect(self) -> None:
        """End the connection; repeated calls do nothing. `on_lost` is not called for it. Never raises."""
        ...


class LinkSource(Protocol):
    """One pair of glasses that can be connected to again and again."""

    @property
    def input_ended(self) -> asyncio.Event | None:
        """Set when a recording played into the glasses has been read to its end; None where sound never ends."""
        ...

    def pause_input(self, *, paused: bool) -> None:
        """Let a recording played into the glasses wait, because its listener is behind. Real sound does not wait."""
        ...

    async def connect(self, on_value: OnValue, on_lost: OnLost, *, timeout_s: float = 20.0) -> Link:
        """Find the glasses, connect, and subscribe to their notifications.

        `on_value` gets each notification's value, in order; `on_lost` is called once if the connection breaks by
        itself. Both are called on the event loop and must not block. Cancelling leaves nothing connected.

        Args:
            on_value: called with the value of each notification.
            on_lost: called once with the reason when the connection breaks.
            timeout_s: seconds for everything together; more than 0.

        Raises:
            AdapterError, AccessDeniedError, NotFoundError, SeveralFoundError, PairingError: cannot connect.
            LinkTimeoutError: `timeout_s` passed.
            LinkError: anything else the radio reports.
        """
        ...

    async def close(self) -> None:
        """Release what the source holds (an emulated device, a file); no link may be open. Never raises."""
        ...
