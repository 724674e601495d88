"""What knows languages: a language model, and which language a text is in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

__all__ = ["LanguageIdentifier", "LanguageModel", "Tool"]


@dataclass(frozen=True, slots=True)
class Tool:
    """Something without arguments that a language model may ask for.

    Attributes:
        name: of letters, digits, "_" and "-", at most 64.
        description: what it does.
    """

    name: str
    description: str


class LanguageModel(Protocol):
    """Answers questions in words. It gets no tools; what it is given to read is data, and so is its answer."""

    @property
    def name(self) -> str:
        """Model and where it runs, fit to be shown."""
        ...

    @property
    def local(self) -> bool:
        """True if nothing leaves this computer."""
        ...

    async def ask(self, instructions: str, text: str, *, as_json: bool = False) -> str:
        """One answer to `text`, following `instructions`; with `as_json` it should be one JSON object.

        Raises:
            BackendError: no answer, or none that is whole.
        """
        ...

    async def close(self) -> None:
        """Let go of it. Repeated calls do nothing. Never raises."""
        ...


class LanguageIdentifier(Protocol):
    """Tells which language a text is in."""

    async def identify(self, text: str, among: Collection[str] | None) -> tuple[str, float]:
        """The most likely language (ISO 639-1), of these where any are given, and how likely, 0 to 1.

        Raises:
            LanguageError: it knows none of these.
            BackendMissingError: its library is not installed.
        """
        ...
