"""Lines that come over a connection, bounded: what receivers are read by."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

from host.errors import PositionError

__all__ = ["Lines", "connected"]

CONNECT_S: Final = 5.0  # two lost SYN packets


class Lines:
    """A stream that is open. A line beyond the limit of its reader is dropped."""

    def __init__(self, reader: asyncio.StreamReader, close: Callable[[], None], what: str) -> None:
        """Take over a stream.

        Args:
            reader: gives its bytes.
            close: ends it.
            what: says them, as the user calls it.
        """
        self._reader, self._close, self._what = reader, close, what

    async def next(self) -> bytes:
        """The next line with its end. Raises PositionError at the end of the stream. Cancelling loses nothing."""
        while True:
            try:
                return await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                await self._reader.read(max(1, error.consumed))
            except asyncio.IncompleteReadError as error:
                raise PositionError(f"{self._what} has gone", "It is tried again") from error
            except OSError as error:
                reason = error.strerror or "the connection is broken"
                raise PositionError(f"{self._what} has gone: {reason}", "It is tried again") from error

    def close(self) -> None:
        """End the stream. Never raises."""
        with contextlib.suppress(OSError, RuntimeError):
            self._close()


async def connected(host: str, port: int, limit: int, what: str, *, hint: str, first: bytes = b"") -> Lines:
    """Lines of a server over TCP, which is connected in bounded time.

    Args:
        host: name or address.
        port: number.
        limit: bytes of a line.
        what: answers there, as the user calls it.
        hint: what to do where nobody answers.
        first: sent first.

    Raises:
        PositionError: it is not in reach.
    """
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await _opened(host, port, limit)
    except TimeoutError as error:
        raise PositionError(f"{what} does not answer", hint) from error
    except ConnectionRefusedError as error:
        raise PositionError(f"{what} is not running", hint) from error
    except (socket.gaierror, UnicodeError) as error:
        raise PositionError(f"there is no computer called {host!a:.80}", "Check its name, and the network") from error
    except OSError as error:
        raise PositionError(f"{what} is not in reach: {error.strerror}", hint) from error
    writer.write(first)
    return Lines(reader, writer.close, what)


async def _opened(host: str, port: int, limit: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The first address that answers; the last one's error where none does (asyncio's own would be of no type)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, _, _, _, address in found[:-1]:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(str(address[0]), port, limit=limit, family=family)
    return await asyncio.open_connection(str(found[-1][4][0]), port, limit=limit)
