"""Fixed phrases by pocketsphinx: a command said is found, other speech has little confidence, sound alone decides."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from host.app.demo_speech import recording
from host.assistant.commands import SURE
from host.assistant.phrases import phrases
from host.audio import read_samples
from host.backends.pocketsphinx_commands import LONGEST_S, PocketsphinxCommands, widened
from host.bench.spoken import Said, say
from host.errors import BackendError

pytest.importorskip("pocketsphinx")
pytest.importorskip("soundfile")

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


@pytest.fixture(scope="module")
def engine():
    return PocketsphinxCommands(phrases("en"))


def ended(engine, session):
    """The phrases that were found, without what free words make of the sound."""
    return [found for found in engine.end(session) if found.final]


def spoken(text, voice="en-us"):
    return say(Said(text, text, voice, 150, "quiet"))


@needs_espeak
@pytest.mark.parametrize("phrase", ["what does this cost", "navigate home", "start transcription"])
def test_a_command_is_found_and_believed(engine, phrase):
    assert engine.feed(1, 16000, spoken(phrase)) == []
    (found,) = ended(engine, 1)
    assert (found.text, found.final, found.language) == (phrase, True, "en")
    assert found.confidence > SURE
    assert 1.0 < found.start_s < found.end_s


@needs_espeak
def test_what_free_words_make_of_it_is_said_too(engine):
    engine.feed(1, 0, spoken("the weather is lovely today"))
    words, _ = engine.end(1)
    assert (words.final, words.confidence) == (False, None)
    assert words.text


def test_sound_of_half_the_band_is_mirrored_into_the_other():
    noise = np.random.default_rng(0).normal(0.0, 3000.0, 16000).astype(np.int16)
    faint = np.zeros(16000, np.int32)
    assert widened(noise, faint) is noise
    spectrum = np.fft.rfft(noise)
    spectrum[len(spectrum) // 2 :] = 0.0
    narrow = np.fft.irfft(spectrum).astype(np.int16)
    power = np.abs(np.fft.rfft(widened(narrow, faint))) ** 2
    low, high = power[: len(power) // 2].sum(), power[len(power) // 2 :].sum()
    assert 0.04 < high / low < 0.09
    assert not widened(np.zeros(16000, np.int16), faint).any()


@needs_espeak
@pytest.mark.parametrize("text", ["the weather is lovely today", "i will see you tomorrow"])
def test_what_is_no_command_is_not_believed(engine, text):
    engine.feed(1, 0, spoken(text))
    assert all(found.confidence < SURE for found in ended(engine, 1))


def test_a_recording_of_other_speech_is_not_believed(engine):
    sound = read_samples(recording())
    for start in range(0, len(sound) - 40000, 40000):
        engine.feed(1, 0, sound[start : start + 40000])
        assert all(found.confidence < SURE for found in ended(engine, 1))


def test_silence_is_no_command(engine):
    for sound in (np.zeros(16000, np.int16), np.zeros(1, np.int16), np.empty(0, np.int16)):
        engine.feed(1, 0, sound)
        assert all(found.confidence < SURE for found in ended(engine, 1))
    assert engine.end(1) == []


def test_the_sound_alone_decides_however_it_is_cut_and_whatever_came_before(engine):
    sound = read_samples(recording())[16000:48000]
    engine.feed(1, 0, sound)
    first = engine.end(1)
    for piece in np.split(sound, range(512, len(sound), 512)):
        engine.feed(2, 0, piece)
    engine.feed(3, 0, np.full(1600, 12000, np.int16))
    engine.end(3)
    assert engine.end(2) == first


def test_sound_without_end_is_not_kept(engine):
    for _ in range(30):
        engine.feed(4, 0, np.zeros(16000, np.int16))
    assert sum(map(len, engine._streams[4].heard)) <= (LONGEST_S + 1) * 16000
    engine.close(4)
    assert engine.end(4) == []


def test_a_phrase_with_an_unknown_word_is_an_error():
    with pytest.raises(BackendError, match="pocketsphinx cannot be loaded for commands"):
        PocketsphinxCommands(("qqzzq",))
