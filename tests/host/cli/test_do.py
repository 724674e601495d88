"""`sidelight do`: asks what runs, and says what it answers."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from host.app.control import controlled
from host.cli.program import main
from host.errors import ActionError

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets")


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path_factory.mktemp("d")))


def do(name: str) -> str:
    if name == "end":
        raise ActionError("end needs a tap", "Choose it in the menu")
    return f"{name} begins"


def asked(*words: str) -> int:
    async def meanwhile() -> int:
        async with controlled(do):
            return await asyncio.to_thread(main, ["do", *words])

    return asyncio.run(meanwhile())


def test_what_is_done_is_said(capsys):
    assert asked("price") == 0
    assert capsys.readouterr().out == "price begins\n"


def test_a_script_is_told_as_json(capsys):
    assert asked("price", "--json") == 0
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["action"], event["by"]) == ("action", "price", "script")


def test_what_needs_a_tap_is_refused(capsys):
    assert asked("end") == 1
    assert capsys.readouterr().err == "error: end needs a tap. Choose it in the menu\n"


def test_nothing_runs(capsys):
    assert main(["do", "price"]) == 1
    assert "sidelight run is not running" in capsys.readouterr().err


def test_help_lists_what_can_be_asked_for(capsys):
    with pytest.raises(SystemExit):
        main(["do", "--help"])
    told = capsys.readouterr().out
    assert "bookmark" in told
    assert "stop-captions" not in told
