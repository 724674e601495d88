"""The page in a real browser, playing the wearer of emulated glasses that are worn in this program."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from firmware_bridge import Glasses, Scene, Text
from firmware_bridge.emulator import EmulatorSource, parse_uri
from firmware_bridge.link_replay import read_recording
from host.app.lens_view import follow_glasses
from host.web.address import Address
from host.web.server import Page, serving

pytest.importorskip("aiohttp")
pytest.importorskip("lupa")
playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium")

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
WAIT_S = 60.0


class Worn:
    """Emulated glasses in a thread of their own, looked at on a page."""

    def __init__(self, uri: str, page: Page) -> None:
        self.source: Any = None
        self.glasses: Any = None
        self.taps: list[object] = []
        self.states: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._worn(uri, page)))
        self._thread.start()
        assert self._ready.wait(WAIT_S)

    async def _worn(self, uri: str, page: Page) -> None:
        self.source = EmulatorSource(parse_uri(uri))
        begun = time.monotonic()
        async with Glasses(self.source) as self.glasses:
            await self.glasses.show(Scene((Text(1, 20, 100, "Hello"),)))
            follow_glasses(self.glasses, page.see, page.offer, lambda: time.monotonic() - begun)
            following = [asyncio.create_task(one) for one in (self._tapped(), self._changed())]
            await asyncio.sleep(0.2)
            self._ready.set()
            await self._over.wait()
            for one in following:
                one.cancel()
            await asyncio.wait(following)
        self._loop.call_soon(self._loop.stop)

    async def _tapped(self) -> None:
        async for tap in self.glasses.taps():
            self.taps.append(tap)

    async def _changed(self) -> None:
        async for change in self.glasses.states():
            self.states.append(change.state)

    def run(self, what: Callable[[], Any]) -> Any:
        """The result of a coroutine on the loop of the glasses."""
        return asyncio.run_coroutine_threadsafe(what(), self._loop).result(WAIT_S)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for what the glasses do."""
        end = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.02)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(WAIT_S)
        self._loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        sandbox = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=["frame", pytest.param("halo", marks=pytest.mark.slow)])
def shown(request: pytest.FixtureRequest) -> Iterator[tuple[Worn, Page]]:
    with serving(Address()) as page:
        worn = Worn(f"emulator:{request.param}", page)
        try:
            yield worn, page
        finally:
            worn.close()


@pytest.fixture
def tab(browser: Any, shown: tuple[Worn, Page]) -> Iterator[Any]:
    context = browser.new_context(accept_downloads=True)
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda said: complaints.append(said.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(shown[1].url)
    tab.get_by_role("group", name="Tap").wait_for()
    yield tab
    context.close()
    assert complaints == []


def answer(tab: Any, text: str) -> None:
    tab.locator("#controls-answer", has_text=text).wait_for()


def slide(tab: Any, name: str, value: int) -> None:
    tab.get_by_label(name).evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def wav(seconds: float = 0.2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.full(int(seconds * 16_000), 9000, np.int16).tobytes())
    return buffer.getvalue()


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "blue").save(buffer, "PNG")
    return buffer.getvalue()


def choose(tab: Any, group: str, name: str, content: bytes) -> None:
    box = tab.get_by_role("group", name=group, exact=True)
    kind = "image/png" if group == "Camera" else "audio/wav"
    box.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": content})
    box.locator("button").click()


def test_a_tap_reaches_the_program(tab: Any, shown: tuple[Worn, Page]) -> None:
    worn, before = shown[0], len(shown[0].taps)
    tab.get_by_role("button", name="Tap", exact=True).press("Enter")
    answer(tab, "done: tap")
    worn.until(lambda: len(worn.taps) > before)


