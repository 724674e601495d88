"""Glasses set up without hardware: who is asked, and which of the bound pairs is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.app.glasses import run_on_clock
from host.app.setup.glasses import TESTS, _named, prepare_glasses
from host.store.glasses import BoundPair

MINE = BoundPair("4F:52:41:4D:45:46", "", "Frame 4F", "2026-01-02T03:04:05+00:00")
SPARE = BoundPair("C6:11:22:33:44:5A", "", "Frame 5A", "2026-01-03T03:04:05+00:00")


class Busy:
    """Somebody at the terminal, who has no glasses on."""

    answers = True

    def __init__(self) -> None:
        self.told: list[str] = []

    async def ask(self, question: str, default: str = "") -> str:
        raise AssertionError(question)

    def tell(self, text: str, hint: str = "") -> None:
        self.told.append(f"{text} {hint}")

    def level(self, level_db: float) -> None:
        pass


def prepared(uri: str, wearer: Busy, *tests: str) -> dict[str, tuple[str, str, str]]:
    steps = {}

    def told(step: str, state: str, detail: str, hint: str = "") -> None:
        steps[step] = (state, detail, hint)

    run_on_clock(prepare_glasses(uri, wearer, told, lambda: None, tests=tests, again=frozenset()), uri)
    return steps


def test_nobody_is_asked_to_wear_emulated_glasses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    wearer = Busy()
    steps = prepared("emulator:frame?speed=max", wearer, *TESTS)
    assert wearer.told == []
    assert steps["lens"] == ("unknown", "it shows a picture; nobody was there to read it", "")
    for step, part in (("microphone", "mic"), ("tap", "taps"), ("compass", "head")):
        state, _, hint = steps[step]
        assert (state, hint) == (
            "failed",
            f"Nobody wears emulated glasses: {part}=FILE in their address plays it to them",
        )
    state, detail, _ = prepared("emulator:frame?speed=max", wearer)["glasses"]
    assert (state, detail.partition(" on ")[0]) == ("known", "Frame 4F (emulated, set up")


@pytest.mark.parametrize(("uri", "meant"), [
    ("ble:", MINE),
    ("ble:frame 5a", SPARE),
    ("ble:Frame%205A", SPARE),
    ("ble:c6-11-22-33-44-5a", SPARE),
    ("ble:Frame 7A", None),
    ("ble:?strongest", None),
])  # fmt: skip
def test_which_of_the_bound_pairs_is_meant(uri: str, meant: BoundPair | None) -> None:
    assert _named(uri, [MINE, SPARE]) == meant
