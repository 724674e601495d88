"""PocketSphinx as a recogniser of fixed phrases that can say no.

A grammar alone takes anything for one of its phrases. So every utterance is decoded three times: with the grammar, with
the English language model, and with a loop of phones. What the grammar's path loses against the two others, by frame of
speech, is turned into a confidence by a logistic function; its weights were fitted on four espeak-ng voices
(`sidelight bench commands` measures on four others, at other speeds). It costs about a third of the sound's length in
CPU time.

The whole utterance is decoded at once, when it has ended: its own mean of the cepstrum is known then. Digital silence
has no logarithm, so faint noise is added.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.backends.local import RATE_HZ, LocalRecogniser
from host.contracts import Hypothesis, RecogniserInfo, Samples
from host.errors import BackendError

__all__ = ["INFO", "PocketsphinxCommands", "start"]

INFO: Final = RecogniserInfo(
    name="pocketsphinx",
    languages=("en",),
    streaming=False,
    segments=False,
    local=True,
    quality="fixed phrases only",
    licence="BSD-2-Clause, code and model",
)

LONGEST_S: Final = 10.0
"""What comes after is not heard: the longest phrase lasts three seconds."""

_SHORTEST_S: Final = 0.1
_NOISE_LSB: Final = 3.0  # standard deviation, -81 dB of full scale
_FRAME_S: Final = 0.01  # the decoder's frame
_NEVER: Final = -10_000_000.0  # in the decoder's logarithms: what underflowed

_WEIGHTS: Final = {
    "likelihood over words": 0.043,
    "path over words": 0.0477,
    "path over phones": 0.0415,
    "worst word": 0.0281,
    "worst word over words": 0.0269,
    "uncovered": -5.778,
    "alike": 1.1157,
}
_BIAS: Final = 0.509  # both fitted as by `sidelight bench commands --fit` (docs/commands.md)


async def start(phrases: Sequence[str], on_cpu: Callable[[float], None] | None = None) -> LocalRecogniser:
    """Load the bundled models, in a process of their own, to recognise these phrases. Raises BackendError."""
    return await LocalRecogniser.start(INFO, PocketsphinxCommands, tuple(phrases), on_cpu=on_cpu)


@dataclass(slots=True)
class _Stream:
    """An utterance that is being heard: where it began, and its sound."""

    begun: int
    heard: list[Samples] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Path:
    """A decoder's best path: what it says, its score with the model's weights, and its pieces.

    A piece is (word, first frame, last frame, acoustic score); scores are logarithms.
    """

    text: str
    score: float
    pieces: tuple[tuple[str, int, int, float], ...]

    @property
    def acoustic(self) -> float:
        return sum(score for *_, score in self.pieces)

    def mean(self, first: int, last: int) -> float:
        """Acoustic score a frame from the first frame to the last; a piece's score is even over its frames."""
        total = 0.0
        for _, begin, end, score in self.pieces:
            shared = min(last, end) - max(first, begin) + 1
            if shared > 0 and begin >= 0:
                total += score * shared / (end - begin + 1)
        return total / (last - first + 1)

    @property
    def words(self) -> list[tuple[str, int, int, float]]:
        return [piece for piece in self.pieces if piece[0] != "SIL" and piece[0][0] not in "<(+["]


