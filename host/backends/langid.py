"""Which language a text is in, by py3langid (BSD-3-Clause): its model of 97 languages comes with it.

A few words are easily taken for a neighbour's language, so it is told which languages there can be.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection
from typing import Any, Final

from host.errors import BackendMissingError, LanguageError

__all__ = ["TextIdentifier"]

LONGEST: Final = 2000  # characters that are looked at; more tell nothing new


class TextIdentifier:
    """The `LanguageIdentifier` of `host/contracts`; its model is loaded with the first text (0.7 s, 100 MB)."""

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = asyncio.Lock()

    async def identify(self, text: str, among: Collection[str] | None) -> tuple[str, float]:
        """The most likely of these languages, or of all, and how likely. Raises LanguageError, BackendMissingError."""
        async with self._lock:
            return await asyncio.get_running_loop().run_in_executor(None, self._identified, text, among)

    def _identified(self, text: str, among: Collection[str] | None) -> tuple[str, float]:
        model = self._loaded()
        known = set(model.labels)
        wanted = known if among is None else known & set(among)
        if not wanted:
            raise LanguageError("the language of the text cannot be told from those it can be", "Name it: --from")
        model.set_languages(sorted(wanted))
        try:
            ranked = model.rank(text[:LONGEST])
        finally:
            model.set_languages(None)
        scores = [float(score) for _, score in ranked]
        best = max(range(len(scores)), key=scores.__getitem__)
        # Log-likelihoods of Bayes, or probabilities, as the library is set; either becomes a share of 1.
        share = 1.0 / sum(math.exp(min(0.0, score - scores[best])) for score in scores)
        return str(ranked[best][0]), share

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - imported when used
            except ImportError as error:
                raise BackendMissingError(
                    "telling the language of a text needs py3langid, which is not installed",
                    "Name the language (--from), or: pip install 'sidelight[translate]'",
                ) from error
            self._model = LanguageIdentifier.from_model_file(MODEL_FILE)
        return self._model
