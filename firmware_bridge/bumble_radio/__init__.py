"""A Bluetooth radio for this computer that is not its operating system's: a stack in Python (Bumble) below bleak.

For programs that use bleak and have no radio: the emulated glasses lend them a controller, in the same process or over
a local socket. Any bleak program runs on it unchanged:

    python -m firmware_bridge.bumble_radio tcp:127.0.0.1:9600 their_program.py

Ours asks for it in the address of the glasses: `ble:?via=tcp:127.0.0.1:9600`.
"""

from firmware_bridge.bumble_radio.adapter import BumbleAdapter, adapter_at
from firmware_bridge.bumble_radio.binding import backends, link_source, radio_of, use_by_default
from firmware_bridge.bumble_radio.client import BumbleClient
from firmware_bridge.bumble_radio.scanner import BumbleScanner

__all__ = [
    "BumbleAdapter",
    "BumbleClient",
    "BumbleScanner",
    "adapter_at",
    "backends",
    "link_source",
    "radio_of",
    "use_by_default",
]