def test_the_head_the_battery_and_the_link_follow_their_sliders(
    tab: Any, shown: tuple[Worn, Page], browser: Any
) -> None:
    worn, page = shown
    device = worn.source.device
    slide(tab, "heading, degrees", 90)
    slide(tab, "pitch, degrees", 30)
    worn.until(lambda: device.imu._head.at(0) == (90, 30, 0))
    slide(tab, "charge, per cent", 12)
    worn.until(lambda: device.system.battery.percent == 12)
    assert worn.run(worn.glasses.battery) == 12
    slide(tab, "delay, ms", 40)
    worn.until(lambda: worn.source.faults.delay_s == 0.04)
    slide(tab, "delay, ms", 0)
    worn.until(lambda: worn.source.faults.delay_s == 0)
    # Whoever comes later, and whoever reloads, sees where they stand.
    context = browser.new_context()
    other = context.new_page()
    other.goto(page.url)
    other.get_by_role("group", name="Battery").wait_for()
    other.wait_for_function("() => document.querySelector('input[name=percent]').value === '12'")
    assert other.get_by_role("group", name="Battery").locator("output").text_content() == "12"
    slide(other, "charge, per cent", 55)
    tab.wait_for_function("() => document.querySelector('input[name=percent]').value === '55'")
    context.close()
    slide(tab, "pitch, degrees", 0)


def test_a_slider_moves_by_keys(tab: Any, shown: tuple[Worn, Page]) -> None:
    tab.get_by_label("roll, degrees").press("ArrowRight")
    shown[0].until(lambda: shown[0].source.device.imu._head.at(0)[2] == 1)


def test_a_recording_is_heard(tab: Any, shown: tuple[Worn, Page]) -> None:
    worn = shown[0]
    choose(tab, "Microphone", "speech.wav", wav())
    answer(tab, "speech.wav: taken")
    heard: list[Any] = []

    async def listen() -> None:
        async for chunk in worn.glasses.microphone(8000, 8):
            heard.append(chunk)
            if len(heard) > 400 or np.abs(np.asarray(chunk.samples, float)).max() > 1000:
                return

    worn.run(listen)
    assert len(heard) <= 400
    tab.get_by_role("button", name="Be quiet").click()
    answer(tab, "done: silence")


def test_a_picture_is_seen(tab: Any, shown: tuple[Worn, Page]) -> None:
    worn = shown[0]
    choose(tab, "Camera", "tag.png", png())
    answer(tab, "tag.png: taken")
    photo = worn.run(worn.glasses.take_photo)
    seen = np.asarray(Image.open(io.BytesIO(photo.jpeg)).convert("RGB")).reshape(-1, 3).mean(axis=0)
    assert seen[2] > 2 * max(seen[0], seen[1])
    tab.get_by_role("button", name="Hold up the test card").click()
    answer(tab, "done: test card")


@pytest.mark.parametrize(
    ("group", "name", "content", "said"),
    [
        ("Camera", "note.txt", b"no picture at all", "is not a picture that can be read"),
        ("Camera", "<b>.png", png()[:40], "cannot be"),
        ("Microphone", "note.wav", b"RIFF no sound", "is not a recording that can be read"),
        ("Microphone", "nothing.wav", b"", "is not a recording that can be read"),
    ],
)
def test_what_is_no_picture_and_no_sound_is_said(tab: Any, group: str, name: str, content: bytes, said: str) -> None:
    choose(tab, group, name, content)
    answer(tab, name)
    if said == "cannot be":
        tab.wait_for_function(
            "() => /damaged|not a picture/.test(document.getElementById('controls-answer').textContent)"
        )
    else:
        answer(tab, said)


