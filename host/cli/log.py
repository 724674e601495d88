"""Logging for `--log LEVEL`: to stderr, through the output.

So a log line neither tears the live line nor carries the control characters of a device's name.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from host.cli.output import Output

__all__ = ["logged"]


@contextlib.contextmanager
def logged(level: str, out: Output) -> Iterator[None]:
    """Send what our own packages log, from this level on, to stderr; of libraries only errors, or warnings if asked.

    Used for every verb: without a handler Python prints warnings by itself, and as they come. What was configured
    before comes back at the end.

    Args:
        level: one of `options.LOG_LEVELS`.
        out: where to.
    """
    handler = _OutputHandler(out)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root, *ours = (logging.getLogger(name) for name in (None, "host", "firmware_bridge"))
    before = [(logger, logger.level) for logger in (root, *ours)]
    root.addHandler(handler)
    root.setLevel(logging.ERROR if level == "error" else logging.WARNING)
    for logger in ours:
        logger.setLevel(level.upper())
    try:
        yield
    finally:
        root.removeHandler(handler)
        for logger, old in before:
            logger.setLevel(old)


class _OutputHandler(logging.Handler):
    def __init__(self, out: Output) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one line."""
        try:
            self._out.note(self.format(record))
        except Exception:  # noqa: BLE001 - as every handler: a log line never ends the program
            self.handleError(record)
