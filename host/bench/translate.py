"""`sidelight bench translate`: what translations cost on the link, and how soon they are on the lens.

Bytes: twenty sentences in English, Chinese and Arabic, in the size of captions, and as cards have them: large (Chinese
normal, which is as easily read), without and with the original below, small; counted as by `bench text`.

Time: sentences are said into the emulated Frame's microphone and go the way of `translate --listen`, from the final
text to the lens that shows the translation. Our own stages (saving, laying out) are measured in CPU time, so that other
load does not count; link and lens are the emulator's, in virtual time; recogniser and translator are replaced by ones
that answer at once, and measured apart, on the demo's questions.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from host.app.demo_speech import questions
from host.app.glasses import GlassesLens, GlassesMicrophone
from host.app.translate import Observer, interpreter
from host.backends import registry
from host.backends.scripted import ScriptedRecogniser
from host.bench.lens_rig import COSTS_HEAD, LIMIT, costs_of, costs_row, fonts_for, only_glyphs
from host.bench.link_captions import spread
from host.bench.sentences import SENTENCES
from host.config import Settings
from host.contracts import Recogniser, SpeechInterpreter, Translation, Word
from host.events import Event, Sentence
from host.lens.cards import FontOf
from host.lens.display_list import DisplayList
from host.lens.font import Font
from host.lens.shape import FRAME
from host.lens.shaping import TextSize
from host.store.journal import SqliteJournal
from host.transcribe.bilingual_captions import BilingualStyle
from host.transcribe.pipeline import Parts, Transcription
from host.transcribe.times import StageTimes
from host.translate.bilingual import Bilingual, bilingual_cards
from host.translate.speech import OneWay

__all__ = ["add_arguments", "costs", "run"]

OWN_LIMIT_MS: Final = 250  # from final text to the lit lens, recogniser and translator left out, p95
WORD_S: Final = 0.3
SENTENCE_S: Final = 6.0  # from one to the next: nothing waits until the one before it has been read
SHOWN: Final[tuple[tuple[TextSize, bool], ...]] = (("normal", False), ("large", False), ("large", True))
"""Size of a translation, and whether its original stands below: as a caption, and as cards have them."""

WAITING: Final = ("cloudblue", "skyblue")
"""Colours of what is not translated yet (`BilingualStyle.live`, `BilingualStyle.heard`)."""

OTHER: Final = {"en": "zh", "zh": "en", "ar": "en"}
"""The language of the originals, by that of their translations."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench translate`."""
    parser.add_argument("--transcriber", default="pocketsphinx", help="recogniser to time (default pocketsphinx)")
    parser.add_argument("--translator", default="phrasebook", help="translator to time (default phrasebook)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; tables by `line`, and their rows as JSON values.

    Raises:
        HostError: text cannot be shaped here, or the recogniser or translator that is to be timed is missing.
        ImportError: the emulator is not installed.
    """
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - the Lua VM is loaded when it is used

    rows = costs(line)
    line("")
    line(
        "from the final text of an English sentence to the lens that shows it in Chinese, without the translator's time"
    )
    line(f"{'device':<8} {'stage':<11} {'p50':>8} {'p95':>8} {'max':>8}")
    for device, slow in (("nominal", False), ("slow", True)):
        ways = run_virtual(_measure(_Said(slow=slow)))
        for stage in ("own stages", "link", "lens", "all"):
            row = _times(stage, [getattr(way, stage.replace(" ", "_")) for way in ways])
            met = row["p95_ms"] <= OWN_LIMIT_MS if stage == "all" else None
            rows.append({"device": device, **row, "met": met})
            verdict = "" if met is None else f"   p95 at most {OWN_LIMIT_MS} ms: {'yes' if met else 'NO'}"
            line(f"{device:<8} {stage:<11} {_row(row)}{verdict}")
    line("")
    line("beside these, on this computer, for the questions of the demo")
    ways = run_virtual(_measure(_Questions(args.transcriber, args.translator)), charge_compute=True)
    for stage, name in (("recogniser", args.transcriber), ("translator", args.translator)):
        row = {"name": name, **_times(stage, [getattr(way, stage) for way in ways])}
        rows.append(row)
        line(f"{stage:<11} {name:<14} {_row(row)}")
    line("a recogniser's time is from the end of a sentence to its final text, with the silence that shows the end")
    return rows


# --- bytes ------------------------------------------------------------------------------------------------------------


def costs(line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Bytes on the link; a table by `line`, and its rows as JSON values.

    Raises:
        BackendMissingError, FontError: text cannot be shaped here.
    """
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - as above

    rows: list[dict[str, Any]] = []
    text = fonts_for(SENTENCES)
    line("bytes both ways for cards with 20 translations, and their share of what the lines cost as 1-bit pictures")
    line(f"{'':<4} {'shown as':<20} {COSTS_HEAD}")
    for language in SENTENCES:
        for size, original in SHOWN:
            shown = _cards(language, text.card_font, size, original=original)
            glyphs = _cards(language, lambda tag, size: only_glyphs(text.card_font(tag, size)), size, original=original)
            found = run_virtual(costs_of(shown, glyphs))
            met = found["warm_share"] <= LIMIT if language == "zh" else None
            rows.append({"language": language, "size": size, "original": original, **found, "met": met})
            line(f"{language:<4} {size + (' with original' if original else ''):<20} {costs_row(found, met=met)}")
    return rows


def _cards(language: str, font_of: FontOf, size: TextSize, *, original: bool) -> list[DisplayList]:
    """Cards with the sentences in a language, translated from another; the translation in this size."""
    other = OTHER[language]
    pairs = zip(SENTENCES[other], SENTENCES[language], strict=True)
    both = (Bilingual(source, target, other, language, "bench") for source, target in pairs)

    def sized(tag: str, wanted: TextSize) -> Font:
        return font_of(tag, size if wanted == "large" else wanted)

    return [card for one in both for card in bilingual_cards(one, sized, FRAME, original=original)]


# --- time -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    """Seconds that one sentence spent in each stage.

    Attributes:
        recogniser: from its end, as spoken, to its final text.
        translator: by the wall clock.
        own_stages: CPU time of this process from the final text to the picture that is given to the lens, the
            translator left out; the emulator's computing meanwhile is in it, so it is rather more than they take.
        link: from the final text until the glasses have that picture, and the one with the original before it.
        lens: until it is lit.
    """

    recogniser: float
    translator: float
    own_stages: float
    link: float
    lens: float

    @property
    def all(self) -> float:
        """From the final text to the lit lens, without the translator."""
        return self.own_stages + self.link + self.lens


@dataclass(frozen=True, slots=True)
class _Said:
    """The sentences of the benchmark: what is heard and how it is translated stands in a table."""

    slow: bool
    target: str = "zh"
    uri: str = ""

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Recogniser, SpeechInterpreter]]:
        said = [sentence.split() for sentence in SENTENCES["en"]]
        starts = [SENTENCE_S * (1 + n) for n in range(len(said))]
        script = [
            [Word(word, at + WORD_S * k, at + WORD_S * (k + 0.8)) for k, word in enumerate(words)]
            for at, words in zip(starts, said, strict=True)
        ]
        yield ScriptedRecogniser(script), _Table(dict(zip(SENTENCES["en"], SENTENCES["zh"], strict=True)))

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return SENTENCE_S * (len(SENTENCES["en"]) + 2)


@dataclass(frozen=True, slots=True)
class _Questions:
    """The demo's recording, with a real recogniser and translator."""

    transcriber: str
    translator: str
    slow: bool = False
    target: str = "es"
    seconds: float = 60.0
    uri: str = f"&mic={questions()}"

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Recogniser, SpeechInterpreter]]:
        from firmware_bridge.emulator import report_compute  # noqa: PLC0415 - as above

        settings = replace(Settings(), transcriber=self.transcriber, translator=self.translator)
        translating, translators = interpreter(settings, Observer(event=lambda _event: None, elapsed=lambda: 0.0))
        recogniser = (await registry.open_recogniser(settings, os.environ, on_cpu=report_compute)).recogniser
        try:
            await translators.for_pair("en", self.target)  # loaded before anybody speaks
            yield recogniser, OneWay(translating, "en", self.target)
        finally:
            await recogniser.close()
            await translators.close()


