"""What is logged of requests: mistakes of ours, and not what somebody sends who is no browser."""

from __future__ import annotations

import logging

__all__ = ["requests_log"]


def requests_log() -> logging.Logger:
    """The logger of the server; aiohttp would log a traceback for every request that is none."""
    log = logging.getLogger("host.web.requests")
    log.addFilter(_ours)
    return log


def _ours(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__module__ != "aiohttp.http_exceptions"  # what its parser refuses
