"""What a failure of the radio is called, and what is advised, on each operating system."""

from __future__ import annotations

import errno
import unicodedata
from pathlib import Path

import bleak
import pytest
from bleak.exc import BleakBluetoothNotAvailableReason
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.ble_causes import (
    BLEAK_TEXTS,
    Cause,
    Stage,
    cause_at_stage,
    cause_of_att_code,
    cause_of_dbus_error,
    cause_of_reason,
    cause_of_system_error,
    cause_of_text,
)
from firmware_bridge.ble_errors import System, explain, system_of
from firmware_bridge.errors import (
    AccessDeniedError,
    AdapterError,
    GlassesError,
    LinkError,
    LinkLostError,
    LinkTimeoutError,
    NotFoundError,
    PairingError,
)

SYSTEMS: tuple[System, ...] = ("linux", "macos", "windows")
EXPLAINED = [cause for cause in Cause if cause is not Cause.SLOW]
BLEAK = Path(bleak.__file__).parent


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("cause", EXPLAINED)
def test_every_cause_has_one_sentence_and_advice(cause: Cause, system: System) -> None:
    error = explain(cause, system, who="Frame 4F", address="C6:11:22:33:44:4F", detail="something", seconds=20)
    assert isinstance(error, LinkError)
    assert type(error) is not GlassesError
    for text in (error.message, error.hint):
        assert text
        assert "{" not in text
        assert "}" not in text
    assert not error.message.endswith(".")
    assert error.hint.endswith(".")
    if system != "linux":
        assert "bluetoothctl" not in error.hint


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("lost", [False, True])
def test_at_every_stage_a_cause_ends_in_one_that_can_be_explained(stage: Stage, *, lost: bool) -> None:
    for cause in Cause:
        explain(cause_at_stage(cause, stage, lost=lost), "linux")


@pytest.mark.parametrize(
    ("name", "detail", "error", "says", "advises"),
    [
        ("org.freedesktop.DBus.Error.ServiceUnknown", "", AdapterError, "service is not running", "systemctl start"),
        ("org.freedesktop.systemd1.NoSuchUnit", "", AdapterError, "service is not running", "apt install bluez"),
        ("org.freedesktop.DBus.Error.Spawn.ExecFailed", "", AdapterError, "service is not running", "systemctl"),
        ("org.freedesktop.DBus.Error.AccessDenied", "", AccessDeniedError, "does not allow", "usermod -aG bluetooth"),
        ("org.freedesktop.DBus.Error.NoReply", "", LinkError, "does not answer", "systemctl restart"),
        ("org.bluez.Error.NotReady", "Resource Not Ready", AdapterError, "switched off", "rfkill unblock"),
        ("org.bluez.Error.Failed", "Blocked through rfkill", AdapterError, "switched off", "rfkill unblock"),
        ("org.bluez.Error.InProgress", "", LinkError, "busy", "Wait a few seconds"),
        ("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout", LinkTimeoutError, "does not answer", "closer"),
        ("org.bluez.Error.AuthenticationFailed", "", PairingError, "refused to pair", "cradle"),
        ("org.bluez.Error.AuthenticationRejected", "", PairingError, "refused to pair", "bluetoothctl remove C6:"),
        ("org.bluez.Error.AuthenticationCanceled", "", PairingError, "bonded to another", "cradle's button"),
        ("org.bluez.Error.AuthenticationTimeout", "", PairingError, "not accepted", "Accept the request"),
        ("org.bluez.Error.NotAuthorized", "", PairingError, "share no bond", "pair anew"),
        ("org.bluez.Error.NotPermitted", "Not paired", PairingError, "share no bond", "cradle"),
        ("org.bluez.Error.DoesNotExist", "", NotFoundError, "out of sight", "closer"),
        ("org.bluez.Error.Failed", "le-connection-abort-by-local", LinkLostError, "dropped the connection", "bond"),
        ("org.bluez.Error.Failed", "Host is down", LinkTimeoutError, "does not answer", "closer"),
        ("org.example.Error.Odd", "surprise", LinkError, "reported: surprise", "off and on"),
    ],
)
def test_errors_of_bluez(name: str, detail: str, error: type[LinkError], says: str, advises: str) -> None:
    cause = cause_at_stage(cause_of_dbus_error(name, detail), Stage.CONNECT, lost=False)
    made = explain(cause, "linux", who="Frame 4F", address="C6:11:22:33:44:4F", detail=detail)
    assert type(made) is error
    assert says in made.message
    assert advises in made.hint


