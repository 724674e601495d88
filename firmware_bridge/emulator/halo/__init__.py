"""Emulated Halo: the parts that are Halo's alone. What it shares with Frame lies one folder up."""
