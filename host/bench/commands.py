"""`sidelight bench commands`: how many spoken commands are understood, and how much else is taken for one.

espeak-ng says every phrase and things that are no commands, through noise, a room, 8 kHz and 8 bit; recordings of a
folder, of which none is a command, are heard in pieces. Each threshold of confidence gives one row of the curve:
"right" and "wrong action" of the commands, "false" of everything else; the rest is "say again". Voices, speeds and the
other things said are those that were held out when the recogniser's weights were fitted, unless the fit is asked for.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.assistant.commands import SURE, Command, chosen
from host.assistant.phrases import phrases
from host.audio import RATE_HZ, read_samples
from host.backends import registry
from host.backends.pocketsphinx_commands import PocketsphinxCommands, confidence
from host.bench.spoken import CONDITIONS, HELD_OUT, TUNING, say, utterances
from host.contracts import Samples
from host.errors import BackendMissingError, UsageError

__all__ = ["Outcome", "add_arguments", "curve", "fitted", "run"]

_THRESHOLDS: Final = tuple(sorted({SURE, 0.0, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98}))
_PIECE: Final = RATE_HZ * 5 // 2  # what is heard after a tap
_SHORTEST: Final = RATE_HZ * 3 // 4
_SUFFIXES: Final = (".wav", ".flac", ".ogg", ".mp3")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one utterance.

    Attributes:
        wanted: the phrase that was said; empty for what is no command.
        source: the condition it was heard through, or "recordings".
        found: the phrase that was recognised; empty for none.
        evidence: what speaks for that, by name; empty without one.
    """

    wanted: str
    source: str
    found: str
    evidence: dict[str, float]

    def judged(self, threshold: float) -> str:
        """What the wearer gets: "right", "wrong", "false", or "again"."""
        if not self.found or confidence(self.evidence) < threshold:
            return "again"
        if not self.wanted:
            return "false"
        return "right" if _action(self.found) == _action(self.wanted) else "wrong"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench commands`."""
    parser.add_argument("--data", type=Path, help="folder of recordings, none of which is a command")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth utterance (default 1)")
    parser.add_argument("--fit", action="store_true", help="the voices for fitting instead, and fitted weights")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and as JSON values one row a threshold and one a condition.

    Raises:
        UsageError: no recordings where a folder is named, or too few utterances to fit.
        BenchmarkError: espeak-ng or a voice of it is missing.
        HostError: pocketsphinx is missing or fails.
    """
    if args.every < 1:
        raise UsageError("--every is 1 or more")
    if "pocketsphinx" not in registry.installed():
        raise BackendMissingError("pocketsphinx is not installed", "Install it: pip install 'sidelight[transcribe]'")
    pieces = list(_pieces(args.data))[:: args.every] if args.data else []
    outcomes = _outcomes(args, pieces)
    rows: list[dict[str, Any]] = [*curve(outcomes)]
    line(f"{sum(bool(one.wanted) for one in outcomes)} commands, {sum(not one.wanted for one in outcomes)} others")
    line("confidence   right  wrong action  say again   false")
    for row in rows:
        mark = "  <- in use" if row["confidence"] == SURE else ""
        line(
            f"{row['confidence']:10.2f} {row['right']:6.1%} {row['wrong']:13.1%} {row['again']:9.1%} "
            f"{row['false']:7.1%}{mark}"
        )
    rows += _by_source(outcomes, line)
    if args.fit:
        if len({one.judged(0.0) == "right" for one in outcomes if one.found}) < 2:
            raise UsageError("there are too few utterances to fit weights", "Leave --every out")
        weights, bias = fitted(outcomes)
        rows.append({"weights": weights, "bias": bias})
        line(f"weights {weights}, bias {bias}")
    return rows


def curve(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Shares at each threshold; "right", "wrong" and "again" of the commands, "false" of the others."""
    commands = [one for one in outcomes if one.wanted]
    others = [one for one in outcomes if not one.wanted]
    return [
        {
            "confidence": threshold,
            **{what: _share(commands, threshold, what) for what in ("right", "wrong", "again")},
            "false": _share(others, threshold, "false"),
        }
        for threshold in _THRESHOLDS
    ]


def fitted(outcomes: Sequence[Outcome]) -> tuple[dict[str, float], float]:
    """Logistic regression: weights and bias by which evidence best tells right phrases from wrong ones.

    On standardised evidence with a small penalty (0.005), so that few utterances do not make steep weights.
    """
    measured = [one for one in outcomes if one.found]
    names = list(measured[0].evidence)
    table = np.array([[one.evidence[name] for name in names] for one in measured])
    right = np.array([one.judged(0.0) == "right" for one in measured], dtype=np.float64)
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    scaled = (table - mean) / spread
    weights, bias = np.zeros(len(names)), 0.0
    for _ in range(5000):
        error = 1.0 / (1.0 + np.exp(-(scaled @ weights + bias))) - right
        weights -= 0.2 * (scaled.T @ error / len(right) + 0.005 * weights)
        bias -= 0.2 * float(error.mean())
    weights /= spread
    found = dict(zip(names, (round(float(one), 4) for one in weights), strict=True))
    return found, round(bias - float(weights @ mean), 3)


def _outcomes(args: argparse.Namespace, pieces: Sequence[Samples]) -> list[Outcome]:
    engine = PocketsphinxCommands(phrases("en"))
    speakers = TUNING if args.fit else HELD_OUT
    outcomes = []
    for said in list(utterances(speakers))[:: args.every]:
        found, evidence = engine.weighed(say(said))
        outcomes.append(Outcome(said.phrase, said.condition, found, evidence))
    return outcomes + [Outcome("", "recordings", *engine.weighed(piece)) for piece in pieces]


def _by_source(outcomes: Sequence[Outcome], line: Callable[[str], None]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    line(f"at {SURE}: condition     right  of   false  of")
    for source in (*CONDITIONS, "recordings"):
        commands = [one for one in outcomes if one.source == source and one.wanted]
        others = [one for one in outcomes if one.source == source and not one.wanted]
        if not commands and not others:
            continue
        right, false = _share(commands, SURE, "right"), _share(others, SURE, "false")
        rows.append(
            {"source": source, "right": right, "commands": len(commands), "false": false, "others": len(others)}
        )
        line(f"        {source:12} {right:6.1%} {len(commands):3d} {false:7.1%} {len(others):3d}")
    return rows


def _share(outcomes: Sequence[Outcome], threshold: float, what: str) -> float:
    return sum(one.judged(threshold) == what for one in outcomes) / len(outcomes) if outcomes else 0.0


def _action(phrase: str) -> str:
    found = chosen(phrase, "en", 1.0)
    return found.action if isinstance(found, Command) else ""


def _pieces(folder: Path) -> Iterator[Samples]:
    """The recordings of a folder, in order of their names, cut as push-to-talk would. Raises UsageError."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}", "Name a folder of recordings") from error
    if not files:
        raise UsageError(f"there are no recordings in {folder}", "Name a folder of WAV, FLAC, Ogg or MP3 files")
    for path in files:
        sound = read_samples(path)
        for start in range(0, len(sound), _PIECE):
            if len(sound) - start >= _SHORTEST:
                yield sound[start : start + _PIECE]
