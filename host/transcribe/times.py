"""When one hypothesis passed each stage, from the mouth to the lens; pure. What latency figures are made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["StageTimes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTimes:
    """The way of one hypothesis. All times are the event loop's, in seconds; 0.0 where the stage was left out.

    A hypothesis is timed with the newest sound its recogniser had been given. The time from the end of a word to that
    sound (what the recogniser waited for) is found by the word's place in the recording and `sound_end_s`.

    Attributes:
        text: of the hypothesis.
        final: whether it is the last wording.
        sound_end_s: place in the recording where the sound given to the recogniser ends.
        spoken_s: that sound's last sample was spoken.
        arrived_s: it came out of the microphone: the radio is in between.
        taken_s: the stage that hears took it: waiting for the recogniser is in between.
        judged_s: voice activity had judged it.
        recognised_s: the recogniser had answered.
        written_s: the stage that writes took it.
        saved_s: a final was on the disk.
        drawn_s: the picture was laid out.
        shown_s: the lens had it, or a newer one.
    """

    text: str
    final: bool
    sound_end_s: float
    spoken_s: float
    arrived_s: float
    taken_s: float
    judged_s: float
    recognised_s: float
    written_s: float = 0.0
    saved_s: float = 0.0
    drawn_s: float = 0.0
    shown_s: float = 0.0
