"""Text in photos by the program Tesseract, with the language packs that are installed: scripts that rapidocr lacks.

It is run by an argument list, takes the picture on its standard input, and answers with a table of words. It reads
clean print; on photographed price tags it found 2 prices of 45 where rapidocr found 29.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import functools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from host.config import Settings
from host.errors import BackendError, BackendMissingError, LanguageError
from host.read.line import Corners, TextLine
from host.read.reader import Picture, ReaderInfo

__all__ = ["LANGUAGES", "PROGRAM", "TesseractReader", "how_to_install", "packs", "parse_table", "start"]

PROGRAM: Final = "tesseract"

# ISO 639-1 to the name of the pack (github.com/tesseract-ocr/tessdata_fast); what is not here has the same name as the
# three letters of ISO 639-2, which `language` takes too.
LANGUAGES: Final = {
    "ar": "ara", "be": "bel", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell",
    "en": "eng", "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "gl": "glg", "he": "heb",
    "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn", "ko": "kor", "lt": "lit",
    "lv": "lav", "mk": "mkd", "nb": "nor", "nl": "nld", "nn": "nor", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron",
    "ru": "rus", "sk": "slk", "sl": "slv", "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie",
    "zh": "chi_sim",
}  # fmt: skip

# What a pack writes, where that is not Latin.
_SCRIPTS: Final = {
    "ara": "Arab", "fas": "Arab", "bel": "Cyrl", "bul": "Cyrl", "mkd": "Cyrl", "rus": "Cyrl", "srp": "Cyrl",
    "ukr": "Cyrl", "ben": "Beng", "ell": "Grek", "heb": "Hebr", "hin": "Deva", "jpn": "Jpan", "kor": "Kore",
    "tha": "Thai", "chi_sim": "Hani", "chi_tra": "Hani",
}  # fmt: skip
_NO_LANGUAGE: Final = frozenset({"osd", "equ", "snum"})

READ_TIMEOUT_S: Final = 60.0
LIST_TIMEOUT_S: Final = 10.0
MAX_LINES: Final = 500  # of one photo
MAX_PLACE: Final = 1e6  # pixels
MAX_PACKS: Final = 3  # at once where the language is not known: each costs time, and makes others' letters likelier
_BLOCK: Final = "6"  # page segmentation: one block. On drawn signs it misread 4 % of Korean letters, "sparse text" 36 %
_ONE_LINE: Final = "7"
_COLUMN_GAP: Final = 1.5  # line heights between two words of a line: they are of two columns
_WORD: Final = "5"  # level of a word in the table
_REASON: Final = 200


async def start(
    language: str, _settings: Settings, _environment: Mapping[str, str], _on_cpu: Callable[[float], None] | None
) -> TesseractReader:
    """Find the program and the pack for a language ("auto": any that is here); nothing is loaded yet.

    Raises:
        BackendMissingError: no such program.
        LanguageError: no pack for the language.
    """
    if shutil.which(PROGRAM) is None:
        raise BackendMissingError("tesseract is not installed", f"Install it: {how_to_install('')}")
    here = await asyncio.to_thread(packs)
    return TesseractReader(_wanted(language, here))


@functools.cache
def packs() -> tuple[str, ...]:
    """Names of the packs that are installed; none where there is no program or it does not answer."""
    try:
        done = subprocess.run(
            [PROGRAM, "--list-langs"], capture_output=True, text=True, timeout=LIST_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ()
    names = (line.strip() for line in done.stdout.splitlines()[1:])
    return tuple(name for name in names if name and "/" not in name and name not in _NO_LANGUAGE)


def how_to_install(pack: str, system: str = sys.platform) -> str:
    """The command that installs the program, or a pack; `system` as `sys.platform` says."""
    match system:
        case "darwin":
            return "brew install tesseract-lang" if pack else "brew install tesseract"
        case "win32":
            return "its installer, which has all languages, is at github.com/UB-Mannheim/tesseract/wiki"
        case _:
            return f"sudo apt install tesseract-ocr{'-' + pack.replace('_', '-') if pack else ''}"


class TesseractReader:
    """Runs the program for each photo; a `Reader`."""

    def __init__(self, names: Sequence[str]) -> None:
        """Read with these packs, at least one."""
        self._packs = tuple(names)

    @property
    def info(self) -> ReaderInfo:
        """What it can do with these packs."""
        scripts = tuple(dict.fromkeys(_SCRIPTS.get(pack, "Latn") for pack in self._packs))
        return ReaderInfo(
            name="tesseract",
            scripts=scripts,
            local=True,
            places=True,
            quality=f"clean print only; packs: {', '.join(self._packs)}",
            licence="Apache-2.0, program and packs",
        )

    async def read(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a photo. Cancelling ends the program. Raises BackendError."""
        return await self._run(picture, _BLOCK)

    async def read_line(self, picture: Picture) -> TextLine | None:
        """One line that fills the picture. Cancelling ends the program. Raises BackendError."""
        found = await self._run(picture, _ONE_LINE)
        return found[0] if len(found) == 1 else None

    async def _run(self, picture: Picture, mode: str) -> list[TextLine]:
        height, width = picture.shape[:2]
        image = b"P6 %d %d 255\n" % (width, height) + picture.tobytes()
        command = [PROGRAM, "stdin", "stdout", "-l", "+".join(self._packs), "--psm", mode, "tsv"]
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except OSError as error:
            raise BackendError(
                f"tesseract cannot be started: {error.strerror}", "Choose another reader with --reader"
            ) from error
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                answer, said = await process.communicate(image)
        except TimeoutError as error:
            raise BackendError(
                f"tesseract did not finish in {READ_TIMEOUT_S:.0f} s", "Take the photo of less text", retry=True
            ) from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            words = " ".join(said.decode("utf-8", "replace").split())
            reason = "".join(c for c in words if c.isprintable())[:_REASON]
            raise BackendError(f"tesseract failed: {reason}", "Choose another reader with --reader")
        return parse_table(answer.decode("utf-8", "replace"))

    async def close(self) -> None:
        """Nothing is held. Never raises."""


