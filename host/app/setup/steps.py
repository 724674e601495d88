"""The first run: glasses found, paired, bound and tested; languages, currency and a model chosen; all written down.

What is known is not asked again. What cannot be asked, for want of a terminal, must be said beforehand: that is found
out before anything is touched. Each answer is written as it is given, and a model is got last.
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
from host.app.setup.models import (
    answered_model,
    get_model,
    here_for,
    proposals,
    this_computer,
    translation_offer,
    without_model,
)
from host.app.setup.wearer import Wearer
from host.config_file import change
from host.currencies import currency_of
from host.errors import HostError, UsageError
from host.events import Event, SetupStep
from host.languages import LANGUAGES, language_code
from host.link_record import LinkRecord
from host.models.installed import ModelFolder, known
from host.paths import data_folder

__all__ = ["AGAIN", "NO_MODEL", "Request", "Setup"]

_CHOICES: Final = {
    "language": "Which language is spoken around you (or auto)?",
    "translate.to": "Which language do you read, for translations?",
    "currency": "Your own currency, for prices abroad?",
}
"""Settings that are asked for."""

_LOCALES: Final = {"currency": "LC_MONETARY"}
"""The part of the locale that each is proposed from (POSIX, 8.2); LC_MESSAGES where none is named."""

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
        record: where the link to the glasses is recorded to; None for nowhere.
    """

    file: Path
    glasses: str
    answers: Mapping[str, str] = field(default_factory=dict)
    proposed: bool = False
    skip_tests: bool = False
    again: frozenset[str] = frozenset()
    accept_licence: bool = False
    record: LinkRecord | None = None


