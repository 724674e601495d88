"""Where an utterance begins and ends, from the probability of speech in each frame; pure.

    (state, probability of the next frame) -> (state, actions)

An utterance begins with enough frames of speech running, and includes what came shortly before, so that a soft first
sound is kept. It ends after a pause. A long one ends at the first frame that is quiet enough, where "enough" grows
from a pause to anything between the soft and the hard limit: a recogniser that has been fed cannot be told to forget,
so the quietest place has to be chosen without looking ahead. Frames are numbered from 0; their length is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Action", "Begin", "End", "Rules", "Segmenter", "broken", "heard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When to begin and to end. Counts are frames of 32 ms.

    Attributes:
        on: probability at which quiet becomes speech, 0 to 1; what Silero's authors use.
        off: probability below which speech becomes quiet, at most `on`.
        onset: frames of speech running that begin an utterance, at least 1; one alone is a click.
        pre_roll: frames before those that belong to it. 224 ms: a fricative is soft and up to 200 ms long.
        hangover: frames of quiet that end it. 512 ms: shorter ends sentences at a breath, and each one more is delay.
        soft_limit: frames after which a short pause is enough. 12 s.
        hard_limit: frames at which it ends wherever it is, more than `soft_limit`. 20 s.
    """

    on: float = 0.5
    off: float = 0.35
    onset: int = 2
    pre_roll: int = 7
    hangover: int = 16
    soft_limit: int = 375
    hard_limit: int = 625


@dataclass(frozen=True, slots=True)
class Segmenter:
    """State between two frames.

    Attributes:
        frame: number of the next frame.
        begun: first frame of the utterance being spoken; None in quiet.
        floor: first frame that may belong to the next utterance.
        run: frames running of speech (in quiet) or of quiet (in speech).
        cut: the last utterance was ended in the middle of speech, one frame ago.
    """

    frame: int = 0
    begun: int | None = None
    floor: int = 0
    run: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """An utterance begins with frame `first`, which may lie before the newest; all later ones belong to it."""

    first: int


@dataclass(frozen=True, slots=True)
class End:
    """The utterance ends before frame `end`."""

    end: int


Action = Begin | End


def heard(state: Segmenter, probability: float, rules: Rules) -> tuple[Segmenter, tuple[Action, ...]]:
    """Take the next frame.

    Args:
        state: as it was.
        probability: of speech in the frame, 0 to 1.
        rules: always the same.
    """
    frame = state.frame
    state = replace(state, frame=frame + 1)
    if state.cut:
        state = replace(state, cut=False)
        if probability >= rules.off:
            return replace(state, begun=frame), (Begin(frame),)
    if state.begun is None:
        run = state.run + 1 if probability >= rules.on else 0
        if run < rules.onset:
            return replace(state, run=run), ()
        first = max(state.floor, frame + 1 - rules.onset - rules.pre_roll)
        return replace(state, begun=first, run=0), (Begin(first),)
    run = state.run + 1 if probability < rules.off else 0
    length = frame + 1 - state.begun
    if run < rules.hangover and not _long_enough(length, probability, rules):
        return replace(state, run=run), ()
    end = frame + 1
    return Segmenter(frame=end, floor=end, cut=run == 0), (End(end),)


def broken(state: Segmenter, frames: int = 0) -> tuple[Segmenter, tuple[Action, ...]]:
    """Sound breaks off: end what is being spoken, and count `frames` frames that cannot be heard."""
    after = state.frame + frames
    actions = (End(state.frame),) if state.begun is not None else ()
    return Segmenter(frame=after, floor=after), actions


def _long_enough(length: int, probability: float, rules: Rules) -> bool:
    if length < rules.soft_limit:
        return False
    part = (length - rules.soft_limit) / (rules.hard_limit - rules.soft_limit)
    return length >= rules.hard_limit or probability < rules.off + (1 - rules.off) * part
