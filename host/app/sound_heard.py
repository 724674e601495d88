"""What a recording hears: the glasses, this computer, or a file; and what does not fit together."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_bridge import Glasses, loop_for
from host.app.glasses import NO_GLASSES, GlassesMicrophone
from host.app.lens_pictures import require_pictures
from host.app.real_time import InRealTime
from host.audio import FileMicrophone
from host.computer_microphone import ComputerMicrophone
from host.config import Settings
from host.contracts import Microphone
from host.errors import UsageError
from host.paths import data_folder
from host.store.export import format_of
from host.store.transcripts import Transcripts

if TYPE_CHECKING:
    from host.app.transcribe import Request

__all__ = ["AUDIO_COMPUTER", "AUDIO_GLASSES", "check", "is_live", "microphone", "own_microphone"]

AUDIO_GLASSES = "glasses"
"""`--audio` for the microphone of the glasses."""

AUDIO_COMPUTER = "mic"
"""`--audio` for the microphone of this computer."""


_SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


def check(request: Request) -> None:
    """Find out before anything is started whether it can be finished."""
    no_glasses = request.settings.glasses.strip().lower() == NO_GLASSES
    if no_glasses and request.audio == AUDIO_GLASSES:
        raise UsageError("without glasses there is no microphone", "Add --audio mic or --audio FILE, or name glasses")
    if not no_glasses and Path(request.settings.glasses).suffix.lower() in _SOUND_SUFFIXES:
        _no_sound_file(request.settings.glasses)
    if request.audio == AUDIO_COMPUTER and _is_virtual(request.settings):
        raise UsageError("the computer's microphone cannot be sped up", "Leave speed=max out of --glasses")
    if request.out is not None:
        format_of(request.out)
        if request.out.exists() and not request.replace:
            raise UsageError(f"{request.out} is there already", "Add --force to replace it")
        if not request.out.parent.is_dir():
            raise UsageError(f"there is no folder {request.out.parent}", "Make it first, or write to another place")
    recorded = request.record is not None
    require_pictures(request.lens_out, glasses=not no_glasses, recorded=recorded, replace=request.replace)
    Transcripts.open(data_folder()).close()


def _no_sound_file(address: str) -> None:
    """Refuse a sound file given as glasses, and say what is meant. An address of glasses passes."""
    if re.match(r"\s*[a-z]{2,}:", address, re.IGNORECASE):  # one letter is a drive
        return
    quoted = shlex.quote(f"emulator:frame?mic={address.replace('%', '%25').replace('&', '%26')}")
    raise UsageError(
        f"{address} is a sound file, not glasses",
        f"To play it to emulated glasses write --glasses {quoted}; to leave the glasses out, "
        f"--audio {shlex.quote(address)} --glasses none",
    )


def own_microphone(request: Request) -> ComputerMicrophone | FileMicrophone | None:
    """What is heard without the glasses; None where they are to listen."""
    if request.audio == AUDIO_GLASSES:
        return None
    if request.audio == AUDIO_COMPUTER:
        return ComputerMicrophone(request.settings.audio_device)
    return FileMicrophone(Path(request.audio))


def is_live(request: Request) -> bool:
    """Whether sound comes when it is spoken and does not wait."""
    real = request.settings.glasses.strip().lower().startswith("ble:")
    return request.audio == AUDIO_COMPUTER or (request.audio == AUDIO_GLASSES and real)


def _is_virtual(settings: Settings) -> bool:
    return loop_for(settings.glasses) is not asyncio.new_event_loop


def microphone(
    settings: Settings, glasses: Glasses | None, own: ComputerMicrophone | FileMicrophone | None
) -> Microphone:
    """What is listened to: our own where there is one, else the glasses'."""
    if isinstance(own, ComputerMicrophone):
        return own
    if own is not None:
        return InRealTime(own) if glasses else own
    assert glasses is not None, "checked before"  # noqa: S101
    return GlassesMicrophone(glasses, rate_hz=settings.audio_rate_hz, bits=settings.audio_bits)
