"""What was heard into the journal, then into events and captions.

A finished sentence is saved before it is reported or shown. Where it cannot be saved it is shown all the same, with a
warning; it is kept in memory, tried again with each new entry, and reported when it is on the disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from host.contracts import Hypothesis, JournalEntry
from host.errors import DiskFullError, HostError, StoreError
from host.events import ErrorReport, Event, Gap, Notice, Partial, Sentence
from host.transcribe.captions import CaptionEvent, Lost, Said, Status
from host.transcribe.framing import Missing
from host.transcribe.hearing import Failed, Heard, Outcome

__all__ = ["Scribe"]

_UNSAVED = 10_000
"""Entries kept in memory while they cannot be saved, the oldest given up beyond: some ten hours of talk."""

_SHOWN_GAP_S = 0.5
"""Gaps from here on have a line on the lens; all are in the transcript."""


class Scribe:
    """Writes one recording down; calls are made one after another."""

    def __init__(
        self,
        add: Callable[[JournalEntry], Awaitable[None]],
        report: Callable[[Event], None],
        language: str,
        now: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            add: saves an entry; raises StoreError, and may be called again with the same then.
            report: gets every event, in order.
            language: of sentences where the recogniser does not say.
            now: seconds since the program started.
        """
        self._add, self._report, self._language, self._now = add, report, language, now
        self._unsaved: deque[tuple[JournalEntry, Event]] = deque(maxlen=_UNSAVED)
        self._partial = ""
        self._trouble: StoreError | None = None
        self._warnings: dict[str, str] = {}

    async def take(self, outcome: Outcome) -> list[CaptionEvent]:
        """Write down what was heard next; what the lens should show of it. Cancelled, an entry may or may not be saved.

        Never raises for the store; `close` does.
        """
        match outcome:
            case Heard(hypothesis):
                shown = self._warning("recogniser", "")
                if hypothesis.final and hypothesis.text.strip():
                    shown += await self._save(*self._sentence(hypothesis))
                    self._partial = ""
                elif hypothesis.text.strip() or self._partial:  # what was shown may be taken back altogether
                    self._report(Partial(t=self._now(), text=hypothesis.text))
                    self._partial = hypothesis.text
                return [*shown, Said(hypothesis.text, hypothesis.final, hypothesis.speaker)]
            case Missing(start_s, end_s, reason):
                gap = Gap(t=self._now(), start_s=start_s, end_s=end_s, reason=reason)
                shown = await self._save(JournalEntry("gap", start_s, end_s, reason), gap)
                return [*shown, Lost(end_s - start_s)] if end_s - start_s >= _SHOWN_GAP_S else shown
            case Failed(error):
                self._tell(error, passing=error.retry)
                return self._warning("recogniser", "speech recognition fails")

    async def close(self) -> None:
        """Save what is left. Raises StoreError, DiskFullError: what could not be saved is lost."""
        if not self._unsaved:
            return
        await self._save_all()
        if self._trouble is not None:
            count = len(self._unsaved)
            what = f"{count} sentence{'s' * (count != 1)} and gaps" if count > 1 else "the last sentence"
            raise type(self._trouble)(f"{what} could not be saved: {self._trouble.message}", self._trouble.hint)

    def _sentence(self, heard: Hypothesis) -> tuple[JournalEntry, Sentence]:
        text, language = heard.text.strip(), heard.language or self._language
        start_s, end_s, confidence, speaker = heard.start_s, heard.end_s, heard.confidence, heard.speaker
        return (
            JournalEntry("sentence", start_s, end_s, text, language, confidence, speaker, heard.words),
            Sentence(
                t=self._now(), text=text, start_s=start_s, end_s=end_s, language=language, confidence=confidence,
                speaker=speaker,
            ),
        )  # fmt: skip

    async def _save(self, entry: JournalEntry, event: Event) -> list[CaptionEvent]:
        """Save an entry, after those that wait; the change of the warning on the lens."""
        self._unsaved.append((entry, event))
        before = self._trouble
        await self._save_all()
        after = self._trouble
        if after is not None:
            if before is None:
                self._tell(after)
            return self._warning("store", "disk full: not saved" if isinstance(after, DiskFullError) else "not saved")
        if before is not None:
            self._report(Notice(t=self._now(), code="saved-again", message="everything heard so far is saved again"))
        return self._warning("store", "")

    async def _save_all(self) -> None:
        self._trouble = None
        while self._unsaved and self._trouble is None:
            try:
                await self._add(self._unsaved[0][0])
            except StoreError as error:
                self._trouble = error
            else:
                self._report(self._unsaved.popleft()[1])

    def _tell(self, error: HostError, *, passing: bool = False) -> None:
        kind = Notice if passing else ErrorReport
        self._report(kind(t=self._now(), code=error.code, message=error.message, hint=error.hint))

    def _warning(self, about: str, text: str) -> list[CaptionEvent]:
        """Set or (empty) end a warning; the status line, if that changes it."""
        if self._warnings.get(about, "") == text:
            return []
        self._warnings[about] = text
        return [Status(next((w for w in self._warnings.values() if w), ""), warning=True)]
