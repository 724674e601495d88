"""For all tests: the marker of rows of the device reference; and none may hang the run. Virtual time passes as long as
a device is on, so a lost wake-up never ends.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

LIMIT_S = 240


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "reference(*rows): rows of the device reference that it tests (tools/reference_rows.py)"
    )


@pytest.fixture(autouse=True)
def _ends(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that takes longer than any may (except those marked slow), where the system can interrupt it."""
    if not hasattr(signal, "setitimer") or request.node.get_closest_marker("slow"):
        yield
        return

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the test did not end within {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
