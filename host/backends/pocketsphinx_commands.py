"""PocketSphinx as a recogniser of fixed phrases that can say no.

A grammar alone takes anything for one of its phrases. So every utterance is decoded with the grammar, with the English
language model and with a loop of phones, and the phones of the phrase that was found are aligned with it. What the
phrase loses against the two others, over all and phone by phone, and how oddly long its phones are, is turned into a
confidence by a logistic function, which was fitted on espeak-ng's voices (docs/commands.md).

In every frame all of the model's states are computed: the decoder measures scores from the best state that it has
computed, and those of two searches could not be compared otherwise. The whole utterance is decoded at once, when it has
ended: its own mean of the cepstrum is known then. Digital silence has no logarithm, so faint noise is added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from host.backends.local import RATE_HZ, LocalRecogniser
from host.contracts import Hypothesis, RecogniserInfo, Samples
from host.errors import BackendError

__all__ = ["INFO", "PocketsphinxCommands", "confidence", "start", "widened"]

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
_EMPTY: Final = 1e-3  # of a sound's power, above 4.4 kHz; what 8 kHz are doubled with leaves 1e-4, speech has more
_MIRRORED: Final = 0.25
_HISS: Final = 0.06  # of the sound's loudness; both were tried on the voices for fitting: more confidence at 8 kHz
_FRAME_S: Final = 0.01  # the decoder's frame
_WIDE: Final = {"beam": 1e-80, "pbeam": 1e-80, "wbeam": 1e-60}  # a phrase that was said badly is still decoded
_NEVER: Final = -10_000_000.0  # in the decoder's logarithms: what underflowed

_WEIGHTS: Final = {
    "path over phones": 0.0474,
    "worst word over phones": 0.0259,
    "phones": 0.0341,
    "phones over words": 0.0692,
    "uncovered": -12.8843,
    "uneven": -6.3112,
}
_BIAS: Final = 10.549  # both fitted as by `sidelight bench commands --fit` (docs/commands.md)


async def start(phrases: Sequence[str], on_cpu: Callable[[float], None] | None = None) -> LocalRecogniser:
    """Load the bundled models, in a process of their own, to recognise these phrases. Raises BackendError."""
    return await LocalRecogniser.start(INFO, PocketsphinxCommands, tuple(phrases), on_cpu=on_cpu)


@dataclass(slots=True)
class _Stream:
    """An utterance that is being heard: where it began, and its sound."""

    begun: int
    heard: list[Samples] = field(default_factory=list)


_Piece = tuple[str, int, int, float]
"""A word or phone, its first and last frame, and its acoustic score, a logarithm."""


@dataclass(frozen=True, slots=True)
class _Path:
    """A decoder's best path: what it says, its score with the model's weights (a logarithm), and its pieces."""

    text: str
    score: float
    pieces: tuple[_Piece, ...]

    def mean(self, first: int, last: int) -> float:
        """Acoustic score a frame from the first frame to the last; a piece's score is even over its frames."""
        total = 0.0
        for _, begin, end, score in self.pieces:
            shared = min(last, end) - max(first, begin) + 1
            if shared > 0 and begin >= 0:
                total += score * shared / (end - begin + 1)
        return total / (last - first + 1)

    @property
    def words(self) -> list[_Piece]:
        return [piece for piece in self.pieces if _is_speech(piece[0])]


_NOTHING: Final = _Path("", _NEVER, ())


