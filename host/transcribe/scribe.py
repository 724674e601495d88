"""What was heard into the journal, then into events and captions.

A finished sentence is saved before it is reported or shown. Where it cannot be saved it is shown all the same, with a
warning; it is kept in memory, tried again with each new entry, and reported when it is on the disk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from host.contracts import Hypothesis, JournalEntry, Voice
from host.errors import DiskFullError, HostError, StoreError
from host.events import Bookmark, ErrorReport, Event, Gap, Notice, Partial, Sentence, SpeakerMerged
from host.transcribe.attribution import Untold, VoicesHeard
from host.transcribe.captions import CaptionEvent, Lost, Said, Status
from host.transcribe.controls import PAUSED, Marked, Paused
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
        keep_voices: Callable[[str, Sequence[Voice], Mapping[str, str]], Awaitable[None]],
        report: Callable[[Event], None],
        language: str,
        now: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            add: saves an entry; raises StoreError, and may be called again with the same then.
            keep_voices: saves what the voices sound like; raises StoreError.
            report: gets every event, in order.
            language: of sentences where the recogniser does not say; empty if that is not known.
            now: seconds since the program started.
        """
        self._add, self._keep_voices, self._report = add, keep_voices, report
        self._language, self._now = language, now
        self._unsaved: deque[tuple[JournalEntry, Event]] = deque()
        self._given_up = 0  # of them, since the trouble began
        self._partial = ""
        self._trouble: StoreError | None = None
        self._warnings: dict[str, str] = {}
        self._voices: VoicesHeard | None = None  # not saved yet

    async def take(self, outcome: Outcome) -> list[CaptionEvent]:
        """Write down what was heard next; what the lens should show of it. Cancelled, an entry may or may not be saved.

        Never raises for the store; `close` does.
        """
        match outcome:
            case Heard(hypothesis):
                return await self._heard(hypothesis)
            case Missing():
                return await self._missing(outcome)
            case Failed(error):
                self._tell(error, passing=error.retry)
                return self._warning("recogniser", "speech recognition fails")
            case Marked(at_s):
                bookmark = Bookmark(t=self._now(), start_s=at_s)
                shown = await self._save(JournalEntry("bookmark", at_s, at_s, ""), bookmark)
                return shown if any(self._warnings.values()) else [*shown, Status("bookmark set")]
            case Paused(on):
                code, message = ("paused", "paused: nothing is heard") if on else ("resumed", "listening again")
                self._report(Notice(t=self._now(), code=code, message=message))
                return self._warning("pause", "paused: tap twice to go on" if on else "")
            case VoicesHeard() | Untold():
                await self._voices_heard(outcome)
                return []

    async def close(self) -> None:
        """Save what is left. Raises StoreError, DiskFullError: what could not be saved is lost."""
        if self._unsaved:
            await self._save_all()
            if self._trouble is None:
                self._tell_saved()
        if self._unsaved and self._trouble is not None:
            count = len(self._unsaved) + self._given_up
            what = f"{count} sentences and gaps" if count > 1 else "the last sentence"
            raise type(self._trouble)(f"{what} could not be saved: {self._trouble.message}", self._trouble.hint)
        if self._voices is not None:
            await self._save_voices(self._voices)

    async def _heard(self, heard: Hypothesis) -> list[CaptionEvent]:
        shown = self._warning("recogniser", "")
        if heard.final and heard.text.strip():
            shown += await self._save(*self._sentence(heard))
            self._partial = ""
        elif heard.text.strip() or self._partial:  # what was shown may be taken back altogether
            self._report(Partial(t=self._now(), text=heard.text))
            self._partial = heard.text
        return [*shown, Said(heard.text, heard.final, heard.speaker)]

    async def _missing(self, missing: Missing) -> list[CaptionEvent]:
        start_s, end_s, reason = missing.start_s, missing.end_s, missing.reason
        gap = Gap(t=self._now(), start_s=start_s, end_s=end_s, reason=reason)
        shown = await self._save(JournalEntry("gap", start_s, end_s, reason), gap)
        lost = Lost(end_s - start_s, PAUSED) if reason == PAUSED else Lost(end_s - start_s)
        return [*shown, lost] if end_s - start_s >= _SHOWN_GAP_S else shown

    async def _voices_heard(self, news: VoicesHeard | Untold) -> None:
        if isinstance(news, Untold):
            hint = news.error.hint or "Sentences are kept without speakers"
            self._report(Notice(t=self._now(), code="speakers-untold", message=news.error.message, hint=hint))
            return
        await self._save_voices(news)
        for gone, kept in news.merges:
            self._report(SpeakerMerged(t=self._now(), speaker=gone, into=kept))

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
        if len(self._unsaved) > _UNSAVED:
            self._give_up_oldest()
        before = self._trouble
        await self._save_all()
        after = self._trouble
        if after is not None:
            if before is None:
                self._tell(after)
            return self._warning("store", "disk full: not saved" if isinstance(after, DiskFullError) else "not saved")
        if before is not None:
            self._tell_saved()
        return self._warning("store", "")

    async def _save_voices(self, news: VoicesHeard) -> None:
        """Save what the voices sound like, and whose labels were given up.

        Again with the next news or at the end where it cannot be, or where sentences with such a label wait: what is
        in the way says so itself.
        """
        self._voices = news
        try:
            await self._keep_voices(news.model, news.voices, news.merged)
        except StoreError:
            return
        self._voices = news if self._unsaved else None

    async def _save_all(self) -> None:
        self._trouble = None
        while self._unsaved and self._trouble is None:
            try:
                await self._add(self._unsaved[0][0])
            except StoreError as error:
                self._trouble = error
            else:
                self._report(self._unsaved.popleft()[1])

    def _give_up_oldest(self) -> None:
        self._unsaved.popleft()
        self._given_up += 1
        if self._given_up == 1:
            message = f"more than {_UNSAVED} sentences and gaps wait to be saved: the oldest are given up"
            self._report(ErrorReport(t=self._now(), code="given-up", message=message, hint="Free some disk space"))

    def _tell_saved(self) -> None:
        lost, self._given_up = self._given_up, 0
        message = f"everything heard so far is saved again{f', but for the oldest {lost}' if lost else ''}"
        self._report(Notice(t=self._now(), code="saved-again", message=message))

    def _tell(self, error: HostError, *, passing: bool = False) -> None:
        kind = Notice if passing else ErrorReport
        self._report(kind(t=self._now(), code=error.code, message=error.message, hint=error.hint))

    def _warning(self, about: str, text: str) -> list[CaptionEvent]:
        """Set or (empty) end a warning; the status line, if that changes it."""
        if self._warnings.get(about, "") == text:
            return []
        self._warnings[about] = text
        return [Status(next((w for w in self._warnings.values() if w), ""), warning=True)]
