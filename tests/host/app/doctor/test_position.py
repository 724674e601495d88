"""Whether the source of positions that is set is there."""

from __future__ import annotations

import os
import socket
import sys
import threading

import pytest
from checkups import found

from host.app.doctor import position as doctor
from host.app.doctor.position import position

VERSION = b'{"class":"VERSION","release":"3.22"}\n'
TPV = b'{"class":"TPV","mode":3,"lat":43.73,"lon":7.42,"eph":10.0}\n'


def finding(address):
    return found(position, navigate_position=address)["position"]


def gpsd(*said):
    """gpsd for one conversation, and its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        with server, server.accept()[0] as client:
            client.sendall(b"".join(said))
            while client.recv(1000):
                pass

    threading.Thread(target=answer, daemon=True).start()
    return server.getsockname()[1]


def test_none_is_set():
    assert (finding("").state, finding("").fix) == ("missing", "Set navigate.position, such as gpsd:localhost:2947")


@pytest.mark.parametrize(
    ("said", "state", "message"),
    [
        ([VERSION, TPV], "ok", "gpsd says where you are, to 5 m"),
        ([VERSION, b'{"class":"TPV","mode":1}\n'], "unknown", "gpsd is there: the receiver has no fix"),
        ([VERSION, b'{"class":"DEVICES","devices":[]}\n'], "unknown", "gpsd is there: gpsd runs, but has no receiver"),
        ([VERSION], "unknown", "gpsd is there, and said nothing in a second"),
        ([b"220 mail\r\n"], "broken", "is not gpsd"),
    ],
)
def test_gpsd_on_this_computer_is_asked(monkeypatch, said, state, message):
    if said != [VERSION]:
        monkeypatch.setattr(doctor, "ANSWER_S", 30.0)  # a busy computer may need long
    said = finding(f"gpsd:127.0.0.1:{gpsd(*said)}")
    assert said.state == state
    assert message in said.message


def test_gpsd_is_not_running():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = finding(f"gpsd:localhost:{port}")
    assert (said.state, said.message) == ("broken", f"gpsd (localhost:{port}) is not running")


@pytest.mark.parametrize(
    "address", ["gpsd:phone.example", "nmea:tcp://192.0.2.7:1", "nmea:udp://0.0.0.0:9", "geoclue:"]
)
def test_nobody_else_is_asked(address):
    assert (finding(address).state, finding(address).message) == (
        "unknown",
        f"'{address}' is not asked before it is used",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="serial devices are read on Linux and macOS only")
def test_a_device_is_looked_at_and_not_opened(tmp_path):
    os.mkfifo(tmp_path / "receiver")
    assert finding(f"nmea:{tmp_path}/receiver").message == f"the device '{tmp_path}/receiver' is there"
    assert finding("nmea:/dev/ttyNOSUCH?baud=4800").message == "there is no device '/dev/ttyNOSUCH'"


def test_files_and_places(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "ANSWER_S", 30.0)
    (tmp_path / "a.gpx").write_text('<gpx><rte><rtept lat="1" lon="2"/></rte></gpx>', encoding="utf-8")
    assert finding(f"gpx:{tmp_path}/a.gpx").message == "gpx says where you are, to 5 m"
    assert finding(f"gpx:{tmp_path}/b.gpx").state == "broken"
    assert finding("fixed:43.73,7.42").state == "ok"
    assert finding("gpz:x").state == "broken"