class PocketsphinxCommands:
    """The half in the child process."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """Load the models, in about a second. Raises BackendError."""
        try:
            import pocketsphinx  # noqa: PLC0415 - imported when used

            one_pass = {"fwdflat": False, "bestpath": False, "compallsen": True, "loglevel": "FATAL"}
            self._fixed: Any = pocketsphinx.Decoder(lm=None, **_WIDE, **one_pass)
            # Words only for comparison: narrow beams.
            self._free: Any = pocketsphinx.Decoder(maxhmmpf=1500, maxwpf=10, **one_pass)
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
        """What free words make of it, not final, and the phrase that comes nearest, with the confidence in that.

        Nothing where no phrase fits at all.
        """
        stream = self._streams.pop(session, None)
        if stream is None:
            return []
        sound = np.concatenate([np.empty(0, np.int16), *stream.heard])[: len(self._noise)]
        phrase, words, measured = self._weighed(sound)
        if not measured:
            return []
        begun_s = stream.begun / RATE_HZ
        start_s = round(begun_s + phrase.words[0][1] * _FRAME_S, 3)
        end_s = round(begun_s + (phrase.words[-1][2] + 1) * _FRAME_S, 3)
        return [
            Hypothesis(words.text, False, start_s, end_s, language="en"),
            Hypothesis(phrase.text, True, start_s, end_s, confidence=confidence(measured), language="en"),
        ]

    def weighed(self, sound: Samples) -> tuple[str, dict[str, float]]:
        """The phrase that comes nearest to a sound, and what speaks for it; both empty where no phrase fits at all."""
        phrase, _, measured = self._weighed(sound[: len(self._noise)])
        return (phrase.text, measured) if measured else ("", {})

    def close(self, session: int) -> None:
        """Forget the session."""
        self._streams.pop(session, None)

    def _weighed(self, sound: Samples) -> tuple[_Path, _Path, dict[str, float]]:
        """The best path of the phrases, that of free words, and what speaks for the first; empty where nothing does."""
        if len(sound) < _SHORTEST_S * RATE_HZ:  # the decoder fails on less than a frame
            return _NOTHING, _NOTHING, {}
        noise = self._noise[: len(sound)]
        noisy = np.clip(widened(sound, noise) + noise, -32768, 32767).astype(np.int16).tobytes()
        phrase = self._path(self._fixed, noisy, "phrases")
        if not phrase.words:
            return _NOTHING, _NOTHING, {}
        aligned = self._aligned(noisy, phrase.text)
        words, phones = self._path(self._free, noisy, "_default"), self._path(self._fixed, noisy, "phones")
        return phrase, words, evidence(phrase, aligned, words, phones) if aligned else {}

    def _path(self, decoder: Any, sound: bytes, search: str) -> _Path:
        decoder.activate_search(search)
        _decode(decoder, sound)
        best = decoder.hyp()
        if best is None:
            return _NOTHING
        pieces = tuple(
            (piece.word, piece.start_frame, piece.end_frame, self._log(piece.ascore)) for piece in decoder.seg()
        )
        return _Path(best.hypstr, self._log(best.best_score), pieces)

    def _aligned(self, sound: bytes, text: str) -> tuple[_Piece, ...]:
        """The phones of a text where they fit best; none where it cannot be aligned."""
        try:
            self._fixed.set_align_text(text)
            _decode(self._fixed, sound)
            self._fixed.set_alignment()  # what a grammar has found is not taken: it has pieces that are no words
            _decode(self._fixed, sound)
            found = self._fixed.get_alignment()
        except RuntimeError:
            return ()
        return tuple(
            (phone.name, phone.start, phone.start + phone.duration - 1, float(phone.score))
            for word in found or ()
            for phone in word
            if _is_speech(phone.name)
        )

    def _log(self, score: float) -> float:
        return float(self._logarithm.log(score)) if score > 0.0 else _NEVER


def _decode(decoder: Any, sound: bytes) -> None:
    decoder.reinit_feat()  # noise tracking would carry the utterance before over into this one
    decoder.start_utt()
    decoder.process_raw(sound, False, True)
    decoder.end_utt()


def widened(sound: Samples, noise: npt.NDArray[np.int32]) -> Samples:
    """A sound whose upper half of the band is empty, with the lower half mirrored there, and noise, both softly.

    Sound that was taken at 8 kHz has nothing there, which is like no speech that the model was made of.

    Args:
        sound: 16 kHz.
        noise: as much, with a standard deviation of `_NOISE_LSB`.
    """
    power = np.abs(np.fft.rfft(sound)) ** 2
    if power[len(power) * 11 // 20 :].sum() > _EMPTY * power.sum():
        return sound
    mirrored = _MIRRORED * sound * (1.0 - 2.0 * (np.arange(len(sound)) % 2))
    hiss = _HISS * sound.astype(np.float64).std() / _NOISE_LSB * noise
    wide: Samples = np.clip(np.rint(sound + mirrored + hiss), -32768, 32767).astype(np.int16)
    return wide


def _is_speech(piece: str) -> bool:
    return piece != "SIL" and piece[0] not in "<(+["


def evidence(phrase: _Path, aligned: Sequence[_Piece], words: _Path, phones: _Path) -> dict[str, float]:
    """What speaks for a phrase, by name: acoustic scores a frame, clipped to -100 to 100, and numbers of 0 to 2.

    Args:
        phrase: the path of the grammar.
        aligned: its phones; at least one.
        words: the path of free words.
        phones: that of the loop of phones.
    """
    frames = max(1, sum(last - first + 1 for _, first, last, _ in phones.words))
    lengths = np.array([last - first + 1 for _, first, last, _ in aligned])
    each = np.array([score for *_, score in aligned]) / lengths
    freely = np.array([words.mean(first, last) for _, first, last, _ in aligned])
    spoken = [(first, last, score / (last - first + 1)) for _, first, last, score in phrase.words]
    measured = {
        "path over phones": (phrase.score - phones.score) / frames,
        "worst word over phones": min(score - phones.mean(first, last) for first, last, score in spoken),
        "phones": float(each.mean()),
        "phones over words": float((each - freely).mean()),
    }
    measured = {name: min(100.0, max(-100.0, value)) for name, value in measured.items()}
    beside = frames_of(phones) - frames_of(phrase)
    measured["uncovered"] = min(1.0, len(beside) / frames)
    return measured | {"uneven": float(np.log(lengths).std())}


def frames_of(path: _Path) -> set[int]:
    """The frames in which a path has words, or phones."""
    return {frame for _, first, last, _ in path.words for frame in range(first, last + 1)}


def confidence(measured: dict[str, float]) -> float:
    """The confidence, 0 to 1, that a phrase was said for which this speaks."""
    odds = _BIAS + sum(weight * measured[name] for name, weight in _WEIGHTS.items())
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds))))
