"""What this computer's Bluetooth can do, found out without using it: nothing is scanned, switched or paired.

On Linux BlueZ is asked over D-Bus, and is not started by being asked; what the kernel has is read from its file system.
macOS ends a program that asks without permission, and Windows answers only to one that uses the radio: there the first
connection tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import re
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from firmware_bridge.ble_causes import Cause, cause_of_dbus_error
from firmware_bridge.ble_devices import printable
from firmware_bridge.ble_errors import explain, system_of

__all__ = ["RadioCheck", "check_radio"]

Condition = Literal["ok", "missing", "broken", "unknown"]

ANSWER_S: Final = 2.0  # bluetoothd answers within milliseconds, or it hangs
MIN_BLUEZ: Final = (5, 55)  # bleak 3.1, backends/bluezdbus/version.py
QUICK_BLUEZ: Final = (5, 62)  # the first to tell the MTU (docs/bluetooth.md)

_ADAPTER: Final = "org.bluez.Adapter1"
_SYSTEM: Final = system_of(sys.platform)
_UNTRIED: Final[dict[str, str]] = {
    "macos": "macOS tells only a program that uses Bluetooth, and may end one that was not allowed to",
    "windows": "Windows tells only a program that uses Bluetooth",
}


@dataclass(frozen=True, slots=True)
class RadioCheck:
    """One thing that Bluetooth needs.

    Attributes:
        name: what was looked at: "kernel", "message bus", "bluetooth service", "permission", "adapter", "power" or
            "low energy"; "bluetooth" where the system does not tell.
        condition: "missing" is a want that it works without; "unknown" what could not be found out.
        message: one sentence, no full stop; text from outside in it is made fit for a terminal.
        hint: how to mend it; empty where nothing is to be done.
    """

    name: str
    condition: Condition
    message: str
    hint: str = ""


async def check_radio(kernel: Path = Path("/")) -> tuple[RadioCheck, ...]:
    """Look at everything between a program and the radio, in this order, until something keeps the rest from sight.

    It takes a few hundredths of a second, or `ANSWER_S` for each service that hangs.

    Args:
        kernel: where the kernel's own file systems are mounted (`proc`, `sys`).
    """
    if _SYSTEM != "linux":
        how = "Connect, and see: sidelight doctor --glasses ble:"
        return (RadioCheck("bluetooth", "unknown", _UNTRIED[_SYSTEM], how),)
    return (*_kernel(kernel), *[check async for check in _bluez(kernel)])


def _kernel(root: Path) -> Iterator[RadioCheck]:
    release = platform.release()
    if "microsoft" in release.lower():
        hint = "Use Sidelight on Windows itself, or hand an adapter to WSL with usbipd."
        yield RadioCheck("kernel", "missing", f"this is WSL (Linux {printable(release)}), which has no Bluetooth", hint)
    elif not (root / "sys/class/bluetooth").is_dir():
        hint = "Load it with 'sudo modprobe btusb'; a container or virtual machine must be given the host's adapter."
        yield RadioCheck("kernel", "missing", f"Linux {printable(release)} has no Bluetooth loaded", hint)
    else:
        yield RadioCheck("kernel", "ok", f"Linux {printable(release)} has Bluetooth")


async def _bluez(root: Path) -> AsyncIterator[RadioCheck]:
    from dbus_fast import BusType, Message  # noqa: PLC0415 - comes with bleak, on Linux alone
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    try:
        async with asyncio.timeout(ANSWER_S):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except Exception as error:  # noqa: BLE001 - no socket, nobody behind it, another protocol: it is not there for us
        denied = isinstance(error, PermissionError) or "Auth" in type(error).__name__
        yield _trouble("message bus", Cause.DENIED if denied else Cause.NO_MESSAGE_BUS)
        return
    try:
        yield RadioCheck("message bus", "ok", "the system message bus answers")
        ask = Message(
            destination="org.bluez",
            path="/",
            interface="org.freedesktop.DBus.ObjectManager",
            member="GetManagedObjects",
        )
        ask.flags = type(ask.flags).NO_AUTOSTART
        reply: Any = None
        with contextlib.suppress(TimeoutError, EOFError, OSError):
            async with asyncio.timeout(ANSWER_S):
                reply = await bus.call(ask)
        version = await _version()
        if reply is None:
            yield _trouble("bluetooth service", Cause.SERVICE_SILENT)
        elif reply.error_name:
            detail = str(reply.body[0]) if reply.body else ""
            cause = cause_of_dbus_error(reply.error_name, detail)
            if cause is Cause.DENIED:
                yield _running(version)
                yield _denied()
            else:
                yield _trouble("bluetooth service", cause, detail or reply.error_name)
        else:
            yield _running(version)
            yield RadioCheck("permission", "ok", "you may use Bluetooth")
            objects = reply.body[0]
            found = {path: inside[_ADAPTER] for path, inside in sorted(objects.items()) if _ADAPTER in inside}
            for check in _adapters(found, root):
                yield check
    finally:
        bus.disconnect()


async def _version() -> tuple[int, int] | None:
    """BlueZ's, as bleak asks for it; None where nobody tells."""
    try:
        pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        program = await asyncio.create_subprocess_exec(
            "bluetoothctl", "--version", stdin=nowhere, stdout=pipe, stderr=nowhere
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(ANSWER_S):
            said, _ = await program.communicate()
    except TimeoutError:
        program.kill()
        await program.wait()
        return None
    match = re.search(rb"(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else None


def _running(version: tuple[int, int] | None) -> RadioCheck:
    if version is None:
        return RadioCheck("bluetooth service", "ok", "BlueZ runs; its version is not known (there is no bluetoothctl)")
    said = "BlueZ {}.{}".format(*version)
    if version < MIN_BLUEZ:
        return _trouble("bluetooth service", Cause.SERVICE_TOO_OLD)
    if version < QUICK_BLUEZ:
        slow = f"{said} runs, and is slow: before 5.62 a packet carries 20 bytes instead of 244"
        return RadioCheck("bluetooth service", "missing", slow, "Update it to BlueZ 5.62 or later, with the system.")
    return RadioCheck("bluetooth service", "ok", f"{said} runs")


def _denied() -> RadioCheck:
    """Not allowed; whoever has joined the group since they logged in needs to log in again."""
    import grp  # noqa: PLC0415 - not on Windows
    import pwd  # noqa: PLC0415

    with contextlib.suppress(KeyError):
        group, user = grp.getgrnam("bluetooth"), pwd.getpwuid(os.getuid())
        if user.pw_name in group.gr_mem and group.gr_gid not in os.getgroups():
            joined = "you have joined the group bluetooth, and this session began before that"
            return RadioCheck("permission", "broken", joined, "Log out and in again.")
    return _trouble("permission", Cause.DENIED)


def _adapters(found: dict[str, dict[str, Any]], root: Path) -> Iterator[RadioCheck]:
    if not found:
        seen = sorted(path.name for path in (root / "sys/class/bluetooth").glob("hci*"))
        if seen:
            said = f"the kernel has the adapter {printable(', '.join(seen))}, and BlueZ does not have it"
            again = (
                "Restart the service with 'sudo systemctl restart bluetooth'; 'sudo dmesg' may name missing firmware."
            )
            yield RadioCheck("adapter", "broken", said, again)
        else:
            yield _trouble("adapter", Cause.NO_ADAPTER)
        return
    names = {path: _shown(path, properties) for path, properties in found.items()}
    yield RadioCheck("adapter", "ok", f"there is {' and '.join(names.values())}")
    central = [path for path, properties in found.items() if "central" in _value(properties, "Roles", ["central"])]
    if not central:
        yield _trouble("low energy", Cause.NO_LOW_ENERGY)
        return
    yield RadioCheck("low energy", "ok", f"{names[central[0]]} has Bluetooth Low Energy")
    powered = [path for path in central if _value(found[path], "Powered", otherwise=False)]
    if powered:
        yield RadioCheck("power", "ok", f"{names[powered[0]]} is switched on")
    elif _blocked_by_a_switch(root):
        said = "Bluetooth is switched off by a switch or key of this computer"
        yield RadioCheck("power", "broken", said, "Find the switch, or the key with an aeroplane or an antenna.")
    else:
        yield _trouble("power", Cause.SWITCHED_OFF)


def _shown(path: str, properties: dict[str, Any]) -> str:
    """An adapter by the kernel's name and the name that somebody gave it."""
    alias = printable(str(_value(properties, "Alias", "")))
    short = printable(path.rpartition("/")[2])
    return f"{short} ({alias!r})" if alias else short


def _value(properties: dict[str, Any], name: str, otherwise: Any) -> Any:
    return properties[name].value if name in properties else otherwise


def _blocked_by_a_switch(root: Path) -> bool:
    """Whether the kernel says so of a Bluetooth radio (Documentation/ABI/stable/sysfs-class-rfkill)."""
    for radio in (root / "sys/class/rfkill").glob("rfkill*"):
        with contextlib.suppress(OSError):
            if (radio / "type").read_text().strip() == "bluetooth" and (radio / "hard").read_text().strip() == "1":
                return True
    return False


def _trouble(name: str, cause: Cause, detail: str = "") -> RadioCheck:
    error = explain(cause, _SYSTEM, detail=detail)
    return RadioCheck(name, "broken", error.message, error.hint)
