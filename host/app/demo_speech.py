"""What is said in the demo's recordings; `tools/make_demo_speech.py` makes the recordings from it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["ASKED", "SPOKEN", "questions", "recording"]

SPOKEN = (
    ("slt", "Good morning everyone, and welcome to the meeting."),
    ("rms", "These words were spoken by a computer."),
    ("slt", "The people around you are speaking, and you can read every word."),
    ("rms", "Nothing that you hear will leave this computer."),
    ("slt", "We will meet again tomorrow morning at ten."),
)
"""(voice of the flite synthesiser, sentence), in the order spoken."""

ASKED = (
    ("slt", "Where is the train station?"),
    ("rms", "Go straight ahead."),
    ("slt", "How much does it cost?"),
    ("rms", "We will meet again tomorrow morning at ten."),
    ("slt", "Thank you very much."),
)
"""The same of what is translated: phrases of the phrasebook, and one sentence that is none."""


def recording() -> Path:
    """The bundled recording of `SPOKEN`: FLAC, 16 kHz, mono; synthesised speech of our own."""
    return _bundled("demo-speech.flac")


def questions() -> Path:
    """The same of `ASKED`."""
    return _bundled("demo-questions.flac")


def _bundled(name: str) -> Path:
    return Path(str(files("host").joinpath("data", name)))
