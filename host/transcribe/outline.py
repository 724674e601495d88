"""What a long transcript was about, without a language model: its chapters, and its own most telling sentences; pure.

Chapters begin where people were silent for longest. The sentences of the outline are the speakers' own words, chosen
by how much of what is talked about they hold; nothing is written that was not said.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from host.contracts import JournalEntry

__all__ = ["Chapter", "chapters", "outline"]

LONG_S: Final = 900.0  # a transcript of up to a quarter of an hour is one chapter
CHAPTER_MIN_S: Final = 300.0
CHAPTER_MAX_S: Final = 1200.0  # after which the next pause that is one ends the chapter
PAUSE_MIN_S: Final = 2.0  # shorter silences are those between sentences
BREAK_S: Final = 120.0  # such a pause ends a chapter whatever its length: people went for coffee

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
# Scripts without spaces: two characters together are what a word is elsewhere.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_COMMON_SHARE: Final = 0.25  # a word in more of the sentences than this says nothing of one ("the", "und")
_WORDS_MIN: Final = 4  # "yes, that's right" is no content
_WORDS_FAIR: Final = 12  # a sentence twice as long is not worth twice as much
_ALIKE: Final = 0.6  # share of its weight that a sentence may have in common with one that was chosen


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a transcript.

    Attributes:
        start_s: where its first sentence begins.
        end_s: where its last one ends.
        title: the sentence that tells most of it, as it was said; empty where nothing but gaps is in it.
        entries: its sentences and gaps.
    """

    start_s: float
    end_s: float
    title: str
    entries: tuple[JournalEntry, ...]


def chapters(entries: Sequence[JournalEntry]) -> list[Chapter]:
    """The chapters of a transcript, in order; one where it is short, none where it is empty. Bookmarks are in none.

    Args:
        entries: in order of time.
    """
    parts = [tuple(part) for part in _parts([entry for entry in entries if entry.kind != "bookmark"])]
    titles = [next(iter(outline(part, 1)), None) for part in parts]
    return [
        Chapter(part[0].start_s, _end_of(part), title.text if title else "", part)
        for part, title in zip(parts, titles, strict=True)
    ]


def outline(entries: Sequence[JournalEntry], count: int) -> list[JournalEntry]:
    """The sentences that tell most of what was said, at most `count`, in order of time.

    A sentence is worth the words it holds that come back in the talk, but not in every sentence of it; one that says
    what another one said is left out. The earlier of two equals is taken.
    """
    sentences = [entry for entry in entries if entry.kind == "sentence"]
    words = [_words(entry.text) for entry in sentences]
    weights = _weights(words)
    value = [_value(said, weights) for said in words]
    chosen: list[int] = []
    for place in sorted(range(len(sentences)), key=lambda i: (-value[i], i)):
        if len(chosen) >= count or value[place] <= 0.0:
            break
        if all(_shared(words[place], words[other], weights) < _ALIKE for other in chosen):
            chosen.append(place)
    if not chosen and sentences and count > 0:
        chosen = [0]  # nothing comes back in it: how it begins
    return [sentences[place] for place in sorted(chosen)]


def _end_of(part: Sequence[JournalEntry]) -> float:
    return max(entry.end_s for entry in [e for e in part if e.kind == "sentence"] or part)


def _parts(entries: Sequence[JournalEntry]) -> list[list[JournalEntry]]:
    """The entries of each chapter."""
    if not entries:
        return []
    first = 0
    parts = []
    while (cut := _cut(entries, first)) is not None:
        parts.append(list(entries[first:cut]))
        first = cut
    return [*parts, list(entries[first:])]


def _cut(entries: Sequence[JournalEntry], first: int) -> int | None:
    """Where the chapter that begins at `first` ends; None where it goes on to the end."""
    began_s = entries[first].start_s
    long = entries[-1].end_s - began_s > LONG_S
    best: int | None = None
    best_s = 0.0
    spoken_s = entries[first].end_s if entries[first].kind == "sentence" else None
    for place in range(first + 1, len(entries)):
        entry = entries[place]
        if entry.kind == "gap":  # nothing was heard: it is a part of the silence
            continue
        pause_s = entry.start_s - (entry.start_s if spoken_s is None else spoken_s)
        length_s = (spoken_s or began_s) - began_s
        spoken_s = entry.end_s
        if pause_s >= BREAK_S:
            return place if best is None or not long else best
        rest_s = entries[-1].end_s - entries[place].start_s
        if not long or length_s < CHAPTER_MIN_S or rest_s < CHAPTER_MIN_S or pause_s < PAUSE_MIN_S:
            continue
        if length_s > CHAPTER_MAX_S:
            return place if best is None else best
        if pause_s > best_s:
            best, best_s = place, pause_s
    return best


def _words(text: str) -> Counter[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = Counter(word for word in _WORD.findall(_UNSPACED.sub(" ", plain)) if len(word) > 1 or word.isdigit())
    for run in _UNSPACED.findall(plain):
        words.update(run[i : i + 2] for i in range(len(run) - 1))
    return words


def _weights(sentences: Sequence[Counter[str]]) -> dict[str, float]:
    """What each word is worth: more the oftener it comes back, nothing if it comes once or stands everywhere."""
    held_by = Counter(word for words in sentences for word in words)
    said = Counter[str]()
    for words in sentences:
        said.update(words)
    total = len(sentences)
    return {
        word: math.log(1 + said[word]) * math.log(total / held)
        for word, held in held_by.items()
        if said[word] > 1 and (held <= total * _COMMON_SHARE or held <= 2)
    }


def _value(words: Counter[str], weights: dict[str, float]) -> float:
    length = words.total()
    if length < _WORDS_MIN:
        return 0.0
    return sum(weights.get(word, 0.0) for word in words) / math.sqrt(max(length, _WORDS_FAIR))


def _shared(words: Counter[str], others: Counter[str], weights: dict[str, float]) -> float:
    whole = sum(weights.get(word, 0.0) for word in words)
    common = sum(weights.get(word, 0.0) for word in words.keys() & others.keys())
    return common / whole if whole else 0.0
