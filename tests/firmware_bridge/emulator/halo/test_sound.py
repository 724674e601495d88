"""Halo's microphone, speaker and sounds."""

from __future__ import annotations

import asyncio
import wave

import numpy as np
import pytest
from halo_desk import HaloDesk, on_halo

from firmware_bridge import lc3
from firmware_bridge.gatt import INSUFFICIENT_RESOURCES

RECORD = (
    "function take(s) local t = frame.time.utc() while frame.time.utc() - t < s do "
    "local d = frame.microphone.read(960) "
    "if d and #d > 0 then frame.bluetooth.send(d) else frame.sleep(0.01) end end end"
)
NEEDS_LC3 = pytest.mark.skipif(not lc3.available(), reason=f"LC3 is not installed: {lc3.INSTALL}")


@pytest.fixture
def tone(tmp_path):
    """Two seconds of 440 Hz at 16 kHz, and its samples."""
    samples = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(32_000) / 16_000)).astype(np.int16)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return tmp_path / "tone.wav", samples


@pytest.mark.halo_reference("2.7 pcm", "2.7 read", "2.7 stopped", "2.7 status", "5 settle")
def test_pcm_of_a_recording_is_complete(tone) -> None:
    path, samples = tone

    async def main(desk: HaloDesk) -> None:
        ended: list[bool] = []
        desk.halo.microphone.on_ended = lambda: ended.append(True)
        assert await desk.one("print(frame.microphone.read(2))") == "nil"
        assert await desk.lua("frame.microphone.start{sample_rate = 16000} print(frame.microphone.read(2))") == []
        assert await desk.one("print(frame.microphone.status())") == "streaming"
        pieces = await desk.lua(RECORD, "take(3)", wait=4)
        sound = np.frombuffer(b"".join(piece[1:] for piece in pieces), "<i2")
        assert (sound[: len(samples)] == samples).all()
        assert ended == [True]
        await desk.lua("frame.microphone.stop()")
        assert await desk.lua("print(frame.microphone.read(2), frame.microphone.status())") == [
            b"nil",
            b"\t",
            b"stopped",
        ]

    on_halo(main, f"emulator:halo?mic={path}")


@NEEDS_LC3
@pytest.mark.halo_reference("2.7 start", "2.7 read", "2.7 gain")
def test_what_start_and_read_refuse() -> None:
    async def main(desk: HaloDesk) -> None:
        for table, error in (
            ("", "Expected a configuration table"),
            ("{sample_rate = 9}", "Sample rate must be 8000 or 16000"),
            ("{bit_depth = 12}", "Bit depth must be 8 or 16"),
            ("{channels = 3}", "Channels must be 1 or 2"),
            ("{encoder = 'lc3', bit_depth = 8}", "Bit depth applies to PCM only (LC3 encodes 16-bit input)"),
            ("{gain = 11}", "Gain must be -10 to 10"),
            ("{encoder = 'lc3', duration = 5}", "LC3 duration must be 750 or 1000"),
            ("{encoder = 'lc3', duration = 750}", "Failed to create LC3 encoder for channel 0"),
            ("{encoder = 'lc3', bitrate = 100000}", "Bitrate must be multiple of 8000 and <= 96000"),
        ):
            assert await desk.error(f"frame.microphone.start({table})") == error
        assert await desk.error("frame.microphone.gain(3)") == "Microphone not initialized"
        await desk.lua("frame.microphone.start{bit_depth = 8}", "frame.microphone.start{gain = 3}")
        assert await desk.one("print(frame.microphone.gain())") == "3"
        for count, error in (("1", "positive and even"), ("0", "positive and even"), ("-2", "positive and even")):
            assert await desk.error(f"frame.microphone.read({count})") == f"Bytes must be {error}"
        assert await desk.error("frame.microphone.read(4098)") == "Bytes exceeds maximum of 4096"
        await desk.lua("frame.microphone.aec(true)")
        assert await desk.lua("print(frame.microphone.aec(), frame.microphone.voice())") == [b"true", b"\t", b"false"]
        assert await desk.error("frame.microphone.aad_callback(1)") == "expected function or nil"

    on_halo(main)


@pytest.mark.halo_reference("2.7 ring")
def test_when_nobody_reads_the_oldest_blocks_go() -> None:
    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.microphone.start{sample_rate = 16000}", wait=10)
        await desk.lua(
            "n = 0 while true do local d = frame.microphone.read(4096) if #d == 0 then break end n = n + #d end", wait=1
        )
        assert 64_000 < int(await desk.one("print(n)")) <= 65_536
        assert desk.halo.microphone.samples_lost > 100_000

    on_halo(main)


