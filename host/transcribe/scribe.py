"""What was heard, and its translation, into the journal, then into events and captions.

A finished sentence is saved before it is reported or shown. Where it cannot be saved it is shown all the same, with a
warning; it is kept in memory, tried again with each new entry, and reported when it is on the disk. Its translation
comes later, in a transaction of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from host import events
from host.contracts import Hypothesis, JournalEntry, Translation, Voice
from host.errors import DiskFullError, HostError, StoreError
from host.events import Bookmark, ErrorReport, Event, Gap, Notice, Partial, Sentence, SpeakerMerged
from host.transcribe.attribution import Untold, VoicesHeard
from host.transcribe.bilingual_captions import BilingualEvent, Translated
from host.transcribe.captions import Lost, Said, Status
from host.transcribe.controls import COMMAND, PAUSED, Marked, Paused
from host.transcribe.framing import Missing
from host.transcribe.hearing import Failed, Heard, Outcome

__all__ = ["Scribe", "Write"]

_UNSAVED = 10_000
"""Entries kept in memory while they cannot be saved, the oldest given up beyond: some ten hours of talk."""

_SHOWN_GAP_S = 0.5
"""Gaps from here on have a line on the lens; all are in the transcript."""


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be saved: an entry, or (with its sentence's number) a translation.

    Attributes:
        what: to be saved.
        number: of the sentence; 0 of other entries.
    """

    what: JournalEntry | Translation
    number: int = 0


class Scribe:
    """Writes one recording down; calls are made one after another."""

    def __init__(
        self,
        add: Callable[[Write], Awaitable[None]],
        keep_voices: Callable[[str, Sequence[Voice], Mapping[str, str]], Awaitable[None]],
        report: Callable[[Event], None],
        language: str,
        now: Callable[[], float],
        *,
        target_of: Callable[[str], str] | None = None,
    ) -> None:
        """Prepare.

        Args:
            add: saves an entry or a translation; raises StoreError, and may be called again with the same then.
            keep_voices: saves what the voices sound like; raises StoreError.
            report: gets every event, in order.
            language: of sentences where the recogniser does not say; empty if that is not known.
            now: seconds since the program started.
            target_of: the language that a sentence in a language is translated to; None where nothing is translated.
        """
        self._target_of, self._sentences = target_of, 0
        self._add, self._keep_voices, self._report = add, keep_voices, report
        self._language, self._now = language, now
        self._unsaved: deque[tuple[Write, Event]] = deque()
        self._given_up = 0  # of them, since the trouble began
        self._partial = ""
        self._trouble: StoreError | None = None
        self._warnings: dict[str, str] = {}
        self._voices: VoicesHeard | None = None  # not saved yet

    async def take(self, outcome: Outcome) -> list[BilingualEvent]:
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
                shown = await self._save(Write(JournalEntry("bookmark", at_s, at_s, "")), bookmark)
                return shown if any(self._warnings.values()) else [*shown, Status("bookmark set")]
            case Paused(on):
                code, message = ("paused", "paused: nothing is heard") if on else ("resumed", "listening again")
                self._report(Notice(t=self._now(), code=code, message=message))
                return self._warning("pause", "paused: tap twice to go on" if on else "")
            case VoicesHeard() | Untold():
                await self._voices_heard(outcome)
                return []

    async def translated(self, said: Said, start_s: float, translation: Translation) -> list[BilingualEvent]:
        """Write down the translation of a sentence; what the lens should show of it. As `take` otherwise.

        Args:
            said: the sentence, as `take` gave it.
            start_s: where it begins in the recording.
            translation: of it, or why there is none.
        """
        event = events.Translation(
            t=self._now(),
            source=said.text,
            target=translation.text,
            from_=said.language,
            to=translation.language,
            backend=translation.translator,
            uncertain=translation.uncertain,
            reason="; ".join(translation.doubts),
            keep_source=translation.keep_source,
            missing=translation.missing,
            start_s=start_s,
        )
        return [*await self._save(Write(translation, said.number), event), Translated(said.number, translation)]

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

    async def _heard(self, heard: Hypothesis) -> list[BilingualEvent]:
        shown: list[BilingualEvent] = [*self._warning("recogniser", "")]
        language = heard.language or self._language
        if heard.final and heard.text.strip():
            self._sentences += 1
            shown += await self._save(*self._sentence(heard, language))
            self._partial = ""
        elif heard.text.strip() or self._partial:  # what was shown may be taken back altogether
            self._report(Partial(t=self._now(), text=heard.text))
            self._partial = heard.text
        return [*shown, Said(heard.text, heard.final, heard.speaker, language, self._sentences)]

    async def _missing(self, missing: Missing) -> list[BilingualEvent]:
        start_s, end_s, reason = missing.start_s, missing.end_s, missing.reason
        gap = Gap(t=self._now(), start_s=start_s, end_s=end_s, reason=reason)
        shown = await self._save(Write(JournalEntry("gap", start_s, end_s, reason)), gap)
        lost = Lost(end_s - start_s, reason) if reason in {COMMAND, PAUSED} else Lost(end_s - start_s)
        return [*shown, lost] if end_s - start_s >= _SHOWN_GAP_S else shown

    async def _voices_heard(self, news: VoicesHeard | Untold) -> None:
        if isinstance(news, Untold):
            hint = news.error.hint or "Sentences are kept without speakers"
            self._report(Notice(t=self._now(), code="speakers-untold", message=news.error.message, hint=hint))
            return
        await self._save_voices(news)
        for gone, kept in news.merges:
            self._report(SpeakerMerged(t=self._now(), speaker=gone, into=kept))

    def _sentence(self, heard: Hypothesis, language: str) -> tuple[Write, Sentence]:
        text, target = heard.text.strip(), self._target_of(language) if self._target_of else ""
        start_s, end_s, confidence, speaker = heard.start_s, heard.end_s, heard.confidence, heard.speaker
        to_come = Translation("", target) if self._target_of else None
        entry = JournalEntry(
            "sentence", start_s, end_s, text, language, confidence, speaker, heard.words, translation=to_come
        )
        return (
            Write(entry, self._sentences),
            Sentence(
                t=self._now(), text=text, start_s=start_s, end_s=end_s, language=language, confidence=confidence,
                speaker=speaker,
            ),
        )  # fmt: skip

    async def _save(self, write: Write, event: Event) -> list[BilingualEvent]:
        """Save an entry, after those that wait; the change of the warning on the lens."""
        self._unsaved.append((write, event))
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

    def _warning(self, about: str, text: str) -> list[BilingualEvent]:
        """Set or (empty) end a warning; the status line, if that changes it."""
        if self._warnings.get(about, "") == text:
            return []
        self._warnings[about] = text
        return [Status(next((w for w in self._warnings.values() if w), ""), warning=True)]
