"""Whose cancellation is it? A library that loses its connection may cancel what it was waiting for."""

from __future__ import annotations

import asyncio


def cancel_requests() -> int:
    """How often this task has been asked to cancel: if it is no more than before, a library leaked a cancellation."""
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0
