"""A neural translation model on this computer (CTranslate2), in a process of its own.

A model is a folder as CTranslate2's converters write it, with the SentencePiece files it was trained with copied beside
`model.bin`. Three families are told apart by their vocabulary: M2M100 names a language `__en__` and NLLB `eng_Latn`, in
front of the words, and both know many; a model of one pair (OPUS-MT, OpenNMT) names none, so its pair is read from the
folder's name (`opus-mt-en-es`). A vocabulary of single characters needs no SentencePiece. Nothing is fetched.

`translate.folder` is one model, or a folder of several.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from host.backends.worker import ModelProcess
from host.config import Settings
from host.contracts import Rendering, TranslatorInfo
from host.errors import BackendError, LanguageError, ModelMissingError
from host.iso639 import TWO_LETTERS
from host.languages import LANGUAGES
from host.paths import named

__all__ = ["Model", "NeuralTranslator", "TranslationEngine", "models_in", "read_model", "sources", "start", "unready"]

LONGEST: Final = 400  # characters: a long sentence; positions of OPUS-MT end at 512 tokens
MAX_TOKENS: Final = 256  # of an answer; a model that repeats itself ends there
AT_ONCE: Final = 8  # texts of a call: of 400 characters, on a slow computer, well within its time
BEAM: Final = 4  # what OPUS-MT and NLLB were evaluated with
VOCABULARY_LIMIT: Final = 64 << 20  # bytes; NLLB's has 5 MB
_THREADS: Final = 4
_REASON: Final = 200  # characters of what the library says

_SHARED: Final = ("shared_vocabulary.json", "shared_vocabulary.txt")
_SOURCE: Final = ("source_vocabulary.json", "source_vocabulary.txt")
_PIECES: Final = (  # SentencePiece files as they are called beside OPUS-MT, NLLB, M2M100
    ("source.spm", "target.spm"),
    ("sentencepiece.bpe.model", "sentencepiece.bpe.model"),
    ("sentencepiece.model", "sentencepiece.model"),
    ("spm.128k.model", "spm.128k.model"),
)
_HOW: Final = "See docs/translators.md for how to convert one"

_SECOND: Final = ("zho_Hant", "arb_Latn", "kas_Deva")
"""Of NLLB's: the second way to write a language."""

Family = Literal["pair", "m2m100", "nllb"]


@dataclass(frozen=True, slots=True)
class Model:
    """What a folder holds; known without loading it.

    Attributes:
        folder: of the model.
        family: how it is told the languages.
        names: ISO 639-1 code to what it calls the language; of a pair, from and to.
        pieces: SentencePiece files of the source and the target; None for a vocabulary of characters.
        ends: whether the source must end with `</s>`, which the library adds by itself for some.
        licence: as the folder's own card names it.
    """

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


def unready(settings: Settings, _environment: Mapping[str, str]) -> tuple[str, str] | None:
    """What is missing and how to get it; None where it can be used."""
    if not settings.translate_folder:
        return (
            "no folder of a translation model is set",
            "Set translate.folder to one; docs/translators.md says how to convert one",
        )
    for library in ("ctranslate2", "sentencepiece"):
        if importlib.util.find_spec(library) is None:
            return f"{library} is not installed", "pip install 'sidelight[ctranslate2]'"
    return None


def sources(settings: Settings, target: str) -> frozenset[str]:
    """Languages that a model there translates into `target`. Raises ModelMissingError."""
    return frozenset[str]().union(*(model.sources(target) for model in models_in(settings.translate_folder)))


async def start(
    settings: Settings, _environment: Mapping[str, str], on_cpu: Callable[[float], None] | None
) -> NeuralTranslator:
    """Find the models; each is loaded with its first text. Raises ModelMissingError."""
    return NeuralTranslator(models_in(settings.translate_folder), on_cpu=on_cpu)


