"""GeoClue 2, the location service of Linux desktops, over D-Bus.

It speaks when somebody has moved. Whether a program may know where the computer is, is for the desktop's agent or for
/etc/geoclue/geoclue.conf to say.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from host.errors import PositionError
from host.position.measurement import Measurement, NoFix, of_radius68

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

__all__ = ["Geoclue"]

ANSWER_S: Final = 5.0  # the service is started by being asked
CONSENT_S: Final = 60.0  # the desktop asks its user
EXACT: Final = 8  # GClueAccuracyLevel: as exact as can be, not a city or a street
_NAME: Final = "org.freedesktop.GeoClue2"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_DESKTOP_ID: Final = "sidelight"
_ALLOW: Final = "Switch location on in the desktop's privacy settings, or allow it: docs/positions.md"
_MISSING: Final = ("ServiceUnknown", "NameHasNoOwner", "Spawn.ServiceNotFound", "UnknownObject")


class Geoclue:
    """GeoClue as a `Receiver` of `host/contracts`."""

    name: Final = "geoclue"
    quiet_s: Final = math.inf

    def __init__(self) -> None:
        """Prepare; no bus is connected."""
        self._bus: MessageBus | None = None
        self._client = ""
        self._locations: deque[str] = deque(maxlen=1)  # a newer one makes the others worthless
        self._come = asyncio.Event()
        self._gone = False

    async def connect(self) -> None:
        """As in the contract."""
        try:
            from dbus_fast import BusType  # noqa: PLC0415 - comes with bleak, on Linux alone
            from dbus_fast.aio import MessageBus  # noqa: PLC0415
        except ImportError as error:
            raise PositionError("GeoClue is there on Linux only", "Name another source: --position nmea:...") from error
        self._gone, self._client = False, ""
        self._locations.clear()
        self._come.clear()
        try:
            async with asyncio.timeout(ANSWER_S):
                self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
                await self._prepared(self._bus)
            async with asyncio.timeout(CONSENT_S):
                await self._call(self._bus, self._client, f"{_NAME}.Client", "Start")
        except TimeoutError as error:
            asked = bool(self._client)
            await self.close()
            if asked:
                raise PositionError("nobody has allowed GeoClue to tell where this computer is", _ALLOW) from error
            hint = "Log in to a desktop, or start an agent: /usr/libexec/geoclue-2.0/demos/agent"
            raise PositionError("GeoClue does not answer: without a desktop it waits for an agent", hint) from error
        except (OSError, EOFError) as error:
            await self.close()
            raise PositionError("there is no system message bus", "GeoClue needs D-Bus: apt install dbus") from error
        except BaseException:
            await self.close()
            raise

    async def _prepared(self, bus: MessageBus) -> None:
        """A client of our own, which is told of every place once it is started."""
        manager = f"/{_NAME.replace('.', '/')}/Manager"
        [self._client] = await self._call(bus, manager, f"{_NAME}.Manager", "GetClient")
        bus.add_message_handler(self._heard)
        rule = f"type='signal',sender='{_NAME}',interface='{_NAME}.Client',path='{self._client}'"
        await self._call(bus, "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", rule)
        owner = f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{_NAME}'"
        await self._call(bus, "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", owner)
        from dbus_fast import Variant  # noqa: PLC0415

        for name, value in (("DesktopId", Variant("s", _DESKTOP_ID)), ("RequestedAccuracyLevel", Variant("u", EXACT))):
            await self._call(bus, self._client, _PROPERTIES, "Set", "ssv", f"{_NAME}.Client", name, value)

    async def read(self) -> Measurement | NoFix:
        """As in the contract."""
        while self._bus is not None:
            await self._come.wait()
            if self._gone or not self._bus.connected:
                raise PositionError("GeoClue has gone", "It is tried again")
            path = self._locations[-1]
            answer = await self._call(self._bus, path, _PROPERTIES, "GetAll", "s", f"{_NAME}.Location")
            if self._locations[-1] == path:  # only then is it told: cancelling loses nothing
                self._come.clear()
            said = _measurement(answer[0])
            if said is not None:
                return said
        raise PositionError("GeoClue is not connected")

    async def close(self) -> None:
        """As in the contract. GeoClue forgets the client of whoever hangs up."""
        if self._bus is not None:
            self._bus.disconnect()
            self._bus = None

    def _heard(self, message: Message) -> None:
        """A signal: a new place, or the service has come to its end."""
        if message.member == "LocationUpdated" and message.path == self._client and message.signature == "oo":
            self._locations.append(message.body[1])
            self._come.set()
        elif message.member == "NameOwnerChanged" and message.body[0] == _NAME and not message.body[2]:
            self._gone = True
            self._come.set()

    async def _call(self, bus: MessageBus, path: str, interface: str, member: str, *body: Any) -> list[Any]:
        """Ask; the first of the body is its signature. Raises PositionError."""
        from dbus_fast import Message, MessageType  # noqa: PLC0415

        destination = "org.freedesktop.DBus" if path == "/org/freedesktop/DBus" else _NAME
        call = Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=body[0] if body else "",
            body=list(body[1:]),
        )
        reply = await bus.call(call)
        if reply is None or reply.message_type is MessageType.ERROR:
            raise _error(reply.error_name if reply is not None else None)
        return list(reply.body)


def _measurement(values: object) -> Measurement | None:
    """Of the properties of a location; what is not known is -1."""
    if not isinstance(values, dict):
        return None
    known = {name: getattr(value, "value", None) for name, value in values.items()}
    numbers = {name: float(value) for name, value in known.items() if isinstance(value, float)}
    if not {"Latitude", "Longitude"} <= numbers.keys():
        return None
    radius_m, speed, course = (numbers.get(name, -1.0) for name in ("Accuracy", "Speed", "Heading"))
    stamp = known.get("Timestamp")
    utc_s = None
    if isinstance(stamp, list | tuple) and len(stamp) == 2:
        utc_s = stamp[0] + stamp[1] / 1e6
    return Measurement(
        lat=numbers["Latitude"],
        lon=numbers["Longitude"],
        accuracy_m=of_radius68(radius_m) if radius_m > 0 else None,
        utc_s=utc_s or None,
        speed_mps=speed if speed >= 0 else None,
        course_deg=course if course >= 0 else None,
    )


def _error(name: str | None) -> PositionError:
    """What an error of D-Bus means."""
    name = name or ""
    if name.endswith("AccessDenied"):
        return PositionError("GeoClue may not tell where this computer is", _ALLOW)
    if name.endswith(_MISSING):
        return PositionError("GeoClue is not installed", "Install it: apt install geoclue-2.0")
    return PositionError(f"GeoClue has refused: {name!a:.80}", "See: systemctl status geoclue")