def test_a_file_that_is_too_large_is_not_even_sent(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    box = tab.get_by_role("group", name="Microphone", exact=True)
    box.locator("input[type=file]").set_input_files(path)
    box.locator("button").click()
    answer(tab, "long.wav has more than 64 MB")


def test_without_a_file_one_is_asked_for(tab: Any) -> None:
    tab.get_by_role("button", name="Hold up the picture").click()
    answer(tab, "choose a file first")


def test_what_lua_says_is_text(tab: Any, shown: tuple[Worn, Page]) -> None:
    worn = shown[0]
    for observer in worn.source.device.observers:
        observer.printed(0.0, HOSTILE.encode())
        observer.failed(0.0, b"\xff\x1b[2J" + HOSTILE.encode())
    lines = tab.locator("#console-list li")
    lines.filter(has_text="owned").nth(1).wait_for()
    assert tab.title() == "Sidelight"
    assert tab.locator("#console-list img, #console-list script").count() == 0
    assert HOSTILE in (tab.locator("#console-list").text_content() or "")


def test_packets_are_told_to_who_looks_at_them(tab: Any, shown: tuple[Worn, Page]) -> None:
    worn = shown[0]
    worn.run(worn.glasses.battery)
    assert tab.locator("#packet-list li").count() == 0
    tab.get_by_text("Packets of the link").click()
    worn.until(lambda: worn.run(worn.glasses.battery) is not None and tab.locator("#packet-list li").count() > 0)
    told = tab.locator("#packet-list")
    worn.run(lambda: worn.glasses.show(Scene((Text(1, 20, 100, HOSTILE[:40]),))))
    told.locator("li.out", has_text="Text").first.wait_for()
    told.locator("li.in", has_text="BatteryLevel").first.wait_for()
    assert told.locator("img, script").count() == 0


def test_the_link_is_recorded_from_a_new_connection_and_saved(
    tab: Any, shown: tuple[Worn, Page], tmp_path: Path
) -> None:
    worn = shown[0]
    before = worn.states.count("ready")
    tab.get_by_role("button", name="Save the recording").click()
    answer(tab, "nothing was recorded yet")
    tab.get_by_role("button", name="Start the recording").click()
    answer(tab, "the link is being recorded")
    worn.until(lambda: worn.states.count("ready") > before)
    worn.run(worn.glasses.battery)
    tab.get_by_role("button", name="End the recording").click()
    answer(tab, "the recording has ended")
    with tab.expect_download() as started:
        tab.get_by_role("button", name="Save the recording").click()
    assert started.value.suggested_filename == "sidelight-link.jsonl"
    path = tmp_path / "link.jsonl"
    started.value.save_as(path)
    recording = read_recording(path)
    (connection,) = recording.attempts
    assert len(connection.events) > 4  # type: ignore[union-attr] # it was connected
    assert json.loads(path.read_text().splitlines()[0])["media"] is False
    tab.get_by_role("button", name="End the recording").click()
    answer(tab, "Nothing is recorded.")


def test_the_link_is_cut_and_comes_back(tab: Any, shown: tuple[Worn, Page]) -> None:
    worn = shown[0]
    before = worn.states.count("lost"), worn.states.count("ready")
    tab.get_by_role("button", name="Cut the link now").click()
    answer(tab, "done: cut")
    worn.until(lambda: worn.states.count("lost") > before[0] and worn.states.count("ready") > before[1])
    tab.get_by_label("out of range, s").fill("601")
    tab.evaluate("document.querySelector('form[data-do=cut]').noValidate = true")
    tab.get_by_role("button", name="Cut the link now").click()
    answer(tab, "the glasses are away for 601 s is not possible")


def test_every_control_has_a_name_and_is_reached_by_tab(tab: Any) -> None:
    fields = tab.locator("#controls-list").locator("input, select, button")
    nameless = fields.evaluate_all(
        "all => all.filter(one => !(one.labels?.[0]?.textContent || one.textContent).trim()).length"
    )
    assert nameless == 0
    reached = set()
    for _ in range(fields.count() + 12):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.name || document.activeElement.textContent"))
    for name in ("kind", "heading", "percent", "loss", "Tap", "Cut the link now", "Save the recording"):
        assert name in reached, name


def test_the_button_is_there_where_the_glasses_have_one(tab: Any, shown: tuple[Worn, Page]) -> None:
    halo = type(shown[0].source.device).__name__ == "EmulatedHalo"
    assert tab.get_by_role("group", name="Button", exact=True).count() == halo
    if halo:
        tab.get_by_label("how").select_option("double")
        tab.get_by_role("button", name="Press the button").click()
        answer(tab, "done: press")
