"""The device app as it goes onto the glasses: its Lua files in one, minified, named by its hash; pure but for reading.

The name carries the hash of the content, so `require` of that name either starts exactly this app or says that the
file is not there: one round tells whether an upload is needed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

__all__ = ["AppImage", "app_image", "minify"]

_MODULES: Final = ("wire", "scene", "audio", "photo", "sensors", "main")
_DIALECTS: Final = {"frame": "frame"}
_LOADER: Final = "local L,P={},{}local function use(n)local m=L[n]if m==nil then m=P[n](use)L[n]=m end return m end"
_TOKEN: Final = re.compile(
    r"""
    (?P<comment>--\[(?P<level>=*)\[.*?\](?P=level)\]|--[^\n]*)
  | (?P<newline>\n)
  | (?P<space>[ \t\r]+)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op>\.\.\.|\.\.|==|~=|<=|>=|//|<<|>>|::|[-+*/%^\#&~|<>=(){}\[\];:,.])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class AppImage:
    """One program for one kind of device.

    Attributes:
        name: module name on the glasses, "sl" and the hash.
        hash: 8 hexadecimal digits of SHA-256 over the source.
        source: Lua text, ASCII.
        lines: (file, line) of the original for each line of `source`, from line 1 at index 0.
    """

    name: str
    hash: str
    source: bytes
    lines: tuple[tuple[str, int], ...]

    def locate(self, text: str) -> str:
        """An error text of the glasses with positions in this image turned into file and line of the original."""

        def original(match: re.Match[str]) -> str:
            line = int(match[1])
            return "{}.lua:{}:".format(*self.lines[line - 1]) if 0 < line <= len(self.lines) else match[0]

        return re.sub(rf'\[string "{self.name}\.lua"\]:(\d+):', original, text)


@cache
def app_image(kind: str) -> AppImage:
    """The app for "frame"; read once."""
    folder = resources.files(__package__) / "device_app"
    files = {module: module for module in _MODULES} | {"dialect": _DIALECTS[kind]}
    lines = [_LOADER]
    origin: list[tuple[str, int]] = [("start", 1)]
    for module, file in files.items():
        text = (folder / f"{file}.lua").read_text("ascii")
        lines.append(f"P.{module}=function(...)")
        origin.append((file, 0))
        for number, line in minify(text):
            lines.append(line)
            origin.append((file, number))
        lines.append("end")
        origin.append((file, 0))
    body = "\n".join(lines)
    digest = hashlib.sha256(body.encode("ascii")).hexdigest()[:8]
    source = f'{body}\nP.main(use,"{digest}")\n'
    origin.append(("start", 2))
    return AppImage(f"sl{digest}", digest, source.encode("ascii"), tuple(origin))


def minify(text: str) -> Iterator[tuple[int, str]]:
    """(line number, code) of each line that holds code, without comments and needless spaces.

    Raises:
        ValueError: a character that is no Lua (as far as our own files use it).
    """
    line, code, at = 1, "", 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            msg = f"line {line}: {text[at]!r} is not understood"
            raise ValueError(msg)
        piece, at = match[0], match.end()
        if match.lastgroup in ("newline", "comment") or match["comment"]:
            if piece == "\n" and code:
                yield line, code
                code = ""
            line += piece.count("\n")
        elif not match["space"]:
            code += " " + piece if code and _touch(code[-1], piece[0]) else piece
    if code:
        yield line, code


def _touch(left: str, right: str) -> bool:
    """True where two tokens would read as one without a space."""
    word = (left.isalnum() or left == "_") and (right.isalnum() or right == "_")
    return word or (left == "-" == right) or (left.isdigit() and right == ".") or (left == "." and right == ".")
