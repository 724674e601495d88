"""What is said of this computer's Bluetooth: on a private message bus, with a bluetoothd without a radio behind it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("BlueZ is Linux only", allow_module_level=True)

from dbus_fast import Message, Variant
from fake_bluetoothd import ADAPTER, FakeBluetoothd, message_bus

from firmware_bridge import radio_check
from firmware_bridge.known_bugs import firmware_report
from firmware_bridge.radio_check import RadioCheck, check_radio

DENYING = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:dir={folder}</listen>
<policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>
<policy context="mandatory"><deny send_destination="org.bluez"/></policy></busconfig>"""


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A kernel that has an adapter."""
    (tmp_path / "kernel/sys/class/bluetooth/hci0").mkdir(parents=True)
    (tmp_path / "kernel/sys/class/rfkill").mkdir()
    return tmp_path / "kernel"


@pytest.fixture(autouse=True)
def bluetoothctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `bluetoothctl` that says 5.66; the other programs are those of this computer."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin/bluetoothctl"
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    return saying(script, "bluetoothctl: 5.66")


def saying(script: Path, text: str) -> Path:
    script.write_text(f"#!/bin/sh\necho '{text}'\n")
    script.chmod(0o755)
    return script


def checked(
    monkeypatch: pytest.MonkeyPatch, kernel: Path, daemon: FakeBluetoothd | None = None
) -> dict[str, RadioCheck]:
    async def main() -> tuple[RadioCheck, ...]:
        async with message_bus(monkeypatch) as address, contextlib.AsyncExitStack() as stack:
            if daemon is not None:
                await stack.enter_async_context(daemon.running(address))
            return await check_radio(kernel)

    return {check.name: check for check in asyncio.run(main())}


def conditions(checks: dict[str, RadioCheck]) -> dict[str, str]:
    return {name: check.condition for name, check in checks.items()}


def test_a_computer_that_has_everything(monkeypatch, kernel):
    daemon = FakeBluetoothd()
    checks = checked(monkeypatch, kernel, daemon)
    names = ["kernel", "message bus", "bluetooth service", "permission", "adapter", "low energy", "power"]
    assert conditions(checks) == dict.fromkeys(names, "ok")
    assert checks["kernel"].message == f"Linux {platform.release()} has Bluetooth"
    assert checks["bluetooth service"].message == "BlueZ 5.66 runs"
    assert checks["adapter"].message == "there is hci0"
    assert checks["power"].message == "hci0 is switched on"
    assert daemon.calls == ["GetManagedObjects"]  # nothing else was asked for or changed
    assert all(not check.hint for check in checks.values())


def test_no_message_bus(monkeypatch, kernel, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    *_, bus = asyncio.run(check_radio(kernel))
    assert (bus.name, bus.condition) == ("message bus", "broken")
    assert bus.message == "the system message bus (D-Bus), which Bluetooth needs, is not running"
    assert "sudo apt install dbus bluez" in bus.hint


def test_a_message_bus_that_is_for_others(monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("becoming somebody else needs root")

    async def main() -> Any:
        async with message_bus(monkeypatch):
            os.seteuid(65534)  # a session's bus is for whoever started it
            try:
                return await check_radio()
            finally:
                os.seteuid(0)

    *_, bus = asyncio.run(main())
    assert (bus.name, bus.condition) == ("message bus", "broken")
    assert bus.message == "the system does not allow this program to use Bluetooth"


def test_no_bluetooth_service(monkeypatch, kernel):
    service = checked(monkeypatch, kernel)["bluetooth service"]
    assert (service.condition, service.message) == ("broken", "the Bluetooth service is not running")
    assert "sudo systemctl start bluetooth" in service.hint


def test_a_service_that_hangs(monkeypatch, kernel):
    monkeypatch.setattr(radio_check, "ANSWER_S", 0.2)
    service = checked(monkeypatch, kernel, FakeBluetoothd(holds={"GetManagedObjects"}))["bluetooth service"]
    assert service.message == "the Bluetooth service of this computer does not answer"


def test_an_error_that_nobody_foresaw_is_shown_without_control_characters(monkeypatch, kernel):
    errors = {"GetManagedObjects": ("org.example.Strange", "\x1b[2Jgone\nwild")}
    service = checked(monkeypatch, kernel, FakeBluetoothd(errors=errors))["bluetooth service"]
    assert service.message == "the Bluetooth system of this computer reported: \ufffd[2Jgone\ufffdwild"


def test_not_allowed_by_the_bus_itself(monkeypatch, kernel, tmp_path):
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("dbus-daemon is not installed: apt install dbus")
    (tmp_path / "bus.conf").write_text(DENYING.format(folder=tmp_path))

    @contextlib.asynccontextmanager
    async def denying_bus() -> AsyncIterator[str]:
        arguments = ["--nofork", "--nopidfile", "--print-address", f"--config-file={tmp_path}/bus.conf"]
        daemon = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.PIPE)
        try:
            assert daemon.stdout is not None
            yield (await daemon.stdout.readline()).decode().strip()
        finally:
            daemon.terminate()
            await daemon.communicate()

    async def main() -> Any:
        async with denying_bus() as address, FakeBluetoothd().running(address):
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
            return {check.name: check for check in await check_radio(kernel)}

    checks = asyncio.run(main())
    assert checks["bluetooth service"].condition == "ok"
    assert checks["permission"].condition == "broken"
    assert "sudo usermod -aG bluetooth $USER" in checks["permission"].hint


@pytest.mark.parametrize(("member", "active", "hint"), [
    (True, False, "Log out and in again."),
    (True, True, "sudo usermod -aG bluetooth"),
    (False, False, "sudo usermod -aG bluetooth"),
])  # fmt: skip
def test_who_has_just_joined_the_group_must_log_in_again(monkeypatch, kernel, member, active, hint):
    import grp  # noqa: PLC0415
    import pwd  # noqa: PLC0415

    me = pwd.getpwuid(os.getuid()).pw_name
    group = grp.struct_group(("bluetooth", "x", 54321, [me] if member else []))
    monkeypatch.setattr(grp, "getgrnam", lambda _name: group)
    monkeypatch.setattr(os, "getgroups", lambda: [54321] if active else [])
    errors = {"GetManagedObjects": ("org.freedesktop.DBus.Error.AccessDenied", "no")}
    permission = checked(monkeypatch, kernel, FakeBluetoothd(errors=errors))["permission"]
    assert permission.condition == "broken"
    assert hint in permission.hint


def test_no_adapter(monkeypatch, kernel):
    (kernel / "sys/class/bluetooth/hci0").rmdir()
    adapter = checked(monkeypatch, kernel, FakeBluetoothd(adapter=False))["adapter"]
    assert (adapter.condition, adapter.message) == ("broken", "this computer has no Bluetooth adapter")


def test_an_adapter_that_bluez_does_not_have(monkeypatch, kernel):
    adapter = checked(monkeypatch, kernel, FakeBluetoothd(adapter=False))["adapter"]
    assert adapter.message == "the kernel has the adapter hci0, and BlueZ does not have it"
    assert "sudo systemctl restart bluetooth" in adapter.hint


def test_switched_off_by_software_and_by_a_switch(monkeypatch, kernel):
    power = checked(monkeypatch, kernel, FakeBluetoothd(powered=False))["power"]
    assert (power.condition, power.message) == ("broken", "Bluetooth is switched off")
    assert "rfkill unblock bluetooth" in power.hint
    radio = kernel / "sys/class/rfkill/rfkill0"
    radio.mkdir()
    (radio / "type").write_text("bluetooth\n")
    (radio / "hard").write_text("1\n")
    power = checked(monkeypatch, kernel, FakeBluetoothd(powered=False))["power"]
    assert power.message == "Bluetooth is switched off by a switch or key of this computer"


class OtherAdapter(FakeBluetoothd):
    """One whose adapter has these properties instead."""

    properties: dict[str, Variant]

    def _do_GetManagedObjects(self, _message: Message) -> Message:  # noqa: N802
        body = [{ADAPTER: {"org.bluez.Adapter1": self.properties}}]
        return Message.new_method_return(_message, "a{oa{sa{sv}}}", body)


def test_an_adapter_without_low_energy(monkeypatch, kernel):
    daemon = OtherAdapter()
    daemon.properties = {"Powered": Variant("b", True), "Roles": Variant("as", ["peripheral"])}
    low_energy = checked(monkeypatch, kernel, daemon)["low energy"]
    assert low_energy.message == "the Bluetooth adapter of this computer has no Bluetooth Low Energy"


def test_an_adapter_with_a_hostile_name(monkeypatch, kernel):
    daemon = OtherAdapter()
    name = "\x1b]0;mine\x07\u202e" + "x" * 500
    daemon.properties = {"Powered": Variant("b", True), "Alias": Variant("s", name)}
    adapter = checked(monkeypatch, kernel, daemon)["adapter"].message
    assert "\x1b" not in adapter
    assert "\u202e" not in adapter
    assert len(adapter) < 100


@pytest.mark.parametrize(("says", "condition", "message"), [
    ("bluetoothctl: 5.54", "broken", "the Bluetooth service is too old"),
    ("bluetoothctl: 5.55", "missing", "BlueZ 5.55 runs, and is slow: before 5.62 a packet carries 20 bytes"),
    ("bluetoothctl: 5.62", "ok", "BlueZ 5.62 runs"),
    ("what?", "ok", "BlueZ runs; its version is not known"),
])  # fmt: skip
def test_versions_of_bluez(monkeypatch, kernel, bluetoothctl, says, condition, message):
    saying(bluetoothctl, says)
    service = checked(monkeypatch, kernel, FakeBluetoothd())["bluetooth service"]
    assert service.condition == condition
    assert service.message.startswith(message)
    assert bool(service.hint) == (condition != "ok")


def test_a_bluetoothctl_that_hangs_does_not_hold_up(monkeypatch, kernel, bluetoothctl):
    bluetoothctl.write_text("#!/bin/sh\nexec sleep 1000\n")
    monkeypatch.setattr(radio_check, "ANSWER_S", 0.3)
    assert "is not known" in checked(monkeypatch, kernel, FakeBluetoothd())["bluetooth service"].message


def test_a_kernel_without_bluetooth_and_one_inside_windows(monkeypatch, tmp_path):
    nothing = asyncio.run(check_radio(tmp_path))[0]
    assert (nothing.name, nothing.condition) == ("kernel", "missing")
    assert "sudo modprobe btusb" in nothing.hint
    monkeypatch.setattr(platform, "release", lambda: "5.15.153.1-microsoft-standard-WSL2")
    assert "this is WSL" in asyncio.run(check_radio(tmp_path))[0].message


@pytest.mark.parametrize("system", ["macos", "windows"])
def test_other_systems_are_not_guessed_about(monkeypatch, system):
    monkeypatch.setattr(radio_check, "_SYSTEM", system)
    (only,) = asyncio.run(check_radio())
    assert (only.condition, only.hint) == ("unknown", "Connect, and see: sidelight doctor --glasses ble:")


@pytest.mark.parametrize(("device", "version", "mended", "newer"), [
    ("Frame v25.278.1113", "v25.278.1113", 0, False),
    ("Frame v25.080.0838", "v25.080.0838", 1, False),
    ("Frame v24.179.0818", "v24.179.0818", 1, False),
    ("Frame v26.001.0000", "v26.001.0000", 0, True),
    ("Frame v25.278.1113\n", "", 0, False),
    ("halo 0.8.8", "0.8.8", 0, False),
    ("halo 0.9.0-rc1+3a4fd2e", "0.9.0", 0, True),
    ("halo 0.8.8\x1b[31m", "", 0, False),
    ("Frame v25.278.1113-rc1", "", 0, False),
    ("Frame 25.278.1113", "", 0, False),
    ("\x1b[31mFrame", "", 0, False),
    ("", "", 0, False),
    ("Frame v" + "9" * 5000 + ".1.1", "", 0, False),
])  # fmt: skip
def test_what_is_known_of_a_firmware(device, version, mended, newer):
    report = firmware_report(device)
    assert (report.version, len(report.mended), report.newer) == (version, mended, newer)
    assert bool(report.noticed) == bool(version)
