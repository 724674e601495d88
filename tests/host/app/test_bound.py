"""Glasses as verbs open them, over Bluetooth without a radio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from firmware_bridge import NotFoundError, link_ble
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.on_air import OnAir, on_air
from firmware_bridge.emulator.options import parse_uri
from host.app.bound import notice_of_others, open_glasses
from host.store.glasses import BoundPair, GlassesStore

ADDRESS = "4F:52:41:4D:45:46"


@contextlib.asynccontextmanager
async def lent(home: Path, *bound: str) -> AsyncIterator[OnAir]:
    """Glasses on the air, and these addresses bound on their radio."""
    async with on_air(parse_uri("emulator:frame"), "tcp:127.0.0.1:0") as it:
        with contextlib.closing(GlassesStore.open(home / "data")) as store:
            for address in bound:
                store.bind(BoundPair(address, it.where, "Frame 5A", "2026-01-02T03:04:05+00:00"))
        yield it


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    return tmp_path


def test_others_can_be_named_and_a_notice_says_that_they_are_not_yours(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with lent(home, "C6:11:22:33:44:5A") as it:
            for name in ("Frame 4F", ADDRESS):
                uri = f"ble:{name}?via={it.where}"
                async with open_glasses(uri) as glasses:
                    notice = notice_of_others(glasses, uri, 1.0)
                assert notice is not None
                assert notice.code == "not-bound"
                assert notice.message == (
                    f"these are not your glasses: Frame 4F ({ADDRESS}) is not bound to this computer"
                )
            monkeypatch.setattr(link_ble, "SCAN_S", 0.5)  # nobody comes, however long it looks
            with pytest.raises(NotFoundError, match="your glasses are not in range: Frame 5A"):
                async with open_glasses(f"ble:?via={it.where}"):
                    pass

    asyncio.run(main())


def test_where_none_are_bound_the_only_ones_in_range_are_taken_without_a_word(home: Path) -> None:
    async def main() -> None:
        async with lent(home) as it, open_glasses(f"ble:?via={it.where}") as glasses:
            assert notice_of_others(glasses, f"ble:?via={it.where}", 0.0) is None

    asyncio.run(main())


def test_glasses_in_this_program_are_nobodys(home: Path) -> None:
    async def main() -> None:
        async with open_glasses("emulator:frame") as glasses:
            assert notice_of_others(glasses, "emulator:frame", 0.0) is None

    run_virtual(main())
    assert not (home / "data").exists()
