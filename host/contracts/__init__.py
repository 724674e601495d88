"""What a feature needs of the world: microphone, lens, recogniser, translator, router, journal.

Features import these contracts, never a backend or the glasses; `host/app` joins the two. Sound is mono; one sample is
a signed 16-bit integer; times are seconds from the first sample of a recording.
"""

from __future__ import annotations

from host.contracts.journal import Journal, JournalEntry
from host.contracts.language import LanguageIdentifier, LanguageModel, Tool
from host.contracts.lens import Lens
from host.contracts.recognition import Hypothesis, Recogniser, RecogniserInfo, RecogniserSession, Word
from host.contracts.routing import Bounds, Leg, Maneuver, Mode, Place, Route, Router, RouterInfo, Step, Way
from host.contracts.sound import AudioChunk, Microphone, Samples, SoundKeeper, VoiceActivity
from host.contracts.translation import (
    Rendering,
    SpeechInterpreter,
    Translation,
    Translator,
    TranslatorInfo,
    Translators,
)
from host.contracts.voices import EmbedderInfo, SpeakerEmbedder, Voice

__all__ = [
    "AudioChunk",
    "Bounds",
    "EmbedderInfo",
    "Hypothesis",
    "Journal",
    "JournalEntry",
    "LanguageIdentifier",
    "LanguageModel",
    "Leg",
    "Lens",
    "Maneuver",
    "Microphone",
    "Mode",
    "Place",
    "Recogniser",
    "RecogniserInfo",
    "RecogniserSession",
    "Rendering",
    "Route",
    "Router",
    "RouterInfo",
    "Samples",
    "SoundKeeper",
    "SpeakerEmbedder",
    "SpeechInterpreter",
    "Step",
    "Tool",
    "Translation",
    "Translator",
    "TranslatorInfo",
    "Translators",
    "Voice",
    "VoiceActivity",
    "Way",
    "Word",
]
