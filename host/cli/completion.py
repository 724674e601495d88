"""Print what makes your shell complete the verbs and arguments of sidelight with the Tab key."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Final

from host.cli.options import Parser, examples
from host.cli.output import Output

__all__ = ["add_arguments", "run"]

SHELLS: Final = ("bash", "zsh", "fish", "powershell")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe which shells there are, and where each keeps such things."""
    parser.epilog = examples(
        "sidelight completion bash > ~/.local/share/bash-completion/completions/sidelight",
        "sidelight completion zsh > ~/.zfunc/_sidelight        # with fpath+=~/.zfunc before compinit in ~/.zshrc",
        "sidelight completion fish > ~/.config/fish/completions/sidelight.fish",
        "sidelight completion powershell >> $PROFILE",
    )
    parser.add_argument("shell", choices=SHELLS, help="which shell")


def run(args: argparse.Namespace, out: Output) -> int:
    """Print the script; the exit code."""
    import shtab  # noqa: PLC0415 - every verb is loaded for it, and only then

    for line in shtab.complete(_whole(shtab.FILE), shell=args.shell).splitlines():
        out.line(line)
    return 0


def _whole(file: object) -> argparse.ArgumentParser:
    """One parser with every verb in it."""
    from host.cli.program import VERBS  # noqa: PLC0415 - which names this module

    whole = argparse.ArgumentParser(prog="sidelight", add_help=False)
    whole.add_argument("--version", action="store_true", help="which version this is")
    whole.add_argument("-h", "--help", action="store_true", help="the verbs")
    verbs = whole.add_subparsers(parser_class=Parser)
    for verb in VERBS:
        parser = verbs.add_parser(verb.name, help=verb.help)
        importlib.import_module(verb.module).add_arguments(parser)
        _complete_files(parser, file)
    return whole


def _complete_files(parser: argparse.ArgumentParser, file: object) -> None:
    """Let the shell complete names of files where one is asked for; argparse has no public list of its arguments."""
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for inner in action.choices.values():
                _complete_files(inner, file)
        elif action.type is Path or "FILE" in str(action.metavar):
            action.complete = file  # type: ignore[attr-defined]  # as shtab asks for it
