"""PocketSphinx with the English model in its wheel: streaming, needs no download, and rough.

What decides how rough (`tests/host/backends/test_pocketsphinx.py` holds the promises, `sidelight bench captions` the
figures):

- **The mean of the cepstrum.** The decoder subtracts the channel's mean from every frame, and when it is fed as sound
  comes, it starts from a guess and corrects it only after eight seconds. With a wrong mean every second word is wrong.
  So the mean is measured: once two seconds of an utterance are there (or all of a shorter one), their own mean is taken
  by a second, tiny decoder that only computes features, and the utterance so far is decoded again with it. Until then
  the mean of the utterance before it serves.
- **Digital silence** has no logarithm: the decoder skips such frames without saying so. Noise of 3 LSB, far below any
  microphone's, is added. It is the same for the same place in an utterance.
- **Passes.** The second pass (`fwdflat`) costs a third of a second after the last word and gains nothing measurable;
  the third (`bestpath`) costs milliseconds and gives the words' posteriors.
- **Posteriors** are weak: above 0.99 words are nearly always right, below 0.5 still half of them.

The text of an utterance depends on its samples and the mean of the one before it, not on how they were cut: the decoder
is fed in blocks counted from the utterance's start, and its feature extraction is reset for each.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.backends.local import RATE_HZ, LocalRecogniser, require_language
from host.config import Settings
from host.contracts import Hypothesis, RecogniserInfo, Samples, Word
from host.errors import BackendError

__all__ = ["INFO", "PocketsphinxEngine", "notices", "start"]

INFO: Final = RecogniserInfo(
    name="pocketsphinx",
    languages=("en",),
    streaming=True,
    segments=False,
    local=True,
    quality="rough (about one word in three wrong)",
    licence="BSD-2-Clause, code and model",
)

_BLOCK: Final = 800  # samples, 50 ms: what a partial hypothesis waits for at most
_SETTLE: Final = 2 * RATE_HZ  # samples after which an utterance's own mean is good enough
_NOISE_LSB: Final = 3.0  # standard deviation, -81 dB of full scale
_FRAME_S: Final = 0.01  # the decoder's frame

# Where a session starts before anything was heard: about the middle of what recordings at usual levels measure.
_FIRST_MEAN: Final = "55,3.4,-3,17,-13,1,-7,-13,0,0,0,0,0"

_FILLER: Final = re.compile(r"^(<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT: Final = re.compile(r"\(\d+\)$")  # "read(2)" is "read", said the other way


async def start(
    settings: Settings,
    _environment: Mapping[str, str],
    on_cpu: Callable[[float], None] | None,
) -> LocalRecogniser:
    """Load the bundled model in a process of its own. Raises LanguageError, BackendError."""
    require_language(INFO, settings.language)
    return await LocalRecogniser.start(INFO, PocketsphinxEngine, on_cpu=on_cpu)


def notices(_settings: Settings) -> list[tuple[str, str, str]]:
    """What a user should know beyond its roughness, which the registry tells."""
    return []


@dataclass(slots=True)
class _Stream:
    """One session: a decoder of its own, and the utterance it is in."""

    decoder: Any
    mean: str = _FIRST_MEAN
    begun: int | None = None  # sample of the recording with which the utterance begins
    held: list[Samples] = field(default_factory=list)  # less than a block
    early: list[Samples] = field(default_factory=list)  # the blocks so far, until the mean has settled
    blocks: int = 0
    shown: str = ""


class PocketsphinxEngine:
    """The half in the child process."""

    def __init__(self) -> None:
        """Load the model, in about half a second. Raises BackendError."""
        try:
            import pocketsphinx  # noqa: PLC0415 - imported when used

            self._library: Any = pocketsphinx
            self._ears = self._feature_decoder()
            self._spare = [self._new_decoder()]
        except Exception as error:
            raise BackendError(
                f"pocketsphinx cannot be loaded: {error}",
                "Install it again: pip install --force-reinstall pocketsphinx",
            ) from error
        self._streams: dict[int, _Stream] = {}
        noise = np.random.default_rng(0).normal(0.0, _NOISE_LSB, 1 << 16)
        self._noise = np.rint(noise).astype(np.int16)

    def feed(self, session: int, position: int, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; each new wording of the utterance so far."""
        stream = self._streams.get(session) or self._open(session)
        if stream.begun is None:
            stream.begun = position
            self._begin(stream.decoder, stream.mean)
        out: list[Hypothesis] = []
        held = np.concatenate([*stream.held, samples])
        while len(held) >= _BLOCK:
            self._take(stream, held[:_BLOCK])
            held = held[_BLOCK:]
            words = self._words(stream)
            text = _text(words)
            if text != stream.shown and text:
                stream.shown = text
                out.append(_hypothesis(words, final=False))
        stream.held = [held]
        return out

    def end(self, session: int) -> list[Hypothesis]:
        """Finish the utterance; nothing where no word was heard."""
        stream = self._streams.get(session)
        if stream is None or stream.begun is None:
            return []
        held = np.concatenate([np.empty(0, np.int16), *stream.held])
        if len(held):
            self._take(stream, held)
        if stream.early:
            self._settle(stream)
        stream.decoder.end_utt()
        words, shown, begun_s = self._words(stream), stream.shown, stream.begun / RATE_HZ
        stream.begun, stream.held, stream.early, stream.blocks, stream.shown = None, [], [], 0, ""
        if words:
            return [_hypothesis(words, final=True)]
        # What was shown was no word after all: take it back.
        return [Hypothesis("", final=True, start_s=begun_s, end_s=begun_s)] if shown else []

    def close(self, session: int) -> None:
        """Forget the session; its decoder waits for the next."""
        stream = self._streams.pop(session, None)
        if stream is not None:
            if stream.begun is not None:
                stream.decoder.end_utt()
            self._spare.append(stream.decoder)

    def _open(self, session: int) -> _Stream:
        self._streams[session] = _Stream(self._spare.pop() if self._spare else self._new_decoder())
        return self._streams[session]

    def _take(self, stream: _Stream, block: Samples) -> None:
        """Decode a block, the last of an utterance perhaps shorter."""
        at = stream.blocks * _BLOCK
        noise = self._noise[np.arange(at, at + len(block)) % len(self._noise)]
        noisy = np.clip(block.astype(np.int32) + noise, -32768, 32767).astype(np.int16)
        settled = stream.blocks > 0 and not stream.early
        stream.blocks += 1
        stream.decoder.process_raw(noisy.tobytes(), False, False)
        if not settled:
            stream.early.append(noisy)
            if stream.blocks * _BLOCK >= _SETTLE:
                self._settle(stream)

    def _settle(self, stream: _Stream) -> None:
        """Measure the mean of what has been heard of the utterance, and decode that again with it."""
        sound = np.concatenate(stream.early)
        self._ears.reinit_feat()
        self._ears.start_utt()
        self._ears.process_raw(sound.tobytes(), True, True)
        stream.mean = self._ears.get_cmn(False)
        self._ears.end_utt()
        stream.decoder.end_utt()
        self._begin(stream.decoder, stream.mean)
        for block in stream.early:
            stream.decoder.process_raw(block.tobytes(), False, False)
        stream.early = []

    def _words(self, stream: _Stream) -> tuple[Word, ...]:
        """The words of the best hypothesis, at their places in the recording."""
        if stream.decoder.hyp() is None:
            return ()
        assert stream.begun is not None, "in an utterance"  # noqa: S101
        begun_s = stream.begun / RATE_HZ
        return tuple(
            Word(
                _VARIANT.sub("", segment.word),
                round(begun_s + segment.start_frame * _FRAME_S, 3),
                round(begun_s + (segment.end_frame + 1) * _FRAME_S, 3),
                min(1.0, max(0.0, segment.prob)),
            )
            for segment in stream.decoder.seg()
            if not _FILLER.match(segment.word)
        )

    def _begin(self, decoder: Any, mean: str) -> None:
        decoder.reinit_feat()  # noise tracking would carry the utterance before over into this one
        decoder.set_cmn(mean)
        decoder.start_utt()

    def _new_decoder(self) -> Any:
        """A decoder with the bundled model, about 90 MB."""
        decoder = self._library.Decoder(fwdflat=False, loglevel="FATAL")
        # The first utterance of a decoder is scored a little differently from all others: let it be this one.
        self._begin(decoder, _FIRST_MEAN)
        decoder.process_raw(np.random.default_rng(0).integers(-9, 9, RATE_HZ // 4, np.int16).tobytes(), False, False)
        decoder.end_utt()
        return decoder

    def _feature_decoder(self) -> Any:
        """A decoder that knows one word, for measuring means: 5 MB, and it costs nothing to run."""
        with tempfile.TemporaryDirectory() as folder:
            dictionary = Path(folder) / "one.dict"
            dictionary.write_text("a AH\n", encoding="ascii")
            return self._library.Decoder(
                hmm=self._library.get_model_path("en-us/en-us"),
                dict=str(dictionary),
                lm=None,
                keyphrase="a",
                loglevel="FATAL",
            )


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def _hypothesis(words: tuple[Word, ...], *, final: bool) -> Hypothesis:
    known = [word.confidence for word in words if word.confidence is not None]
    return Hypothesis(
        text=_text(words),
        final=final,
        start_s=words[0].start_s,
        end_s=words[-1].end_s,
        words=words,
        confidence=sum(known) / len(known) if final and known else None,
        language="en",
    )