def models_in(path: str) -> tuple[Model, ...]:
    """The model in a folder, or those in its folders, by name. Raises ModelMissingError."""
    folder = named(path)
    if not folder.is_dir():
        raise ModelMissingError(f"there is no folder {path!a:.200} with a translation model", _HOW)
    if (folder / "model.bin").is_file():
        return (read_model(folder),)
    found = tuple(read_model(inner) for inner in sorted(folder.iterdir()) if (inner / "model.bin").is_file())
    if not found:
        raise ModelMissingError(f"there is no model.bin in {path!a:.200}, nor in a folder there", _HOW)
    return found


def read_model(folder: Path) -> Model:
    """Find out what a model is, from the files beside its weights. Raises ModelMissingError."""
    try:
        return _read(folder.resolve())
    except (OSError, ValueError) as error:
        raise ModelMissingError(f"the model in {str(folder)!a:.200} cannot be used: {error}", _HOW) from error


class NeuralTranslator:
    """Models as one `Translator` of `host/contracts`; a process for each that is used."""

    def __init__(self, models: Sequence[Model], *, on_cpu: Callable[[float], None] | None = None) -> None:
        self._models, self._on_cpu = models, on_cpu
        self._processes: dict[Path, ModelProcess] = {}

    @property
    def info(self) -> TranslatorInfo:
        """What it can do."""
        licences = ", ".join(dict.fromkeys(model.licence for model in self._models if model.licence))
        return TranslatorInfo(
            name="ctranslate2",
            local=True,
            streaming=False,
            sentences=True,
            longest=LONGEST,
            complete=True,
            quality="by model",
            licence=licences or "code MIT; the model's folder does not say its own",
        )

    async def translate(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        *,
        progress: Callable[[int, str], None] | None = None,  # noqa: ARG002 - the contract's
    ) -> list[Rendering | None]:
        """The texts, some at once; cancelled, those under way still end. Raises LanguageError, BackendError."""
        model = next((model for model in self._models if source in model.sources(target)), None)
        if model is None:
            raise LanguageError(f"no model that is here translates {source} to {target}", _HOW)
        process = self._processes.get(model.folder)
        if process is None:
            process = self._processes[model.folder] = ModelProcess(
                TranslationEngine, model, name="ctranslate2", on_cpu=self._on_cpu, instead="--translator"
            )
        found: list[Rendering | None] = []
        for at in range(0, len(texts), AT_ONCE):
            said = await process.call("translate", list(texts[at : at + AT_ONCE]), source, target)
            found += [Rendering(text, doubt=doubt) for text, doubt in said]
        return found

    async def close(self) -> None:
        """End the processes. Repeated calls do nothing. Never raises."""
        for process in self._processes.values():
            await process.close()


# --- what a folder holds ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _read(folder: Path) -> Model:
    words = _vocabulary(folder)
    config = _object(folder / "config.json")
    pieces = next((pair for pair in _PIECES if all((folder / name).is_file() for name in pair)), None)
    if pieces is None and any(len(word) > 1 for word in words if not re.fullmatch(r"<.*>", word)):
        raise ValueError("it has no SentencePiece files, such as source.spm and target.spm")
    # OpenNMT's decoders begin with <s>, and its sources have no end; those of Transformers begin and end with </s>.
    ends = config.get("decoder_start_token") in ("</s>", "<pad>") and not config.get("add_source_eos")
    family, names = _languages(folder, words)
    return Model(folder, family, names, pieces, ends, _licence(folder))


def _languages(folder: Path, words: Sequence[str]) -> tuple[Family, dict[str, str]]:
    names: dict[str, str] = {}
    for word in words:
        if match := re.fullmatch(r"__([a-z]{2,3})__", word):
            names[match[1]] = word
    if names:
        return "m2m100", names
    for word in words:
        match = re.fullmatch(r"([a-z]{3})_[A-Z][a-z]{3}", word)
        if match and match[1] in TWO_LETTERS and word not in _SECOND:
            names.setdefault(TWO_LETTERS[match[1]], word)
    if names:
        return "nllb", names
    found = re.findall(r"(?=(?<![a-z])([a-z]{2,3})[-_]([a-z]{2,3})(?![a-z0-9]))", folder.name.lower())
    for first, second in reversed(found):  # of opus-mt-en-es the last: mt is Maltese
        pair = TWO_LETTERS.get(first, first), TWO_LETTERS.get(second, second)
        if set(pair) <= set(LANGUAGES) and pair[0] != pair[1]:
            return "pair", {pair[0]: first, pair[1]: second}
    raise ValueError("its folder's name does not say its languages, as opus-mt-en-es does")