class Setup:
    """All steps: first `prepare`, then `get_model`.

    Cancelled or killed at any moment, what was reported as "ok" is kept, and done again by nobody.
    """

    def __init__(
        self, request: Request, wearer: Wearer, report: Callable[[Event], None], elapsed: Callable[[], float]
    ) -> None:
        """Find out whether all can be answered; nothing is touched.

        Args:
            request: what was asked for.
            wearer: who is asked.
            report: gets every step as a `SetupStep`.
            elapsed: seconds since the program started.

        Raises:
            UsageError: a wrong answer, or one that is missing and cannot be asked for; a configuration that is wrong.
        """
        self._request, self._wearer = request, wearer
        self._report, self._elapsed = report, elapsed
        self._before = config.given(os.environ, request.file)
        self._answers = _checked(request.answers)
        self._written, self._another_language = False, False
        self._model, self._accepted = NO_MODEL, request.accept_licence
        self._require_answers()

    async def prepare(self) -> bool:
        """Glasses and answers; whether everything that was tried went well.

        Raises:
            UsageError: an address that cannot be set up, or the terminal has ended.
            GlassesError: the glasses cannot be reached, paired with or used.
            HostError: the configuration or the store.
        """
        request = self._request
        well = await prepare_glasses(
            request.glasses,
            self._wearer,
            self._told,
            self._keep_to,
            tests=() if request.skip_tests else TESTS,
            again=request.again,
            record=request.record,
        )
        for key, question in _CHOICES.items():
            await self._choose(key, question)
        self._model = await self._chosen_model()
        if self._model == NO_MODEL:
            self._settle_model()
        self._told("configuration", "ok" if self._written else "known", str(request.file))
        return well

    def get_model(self) -> bool:
        """Get the model that was chosen, if one was; whether that went well. What came stays, and is gone on with."""
        if self._model == NO_MODEL:
            return True
        try:
            came = get_model(self._model, self._wearer.tell, accepted=self._accepted)
        except HostError as error:
            self._told("model", "failed", error.message, f"{error.hint}; then run setup again")
            return False
        self._settle_model()
        self._told("model", "ok", came)
        return True

    def _told(self, step: str, state: Any, detail: str, hint: str = "") -> None:
        self._report(SetupStep(t=self._elapsed(), step=step, state=state, detail=detail, hint=hint))

    def _write(self, key: str, value: object) -> None:
        change(self._request.file, {key: value})
        self._before[key], self._written = value, True

    def _keep_to(self) -> None:
        """Write the address of the glasses down, where it is another than before.

        Of bound ones the radio is enough, since the store knows which; what is only tried out, emulated glasses or
        none, is not written down.
        """
        radio = radio_in(self._request.glasses)
        if radio is None:
            return
        address = f"ble:?via={radio}" if radio else "ble:"
        if address != self._before.get("glasses", config.Settings().glasses):
            self._write("glasses", address)

    def _require_answers(self) -> None:
        missing = [key for key in _QUESTIONS if not self._is_known(key) and key not in self._answers]
        if not missing or self._wearer.answers or self._request.proposed:
            return
        flags = " ".join(f"{_flag(key)} {self._proposed(key) or 'EUR'}" for key in missing)
        raise UsageError(
            f"there is no terminal to ask on, and not answered is: {', '.join(map(_flag, missing))}",
            f"Add for instance {flags}, or --yes to take what is proposed",
        )

    async def _choose(self, key: str, question: str) -> None:
        """A language or the currency: known, answered by a flag, or asked for."""
        if key not in self._answers and self._is_known(key):
            self._told(key, "known", str(self._before[key]) or "none")
            return
        value = self._answers[key] if key in self._answers else await self._asked(key, question)
        if key == "language" and self._before.get(key, value) != value:
            self._another_language = True
        self._write(key, value)
        name = LANGUAGES.get(value, "")
        self._told(key, "ok", f"{value or 'none'}{f' ({name})' if name else ''}", self._offer(key))

    def _offer(self, key: str) -> str:
        """How to get a translation model, once it is known between which languages."""
        spoken, read = str(self._before["language"]), self._before.get("translate.to")
        if key != "translate.to" or not read:
            return ""
        return translation_offer(spoken, str(read), this_computer(ModelFolder(data_folder()).root))

    async def _asked(self, key: str, question: str) -> Any:
        proposed = self._proposed(key)
        while True:
            answer = await self._wearer.ask(question, proposed) if self._wearer.answers else proposed
            try:
                return config.checked(key, answer)
            except UsageError as error:
                if not self._wearer.answers:
                    raise
                self._wearer.tell(error.message, error.hint)

    async def _chosen_model(self) -> str:
        """The model to get."""
        language = str(self._before["language"])
        here = here_for(language)
        wanted = self._answers.get("model")
        settled = bool(here) or (self._is_known("model") and not self._another_language)
        if settled and wanted is None and "model" not in self._request.again:
            self._told("model", "known", here or str(self._before.get("model") or "none, as before"))
            return NO_MODEL
        offered = proposals(language, this_computer(ModelFolder(data_folder()).root))
        if wanted is None and self._wearer.answers and offered:
            self._wearer.tell("models that fit this computer, best first:")
            for number, proposal in enumerate(offered, 1):
                self._wearer.tell(f"  {number}  {proposal.name}: {proposal.about}")
            wanted = await self._asked_model([proposal.name for proposal in offered])
        if wanted is None or wanted == NO_MODEL:
            how = f"sidelight models get {offered[0].name}" if offered else "sidelight models list"
            said = without_model(config.load({}, os.environ, self._request.file))
            self._told("model", "skipped", f"none; {said}", f"Get one later: {how}")
            return NO_MODEL
        return str(wanted)

    async def _asked_model(self, names: list[str]) -> str:
        while True:
            answer = (await self._wearer.ask("Get which one (number, name or none)?", NO_MODEL)).strip()
            if answer.isdecimal() and 0 < int(answer) <= len(names):
                answer = names[int(answer) - 1]
            if answer in names and not await self._may_use(answer):
                continue
            if answer in {NO_MODEL, *names}:
                return answer
            self._wearer.tell(f"a number from 1 to {len(names)}, one of the names, or {NO_MODEL}")

    async def _may_use(self, name: str) -> bool:
        """Whether the model's licence is accepted; asked for where it leaves something out."""
        model = known(name)
        if model.commercial or self._accepted:
            return True
        question = f"{name} is not for commercial use ({model.licence}). Do you accept that licence (y/n)?"
        self._accepted = (await self._wearer.ask(question, "n")).strip().lower() in {"y", "yes"}
        return self._accepted

    def _settle_model(self) -> None:
        """Write down that this question is answered: it is known by the choice of a recogniser."""
        if "transcriber" not in self._before:
            self._write("transcriber", "auto")

    def _is_known(self, key: str) -> bool:
        if key in self._request.again:
            return False
        return ("transcriber" in self._before or "model" in self._before) if key == "model" else key in self._before

    def _proposed(self, key: str) -> str:
        """From the locale; no model is got without being asked for."""
        if key == "model":
            return NO_MODEL
        locale = _locale(os.environ, _LOCALES.get(key, "LC_MESSAGES"))
        if key == "currency":
            return currency_of(locale)
        try:
            return language_code(locale)
        except UsageError:
            return "en"


def _checked(answers: Mapping[str, str]) -> dict[str, Any]:
    """The answers that were given as flags. Raises UsageError."""
    right = {key: config.checked(key, text, _flag(key)) for key, text in answers.items() if key != "model"}
    if "model" in answers and answers["model"] != NO_MODEL:
        right["model"] = answered_model(answers["model"], right.get("language"))
    elif "model" in answers:
        right["model"] = NO_MODEL
    return right


def _flag(question: str) -> str:
    return "--model" if question == "model" else config.setting(question).flag


def _locale(environment: Mapping[str, str], part: str) -> str:
    """What a part of the user's session is in, such as "de_DE.UTF-8"; empty where nobody says."""
    for variable in ("LC_ALL", part, "LANG"):
        if environment.get(variable):
            return environment[variable]
    import locale  # noqa: PLC0415 - where the environment says nothing: macOS and Windows

    return locale.getlocale()[0] or ""