@pytest.mark.parametrize(
    ("text", "error", "says", "advises"),
    [
        (
            'Failed to update the notification status for characteristic 20: Error Domain=CBATTErrorDomain Code=15 "x"',
            PairingError,
            "share no bond",
            "System Settings > Bluetooth",
        ),
        (
            'failed to connect: Error Domain=CBErrorDomain Code=14 "Peer removed pairing information" UserInfo={}',
            PairingError,
            "share no bond",
            "cradle",
        ),
        ('failed to connect: Error Domain=CBErrorDomain Code=6 "x"', LinkTimeoutError, "does not answer", "closer"),
        ("disconnected", LinkLostError, "dropped the connection", "System Settings"),
        ("Could not pair with device: AUTHENTICATION_FAILURE", PairingError, "refused to pair", "cradle"),
        ("Could not pair with device: AUTHENTICATION_TIMEOUT", PairingError, "not accepted", "macOS shows"),
        ("Could not get GATT services: Unreachable", LinkTimeoutError, "does not answer", "closer"),
        ("Could not start notify on 0014: Access Denied", AccessDeniedError, "does not allow", "Privacy"),
        ("Bleak requires BlueZ >= 5.55.", AdapterError, "too old", "5.55"),
        ("adapter 'hci7' not found", AdapterError, "no Bluetooth adapter", "System Settings"),
        ("device 'dev_C6' not found", NotFoundError, "out of sight", "closer"),
        ("anything else", LinkError, "reported: anything else", "off and on"),
    ],
)
def test_errors_that_are_only_text(text: str, error: type[LinkError], says: str, advises: str) -> None:
    cause = cause_at_stage(cause_of_text(text), Stage.CONNECT, lost=False)
    made = explain(cause, "macos", who="Frame 4F", detail=text)
    assert type(made) is error
    assert says in made.message
    assert advises in made.hint


def test_the_texts_looked_for_are_those_of_the_installed_bleak() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in BLEAK.rglob("*.py"))
    for fragment in [*BLEAK_TEXTS, "Could not pair with device: {"]:
        assert fragment in sources, fragment


def test_every_reason_of_bleak_is_known() -> None:
    for reason in BleakBluetoothNotAvailableReason:
        assert (cause_of_reason(reason.name) is Cause.UNKNOWN) == (reason.name == "UNKNOWN")


@pytest.mark.parametrize(
    ("number", "hresult", "cause"),
    [
        (errno.ENOENT, None, Cause.NO_MESSAGE_BUS),
        (errno.EACCES, None, Cause.DENIED),
        (None, -2147020577, Cause.SWITCHED_OFF),
        (None, -2147023673, Cause.LOST),
        (None, -2140864497, Cause.NOT_ENCRYPTED),
        (None, 0x80070005, Cause.DENIED),
        (None, 1, Cause.UNKNOWN),
        (None, None, Cause.UNKNOWN),
    ],
)
def test_errors_of_the_system(number: int | None, hresult: int | None, cause: Cause) -> None:
    assert cause_of_system_error(number, hresult) is cause


def test_refusals_of_the_glasses() -> None:
    assert {code for code in range(256) if cause_of_att_code(code) is Cause.NOT_ENCRYPTED} == {5, 8, 12, 15}


def test_a_call_that_was_under_way_when_the_link_went_says_so() -> None:
    assert cause_at_stage(Cause.REJECTED, Stage.USE, lost=True) is Cause.LOST
    assert cause_at_stage(Cause.REJECTED, Stage.USE, lost=False) is Cause.REJECTED
    assert cause_at_stage(Cause.UNKNOWN, Stage.SUBSCRIBE, lost=True) is Cause.DROPPED
    assert cause_at_stage(Cause.PAIRING_REFUSED, Stage.SUBSCRIBE, lost=True) is Cause.PAIRING_REFUSED


def test_systems() -> None:
    assert [system_of(p) for p in ("linux", "darwin", "win32", "freebsd14")] == ["linux", "macos", "windows", "linux"]


def test_only_retry_where_waiting_can_help() -> None:
    assert not explain(Cause.PAIRING_REFUSED, "linux").retry
    assert not explain(Cause.SWITCHED_OFF, "linux").retry
    assert explain(Cause.DROPPED, "linux").retry
    assert explain(Cause.LOST, "linux").retry


@given(st.text(max_size=300), st.text(max_size=300))
def test_text_from_outside_stays_text(who: str, detail: str) -> None:
    for cause in (Cause.UNKNOWN, Cause.REJECTED, Cause.PAIRING_REFUSED):
        error = explain(cause, "linux", who=who, detail=detail)
        for text in (error.message, error.hint):
            assert not any(unicodedata.category(c)[0] == "C" for c in text)
            assert len(text.splitlines()) == 1
    cause_of_dbus_error(who, detail)
    cause_of_text(detail)


def test_the_page_about_bluetooth_lists_every_error() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bluetooth.md").read_text(encoding="utf-8")
    for cause in EXPLAINED:
        error = explain(cause, "linux", who="Frame 4F", detail="something", seconds=20)
        assert f"| `{error.code}` | {error.message} |" in page, cause
    for code in ("not-found", "several-found"):
        assert f"| `{code}` |" in page
