"""What can go wrong between this computer and the glasses.

    GlassesError                     .code  .message  .hint  .retry
    ├── UriError                     a --glasses address that cannot be understood
    ├── NotInstalledError            a library that this kind of link needs is missing
    ├── LinkError                    the radio, before or during a connection
    │   ├── AdapterError             no Bluetooth adapter, or it is switched off
    │   ├── AccessDeniedError        the system forbids this program to use Bluetooth
    │   ├── NotFoundError            no such glasses in range
    │   ├── SeveralFoundError        more than one candidate, and none was named   .candidates
    │   ├── PairingError             the glasses refuse this computer
    │   ├── LinkLostError            the connection broke
    │   └── LinkTimeoutError         no answer within the time allowed
    ├── ProtocolError                the two ends do not understand each other
    │   ├── LocalProtocolError       our own call was wrong
    │   └── RemoteProtocolError      the glasses sent what they must not send
    ├── DeviceError                  the glasses answered with an error   .device_text
    │   ├── UploadError              the device app could not be stored or started
    │   └── AppCrashedError          the device app stopped with a Lua error
    └── InputError                   a file given to the emulated glasses cannot be used

Every error says what happened in one sentence (`message`), what to do next (`hint`) and whether trying the same
again can help (`retry`). No error of bleak, lupa or the operating system leaves this package untranslated.
"""

from __future__ import annotations

from typing import ClassVar, Final

__all__ = [
    "RESTART_HINT",
    "AccessDeniedError",
    "AdapterError",
    "AppCrashedError",
    "DeviceError",
    "GlassesError",
    "InputError",
    "LinkError",
    "LinkLostError",
    "LinkTimeoutError",
    "LocalProtocolError",
    "NotFoundError",
    "NotInstalledError",
    "PairingError",
    "ProtocolError",
    "RemoteProtocolError",
    "SeveralFoundError",
    "UploadError",
    "UriError",
]

RESTART_HINT: Final = "Restart them, Frame in its cradle, Halo with its button, then try once more."


class GlassesError(Exception):
    """Base of every error of this package.

    Attributes:
        code: stable name for scripts, lower case with hyphens.
        message: one sentence, what happened; no full stop.
        hint: one sentence, what to do next; empty where there is nothing to do.
        retry: True where the same call may succeed later without anybody changing anything.
    """

    code: ClassVar[str] = "glasses"
    retry: ClassVar[bool] = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UriError(GlassesError):
    """The address of the glasses cannot be understood; the message names the part and a suggestion."""

    code = "glasses-uri"


class NotInstalledError(GlassesError):
    """A library that this kind of link needs is not installed; the hint is the exact command."""

    code = "not-installed"


class LinkError(GlassesError):
    """The radio failed, before or during a connection."""

    code = "link"
    retry = True


class AdapterError(LinkError):
    """This computer has no Bluetooth adapter, or it is switched off."""

    code = "no-adapter"
    retry = False


class AccessDeniedError(LinkError):
    """The operating system forbids this program to use Bluetooth."""

    code = "access-denied"
    retry = False


class NotFoundError(LinkError):
    """No glasses that match are in range."""

    code = "not-found"


class SeveralFoundError(LinkError):
    """More than one candidate is in range and none was named.

    Attributes:
        candidates: (name, address, signal strength in dBm) of each, strongest first.
    """

    code = "several-found"
    retry = False

    def __init__(self, message: str, hint: str, candidates: tuple[tuple[str, str, int], ...]) -> None:
        super().__init__(message, hint)
        self.candidates = candidates


class PairingError(LinkError):
    """The glasses refuse this computer: they are bonded to another one, or the bond was lost on one side."""

    code = "pairing"
    retry = False


class LinkLostError(LinkError):
    """The connection broke while it was in use."""

    code = "link-lost"


class LinkTimeoutError(LinkError):
    """No answer came within the time allowed."""

    code = "link-timeout"


class ProtocolError(GlassesError):
    """The two ends do not understand each other."""

    code = "protocol"


class LocalProtocolError(ProtocolError):
    """Our own call was wrong: a value out of range, or a step in the wrong state."""

    code = "protocol-local"


class RemoteProtocolError(ProtocolError):
    """The glasses sent what the protocol does not allow."""

    code = "protocol-remote"


class DeviceError(GlassesError):
    """The glasses answered with an error of their own.

    Attributes:
        device_text: what the glasses said, as it came; it is data and may hold anything.
    """

    code = "device"

    def __init__(self, message: str, hint: str = "", device_text: str = "") -> None:
        super().__init__(message, hint)
        self.device_text = device_text


class UploadError(DeviceError):
    """The device app could not be stored on the glasses or did not start."""

    code = "upload"
    retry = True


class AppCrashedError(DeviceError):
    """The device app stopped with a Lua error."""

    code = "app-crashed"
    retry = True


class InputError(GlassesError):
    """A file given to the emulated glasses (sound, picture, script) cannot be used."""

    code = "input"
