"""Neural translation models on this computer (CTranslate2), each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from host.backends.worker import ModelProcess
from host.config import Settings
from host.contracts import Rendering, TranslatorInfo
from host.errors import BackendError, LanguageError
from host.models.ctranslate2_folders import HOW, Model, find_models, got, lacking, models_for, vocabulary

__all__ = ["NeuralTranslator", "TranslationEngine", "sources", "start", "unready"]

LONGEST: Final = 400  # characters: a long sentence; positions of OPUS-MT end at 512 tokens
MAX_TOKENS: Final = 256  # of an answer; a model that repeats itself ends there
AT_ONCE: Final = 8  # texts of a call: of 400 characters, on a slow computer, well within its time
BEAM: Final = 4  # what OPUS-MT and NLLB were evaluated with
_AUTO: Final = "auto"  # a language that is not known yet
_THREADS: Final = 4
_REASON: Final = 200  # characters of what the library says


def unready(settings: Settings, _environment: Mapping[str, str]) -> tuple[str, str] | None:
    """What is missing and how to get it; None where it can be used."""
    if how := lacking():
        return "ctranslate2 or sentencepiece is not installed", how
    if not settings.translate_folder and not got():
        spoken = settings.language if settings.translate_from == _AUTO else settings.translate_from
        fitting = models_for(spoken, settings.translate_to)
        get = f"get {fitting[0].name}" if fitting else "list shows those to translate"
        return "no translation model is here", f"Get one: sidelight models {get}; or set translate.folder"
    return None


def sources(settings: Settings, target: str) -> frozenset[str]:
    """Languages that a model there translates into `target`. Raises ModelMissingError: those there cannot be used."""
    found = find_models(settings)
    known = found.sources(target)
    if not known and found.broken:
        raise found.broken[0]
    return known


async def start(
    settings: Settings, _environment: Mapping[str, str], on_cpu: Callable[[float], None] | None
) -> NeuralTranslator:
    """Find the models; each is loaded with its first text. Raises ModelMissingError, UsageError."""
    return NeuralTranslator(find_models(settings).models, on_cpu=on_cpu)


class NeuralTranslator:
    """Models as one `Translator` of `host/contracts`; a process for each that is used."""

    def __init__(self, models: Sequence[Model], *, on_cpu: Callable[[float], None] | None = None) -> None:
        self._models, self._on_cpu = models, on_cpu
        self._processes: dict[Path, ModelProcess] = {}

    @property
    def info(self) -> TranslatorInfo:
        """What it can do."""
        licences = ", ".join(dict.fromkeys(model.licence for model in self._models if model.licence))
        names = ", ".join(f"{model.name}{f', {model.licence}' if model.licence else ''}" for model in self._models)
        return TranslatorInfo(
            name="ctranslate2",
            local=True,
            streaming=False,
            sentences=True,
            longest=LONGEST,
            complete=True,
            quality=f"by model: {names}",
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
            raise LanguageError(f"no model that is here translates {source} to {target}", HOW)
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
            self._words = frozenset(vocabulary(self.model.folder))
            self._translator = ctranslate2.Translator(
                str(self.model.folder), device="cpu", compute_type="default", intra_threads=threads
            )
        except Exception as error:
            reason = " ".join(str(error).split())[:_REASON]
            raise BackendError(
                f"ctranslate2 cannot load the model in {str(self.model.folder)!a}: {reason}", HOW
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
