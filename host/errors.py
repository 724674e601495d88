"""What can go wrong on this computer's side.

    HostError                      .code  .message  .hint
    ├── UsageError                 a flag, name or value that makes no sense (exit code 2)
    ├── BackendMissingError        a library asked for by name is not installed; the hint is the exact command
    ├── ModelMissingError          a library is there but has no model to load
    ├── BackendError               a recogniser, reader or server failed or answered nonsense   .retry
    ├── DownloadError              a model's file could not be had, or is not what it must be   .retry
    ├── LicenceError               a model's licence must be accepted first
    ├── LanguageError              a language that the chosen backend does not speak
    ├── UntranslatedError          no translator that is here has a translation of this text
    ├── LensError                  the lens cannot be drawn on
    ├── FontError                  no font shows a script, or a font file is damaged
    ├── AudioInputError            a sound file that cannot be read, or holds no sound
    ├── PhotoInputError            a picture file that cannot be read, or is none
    ├── NoTextError                a photo in which no text can be read; the hint is what the wearer can do
    ├── MapError                   a map that is damaged, none, or not here
    ├── PlaceNotFoundError         no place of the map is called so   .nearest
    ├── OutsideMapError            a place is not on the map, or no way is near it
    ├── NoRouteError               no way leads there
    ├── PositionError              no positions can be had: a receiver is not there, a recording is none
    ├── ActionError                what was asked for in everyday mode is not known, or not possible as things are
    ├── CalibrationError           a compass did not get calibrated; an earlier calibration stays
    ├── StoreError                 the data folder cannot be used
    │   └── DiskFullError          no room left; what was saved before is safe
    ├── DumpError                  a published dump is damaged; the message has the line's number, nothing was imported
    ├── NoSuchTranscriptError      no transcript has that number
    └── BenchmarkError             a benchmark found what must not be

Each says what happened in one sentence (`message`) and what to do next (`hint`). Errors of libraries and of the
operating system are translated once, where they are met, with `raise ... from`.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ActionError",
    "AudioInputError",
    "BackendError",
    "BackendMissingError",
    "BenchmarkError",
    "CalibrationError",
    "DiskFullError",
    "DownloadError",
    "DumpError",
    "FontError",
    "HostError",
    "LanguageError",
    "LensError",
    "LicenceError",
    "MapError",
    "ModelMissingError",
    "NoRouteError",
    "NoSuchTranscriptError",
    "NoTextError",
    "OutsideMapError",
    "PhotoInputError",
    "PlaceNotFoundError",
    "PositionError",
    "StoreError",
    "UntranslatedError",
    "UsageError",
]


class HostError(Exception):
    """Base of every error of this package.

    Attributes:
        code: stable name for scripts, lower case with hyphens.
        message: one sentence, what happened; no full stop.
        hint: one sentence, what to do next; empty where there is nothing to do.
    """

    code: ClassVar[str] = "host"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(HostError):
    """A flag, name or value that makes no sense."""

    code = "usage"


class BackendMissingError(HostError):
    """A backend asked for by name needs a library that is not installed."""

    code = "backend-missing"


class ModelMissingError(HostError):
    """A backend is installed but there is no model for it at the place named."""

    code = "model-missing"


class BackendError(HostError):
    """A recogniser, reader or server failed or answered nonsense.

    Attributes:
        retry: True where the next request may succeed (a time-out, a busy server).
    """

    code = "backend"

    def __init__(self, message: str, hint: str = "", *, retry: bool = False) -> None:
        super().__init__(message, hint)
        self.retry = retry


class DownloadError(HostError):
    """A model's file could not be had, or is not what it must be.

    Attributes:
        retry: True where the same command may succeed later, and goes on where this one stopped.
    """

    code = "download"

    def __init__(self, message: str, hint: str = "", *, retry: bool = False) -> None:
        super().__init__(message, hint)
        self.retry = retry


class LicenceError(HostError):
    """A model's licence must be accepted first."""

    code = "licence"


class LanguageError(HostError):
    """The chosen backend does not speak the language asked for."""

    code = "language"


class UntranslatedError(HostError):
    """No translator that is here has a translation of this text."""

    code = "untranslated"


class LensError(HostError):
    """The lens cannot be drawn on; everything else goes on."""

    code = "lens"


class FontError(HostError):
    """A script that no installed font shows, or a font file that cannot be read."""

    code = "font"


class AudioInputError(HostError):
    """A sound file cannot be read, or holds no sound."""

    code = "audio-input"


class PhotoInputError(HostError):
    """A picture file cannot be read, is none, or is larger than is decoded."""

    code = "photo-input"


class NoTextError(HostError):
    """A photo in which no text can be read."""

    code = "no-text"


class MapError(HostError):
    """A map file is damaged or is none, or a map is not on this computer."""

    code = "map"


class PlaceNotFoundError(HostError):
    """No place of the map is called so.

    Attributes:
        nearest: names of the places that are most like it, the best first.
    """

    code = "place-not-found"

    def __init__(self, message: str, hint: str = "", *, nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.nearest = nearest


class OutsideMapError(HostError):
    """A place is not on the map, or no way is near it."""

    code = "outside-map"


class NoRouteError(HostError):
    """No way leads there."""

    code = "no-route"


class PositionError(HostError):
    """A receiver of positions is not there or may not be used, or a file is no recording of one."""

    code = "position"


class ActionError(HostError):
    """What was asked for in everyday mode is not known, not allowed from there, or not possible as things are."""

    code = "action"


class CalibrationError(HostError):
    """A compass could not be calibrated; an earlier calibration stays."""

    code = "calibration"


class StoreError(HostError):
    """The data folder cannot be used."""

    code = "store"


class DiskFullError(StoreError):
    """No room left on the disk; what was saved before is safe."""

    code = "disk-full"


class DumpError(HostError):
    """A published dump cannot be read, or a line of it be understood; nothing of it was imported."""

    code = "dump"


class NoSuchTranscriptError(HostError):
    """No saved transcript has that number."""

    code = "no-such-transcript"


class BenchmarkError(HostError):
    """A benchmark found what must not be: something lost, memory that grows."""

    code = "benchmark"
