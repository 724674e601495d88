"""What the emulated Halo does where nobody outside its makers knows: one choice for each doubt, in one place.

As `emulator/choices.py` is for Frame; docs/halo-reference.md lists the choices beside the reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_bridge.emulator.choices import doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class HaloChoices:
    """One way through all doubts; each field says in its metadata what it decides."""

    gatt_header_bytes: int = doubt(
        "1.3 max_length", "What the firmware subtracts from the MTU: the header of ATT, or that of its stack's buffers."
    )
    photo_width: int = doubt(
        "2.6 size",
        "Width of a photo. The vendor's text calls the pipeline's first step binned, its code keeps the sensor's 640.",
    )
    camera_frame_s: float = doubt(
        "2.6 ready", "Seconds of one frame of the camera: its sensor does thirty a second, its board file asks for one."
    )
    packets_per_event: int = doubt("4 throughput", "Packets per connection event unless `packets` says.")
    instruction_s: float = doubt("4 Lua", "Seconds of one Lua instruction; the processor's clock and caches are known.")


NOMINAL: Final = HaloChoices(
    gatt_header_bytes=3,
    photo_width=640,
    camera_frame_s=0.033,
    packets_per_event=6,
    instruction_s=0.4e-6,
)

STRICT: Final = HaloChoices(
    gatt_header_bytes=7,
    photo_width=320,
    camera_frame_s=1.0,
    packets_per_event=4,
    instruction_s=1.0e-6,
)
