"""The journal, written in a thread: the event loop does not wait for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from host.contracts import Journal, Translation, Voice
from host.transcribe.scribe import Write

__all__ = ["Keeping"]


class Keeping:
    """Saves what the scribe gives it; calls are made one after another."""

    def __init__(self, journal: Journal) -> None:
        """Write to this journal, which is open."""
        self._journal = journal
        self._saving: tuple[Write, asyncio.Future[None]] | None = None
        self._entry_ids: dict[int, int] = {}  # of sentences whose translation is still to come, by number

    async def save(self, write: Write) -> None:
        """Save it. What is on its way is waited for, not sent twice, even if whoever waited was cancelled.

        A translation whose sentence was never saved is left out.

        Raises:
            StoreError, DiskFullError: it is not saved.
        """
        if self._saving is None or self._saving[0] is not write:
            self._saving = write, asyncio.ensure_future(asyncio.to_thread(self._save, write))
        saving = self._saving[1]
        try:
            await asyncio.shield(saving)
        finally:
            if saving.done():
                self._saving = None

    async def save_voices(self, model: str, voices: Sequence[Voice], merged: Mapping[str, str]) -> None:
        """Save what the voices sound like. Raises StoreError, DiskFullError."""
        await asyncio.to_thread(self._journal.keep_voices, model, voices, merged)

    def _save(self, write: Write) -> None:
        if isinstance(write.what, Translation):
            if write.number in self._entry_ids:
                self._journal.add_translation(self._entry_ids[write.number], write.what)
                del self._entry_ids[write.number]
            return
        entry_id = self._journal.add(write.what)
        if write.what.translation is not None:
            self._entry_ids[write.number] = entry_id
