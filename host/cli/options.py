"""The parser and the flags that several verbs share.

A verb's file calls `add_output_options(parser)` for each of its parsers, and `add_settings(parser, "glasses", ...)` for
the settings of `host/config.py` that can be given as a flag.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from host import config
from host.cli.output import print_text
from host.errors import UsageError
from host.link_record import LinkRecord
from host.paths import config_file
from host.suggest import suggestion

__all__ = [
    "LOG_LEVELS",
    "Parser",
    "add_output_options",
    "add_record_options",
    "add_settings",
    "examples",
    "is_given",
    "record_of",
    "settings_of",
]

LOG_LEVELS = ("debug", "info", "warning", "error")

_SETTING_PREFIX = "setting:"


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageError`, with a suggestion for a misspelt flag, and never exits for it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **options},
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """As in argparse, with a suggestion for a misspelt choice or sub-verb."""
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            what = f"{value!r} is none of {', '.join(known)}"
            raise argparse.ArgumentError(action, what + suggestion(str(value), known))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As in argparse, but what is left over is an error here, where the flags that fit are known."""
        parsed, left = super().parse_known_args(args, namespace)
        if left:
            flags = re.findall(r"--[a-z-]+", self.format_usage())
            self.error(f"unknown argument {left[0]}{suggestion(left[0].partition('=')[0], flags)}")
        return parsed, left

    def print_help(self, file: Any = None) -> None:
        """As in argparse, to a reader that may go away."""
        print_text(self.format_help(), file or sys.stdout)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(message, f"See {self.prog} --help")


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add --json, --plain and --log; they are read by the program, not by the verb."""
    group = parser.add_argument_group("output")
    suppress = argparse.SUPPRESS  # so that a sub-verb's parser does not undo what stood before the sub-verb
    group.add_argument("--json", action="store_true", default=suppress, help="one event a line on stdout, as JSON")
    group.add_argument("--plain", action="store_true", default=suppress, help="no colour, nothing redrawn in place")
    group.add_argument(
        "--log", choices=LOG_LEVELS, default=suppress, help="say on stderr what happens inside (default: error)"
    )


def add_record_options(parser: argparse.ArgumentParser) -> None:
    """Add --record and --record-media, for every verb that connects to glasses."""
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="record the link for a report: all that is shown on the lens, without voice and pictures",
    )
    parser.add_argument("--record-media", action="store_true", help="let --record keep voice and pictures, too")


def record_of(args: argparse.Namespace) -> LinkRecord | None:
    """What `add_record_options` was given. Raises UsageError where something is to be kept in no recording."""
    if args.record is not None:
        return LinkRecord(args.record, args.record_media)
    if args.record_media:
        raise UsageError("--record-media belongs to a recording of the link", "Name its file: --record FILE")
    return None


def add_settings(parser: argparse.ArgumentParser, *keys: str) -> None:
    """Add a flag for each of these settings; `settings_of` reads what was given."""
    group = parser.add_argument_group("settings (also in the configuration file and the environment)")
    for key in keys:
        setting = config.setting(key)
        text = f"{setting.help} (default: {setting.default})" if setting.default != "" else setting.help
        options: dict[str, Any] = {"dest": _SETTING_PREFIX + key, "default": argparse.SUPPRESS, "help": text}
        if setting.kind is bool:
            group.add_argument(setting.flag, action=argparse.BooleanOptionalAction, **options)
        else:
            group.add_argument(setting.flag, metavar=setting.metavar, **options)


def settings_of(args: argparse.Namespace) -> config.Settings:
    """All settings: from the configuration file, the environment, and the flags of `add_settings`.

    Raises:
        UsageError: an unknown key, a bad value, or a file that cannot be read.
    """
    prefix = len(_SETTING_PREFIX)
    flags = {name[prefix:]: value for name, value in vars(args).items() if name.startswith(_SETTING_PREFIX)}
    return config.load(flags, os.environ, config_file())


def is_given(args: argparse.Namespace, key: str) -> bool:
    """Whether the flag of that setting was given."""
    return _SETTING_PREFIX + key in vars(args)


def examples(*lines: str) -> str:
    """The end of a verb's help: commands to copy."""
    return "examples:\n" + "\n".join(f"  {line}" for line in lines)
