"""For all tests: the marker of rows of the device reference; how many processes run them; what the skipped ones lack;
and none may hang the run. Virtual time passes as long as a device is on, so a lost wake-up never ends.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from types import FrameType

import glasses_end
import pytest

# A test that computes for ever, and one that waits for ever. How long the same work takes by the clock depends on what
# else the computer does, so that limit is far away.
LIMITS_S = (("ITIMER_PROF", "SIGPROF", 240, "of computing"), ("ITIMER_REAL", "SIGALRM", 600, "by the clock"))


def pytest_configure(config: pytest.Config) -> None:
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # started in the background; programs under test would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "reference(*rows): rows of the device reference that it tests (tools/reference_rows.py)"
    )
    config.addinivalue_line("markers", "frame_only(reason): of a test that `each_device` gives to all glasses")
    config.addinivalue_line("markers", "halo_reference(*rows): the same of Halo (tools/halo_rows.py)")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process a processor for all tests; none for tests that are named: those start at once, and `-s` shows them."""
    return (os.cpu_count() or 1) if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What to install for the tests that were skipped because a library is missing (`pytest.importorskip`)."""
    reasons = " ".join(str(report.longrepr) for report in terminalreporter.getreports("skipped"))
    if missing := sorted(set(re.findall(r"could not import '([\w.]+)", reasons))):
        terminalreporter.write_line(f"skipped for want of {', '.join(missing)}: pip install 'sidelight[all,test]'")


@pytest.fixture(scope="module", params=["frame", "halo"])
def each_device(request: pytest.FixtureRequest) -> Iterator[str]:
    """The module's tests run with each kind of emulated glasses, but for those marked `frame_only`."""
    glasses_end.device = request.param
    yield request.param
    glasses_end.device = "frame"


@pytest.fixture(autouse=True)
def _only_frame(request: pytest.FixtureRequest) -> None:
    mark = request.node.get_closest_marker("frame_only")
    if mark is not None and glasses_end.device != "frame":
        pytest.skip(f"of Frame alone: {mark.args[0]}")


@pytest.fixture(autouse=True)
def _ends(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that takes longer than any may (except those marked slow), where the system can interrupt it."""
    if not hasattr(signal, "setitimer") or request.node.get_closest_marker("slow"):
        yield
        return

    before = []
    for timer, number, limit_s, measured in LIMITS_S:

        def too_long(_signal: int, _frame: FrameType | None, said: str = f"{limit_s} s {measured}") -> None:
            raise TimeoutError(f"the test did not end within {said}")

        before.append(signal.signal(getattr(signal, number), too_long))
        signal.setitimer(getattr(signal, timer), limit_s)
    try:
        yield
    finally:
        for (timer, number, *_), handler in zip(LIMITS_S, before, strict=True):
            signal.setitimer(getattr(signal, timer), 0)
            signal.signal(getattr(signal, number), handler)
