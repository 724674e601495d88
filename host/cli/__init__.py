"""The command line: parser, one file per verb, and the only code that prints, configures logging or exits."""

from host.cli.start import main

__all__ = ["main"]
