"""Frames of sound into hypotheses: voice activity, utterances, a recogniser, and what to do when it fails.

Where voices can be told apart, a finished sentence is given its speaker before it is passed on (`attribution`).
Where a recogniser finds the ends of sentences itself, it gets all sound. Else `segment` finds utterances, and it gets
those only; its times, which count what it was fed, are put back to their place in the recording.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from host.contracts import Hypothesis, Recogniser, RecogniserSession, VoiceActivity
from host.errors import BackendError
from host.transcribe import segment
from host.transcribe.attribution import Attribution, Untold, VoicesHeard
from host.transcribe.controls import Marked, Paused
from host.transcribe.framing import FRAME_S, Break, Frame, Missing
from host.transcribe.times import StageTimes

__all__ = ["NOT_RECOGNISED", "Failed", "Heard", "Hearing", "Outcome", "is_rewording", "unfinished"]

_WHOLE_UTTERANCES = segment.Rules(soft_limit=156, hard_limit=281)
"""For a recogniser that answers only at the end of an utterance: 5 and 9 s, so that a reader does not wait longer."""

_DEAF_FRAMES = 156
"""Sound left out after a recogniser that finds sentences itself has failed, before it is tried again: 5 s."""

NOT_RECOGNISED = "not recognised"
"""Reason of a gap where there is sound, but the recogniser failed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A hypothesis, and when it passed the stages so far."""

    hypothesis: Hypothesis
    times: StageTimes


@dataclass(frozen=True, slots=True)
class Failed:
    """The recogniser failed, and will be tried again."""

    error: BackendError


Outcome = Heard | Missing | Failed | VoicesHeard | Untold | Marked | Paused


class Hearing:
    """One recording being heard; calls are made one after another."""

    def __init__(
        self,
        recogniser: Recogniser,
        voice: VoiceActivity | None,
        language: str,
        emit: Callable[[Outcome], Awaitable[None]],
        *,
        live: bool,
        clock: Callable[[], float],
        voices: Attribution | None = None,
    ) -> None:
        """Prepare; `open` before the first frame.

        Args:
            recogniser: shared with others, not closed here.
            voice: for this recording alone; None where the recogniser finds sentences itself.
            language: ISO 639-1 code.
            emit: gets what was heard, in order, as soon as it was.
            live: True where sound cannot be had again: then a recogniser that fails for good is opened anew with the
                next utterance, again and again. Else the failure ends the recording.
            clock: the event loop's time.
            voices: of this recording, if they are to be told apart.
        """
        self._recogniser, self._voice, self._language = recogniser, voice, language
        self._emit, self._live, self._clock, self._voices = emit, live, clock, voices
        self._rules = segment.Rules() if recogniser.info.streaming else _WHOLE_UTTERANCES
        self._session: RecogniserSession | None = None
        self._segmenter = segment.Segmenter()
        self._recent: deque[Frame] = deque(maxlen=self._rules.onset + self._rules.pre_roll)
        self._position = 0  # frames of the recording so far
        self._expected = 0  # the frame that the session takes the next one for
        self._shift_s = 0.0  # from the session's times to the recording's
        self._begun = 0  # first frame of the sentence being spoken
        self._deaf = False  # the recogniser failed in this sentence
        self._deaf_until = 0
        self._newest: tuple[Frame, float, float] | None = None  # with when it was taken, and judged

    async def open(self) -> None:
        """Start the recogniser. Raises LanguageError, BackendError."""
        await self._open(0)

    async def take(self, item: Frame | Missing | Break) -> None:
        """Hear what comes next in the recording. Cancelled, close it.

        Raises:
            BackendError: the recogniser failed for good and the sound can be had again.
        """
        if self._voices is not None and isinstance(item, Frame):
            self._voices.keep(item)
        match item:
            case Missing():
                await self._emit(item)
            case Break(frames):
                await self._break(frames)
            case Frame() if self._voice is None:
                await self._all(item)
            case Frame():
                await self._utterances(item, self._voice)

    async def finish(self) -> None:
        """The recording has ended: hear what is left of its last sentence. Raises BackendError as `take` does."""
        await self._break(0)

    async def close(self) -> None:
        """Release the recogniser's session. Never raises."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _open(self, frame: int) -> RecogniserSession:
        self._session = await self._recogniser.open(self._language, start_s=frame * FRAME_S)
        self._expected = frame
        return self._session

    async def _all(self, frame: Frame) -> None:
        """A frame for a recogniser that finds sentences itself."""
        if self._deaf and frame.index >= self._deaf_until:
            await self._unheard()
        self._position = frame.index + 1
        now = self._clock()
        self._newest = frame, now, now
        await self._feed(frame)

    async def _utterances(self, frame: Frame, voice: VoiceActivity) -> None:
        """A frame for a recogniser that is told where utterances are."""
        self._position = frame.index + 1
        taken_s = self._clock()
        speaking = self._segmenter.begun is not None
        self._segmenter, actions = segment.heard(self._segmenter, voice.probability(frame.samples), self._rules)
        self._newest = frame, taken_s, self._clock()
        if speaking:
            await self._feed(frame)
        self._recent.append(frame)
        for action in actions:
            match action:
                case segment.End():
                    await self._end()
                case segment.Begin(first):
                    self._begun = first
                    for early in [f for f in self._recent if f.index >= first]:
                        await self._feed(early)

    async def _break(self, frames: int) -> None:
        """Sound breaks off, and `frames` that cannot be heard follow."""
        speaking = self._voice is None or self._segmenter.begun is not None
        self._segmenter, _ = segment.broken(self._segmenter, frames)
        self._recent.clear()
        if speaking:
            await self._end()
        if self._voice is None and frames:
            await self.close()  # it counts what it hears, and would be behind
        self._position += frames
        self._begun = self._position

    async def _feed(self, frame: Frame) -> None:
        if self._deaf:
            return
        try:
            session = self._session or await self._open(frame.index)
            self._shift_s = (frame.index - self._expected) * FRAME_S
            self._expected += 1
            heard = await session.feed(frame.samples)
        except BackendError as error:
            await self._failed(error)
        else:
            await self._pass_on(heard)

    async def _end(self) -> None:
        """The sentence ends with the newest frame."""
        if not self._deaf and self._session is not None:
            try:
                heard = await self._session.end_utterance()
            except BackendError as error:
                await self._failed(error)
            else:
                await self._pass_on(heard)
        await self._unheard()

    async def _failed(self, error: BackendError) -> None:
        """The rest of this sentence is not recognised; the next one is tried."""
        if not error.retry:
            await self.close()
            if not self._live:
                raise error
        self._deaf = True
        self._deaf_until = self._position + _DEAF_FRAMES
        await self._emit(Failed(error))

    async def _unheard(self) -> None:
        """If the recogniser failed in this sentence: what it failed on, up to here, is a gap."""
        if self._deaf:
            self._deaf = False
            begun, self._begun = self._begun, self._position
            await self._emit(Missing(begun * FRAME_S, self._position * FRAME_S, NOT_RECOGNISED))

    async def _pass_on(self, hypotheses: Iterable[Hypothesis]) -> None:
        now = self._clock()
        for hypothesis in hypotheses:
            placed, news = _shifted(hypothesis, self._shift_s), None
            if self._voices is not None and placed.final and placed.text.strip() and placed.speaker is None:
                placed, news = await self._voices.told(placed)
            await self._emit(Heard(placed, self._times_of(hypothesis, now)))
            if news is not None:
                await self._emit(news)
            if hypothesis.final and self._voice is None:
                self._begun = self._position

    def _times_of(self, hypothesis: Hypothesis, now: float) -> StageTimes:
        assert self._newest is not None, "something was heard"  # noqa: S101
        frame, taken_s, judged_s = self._newest
        return StageTimes(
            text=hypothesis.text,
            final=hypothesis.final,
            sound_end_s=(frame.index + 1) * FRAME_S,
            spoken_s=frame.heard_at_s,
            arrived_s=frame.arrived_at_s,
            taken_s=taken_s,
            judged_s=judged_s,
            recognised_s=now,
        )


def is_rewording(old: Outcome, new: Outcome) -> bool:
    """True if `old` is a partial that `new` makes superfluous."""
    return isinstance(old, Heard) and not old.hypothesis.final and isinstance(new, Heard)


def unfinished(outcome: Outcome, before: str) -> str:
    """The words of the sentence being spoken after this outcome; empty once it is finished."""
    if not isinstance(outcome, Heard):
        return before
    return "" if outcome.hypothesis.final else outcome.hypothesis.text


def _shifted(hypothesis: Hypothesis, by_s: float) -> Hypothesis:
    """The hypothesis at its place in the recording, to the millisecond."""

    def at(seconds: float) -> float:
        return round(seconds + by_s, 3)

    return replace(
        hypothesis,
        start_s=at(hypothesis.start_s),
        end_s=at(hypothesis.end_s),
        words=tuple(replace(w, start_s=at(w.start_s), end_s=at(w.end_s)) for w in hypothesis.words),
    )
