"""A unit of systemd for the user's own service manager: its text, each line explained in it; pure.

How words are written follows systemd.syntax(7), systemd.service(5) "COMMAND LINES" and systemd.exec(5), and differs by
setting: `%` begins a specifier everywhere, `$` a variable in commands only, and the name of an environment file is no
word that can be quoted but a pattern.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from host.errors import UsageError

__all__ = ["MADE_BY", "UNIT_NAME", "Service", "unit"]

UNIT_NAME: Final = "sidelight.service"
MADE_BY: Final = "# Made by `sidelight service`."
"""How the text begins: what begins otherwise is somebody else's."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_@+=:,./-]+")  # needs no quotes anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the unit runs.

    Attributes:
        command: the program, by its absolute path, and its words.
        folders: that it may write to, besides the user's runtime folder for it; they must be there.
        secrets: file of environment variables that are read at its start; it need not be there.
        environment: variables that say where things are kept, as they were when this was made.
        sandboxed: whether the file system is closed to it, which needs user namespaces.
    """

    command: Sequence[str]
    folders: Sequence[str]
    secrets: str
    environment: Mapping[str, str] = field(default_factory=dict)
    sandboxed: bool = True


def unit(service: Service) -> str:
    """The text of the unit.

    Raises:
        UsageError: a word or a path has characters that a unit cannot hold.
    """
    program, *words = service.command
    command = " ".join([_program(program), *(_quoted(word, dollars=True) for word in words)])
    environment = "".join(f"Environment={_quoted(f'{name}={text}')}\n" for name, text in service.environment.items())
    return _UNIT.format(
        made_by=MADE_BY,
        command=command,
        environment=_ENVIRONMENT + environment if environment else "",
        secrets=_pattern(service.secrets),
        sandbox=_SANDBOX.format(folders=" ".join(map(_quoted, service.folders))) if service.sandboxed else _OPEN,
    )


def _program(path: str) -> str:
    """The first word of a command, in which systemd takes no quotes or backslashes, and no variables either."""
    if set(path) & set("\"'\\"):
        raise UsageError(
            f"systemd cannot run a program whose path has quotes or backslashes: {path!a:.120}",
            "Install Sidelight in another folder",
        )
    return _quoted(path)


def _quoted(word: str, *, dollars: bool = False) -> str:
    """A word of a setting that is split into words; `dollars` where variables are put in."""
    _check(word)
    text = word.replace("%", "%%")
    if dollars:
        text = text.replace("$", "$$")
    if _PLAIN.fullmatch(text.replace("%%", "")) and text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _pattern(path: str) -> str:
    """A path for EnvironmentFile=, which takes the whole line as one pattern of glob(7)."""
    _check(path)
    return re.sub(r"([\\*?\[])", r"\\\1", path.replace("%", "%%"))


def _check(word: str) -> None:
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in word):
        raise UsageError(
            f"a service of systemd cannot have these characters in a word or path: {word!a:.120}",
            "Use a path without control characters",
        )


_UNIT: Final = """\
{made_by} Change it by flags of that command, or by `systemctl --user edit sidelight`.

[Unit]
Description=Sidelight: captions on smart glasses
Documentation=https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
# After 200 failures within 12 hours it stays stopped: glasses that are out of range for two hours, say.
# Then: systemctl --user reset-failed sidelight; systemctl --user start sidelight
StartLimitIntervalSec=12h
StartLimitBurst=200

[Service]
# What runs. `%%` is a per cent sign and `$$` a dollar sign: alone they mean something to systemd.
ExecStart={command}
{environment}# Keys of servers, one NAME=value a line; no key is in this unit. Others cannot read that file (0600).
# The minus: it need not be there.
EnvironmentFile=-{secrets}

# Failed (glasses out of range, Bluetooth off): again after half a minute.
Restart=on-failure
RestartSec=30s
# Exit code 2 is a wrong word or setting, which no second try mends.
RestartPreventExitStatus=2
# 130 is how it ends when it is told to stop: the sentence being spoken is finished and saved.
SuccessExitStatus=130
# Only the program itself is told to stop: its recogniser still has that sentence to do.
KillMode=mixed
TimeoutStopSec=45s

# It and what it starts get no rights that they do not have now: no sudo, no set-uid programs.
NoNewPrivileges=yes
# What it makes is for you alone.
UMask=0077
{sandbox}
[Install]
# Started when you log in (and at boot, if lingering is on: loginctl enable-linger).
WantedBy=default.target
"""

_ENVIRONMENT: Final = "# As it was set when this unit was made: where everything is kept.\n"

_SANDBOX: Final = """\
# The whole file system is read-only for it ...
ProtectSystem=strict
# ... but for its own folders, which must be there (`sidelight service install` makes them), ...
ReadWritePaths={folders}
# ... and for the one of its control socket, in XDG_RUNTIME_DIR.
RuntimeDirectory=sidelight
# That is for you alone, ...
RuntimeDirectoryMode=0700
# ... and stays: a program in a terminal may have its socket there.
RuntimeDirectoryPreserve=yes
# It has a /tmp of its own, which goes with it.
PrivateTmp=yes
# What your own service manager needs for the three above: a user namespace.
PrivateUsers=yes
"""

_OPEN: Final = "# The file system is not closed to it (--no-sandbox): this kernel allows no user namespaces.\n"
