"""A connect that is given up at any moment, on bleak's own BlueZ backend: nothing is left that harms the next."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("BlueZ is Linux only", allow_module_level=True)

from bleak.backends.bluezdbus.version import BlueZFeatures
from fake_bluetoothd import FakeBluetoothd, until, with_bluetoothd

from firmware_bridge import cancelling
from firmware_bridge.errors import GlassesError, LinkTimeoutError
from firmware_bridge.link_ble import BleSource


def test_pairing_that_is_never_answered_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeBluetoothd(holds={"Pair"})

    async def body(source: BleSource) -> None:
        with pytest.raises(LinkTimeoutError):
            await source.connect(print, print, timeout_s=1.0)
        assert not daemon.connected

    with_bluetoothd(monkeypatch, daemon, body)
    assert daemon.calls.count("Disconnect") >= 1, "BlueZ takes Disconnect for the end of a pending request"


@pytest.mark.parametrize("call", ["StartDiscovery", "StartDiscovery answered"])
def test_a_scan_that_is_cancelled_is_over(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """BlueZ would go on scanning for whoever broke off its call, and refuse every later scan."""
    daemon = FakeBluetoothd(visible=False, slow={"StartDiscovery": 0.1})

    async def body(source: BleSource) -> None:
        connecting = asyncio.ensure_future(source.connect(print, print))
        await until(lambda: call in daemon.calls, 30.0)
        assert daemon.discovering
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert not daemon.discovering
        daemon.visible, daemon.slow = True, {}
        await (await source.connect(print, print)).disconnect()

    with_bluetoothd(monkeypatch, daemon, body)


@pytest.mark.parametrize("method", ["StartDiscovery", "StopDiscovery"])
def test_a_scan_that_is_cancelled_is_over_in_the_end_however_slow_the_service(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "STEP_S", 0.1)
    daemon = FakeBluetoothd(visible=False, slow={method: 0.5})

    async def body(source: BleSource) -> None:
        with pytest.raises((GlassesError, TimeoutError)):
            async with asyncio.timeout(0.2 if method == "StartDiscovery" else None):
                await source.connect(print, print, timeout_s=0.2)
        daemon.visible = True
        del daemon.slow[method]
        await (await source.connect(print, print)).disconnect()

    with_bluetoothd(monkeypatch, daemon, body)


def test_a_first_connect_that_is_cancelled_does_not_stop_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """bleak asks for BlueZ's version before the first, and must not be cancelled in it."""
    program = tmp_path / "bluetoothctl"
    program.write_text("#!/bin/sh\nsleep 0.4\necho bluetoothctl: 5.66\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", False)
    monkeypatch.setattr(BlueZFeatures, "_check_bluez_event", None)

    async def body(source: BleSource) -> None:
        first = asyncio.ensure_future(source.connect(print, print))
        while BlueZFeatures._check_bluez_event is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await (await source.connect(print, print, timeout_s=5.0)).disconnect()

    with_bluetoothd(monkeypatch, FakeBluetoothd(), body)


def test_a_connect_that_is_cancelled_while_glasses_are_called_is_not_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Linux would hold the connection that comes of it, and tell nobody: the glasses would be gone for good."""
    daemon = FakeBluetoothd(slow={"Pair": 0.3})

    async def body(source: BleSource) -> None:
        connecting = asyncio.ensure_future(source.connect(print, print))
        await until(lambda: "Pair" in daemon.calls)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert daemon.calls[-3:] == ["Pair", "Pair answered", "Disconnect"]
        assert not daemon.connected

    with_bluetoothd(monkeypatch, daemon, body)
