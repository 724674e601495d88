"""What a feature reports: frozen values, each one JSON object for `--json`; pure.

Every object has `event` (its name) and `t` (seconds since the program started). Fields are added, never renamed.
"""

from __future__ import annotations

from host.events.assistant import ActionDone
from host.events.compass import CompassCalibrated, CompassStep
from host.events.event import ErrorReport, Event, Measurement, Notice, to_json
from host.events.glasses import BatteryLevel, DeviceSeen, Emulated, LinkState
from host.events.installation import Erased, Finding, ModelEntry, ServiceUnit, SetupStep
from host.events.navigation import Arrived, Instruction, PositionFix, PositionState, Reroute, RouteFound
from host.events.photo import PhotoRead
from host.events.places import MapEntry, PlaceEntry
from host.events.price import PriceRead
from host.events.prices import PriceKept, PricesExported, PricesForgotten, PricesImported
from host.events.speech import Bookmark, Gap, Partial, Sentence, SpeakerMerged, Translation
from host.events.transcripts import (
    ChapterFound,
    Deleted,
    KnownVoice,
    Match,
    MinutesWritten,
    Saved,
    SpeakerEntry,
    TranscriptEntry,
)

__all__ = [
    "ActionDone",
    "Arrived",
    "BatteryLevel",
    "Bookmark",
    "ChapterFound",
    "CompassCalibrated",
    "CompassStep",
    "Deleted",
    "DeviceSeen",
    "Emulated",
    "Erased",
    "ErrorReport",
    "Event",
    "Finding",
    "Gap",
    "Instruction",
    "KnownVoice",
    "LinkState",
    "MapEntry",
    "Match",
    "Measurement",
    "MinutesWritten",
    "ModelEntry",
    "Notice",
    "Partial",
    "PhotoRead",
    "PlaceEntry",
    "PositionFix",
    "PositionState",
    "PriceKept",
    "PriceRead",
    "PricesExported",
    "PricesForgotten",
    "PricesImported",
    "Reroute",
    "RouteFound",
    "Saved",
    "Sentence",
    "ServiceUnit",
    "SetupStep",
    "SpeakerEntry",
    "SpeakerMerged",
    "TranscriptEntry",
    "Translation",
    "to_json",
]
