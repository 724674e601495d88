"""The machine's D-Bus and BlueZ, started as a distribution starts them, and asked what they know."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any, Final

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

ADAPTER: Final = "/org/bluez/hci0"
LOG: Final = Path("/run/bluetoothd.log")
_SOCKET: Final = Path("/run/dbus/system_bus_socket")
_DEVICE: Final = "org.bluez.Device1"
_BLUETOOTHD: Final = "/usr/libexec/bluetooth/bluetoothd"


class Services:
    """The programs, and the interface of BlueZ for what bleak does not offer."""

    def __init__(self) -> None:
        self._bluetoothd: asyncio.subprocess.Process | None = None
        self._bus: MessageBus

    async def start(self) -> None:
        """Start both."""
        _SOCKET.parent.mkdir(exist_ok=True)
        await asyncio.create_subprocess_exec("dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog")
        await _until(_SOCKET.exists, 10.0)
        await self.start_bluetoothd()
        self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()

    @property
    def bluetoothd_runs(self) -> bool:
        return self._bluetoothd is not None and self._bluetoothd.returncode is None

    async def start_bluetoothd(self) -> None:
        """As its service file does, and with a log; nothing where it runs."""
        if self.bluetoothd_runs:
            return
        with LOG.open("ab") as log:  # noqa: ASYNC230
            self._bluetoothd = await asyncio.create_subprocess_exec(
                _BLUETOOTHD, "--nodetach", "--debug", stdout=log, stderr=log
            )

    async def end_bluetoothd(self, how: signal.Signals) -> None:
        """SIGTERM: as the service manager ends it; SIGKILL: as a crash does."""
        assert self._bluetoothd is not None
        self._bluetoothd.send_signal(how)
        await self._bluetoothd.wait()
        self._bluetoothd = None

    async def powered(self, timeout_s: float = 15.0) -> None:
        """Wait until BlueZ has an adapter that is switched on."""
        async with asyncio.timeout(timeout_s):
            while not (await self.objects()).get(ADAPTER, {}).get("org.bluez.Adapter1", {}).get("Powered"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def restart_adapter(self) -> None:
        """Bluetooth off, and on again."""
        await self.switch(on=False)
        await self.switch(on=True)
        await self.powered()

    async def switch(self, *, on: bool) -> None:
        """What `bluetoothctl power on` and `off` do."""
        body = ["org.bluez.Adapter1", "Powered", Variant("b", on)]
        await self._call(ADAPTER, "org.freedesktop.DBus.Properties", "Set", "ssv", body)

    async def forget_devices(self) -> None:
        """What `bluetoothctl remove` does, for every device."""
        for path, interfaces in (await self.objects()).items():
            if _DEVICE in interfaces:
                await self._call(ADAPTER, "org.bluez.Adapter1", "RemoveDevice", "o", [path])

    async def device(self) -> dict[str, Any]:
        """The properties of the one device that BlueZ knows; empty where it knows none."""
        objects = (await self.objects()).values()
        return next((interfaces[_DEVICE] for interfaces in objects if _DEVICE in interfaces), {})

    async def objects(self) -> dict[str, dict[str, dict[str, Any]]]:
        """All that BlueZ knows: path, interface, property; nothing where it does not run."""
        try:
            reply = await self._call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        except OSError:
            return {}
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for path, interfaces in reply[0].items():
            found[path] = {i: {key: value.value for key, value in p.items()} for i, p in interfaces.items()}
        return found

    async def _call(self, path: str, interface: str, member: str, signature: str = "", body: Any = ()) -> Any:
        call = Message("org.bluez", path, interface, member, signature=signature, body=list(body))
        reply = await self._bus.call(call)
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise OSError(f"{member}: {reply.error_name} {reply.body}")
        return reply.body


async def _until(condition: Any, timeout_s: float) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.05)