async def _measure(said: _Said | _Questions) -> list[_Way]:
    """The ways of all sentences whose translation was lit before the next one came."""
    from firmware_bridge import Glasses  # noqa: PLC0415 - as above
    from firmware_bridge.emulator import EmulatorSource, parse_uri  # noqa: PLC0415 - as above

    loop = asyncio.get_running_loop()
    text = fonts_for([said.target])
    async with contextlib.AsyncExitStack() as stack:
        recogniser, translating = await stack.enter_async_context(said.opened())
        source = EmulatorSource(parse_uri(f"emulator:frame?slow={int(said.slow)}{said.uri}"))
        power_on = loop.time() - source.device.now()
        lit: list[float] = []
        source.device.display.observers.append(lambda at, _picture: lit.append(power_on + at))
        glasses = await stack.enter_async_context(Glasses(source))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        journal = SqliteJournal.open(folder, datetime.now(UTC))
        stack.callback(journal.close)
        watch = _Watch(translating, GlassesLens(glasses))
        style = BilingualStyle(font_of=text.card_font, shape=FRAME, language="en")
        parts = Parts(
            microphone=GlassesMicrophone(glasses),
            live=True,
            recogniser=recogniser,
            voice=None if recogniser.info.segments else registry.voice_activity(),
            journal=journal,
            lens=watch,
            style=style,
            interpreter=watch,
        )
        recording = Transcription(parts, "en", watch.told, elapsed=loop.time, on_times=watch.timed)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(said.seconds):
                await recording.run()
        heard = source.device.microphone.heard_at
        return [way for sentence in watch.sentences if (way := watch.way(sentence, heard, power_on, lit)) is not None]


