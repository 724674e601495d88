"""One address for all that can stand at the other end of a link."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from scripted_link import run_virtual_record

from firmware_bridge import sources
from firmware_bridge.ble_devices import ANY, Select, Wanted
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.errors import GlassesError, InputError, NotInstalledError, UriError
from firmware_bridge.link import LinkSource
from firmware_bridge.link_ble import BleSource
from firmware_bridge.link_replay import ReplaySource
from firmware_bridge.sources import open_source


def opened(uri: str, check: Callable[[LinkSource], Any] = lambda source: source) -> Any:
    async def main() -> Any:
        source = open_source(uri)
        try:
            return check(source)
        finally:
            await source.close()

    return run_virtual(main())


def refused(uri: str) -> GlassesError:
    with pytest.raises(GlassesError) as caught:
        opened(uri)
    return caught.value


@pytest.mark.parametrize(
    ("uri", "wanted"),
    [
        ("ble:", ANY),
        ("BLE:", ANY),
        (" ble: ", ANY),
        ("ble:Frame 4F", Wanted(Select.NAME, "Frame 4F")),
        ("ble:Frame%204F", Wanted(Select.NAME, "Frame 4F")),
        ("ble:?strongest", Wanted(Select.STRONGEST)),
        ("ble:c6:11:22:33:44:4f", Wanted(Select.ADDRESS, "C6:11:22:33:44:4F")),
    ],
)
def test_real_glasses(uri: str, wanted: Wanted) -> None:
    source = opened(uri)
    assert isinstance(source, BleSource)
    assert source._wanted == wanted


def test_emulated_glasses() -> None:
    assert isinstance(opened("emulator:frame"), EmulatorSource)
    assert isinstance(opened("Emulator:frame?battery=50"), EmulatorSource)
    assert "did you mean 'battery'" in refused("emulator:frame?batery=50").message


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    async def nothing(_user: object, _link: object) -> None:
        return None

    path = tmp_path / "a b.jsonl"
    run_virtual_record(path, nothing, None)
    return path


def test_a_recording(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for uri in (f"replay:{recording}", f"replay:{str(recording).replace(' ', '%20')}"):
        source = opened(uri)
        assert isinstance(source, ReplaySource)
        assert (source._speed, source._strict) == (1.0, False)
    source = opened(f"replay:{recording}?speed=4&strict=1")
    assert (source._speed, source._strict) == (4.0, True)
    odd = recording.with_name("50%25?strict=1")
    recording.rename(odd)
    source = opened(f"replay:{odd}")
    assert source._strict is False, "a file that is there is meant, whatever its name"
    monkeypatch.setenv("HOME", str(odd.parent))
    odd.rename(odd.with_name("x"))
    assert isinstance(opened("replay:~/x"), ReplaySource)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "the address of the glasses is empty"),
        ("ble", "'ble' is no address of glasses; did you mean 'ble:'?"),
        ("bel:Frame 4F", "'bel:Frame 4F' is no address of glasses; did you mean 'ble:'?"),
        ("Frame 4F", "'Frame 4F' is no address of glasses; did you mean 'ble:Frame 4F'?"),
        (
            "c6:11:22:33:44:4f",
            "'c6:11:22:33:44:4f' is no address of glasses; did you mean 'ble:c6:11:22:33:44:4f'?",
        ),
        ("frame", "'frame' is no address of glasses; did you mean 'emulator:frame'?"),
        ("emulatr:frame", "'emulatr:frame' is no address of glasses; did you mean 'emulator:'?"),
        ("none", "'none' is no address of glasses"),
        ("https://example.com", "'https://example.com' is no address of glasses"),
        ("\x1b[2J:", "'\N{REPLACEMENT CHARACTER}[2J:' is no address of glasses"),
        ("ble:?strongst", "ble: has no option '?strongst'; did you mean ble:?strongest?"),
        ("ble:%1b[2J", "'\N{REPLACEMENT CHARACTER}[2J' cannot be the name of a Bluetooth device"),
        ("emulator:fram", "there is no emulated device 'fram'; did you mean 'frame'?"),
        ("replay:", "replay: names no file"),
        ("replay:x?sped=2", "unknown part 'sped' in the address of the recording; did you mean speed?"),
        ("replay:x?speed=fast", "speed=fast is not possible"),
        ("replay:x?speed=nan", "speed=nan is not possible"),
        ("replay:x?strict=yes", "strict=yes is not possible"),
    ],
)
def test_addresses_that_cannot_be_understood(uri: str, message: str) -> None:
    error = refused(uri)
    assert type(error) is UriError
    assert error.message == message
    assert error.hint


def test_a_file_without_its_scheme(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.touch()
    assert refused(str(path)).hint == f"To play a recording write replay:{path}."


def test_a_file_that_is_no_recording() -> None:
    error = refused("replay:/etc/hostname")
    assert type(error) is InputError
    assert error.message == "/etc/hostname is no recording of the glasses: it is not JSON"


@pytest.mark.parametrize(
    ("missing", "uri", "message", "hint"),
    [
        ("bleak", "ble:", "Bluetooth needs the library bleak, which is not installed", "Run: pip install bleak"),
        (
            "lupa",
            "emulator:frame",
            "the emulated glasses need what is not installed: lupa",
            "Run: pip install 'sidelight[emulator]'",
        ),
    ],
)
def test_a_library_that_is_missing(
    missing: str, uri: str, message: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = sources.find_spec

    def without(name: str) -> ModuleSpec | None:
        return None if name == missing else really(name)

    monkeypatch.setattr(sources, "find_spec", without)
    error = refused(uri)
    assert type(error) is NotInstalledError
    assert (error.message, error.hint) == (message, hint)


def test_nothing_heavy_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, firmware_bridge.sources; print(sorted({'bleak', 'lupa', 'PIL'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
