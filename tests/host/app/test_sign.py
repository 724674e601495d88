"""Signs on the emulated Frame: pages turned by taps, what goes wrong, lost links, and how it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

pytest.importorskip("PIL.Image")
pytest.importorskip("lupa")

from camera_desk import CameraDesk
from drawn_photos import TAG, photo
from sign_parts import Identified, Pairs, SaidTranslator, ScriptedReader, line, rows

from host.app import sign
from host.app.sign import translate_camera, translate_photos
from host.app.translate import Observer, Request
from host.config import Settings
from host.errors import BackendError, NoTextError, PhotoInputError, UsageError
from host.translate.pipeline import Interpreter

MENU = [line(f"plato {'abcdefgh'[k]} ..... {k + 1},50 €", 20, 20 + 40 * k) for k in range(8)]


@dataclass
class Desk(CameraDesk):
    """What signs are given, too."""

    translator: SaidTranslator = field(default_factory=SaidTranslator)

    @property
    def pages(self):
        """The texts of each picture of the lens, without what is said while there is no page."""
        return [page for page in self.shown if page and page[0] not in SAID and page[-1] != "translating..."]


SAID = ("hold still", "reading...", "translating...", "more light", "closer")


FRAME_ONLY = pytest.mark.parametrize("desk", ["frame"], indirect=True)
"""What is told of photos, pages or times holds for the size of Frame's."""


@pytest.fixture(params=["frame", pytest.param("halo", marks=pytest.mark.slow)])
def desk(tmp_path, monkeypatch, request):
    desk = Desk(tmp_path, ScriptedReader([rows("Salida")]), kind=request.param)
    desk.put_on(monkeypatch)

    def interpreter(*_args, **_options):
        pairs = Pairs(desk.translator)
        return Interpreter(pairs, Identified("es")), pairs

    monkeypatch.setattr(sign, "open_reader", desk.open_reader)
    monkeypatch.setattr(sign, "interpreter", interpreter)
    return desk


def run(desk, *, once=False, taps="", until=40.0, photos=None, **address):
    """Run in virtual time, for so many seconds where it does not end by itself."""

    def work(request, observer, wishes):
        if photos is not None:
            return translate_photos(photos, request, observer, wishes)
        return translate_camera(request, observer, wishes, once=once)

    return desk.run(work, Settings(translate_to="en"), taps=taps, until=until, **address)


def test_one_sign_is_photographed_read_translated_and_shown_until_ctrl_c(desk):
    desk.translator.answers["Salida"] = "Exit"
    run(desk)
    assert desk.shown[0] == ["hold still"]
    assert desk.shown[1:3] == [["reading..."], ["translating..."]]
    assert desk.shown[-1] == ["Exit", "Salida", "tap: new photo"]
    assert [(e.source, e.target, e.from_, e.keep_source) for e in desk.told("translation")] == [
        ("Salida", "Exit", "es", True)
    ]
    assert set(desk.told("photo")[0].seconds) == {"photo", "decode", "read"}
    assert desk.reader.closed
    assert desk.dark


@FRAME_ONLY
def test_taps_turn_the_pages_and_the_last_one_takes_a_new_photo(desk):
    desk.reader.said = [MENU, rows("Salida")]
    run(desk, taps="".join(f"{8 + 2 * k}\n" for k in range(4)))
    first, *others = desk.pages
    assert first[-1] == "1 of 4 \u00b7 tap: next, twice: photo"
    assert [page[-1][:6] for page in others] == ["2 of 4", "3 of 4", "4 of 4", "tap: n"]
    assert others[2][-1] == "4 of 4 \u00b7 tap: new photo"
    assert len(desk.told("photo")) == 2


def test_two_taps_at_once_take_a_new_photo_from_any_page(desk):
    desk.reader.said = [MENU, rows("Salida")]
    run(desk, taps="8 double\n")
    assert len(desk.told("photo")) == 2
    assert desk.pages[-1][-1] == "tap: new photo"


def test_taps_while_a_photo_is_taken_turn_no_page(desk):
    desk.reader.said = [MENU]
    run(desk, taps="2.5\n3\n3.5\n")
    assert len(desk.pages) == 1


@FRAME_ONLY
def test_every_dish_has_its_price_on_its_line(desk):
    desk.reader.said = [MENU]
    run(desk, taps="".join(f"{8 + 2 * k}\n" for k in range(3)))
    dishes = [text for page in desk.pages for text in page if text.startswith("<")]
    assert dishes == [f"<plato {'abcdefgh'[k]}> {k + 1},50 €" for k in range(8)]
    assert {text for text, _, _ in desk.translator.asked} == {f"plato {letter}" for letter in "abcdefgh"}


def test_what_may_be_misread_or_has_lost_its_price_shows_the_original(desk):
    desk.reader.said = [[line("Salida", 20, 20, confidence=0.5), line("Solo 3 personas", 20, 200)]]
    desk.translator.answers.update({"Salida": "Exit", "Solo 3 personas": "Only people"})
    run(desk)
    assert desk.pages[-1][:4] == ["Salida", "? Exit", "Solo 3 personas", "? Only people"]
    assert [e.reason for e in desk.told("translation")] == ["it may be misread", "3 is missing"]