class _Table:
    """Knows each translation before it is asked; a `SpeechInterpreter`."""

    def __init__(self, translations: Mapping[str, str]) -> None:
        self._translations = translations

    async def language_of(self, text: str, heard: str | None) -> str:  # noqa: ARG002 - the contract's
        return "en"

    async def try_out(self) -> None:
        """There is nothing to find out."""

    def target_of(self, language: str) -> str:  # noqa: ARG002 - the contract's
        return "zh"

    async def translate(self, text: str, language: str) -> Translation:  # noqa: ARG002 - the contract's
        return Translation(self._translations[text], "zh", "table")


class _Watch:
    """Stands before translator and lens, and writes down when what passes."""

    def __init__(self, translating: SpeechInterpreter, lens: GlassesLens) -> None:
        self._translating, self._lens = translating, lens
        self.shape = lens.shape
        self.sentences: list[Sentence] = []
        self._final: dict[str, StageTimes] = {}
        self._reported: dict[str, float] = {}
        self._answered: dict[str, tuple[float, float, float]] = {}  # CPU time; how long it took, wall and CPU
        self._shown: list[tuple[float, float]] = []  # pictures of translations: CPU time, and when they were there

    def told(self, event: Event) -> None:
        """An event."""
        if isinstance(event, Sentence):
            self.sentences.append(event)

    def timed(self, times: StageTimes) -> None:
        """The way of a hypothesis."""
        if times.final:
            self._final[times.text] = times

    async def language_of(self, text: str, heard: str | None) -> str:
        """As the interpreter has it; asked as soon as a text is final."""
        self._reported[text] = time.process_time()
        return await self._translating.language_of(text, heard)

    async def try_out(self) -> None:
        """As the interpreter has it."""
        await self._translating.try_out()

    def target_of(self, language: str) -> str:
        """As the interpreter has it."""
        return self._translating.target_of(language)

    async def translate(self, text: str, language: str) -> Translation:
        """As the interpreter has it."""
        before, computed = time.perf_counter(), time.process_time()
        try:
            return await self._translating.translate(text, language)
        finally:
            now = time.process_time()
            self._answered[text] = now, time.perf_counter() - before, now - computed

    async def show(self, picture: DisplayList) -> None:
        """As the lens has it."""
        asked = time.process_time()
        await self._lens.show(picture)
        if not any(item.colour in WAITING for item in picture.items):
            self._shown.append((asked, asyncio.get_running_loop().time()))

    def way(
        self, sentence: Sentence, heard_at: Callable[[int], float | None], power_on: float, lit: Sequence[float]
    ) -> _Way | None:
        """Seconds in each stage; None where one is not known."""
        text = sentence.text
        spoken, final = heard_at(round(sentence.end_s * 16000) - 1), self._final.get(text)
        if spoken is None or final is None or text not in self._answered:
            return None
        answered, took, computed = self._answered[text]
        shown = next((one for one in self._shown if one[0] >= answered), None)
        lit_s = next((at for at in lit if shown and at > shown[1]), None)
        if shown is None or lit_s is None:
            return None
        asked, done = shown
        return _Way(
            recogniser=final.recognised_s - power_on - spoken,
            translator=took,
            own_stages=asked - self._reported[text] - computed,
            link=done - final.recognised_s,
            lens=lit_s - done,
        )


def _times(stage: str, times: Sequence[float]) -> dict[str, Any]:
    figures = {key: round(1000 * value, 1) for key, value in spread(stage, times).items()}
    return {"stage": stage, "n": len(times), **{f"{key[-5:-2]}_ms": value for key, value in figures.items()}}


def _row(row: Mapping[str, Any]) -> str:
    return " ".join(f"{row[key]:>5.1f} ms" for key in ("p50_ms", "p95_ms", "max_ms")) + f"   of {row['n']}"
