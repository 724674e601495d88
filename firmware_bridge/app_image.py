"""The device app as it goes onto the glasses: its Lua files in one, minified, named by its hash; pure but for reading.

The name carries the hash of the content, so opening that file either finds exactly this app or says that it is not
there: one round tells whether an upload is needed. The file begins with boot.lua; behind it stands each other part
behind a line of its own, `--` and the part's name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import ascii_letters
from typing import Final

__all__ = ["AppImage", "app_image", "minify"]

_PARTS: Final = ("main", "wire", "scene", "audio", "sensors", "photo")
_OWN_PARTS: Final[dict[str, dict[str, str]]] = {
    "frame": {"dialect": "frame"},
    "halo": {"dialect": "halo", "direct": "direct"},
}
"""Files of the parts that a device alone has."""
MAX_LINE_BYTES: Final = 500  # device reference 2.10: a line is read up to 512 bytes
_KEYWORDS: Final = frozenset(
    """and break do else elseif end false for function goto if in local nil not or repeat return then true until
    while""".split()  # noqa: SIM905 - a list of 22 quoted words says less
)
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
        name: of its file on the glasses, "sl" and the hash.
        hash: 8 hexadecimal digits of SHA-256 over the content.
        source: the file's content, ASCII, lines of at most 500 bytes.
        lines: file and line of the original for each line of a part's code, by part.
    """

    name: str
    hash: str
    source: bytes
    lines: Mapping[str, tuple[tuple[str, int], ...]]

    @property
    def start(self) -> str:
        """The statement that loads and runs it; NONCE must be set before."""
        return (
            f"local f=frame.file.open('{self.name}','r')local g=assert(load(function()local l=f:read()"
            "if l:sub(1,2)~='--'then return l..'\\n'end end))f:close()assert(load(string.dump(g,true)))()"
        )

    def locate(self, text: str) -> str:
        """An error text of the glasses with positions in this image turned into file and line of the original."""

        def original(match: re.Match[str]) -> str:
            lines = self.lines.get(match[1], ())
            line = int(match[2])
            return "{}.lua:{}:".format(*lines[line - 1]) if 0 < line <= len(lines) else match[0]

        return re.sub(r"\b(\w+):(\d+):", original, text)


@cache
def app_image(kind: str) -> AppImage:
    """The app for "frame" or "halo"; read once."""
    folder = resources.files(__package__) / "device_app"
    files = {part: part for part in _PARTS} | _OWN_PARTS[kind]
    parts = {part: list(minify((folder / f"{file}.lua").read_text("ascii"))) for part, file in files.items()}
    boot = [line for _, line in minify((folder / "boot.lua").read_text("ascii"))]
    body = "\n".join(
        [
            *boot,
            *(text for part, code in parts.items() for text in (f"--{part}", *(line for _, line in code))),
            "--",
            "",
        ]
    )
    digest = hashlib.sha256(body.encode("ascii")).hexdigest()[:8]
    source = f'NAME,HASH="sl{digest}","{digest}"\n{body}'
    lines = {part: tuple((files[part], number) for number, _ in code) for part, code in parts.items()}
    return AppImage(f"sl{digest}", digest, source.encode("ascii"), lines)


def minify(text: str) -> Iterator[tuple[int, str]]:
    """(line number, code) of each line that holds code: without comments and spaces, with short names of locals.

    A local's name is changed everywhere in the text or nowhere: nowhere if it is also a field's or a global's name.

    Raises:
        ValueError: a character that is no Lua (as far as our own files use it).
    """
    tokens = list(_tokens(text))
    short = _short_names([piece for _, piece in tokens])
    line, code, before = 0, "", ""
    for number, piece in tokens:
        if number != line and code:
            yield line, code
            code = ""
        line = number
        word = piece if before in {".", ":"} else short.get(piece, piece)
        code += " " + word if code and _touch(code[-1], word[0]) else word
        before = piece
    if code:
        yield line, code


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """(line number, token) without comments and spaces."""
    line, at = 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            msg = f"line {line}: {text[at]!r} is not understood"
            raise ValueError(msg)
        if match["name"] or match["string"] or match["number"] or match["op"]:
            yield line, match[0]
        line += match[0].count("\n")
        at = match.end()


def _short_names(pieces: list[str]) -> dict[str, str]:
    """Local names and what they become."""
    declared: set[str] = set()
    kept: set[str] = set(_KEYWORDS)
    open_brackets = [""]
    for n, piece in enumerate(pieces):
        if piece in {"(", "{", "["}:
            open_brackets.append(piece)
        elif piece in {")", "}", "]"}:
            open_brackets.pop()
        before, after = pieces[n - 1] if n else "", pieces[n + 1] if n + 1 < len(pieces) else ""
        if piece == "local":
            declared.update(_name_list(pieces, n + (2 if after == "function" else 1)))
        elif piece == "for":
            declared.update(_name_list(pieces, n + 1))
        elif piece == "function":
            declared.update(_name_list(pieces, pieces.index("(", n) + 1))
        elif _is_name(piece) and after == "=" and before in {"{", ","} and open_brackets[-1] == "{":
            kept.add(piece)  # a field in a table
    kept |= {piece for piece in pieces if _is_name(piece) and piece not in declared}
    fresh = (a + b for a in ("", *ascii_letters) for b in ascii_letters)
    free = (name for name in fresh if name not in kept)
    most_used_first = sorted(declared - kept, key=lambda name: (-pieces.count(name), name))
    return {name: next(free) for name in most_used_first}


def _name_list(pieces: list[str], at: int) -> Iterator[str]:
    """The names of `a, b, c` from this place on."""
    while _is_name(pieces[at]):
        yield pieces[at]
        if pieces[at + 1] != ",":
            break
        at += 2


def _is_name(piece: str) -> bool:
    return (piece[0].isalpha() or piece[0] == "_") and piece not in _KEYWORDS


def _touch(left: str, right: str) -> bool:
    """True where two tokens would read as one without a space."""
    word = (left.isalnum() or left == "_") and (right.isalnum() or right == "_")
    return word or left + right in {"--", "..", ">="} or (left.isdigit() and right == ".")
