"""What the wearer looks at."""

from __future__ import annotations

from typing import Protocol

from host.lens.display_list import DisplayList

__all__ = ["Lens"]


class Lens(Protocol):
    """What the wearer looks at."""

    @property
    def width(self) -> int:
        """Pixels across: 640 on Frame."""
        ...

    @property
    def height(self) -> int:
        """Pixels down: 400 on Frame."""
        ...

    async def show(self, picture: DisplayList) -> None:
        """Make the lens show this and nothing else; only what changed crosses the link.

        Returns when the glasses have it. While a call waits, a newer picture replaces it: the newest always wins,
        and every waiting call returns when its picture or a newer one is there. During a lost link it waits for
        the link to come back. Cancelling leaves either the old or the new picture, whole.

        Raises:
            LensError: it cannot be drawn, or the glasses are gone for good.
        """
        ...
