"""A transcription with stand-ins, in virtual time, and everything that came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
from caption_parts import Embedder, Journal, Lens, Microphone, Recogniser, pause, said
from caption_parts import Voice as SpeechDetector

from firmware_bridge.emulator.clock import run_virtual
from host.contracts import SpeechInterpreter, Voice
from host.events import Event, Sentence
from host.lens.shape import FRAME
from host.transcribe.bilingual_captions import BilingualStyle
from host.transcribe.captions import Style
from host.transcribe.pipeline import Parts, Transcription
from host.transcribe.times import StageTimes

TALK = (pause(0.5), said("one", "two", "three"), pause(1.0), said("four", "five"), pause(1.0))


@dataclass
class Run:
    """A transcription and everything that came of it."""

    microphone: Microphone
    recogniser: Recogniser = field(default_factory=Recogniser)
    journal: Journal = field(default_factory=Journal)
    lens: Lens | None = None
    live: bool = True
    events: list[Event] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    times: list[StageTimes] = field(default_factory=list)
    saved_when_reported: list[int] = field(default_factory=list)
    sound: list[np.ndarray] | None = None
    embedder: Embedder | None = None
    known: tuple[Voice, ...] = ()
    took_s: float = 0.0
    interpreter: SpeechInterpreter | None = None
    style: BilingualStyle | None = None

    def make(self, font, **style) -> Transcription:
        self.lens = self.lens or Lens()

        def report(event: Event) -> None:
            self.events.append(event)
            if isinstance(event, Sentence):
                self.saved_when_reported.append(sum(e.kind == "sentence" for e in self.journal.entries))

        owner = self

        class Keeper:
            def write(self, samples):
                owner.sound.append(samples)

        made = Parts(
            microphone=self.microphone,
            live=self.live,
            recogniser=self.recogniser,
            voice=None if self.recogniser.info.segments else SpeechDetector(),
            journal=self.journal,
            lens=self.lens,
            style=self.style or Style(font=font, shape=FRAME, **style),
            sound=None if self.sound is None else Keeper(),
            embedder=self.embedder,
            known=self.known,
            interpreter=self.interpreter,
        )
        return Transcription(
            made,
            "en",
            report,
            elapsed=asyncio.get_running_loop().time,
            on_level=self.levels.append,
            on_times=self.times.append,
        )

    def go(self, font, **style) -> Run:
        async def main() -> None:
            try:
                await self.make(font, **style).run()
            finally:
                self.took_s = asyncio.get_running_loop().time()

        run_virtual(main())
        return self

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]
