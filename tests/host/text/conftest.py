"""Text shaped with the fonts of this computer; skipped, saying so, where a library or a font is missing."""

from __future__ import annotations

import pytest

from host.app.lens_text import LensText
from host.errors import BackendMissingError
from host.fonts import Fonts
from host.lens.shape import FRAME
from host.scripts import SCRIPTS


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return Fonts.of_this_computer()


@pytest.fixture(scope="session")
def lens_text(fonts) -> LensText:
    missing = [script.name for script in SCRIPTS.values() if fonts.for_script(script.code) is None]
    if missing:
        pytest.skip(f"no font here for {', '.join(missing)}: apt install fonts-noto-core fonts-noto-cjk")
    try:
        return LensText(fonts, FRAME)
    except BackendMissingError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="session")
def typesetter(lens_text):
    return lens_text.font("").typesetter
