"""The font that the tests lay out with: Frame's."""

from __future__ import annotations

import pytest

from firmware_bridge import glyph_cells
from host.lens.font import Font, font_of


@pytest.fixture(scope="session")
def font() -> Font:
    return font_of(glyph_cells())
