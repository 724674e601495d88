"""Tesseract: its table of words, its packs, and what it reads where it is installed."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.backends import tesseract
from host.backends.tesseract import TesseractReader, parse_table
from host.config import Settings
from host.errors import BackendError, BackendMissingError, LanguageError

needs_program = pytest.mark.skipif(shutil.which("tesseract") is None, reason="apt install tesseract-ocr")

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
TABLE = f"""{HEAD}
1\t1\t0\t0\t0\t0\t0\t0\t720\t720\t-1\t
4\t1\t1\t1\t1\t0\t10\t20\t200\t30\t-1\t
5\t1\t1\t1\t1\t1\t10\t20\t80\t30\t96\tTOMATO
5\t1\t1\t1\t1\t2\t100\t22\t60\t28\t60\t"SOUP
5\t1\t2\t1\t1\t1\t300\t90\t100\t60\t91.5\t29.90
5\t1\t3\t1\t1\t1\t300\t190\t100\t60\t95\t
"""


def test_words_become_lines():
    first, second = parse_table(TABLE)
    assert (first.text, first.confidence) == ('TOMATO "SOUP', 0.796)
    assert first.corners == ((10, 20), (160, 20), (160, 50), (10, 50))
    assert (second.text, second.height, second.unsure) == ("29.90", 60, False)


def test_words_far_apart_on_a_line_are_of_two_columns():
    rows = [(10, "Soup"), (100, "of"), (140, "day"), (500, "6,50"), (590, "EUR")]
    table = [HEAD, *(f"5\t1\t1\t1\t1\t1\t{left}\t20\t{20 * len(text) - 5}\t30\t90\t{text}" for left, text in rows)]
    assert [line.text for line in parse_table("\n".join(table))] == ["Soup of day", "6,50 EUR"]


@given(st.text(max_size=300))
def test_any_table_gives_lines(text):
    for found in (text, f"{HEAD}\n{text}", f"{HEAD}\n5\t1\t1\t1\t1\t1\t{text}"):
        assert all(line.text.strip() for line in parse_table(found))


@pytest.mark.parametrize("value", ["nan", "inf", "-5", "x", ""])
def test_figures_that_are_none_are_passed_over(value):
    assert parse_table(f"{HEAD}\n5\t1\t1\t1\t1\t1\t{value}\t0\t{value}\t9\t90\tword") == []
    assert parse_table(f"{HEAD}\n5\t1\t1\t1\t1\t1\t1\t1\t9\t9\t{value}\tword") == []


@pytest.mark.parametrize(
    ("system", "pack", "how"),
    [
        ("linux", "", "sudo apt install tesseract-ocr"),
        ("linux", "chi_sim", "sudo apt install tesseract-ocr-chi-sim"),
        ("darwin", "kor", "brew install tesseract-lang"),
        ("win32", "kor", "its installer, which has all languages, is at github.com/UB-Mannheim/tesseract/wiki"),
    ],
)
def test_how_to_install(system, pack, how):
    assert tesseract.how_to_install(pack, system) == how


def test_without_the_program_the_command_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BackendMissingError, match="tesseract is not installed") as caught:
        asyncio.run(tesseract.start("en", Settings(), {}, None))
    assert "Install it: " in caught.value.hint


def test_a_language_without_a_pack_is_the_command(monkeypatch):
    monkeypatch.setattr(tesseract, "packs", lambda: ("eng",))
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/tesseract")
    with pytest.raises(LanguageError, match="no pack for the language 'ko'") as caught:
        asyncio.run(tesseract.start("ko", Settings(), {}, None))
    assert "kor" in caught.value.hint or "brew" in caught.value.hint


def program(tmp_path, monkeypatch, script):
    file = tmp_path / "tesseract"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setattr(tesseract, "PROGRAM", str(file))
    return TesseractReader(["eng"])


def test_a_program_that_fails_is_one_clean_line(tmp_path, monkeypatch):
    reader = program(tmp_path, monkeypatch, "cat > /dev/null; printf 'Error \\033[2J opening data\\nfile' >&2; exit 1")
    with pytest.raises(BackendError) as caught:
        asyncio.run(reader.read(np.zeros((9, 9, 3), np.uint8)))
    assert caught.value.message == "tesseract failed: Error [2J opening data file"


def test_a_program_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(tesseract, "READ_TIMEOUT_S", 0.2)
    reader = program(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(BackendError, match="did not finish in") as caught:
        asyncio.run(reader.read(np.zeros((9, 9, 3), np.uint8)))
    assert caught.value.retry


@needs_program
def test_it_reads():
    pytest.importorskip("PIL")
    if "eng" not in tesseract.packs():
        pytest.skip("apt install tesseract-ocr-eng")
    from drawn_photos import TAG, photo  # noqa: PLC0415 - needs Pillow

    async def main():
        reader = await tesseract.start("en", Settings(), {}, None)
        assert reader.info.scripts == ("Latn",)
        return await reader.read(photo(TAG))

    found = {line.text: line for line in asyncio.run(main())}
    assert "29.90" in found
    assert 50 < found["29.90"].height < 120


@needs_program
def test_it_reads_cyrillic():
    pytest.importorskip("PIL")
    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if "rus" not in tesseract.packs() or not font.exists():
        pytest.skip("apt install tesseract-ocr-rus fonts-dejavu-core")
    from drawn_photos import photo  # noqa: PLC0415 - as above

    async def main():
        reader = await tesseract.start("ru", Settings(), {}, None)
        return await reader.read(photo([(60, 200, 60, "Осторожно, двери")], font=font))

    lines = asyncio.run(main())
    assert [(line.text, line.script) for line in lines] == [("Осторожно, двери", "Cyrl")]
