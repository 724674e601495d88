"""`sidelight bench read`: what a reader finds in a folder of photos, and what that costs.

The folder's pictures are read one after another, in order of their names; where it holds a `manifest.tsv` whose column
`expected` names a bare barcode, that is compared. Seconds are those of the clock and of the CPU, the reader's process
included; memory is what this program and that process hold together.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.app.read import Reading, loaded, read_picture
from host.backends import readers
from host.bench.folder import expected, photos, resident_bytes
from host.config import load
from host.errors import PhotoInputError
from host.languages import language_code
from host.paths import config_file

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench read`."""
    parser.add_argument("--data", type=Path, required=True, help="folder of photos")
    parser.add_argument("--reader", default="auto", help="reader of text (default auto)")
    parser.add_argument("--language", default="auto", type=language_code, help="language of the text (default auto)")
    parser.add_argument("--two-looks", action="store_true", help="read the middle of each photo a second time")
    parser.add_argument("--show", action="store_true", help="print what was read")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and as JSON values one row a photo and one for all.

    Raises:
        UsageError: no photos.
        HostError: no reader, or it failed.
    """
    numbers = {
        file: text
        for file, text in expected(args.data).items()
        if text.isdecimal() and len(text) in (8, 12, 13, 14)  # a bare article number, and nothing else
    }
    return asyncio.run(_measure(args, photos(args.data), numbers, line))


async def _measure(
    args: argparse.Namespace, files: list[Path], numbers: dict[str, str], line: Callable[[str], None]
) -> list[dict[str, Any]]:
    settings = load({"reader": args.reader}, os.environ, config_file())
    reader_cpu: list[float] = []
    barcodes = readers.barcode_reader()
    opened = await readers.open_reader(settings, os.environ, language=args.language, on_cpu=reader_cpu.append)
    line(f"{opened.reader.info.name}: {opened.reader.info.quality}; taken because: {opened.why}")
    line("seconds     cpu   MiB  lines  sure  text px  blur px  light  barcodes                     photo")
    rows: list[dict[str, Any]] = []
    try:
        for photo in files:
            reader_cpu.clear()
            began, ours = time.perf_counter(), time.process_time()
            try:
                picture = await loaded(photo)
            except PhotoInputError as error:
                line(f"  {error.message}")
                rows.append({"photo": photo.name, "error": error.message})
                continue
            reading = await read_picture(picture, opened.reader, barcodes=barcodes, two_looks=args.two_looks)
            took, cpu = time.perf_counter() - began, time.process_time() - ours + sum(reader_cpu)
            row = _row(photo, reading, numbers.get(photo.name, ""), took, cpu)
            rows.append(row)
            line(_words(row))
            if args.show:
                for text in reading.text.splitlines():
                    line(f"    | {text}")
    finally:
        await opened.reader.close()
    rows.append(_total(rows))
    for text in _total_words(rows[-1]):
        line(text)
    return rows


def _row(photo: Path, reading: Reading, expected: str, took_s: float, cpu_s: float) -> dict[str, Any]:
    sure = [found for found in reading.lines if not found.unsure]
    products = [code.gtin for code in reading.barcodes if code.gtin]
    row: dict[str, Any] = {
        "photo": photo.name,
        "seconds": round(took_s, 3),
        "cpu_s": round(cpu_s, 3),
        "memory_mib": round(resident_bytes() / 2**20),
        "lines": len(reading.lines),
        "sure": len(sure),
        "text_px": reading.quality.text_px,
        "blur_px": reading.quality.blur_px,
        "light": reading.quality.light,
        "advice": reading.advice or "",
        "text": reading.text,
        "barcodes": [f"{code.kind} {code.gtin or code.text}" for code in reading.barcodes],
    }
    if expected:
        row["barcode_right"] = expected in products
        row["barcode_wrong"] = any(product != expected for product in products)
    return row


def _words(row: dict[str, Any]) -> str:
    def figure(value: float | None, width: int) -> str:
        return f"{'-' if value is None else value:>{width}}"

    codes = ", ".join("".join(c if c.isprintable() else " " for c in code)[:28] for code in row["barcodes"])
    advised = f"  ({row['advice']})" if row["advice"] else ""
    return (
        f"{row['seconds']:7.2f} {row['cpu_s']:7.2f} {row['memory_mib']:5} {row['lines']:6} {row['sure']:5} "
        f"{figure(row['text_px'], 8)} {figure(row['blur_px'], 8)} {row['light']:6.2f}  {codes:28} "
        f"{row['photo']}{advised}"
    )


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    read = [row for row in rows if "error" not in row]
    seconds = sorted(row["seconds"] for row in read)
    asked = [row for row in read if "barcode_right" in row]
    return {
        "photos": len(rows),
        "unreadable_files": len(rows) - len(read),
        "without_text": sum(not row["lines"] for row in read),
        "seconds_median": seconds[len(seconds) // 2] if seconds else 0.0,
        "seconds_most": seconds[-1] if seconds else 0.0,
        "cpu_s_mean": round(sum(row["cpu_s"] for row in read) / max(1, len(read)), 3),
        "memory_mib_most": max((row["memory_mib"] for row in read), default=0),
        "barcodes_expected": len(asked),
        "barcodes_right": sum(row["barcode_right"] for row in asked),
        "barcodes_wrong": sum(row["barcode_wrong"] for row in asked),
    }


def _total_words(total: dict[str, Any]) -> list[str]:
    about = (
        f"{total['photos']} photos, {total['without_text']} without text, {total['unreadable_files']} unreadable; "
        f"median {total['seconds_median']:.2f} s, most {total['seconds_most']:.2f} s, CPU {total['cpu_s_mean']:.2f} s "
        f"each, at most {total['memory_mib_most']} MiB"
    )
    found = [about]
    if total["barcodes_expected"]:
        right, asked = total["barcodes_right"], total["barcodes_expected"]
        found.append(f"barcodes of articles: {right} of {asked} right, {total['barcodes_wrong']} wrong")
    return found
