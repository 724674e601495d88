"""The font that the tests lay out with: Frame's, as the emulated glasses draw it."""

from __future__ import annotations

import pytest

from firmware_bridge.emulator.font import cells
from host.lens.font import Font, font_of


@pytest.fixture(scope="session")
def font() -> Font:
    return font_of(cells())
