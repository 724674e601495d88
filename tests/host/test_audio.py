"""Sound files as a microphone."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.audio import FileMicrophone, Resampler, read_samples
from host.errors import AudioInputError, BackendMissingError

soundfile = pytest.importorskip("soundfile")
NOISE = np.random.default_rng(7).integers(-20000, 20000, 16000 * 2 + 123, np.int16)


def written(path, samples, rate_hz=16000, **options):
    soundfile.write(path, samples, rate_hz, **options)
    return path


def tone(hz, rate_hz, seconds=1.0):
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz)


def level_db(samples):
    """Loudness of the middle, against a full-scale sine of half the height."""
    middle = samples[len(samples) // 4 : -len(samples) // 4].astype(float) / 32768
    return 20 * np.log10(np.sqrt(2 * np.mean(middle**2)) / 0.5 + 1e-9)


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_16_khz_16_bit_mono_passes_bit_for_bit(tmp_path, kind):
    path = written(tmp_path / f"a.{kind}", NOISE)

    async def main():
        microphone = FileMicrophone(path)
        assert (microphone.rate_hz, microphone.duration_s) == (16000, len(NOISE) / 16000)
        return [chunk async for chunk in microphone.chunks()]

    chunks = asyncio.run(main())
    assert np.array_equal(np.concatenate([c.samples for c in chunks]), NOISE)
    assert [c.start for c in chunks] == [1600 * n for n in range(len(chunks))]
    assert {(c.rate_hz, c.bits, c.lost_reason, c.samples.dtype) for c in chunks} == {
        (16000, 16, None, np.dtype("int16"))
    }
    assert all(1 <= len(c.samples) <= 1600 for c in chunks)
    assert all(c.heard_at_s > 0 for c in chunks)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000])
def test_other_rates_keep_speech_and_their_length(tmp_path, rate_hz):
    stereo = np.stack([tone(1000, rate_hz), tone(1000, rate_hz)], axis=1)
    samples = read_samples(written(tmp_path / "a.wav", stereo, rate_hz, subtype="PCM_24"))
    assert len(samples) == 16000
    expected = tone(1000, 16000)
    assert np.abs(samples[800:-800] / 32768 - expected[800:-800]).max() < 0.002


def test_what_16_khz_cannot_hold_does_not_fold_back(tmp_path):
    samples = read_samples(written(tmp_path / "a.wav", tone(10000, 48000), 48000))
    assert level_db(samples) < -60


def test_channels_are_averaged(tmp_path):
    left_only = np.stack([tone(500, 16000), np.zeros(16000)], axis=1)
    assert level_db(read_samples(written(tmp_path / "a.wav", left_only))) == pytest.approx(-6.0, abs=0.1)


def test_floats_beyond_full_scale_are_clipped_and_nonsense_is_silence(tmp_path):
    wild = np.array([0.0, 2.0, -2.0, np.nan, np.inf, 0.25] * 100, np.float32)
    samples = read_samples(written(tmp_path / "a.wav", wild, subtype="FLOAT"))
    assert samples[:4].tolist() == [0, 32767, -32768, 0]
    assert samples[5] == 8192


def test_a_file_can_be_heard_again(tmp_path):
    path = written(tmp_path / "a.flac", NOISE[:5000], 22050)
    assert np.array_equal(read_samples(path), read_samples(path))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([8000, 11025, 16001, 44100, 48000, 1000, 192000]),
    st.lists(st.integers(0, 900), min_size=1, max_size=12),
    st.integers(0, 2**31),
)
def test_resampling_does_not_depend_on_how_the_input_was_cut(rate_hz, pieces, seed):
    samples = np.random.default_rng(seed).normal(size=sum(pieces))
    whole, cut = Resampler(rate_hz), Resampler(rate_hz)
    expected = np.concatenate([whole.feed(samples), whole.finish()])
    found = np.concatenate([*(cut.feed(p) for p in np.split(samples, np.cumsum(pieces)[:-1])), cut.finish()])
    assert np.array_equal(found, expected)
    assert len(found) == -(-sum(pieces) * 16000 // rate_hz)


def refused(path, message):
    with pytest.raises(AudioInputError, match=message) as error:
        FileMicrophone(path)
    assert error.value.hint
    assert error.value.message.isprintable()


def test_files_that_cannot_be_heard(tmp_path):
    refused(tmp_path / "nothing.wav", r"there is no file '.*nothing\.wav'")
    refused(tmp_path, "is not a file")
    empty = tmp_path / "empty.wav"
    empty.touch()
    refused(empty, r"'.*empty\.wav' is empty")
    text = tmp_path / "text.wav"
    text.write_text("this is no sound at all, only text " * 9)
    refused(text, "is not a sound file that can be read")
    raw = tmp_path / "sound.raw"
    raw.write_bytes(NOISE.tobytes())
    refused(raw, "is not a sound file that can be read")
    refused(written(tmp_path / "silent.wav", NOISE[:0]), "holds no sound")
    refused(written(tmp_path / "slow.wav", NOISE, 500), "has 500 samples a second; 1000 to 768000 can be read")
    refused(written(tmp_path / "wide.wav", np.zeros((9, 40))), "has 40 channels; at most 32 can be read")
    refused(tmp_path / "bad\x1b[31m\nname.wav", r"there is no file '.*bad\\x1b\[31m\\nname")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a file that this user may not read")
def test_a_file_of_somebody_else(tmp_path):
    path = written(tmp_path / "a.wav", NOISE)
    path.chmod(0)
    refused(path, "cannot be opened: Permission denied")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without end")
def test_a_device_is_not_a_file():
    refused(Path("/dev/zero"), "is not a file")


def test_a_file_damaged_further_on_gives_what_came_before(tmp_path):
    path = written(tmp_path / "a.flac", NOISE)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4000] = b"\x00" * 4000
    path.write_bytes(content)
    heard = []

    async def main():
        async for chunk in FileMicrophone(path).chunks():
            heard.append(chunk.samples)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(AudioInputError, match=r"is damaged after \d\.\d s"):
        asyncio.run(main())
    count = sum(map(len, heard))
    assert 4000 < count < len(NOISE)
    assert np.array_equal(np.concatenate(heard)[: count - 4096], NOISE[: count - 4096])


def test_a_cut_off_wav_gives_what_is_there(tmp_path):
    path = written(tmp_path / "a.wav", NOISE)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 10000])
    assert np.array_equal(read_samples(path), NOISE[:10000])


def test_without_the_library_the_command_is_named(tmp_path, monkeypatch):
    path = written(tmp_path / "a.wav", NOISE)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(BackendMissingError, match="sound files cannot be read") as error:
        FileMicrophone(path)
    assert "pip install 'sidelight[transcribe]'" in error.value.hint
