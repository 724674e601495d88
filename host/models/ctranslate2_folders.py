"""The neural translation models that are on this computer: where they lie, and what each folder holds.

A model is a folder as CTranslate2's converters write it, with the SentencePiece files it was trained with copied beside
`model.bin`. Three families are told apart by their vocabulary: M2M100 names a language `__en__` and NLLB `eng_Latn`, in
front of the words, and both know many; a model of one pair (OPUS-MT, OpenNMT) names none, so its pair is read from the
folder's name (`opus-mt-en-es`). A vocabulary of single characters needs no SentencePiece. Nothing is loaded or fetched.

`translate.folder` is one model, a folder of several, or the name of one that `sidelight models get` brought. Where it
is empty, all that this brought are there.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, Literal

from host.config import Settings
from host.errors import ModelMissingError, UsageError
from host.iso639 import TWO_LETTERS
from host.languages import LANGUAGES
from host.models.catalogue import MODELS
from host.models.ctranslate2_weights import require_whole
from host.models.installed import Installed, ModelFolder
from host.models.model import TAKES
from host.models.model import Model as Row
from host.paths import data_folder, named

__all__ = ["HOW", "Found", "Model", "find_models", "got", "lacking", "models_for", "read_model", "vocabulary"]

HOW: Final = "See docs/translators.md for how to convert one"
"""What the user can do about a folder that is no model."""

VOCABULARY_LIMIT: Final = 64 << 20  # bytes; NLLB's has 5 MB

_SHARED: Final = ("shared_vocabulary.json", "shared_vocabulary.txt")
_SOURCE: Final = ("source_vocabulary.json", "source_vocabulary.txt")
_PIECES: Final = (  # SentencePiece files as they are called beside OPUS-MT, NLLB, M2M100
    ("source.spm", "target.spm"),
    ("sentencepiece.bpe.model", "sentencepiece.bpe.model"),
    ("sentencepiece.model", "sentencepiece.model"),
    ("spm.128k.model", "spm.128k.model"),
)
_SECOND: Final = ("zho_Hant", "arb_Latn", "kas_Deva")
"""Of NLLB's: the second way to write a language."""

Family = Literal["pair", "m2m100", "nllb"]


@dataclass(frozen=True, slots=True)
class Model:
    """What a folder holds; known without loading it.

    Attributes:
        name: as `sidelight models get` knows it, or its folder's.
        folder: of the model.
        family: how it is told the languages.
        names: ISO 639-1 code to what it calls the language; of a pair, from and to.
        pieces: SentencePiece files of the source and the target; None for a vocabulary of characters.
        ends: whether the source must end with `</s>`, which the library adds by itself for some.
        licence: as the folder's own card names it.
    """

    name: str
    folder: Path
    family: Family
    names: Mapping[str, str]
    pieces: tuple[str, str] | None
    ends: bool
    licence: str = ""

    def sources(self, target: str) -> frozenset[str]:
        """Languages it translates into `target`."""
        if self.family == "pair":
            first, second = self.names
            return frozenset({first}) if target == second else frozenset()
        return frozenset(self.names) - {target} if target in self.names else frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """Models that are here, best first, and why others that are here cannot be used."""

    models: tuple[Model, ...]
    broken: tuple[ModelMissingError, ...] = ()

    def sources(self, target: str) -> frozenset[str]:
        """Languages that one of them translates into `target`."""
        return frozenset[str]().union(*(model.sources(target) for model in self.models))


def lacking() -> str:
    """The command that installs what is missing to run any model; empty where nothing is."""
    there = all(importlib.util.find_spec(library) for library in ("ctranslate2", "sentencepiece"))
    return "" if there else "pip install 'sidelight[ctranslate2]'"


def find_models(settings: Settings) -> Found:
    """The models of `translate.folder`, else those that `sidelight models get` brought.

    Raises:
        ModelMissingError: the folder or the model that is set is not there, or none in it can be used.
        UsageError: the model that is set is not there to translate.
    """
    wanted = settings.translate_folder
    if not wanted:
        return _read_all([partial(_read_got, here) for here in got()])
    if wanted not in MODELS:
        return _models_in(wanted)
    if MODELS[wanted].purpose != "translate":
        purpose = MODELS[wanted].purpose
        raise UsageError(f"{wanted} is a model to {purpose}, not to translate", f"{TAKES[purpose]} takes it")
    here = next((here for here in got() if here.model.name == wanted), None)
    if here is None:
        raise ModelMissingError(f"the model {wanted} is not here", f"Get it: sidelight models get {wanted}")
    return Found((_read_got(here),))


def models_for(source: str, target: str) -> list[Row]:
    """Models of the catalogue that translate one language into another; those for any use first, then best first."""
    fitting = [row for row in MODELS.values() if row.translates(source, target)]
    return sorted(fitting, key=lambda row: not row.commercial)


def got() -> list[Installed]:
    """The translation models that `sidelight models get` brought, best first."""
    return [here for here in ModelFolder(data_folder()).all() if here.model.purpose == "translate"]


