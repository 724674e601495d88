"""Everything that knows the glasses: link, wire protocol, device app, session and emulator.

This package knows nothing of speech, prices or maps. What other programs may use is what is exported here and by
`firmware_bridge.emulator`.
"""

from firmware_bridge.ble_devices import UNKNOWN_SIGNAL_DBM, BoundGlasses, Candidate
from firmware_bridge.errors import (
    AccessDeniedError,
    AdapterError,
    AppCrashedError,
    DeviceError,
    GlassesError,
    InputError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    LocalProtocolError,
    NotFoundError,
    NotInstalledError,
    PairingError,
    ProtocolError,
    RemoteProtocolError,
    SeveralFoundError,
    UploadError,
    UriError,
)
from firmware_bridge.frame_font import glyph_cells
from firmware_bridge.glasses import Button, Glasses, GlassesInfo, StateChange, Tap
from firmware_bridge.known_bugs import FirmwareReport, firmware_report
from firmware_bridge.link import GlassesKind, Link, LinkInfo, LinkSource
from firmware_bridge.messages import Quality, SensorSample
from firmware_bridge.packets import Packet, PacketReader
from firmware_bridge.photo import Photo
from firmware_bridge.radio_check import RadioCheck, check_radio
from firmware_bridge.scene import COLOURS, Bitmap, Glyph, Glyphs, Item, PlacedGlyph, Rect, Scene, Text
from firmware_bridge.session import Traffic
from firmware_bridge.sound import AudioChunk
from firmware_bridge.sound_coding import NO_CODEC
from firmware_bridge.sources import bound_in, glasses_in_range, loop_for, open_source, radio_in
from firmware_bridge.starting import StartReport
from firmware_bridge.trace_memory import MemoryTrace
from firmware_bridge.upload import UploadReport

__all__ = [
    "COLOURS",
    "NO_CODEC",
    "UNKNOWN_SIGNAL_DBM",
    "AccessDeniedError",
    "AdapterError",
    "AppCrashedError",
    "AudioChunk",
    "Bitmap",
    "BoundGlasses",
    "Button",
    "Candidate",
    "DeviceError",
    "FirmwareReport",
    "Glasses",
    "GlassesError",
    "GlassesInfo",
    "GlassesKind",
    "Glyph",
    "Glyphs",
    "InputError",
    "Item",
    "Link",
    "LinkError",
    "LinkInfo",
    "LinkLostError",
    "LinkSource",
    "LinkTimeoutError",
    "LocalProtocolError",
    "MemoryTrace",
    "NotFoundError",
    "NotInstalledError",
    "Packet",
    "PacketReader",
    "PairingError",
    "Photo",
    "PlacedGlyph",
    "ProtocolError",
    "Quality",
    "RadioCheck",
    "Rect",
    "RemoteProtocolError",
    "Scene",
    "SensorSample",
    "SeveralFoundError",
    "StartReport",
    "StateChange",
    "Tap",
    "Text",
    "Traffic",
    "UploadError",
    "UploadReport",
    "UriError",
    "bound_in",
    "check_radio",
    "firmware_report",
    "glasses_in_range",
    "glyph_cells",
    "loop_for",
    "open_source",
    "radio_in",
]
