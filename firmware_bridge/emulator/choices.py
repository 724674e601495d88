"""What the emulated Frame does where nobody outside its makers knows: one choice for each doubt, in one place.

The device reference marks what it estimated or could not find out, and is silent on some things that a program can see.
`NOMINAL` is the likeliest behaviour, `STRICT` (`strict=1` in the address) the worst that is still possible: a program
that works under both needs no luck on real glasses. docs/frame-reference.md lists the choices beside the reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal


def doubt(row: str, what: str) -> Any:
    """A field: the row of the reference that leaves it open (tools/reference_rows.py), and what is chosen."""
    return field(metadata={"row": row, "what": what})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One way through all doubts; each field says in its metadata what it decides."""

    heap_bytes: int = doubt(
        "3 heap", "Heap of Lua, camera and bitmaps; about 150 KiB remain, the linker script guarantees 64."
    )
    flash_bytes: int = doubt("2.10 file system", "Flash that is left for files; 200 to 300 KiB are estimated.")
    end_after_newline: Literal["nil", "empty"] = doubt(
        "2.10 read", "What reading at the end of a file gives whose last byte is a newline; empty: for ever."
    )
    long_text: Literal["lost", "cut"] = doubt(
        "1.6 long text", "A piece of print or an error longer than one notification."
    )
    error_without_text: Literal["nothing", "crash"] = doubt(
        "1.5 error object", "What is sent for an error that is neither text nor number."
    )
    packets_per_event: int = doubt(
        "4 throughput", "Packets per connection event unless `packets` says; 4 give 60 kB/s, 3 give 48 kB/s at most."
    )
    show_during_clear: Literal["swaps", "merges"] = doubt(
        "2.3 swap", "A `show` while the hidden buffer is cleared: a swap of its own, or part of the last one."
    )
    capture_delay_frames: float = doubt(
        "2.5 latency", "Frames that a capture waits for the sensor to begin the next one."
    )
    exposure_after_waking: Literal["kept", "forgotten"] = doubt(
        "2.5 sleep", "What the camera's exposure is when it wakes."
    )
    too_much_detail: Literal["compressed", "cut"] = doubt(
        "2.5 image_ready", "A photo whose scan is larger than the camera's memory of 64 KiB."
    )
    microphone_after_reset: Literal["stops", "goes on"] = doubt(
        "2.7 start", "The microphone when 0x04 restarts the VM; if it goes on, `start` fails until `stop`."
    )
    imu_read_s: float = doubt("2.9 raw", "Seconds that reading both sensors takes; polls of 1 ms, 100 kHz bus.")
    counts_per_g: float = doubt("2.9 raw", "Scale of the accelerometer; 14 bits over 2 g or over 8 g.")
    counts_per_microtesla: float = doubt("2.9 raw", "Scale of the compass; 14 bits over 1200 or over 4800 microtesla.")
    wild_memory: Literal["harmless", "crash"] = doubt(
        "2.12 limits", "Data that makes LZ4 read or write where it must not."
    )


NOMINAL: Final = Choices(
    heap_bytes=150 * 1024,
    flash_bytes=256 * 1024,
    end_after_newline="nil",
    long_text="lost",
    error_without_text="nothing",
    packets_per_event=4,
    show_during_clear="swaps",
    capture_delay_frames=0.0,
    exposure_after_waking="kept",
    too_much_detail="compressed",
    microphone_after_reset="stops",
    imu_read_s=0.0055,
    counts_per_g=4096.0,
    counts_per_microtesla=1 / 0.15,
    wild_memory="harmless",
)

STRICT: Final = Choices(
    heap_bytes=64 * 1024,
    flash_bytes=200 * 1024,
    end_after_newline="empty",
    long_text="cut",
    error_without_text="crash",
    packets_per_event=3,
    show_during_clear="merges",
    capture_delay_frames=0.35,  # ready after 50 ms at the shutter set at power on, as the vendor tests expect
    exposure_after_waking="forgotten",
    too_much_detail="cut",
    microphone_after_reset="goes on",
    imu_read_s=0.0125,
    counts_per_g=1024.0,
    counts_per_microtesla=1 / 0.6,
    wild_memory="crash",
)
