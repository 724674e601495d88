"""The font that the tests lay out with: Frame's, from the table that the emulated glasses draw with."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.lens.font import Font, parse_metrics

TABLE = Path(__file__).parents[2] / "firmware_bridge" / "emulator" / "frame_font.tsv"


@pytest.fixture(scope="session")
def font() -> Font:
    return parse_metrics(TABLE.read_text(encoding="utf-8"))
