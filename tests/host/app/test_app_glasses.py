"""Captions on an emulated Frame: real Lua app, radio and protocol; only speech and its recogniser are stand-ins."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from caption_parts import Journal, Recogniser, Voice, pause, said
from glasses_end import emulated, write_wav
from scripted_glasses import ScriptedGlasses

from firmware_bridge import Glasses
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.emulator.options import parse_uri
from firmware_bridge.emulator.source import EmulatorSource
from firmware_bridge.messages import Battery, Failed
from firmware_bridge.messages import BatteryLevel as Charge
from host.app.glasses import GlassesLens, GlassesMicrophone, built_in_font, report_battery, report_states
from host.errors import LensError
from host.events import BatteryLevel, Gap, LinkState, Notice
from host.lens.display_list import DisplayList, Glyph, GlyphItem, PlacedGlyph, RectItem, TextItem
from host.lens.shape import FRAME
from host.transcribe.captions import Style
from host.transcribe.pipeline import Parts, Transcription

TALK = np.concatenate([pause(0.5), said("one", "two", "three"), pause(1.0), said("four", "five"), pause(1.2)])


def style(**changes) -> Style:
    return Style(font=built_in_font(FRAME), shape=FRAME, **changes)


async def transcribed(glasses, events, journal=None, **changes) -> Journal:
    journal = journal or Journal()
    made = Parts(
        microphone=GlassesMicrophone(glasses),
        live=True,
        recogniser=Recogniser(),
        voice=Voice(),
        journal=journal,
        lens=GlassesLens(glasses),
        style=style(**changes),
    )
    elapsed = asyncio.get_running_loop().time
    async with asyncio.TaskGroup() as group:
        states = group.create_task(report_states(glasses, events.append, elapsed))
        await Transcription(made, "en", events.append, elapsed=elapsed).run()
        states.cancel()
    return journal


def lit(source: EmulatorSource) -> np.ndarray:
    return np.asarray(source.device.display.picture())


def test_what_is_said_near_the_glasses_is_read_on_their_lens(tmp_path):
    async def main() -> None:
        async with emulated(mic=write_wav(tmp_path / "talk.wav", TALK)) as (glasses, source):
            events = []
            journal = await transcribed(glasses, events)
            assert journal.texts == ["one two three", "four five"]
            assert journal.entries[1].start_s == pytest.approx(2.4)
            assert not [e for e in events if isinstance(e, Gap)]
            await asyncio.sleep(0.1)
            shown = lit(source)
        async with emulated() as (glasses, source):
            bottom = 400 - 8 - 48
            await glasses_show(
                glasses, TextItem(1, 8, bottom - 60, "one two three"), TextItem(2, 8, bottom, "four five")
            )
            await asyncio.sleep(0.1)
            assert (lit(source) == shown).all()

    run_virtual(main())


async def glasses_show(glasses, *items) -> None:
    await GlassesLens(glasses).show(DisplayList(items))


def test_out_of_range_for_ten_seconds_in_mid_sentence(tmp_path):
    words = said(*(["one", "two", "three", "four", "five", "six"] * 12))
    sound = np.concatenate([pause(0.5), words, pause(1.2)])

    async def main() -> None:
        async with emulated(mic=write_wav(tmp_path / "talk.wav", sound), cut="6:10") as (glasses, source):
            events = []
            journal = await transcribed(glasses, events)
            gaps = [e for e in events if isinstance(e, Gap)]
            assert [g.reason for g in gaps] == ["link lost"]
            assert 7.0 < gaps[0].end_s - gaps[0].start_s < 11.0
            assert [e.state for e in events if isinstance(e, LinkState)][-1] == "ready"
            after = [e for e in journal.entries if e.kind == "sentence" and e.start_s >= gaps[0].end_s - 0.1]
            assert after
            assert "six" in after[-1].text
            assert journal.entries[-1].end_s == pytest.approx(0.5 + 0.3 * 72, abs=0.05)
            await asyncio.sleep(0.1)
            assert lit(source).any()

    run_virtual(main())


def test_a_link_too_slow_for_16_bit_is_told(tmp_path):
    sound = np.concatenate([pause(0.5), *[said("one", "two", "three"), pause(1.0)] * 8])

    async def main() -> None:
        async with emulated(mic=write_wav(tmp_path / "talk.wav", sound), interval_ms=60, packets=2) as (glasses, _):
            events = []
            await transcribed(glasses, events)
            told = [e for e in events if isinstance(e, Notice)]
            assert [n.code for n in told][:1] == ["sound-quality"]
            assert "8 bit" in told[0].message

    run_virtual(main())


def test_what_cannot_be_drawn_is_a_lens_error():
    async def main() -> None:
        async with emulated() as (glasses, _):
            with pytest.raises(LensError, match="too small"):
                await glasses_show(glasses, RectItem(1, 0, 0, 1, 1))

    run_virtual(main())


def test_glyphs_are_seen_where_they_were_placed():
    async def main() -> None:
        async with emulated() as (glasses, source):
            ring, dot = Glyph(4, 3, 1, b"\xf9\xf0"), Glyph(1, 1, 1, b"\x80")
            placed = (PlacedGlyph(0, 0, ring), PlacedGlyph(1, 1, dot))
            await GlassesLens(glasses).show(DisplayList((GlyphItem(1, 100, 50, placed, "red"),)))
            await asyncio.sleep(0.2)
            seen = source.device.display.indexed()[0]
            assert (seen[50:53, 100:104] == [[3, 3, 3, 3], [3, 3, 0, 3], [3, 3, 3, 3]]).all()
            assert np.count_nonzero(seen) == 11

    run_virtual(main())


def test_glasses_that_stay_away_end_the_recording_with_what_was_heard(tmp_path):
    async def main() -> None:
        talk = write_wav(tmp_path / "talk.wav", TALK)
        source = EmulatorSource(parse_uri(f"emulator:frame?mic={talk}&loop=1&cut=5:1000000"))
        async with Glasses(source, give_up_s=20.0) as glasses:
            journal = Journal()
            with pytest.raises(ExceptionGroup) as raised:
                await transcribed(glasses, [], journal)
            assert raised.value.exceptions[0].code == "link-lost"
            assert journal.texts[0] == "one two three"

    run_virtual(main())


def test_the_font_is_frames():
    font = built_in_font(FRAME, spacing=7)
    assert font.width("ab") == 19 + 7 + 18
    assert font.height == 48


def test_the_battery_is_reported_again_after_lost_links_and_glasses_that_did_not_answer():
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            events = []
            source.on[Battery] = lambda _order: source.report(Charge(60 - len(source.given(Battery))))
            reporting = asyncio.create_task(report_battery(glasses, events.append, asyncio.get_running_loop().time))
            await asyncio.sleep(290)
            source.on[Battery] = lambda _order: source.cut()  # and again on each session that asks
            await asyncio.sleep(40)
            source.on[Battery] = lambda _order: source.report(Failed(Battery.CODE, b"no gauge"))
            await asyncio.sleep(300)
            source.away = True
            source.cut()
            await asyncio.sleep(300)
            source.away = False
            source.on[Battery] = lambda _order: source.report(Charge(9))
            await asyncio.sleep(300)
            reporting.cancel()
            assert [(type(event), event.percent) for event in events] == [(BatteryLevel, 59), (BatteryLevel, 9)]

    run_virtual(main())


def test_an_error_on_the_glasses_is_a_note_and_nothing_ends():
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            events = []
            reporting = asyncio.create_task(report_states(glasses, events.append, asyncio.get_running_loop().time))
            await asyncio.sleep(0)
            for _ in range(3):
                source.report(Failed(0, b"scene:31: not enough memory"))
            await asyncio.sleep(1)
            await GlassesLens(glasses).show(DisplayList((TextItem(1, 0, 0, "still shown"),)))
            reporting.cancel()
            assert [(event.code, event.hint) for event in events] == [
                ("glasses-trouble", "Restart the glasses if it stays")
            ]
            assert "not enough memory" in events[0].message

    run_virtual(main())


def test_glasses_that_are_away_for_long_are_told_of_once():
    async def main() -> None:
        source = ScriptedGlasses()
        async with Glasses(source) as glasses:
            events = []
            reporting = asyncio.create_task(report_states(glasses, events.append, asyncio.get_running_loop().time))
            await asyncio.sleep(0)
            for _ in range(2):
                source.away = True
                source.cut()
                await asyncio.sleep(300)
                source.away = False
                await asyncio.sleep(30)
            reporting.cancel()
            assert [event.state for event in events] == ["lost", "connecting", "ready"] * 2

    run_virtual(main())
