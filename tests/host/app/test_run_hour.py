"""An hour of everyday mode with several things at once and a link that comes and goes (virtual time).

pytest -m slow tests/host/app/test_run_hour.py
"""

from __future__ import annotations

import contextlib
import gc

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from run_desk import RunDesk

from host.paths import data_folder
from host.store.transcripts import Transcripts

HOUR_S = 3600
OURS = ("host.", "firmware_bridge.")
EVERY_S = 300  # something of each kind happens as often


@pytest.mark.slow
def test_an_hour_of_everything_loses_nothing_and_grows_nothing(tmp_path, monkeypatch):
    desk = RunDesk(tmp_path)
    desk.put_on(monkeypatch)
    said = [(float(t), f"Sentence {t}.") for t in range(5, HOUR_S - 5, 15)]
    weights = []

    def weighed():
        gc.collect()
        modules = (str(type(one).__module__) for one in gc.get_objects())
        weights.append(sum(one.startswith(OURS) and not one.startswith("host.events") for one in modules))

    rounds = range(0, HOUR_S, EVERY_S)
    what = [(20, "price"), (60, "menu"), (90, "battery"), (120, "repeat"), (200, "quiet"), (220, "undo")]
    calls = [(t + after_s, desk.do(name)) for t in rounds for after_s, name in what]
    calls += [(t + 280, weighed) for t in rounds]
    cuts = ",".join(f"{t + after_s}:{lasts_s}" for t in rounds for after_s, lasts_s in ((21, 2), (150, 20), (240, 4)))
    desk.go(said, lasts=HOUR_S, until=HOUR_S + 60, at=calls, cut=cuts)

    with contextlib.closing(Transcripts.open(data_folder())) as store:
        (one,) = store.all()
        assert [e.text for e in store.entries(one.id) if e.kind == "sentence"] == [text for _, text in said]
    assert len(desk.told("price")) == len(rounds)
    assert [e.message for e in desk.told("error")] == []
    assert [e.state for e in desk.told("link")].count("lost") == 3 * len(rounds)
    first, *_, last = weights[1:]
    assert last < 1.05 * first
