"""Everyday mode and the battery: the lens goes dark, steps save, goodbye is said, and it goes on afterwards."""

from __future__ import annotations

import contextlib
import shutil

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from navigate_desk import Written, way
from run_desk import RunDesk
from town_map import at as at_place
from town_map import town_folder

from firmware_bridge import Glasses, LinkTimeoutError
from firmware_bridge.emulator.acts import Charge, Tap
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from host.app import run, run_features, run_power
from host.app.run_power import Charge as Watch
from host.paths import data_folder
from host.store.drains import learned_of
from host.store.saved_places import SavedPlace, save_place
from host.store.transcripts import Transcripts

DARK = {"run_dark_s": 10.0, "captions_dark_after_s": 0.0}


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = RunDesk(tmp_path)
    desk.put_on(monkeypatch)
    return desk


@pytest.fixture
def walker(desk, tmp_path, monkeypatch):
    """Somebody in the town, whose home is the Flower Park."""
    pytest.importorskip("valhalla")
    shutil.copytree(town_folder() / "maps", tmp_path / "home" / "data" / "maps")
    save_place(data_folder(), SavedPlace("home", at_place(3, 3), "Home"))
    monkeypatch.setattr(run_features, "open_position", lambda _address: Written(way((2.2, 0), (3, 0), (3, 3))))
    return desk


WALK = {"navigate_position": "gpsd:localhost:2947"}


def device(desk):
    return desk.assistant._features.glasses.source.device


def on_times(desk, found: list):
    """A call for `at` that notes how long the lens was on so far."""
    return lambda: found.append(device(desk).display.on_time.seconds)


def saved() -> list[list[str]]:
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        return [
            [entry.text for entry in store.entries(one.id) if entry.kind == "sentence"] for one in reversed(store.all())
        ]


def test_the_lens_goes_dark_without_a_change_and_lights_at_a_card_or_a_tap(desk):
    on: list[float] = []
    at = [(t, on_times(desk, on)) for t in (5.0, 10.0, 17.0, 24.0, 45.0, 45.9, 50.0, 60.0, 65.0)]
    at += [(46.0, lambda: device(desk).act(Tap())), (47.0, lambda: device(desk).act(Tap()))]
    desk.go([(0.5, "Hello there."), (30.5, "Again.")], lasts=66.0, at=at, settings=DARK)
    t5, t10, t17, t24, t45, t46, t50, t60, t65 = on
    assert t10 - t5 == pytest.approx(5.0, abs=0.1)
    assert 3.0 < t17 - t10 < 6.0
    assert t24 == t17  # dark
    assert 10.0 < t45 - t24 < 12.5  # a word, and ten seconds from the last
    assert t46 == t45
    assert t50 - t46 == pytest.approx(4.0, abs=0.2)  # from the tap on
    assert 6.0 < t60 - t50 < 8.0
    assert t65 == t60
    assert len(desk.told("bookmark")) == 1  # the first tap lights, the second does what a tap does


def test_an_answer_is_lit_until_it_was_read_and_never_means_never(desk):
    on: list[float] = []
    at = [(20.0, on_times(desk, on)), (30.0, desk.do("menu")), (31.0, on_times(desk, on)), (37.5, on_times(desk, on))]
    desk.go([(0.5, "Hello there.")], lasts=39.0, at=at, settings=DARK | {"run_dark_s": 2.0})
    assert on[2] - on[1] == pytest.approx(6.5, abs=0.1)
    on.clear()
    desk.go([(0.5, "Hello there.")], lasts=39.0, at=at, settings=DARK | {"run_dark_s": 0.0})
    assert on[2] - on[0] == pytest.approx(17.5, abs=0.1)


def charged(desk, percent: float):
    """Calls for `at`: the battery holds so much, and the wearer asks for the charge, twice where it has jumped."""

    def ask() -> None:
        device(desk).act(Charge(percent))
        desk.do("battery")()

    return ask


def test_each_step_is_told_once_and_saves_and_charging_takes_it_back(desk):
    found = []

    def note() -> None:
        glasses = desk.assistant._features.glasses
        found.append((glasses._microphone._most_bits, glasses._sensors._spared))

    at = [(5.0, note), (14.0, note), (25.0, note), (45.0, note)]
    at += [(t, charged(desk, percent)) for t, percent in ((6.0, 17), (7.0, 16), (15.0, 9), (16.0, 9), (17.0, 8))]
    at += [(35.0, charged(desk, 70)), (36.0, charged(desk, 70))]
    desk.go([(0.5, "Hello there.")], lasts=48.0, at=at, battery=22)
    assert found == [(16, False), (8, False), (8, True), (16, False)]
    told = [event.message.partition(": ")[2] for event in desk.told("notice") if event.code == "battery-saving"]
    assert told == [
        "the lens goes dark sooner, sound comes with 8 bits",
        "the lens goes dark soon, the compass is off",
        "everything as before",
    ]
    (card,) = [t for t, seen in desk.lens if any("goes dark sooner" in text for text in seen)]
    assert 6.0 < card < 8.0
    assert "figures" in desk.told("battery")[0].text
    assert desk.told("battery")[0].hours_left is None


