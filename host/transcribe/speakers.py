"""Who speaks, from one embedding an utterance: voices found as they come, told apart, put together again; pure.

    (state, embedding of the next utterance) -> (state, label or None, labels that turned out to be one voice)

A voice is the mean direction of its utterances, each weighted by its length. The next utterance is of the voice that
it is like, if it is not as much like another one; one that is like none founds a new voice, if it is long enough for
that. What lies between is nobody's: a wrong name is worse than none. Two voices that come close with time were one; the
later label is given up. Voices that are known by name take part from the start, and two names are never made one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from host.contracts import EmbedderInfo, Voice

__all__ = ["FOUNDING_S", "MOST", "SHORTEST_S", "Speakers", "heard", "start", "voices"]

SHORTEST_S: Final = 0.7
"""Seconds of speech below which an utterance is nobody's: of "yes" and "mm" an embedding says little."""

FOUNDING_S: Final = 2.0
"""Seconds of speech that an utterance needs to found a new voice; a wrong one stays for the whole recording."""

MOST: Final = 20
"""Voices without a name that are told apart in one recording; further ones stay unlabelled."""

_MARGIN: Final = 0.05  # by which the best voice must lead the second
_KNOWN_S: Final = 30.0  # what is remembered of somebody weighs no more than this: rooms and colds change a voice

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A voice: the sum of unit vectors times seconds, and the seconds that were heard in this recording."""

    label: str
    total: Vector
    heard_s: float
    named: bool

    @property
    def direction(self) -> Vector:
        return _unit(self.total)


@dataclass(frozen=True, slots=True)
class Speakers:
    """State between two utterances; make one with `start`.

    Attributes:
        clusters: the voices, in the order of their labels.
        next_number: the next new voice's label.
        merged: labels that were given up, and whose voice they turned out to be.
    """

    clusters: tuple[_Cluster, ...] = ()
    next_number: int = 1
    merged: Mapping[str, str] = field(default_factory=dict)


def start(known: Iterable[Voice] = ()) -> Speakers:
    """Nobody has spoken yet; `known` are voices with names, one each, of the model whose embeddings will come."""
    return Speakers(
        tuple(
            _Cluster(voice.label, _unit(np.array(voice.embedding)) * min(voice.seconds, _KNOWN_S), 0.0, named=True)
            for voice in known
            if _usable(voice.embedding)
        )
    )


def heard(
    state: Speakers, embedding: Sequence[float], seconds: float, info: EmbedderInfo
) -> tuple[Speakers, str | None, tuple[tuple[str, str], ...]]:
    """Take the next utterance.

    Args:
        state: as it was.
        embedding: of any length above 0, always the same in a recording; empty, zero or without a value where there
            is none. Known voices of another length are left out from here on.
        seconds: of speech in it.
        info: of the model, always the same.

    Returns:
        The state, the utterance's label, and for each label given up by it (that, whose it is).
    """
    if seconds < SHORTEST_S or not _usable(embedding):
        return state, None, ()
    vector = _unit(np.array(embedding, dtype=np.float64))
    # A file was put in the place of another of the same name: what is known by that one says nothing here.
    state = replace(state, clusters=tuple(c for c in state.clusters if c.total.size == vector.size))
    likeness = [float(vector @ cluster.direction) for cluster in state.clusters]
    order = sorted(range(len(likeness)), key=lambda place: -likeness[place])
    best = likeness[order[0]] if order else -1.0
    second = likeness[order[1]] if len(order) > 1 else -1.0
    if not order or best < info.unlike:
        if seconds < FOUNDING_S or sum(not cluster.named for cluster in state.clusters) >= MOST:
            return state, None, ()
        label = str(state.next_number)
        founded = _Cluster(label, vector * seconds, seconds, named=False)
        return replace(state, clusters=(*state.clusters, founded), next_number=state.next_number + 1), label, ()
    if best < info.alike or best - second < _MARGIN:
        return state, None, ()
    cluster = state.clusters[order[0]]
    grown = replace(cluster, total=cluster.total + vector * seconds, heard_s=cluster.heard_s + seconds)
    clusters = tuple(grown if other is cluster else other for other in state.clusters)
    state, merges = _joined(replace(state, clusters=clusters), info)
    return state, state.merged.get(grown.label, grown.label), merges


def voices(state: Speakers) -> list[Voice]:
    """What each voice that spoke in this recording sounded like."""
    return [
        Voice(cluster.label, tuple(cluster.direction.tolist()), round(cluster.heard_s, 3))
        for cluster in state.clusters
        if cluster.heard_s
    ]


def _joined(state: Speakers, info: EmbedderInfo) -> tuple[Speakers, tuple[tuple[str, str], ...]]:
    """The state after voices that are one were put together, and which those were."""
    merges: list[tuple[str, str]] = []
    # Means are closer to each other than single utterances of one voice are: halfway from `alike` to the same.
    limit = (1 + info.alike) / 2
    while (pair := _closest(state.clusters)) is not None and pair[0] >= limit:
        _, kept, gone = pair
        whole = replace(kept, total=kept.total + gone.total, heard_s=kept.heard_s + gone.heard_s)
        clusters = tuple(whole if c is kept else c for c in state.clusters if c is not gone)
        merged = {label: kept.label if into == gone.label else into for label, into in state.merged.items()}
        state = replace(state, clusters=clusters, merged={**merged, gone.label: kept.label})
        merges.append((gone.label, kept.label))
    return state, tuple(merges)


def _closest(clusters: Sequence[_Cluster]) -> tuple[float, _Cluster, _Cluster] | None:
    """How alike the two are that are most so, the one whose label stays, and the other; two names are left alone."""
    pairs = [
        (float(a.direction @ b.direction), a, b)
        for place, a in enumerate(clusters)
        for b in clusters[place + 1 :]
        if not b.named  # names come first
    ]
    return max(pairs, key=lambda pair: pair[0], default=None)


def _usable(embedding: Sequence[float]) -> bool:
    values = np.array(embedding, dtype=np.float64)
    return values.size > 0 and bool(np.isfinite(values).all()) and float(np.linalg.norm(values)) > 0.0


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
