"""Emulated glasses: real Lua VM, time model, screen, sensors, files, radio model, faults.

Nothing here imports the wire protocol: the Lua app on the emulated glasses is the far side, as on real ones.
"""
