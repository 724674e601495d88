"""Fonts of this computer: which one shows a script, and what to install where none does.

Fontconfig is asked where it is installed (`fc-list`: Linux, and elsewhere by choice), else the usual folders of macOS,
Windows and Linux are searched for files that are known to hold the scripts. Nothing is opened here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from host.errors import FontError
from host.languages import LANGUAGES
from host.scripts import SCRIPTS, Script, face_code

__all__ = ["FontFile", "Fonts", "ScriptFont", "report", "require"]

_LONGEST_LIST: Final = 8 << 20
"""Bytes of fontconfig's answer that are read; 300 fonts are 60 kB."""

_MOST_FILES: Final = 20_000  # of font folders that are looked through


@dataclass(frozen=True, slots=True)
class FontFile:
    """One font: its file, which of the file's fonts it is, and what it is called.

    The upper half of `index` is which named instance of a variable font it is, as fontconfig, FreeType and HarfBuzz
    count them; 0 for none.
    """

    path: Path
    index: int
    family: str


_UPRIGHT: Final = frozenset(("Regular", "Book", "Roman", ""))

_SYMBOLS: Final = (
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Noto Sans Symbols2",
    "Noto Sans Math",
    "DejaVu Sans",
    "Noto Emoji",
    "Symbola",
)
_SYMBOL_FILES: Final = ("dejavusans.ttf", "seguisym.ttf", "apple symbols.ttf")


@dataclass(frozen=True, slots=True)
class ScriptFont:
    """A script and the font that shows it here; with none, `message` and `fix` say so."""

    script: Script
    font: FontFile | None

    @property
    def message(self) -> str:
        """One sentence."""
        if self.font is None:
            return f"no font for {self.script.name} is installed"
        return f"{self.script.name} is shown with {self.font.family}"

    @property
    def fix(self) -> str:
        """What to do; empty where there is nothing to do."""
        return "" if self.font else _fix(self.script)


def report(fonts: Fonts | None = None) -> list[ScriptFont]:
    """Every script that is promised, and with which font it is shown on this computer."""
    known = fonts or Fonts.of_this_computer()
    return [ScriptFont(script, known.for_script(script.code)) for script in SCRIPTS.values()]


def require(language: str, fonts: Fonts) -> None:
    """Make sure that a language can be shown.

    Args:
        language: BCP 47 tag.
        fonts: of this computer.

    Raises:
        FontError: no font for its script is installed; with the command that installs one.
    """
    code = face_code("Zyyy", language)
    if fonts.for_script(code) is None:
        found = ScriptFont(SCRIPTS[code], None)
        name = LANGUAGES.get(language.lower().split("-")[0], "")
        own = not name or found.script.name.startswith(name)
        what = "" if own else f", which {name} is written in,"
        raise FontError(f"no font for {found.script.name}{what} is installed", found.fix)


class Fonts:
    """The fonts there are. What was found once is not looked for again."""

    def __init__(self, listed: Sequence[tuple[FontFile, str, frozenset[str]]], files: dict[str, Path]) -> None:
        """Choose among these.

        Args:
            listed: of each font fontconfig knows, itself, its style, and the languages it covers.
            files: font files by name in lower case, where there is no fontconfig.
        """
        self._listed, self._files = listed, files
        self._found: dict[str, FontFile | None] = {}

    @classmethod
    def of_this_computer(cls) -> Fonts:
        """Look for the fonts. Takes some 30 ms with fontconfig; never raises."""
        listed = list(_listed(()))
        return cls(listed, {} if listed else dict(_files(_folders())))

    def for_script(self, code: str, character: str = "") -> FontFile | None:
        """The font for a script.

        Args:
            code: as `face_code` gives it.
            character: one of it, with which a script that has no row in `SCRIPTS` is looked for.
        """
        if code not in self._found:
            self._found[code] = self._choose(code, character)
        return self._found[code]

    @cached_property
    def for_symbols(self) -> tuple[FontFile, ...]:
        """Fonts with signs that belong to no script, best first."""
        named = (font for family in _SYMBOLS for font, style, _ in self._listed if _is(font, style, family))
        paths = (self._files[name] for name in _SYMBOL_FILES if name in self._files)
        return (*named, *(FontFile(path, 0, path.stem) for path in paths))

    def _choose(self, code: str, character: str) -> FontFile | None:
        row = SCRIPTS.get(code)
        if row is None:
            return _upright(_listed((f":charset={ord(character):x}",))) if character and self._listed else None
        for family in row.families.split("|"):
            for font, style, tags in self._listed:
                if _is(font, style, family) and row.tag in tags:
                    return font
        if (plainest := _upright(entry for entry in self._listed if row.tag in entry[2])) is not None:
            return plainest
        for name in row.files.split("|"):
            file, _, index = name.partition("#")
            if file in self._files:
                return FontFile(self._files[file], int(index or 0), self._files[file].stem)
        return None


def _is(font: FontFile, style: str, family: str) -> bool:
    return font.family == family and style in _UPRIGHT


def _upright(listed: Iterable[tuple[FontFile, str, frozenset[str]]]) -> FontFile | None:
    """The plainest of some fonts."""

    def oddity(entry: tuple[FontFile, str, frozenset[str]]) -> tuple[bool, bool, bool]:
        font, style, _ = entry
        return "Sans" not in font.family, "Mono" in font.family, style not in _UPRIGHT

    return min(listed, key=oddity, default=(None,))[0]


def _fix(script: Script) -> str:
    if sys.platform == "darwin" or os.name == "nt":
        return f"Install a font that has {script.name}, such as one of Google's Noto fonts"
    return f"Install one: sudo apt install {script.debian} (other systems: Google's Noto fonts)"


def _listed(pattern: tuple[str, ...]) -> Iterator[tuple[FontFile, str, frozenset[str]]]:
    """What fontconfig lists; nothing where it is not installed or fails."""
    program = shutil.which("fc-list")
    if program is None:
        return
    wanted = "%{file}\\t%{index}\\t%{family[0]}\\t%{style[0]}\\t%{lang}\\t%{outline}\\t%{variable}\\n"
    try:
        done = subprocess.run(
            [program, "--format", wanted, *(pattern or (":",))], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return
    for line in sorted(done.stdout[:_LONGEST_LIST].decode("utf-8", "replace").splitlines()):
        match line.split("\t"):
            case [path, index, family, style, tags, "True", "False"] if index.isdecimal():
                yield FontFile(Path(path), int(index), family), style, frozenset(tags.split("|"))


def _folders() -> list[Path]:
    home = Path.home()
    windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", "")
    if os.name == "nt":
        return [Path(windows, "Fonts"), *([Path(local, "Microsoft", "Windows", "Fonts")] if local else [])]
    if sys.platform == "darwin":
        return [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return [data / "fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts")]


def _files(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Font files by name in lower case; of two with one name the one in the earlier folder."""
    seen = 0
    for folder in reversed(folders):
        for place, _, names in os.walk(folder):
            for name in sorted(names):
                if name.lower().endswith((".ttf", ".otf", ".ttc")):
                    seen += 1
                    if seen > _MOST_FILES:
                        return
                    yield name.lower(), Path(place, name)
