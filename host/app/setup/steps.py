"""The first run: glasses found, paired, bound and tested; languages, currency and a model chosen; all written down.

What is known is not asked again. What cannot be asked, for want of a terminal, must be said beforehand: that is found
out before anything is touched. The configuration is written in one step when all is answered, and a model is got last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from firmware_bridge import radio_in
from host import config
from host.app.setup.glasses import TESTS, prepare_glasses
from host.app.setup.models import Proposal, get_model, proposals, this_computer
from host.app.setup.wearer import Wearer
from host.config_file import change
from host.currencies import currency_of
from host.errors import HostError, LicenceError, UsageError
from host.events import Event, SetupStep
from host.languages import LANGUAGES, language_code
from host.models.installed import ModelFolder, known
from host.paths import data_folder

__all__ = ["AGAIN", "NO_MODEL", "Request", "setup"]

_CHOICES: Final = {
    "language": "Which language is spoken around you (or auto)?",
    "translate.to": "Which language do you read, for translations?",
    "currency": "Your own currency, for prices abroad?",
}
"""Settings that are asked for."""

_QUESTIONS: Final = (*_CHOICES, "model")

AGAIN: Final = ("glasses", *TESTS, *_QUESTIONS)
"""What can be done once more."""

NO_MODEL: Final = "none"
"""The answer of who wants no model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        file: the configuration file.
        glasses: address of the glasses; that of real ones is written down if it is another than before.
        answers: to questions, by the name of the question.
        proposed: whether what is proposed is taken where there is no answer.
        skip_tests: whether the glasses are bound and not tested.
        again: what is done once more although it is known.
        accept_licence: a licence without commercial use is accepted.
    """

    file: Path
    glasses: str
    answers: Mapping[str, str] = field(default_factory=dict)
    proposed: bool = False
    skip_tests: bool = False
    again: frozenset[str] = frozenset()
    accept_licence: bool = False


async def setup(
    request: Request, wearer: Wearer, report: Callable[[Event], None], elapsed: Callable[[], float]
) -> bool:
    """Go through all steps; whether everything that was tried went well.

    Cancelled or killed at any moment, the configuration is the old or the new one, and glasses are bound or not.

    Raises:
        UsageError: a wrong answer, or one that is missing and cannot be asked for; nothing was touched.
        GlassesError: the glasses cannot be reached, paired with or used.
        HostError: the configuration, the store or a model.
    """
    before = config.given(os.environ, request.file)
    steps = _Steps(request, wearer, before, report, elapsed)
    steps.require_answers()
    well = await prepare_glasses(
        request.glasses,
        wearer,
        steps.told,
        tests=() if request.skip_tests else TESTS,
        again=request.again,
    )
    values: dict[str, Any] = {}
    glasses = _lasting(request.glasses)
    if glasses is not None and glasses != before.get("glasses", config.Settings().glasses):
        values["glasses"] = glasses
    values |= await steps.languages()
    language = str(values.get("language", before.get("language", "en")))
    model = await steps.model(language)
    if model is not None:
        values.setdefault("transcriber", before.get("transcriber", "auto"))
    change(request.file, values)
    steps.told("configuration", "ok" if values else "known", str(request.file))
    if model is not None and model.name:
        well = steps.got(model) and well
    return well


class _Steps:
    """The questions and what came of them."""

    def __init__(
        self,
        request: Request,
        wearer: Wearer,
        before: Mapping[str, Any],
        report: Callable[[Event], None],
        elapsed: Callable[[], float],
    ) -> None:
        self._request, self._wearer, self._before = request, wearer, before
        self._report, self._elapsed = report, elapsed
        self._locale = _locale(os.environ)
        self._answers = {key: config.checked(key, text) for key, text in request.answers.items() if key != "model"}
        if (model := request.answers.get("model")) is not None:
            self._answers["model"] = model if model == NO_MODEL else known(model).name

    def told(self, step: str, state: Any, detail: str, hint: str = "") -> None:
        """Report a step."""
        self._report(SetupStep(t=self._elapsed(), step=step, state=state, detail=detail, hint=hint))

    def require_answers(self) -> None:
        """Find out before anything is touched whether all can be answered. Raises UsageError."""
        missing = [key for key in _QUESTIONS if not self._is_known(key) and key not in self._answers]
        if not missing or self._wearer.answers or self._request.proposed:
            return
        flags = " ".join(f"{_flag(key)} {self._proposed(key) or 'EUR'}" for key in missing)
        raise UsageError(
            f"there is no terminal to ask on, and not answered is: {', '.join(map(_flag, missing))}",
            f"Add for instance {flags}, or --yes to take what is proposed",
        )

    async def languages(self) -> dict[str, Any]:
        """The language and the currency, where they are to be written."""
        values = {}
        for key, question in _CHOICES.items():
            if key not in self._answers and self._is_known(key):
                self.told(key, "known", str(self._before[key]) or "none")
                continue
            values[key] = self._answers.get(key) or await self._asked(key, question, self._proposed(key))
            name = LANGUAGES.get(values[key], "")
            self.told(key, "ok", f"{values[key] or 'none'}{f' ({name})' if name else ''}")
        return values

    async def model(self, language: str) -> Proposal | None:
        """The model to get; one without a name where none is wanted; None where that is known."""
        folder = ModelFolder(data_folder())
        chosen = self._answers.get("model")
        if chosen is None and self._is_known("model"):
            self.told("model", "known", _models_here(folder, language) or "chosen before")
            return None
        if chosen is None and "model" not in self._request.again and (here := _models_here(folder, language)):
            self.told("model", "known", here)
            return Proposal("", "")
        offered = proposals(language, this_computer(folder.root))
        if chosen is None:
            chosen = await self._model_asked(offered)
        if chosen == NO_MODEL:
            how = f"sidelight models get {offered[0].name}" if offered else "sidelight models list"
            self.told("model", "skipped", "none; captions are rough without one", f"Get one later: {how}")
            return Proposal("", "")
        return next((p for p in offered if p.name == chosen), Proposal(chosen, ""))

    def got(self, model: Proposal) -> bool:
        """Get the model; whether that went well. What is written is written."""
        try:
            self.told("model", "ok", get_model(model.name, self._wearer.tell, accepted=self._request.accept_licence))
        except LicenceError as error:
            self.told("model", "failed", error.message, error.hint)
        except HostError as error:
            self.told("model", "failed", error.message, f"{error.hint}; then: sidelight models get {model.name}")
        else:
            return True
        return False

    async def _model_asked(self, offered: list[Proposal]) -> str:
        if not self._wearer.answers or not offered:
            return NO_MODEL
        self._wearer.tell("models that fit this computer, best first:")
        for number, proposal in enumerate(offered, 1):
            self._wearer.tell(f"  {number}  {proposal.name}: {proposal.about}")
        while True:
            answer = (await self._wearer.ask("Get which one (number, name or none)?", NO_MODEL)).strip()
            if answer.isdecimal() and 0 < int(answer) <= len(offered):
                return offered[int(answer) - 1].name
            if answer in {NO_MODEL, *(p.name for p in offered)}:
                return answer
            self._wearer.tell(f"a number from 1 to {len(offered)}, one of the names, or {NO_MODEL}")

    async def _asked(self, key: str, question: str, proposed: str) -> Any:
        while True:
            answer = await self._wearer.ask(question, proposed) if self._wearer.answers else proposed
            try:
                return config.checked(key, answer)
            except UsageError as error:
                if not self._wearer.answers:
                    raise
                self._wearer.tell(f"{error.message}. {error.hint}")

    def _is_known(self, key: str) -> bool:
        if key in self._request.again:
            return False
        return ("transcriber" in self._before or "model" in self._before) if key == "model" else key in self._before

    def _proposed(self, key: str) -> str:
        """From the locale; no model is got without being asked for."""
        if key == "model":
            return NO_MODEL
        if key == "currency":
            return currency_of(self._locale)
        try:
            return language_code(self._locale)
        except UsageError:
            return "en"


def _flag(question: str) -> str:
    return "--model" if question == "model" else config.setting(question).flag


def _lasting(uri: str) -> str | None:
    """The address to write down: of bound glasses their radio is enough, which one is in the store.

    None for what is only tried out: emulated glasses, or none.
    """
    radio = radio_in(uri)
    if radio is None:
        return None
    return f"ble:?via={radio}" if radio else "ble:"


def _locale(environment: Mapping[str, str]) -> str:
    """What the user's session is in, such as "de_DE.UTF-8"; empty where nobody says."""
    for variable in ("LC_ALL", "LC_MONETARY", "LANG"):
        if environment.get(variable):
            return environment[variable]
    import locale  # noqa: PLC0415 - where the environment says nothing: macOS and Windows

    return locale.getlocale()[0] or ""


def _models_here(folder: ModelFolder, language: str) -> str:
    here = [m.model.name for m in folder.all() if m.model.purpose == "transcribe" and language in m.model.languages]
    return f"{', '.join(here)} is here" if here else ""
