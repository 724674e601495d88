"""The page in a real browser, without a window: each panel, each way in, and hostile words."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from host.events import (
    ActionDone,
    BatteryLevel,
    Bookmark,
    ErrorReport,
    Gap,
    Instruction,
    LinkState,
    Notice,
    Partial,
    PositionFix,
    PriceRead,
    Reroute,
    RouteFound,
    Sentence,
    SpeakerMerged,
    Translation,
)
from host.web.address import Address
from host.web.controls import Controls
from host.web.server import Page, serving

pytest.importorskip("aiohttp")
playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium")

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>\u202e]]>&amp;"
CONTROLS = (
    {"do": "tap", "label": "Tap", "fields": [{"name": "times", "label": "times", "type": "number", "value": 2}]},
    {"do": "fly", "label": "Fly", "fields": []},
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        sandbox = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield chromium
        chromium.close()


@pytest.fixture
def page() -> Iterator[Page]:
    controls = Controls(CONTROLS, lambda wanted: "" if wanted == {"do": "tap", "times": 2} else "I cannot fly")
    with serving(Address()) as served:
        served.offer(controls)
        yield served


@pytest.fixture
def opened(browser: Any, page: Page) -> Iterator[Any]:
    """The page in a browser that knows the token; what its scripts complain of fails the test."""
    context = browser.new_context()
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(page.url)
    tab.get_by_text("live", exact=True).wait_for()
    yield tab
    context.close()
    assert complaints == []


def sentence(t: float, text: str, speaker: str | None = None) -> Sentence:
    return Sentence(t=t, text=text, start_s=t, end_s=t + 1, language="en", speaker=speaker)


def test_the_token_is_gone_from_the_address_and_a_reload_needs_none(opened: Any, page: Page) -> None:
    assert opened.url == page.url.partition("#")[0]
    opened.reload()
    opened.get_by_text("live", exact=True).wait_for()
    assert opened.evaluate("document.cookie") == ""


def test_captions_come_are_found_and_change_their_speaker(opened: Any, page: Page) -> None:
    page.tell(Partial(t=0.5, text="good mor"))
    opened.get_by_text("good mor", exact=True).wait_for()
    page.tell(sentence(1.0, "good morning", "1"))
    page.tell(sentence(3.0, "and good night", "Ann"))
    page.tell(Gap(t=4.0, start_s=4.0, end_s=6.5, reason="the link was lost"))
    page.tell(Bookmark(t=5.0, start_s=5.0))
    page.tell(SpeakerMerged(t=6.0, speaker="1", into="Ann"))
    opened.get_by_text("(bookmark)").wait_for()
    lines = opened.locator("#transcript li")
    assert lines.count() == 4
    assert [lines.nth(n).locator(".speaker").text_content() for n in (0, 1)] == ["Ann", "Ann"]
    assert "the link was lost" in lines.nth(2).text_content()
    assert opened.locator("#partial").text_content() == ""
    opened.get_by_label("Search").fill("MORNING")
    assert opened.locator("#transcript li:visible").count() == 1
    assert opened.locator("#found").text_content() == "1 of 4"


def test_hostile_words_are_words_in_every_panel(opened: Any, page: Page) -> None:
    page.tell(sentence(1.0, HOSTILE, HOSTILE))
    page.tell(Partial(t=1.5, text=HOSTILE))
    page.tell(Translation(t=2.0, source=HOSTILE, target=HOSTILE, from_="en", to="es", backend="x"))
    page.tell(PriceRead(t=3.0, file="", accepted=False, seconds={}, text=HOSTILE, compared=[HOSTILE]))
    page.tell(instruction(HOSTILE))
    page.tell(LinkState(t=4.0, state="lost", detail=HOSTILE))
    page.tell(ErrorReport(t=5.0, code="x", message=HOSTILE, hint=HOSTILE))
    opened.locator("#message-list li").wait_for()
    assert opened.title() == "Sidelight"
    assert opened.locator("img").count() == 1  # the lens
    assert opened.locator("body script").count() == 0
    for panel in ("#transcript", "#partial", "#pairs", "#price-list", "#instruction", "#link", "#message-list"):
        assert HOSTILE in opened.locator(panel).text_content()


def test_translations_stand_beside_their_originals_and_doubts_show(opened: Any, page: Page) -> None:
    page.tell(Translation(t=1.0, source="one", target="uno", from_="en", to="es", backend="x", uncertain=True))
    page.tell(Translation(t=2.0, source="two", target="", from_="en", to="es", backend="x", missing="no answer"))
    rows = opened.locator("#pairs tr")
    rows.nth(1).wait_for()
    assert rows.nth(0).locator("td").all_text_contents() == ["one", "uno"]
    assert "uncertain" in rows.nth(0).locator("td").nth(1).get_attribute("class")
    assert rows.nth(1).locator("td").all_text_contents() == ["two", "(no answer)"]


def test_prices_battery_link_and_messages(opened: Any, page: Page) -> None:
    page.tell(PriceRead(t=1.0, file="", accepted=True, amount="29.90", seconds={}, text="29.90 NOK", compared=["a"]))
    page.tell(BatteryLevel(t=2.0, percent=41.6))
    page.tell(LinkState(t=3.0, state="ready"))
    page.tell(Notice(t=4.0, code="x", message="rough", hint="get another"))
    opened.locator("#message-list li").wait_for()
    assert opened.locator("#price-list li").text_content() == "29.90 NOKa"
    assert opened.locator("#battery").text_content() == "42 %"
    assert opened.locator("#link").text_content() == "ready"
    assert opened.locator("#message-list li").text_content() == "rough get another"


def instruction(text: str) -> Instruction:
    return Instruction(
        t=4.0,
        text=text,
        maneuver="left",
        distance_m=1234.0,
        street="",
        then="",
        sentence="",
        remaining_m=2000.0,
        remaining_s=1500.0,
        soon=False,
        line="",
    )


def test_the_way_is_told(opened: Any, page: Page) -> None:
    page.tell(instruction("left into Rue Grimaldi"))
    opened.get_by_text("1.2 km: left into Rue Grimaldi").wait_for()
    assert opened.locator("#left").text_content() == "2.0 km and 25 min left"


def test_the_map_shows_the_way_where_they_are_and_another_way(opened: Any, page: Page) -> None:
    route = RouteFound(
        t=1.0,
        destination=HOSTILE,
        lat=43.74,
        lon=7.43,
        distance_m=1.0,
        duration_s=1.0,
        mode="walk",
        map="x",
        licence="",
        text="",
        points=[[43.73, 7.42], [43.73, 7.43], [43.74, 7.43]],
    )
    assert not opened.locator("#navigation").is_visible()
    page.tell(route)
    opened.locator("#map").wait_for()
    assert opened.locator("#copyright").is_visible()
    ink = "() => document.getElementById('map').toDataURL().length"
    before = opened.evaluate(ink)
    page.tell(PositionFix(t=2.0, lat=43.73, lon=7.425, accuracy_m=3.0))
    opened.wait_for_function("() => document.getElementById('map').ariaLabel.includes('43.73000, 7.42500')")
    assert opened.evaluate(ink) != before
    before = opened.evaluate(ink)
    page.tell(Reroute(t=3.0, state="found", reason="", points=[[43.73, 7.42], [43.75, 7.42], [43.74, 7.43]]))
    opened.wait_for_function(f"() => ({ink})() !== {before}")
    assert opened.title() == "Sidelight"


def test_the_lens_is_seen(opened: Any, page: Page) -> None:
    for colour in ((255, 0, 0), (0, 255, 0)):
        page.see(lambda colour=colour: red_or_green(colour))
    opened.wait_for_function("() => document.getElementById('picture').naturalWidth === 640")
    seen = """() => { const image = document.getElementById('picture'), canvas = document.createElement('canvas');
        canvas.width = 640; canvas.height = 400; const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0);
        return [...pen.getImageData(320, 200, 1, 1).data].slice(0, 3).join(); }"""
    opened.wait_for_function(f"() => ({seen})() === '0,255,0'")


def red_or_green(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_the_wearer_is_to_do_is_asked_by_keyboard_too(opened: Any) -> None:
    opened.get_by_role("button", name="Fly").press("Enter")
    opened.get_by_text("I cannot fly").wait_for()
    opened.get_by_role("button", name="Tap").press("Space")
    opened.get_by_text("done: tap").wait_for()


def test_everyday_mode_is_asked_for_what_it_can_do_and_says_what_it_does(opened: Any, page: Page) -> None:
    def begin(wanted: Any) -> str:
        if wanted["do"] == "price":
            page.tell(ActionDone(t=1.0, action="price", by="page", text=HOSTILE))
        else:
            page.tell(ErrorReport(t=1.0, code="action", message="nothing is being written down", hint=""))
        return ""

    actions = (
        {"do": "price", "label": "price", "help": "what does this cost", "fields": []},
        {"do": "bookmark", "label": "bookmark", "help": "mark what was just said", "fields": []},
    )
    assert opened.locator("#assistant").is_hidden()
    page.offer(Controls(actions, begin), "assistant")
    button = opened.get_by_role("button", name="price", exact=True)
    button.press("Enter")
    answer = opened.locator("#assistant-answer")
    answer.get_by_text(HOSTILE).wait_for()
    assert opened.locator("#controls-answer").text_content() == ""
    opened.get_by_role("button", name="bookmark").click()
    answer.get_by_text("nothing is being written down").wait_for()
    described = button.get_attribute("aria-describedby")
    assert opened.locator(f"#{described}").text_content() == "what does this cost"
    opened.get_by_role("button", name="Fly").click()  # the wearer is there, too
    opened.locator("#controls-answer", has_text="I cannot fly").wait_for()
    page.offer(None, "assistant")
    opened.locator("#assistant").wait_for(state="hidden")
    assert opened.locator("#controls").is_visible()


def test_a_round_lens_is_shown_round(opened: Any, page: Page) -> None:
    page.see(lambda: plain(256, 256))
    opened.locator("#picture.round").wait_for()
    page.see(lambda: plain(640, 400))
    opened.locator("#picture:not(.round)").wait_for()


def plain(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_page_that_comes_late_or_again_shows_everything(browser: Any, page: Page) -> None:
    page.tell(sentence(1.0, "said before anybody looked"))
    tab = browser.new_page()
    tab.goto(page.url)
    tab.get_by_text("said before anybody looked").wait_for()
    tab.close()


def test_without_the_token_nothing_is_told(browser: Any, page: Page) -> None:
    page.tell(sentence(1.0, "a secret"))
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(page.url.partition("#")[0] + "#token=wrong")
    tab.get_by_text("The token is wrong").wait_for()
    assert "a secret" not in tab.content()
    context.close()


def test_a_foreign_page_in_the_same_browser_gets_nothing(opened: Any, page: Page, browser: Any) -> None:
    del browser
    port = urlsplit(page.url).port
    foreign = opened.context.new_page()
    foreign.goto("about:blank")
    answer = foreign.evaluate(
        """port => new Promise(told => { const socket = new WebSocket(`ws://127.0.0.1:${port}/events`);
            socket.onmessage = () => told('told'); socket.onclose = () => told('refused'); })""",
        port,
    )
    assert answer == "refused"
    assert (
        foreign.evaluate(
            "port => fetch(`http://127.0.0.1:${port}/index.html`).then(() => 'read', () => 'refused')", port
        )
        == "refused"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_it_fits_a_phone_and_a_desk_by_day_and_by_night(opened: Any, page: Page, scheme: str, width: int) -> None:
    opened.emulate_media(color_scheme=scheme)
    opened.set_viewport_size({"width": width, "height": 800})
    page.tell(sentence(1.0, "a" * 300))
    opened.locator("#transcript li").wait_for()
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    ground, ink = opened.evaluate("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
    assert contrast(ground, ink) >= 7.0  # WCAG 2.2, AAA


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it, of colours as CSS computes them: rgb(1, 2, 3)."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_who_hears_the_page_is_told_what_comes(opened: Any) -> None:
    for panel in ("transcript", "pairs", "price-list", "instruction", "message-list"):
        assert opened.locator(f"#{panel}").get_attribute("aria-live") == "polite"
    names = opened.locator("section").evaluate_all(
        "all => all.map(one => document.getElementById(one.getAttribute('aria-labelledby'))?.textContent)"
    )
    assert all(names)
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent") == "Skip to the captions"
