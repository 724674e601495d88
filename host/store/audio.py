"""The sound of a recording as FLAC, kept only if the user asked for it: 16 bit, mono, written as it comes.

A FLAC file is a short header and blocks that stand alone. Killed, a program loses only the sound that was not yet a
block (half a second at 16 kHz), and the header's length is kept up with the blocks, so that the file plays to its
end; a power cut may take the last seconds that the system had not written yet. On Windows the length of such a file
stays unknown (0), which the format allows.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from host.contracts import Samples
from host.errors import BackendMissingError, DiskFullError, StoreError
from host.store.private import create_private_file, explained, make_private_folder

__all__ = ["AudioFile", "audio_path"]

# Samples of a block as libFLAC cuts them at the level that libsndfile asks for; one block is held back for its
# successor (both seen in the header and the length of a file cut off).
_BLOCK_SAMPLES = 4096

# Where STREAMINFO has its 64 bits of rate (20), channels - 1 (3), bits - 1 (5) and samples in all (36): RFC 9639, 8.2.
_STREAMINFO_OFFSET = 18

# Seconds of sound between two calls that put it on the disk for certain: what a power cut may cost.
_SYNC_EVERY_S = 10

# A failed write with less room than this left is taken for a full disk; libsndfile does not say.
_NEARLY_FULL_BYTES = 1 << 16


def audio_path(folder: Path, transcript_id: int) -> Path:
    """Where a transcript's sound is, if it was kept; `folder` is the data folder."""
    return folder / "audio" / f"{transcript_id}.flac"


class AudioFile:
    """The sound of one transcript, being written; calls may come from any thread, and wait for one another."""

    def __init__(self, folder: Path, transcript_id: int, rate_hz: int) -> None:
        """Start the file, closed to others.

        Args:
            folder: the data folder.
            transcript_id: whose sound it is.
            rate_hz: samples a second, 8000 or 16000.

        Raises:
            BackendMissingError: the library that writes FLAC is not installed.
            StoreError: the file cannot be made.
            DiskFullError: no room.
        """
        try:
            import soundfile  # noqa: PLC0415 - loads a library of some megabytes, for those who ask for it
        except ImportError as error:
            raise BackendMissingError(
                "keeping the sound needs soundfile, which is not installed",
                "Install it: pip install 'sidelight[transcribe]'",
            ) from error
        self.path = audio_path(folder, transcript_id)
        self._rate_hz = rate_hz
        self._lock = threading.Lock()  # a write that nobody waits for any more may still run when it is closed
        self._samples = 0
        self._synced = 0
        self._library_error: type[Exception] = soundfile.LibsndfileError
        if self.path.exists():
            raise StoreError(
                f"the sound {self.path} is there already and belongs to another transcript", "Move it to another place"
            )
        make_private_folder(self.path.parent)
        with explained(f"the sound {self.path}"):
            self._descriptor = create_private_file(self.path)
        self._file: Any = None
        with self._or_abandoned():
            self._file = soundfile.SoundFile(
                self._descriptor, "w", rate_hz, channels=1, format="FLAC", subtype="PCM_16", closefd=False
            )

    def write(self, samples: Samples) -> None:
        """Append sound.

        Raises:
            DiskFullError: no room; what was written before plays. The file is closed, later calls do nothing.
            StoreError: as above, for any other reason.
        """
        with self._lock, self._or_abandoned():
            if self._descriptor < 0:
                return
            self._file.write(samples)
            self._samples += len(samples)
            self._write_length()
            if self._samples - self._synced >= _SYNC_EVERY_S * self._rate_hz:
                os.fsync(self._descriptor)
                self._synced = self._samples

    def close(self) -> None:
        """Finish the file; one without sound is removed. Repeated calls do nothing.

        Raises:
            StoreError, DiskFullError: it is closed all the same, and plays as far as it was written.
        """
        with self._lock:
            if self._descriptor < 0:
                return
            with self._or_abandoned():
                self._file.close()
                os.fsync(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
            if not self._samples:  # libsndfile writes nothing, not even a header, before the first sample
                self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _or_abandoned(self) -> Iterator[None]:
        """Let the file go and explain, if what is done with it fails."""
        try:
            yield
        except (self._library_error, OSError) as error:
            with contextlib.suppress(Exception):
                self._file.close()
            os.close(self._descriptor)
            self._descriptor = -1
            if shutil.disk_usage(self.path.parent).free < _NEARLY_FULL_BYTES:
                raise DiskFullError(
                    f"no room left on the disk for the sound {self.path}", "Free some room there; captions go on"
                ) from error
            raise StoreError(
                f"cannot write the sound {self.path}: {error}", "Check that disk; captions go on"
            ) from error

    def _write_length(self) -> None:
        """Keep the header's length at what is in the file for certain; libFLAC writes the true one at the end."""
        blocks = max(0, self._samples // _BLOCK_SAMPLES - 1)
        if blocks and hasattr(os, "pwrite"):
            fields = self._rate_hz << 44 | 15 << 36 | blocks * _BLOCK_SAMPLES
            os.pwrite(self._descriptor, struct.pack(">Q", fields), _STREAMINFO_OFFSET)
