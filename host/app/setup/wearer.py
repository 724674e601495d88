"""Whom setup asks."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Nobody", "Wearer"]


class Wearer(Protocol):
    """Who is asked, and looks, speaks and taps."""

    @property
    def answers(self) -> bool:
        """Whether questions can be asked: there is a terminal, and nobody said that they are not to be."""
        ...

    async def ask(self, question: str, default: str = "") -> str:
        """One line of answer; `default` where nothing was typed. Raises UsageError where the terminal has ended."""
        ...

    def tell(self, text: str, hint: str = "") -> None:
        """Say what happens, or what to do; `hint` is a sentence of its own."""
        ...

    def level(self, level_db: float) -> None:
        """Show how loud the glasses' microphone is, in dB below full scale."""
        ...


class Nobody:
    """Who wears emulated glasses: nobody answers, speaks or taps; how loud it is, is shown to whoever tries them."""

    answers = False

    def __init__(self, there: Wearer) -> None:
        """`there` is who sits before the terminal."""
        self._there = there

    async def ask(self, question: str, default: str = "") -> str:  # noqa: ARG002 - the contract's
        """What is proposed."""
        return default

    def tell(self, text: str, hint: str = "") -> None:
        """Nobody is told what to do."""

    def level(self, level_db: float) -> None:
        """Show how loud it is."""
        self._there.level(level_db)
