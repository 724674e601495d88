"""GeoClue over a real message bus of the test's own, with a service that answers as GeoClue does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from contextlib import aclosing

import pytest

from host.app.positions import open_position
from host.backends import position_geoclue
from host.contracts.position import Fix
from host.errors import PositionError

if sys.platform != "linux":
    pytest.skip("GeoClue is there on Linux only", allow_module_level=True)

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from fake_bluetoothd import message_bus

NAME = "org.freedesktop.GeoClue2"
CLIENT = "/org/freedesktop/GeoClue2/Client/1"


class Service:
    """Places, told one after the other once a client has started; `refused` is the error that Start gets, and
    `holds` what is never answered."""

    def __init__(self, *places, refused="", holds=""):
        self.places, self.refused, self.holds = list(places), refused, holds
        self.set, self.told = {}, 0

    @contextlib.asynccontextmanager
    async def running(self, address):
        self.bus = await MessageBus(bus_address=address).connect()
        self.bus.add_message_handler(self._answer)
        await self.bus.request_name(NAME)
        try:
            yield self
        finally:
            self.bus.disconnect()
            await self.bus.wait_for_disconnect()

    def tell(self):
        self.told += 1
        path = f"/org/freedesktop/GeoClue2/Location/{self.told}"
        body = ["/", path]
        self.bus.send(Message.new_signal(CLIENT, f"{NAME}.Client", "LocationUpdated", "oo", body))

    def _answer(self, message):
        if message.message_type is not MessageType.METHOD_CALL or message.destination == self.bus.unique_name:
            return None
        match message.member:
            case self.holds:
                return True
            case "GetClient":
                return Message.new_method_return(message, "o", [CLIENT])
            case "Set":
                self.set[message.body[1]] = message.body[2].value
                return Message.new_method_return(message)
            case "Start" if self.refused:
                return Message.new_error(message, self.refused, "no")
            case "Start":
                asyncio.get_running_loop().call_soon(self.tell)
                return Message.new_method_return(message)
            case "GetAll":
                number = int(str(message.path).rpartition("/")[2])
                return Message.new_method_return(message, "a{sv}", [self.places[number - 1]])
        return None


def place(lat, **more):
    known = {"Latitude": Variant("d", lat), "Longitude": Variant("d", 7.42), "Accuracy": Variant("d", 15.1)}
    known |= {"Speed": Variant("d", -1.0), "Heading": Variant("d", -1.0), "Description": Variant("s", "")}
    return known | {"Timestamp": Variant("(tt)", [1_777_629_600, 500_000])} | more


def run(monkeypatch, service, check):
    async def main():
        async with message_bus(monkeypatch) as address, asyncio.timeout(30):
            if service is None:
                return await check(None)
            async with service.running(address):
                return await check(service)

    return asyncio.run(main())


async def first(_):
    async with aclosing(open_position("geoclue:").reports()) as reports:
        return await anext(reports)


def test_a_place_and_what_is_not_known_of_it(monkeypatch):
    service = Service(place(43.73))
    fix = run(monkeypatch, service, first)
    assert (fix.lat, fix.lon, fix.source) == (43.73, 7.42, "geoclue")
    assert fix.accuracy_m == pytest.approx(10.0)
    assert (fix.speed_mps, fix.course_deg) == (None, None)
    assert service.set == {"DesktopId": "sidelight", "RequestedAccuracyLevel": 8}


def test_moving_is_told_and_a_service_that_ends_is_reached_again(monkeypatch):
    moving = {"Speed": Variant("d", 1.5), "Heading": Variant("d", 90.0)}

    async def check(service):
        async with aclosing(open_position("geoclue:").reports()) as reports:
            found = [await anext(reports)]
            await asyncio.sleep(0.2)
            service.tell()
            found.append(await anext(reports))
            await service.bus.release_name(NAME)
            await asyncio.sleep(0.2)
            await service.bus.request_name(NAME)
            while len([report for report in found if isinstance(report, Fix)]) < 3:
                found.append(await anext(reports))
        return [report for report in found if isinstance(report, Fix)]

    later = {"Timestamp": Variant("(tt)", [1_777_629_601, 0])}
    latest = {"Timestamp": Variant("(tt)", [1_777_629_602, 0])}
    service = Service(place(43.73), place(43.7301, **moving, **later), place(43.7302, **latest))
    fixes = run(monkeypatch, service, check)
    assert [fix.lat for fix in fixes] == [43.73, 43.7301, 43.7302]
    assert (fixes[1].speed_mps, fixes[1].course_deg) == (1.5, 90.0)


@pytest.mark.parametrize(
    ("refused", "message", "hint"),
    [
        ("org.freedesktop.DBus.Error.AccessDenied", "GeoClue may not tell where this computer is", "privacy settings"),
        ("org.example.Strange", "GeoClue has refused: ", "systemctl status geoclue"),
    ],
)
def test_what_is_refused_is_said(monkeypatch, refused, message, hint):
    with pytest.raises(PositionError) as caught:
        run(monkeypatch, Service(refused=refused), first)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("holds", "message"),
    [
        ("GetClient", "GeoClue does not answer: without a desktop it waits for an agent"),
        ("Start", "nobody has allowed GeoClue to tell where this computer is"),
    ],
)
def test_what_is_waited_for_is_said(monkeypatch, holds, message):
    """GeoClue 2.6 answers GetClient only once its user has an agent, and Start once they have agreed."""
    monkeypatch.setattr(position_geoclue, "CONSENT_S", 0.3)
    monkeypatch.setattr(position_geoclue, "ANSWER_S", 3.0 if holds == "Start" else 0.5)
    with pytest.raises(PositionError, match=message) as caught:
        run(monkeypatch, Service(holds=holds), first)
    assert caught.value.hint


def test_geoclue_is_not_installed(monkeypatch):
    with pytest.raises(PositionError, match="GeoClue is not installed") as caught:
        run(monkeypatch, None, first)
    assert caught.value.hint == "Install it: apt install geoclue-2.0"


def test_there_is_no_bus(monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(PositionError, match="there is no system message bus"):
        asyncio.run(first(None))


@pytest.mark.parametrize(
    "damaged",
    [{}, {"Latitude": Variant("s", "43")}, {"Latitude": Variant("d", float("nan")), "Longitude": Variant("d", 1.0)}],
)
def test_a_location_that_is_none_is_passed_over(monkeypatch, damaged):
    async def check(service):
        async with aclosing(open_position("geoclue:").reports()) as reports:
            asyncio.get_running_loop().call_later(0.3, service.tell)
            return await anext(reports)

    report = run(monkeypatch, Service(damaged, place(43.73)), check)
    assert isinstance(report, Fix) or report.code == "no-fix"
