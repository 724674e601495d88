"""Whom setup asks."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Wearer"]


class Wearer(Protocol):
    """Who is asked, and looks, speaks and taps."""

    @property
    def answers(self) -> bool:
        """Whether questions can be asked: there is a terminal, and nobody said that they are not to be."""
        ...

    async def ask(self, question: str, default: str = "") -> str:
        """One line of answer; `default` where nothing was typed. Raises UsageError where the terminal has ended."""
        ...

    def tell(self, text: str) -> None:
        """Say what happens, or what to do."""
        ...

    def level(self, level_db: float) -> None:
        """Show how loud the glasses' microphone is, in dB below full scale."""
        ...
