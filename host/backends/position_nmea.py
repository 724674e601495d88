"""Receivers that speak NMEA 0183: on a serial device, or over TCP or UDP, as apps on phones do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, BinaryIO, Final

from host.backends.position_lines import Lines, connected
from host.errors import PositionError, UsageError
from host.paths import named
from host.position.measurement import Measurement, NoFix
from host.position.nmea import SENTENCE_MAX, NmeaReader
from host.position.timeline import LOST_S

__all__ = ["BAUD", "BAUDS", "Nmea", "device_lines", "is_device", "server_lines", "udp_lines"]

BAUDS: Final = (4800, 9600, 19200, 38400, 57600, 115200, 230400)
BAUD: Final = 9600  # what most are made to speak; one on USB takes any
NONSENSE: Final = 50  # lines in a row without one that is right: it speaks something else, or at another rate
_DATAGRAMS: Final = 64  # that wait; of more the oldest go
_DATAGRAM_MAX: Final = 4 << 10
_NO_NMEA: Final = NoFix(
    "what comes is no NMEA 0183", "Set the receiver or app to NMEA; a serial device may need another rate: ?baud=4800"
)

Source = Callable[[], Coroutine[Any, Any, "Lines | Datagrams"]]


class Nmea:
    """Lines from anywhere as a `Receiver` of `host/contracts`."""

    name: Final = "nmea"
    quiet_s: Final = LOST_S

    def __init__(self, source: Source) -> None:
        """Prepare.

        Args:
            source: opens the lines; raises PositionError.
        """
        self._source = source
        self._lines: Lines | Datagrams | None = None
        self._reader = NmeaReader()
        self._nonsense = 0

    async def connect(self) -> None:
        """As in the contract."""
        self._lines, self._reader, self._nonsense = await self._source(), NmeaReader(), 0

    async def read(self) -> Measurement | NoFix:
        """As in the contract."""
        while self._lines is not None:
            line, before = await self._lines.next(), self._reader.sentences
            said = self._reader.read(line)
            self._nonsense = 0 if self._reader.sentences > before else self._nonsense + 1
            if said is not None:
                return said
            if self._nonsense == NONSENSE:
                self._nonsense = 0
                return _NO_NMEA
        raise PositionError("the receiver is not connected")

    async def close(self) -> None:
        """As in the contract."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None


def server_lines(host: str, port: int) -> Source:
    """Lines of a server over TCP."""
    what = f"the NMEA server at {host}:{port}"
    hint = "Start the app, see that its server is on, and that both are in one network"
    return lambda: connected(host, port, SENTENCE_MAX, what, hint=hint)


def udp_lines(host: str, port: int) -> Source:
    """Lines that are sent to an address of this computer over UDP."""

    async def opened() -> Datagrams:
        loop = asyncio.get_running_loop()
        try:
            _, protocol = await loop.create_datagram_endpoint(Datagrams, local_addr=(host, port))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "that is no address"
            raise PositionError(
                f"{host}:{port} cannot be listened to: {reason}",
                "Name an address of this computer: 0.0.0.0 is all of them; no other program may listen there",
            ) from error
        return protocol

    return opened


def device_lines(path: str, baud: int) -> Source:
    """Lines of a serial device.

    Raises:
        UsageError: this system's serial devices cannot be read.
    """
    try:
        import termios  # noqa: F401, PLC0415 - not on Windows
    except ImportError as error:
        raise UsageError(
            "serial devices are read on Linux and macOS only",
            "On Windows let an app serve NMEA over TCP: --position nmea:tcp://127.0.0.1:PORT",
        ) from error

    async def opened() -> Lines:
        what = ascii(path)
        reader = asyncio.StreamReader(limit=SENTENCE_MAX)
        try:
            file = _raw(path, baud)
        except FileNotFoundError as error:
            raise PositionError(f"there is no device {what}", "Plug the receiver in, and check its name") from error
        except PermissionError as error:
            raise PositionError(
                f"{what} may not be read", "Join the group that may: sudo usermod -aG dialout $USER, and log in again"
            ) from error
        except OSError as error:
            raise PositionError(
                f"{what} cannot be read: {error.strerror}", "Check that nothing else uses it"
            ) from error
        if not os.isatty(file.fileno()) and not stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            file.close()
            raise PositionError(f"{what} is no serial device", "Name that of a receiver, such as /dev/ttyUSB0")
        try:
            loop = asyncio.get_running_loop()
            transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        except BaseException:
            file.close()
            raise
        return Lines(reader, transport.close, f"the receiver at {what}")

    return opened


def is_device(path: str) -> bool:
    """Whether this is where something comes as it happens, not a file with an end."""
    try:
        mode = named(path).stat().st_mode
    except (OSError, ValueError):
        return path.startswith("/dev/")
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _raw(path: str, baud: int) -> BinaryIO:
    """The device, giving bytes as they come. Raises OSError."""
    import termios  # noqa: PLC0415 - not on Windows
    import tty  # noqa: PLC0415

    device = os.open(named(path), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        if os.isatty(device):
            tty.setraw(device)
            settings = termios.tcgetattr(device)
            settings[2] |= termios.CLOCAL | termios.CREAD
            settings[4] = settings[5] = getattr(termios, f"B{baud}")
            termios.tcsetattr(device, termios.TCSANOW, settings)
            termios.tcflush(device, termios.TCIFLUSH)
        return os.fdopen(device, "rb", buffering=0)
    except termios.error as error:
        os.close(device)
        raise OSError(error.args[0], error.args[1]) from error
    except BaseException:
        os.close(device)
        raise


class Datagrams(asyncio.DatagramProtocol):
    """Sentences from the first sender; another's count once that one is silent."""

    def __init__(self) -> None:
        """Before the socket is there."""
        self._transport: asyncio.BaseTransport | None = None
        self._waiting: deque[bytes] = deque(maxlen=_DATAGRAMS)
        self._lines: deque[bytes] = deque()
        self._come = asyncio.Event()
        self._sender = ""
        self._heard_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """From anybody."""
        now_s = asyncio.get_running_loop().time()
        if addr[0] != self._sender and self._sender and now_s - self._heard_s < LOST_S:
            return
        self._sender, self._heard_s = addr[0], now_s
        self._waiting.append(data[:_DATAGRAM_MAX])
        self._come.set()

    async def next(self) -> bytes:
        """The next line. Cancelling loses nothing."""
        while not self._lines:
            await self._come.wait()
            self._lines.extend(self._waiting.popleft().splitlines())
            if not self._waiting:
                self._come.clear()
        return self._lines.popleft()

    def close(self) -> None:
        """Close the socket. Never raises."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.close()