def test_an_empty_pair_says_goodbye_sleeps_and_goes_on_when_it_was_charged(desk):
    on: list[float] = []
    at = [(5.0, charged(desk, 3)), (6.0, charged(desk, 3)), (20.0, on_times(desk, on)), (59.0, on_times(desk, on))]
    at += [(60.0, lambda: device(desk).act(Charge(90)))]
    said = [(0.5, "Hello there."), (10.0, "Unheard."), (75.0, "Afterwards.")]
    desk.go(said, lasts=85.0, at=at, battery=12)
    (goodbye,) = [t for t, seen in desk.lens if any("goodbye" in text for text in seen)]
    assert 5.0 < goodbye < 9.0
    assert on[0] == on[1]  # asleep
    assert [event.state for event in desk.told("link")].count("lost") == 1
    assert saved() == [["Hello there.", "Afterwards."]]  # in one transcript
    assert [event.percent for event in desk.told("battery")][-1] == 90
    assert desk.told("notice")[-1].message == "battery 90 %: everything as before"
    assert "Afterwards." in desk.seen_at(79.0)


def test_a_pair_that_does_not_go_to_sleep_is_waited_for_until_it_was_charged(desk, monkeypatch):
    async def awake(_glasses):
        raise LinkTimeoutError("the glasses do not go to sleep")

    monkeypatch.setattr(Glasses, "sleep", awake)
    monkeypatch.setattr(run_power, "AGAIN_S", (5.0, 10.0))
    at = [(10.0, lambda: device(desk).act(Charge(7))), (25.0, lambda: device(desk).act(Charge(60)))]
    desk.go([(20.0, "Unheard."), (40.0, "Afterwards.")], lasts=45.0, at=at, battery=3)
    assert len([t for t, seen in desk.lens if any("goodbye" in text for text in seen)]) == 1
    assert saved() == [["Afterwards."]]
    assert desk.told("notice")[-1].message == "battery 60 %: everything as before"


def test_an_answer_of_glasses_that_are_gone_is_taken_as_theirs(desk, monkeypatch):
    def gone() -> None:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Glasses, "session", None)
            desk.charge._took(70)

    class Watched(Watch):
        def __init__(self, *parts, **options):
            super().__init__(*parts, **options)
            desk.charge = self

    monkeypatch.setattr(run, "Charge", Watched)
    desk.go(lasts=8.0, at=[(5.0, gone)], battery=70)
    assert [event.percent for event in desk.told("battery")] == [70, 70]
    assert not [event for event in desk.told("notice") if event.code == "other-glasses"]


class TwoPairs:
    """Two bound pairs of glasses, of which the one is taken where the other is away."""

    def __init__(self, *options: str) -> None:
        self.pairs = [EmulatorSource(parse_uri(f"emulator:frame?{one}")) for one in options]
        self.device = self.pairs[0].device
        self.input_ended = None

    def pause_input(self, *, paused: bool) -> None:
        pass

    async def connect(self, on_value, on_lost, *, timeout_s=20.0):
        pair = next((one for one in self.pairs if one.device.powered), self.pairs[0])
        return await pair.connect(on_value, on_lost, timeout_s=timeout_s)

    async def close(self) -> None:
        for pair in self.pairs:
            await pair.close()


def test_another_pair_takes_over_and_no_word_the_computer_has_is_lost(walker, monkeypatch):
    sound = walker.folder / "talk.wav"

    def two(*_args, **options):
        assert options == {"any_bound": True, "give_up_s": run.AWAY_S}
        first = f"mic={sound}&battery=12&name=Frame 4F&seed=1"
        return Glasses(TwoPairs(first, f"mic={sound}&name=Frame 5A&seed=2"), give_up_s=run.AWAY_S)

    monkeypatch.setattr(run, "open_glasses", two)
    walker.heard_by_glasses = True
    said = [(1.0, "Before."), (28.0, "Afterwards.")]
    at = [(2.5, walker.do("navigate-home")), (5.0, charged(walker, 3)), (6.0, charged(walker, 3))]
    walker.go(said, lasts=30.0, at=at, settings=WALK, until=40.0)
    assert saved() == [["Before.", "Afterwards."]]
    told = [event.message for event in walker.told("notice") if event.code == "other-glasses"]
    assert told == ["on Frame 5A now: everything goes on"]
    ready = [t for t, event in walker.events if event.name == "link" and event.state == "ready"][-1]
    other = walker.assistant._features.glasses.source.pairs[1].device
    assert other.display.on_time.seconds > 0
    assert walker.seen_at(ready + 14.0)[-2].endswith(" m") or "Church Walk" in walker.seen_at(ready + 14.0)
    assert len(walker.told("route")) == 1  # the same way


def test_what_was_learned_is_kept_for_these_glasses(desk):
    desk.go(lasts=5.0, battery=90)
    assert learned_of(data_folder(), "4F:52:41:4D:45:46") is None  # seconds teach nothing
