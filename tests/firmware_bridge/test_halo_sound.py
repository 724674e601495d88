"""Halo's sound on a computer without its codec."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("lupa")

from glasses_end import RATE, noise, record, samples_of, write_wav

from firmware_bridge import NO_CODEC, Glasses, lc3
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from host.app.glasses import report_states
from host.events import Event, Notice


def test_without_its_codec_sound_is_whole_and_rough_and_that_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lc3, "available", lambda: False)
    heard = write_wav(tmp_path / "talk.wav", noise(2))
    told: list[Event] = []

    async def main() -> None:
        async with Glasses(EmulatorSource(parse_uri(f"emulator:halo?mic={heard}"))) as glasses:
            telling = asyncio.create_task(report_states(glasses, told.append, lambda: 0.0))
            await asyncio.sleep(0)
            chunks = await record(glasses)
            assert {chunk.bits for chunk in chunks} == {8}
            assert glasses.lost_samples == 0
            assert abs(len(samples_of(chunks)) - 2 * RATE) < 0.05 * RATE
            await record(glasses, 0.1)
            telling.cancel()

    run_virtual(main())
    [notice] = [event for event in told if isinstance(event, Notice)]
    assert notice.message == NO_CODEC
    assert "sidelight[lc3]" in notice.hint


def test_a_codec_that_was_built_elsewhere_is_looked_for_by_its_own_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wheels bring the library beside the package; where there is none the package looks in the system."""
    package = ModuleType("lc3")
    package.__file__ = str(tmp_path / "lc3.py")
    package.find_library = lambda _name: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lc3", package)
    lc3._library.cache_clear()
    try:
        assert lc3._library() == (package, None)
    finally:
        lc3._library.cache_clear()