@FRAME_ONLY
def test_a_photo_without_text_is_said_on_the_lens_and_the_next_may_have_some(desk):
    desk.reader.said = [[], rows("Salida")]
    run(desk, taps="10\n")
    assert [(e.code, e.message) for e in desk.told("error")] == [("no-text", "no text was found in the photo")]
    assert desk.told("error")[0].hint.endswith("if its letters are of a script that scripted does not read: --from")
    assert desk.pages[0][0] == "no text was found in the photo"
    assert desk.pages[0][-1] == "tap: new photo"
    assert desk.pages[-1][0] == "<Salida>"


def test_a_dark_photo_is_taken_again_with_advice_then_given_up(desk):
    desk.sees(photo(TAG) // 60)
    desk.reader.said = [[]]
    run(desk)
    assert [page for page in desk.shown if page in (["more light"], ["hold still"])] == [
        ["hold still"],
        *[["more light"]] * 2,
    ]
    assert [e.message for e in desk.told("error")] == ["the photo is too dark to read"]
    assert [e.advice for e in desk.told("photo")] == ["more light"] * 3


def test_a_translator_that_is_down_leaves_the_originals_on_the_lens(desk):
    desk.translator.answers["Salida"] = BackendError("the server is down", "Start it")
    run(desk)
    assert desk.pages[-1] == ["the server is down", "Start it", "? Salida", "tap: new photo"]
    assert [e.missing for e in desk.told("translation")] == ["the server is down"]
    assert [e.message for e in desk.told("error")] == ["the server is down"]


def test_a_reader_that_fails_is_told_and_the_next_photo_may_be_read(desk):
    desk.reader.said = [BackendError("the reader has ended"), rows("Salida")]
    run(desk, taps="10\n")
    assert [e.message for e in desk.told("error")] == ["the reader has ended"]
    assert desk.pages[-1][0] == "<Salida>"


@FRAME_ONLY
def test_a_lost_link_during_the_photo_resumes(desk):
    run(desk, cut="3:2")
    assert "lost" in [e.state for e in desk.told("link")]
    assert desk.pages[-1][0] == "<Salida>"
    assert not desk.told("error")


@pytest.mark.parametrize("until", [1.0, 2.6, 3.3, 5.0, 7.0])
def test_ctrl_c_at_any_moment_leaves_camera_and_lens_dark(desk, until):
    desk.reader.takes_s = 1.0
    run(desk, until=until)
    assert desk.dark or not desk.shown  # what the firmware itself shows at its start
    assert desk.reader.closed


@FRAME_ONLY
def test_once_shows_its_pages_for_as_long_as_they_take_to_read_and_ends(desk):
    desk.reader.said = [MENU]
    assert run(desk, once=True, until=200) is None
    assert [page[-1] for page in desk.pages] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    assert desk.shown[-1] == []


def test_once_raises_what_went_wrong(desk):
    desk.reader.said = [[]]
    with pytest.raises(NoTextError):
        run(desk, once=True)
    desk.reader.said = [rows("Salida")]
    desk.translator.answers["Salida"] = BackendError("the server is down")
    with pytest.raises(BackendError, match="the server is down"):
        run(desk, once=True)


@FRAME_ONLY
def test_a_sign_in_the_language_of_the_reader_is_said_to_be_so(desk, monkeypatch):
    monkeypatch.setattr(sign, "interpreter", lambda *_a, **_o: (Interpreter(p := Pairs(), Identified("en")), p))
    desk.reader.said = [rows("Please mind the gap")]
    run(desk)
    assert [e.message for e in desk.told("notice") if e.code == "nothing-to-translate"] == [
        "what it says is in English already"
    ]
    assert desk.pages[-1] == ["Please mind the gap", "tap: new photo"]


def test_the_lens_says_when_photos_leave_this_computer(desk):
    desk.reader.local = False
    run(desk)
    assert ["hold still", "the photo goes online"] in desk.shown


@pytest.mark.parametrize(("left", "told"), [(0, True), (40, False), (590, True)])
def test_text_at_the_edge_of_the_photo_is_said_to_be_cut_off(desk, left, told):
    desk.reader = ScriptedReader([[line("Salida", left, 100)]])
    run(desk, once=True)
    assert [notice.hint for notice in desk.told("notice") if notice.code == "cut-off"] == (
        ["Go back or turn until it is all in the photo"] if told else []
    )


def test_a_sign_with_more_text_than_is_translated_says_so(desk):
    desk.reader.said = [[line(f"plato {k} ... 9,50", 20, 30 * k) for k in range(400)]]
    run(desk)
    assert [e.message.split(" passages")[0] for e in desk.told("notice") if e.code == "left-out"] == ["200"]


def test_photos_in_files_are_shown_one_after_the_other_and_one_that_fails_does_not_end_the_others(desk):
    (desk.folder / "none.jpg").write_bytes(b"no picture")
    found = run(desk, photos=[desk.picture, desk.folder / "none.jpg", desk.picture], until=100)
    assert found == 1
    assert [page[0] for page in desk.pages] == ["<Salida>", "<Salida>"]
    (error,) = desk.told("error")
    assert "none.jpg" in error.message
    with pytest.raises(PhotoInputError):
        run(desk, photos=[desk.folder / "none.jpg"])


def test_without_glasses_there_is_no_camera(desk):
    request = Request(settings=Settings(translate_to="en"))
    with pytest.raises(UsageError, match="without glasses there is no camera"):
        asyncio.run(translate_camera(request, Observer(event=print, elapsed=float), desk.wishes, once=True))
