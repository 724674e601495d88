"""Logging for `--log LEVEL`: to stderr, through the output.

So a log line neither tears the live line nor carries the control characters of a device's name.
"""

from __future__ import annotations

import logging

from host.cli.output import Output

__all__ = ["configure"]


def configure(level: str, out: Output) -> None:
    """Send what our own packages log, from this level on, to stderr; of libraries only warnings.

    Args:
        level: one of `options.LOG_LEVELS`.
        out: where to.
    """
    handler = _OutputHandler(out)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for package in ("host", "firmware_bridge"):
        logging.getLogger(package).setLevel(level.upper())


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
