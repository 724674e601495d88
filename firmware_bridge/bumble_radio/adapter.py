"""One Bluetooth adapter of this computer, on Bumble: where its controller is, who uses it, the bonds it keeps.

It is switched on while somebody uses it (a scan, a connection) and off after the last. The bonds stay, in a file that
only its owner can read, apart for each adapter address: a program that is run twice is the same computer to the
glasses, and has the key that its first run was given.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from bumble.keys import JsonKeyStore, KeyStore, MemoryKeyStore
from bumble.transport import open_transport
from bumble.transport.common import Transport

from firmware_bridge.bumble_radio.host import BumbleHost, ControllerLostError

Opener = Callable[[], Awaitable[Transport]]

_TCP: Final = re.compile(r"tcp:(?:127\.0\.0\.1|localhost):([0-9]{1,5})")
_USB: Final = re.compile(r"usb:[0-9A-Za-z:/#!._-]+")


class AdapterUnavailableError(Exception):
    """There is no controller where the adapter should be; the text says where, and why."""


class BumbleAdapter:
    """An adapter, used on one event loop.

    Args:
        where: shown in errors.
        open_controller: opens the way to the controller, each time the adapter is switched on.
        keys: the file of the bonds; None keeps them as long as this object.
    """

    def __init__(self, where: str, open_controller: Opener, *, keys: Path | None = None) -> None:
        self.where = where
        self._open_controller = open_controller
        self._keys_file = keys
        self._keys = MemoryKeyStore()
        self._host: BumbleHost | None = None
        self._users: dict[BumbleHost, int] = {}
        self._switch = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def acquire(self) -> BumbleHost:
        """Use it, switching it on if needed; each call needs one `release`. If cancelled, it need not be released.

        Raises:
            AdapterUnavailableError: there is no controller, or it does not answer.
        """
        await self.settled()
        async with self._switch:
            if self._host is None or self._host.lost:
                self._host = await self._switch_on()
                self._users[self._host] = 0
            self._users[self._host] += 1
            return self._host

    def release(self, host: BumbleHost) -> None:
        """Whoever acquired it needs it no more; after the last one it is switched off."""
        self._users[host] -= 1
        if self._users[host] == 0:
            del self._users[host]
            if self._host is host:
                self._host = None
            task = asyncio.get_running_loop().create_task(host.close(), name="Bumble adapter off")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def settled(self) -> None:
        """Wait until it is off, if it is being switched off."""
        if self._closing:
            await asyncio.wait(self._closing)

    async def _switch_on(self) -> BumbleHost:
        _check_bonds(self._keys_file)
        try:
            transport = await self._open_controller()
        except Exception as error:
            raise AdapterUnavailableError(f"no Bluetooth controller at {self.where}: {error}") from error
        host = BumbleHost(transport, self._key_store)
        try:
            await host.power_on()
        except ControllerLostError as error:
            await host.close()
            raise AdapterUnavailableError(f"the Bluetooth controller at {self.where} failed: {error}") from error
        except BaseException:
            await host.close()
            raise
        return host

    def _key_store(self, address: str) -> KeyStore:
        return self._keys if self._keys_file is None else _PrivateKeyStore(address, str(self._keys_file))


def adapter_at(where: str, keys: Path | None = None) -> BumbleAdapter:
    """The adapter there, one for each event loop; must be called on the loop.

    Args:
        where: `tcp:127.0.0.1:PORT`, which emulated glasses lend, or `usb:0`, a dongle.
        keys: the file of the bonds; None takes one in the system's folder for temporary files.

    Raises:
        ValueError: `where` is neither.
    """
    spec = transport_spec(where)
    adapters = _adapters.setdefault(asyncio.get_running_loop(), {})
    file = keys or default_keys()
    if (where, file) not in adapters:
        adapters[where, file] = BumbleAdapter(where, lambda: open_transport(spec), keys=file)
    return adapters[where, file]


_adapters: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, Path], BumbleAdapter]] = (
    weakref.WeakKeyDictionary()
)


def transport_spec(where: str) -> str:
    """What Bumble calls the place. Raises ValueError where it is no place that we know."""
    if (match := _TCP.fullmatch(where)) and 0 < int(match[1]) < 0x10000:
        return f"tcp-client:127.0.0.1:{match[1]}"
    if _USB.fullmatch(where):
        return where
    raise ValueError(f"{where!r} is no Bluetooth adapter: write tcp:127.0.0.1:PORT or usb:0")


def default_keys() -> Path:
    """Where bonds are kept if nothing else is said: they last as long as the system's temporary files."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"sidelight-radio-{user}" / "bonds.json"


def _check_bonds(file: Path | None) -> None:
    """Raises AdapterUnavailableError: the bonds cannot be read, or lie where somebody else could have put them."""
    try:
        if file is None or not file.parent.exists():
            return
        if hasattr(os, "getuid") and file.parent.stat().st_uid != os.getuid():
            raise AdapterUnavailableError(f"the folder {file.parent} for bonds belongs to somebody else")
        if file.exists():
            json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AdapterUnavailableError(f"the bonds in {file} cannot be read ({error}); delete that file") from error


class _PrivateKeyStore(JsonKeyStore):
    """Bumble's key store in a file that only its owner can read."""

    async def save(self, db: dict[str, Any]) -> None:
        path = Path(self.filename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(db, file, indent=1)
        part.replace(path)