def parse_table(table: str) -> list[TextLine]:
    """The lines in Tesseract's table of words; what is no word of it is passed over.

    A line with a wide gap becomes two. A line's confidence is that of its words, weighed by their letters.
    """
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    lines: dict[tuple[str, ...], list[_Word]] = {}
    for row in rows:
        word = _word(row)
        if word is not None:
            place = tuple(str(row.get(part)) for part in ("page_num", "block_num", "par_num", "line_num"))
            lines.setdefault(place, []).append(word)
    return [_line(words) for line in list(lines.values())[:MAX_LINES] for words in _columns(line)]


_Word = tuple[str, float, tuple[float, float, float, float]]  # text, confidence, left, top, right, bottom


def _word(row: Mapping[str, str | None]) -> _Word | None:
    text = " ".join((row.get("text") or "").split())
    if row.get("level") != _WORD or not text:
        return None
    try:
        left, top, width, height = (float(row[name] or "") for name in ("left", "top", "width", "height"))
        confidence = float(row["conf"] or "") / 100
    except (KeyError, ValueError):
        return None
    bounded = all(abs(value) < MAX_PLACE for value in (left, top, width, height))  # neither infinite nor no number
    if not (bounded and width > 0 and height > 0 and 0 <= confidence <= 1):
        return None
    return text, confidence, (left, top, left + width, top + height)


def _columns(words: Sequence[_Word]) -> list[list[_Word]]:
    """The words of a line, parted where the gap between two is wide, whichever of them comes first."""
    parts = [[words[0]]]
    for before, word in pairwise(words):
        left, top, right, bottom = before[2]
        gap = max(word[2][0] - right, left - word[2][2])
        if gap > _COLUMN_GAP * max(bottom - top, word[2][3] - word[2][1]):
            parts.append([])
        parts[-1].append(word)
    return parts


def _line(words: Sequence[_Word]) -> TextLine:
    boxes = [box for _, _, box in words]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    corners: Corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    letters = sum(len(text) for text, _, _ in words)
    confidence = sum(len(text) * sure for text, sure, _ in words) / letters
    return TextLine(" ".join(text for text, _, _ in words), corners, round(confidence, 3))


def _wanted(language: str, here: Iterable[str]) -> tuple[str, ...]:
    """The packs for a language, or for any ("auto"): then those for scripts that are not Latin, and English."""
    installed = tuple(here)
    if language == "auto":
        others = [pack for pack in installed if pack in _SCRIPTS]
        found = [*others[: MAX_PACKS - 1], *(pack for pack in ("eng",) if pack in installed)]
        found = found or list(installed[:1])
        if not found:
            raise LanguageError("tesseract has no language packs", f"Install one: {how_to_install('eng')}")
        return tuple(found)
    pack = LANGUAGES.get(language, language)
    if pack not in installed:
        raise LanguageError(
            f"tesseract has no pack for the language {language!r:.20}", f"Install it: {how_to_install(pack)}"
        )
    return (pack,)