def _vocabulary(folder: Path) -> tuple[str, ...]:
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


# --- in the child -----------------------------------------------------------------------------------------------------


class _Tokeniser(Protocol):
    def encode(self, text: str) -> list[str]: ...

    def decode(self, tokens: Sequence[str]) -> str: ...


@dataclass(slots=True)
class _Characters:
    """One character a token."""

    def encode(self, text: str) -> list[str]:
        return list(text)

    def decode(self, tokens: Sequence[str]) -> str:
        return "".join(tokens)


@dataclass(slots=True)
class _SentencePiece:
    """SentencePiece models of the source and the target."""

    source: Any
    target: Any

    def encode(self, text: str) -> list[str]:
        return list(self.source.encode(text, out_type=str))

    def decode(self, tokens: Sequence[str]) -> str:
        return str(self.target.decode(list(tokens)))


@dataclass(slots=True)
class TranslationEngine:
    """The half in the child process."""

    model: Model
    _tokens: _Tokeniser = field(init=False)
    _words: frozenset[str] = field(init=False)
    _translator: Any = field(init=False)

    def __post_init__(self) -> None:
        """Load the model. Raises BackendError."""
        try:
            import ctranslate2  # noqa: PLC0415 - imported when used

            threads = min(_THREADS, os.cpu_count() or 1)
            self._tokens = self._tokeniser()
            self._words = frozenset(_vocabulary(self.model.folder))
            self._translator = ctranslate2.Translator(
                str(self.model.folder), device="cpu", compute_type="default", intra_threads=threads
            )
        except Exception as error:
            reason = " ".join(str(error).split())[:_REASON]
            raise BackendError(
                f"ctranslate2 cannot load the model in {str(self.model.folder)!a}: {reason}", _HOW
            ) from error

    def translate(self, texts: list[str], source: str, target: str) -> list[tuple[str, str]]:
        """Each text's translation, and why it is to be doubted, as a phrase; empty where it is not."""
        batch = [self._source(text, source) for text in texts]
        prefix = None if self.model.family == "pair" else [[self.model.names[target]]] * len(texts)
        results = self._translator.translate_batch(
            batch,
            target_prefix=prefix,
            beam_size=BEAM,
            max_batch_size=AT_ONCE,
            max_input_length=0,
            max_decoding_length=MAX_TOKENS,
            return_scores=False,
        )
        return [
            self._rendered(given, result.hypotheses[0], prefix is not None)
            for given, result in zip(batch, results, strict=True)
        ]

    def _source(self, text: str, language: str) -> list[str]:
        tokens = self._tokens.encode(text)
        if self.model.family != "pair":
            tokens = [self.model.names[language], *tokens]
        return [*tokens, "</s>"] if self.model.ends else tokens

    def _rendered(self, given: list[str], tokens: list[str], prefixed: bool) -> tuple[str, str]:  # noqa: FBT001 - private
        words = [token for token in tokens[1 if prefixed else 0 :] if token not in ("</s>", "<s>", "<pad>")]
        doubt = ""
        if len(tokens) >= MAX_TOKENS:
            doubt = "the model did not come to an end"
        elif "<unk>" in words or not self._words.issuperset(given):
            doubt = "the model has no word for a part of it"
        return self._tokens.decode([word for word in words if word != "<unk>"]).strip(), doubt

    def _tokeniser(self) -> _Tokeniser:
        if self.model.pieces is None:
            return _Characters()
        from sentencepiece import SentencePieceProcessor  # noqa: PLC0415 - imported when used

        source, target = (
            SentencePieceProcessor(model_file=str(self.model.folder / name)) for name in self.model.pieces
        )
        return _SentencePiece(source, target)
