"""The control socket: who may ask, what is answered, and sockets that are left over."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.app.control import ANSWER_BYTES, MOST_BYTES, asked, controlled, socket_path
from host.errors import ActionError, UsageError

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets")


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("c")
    monkeypatch.setenv("SIDELIGHT_HOME", str(home))
    return home


def do(name: str) -> str:
    if name != "bookmark":
        raise ActionError(f"there is no action {name!a}", "There is bookmark")
    return "bookmark set"


def meanwhile(work, *, action=do):
    """What `work` returns in a thread while requests are taken."""

    async def main():
        async with controlled(action):
            return await asyncio.to_thread(work)

    return asyncio.run(main())


def sent(data: bytes) -> bytes:
    """The answer to these bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(30)
        caller.connect(os.fspath(socket_path()))
        caller.sendall(data)
        caller.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := caller.recv(ANSWER_BYTES):
            answer += piece
        return answer


def test_an_action_is_asked_for_and_done():
    assert meanwhile(lambda: asked("bookmark")) == "bookmark set"
    assert not socket_path().exists()


def test_what_is_refused_is_said():
    def refused():
        with pytest.raises(ActionError, match="there is no action 'dance'") as error:
            asked("dance")
        return error.value.hint

    assert meanwhile(refused) == "There is bookmark"


def test_nothing_runs():
    with pytest.raises(ActionError, match="sidelight run is not running"):
        asked("bookmark")


def test_a_socket_that_is_left_over_is_replaced():
    socket_path().parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as killed:
        killed.bind(os.fspath(socket_path()))
    with pytest.raises(ActionError, match="sidelight run is not running"):
        asked("bookmark")
    assert meanwhile(lambda: asked("bookmark")) == "bookmark set"


def test_a_second_one_says_that_one_runs_already():
    async def main():
        async with controlled(do):
            with pytest.raises(UsageError, match="sidelight run is running already"):
                async with controlled(do):
                    pass
            return await asyncio.to_thread(asked, "bookmark")

    assert asyncio.run(main()) == "bookmark set"


def test_the_socket_is_its_owners_alone():
    def modes():
        path = socket_path()
        return stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)

    assert meanwhile(modes) == (0o600, 0o700)


def test_another_user_is_refused(monkeypatch):
    monkeypatch.setattr("host.app.control._user_of", lambda _caller: os.getuid() + 1)
    answer = json.loads(meanwhile(lambda: sent(b'{"do": "bookmark"}\n')))
    assert (answer["ok"], answer["message"]) == (False, "this socket is another user's")


def test_a_socket_of_another_user_is_not_asked(monkeypatch):
    def refused():
        with pytest.raises(ActionError, match="is another user's") as error:
            asked("bookmark")
        sent(b"\n")  # whoever is answered comes after the one that hung up, which the program has let go of by then
        return error.value.hint

    done = []
    monkeypatch.setattr("host.app.control._user_of", lambda _caller: os.getuid() + 1)
    assert meanwhile(refused, action=done.append) == "Set XDG_RUNTIME_DIR, or SIDELIGHT_HOME, to your own folder"
    assert not done


def test_a_folder_that_was_open_to_others_is_closed():
    socket_path().parent.mkdir(mode=0o777)
    socket_path().parent.chmod(0o777)
    assert meanwhile(lambda: stat.S_IMODE(socket_path().parent.stat().st_mode)) == 0o700


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (b"", "that is no request"),
        (b"\n", "that is no request"),
        (b"[]\n", "that is no request"),
        (b'{"do": 1}\n', "that is no request"),
        (b"[" * 4000 + b"\n", "that is no request"),
        (b'{"do": "' + b"x" * MOST_BYTES + b'"}\n', "a request has 4096 bytes at most"),
    ],
)
def test_what_is_no_request_is_refused(request_, message):
    answer = json.loads(meanwhile(lambda: sent(request_)))
    assert (answer["ok"], answer["message"]) == (False, message)


@given(lines=st.lists(st.binary(max_size=60), max_size=6))
@settings(max_examples=20, deadline=None)
def test_no_bytes_disturb_it(lines):
    def work():
        for line in lines:
            assert json.loads(sent(line.replace(b"\n", b"") + b"\n"))["ok"] is False
        return asked("bookmark")

    assert meanwhile(work) == "bookmark set"


def test_a_path_that_is_too_long_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / ("x" * 120)))
    with pytest.raises(UsageError, match="is too long for a socket"):
        socket_path()
