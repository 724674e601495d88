"""Everyday mode on the emulated Frame: captions that go on, the menu, answers over them, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import shutil

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")
pytest.importorskip("babel")

from navigate_desk import Written, way
from run_desk import RunDesk, tag
from town_map import at, town_folder

from host.app import run_features
from host.backends import scripted
from host.errors import ActionError, BackendError, UsageError
from host.paths import data_folder
from host.store.saved_places import SavedPlace, forget_place, save_place
from host.store.transcripts import Transcripts

SAID = [(0.5, "Hello there."), (8.0, "In between."), (20.0, "Goodbye.")]
MENU_AND_TAKE = (6.0, 6.2, 6.4, 8.0, 8.3)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    desk = RunDesk(tmp_path)
    desk.put_on(monkeypatch)
    return desk


def saved() -> list[list[str]]:
    """The sentences of every transcript in the store, oldest first."""
    with contextlib.closing(Transcripts.open(data_folder())) as store:
        return [
            [entry.text for entry in store.entries(one.id) if entry.kind == "sentence"] for one in reversed(store.all())
        ]


def test_captions_run_and_are_saved(desk):
    desk.go(SAID, lasts=26.0)
    assert saved() == [["Hello there.", "In between.", "Goodbye."]]
    assert desk.lens[-1][1] == []
    assert desk.seen_at(25.0) == ["Hello there.", "In between.", "Goodbye.", "o"]


def test_the_menu_opens_by_three_taps_and_a_price_covers_captions_that_go_on(desk):
    desk.go(SAID, taps=MENU_AND_TAKE)
    (menu,) = desk.saw("price", "tap: next, twice: take")
    (card,) = desk.saw("TOMATOES", "NOK 29.90")
    heard = next(t for t, event in desk.events if event.name == "sentence" and event.text == "In between.")
    assert menu < card < heard  # it was written down while the card was there
    assert desk.seen_at(card + 3.9) == ["TOMATOES", "NOK 29.90", "o"]
    assert desk.seen_at(card + 4.1) == ["Hello there.", "In between.", "o"]
    assert saved() == [["Hello there.", "In between.", "Goodbye."]]
    assert [(e.action, e.by) for e in desk.told("action")] == [("captions", "tap"), ("menu", "tap"), ("price", "menu")]


def test_the_menu_goes_on_by_a_tap_and_closes_by_itself(desk):
    desk.go(SAID, taps=(6.0, 6.2, 6.4, 8.0))
    (second,) = [t for t, seen in desk.lens if seen[:1] == ["bookmark"]]
    assert desk.seen_at(second + 7.9)[0] == "bookmark"
    assert desk.seen_at(second + 8.1) == ["Hello there.", "In between.", "o"]
    assert not desk.told("price")


def test_taps_beside_the_menu_mark_and_pause(desk):
    desk.go(SAID, taps=(5.0, 9.0, 9.3))
    assert len(desk.told("bookmark")) == 1
    assert saved() == [["Hello there."]]  # what was said in the pause is not heard
    assert desk.lens[-2][1][-1] != "o"  # nor does the lens say that it is
    assert "o" in desk.seen_at(9.0)


@pytest.mark.parametrize("until", [5.0, 9.5, 10.5])
def test_whatever_ends_it_everything_is_saved(desk, until):
    desk.go(SAID, taps=MENU_AND_TAKE, until=until)
    assert saved()[0][0] == "Hello there."
    assert len(desk.told("saved")) == 1
    assert desk.reader.closed == (until > 9.0)  # it is opened when a price is asked for


def test_what_fails_is_shown_and_ends_alone(desk):
    desk.reader.said = [BackendError("the reader is out of order", "Mend it")]
    desk.go(SAID, taps=MENU_AND_TAKE)
    assert [(e.code, e.message) for e in desk.told("error")] == [("backend", "the reader is out of order")]
    (shown,) = desk.saw("the reader is out of order", "Mend it")
    assert desk.seen_at(shown + 10.0)[-1] == "o"
    assert saved() == [["Hello there.", "In between.", "Goodbye."]]


def test_a_recogniser_that_is_not_there_ends_the_captions_and_nothing_else(desk):
    desk.go(settings={"transcriber": "openai", "model": ""}, taps=(9.0, 9.2, 9.4, 11.0, 11.3), until=40.0)
    (error,) = desk.told("error")
    assert error.message == "no server for transcription is configured"
    assert desk.saw("no server for transcription is")
    assert len(desk.told("price")) == 1


def test_a_lost_link_loses_no_word_and_the_card_comes_back(desk):
    desk.heard_by_glasses = True
    desk.go(SAID, lasts=24.0, taps=MENU_AND_TAKE, cut="12:3")
    assert saved() == [["Hello there.", "In between.", "Goodbye."]]
    assert [e.state for e in desk.told("link")].count("lost") == 1


def test_a_second_question_takes_the_place_of_the_first(desk):
    desk.reader.takes_s = 2.0
    desk.go(SAID, lasts=22.0, at=[(5.0, desk.do("price")), (6.0, desk.do("price"))])
    assert len(desk.told("price")) == 1
    assert not desk.told("error")


def test_the_last_answer_comes_again(desk):
    desk.go(SAID, lasts=22.0, at=[(5.0, desk.do("price")), (15.0, desk.do("repeat"))])
    assert [round(t) for t in desk.saw("TOMATOES", "NOK 29.90")] == [7, 15]
    assert len(desk.told("price")) == 1


def test_an_answer_can_be_taken_away(desk):
    desk.go(SAID, at=[(5.0, desk.do("price")), (8.0, desk.do("back"))])
    assert desk.saw("NOK 29.90")
    assert desk.seen_at(8.2)[0] == "Hello there."


def test_quiet_hides_what_runs_and_shows_what_is_asked_for(desk):
    desk.go(SAID, lasts=24.0, at=[(5.0, desk.do("quiet")), (10.0, desk.do("battery")), (20.0, desk.do("undo"))])
    assert desk.seen_at(5.5) == ["o"]
    assert desk.seen_at(11.0)[0] == "battery 80 %"
    assert desk.seen_at(19.0) == ["o"]
    assert "In between." in desk.seen_at(20.5)


def test_an_end_is_asked_for_by_tap_and_saves(desk):
    def refused():
        with pytest.raises(ActionError, match="end needs a tap"):
            desk.assistant.do("end", "script")

    desk.go(SAID, at=[(5.0, refused), (6.0, desk.do("end", "menu"))])
    assert saved() == [["Hello there."]]
    assert desk.when("saved")[0] < 10.0


def test_what_makes_no_sense_is_said(desk):
    found = []

    def asked(name):
        def ask():
            with pytest.raises(ActionError) as error:
                desk.assistant.do(name, "script")
            found.append(error.value.message)

        return ask

    names = ("pirce", "resume", "navigate-home", "sign", "repeat", "undo-all")
    desk.go(SAID, at=[(5.0 + n / 10, asked(name)) for n, name in enumerate(names)])
    assert found == [
        "there is no action 'pirce'; did you mean price?",
        "it is not paused",
        "it is not known where you are: navigate.position",
        "no language to translate to is set: translate.to",
        "nothing was shown yet",
        "there is no action 'undo-all'",
    ]


def test_without_glasses_there_is_no_everyday_mode(desk):
    with pytest.raises(UsageError, match="everyday mode is on the glasses"):
        desk.go(settings={"glasses": "none"})


def test_a_price_that_is_refused_is_not_shown(desk):
    desk.reader.said = [tag(confidence=0.4)]
    desk.go(SAID, lasts=40.0, taps=MENU_AND_TAKE)
    assert not desk.saw("NOK 29.90")
    assert len(desk.told("photo")) == 3


@pytest.fixture
def walker(desk, tmp_path, monkeypatch):
    """Somebody in the town, whose home is the Flower Park; they walk to the corner and turn left, then straight on."""
    pytest.importorskip("valhalla")
    shutil.copytree(town_folder() / "maps", tmp_path / "home" / "data" / "maps")
    save_place(data_folder(), SavedPlace("home", at(3, 3), "Home"))
    monkeypatch.setattr(run_features, "open_position", lambda _address: Written(way((2.2, 0), (3, 0), (3, 3))))
    return desk


WALK = {"navigate_position": "gpsd:localhost:2947"}


def test_a_way_is_followed_beside_the_captions_and_its_turn_covers_everything(walker):
    said = [(2.0 + 6 * n, f"Sentence {n}.") for n in range(11)]
    walker.go(
        said,
        lasts=75.0,
        until=78.0,
        settings=WALK,
        at=[(4.0, walker.do("navigate-home")), (36.0, walker.do("price"))],
    )
    assert walker.seen_at(14.0) == ["Sentence 0.", "Sentence 1.", "70 m", "o"]
    turn = [t for t in walker.saw("Church Walk") if 20.0 < t < 36.0]
    assert turn
    (read,) = walker.when("price")
    assert "Church Walk" in walker.seen_at(read + 0.1)  # nothing covers a turn that is near
    (card,) = walker.saw("NOK 29.90")
    assert all("Home" in walker.seen_at(t) or "Church Walk" in walker.seen_at(t) for t in range(27, int(card)))
    assert "NOK 29.90" in walker.seen_at(card + 3.9)  # for all of its time
    after = walker.seen_at(card + 4.1)
    assert (after[:3], after[-1]) == (["Sentence 5.", "Sentence 6.", "Sentence 7."], "o")
    assert after[3].endswith(" m")
    assert saved() == [[text for _, text in said]]


def test_where_somebody_is_can_be_asked(walker):
    walker.go([], lasts=12.0, settings=WALK, at=[(4.0, walker.do("where-am-i"))])
    assert not walker.told("error")
    (shown,) = walker.saw("Mill Lane 6, 90 m")
    assert 4.0 <= shown < 4.1


def test_a_place_that_is_not_saved_is_said_and_captions_go_on(walker):
    forget_place(data_folder(), "home")
    walker.go(SAID, settings=WALK, at=[(4.0, walker.do("navigate-home"))])
    (error,) = walker.told("error")
    assert (error.code, error.message) == ("place-not-found", "no home is saved")
    assert error.hint == "Save it: sidelight maps save home PLACE"
    assert walker.saw("no home is saved")
    assert saved() == [["Hello there.", "In between.", "Goodbye."]]


def test_what_is_said_can_be_translated_instead_and_that_undone(desk):
    settings = {"translate_to": "es", "translator": "phrasebook"}
    desk.go([(0.5, "Hello.")], lasts=15.0, settings=settings, at=[(6.0, desk.do("translate")), (11.0, desk.do("undo"))])
    assert [event.target for event in desk.told("translation")] == ["Hola"]
    assert saved() == [["Hello."]] * 3  # each is a transcript of its own, and the script of the recogniser begins anew
    assert not desk.told("error")


def gestures(desk, *made, settings=None, lasts=12.0):
    """Run while gestures are made: (seconds, name)."""
    desk.go(
        SAID[:1],
        lasts=lasts,
        settings=settings,
        at=[(t, lambda name=name: desk.assistant.gestured(name)) for t, name in made],
    )
    return [(event.action, event.by) for event in desk.told("action")][1:]


def test_what_gestures_are_bound_to_is_done(desk):
    bound = {"taps_single": "quiet", "taps_double": "nothing", "taps_triple": "battery", "button_long": "bookmark"}
    made = [(4.0, "taps.single"), (5.0, "taps.double"), (6.0, "button.long"), (9.0, "taps.triple")]
    assert gestures(desk, *made, settings=bound) == [("quiet", "tap"), ("bookmark", "tap"), ("battery", "tap")]


def test_in_the_menu_once_goes_on_and_twice_takes_whatever_they_are_bound_to(desk):
    bound = {"taps_single": "nothing", "taps_double": "nothing", "taps_triple": "end", "button_single": "nothing"}
    made = [(4.0, "button.long"), (5.0, "taps.single"), (6.0, "taps.double")]
    assert gestures(desk, *made, settings=bound) == [("menu", "tap"), ("bookmark", "menu")]
    desk.events.clear()
    made = [(4.0, "button.long"), (5.0, "button.single"), (6.0, "button.double")]
    assert gestures(desk, *made, settings=bound) == [("menu", "tap"), ("bookmark", "menu")]


def test_the_menu_closes_by_what_opens_it(desk):
    assert gestures(desk, (4.0, "taps.triple"), (5.0, "button.long")) == [("menu", "tap"), ("menu", "tap")]
    assert desk.seen_at(4.5)[-2:] == ["tap: next, twice: take", "o"]
    assert desk.seen_at(5.5) == ["Hello there.", "o"]


def test_halos_button_takes_a_photo_and_opens_the_menu(desk):
    (desk.folder / "presses.txt").write_text("8 single\n20 hold 1.5\n")
    desk.go(SAID[:1], lasts=25.0, device="halo", button=desk.folder / "presses.txt")
    assert [event.action for event in desk.told("action")] == ["captions", "photo", "menu"]
    assert len(desk.told("price")) == 1
    assert desk.saw("price", "tap: next, twice: take")


def test_what_is_not_there_is_said_on_the_lens_and_captions_go_on(desk):
    """A wearer who taps for what makes no sense, or lacks something, reads why."""
    bound = {
        "taps_single": "undo",
        "taps_double": "repeat",
        "taps_triple": "more",
        "button_single": "where-am-i",
        "button_double": "sign",
    }
    made = [(3.0, "taps.single"), (9.0, "taps.double"), (15.0, "taps.triple"), (21.0, "button.single")]
    assert gestures(desk, *made, (27.0, "button.double"), settings=bound, lasts=35.0) == []
    said = [
        "there is nothing to undo",
        "nothing was shown yet",
        "there is no more of anything",
        "it is not known where you are: navigate.position",
        "no language to translate to is set: translate.to",
    ]
    assert [event.message for event in desk.told("error")] == said
    seen = [" ".join(desk.seen_at(t + 2)) for t, _ in made]
    assert [one.startswith(text) for one, text in zip(seen, said, strict=False)] == [True] * 4, seen
    assert saved() == [["Hello there."]]


def test_a_second_interrupt_drops_the_sentence_that_is_not_finished_and_saves_the_rest(desk, monkeypatch):
    async def never(_session):
        await asyncio.sleep(10_000)

    def interrupt():
        (task,) = (one for one in asyncio.all_tasks() if getattr(one.get_coro(), "__name__", "") == "everyday")
        task.cancel()

    monkeypatch.setattr(scripted._Session, "end_utterance", never)
    desk.go([(0.5, "Hello there."), (4.0, "Never"), (5.0, "finished")], at=[(7.7, interrupt), (12.0, interrupt)])
    assert saved()[0][0] == "Hello there."
    (ended,) = desk.when("saved")
    assert 12.0 <= ended < 13.0
