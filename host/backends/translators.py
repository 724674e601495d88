"""Which translators there are, which of them can be used here, and which are asked for a pair of languages.

`auto` takes, in this order: a server, if one is configured; a neural model on this computer; Apertium, which is rough;
the phrasebook. Before anything rough is asked the phrasebook is, for what it holds it holds better. A translator asked
for by name is taken or is an error, and then it is the only one. One that is set up wrongly is passed over by `auto`,
and that is said. Nothing heavy is imported to find out what is there.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from host.backends.choosing import require_known
from host.config import Settings
from host.contracts import Translator
from host.errors import BackendMissingError, HostError, LanguageError
from host.iso639 import TWO_LETTERS
from host.languages import LANGUAGES
from host.models.ctranslate2_folders import models_for

__all__ = [
    "APERTIUM_PACKAGES",
    "TRANSLATORS",
    "Backend",
    "Choice",
    "State",
    "TranslatorsHere",
    "choose",
    "states",
    "ways",
]


@dataclass(frozen=True, slots=True)
class Backend:
    """A row of the table.

    Attributes:
        name: as given to `--translator`.
        about: one line for a person.
        why: why `auto` takes it, as a phrase.
        module: where its `unready`, `sources` and `start` are.
        rough: whether the phrasebook is asked before it.
    """

    name: str
    about: str
    why: str
    module: str
    rough: bool = False


_NEURAL: Final = "ctranslate2"
_PHRASEBOOK: Final = "phrasebook"

TRANSLATORS: Final[Mapping[str, Backend]] = {
    backend.name: backend
    for backend in (
        Backend(
            name="openai",
            about="a server of a language model, given by translate.base_url",
            why="a server is configured",
            module="host.backends.openai_translate",
        ),
        Backend(
            name="libretranslate",
            about="a LibreTranslate server, given by libretranslate.url",
            why="a server is configured",
            module="host.backends.libretranslate",
        ),
        Backend(
            name=_NEURAL,
            about="a neural model on this computer, got by sidelight models or given by translate.folder",
            why="a neural model that does these languages is on this computer, and no server is configured",
            module="host.backends.ctranslate2_mt",
        ),
        Backend(
            name="apertium",
            about="rules of the system's packages, on this computer, rough",
            why="it is installed, and neither a server nor a neural model for these languages is configured",
            module="host.backends.apertium",
            rough=True,
        ),
        Backend(
            name=_PHRASEBOOK,
            about="fixed phrases in eleven languages, on this computer",
            why="nothing else here does these languages",
            module="host.backends.phrasebook",
        ),
    )
}
"""The table, best first."""

_DEBIAN: Final = (
    "afr-nld arg-cat bel-rus cat-ita cat-srd dan-nor en-gl eng-cat eng-spa eo-ca eo-en eo-es eo-fr es-gl es-pt es-ro "
    "eu-en eu-es fr-es fra-cat hbs-eng hbs-mkd hbs-slv ind-zlm isl-eng isl-swe mkd-bul mkd-eng nno-nob oc-ca oc-es "
    "oci-fra por-cat pt-gl rus-ukr spa-arg spa-ast spa-cat spa-ita srd-ita swe-dan swe-nor urd-hin"
)

_CODES: Final = {"zlm": "ms"}  # Malay as Apertium calls it


APERTIUM_PACKAGES: Final = {
    frozenset(_CODES.get(code) or TWO_LETTERS.get(code, code) for code in pair.split("-")): f"apertium-{pair}"
    for pair in _DEBIAN.split()
}
"""Debian 12's packages, by the languages between which each translates, some in one direction only."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a translator without loading it.

    Attributes:
        missing: what it lacks, as a phrase; empty where it can be used.
        how: how to get that.
        sources: languages it translates into the one in question; None where only a server knows.
        wrong: whether it is set up, and wrongly: what it lacks is told to who would have got it.
    """

    missing: str = ""
    how: str = ""
    sources: frozenset[str] | None = frozenset()
    wrong: bool = False

    def does(self, source: str) -> bool:
        """Whether it can be asked to translate from this language."""
        return not self.missing and (self.sources is None or source in self.sources)


@dataclass(frozen=True, slots=True)
class Choice:
    """Translators to ask, one after the other, and why they were taken, as a phrase."""

    names: tuple[str, ...]
    why: str


def states(settings: Settings, environment: Mapping[str, str], target: str) -> dict[str, State]:
    """What is known of each translator, for translations into `target`.

    Raises:
        HostError: the one that is asked for by name is set up wrongly, or the address of a server is no address.
    """
    found = {}
    for backend in TRANSLATORS.values():
        module: Any = importlib.import_module(backend.module)
        lacks = module.unready(settings, environment)
        if lacks is not None:
            found[backend.name] = State(*lacks)
        elif settings.translator in ("auto", backend.name) or backend.rough:  # its own files say what it does
            try:
                found[backend.name] = State(sources=module.sources(settings, target))
            except HostError as error:
                if settings.translator == backend.name:
                    raise
                found[backend.name] = State(error.message, error.hint, wrong=True)
    return found


def choose(wanted: str, source: str, target: str, known: Mapping[str, State]) -> Choice:
    """Take translators.

    Args:
        wanted: a name, or "auto".
        source: ISO 639-1 code of what is translated.
        target: of what it becomes.
        known: of each translator, for this target.

    Raises:
        UsageError: there is no translator of that name.
        BackendMissingError: the one asked for cannot be used.
        LanguageError: none of those that could be taken does the pair.
    """
    pair = f"{_name(source)} to {_name(target)}"
    if wanted != "auto":
        require_known("translator", wanted, TRANSLATORS)
        state = known[wanted]
        _require_ready(wanted, state)
        if not state.does(source):
            raise LanguageError(f"{wanted} does not translate {pair}", ways(source, target, known))
        return Choice((wanted,), "asked for")
    passed = ""
    for backend in TRANSLATORS.values():
        state = known[backend.name]
        if state.does(source):
            first = (_PHRASEBOOK,) if backend.rough and known[_PHRASEBOOK].does(source) else ()
            return Choice((*first, backend.name), backend.why + passed)
        if state.wrong:
            passed += f"; {backend.name} cannot be used: {state.missing}"
    raise LanguageError(f"nothing here translates {pair}{passed}", ways(source, target, known))


def ways(source: str, target: str, known: Mapping[str, State]) -> str:
    """What would give a translator for this pair, with the exact commands, best first."""
    found = []
    if known.get("openai", State(missing="-")).missing:
        found.append("a server: --translate-base-url http://localhost:11434/v1 --translate-model MODEL (Ollama)")
    found.append(f"a model on this computer: {_neural(source, target, known.get(_NEURAL, State()))}")
    package = APERTIUM_PACKAGES.get(frozenset({source, target}))
    apertium = known.get("apertium", State())
    if apertium.does(source):
        found.append("rough, and installed: --translator apertium")
    elif package and sys.platform.startswith("linux"):
        found.append(f"rough: sudo apt install {f'apertium {package}' if apertium.missing else package}")
    return "What would: " + "; ".join(found)


class TranslatorsHere:
    """What can be used on this computer; the `Translators` of `host/contracts`. Each is loaded when first asked."""

    def __init__(
        self,
        settings: Settings,
        environment: Mapping[str, str],
        *,
        on_choice: Callable[[Translator, str], None] = lambda _translator, _why: None,
        on_cpu: Callable[[float], None] | None = None,
    ) -> None:
        """Prepare; nothing is loaded.

        Args:
            settings: those of translators are read.
            environment: where keys of servers are.
            on_choice: told each translator that is loaded, and why, before it is asked.
            on_cpu: as a recogniser's.

        Raises:
            UsageError: there is no translator of the name that is set.
        """
        if settings.translator != "auto":
            require_known("translator", settings.translator, TRANSLATORS)
        self._settings, self._environment = settings, environment
        self._on_choice, self._on_cpu = on_choice, on_cpu
        self._states: dict[str, dict[str, State]] = {}
        self._open: dict[str, Translator] = {}

    def sources(self, target: str) -> frozenset[str] | None:
        """Languages that can be translated into `target`; None where only a server knows.

        Raises:
            BackendMissingError: the translator asked for cannot be used.
        """
        wanted = self._settings.translator
        if wanted != "auto":
            _require_ready(wanted, self._known(target)[wanted])
        known = [state for name, state in self._known(target).items() if wanted in ("auto", name)]
        ready = [state for state in known if not state.missing]
        if any(state.sources is None for state in ready):
            return None
        return frozenset[str]().union(*(state.sources or () for state in ready))

    async def for_pair(self, source: str, target: str) -> Sequence[Translator]:
        """Those to ask, one after the other. Raises HostError."""
        choice = choose(self._settings.translator, source, target, self._known(target))
        found = []
        for name in choice.names:
            if name not in self._open:
                module: Any = importlib.import_module(TRANSLATORS[name].module)
                self._open[name] = await module.start(self._settings, self._environment, self._on_cpu)
                if name == choice.names[-1]:
                    self._on_choice(self._open[name], choice.why)
            found.append(self._open[name])
        return found

    def ways(self, source: str, target: str) -> str:
        """What would give another translator for this pair."""
        return ways(source, target, self._known(target))

    async def close(self) -> None:
        """Let go of all. Repeated calls do nothing. Never raises."""
        for translator in self._open.values():
            await translator.close()
        self._open.clear()

    def _known(self, target: str) -> dict[str, State]:
        if target not in self._states:
            self._states[target] = states(self._settings, self._environment, target)
        return self._states[target]


def _neural(source: str, target: str, state: State) -> str:
    """What would give a neural model for this pair."""
    if state.wrong:
        return state.how
    model = next(iter(models_for(source, target)), None)
    get = f"sidelight models get {model.name}" if model else "--translate-folder FOLDER (docs/translators.md)"
    if model is not None and not model.commercial:
        get += " (not for commercial use)"
    return f"{state.how}, then {get}" if state.how.startswith("pip") else get


def _require_ready(name: str, state: State) -> None:
    """Refuse a translator that lacks something. Raises BackendMissingError."""
    if state.missing:
        raise BackendMissingError(f"the translator {name} cannot be used: {state.missing}", _sentence(state.how))


def _sentence(how: str) -> str:
    return f"Install it: {how}" if how.startswith(("pip", "sudo")) else how


def _name(language: str) -> str:
    return LANGUAGES.get(language, language)
