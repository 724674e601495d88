"""What a recording that is broken off has time for: its last sentence, then that sentence's translation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

__all__ = ["FINISH_S", "FINISH_TRANSLATION_S", "finish"]

FINISH_S: Final = 30.0
"""Seconds for the last sentence. A computer that is busy with something else takes many times its usual second for it,
and what was said cannot be had again; who does not want to wait breaks off once more."""

FINISH_TRANSLATION_S: Final = 4.0
"""Seconds more for the translation of the last sentences: their original is saved."""

_PATIENCE_S: Final = 1.5
"""Seconds after which it is said what is waited for."""


async def finish(work: asyncio.Task[None], written: asyncio.Future[None], waiting: Callable[[], None]) -> None:
    """Wait until a recording is done, as long as it may take.

    Args:
        work: the recording. It is not ended here.
        written: done once all that was heard is saved.
        waiting: called if that takes longer than a moment.
    """
    await asyncio.wait({work, written}, timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    if not written.done() and not work.done():
        waiting()
        await asyncio.wait({work, written}, timeout=FINISH_S - _PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    if written.done():
        await asyncio.wait({work}, timeout=FINISH_TRANSLATION_S)