@NEEDS_LC3
@pytest.mark.halo_reference("2.7 lc3", "2.7 frame size")
@pytest.mark.parametrize(("rate", "duration", "bitrate", "size"), [(16000, 1000, 32000, 40), (8000, 750, 24000, 22)])
def test_lc3_frames_decode_to_what_was_said(tone, rate: int, duration: int, bitrate: int, size: int) -> None:
    path, _ = tone

    async def main(desk: HaloDesk) -> None:
        await desk.lua(
            f"frame.microphone.start{{encoder='lc3', sample_rate={rate}, duration={duration}, bitrate={bitrate}}}"
        )
        pieces = await desk.lua(RECORD, "take(2.5)", wait=4)
        data = b"".join(piece[1:] for piece in pieces)
        assert len(data) % size == 0
        codec = lc3.Codec(rate, duration, bitrate)
        sound = np.frombuffer(b"".join(codec.decode(data[at : at + size]) for at in range(0, len(data), size)), "<i2")
        assert 1.9 < len(sound) / rate < 2.1
        spectrum = np.abs(np.fft.rfft(sound[rate // 4 : rate].astype(float)))
        assert abs(np.argmax(spectrum) / (rate * 0.75) * rate - 440) < 5

    on_halo(main, f"emulator:halo?mic={path}")


@pytest.mark.halo_reference("1.10 ring", "1.10 needs start", "1.10 rate", "2.8 speaker")
def test_sound_by_the_audio_characteristic() -> None:
    async def main(desk: HaloDesk) -> None:
        samples = np.arange(4000, dtype="<i2")
        data = samples.tobytes()
        assert desk.halo.audio_written(data[:500]) == 0
        await asyncio.sleep(0.5)
        assert len(desk.halo.speaker.played) == 0
        await desk.lua("frame.speaker.start{}")
        codes = [desk.halo.audio_written(data[at : at + 500]) for at in range(500, len(data), 500)]
        assert codes == [0] * 15
        await asyncio.sleep(0.1)
        assert 480 <= len(desk.halo.speaker.played) < 2500
        await asyncio.sleep(0.6)
        assert (desk.halo.speaker.played == samples).all()
        assert [desk.halo.audio_written(bytes(1000)) for _ in range(10)][-1] == INSUFFICIENT_RESOURCES
        await desk.lua("frame.speaker.stop()")
        assert await desk.error("frame.speaker.play('ab')") == "Speaker not started"

    on_halo(main)


@NEEDS_LC3
@pytest.mark.halo_reference("1.10 whole frames", "2.8 speaker")
def test_lc3_for_the_speaker() -> None:
    codec = lc3.Codec(16_000, 1000, 32_000)
    tone = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype("<i2")
    frames = [codec.encode(tone[at : at + 160].tobytes()) for at in range(0, 16_000, 160)]

    async def main(desk: HaloDesk) -> None:
        await desk.lua("frame.speaker.start{encoder='lc3', sample_rate=16000, bitrate=32000}")
        for at in range(0, 100, 12):
            assert desk.halo.audio_written(b"".join(frames[at : at + 12])) == 0
        await asyncio.sleep(1.5)
        played = desk.halo.speaker.played
        assert (len(played), desk.halo.speaker.dropped_bytes) == (16_000, 0)
        assert abs(np.argmax(np.abs(np.fft.rfft(played.astype(float)))) - 440) < 3
        desk.halo.audio_written(frames[0][:30])
        await asyncio.sleep(0.2)
        assert desk.halo.speaker.dropped_bytes == 30
        assert (await desk.error("frame.speaker.play(('x'):rep(41))")).startswith("LC3 data length must be multiple")

    on_halo(main)


@pytest.mark.halo_reference("2.8 speaker", "2.8 sound")
def test_what_speaker_and_sounds_say() -> None:
    async def main(desk: HaloDesk) -> None:
        for table, error in (
            ("", "Expected a configuration table"),
            ("{bit_depth = 8}", "Bit depth must be 16"),
            ("{channels = 3}", "Channels must be 1 or 2"),
            ("{volume = 101}", "Volume must be 0-100"),
        ):
            assert await desk.error(f"frame.speaker.start({table})") == error
        assert await desk.one("print(frame.speaker.volume())") == "50"
        assert await desk.lua("print(frame.sound.play('moo'))") == [
            b"nil",
            b"\t",
            b"unknown sound preset",
            b"\t",
            b"-2",
        ]
        await desk.lua(
            "t = frame.time.utc() r = frame.sound.play('blip', {duration_ms = 300}) t = frame.time.utc() - t", wait=0.5
        )
        assert await desk.one("print(r)") == "true"
        assert 0.3 <= float(await desk.one("print(t)")) < 0.32
        assert await desk.lua("print(frame.sound.play_async('laser'), frame.sound.is_playing())") == [
            b"true",
            b"\t",
            b"true",
        ]
        assert (await desk.lua("print(frame.sound.play('hit'))"))[2] == b"speaker is busy"
        assert await desk.error("frame.sound.play('hit', {sample_rate = 9})") == "sample_rate must be 8000 or 16000"
        await desk.lua("frame.sound.stop()")
        assert await desk.one("print(frame.sound.is_playing())") == "false"

    on_halo(main)