class PocketsphinxCommands:
    """The half in the child process."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """Load the models, in about a second. Raises BackendError."""
        try:
            import pocketsphinx  # noqa: PLC0415 - imported when used

            self._fixed: Any = pocketsphinx.Decoder(lm=None, fwdflat=False, bestpath=False, loglevel="FATAL")
            # Words only for comparison: narrow beams, one pass.
            self._free: Any = pocketsphinx.Decoder(
                fwdflat=False, bestpath=False, maxhmmpf=1500, maxwpf=10, loglevel="FATAL"
            )
            rule = " | ".join(phrases)
            self._fixed.add_jsgf_string("phrases", f"#JSGF V1.0; grammar phrases; public <phrase> = {rule};")
            self._fixed.add_allphone_file(
                "phones", str(Path(pocketsphinx.get_model_path("en-us")) / "en-us-phone.lm.bin")
            )
            self._logarithm: Any = self._fixed.get_logmath()
        except Exception as error:
            raise BackendError(
                f"pocketsphinx cannot be loaded for commands: {error}",
                "Install it again: pip install --force-reinstall pocketsphinx",
            ) from error
        self._streams: dict[int, _Stream] = {}
        noise = np.random.default_rng(0).normal(0.0, _NOISE_LSB, round(LONGEST_S * RATE_HZ))
        self._noise = np.rint(noise).astype(np.int32)

    def feed(self, session: int, position: int, samples: Samples) -> list[Hypothesis]:
        """Keep the next stretch of sound; nothing is said before the end."""
        stream = self._streams.setdefault(session, _Stream(position))
        if sum(len(one) for one in stream.heard) < len(self._noise):
            stream.heard.append(samples)
        return []

    def end(self, session: int) -> list[Hypothesis]:
        """The phrase that comes nearest, with the confidence that it was said; nothing where no phrase fits at all."""
        stream = self._streams.pop(session, None)
        if stream is None:
            return []
        sound = np.concatenate([np.empty(0, np.int16), *stream.heard])[: len(self._noise)]
        phrase, measured, (first, last) = self._weighed(sound)
        if not phrase:
            return []
        begun_s = stream.begun / RATE_HZ
        return [
            Hypothesis(
                text=phrase,
                final=True,
                start_s=round(begun_s + first * _FRAME_S, 3),
                end_s=round(begun_s + (last + 1) * _FRAME_S, 3),
                confidence=confidence(measured),
                language="en",
            )
        ]

    def weighed(self, sound: Samples) -> tuple[str, dict[str, float]]:
        """The phrase that comes nearest to a sound, and what speaks for it; both empty where no phrase fits at all."""
        return self._weighed(sound[: len(self._noise)])[:2]

    def close(self, session: int) -> None:
        """Forget the session."""
        self._streams.pop(session, None)

    def _weighed(self, sound: Samples) -> tuple[str, dict[str, float], tuple[int, int]]:
        """Also the first and the last frame of the phrase."""
        if len(sound) < _SHORTEST_S * RATE_HZ:  # the decoder fails on less than a frame
            return "", {}, (0, 0)
        noisy = np.clip(sound + self._noise[: len(sound)], -32768, 32767).astype(np.int16)
        phrase = self._path(self._fixed, noisy, "phrases")
        if not phrase.words:
            return "", {}, (0, 0)
        words, phones = self._path(self._free, noisy, "_default"), self._path(self._fixed, noisy, "phones")
        return phrase.text, evidence(phrase, words, phones), (phrase.words[0][1], phrase.words[-1][2])

    def _path(self, decoder: Any, sound: Samples, search: str) -> _Path:
        decoder.activate_search(search)
        decoder.reinit_feat()  # noise tracking would carry the utterance before over into this one
        decoder.start_utt()
        decoder.process_raw(sound.tobytes(), False, True)
        decoder.end_utt()
        best = decoder.hyp()
        if best is None:
            return _Path("", _NEVER, ())
        pieces = tuple(
            (piece.word, piece.start_frame, piece.end_frame, self._log(piece.ascore)) for piece in decoder.seg()
        )
        return _Path(best.hypstr, self._log(best.best_score), pieces)

    def _log(self, score: float) -> float:
        return float(self._logarithm.log(score)) if score > 0.0 else _NEVER


def evidence(phrase: _Path, words: _Path, phones: _Path) -> dict[str, float]:
    """What speaks for a phrase, by name; the first five by frame, clipped to -100 to 100, the others 0 to 1."""
    frames = max(1, sum(last - first + 1 for _, first, last, _ in phones.words))
    spoken = [(first, last, score / (last - first + 1)) for _, first, last, score in phrase.words]
    measured = {
        "likelihood over words": (phrase.acoustic - words.acoustic) / frames,
        "path over words": (phrase.score - words.score) / frames,
        "path over phones": (phrase.score - phones.score) / frames,
        "worst word": min((score for *_, score in spoken), default=_NEVER),
        "worst word over words": min(
            (score - words.mean(first, last) for first, last, score in spoken), default=_NEVER
        ),
    }
    measured = {name: min(100.0, max(-100.0, value)) for name, value in measured.items()}
    beside = frames_of(phones) - frames_of(phrase)
    measured["uncovered"] = min(1.0, len(beside) / frames)
    return measured | {"alike": difflib.SequenceMatcher(None, phrase.text, words.text, autojunk=False).ratio()}


def frames_of(path: _Path) -> set[int]:
    """The frames in which a path has words, or phones."""
    return {frame for _, first, last, _ in path.words for frame in range(first, last + 1)}


def confidence(measured: dict[str, float]) -> float:
    """The confidence, 0 to 1, that a phrase was said for which this speaks."""
    odds = _BIAS + sum(weight * measured[name] for name, weight in _WEIGHTS.items())
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds))))
