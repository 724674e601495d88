"""What is said in the demo's recording; `tools/make_demo_speech.py` makes the recording from it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["SPOKEN", "recording"]

SPOKEN = (
    ("slt", "Good morning everyone, and welcome to the meeting."),
    ("rms", "These words were spoken by a computer."),
    ("slt", "The people around you are speaking, and you can read every word."),
    ("rms", "Nothing that you hear will leave this computer."),
    ("slt", "We will meet again tomorrow morning at ten."),
)
"""(voice of the flite synthesiser, sentence), in the order spoken."""


def recording() -> Path:
    """The bundled recording: FLAC, 16 kHz, mono; synthesised speech of our own."""
    return Path(str(files("host").joinpath("data", "demo-speech.flac")))
