"""The computer's microphone, through PortAudio and ALSA, which reads a file here instead of a sound card."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host import computer_microphone
from host.audio import RATE_HZ
from host.computer_microphone import ComputerMicrophone, _Cutter, _Inbox
from host.errors import BackendMissingError

try:
    import sounddevice
except (ImportError, OSError):
    sounddevice = None

with_portaudio = pytest.mark.skipif(
    sounddevice is None or sys.platform != "linux", reason="needs Linux, sounddevice and PortAudio (libportaudio2)"
)

ALSA = """
pcm.!default {{ type plug slave.pcm "talk" }}
pcm.talk {{ type file slave.pcm "null" file "/dev/null" infile "{talk}" format "raw" }}
pcm.null {{ type null }}
"""


def in_a_process_of_its_own(alsa: str, folder: Path, program: str) -> str:
    """What a program prints where this is the sound system: PortAudio looks at it once, when it is loaded."""
    (folder / "alsa.conf").write_text(alsa)
    environment = {**os.environ, "ALSA_CONFIG_PATH": str(folder / "alsa.conf"), "JACK_NO_START_SERVER": "1"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@with_portaudio
def test_what_the_microphone_hears_arrives_sample_for_sample(tmp_path):
    talk = np.random.default_rng(5).integers(-9000, 9000, 3 * RATE_HZ, dtype=np.int16)
    talk.tofile(tmp_path / "talk.raw")
    said = in_a_process_of_its_own(
        ALSA.format(talk=tmp_path / "talk.raw"),
        tmp_path,
        f"""
        import asyncio, numpy as np
        from contextlib import aclosing
        from host.computer_microphone import ComputerMicrophone, input_devices

        async def main():
            microphone = ComputerMicrophone("default")
            heard, end = [], 0
            async with aclosing(microphone.chunks()) as chunks:
                async for chunk in chunks:
                    assert chunk.start == end and chunk.rate_hz == 16000 and chunk.samples.dtype == np.int16
                    end += len(chunk.samples)
                    if chunk.lost_reason is None:
                        heard.append(chunk.samples)
                    if end > 16000:
                        break
            return heard[0]

        talk = np.fromfile({str(tmp_path / "talk.raw")!r}, np.int16)
        print([name for _, name in input_devices()])
        print((asyncio.run(main()) == talk[:1600]).all())
        """,
    )
    assert said.splitlines() == ["['talk', 'default']", "True"]


@with_portaudio
def test_a_computer_without_a_microphone_and_one_that_has_no_such(tmp_path):
    program = """
        from host.computer_microphone import ComputerMicrophone
        from host.errors import AudioInputError
        for name in ("", "blue", "77", "9" * 20):
            try:
                ComputerMicrophone(name)
            except AudioInputError as error:
                print(f"{error.message}. {error.hint}")
        """
    none = in_a_process_of_its_own("pcm.gone { type hw card 31 }", tmp_path, program).splitlines()
    assert none == ["this computer has no microphone. Plug one in, or use --audio glasses or --audio FILE"] * 4
    (tmp_path / "talk.raw").write_bytes(bytes(3200))
    some = in_a_process_of_its_own(ALSA.format(talk=tmp_path / "talk.raw"), tmp_path, program).splitlines()
    assert some == [
        "there is no one microphone named 'blue'. There are: 0 'talk', 1 'default'",
        "there is no one microphone named '77'. There are: 0 'talk', 1 'default'",
        f"there is no one microphone named '{'9' * 20}'. There are: 0 'talk', 1 'default'",
    ]


def test_without_the_package_or_its_library_the_command_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(BackendMissingError) as caught:
        ComputerMicrophone()
    assert caught.value.hint == "Install it: pip install 'sidelight[microphone]'"


class Silent:
    """A sound library whose device opens and says nothing."""

    class PortAudioError(Exception):
        pass

    def query_devices(self, *_):
        return {"index": 0, "name": "USB", "default_samplerate": 48000.0}

    def check_input_settings(self, **_):
        pass

    def RawInputStream(self, **_):  # noqa: N802 - as the library calls it
        return self

    def start(self):
        pass

    def close(self, *, ignore_errors):
        pass


def test_a_microphone_that_is_taken_away_ends_with_a_sentence(monkeypatch):
    monkeypatch.setattr(computer_microphone, "_sounddevice", Silent)
    monkeypatch.setattr(computer_microphone, "_SILENT_MAX_S", 0.01)

    async def main():
        async with aclosing(ComputerMicrophone().chunks()) as chunks:
            async for _ in chunks:
                pass

    with pytest.raises(computer_microphone.AudioInputError, match="'USB' gives no more sound"):
        asyncio.run(main())


def test_a_microphone_that_does_not_start_is_let_go_of(monkeypatch):
    class Taken(Silent):
        closed = 0

        def start(self):
            raise self.PortAudioError("Device unavailable [PaErrorCode -9985]")

        def close(self, *, ignore_errors):
            Taken.closed += 1

    monkeypatch.setattr(computer_microphone, "_sounddevice", Taken)

    async def main():
        async with aclosing(ComputerMicrophone().chunks()) as chunks:
            await anext(chunks)

    with pytest.raises(computer_microphone.AudioInputError, match="'USB' cannot be opened: Device unavailable"):
        asyncio.run(main())
    assert Taken.closed == 1


class Status:
    def __init__(self, *, overflow=False):
        self.input_overflow = overflow


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4000), min_size=1, max_size=30),
    limit=st.integers(4000, 20000),
    reads=st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_chunks_are_contiguous_and_every_sample_is_there_or_counted(sizes, limit, reads):
    source = np.arange(sum(sizes), dtype=np.int64).astype(np.int16)

    async def main():
        inbox, cutter, chunks, first = _Inbox(asyncio.get_running_loop(), limit), _Cutter(RATE_HZ), [], 0
        for size, read in zip(sizes, reads, strict=False):
            inbox.heard(source[first : first + size].tobytes(), size, None, Status())
            first += size
            if read:
                chunks += cutter.cut(*(await inbox.take())[:2], overflowed=False, now=0.0)
        inbox.heard(bytes(2), 1, None, Status())
        chunks += cutter.cut(*(await inbox.take())[:2], overflowed=False, now=0.0)
        return chunks

    end = 0
    for chunk in asyncio.run(main()):
        assert chunk.start == end
        end += len(chunk.samples)
        if chunk.lost_reason is None and end <= len(source):
            assert (chunk.samples == source[chunk.start : end]).all()
    assert 0 <= len(source) + 1 - end < 1600  # only what does not fill a chunk waits


def test_an_overflow_of_the_sound_card_is_told():
    async def main():
        inbox = _Inbox(asyncio.get_running_loop(), 99999)
        inbox.heard(bytes(6400), 3200, None, Status(overflow=True))
        samples, lost, overflowed = await inbox.take()
        return _Cutter(48000).cut(samples, lost, overflowed=overflowed, now=1.0)

    first = asyncio.run(main())[0]
    assert first.lost_reason == "the computer was too slow for its microphone"
    assert (len(first.samples), first.samples.any()) == (1600, False)
