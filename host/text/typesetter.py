"""Text into glyphs with the fonts of this computer: the `Typesetter` of `host/lens/shaping.py`.

A line is cut into runs of one direction, of one script and of one font; each is shaped, and they are set side by side.
"""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from typing import Final

from host.errors import FontError
from host.fonts import FontFile, Fonts
from host.lens.shaping import BASELINE, EM, ShapedGlyph, ShapedLine
from host.lens.words import ATTACHED
from host.scripts import face_code
from host.text.phrases import phrase_starts
from host.text.typeface import SetGlyph, Typeface
from host.text.unicode_rules import Run, graphemes, line_breaks, script_of, visual_runs

__all__ = ["FontTypesetter"]

_KEPT_LINES: Final = 1024
"""Shaped lines that are kept. A caption of three lines asks for each of them some ten times while it is laid out."""

_KEPT_CHOICES: Final = 4096  # fonts that were found for a grapheme
_LONGEST_KEPT: Final = 400  # characters; longer ones are asked for once, to find out that they are too wide
_SHARED: Final = ("Zyyy", "Zinh", "Zzzz")
_UNIT: Final = 64
_SELECTORS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))  # of variants; a font without the variant has the letter
_FROM_THE_RIGHT: Final = {"ar", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}


class FontTypesetter:
    """Shapes with the fonts of this computer. Characters that none of them has become the font's box for that."""

    def __init__(self, fonts: Fonts) -> None:
        """Use these fonts, each opened when it is needed first."""
        self._fonts = fonts
        self._open: dict[tuple[FontFile, int], Typeface] = {}
        self._typeface = lru_cache(_KEPT_CHOICES)(self._chosen)
        self._lines: OrderedDict[tuple[str, int, str], ShapedLine] = OrderedDict()

    def shape(self, text: str, height: int, language: str) -> ShapedLine:
        """One line of text as glyphs. Raises FontError: there is no font at all, or one is damaged."""
        key = (text, height, language)
        if key in self._lines:
            self._lines.move_to_end(key)
            return self._lines[key]
        line = self._shaped(text, height, language)
        if len(text) <= _LONGEST_KEPT:
            self._lines[key] = line
            if len(self._lines) > _KEPT_LINES:
                self._lines.popitem(last=False)
        return line

    def words(self, text: str, language: str) -> tuple[str, ...]:
        """The line cut where Unicode's rules and the phrases of its language allow."""
        phrases = phrase_starts(text, language)
        whole = set(accumulate(map(len, graphemes(text))))
        breaks = (place for place in line_breaks(text, language) if place in whole and phrases.get(place, True))
        places = [0, *breaks]
        pieces = [(text[a:b], a and text[a - 1] != " ") for a, b in pairwise(places)]
        return tuple((ATTACHED if follows else "") + piece.rstrip(" ") for piece, follows in pieces if piece.strip(" "))

    def graphemes(self, text: str) -> Sequence[str]:
        """Extended grapheme clusters."""
        return graphemes(text)

    def _shaped(self, text: str, height: int, language: str) -> ShapedLine:
        if not text:
            return ShapedLine((), 0, rtl=False)
        scripts = _scripts(text)
        typefaces = self._typefaces(text, scripts, _with_han(language, scripts), max(1, round(height * EM)))
        from_right = language.lower().split("-")[0] in _FROM_THE_RIGHT
        strong = from_right and any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text)
        rtl, runs = visual_runs(text, rtl=True if strong else None)
        pen = 0
        glyphs: list[ShapedGlyph] = []
        for run in runs:
            for start, end in _uniform(run, scripts, typefaces):
                script, typeface = scripts[start], typefaces[start]
                for one in typeface.shape(text, start, end, script, language, rtl=run.rtl):
                    glyphs.append(_placed(one, typeface, pen, round(height * BASELINE)))
                    pen += one.advance
        left = min([0, *(one.x for one in glyphs if one.glyph)])
        right = max([-(-pen // _UNIT), *(one.x + one.glyph.width for one in glyphs if one.glyph)])
        moved = tuple(ShapedGlyph(one.cluster, one.name, one.font, one.x - left, one.y, one.glyph) for one in glyphs)
        return ShapedLine(moved, right - left, rtl)

    def _typefaces(self, text: str, scripts: Sequence[str], language: str, size: int) -> list[Typeface]:
        """The font of each character; a grapheme is never divided between two."""
        found: list[Typeface] = []
        for grapheme in graphemes(text):
            script = scripts[len(found)]
            found += [self._typeface(grapheme, script, language, size)] * len(grapheme)
        return found

    def _chosen(self, grapheme: str, script: str, language: str, size: int) -> Typeface:
        """The first font that has all of a grapheme; else the first there is."""
        first: Typeface | None = None
        for file in self._candidates(grapheme[0], script, language):
            typeface = self._opened(file, size)
            if all(typeface.has(c) or unicodedata.category(c) == "Cf" or c in _SELECTORS for c in grapheme):
                return typeface
            first = first or typeface
        if first is None:
            raise FontError("no font is installed", "Install one: sudo apt install fonts-noto-core")
        return first

    def _candidates(self, character: str, script: str, language: str) -> Iterator[FontFile]:
        """The script's own font, then the language's, a Latin one, and those with signs that belong to no script."""
        for code in (face_code(script, language), face_code("Zyyy", language), "Latn"):
            if (file := self._fonts.for_script(code, character)) is not None:
                yield file
        yield from self._fonts.for_symbols

    def _opened(self, file: FontFile, size: int) -> Typeface:
        if (file, size) not in self._open:
            self._open[file, size] = Typeface(file, size)
        return self._open[file, size]


def _scripts(text: str) -> list[str]:
    """The script of each character; what scripts share goes with what is before it, else with what follows."""
    own = [script_of(c) for c in text]
    before = next((script for script in own if script not in _SHARED), "Zyyy")
    scripts = []
    for script in own:
        before = before if script in _SHARED else script
        scripts.append(before)
    return scripts


def _with_han(language: str, scripts: Sequence[str]) -> str:
    """The language; one that does not write Han is told from the company that Han keeps."""
    if language.lower().split("-")[0] in {"zh", "ja", "ko"}:
        return language
    if "Hira" in scripts or "Kana" in scripts:
        return "ja"
    return "ko" if "Hang" in scripts else language


def _uniform(run: Run, scripts: Sequence[str], typefaces: Sequence[Typeface]) -> list[tuple[int, int]]:
    """Parts of a run that have one script and one font, as they stand from left to right."""
    parts = []
    for _, group in groupby(range(run.start, run.end), key=lambda k: (scripts[k], id(typefaces[k]))):
        places = list(group)
        parts.append((places[0], places[-1] + 1))
    return parts[::-1] if run.rtl else parts


def _placed(one: SetGlyph, typeface: Typeface, pen: int, baseline: int) -> ShapedGlyph:
    """A glyph on its line; `pen` in 64ths of a pixel, `baseline` in pixels from the top."""
    drawn = typeface.drawn(one.name)
    x, y = round((pen + one.right) / _UNIT), baseline - round(one.up / _UNIT)
    if drawn is None:
        return ShapedGlyph(one.cluster, one.name, typeface.file.family, x, y, None)
    return ShapedGlyph(one.cluster, one.name, typeface.file.family, x + drawn.left, y - drawn.top, drawn.glyph)