def _read_got(here: Installed) -> Model:
    """Raises ModelMissingError."""
    name = here.model.name
    try:
        return replace(read_model(here.path), name=name, licence=here.model.licence)
    except ModelMissingError as error:
        raise ModelMissingError(error.message, f"Get it again: sidelight models get {name}") from error


def _models_in(path: str) -> Found:
    """The model in a folder, or those in its folders, by name. Raises ModelMissingError: none can be used."""
    folder = named(path)
    if not folder.is_dir():
        raise ModelMissingError(f"there is no folder {path!a:.200} with a translation model", HOW)
    if (folder / "model.bin").is_file():
        return Found((read_model(folder),))
    inner = [path for path in sorted(folder.iterdir()) if (path / "model.bin").is_file()]
    if not inner:
        raise ModelMissingError(f"there is no model.bin in {path!a:.200}, nor in a folder there", HOW)
    found = _read_all([partial(read_model, path) for path in inner])
    if not found.models:
        raise found.broken[0]
    return found


def _read_all(reads: Sequence[Callable[[], Model]]) -> Found:
    models, broken = [], []
    for read in reads:
        try:
            models.append(read())
        except ModelMissingError as error:
            broken.append(error)
    return Found(tuple(models), tuple(broken))


def read_model(folder: Path) -> Model:
    """Find out what a model is, from the files beside its weights. Raises ModelMissingError: it cannot be used."""
    try:
        if not (folder / "model.bin").is_file():
            raise ValueError("it has no model.bin")  # noqa: TRY301 - told like what else is wrong with it
        require_whole(folder / "model.bin")
        return _read(folder.resolve())
    except (OSError, ValueError) as error:
        raise ModelMissingError(f"the model in {str(folder)!a:.200} cannot be used: {error}", HOW) from error


@lru_cache(maxsize=32)
def _read(folder: Path) -> Model:
    words = vocabulary(folder)
    config = _object(folder / "config.json")
    pieces = next((pair for pair in _PIECES if all((folder / name).is_file() for name in pair)), None)
    if pieces is None and any(len(word) > 1 for word in words if not re.fullmatch(r"<.*>", word)):
        raise ValueError("it has no SentencePiece files, such as source.spm and target.spm")
    # OpenNMT's decoders begin with <s>, and its sources have no end; those of Transformers begin and end with </s>.
    ends = config.get("decoder_start_token") in ("</s>", "<pad>") and not config.get("add_source_eos")
    family, names = _languages(folder, words)
    return Model(folder.name, folder, family, names, pieces, ends, _licence(folder))


def _languages(folder: Path, words: Sequence[str]) -> tuple[Family, dict[str, str]]:
    names: dict[str, str] = {}
    for word in words:
        if match := re.fullmatch(r"__([a-z]{2,3})__", word):
            names[match[1]] = word
    if names:
        return "m2m100", _norwegian(names)
    for word in words:
        match = re.fullmatch(r"([a-z]{3})_[A-Z][a-z]{3}", word)
        if match and match[1] in TWO_LETTERS and word not in _SECOND:
            names.setdefault(TWO_LETTERS[match[1]], word)
    if names:
        return "nllb", _norwegian(names)
    found = re.findall(r"(?=(?<![a-z])([a-z]{2,3})[-_]([a-z]{2,3})(?![a-z0-9]))", folder.name.lower())
    for first, second in reversed(found):  # of opus-mt-en-es the last: mt is Maltese
        pair = TWO_LETTERS.get(first, first), TWO_LETTERS.get(second, second)
        if set(pair) <= set(LANGUAGES) and pair[0] != pair[1]:
            return "pair", {pair[0]: first, pair[1]: second}
    raise ValueError("its folder's name does not say its languages, as opus-mt-en-es does")


def _norwegian(names: dict[str, str]) -> dict[str, str]:
    """Norwegian, which NLLB knows as Bokmal and M2M100 as one language, by either name."""
    for one, other in (("no", "nb"), ("nb", "no")):
        if one in names:
            names.setdefault(other, names[one])
    return names


def vocabulary(folder: Path) -> tuple[str, ...]:
    """The words of the source. Raises ValueError, OSError."""
    path = next((folder / name for name in (*_SHARED, *_SOURCE) if (folder / name).is_file()), None)
    if path is None:
        raise ValueError("it has no vocabulary (shared_vocabulary.json or source_vocabulary.json)")
    if path.stat().st_size > VOCABULARY_LIMIT:
        raise ValueError(f"its {path.name} is too large")
    text = path.read_text(encoding="utf-8")
    words = json.loads(text) if path.suffix == ".json" else text.split("\n")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"its {path.name} is no list of words")
    return tuple(words)


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file() or path.stat().st_size > VOCABULARY_LIMIT:
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}


def _licence(folder: Path) -> str:
    """What the head of the model's card says, or the first line of its licence."""
    for name, pattern in (("README.md", r"(?m)^license:\s*(.{1,60})$"), ("LICENSE", r"\s*(\S.{0,60})")):
        path = folder / name
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as file:
                match = re.search(pattern, file.read(4096))
            if match:
                return "".join(c if c.isprintable() else " " for c in match[1]).strip()
    return ""
