"""One setting: what it may be, how it is written in the file, the environment and as a flag; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from host.errors import UsageError
from host.suggest import suggestion

__all__ = ["ENVIRONMENT_PREFIX", "Setting", "allowed"]

ENVIRONMENT_PREFIX = "SIDELIGHT_"
_SHOWN = 6  # choices that stand in the help of a verb; more would fill it


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What may be set: the table behind the file, the environment and the flags.

    Attributes:
        key: as in the file, `table.name` for those in a table.
        help: one line.
        default: the value where nothing is set.
        choices: the values allowed; empty where any is.
        minimum: smallest number allowed; None where there is no bound.
        maximum: largest number allowed; None where there is no bound.
        read: makes the value of what was written, or raises UsageError; None where it is the value.
        word: of the flag, where it is shorter than the key.
    """

    key: str
    help: str
    default: str | float
    choices: tuple[str | int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    read: Callable[[str], str] | None = None
    word: str = ""

    @property
    def kind(self) -> type:
        """Type of the value; a whole number is accepted for a float."""
        return type(self.default)

    @property
    def flag(self) -> str:
        """The flag: `audio.rate_hz` is --audio-rate; the unit stands in the help instead."""
        return "--" + re.sub(r"_(hz|s)$", "", self.word or self.key).replace(".", "-").replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable: `audio.rate_hz` is SIDELIGHT_AUDIO_RATE_HZ."""
        return ENVIRONMENT_PREFIX + self.key.replace(".", "_").upper()

    @property
    def metavar(self) -> str:
        """What stands for the value in a verb's help."""
        if 0 < len(self.choices) <= _SHOWN:
            return "|".join(str(c) for c in self.choices)
        return {int: "N", float: "N"}.get(self.kind, self.key.rpartition(".")[2].upper())


def allowed(wanted: Setting, value: object, where: str) -> Any:
    """The value in the setting's type.

    Args:
        wanted: which setting.
        value: as it was written, or already of the right type.
        where: that it stands, for messages; empty where whoever reads them knows.

    Raises:
        UsageError: it is not allowed.
    """
    place = f"{where}: " if where else ""
    found = _converted(wanted.kind, value)
    if found is None or (wanted.choices and found not in wanted.choices) or not _in_range(wanted, found):
        shown = value if isinstance(value, str) else repr(value)
        meant = suggestion(str(shown), map(str, wanted.choices))
        raise UsageError(f"{place}{wanted.key} cannot be {shown!s:.80}{meant}", f"It is {_expected(wanted)}")
    if wanted.read is None:
        return found
    try:
        return wanted.read(found)
    except UsageError as error:
        raise UsageError(f"{place}{error.message}", error.hint) from None


def _converted(kind: type, value: object) -> Any:
    """The value as this type; None if it is none."""
    if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return None
    if kind is bool:
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }.get(value.strip().lower())
    try:
        return kind(value)
    except ValueError:
        return None


def _in_range(wanted: Setting, value: Any) -> bool:
    at_least = wanted.minimum is None or value >= wanted.minimum
    return at_least and (wanted.maximum is None or value <= wanted.maximum)


def _expected(wanted: Setting) -> str:
    if wanted.choices:
        return "one of " + ", ".join(str(c) for c in wanted.choices)
    name = {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes"}[wanted.kind]
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", wanted.minimum), ("at most", wanted.maximum))
        if bound is not None
    ]
    return " ".join([name, " and ".join(bounds)]).strip()
