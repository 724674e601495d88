"""Sound kept as FLAC: the same samples back, private, and playable after a kill or on a full disk."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from host.errors import BackendMissingError, DiskFullError, StoreError
from host.store.audio import AudioFile, audio_path

ROOT = Path(__file__).parents[3]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
NOISE = (np.random.default_rng(1).normal(size=16000 * 20) * 3000).astype(np.int16)
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX")

KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from host.store.audio import AudioFile
noise = np.load(sys.argv[2])
sound = AudioFile(Path(sys.argv[1]), 1, int(sys.argv[3]))
for start in range(0, len(noise), 1600):
    sound.write(noise[start : start + 1600])
os.kill(os.getpid(), signal.SIGKILL)
"""


def played(path: Path) -> np.ndarray:
    samples, _ = soundfile.read(path, dtype="int16")
    return samples


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_the_same_samples_come_back(folder, rate_hz):
    sound = AudioFile(folder, 7, rate_hz)
    for start in range(0, len(NOISE), 1000):
        sound.write(NOISE[start : start + 1000])
    sound.close()
    sound.close()
    assert sound.path == audio_path(folder, 7) == folder / "audio" / "7.flac"
    about = soundfile.info(sound.path)
    assert (about.samplerate, about.channels, about.format, about.subtype) == (rate_hz, 1, "FLAC", "PCM_16")
    np.testing.assert_array_equal(played(sound.path), NOISE)


def test_a_recording_without_sound_leaves_no_file(folder):
    sound = AudioFile(folder, 1, 16000)
    sound.write(NOISE[:0])
    sound.close()
    assert not audio_path(folder, 1).exists()


def test_closing_waits_for_sound_that_is_being_written(folder):
    sound = AudioFile(folder, 1, 16000)
    file, writing = sound._file, threading.Barrier(2)

    class SlowFile:
        def write(self, samples):
            writing.wait(10)
            time.sleep(0.1)
            file.write(samples)

        def close(self):
            file.close()

    sound._file = SlowFile()
    thread = threading.Thread(target=sound.write, args=(NOISE,))
    thread.start()
    writing.wait(10)
    sound.close()
    thread.join()
    np.testing.assert_array_equal(played(audio_path(folder, 1)), NOISE)


@posix
@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_closed_to_others(folder, umask):
    before = os.umask(umask)
    try:
        sound = AudioFile(folder, 1, 16000)
    finally:
        os.umask(before)
    sound.write(NOISE)
    sound.close()
    assert oct(audio_path(folder, 1).stat().st_mode & 0o777) == "0o600"
    assert oct((folder / "audio").stat().st_mode & 0o777) == "0o700"


@posix
@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_killed_it_plays_to_the_last_half_second(folder, tmp_path, rate_hz):
    np.save(tmp_path / "noise.npy", NOISE)
    command = [sys.executable, "-c", KILLED, folder, tmp_path / "noise.npy", str(rate_hz)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False)
    assert done.returncode == -signal.SIGKILL
    samples = played(audio_path(folder, 1))
    assert len(NOISE) - 8192 <= len(samples)
    np.testing.assert_array_equal(samples, NOISE[: len(samples)])


def test_a_full_disk_ends_the_file_but_not_the_recording(small_disk):
    sound = AudioFile(small_disk, 1, 16000)
    with pytest.raises(DiskFullError) as error:  # noqa: PT012 - which of them fails is the disk's business
        for start in range(0, 200 * 16000, 16000):
            sound.write(np.roll(NOISE, start)[:16000])
    assert "no room left on the disk for the sound" in error.value.message
    assert error.value.hint == "Free some room there; captions go on"
    sound.write(NOISE)
    sound.close()
    samples = played(sound.path)
    assert len(samples) > 16000
    np.testing.assert_array_equal(samples[:16000], NOISE[:16000])


@posix
def test_an_unwritable_folder(open_folder, as_ordinary_user):
    open_folder.chmod(0o555)
    with as_ordinary_user(), pytest.raises(StoreError, match="permission denied"):
        AudioFile(open_folder, 1, 16000)


@posix
def test_any_other_failure_is_said(folder):
    sound = AudioFile(folder, 1, 16000)
    os.close(sound._descriptor)
    read_only = os.open(sound.path, os.O_RDONLY)
    with contextlib.suppress(OSError):
        os.dup2(read_only, sound._descriptor)
    with pytest.raises(StoreError) as error:  # noqa: PT012 - a block is written when the next is full
        for _ in range(3):
            sound.write(NOISE[:16000])
    assert not isinstance(error.value, DiskFullError)
    assert error.value.hint == "Check that disk; captions go on"
    if read_only != sound._descriptor:
        with contextlib.suppress(OSError):
            os.close(read_only)


def test_without_the_library_the_command_to_install_it(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(BackendMissingError) as error:
        AudioFile(folder, 1, 16000)
    assert error.value.hint == "Install it: pip install 'sidelight[transcribe]'"
