"""Whether somebody is at the addresses that are set."""

from __future__ import annotations

import socket

import pytest
from checkups import found

from host.app.doctor.servers import servers


@pytest.mark.parametrize("setting", [
    "openai.base_url", "llm.base_url", "translate.base_url", "libretranslate.url", "vision.base_url", "valhalla.url",
])  # fmt: skip
def test_a_server_on_this_computer_and_one_elsewhere(setting):
    name = setting.replace(".", "_")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        there = found(servers, **{name: f"http://127.0.0.1:{port}/v1"})[setting]
    gone = found(servers, **{name: f"http://localhost:{port}/v1"})[setting]
    assert (there.state, there.message) == ("ok", f"a server is at 127.0.0.1, port {port}")
    assert (gone.state, gone.fix) == ("broken", f"Start it, or set {setting}")
    far = found(servers, **{name: "https://models.example/v1"})[setting]
    assert (far.state, far.message) == ("unknown", "'models.example' is another computer and is not asked")


@pytest.mark.parametrize(
    "address", ["http://[::1", "localhost:8000/v1", "http://models.example/v1", "http://h:x", "\x1b[2J"]
)
def test_an_address_that_is_none(address):
    finding = found(servers, llm_base_url=address)["llm.base_url"]
    assert finding.state == "broken"
    assert finding.fix
    assert "\x1b" not in finding.message


def test_nothing_is_said_of_servers_that_are_not_set():
    assert found(servers) == {}
