"""Emulated glasses: real Lua VM, time model, screen, sensors, files, radio model, faults.

Nothing here imports the wire protocol: the Lua app on the emulated glasses is the far side, as on real ones.
"""

from firmware_bridge.emulator.clock import VirtualTimeLoop, report_compute, run_virtual
from firmware_bridge.emulator.observer import LensFilm, later_png, save_png
from firmware_bridge.emulator.options import FrameOptions, parse_uri
from firmware_bridge.emulator.source import EmulatorSource, loop_for

__all__ = [
    "EmulatorSource",
    "FrameOptions",
    "LensFilm",
    "VirtualTimeLoop",
    "later_png",
    "loop_for",
    "parse_uri",
    "report_compute",
    "run_virtual",
    "save_png",
]
