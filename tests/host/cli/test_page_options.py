"""`--web-address` as a user types it."""

from __future__ import annotations

import pytest

from host.cli import main


def test_an_address_asks_for_the_page_and_one_that_is_none_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    assert main(["translate", "Hello", "--from", "en", "--to", "ja", "--web-address", "abc"]) == 2
    assert "'abc' is no address for the page. Write a port, or HOST:PORT" in capsys.readouterr().err
    assert main(["translate", "Hello", "--from", "en", "--to", "ja", "--web-address", "localhost:0"]) == 0
    assert "page: http://" in capsys.readouterr().err
