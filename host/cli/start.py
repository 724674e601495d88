"""The first code of ours that runs: light, and ready for Ctrl-C while the rest is imported."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code.

    Args:
        argv: the words after the program's name; those of this process where None, which ends with this call then.
    """
    try:
        from host.cli.interrupts import at_once, from_here_on_at_once  # noqa: PLC0415 - Ctrl-C may come meanwhile

        with at_once():
            from host.cli.program import main as run  # noqa: PLC0415
        code = run(argv)
        if argv is None:
            from_here_on_at_once()
    except KeyboardInterrupt:
        return 130
    return code
