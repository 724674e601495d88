"""`sidelight bench price`: prices in a folder of photographed tags, right, refused and wrong, and what that costs.

The folder's pictures are read one after another, in order of their names. Where it holds a `manifest.tsv` whose column
`expected` names a price ("price=29.90 NOK; name=..."), what was read is compared; an accepted price that differs, or
has another currency, is wrong. Seconds are those of the clock, and apart from them those that the reader's answers
took; memory is what this program and the reader's process hold together.

`--generated N` draws N tags instead (`tags/`), from the seeds for judging, and counts by what is wrong with the photos;
those that nobody could read (`tags/legible.py`) are counted apart. `--camera` takes each photo of a folder with
emulated glasses first, as somebody who looks at the tag does (`camera_view.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from host.app.read import loaded
from host.app.tag import TagReading, read_tag
from host.backends import readers
from host.bench.camera_view import GLASSES, seen_by
from host.bench.expected import Expected, parse_expected
from host.bench.folder import expected, photos, resident_bytes
from host.bench.tags.layouts import laid_out
from host.bench.tags.legible import legible
from host.bench.tags.picture import Condition, Photo, photographed
from host.bench.tags.sample import sampled
from host.config import load
from host.currencies import currency_code, currency_of
from host.errors import BackendError, PhotoInputError, UsageError
from host.languages import language_code
from host.paths import config_file
from host.price.tag import Tag
from host.read.fields import TagFields
from host.read.line import TextLine
from host.read.reader import BarcodeReader, FieldReader, GlancingReader, LineReader, Picture, Reader, ReaderInfo

__all__ = ["Verdict", "add_arguments", "run", "verdict"]

Verdict = Literal["right", "refused", "wrong", "read"]
"""Of one photo; "read" is an accepted price of a photo of which nothing is expected."""

_COUNTS: Final = ("photos", "legible", "right of legible", "right of the rest", "wrong")
_WORDS: Final = 28  # characters of a name in the table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `bench price`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, help="folder of photos")
    what.add_argument("--generated", type=int, metavar="N", help="draw so many photos of made-up tags instead")
    parser.add_argument(
        "--camera",
        nargs="?",
        const="frame",
        type=_glasses,
        metavar="GLASSES",
        help="with --data: as emulated glasses photograph them: frame (default), halo, 'halo?strict=1'",
    )
    parser.add_argument(
        "--view", type=_share, default=1.0, metavar="SHARE", help="with --camera: how much of the view a photo fills"
    )
    parser.add_argument("--tuning", action="store_true", help="with --generated: the seeds for tuning")
    parser.add_argument("--reader", default="auto", help="reader of text (default auto)")
    parser.add_argument("--language", default="auto", type=language_code, help="language of the text (default auto)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--country", default="", help="where the tags hang, such as NO (default: not known)")
    where.add_argument("--currency", default="", type=currency_code, help="of the tags (default: the configured one)")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a table by `line`, and as JSON values one row a photo and one for all.

    Raises:
        UsageError: no photos, or no such country.
        HostError: no reader, or it failed.
    """
    own = args.currency or _currency_of(args.country)
    cases = (
        _of_folder(args.data, own, args.camera, args.view)
        if args.data
        else _generated(args.generated, first=0 if args.tuning else 1)
    )
    return asyncio.run(_measure(args, cases, line))


def verdict(tag: Tag, wanted: Expected | None) -> Verdict:
    """What a reading is worth. A currency that is not known is not held against it: the lens says so."""
    if not tag.accepted:
        return "refused"
    if wanted is None:
        return "read"
    same = not (tag.currency and wanted.currency) or tag.currency == wanted.currency
    return "right" if tag.price == wanted.price and same else "wrong"


class _Timed:
    """A reader whose answers are timed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.seconds = 0.0

    @property
    def info(self) -> ReaderInfo:
        return self._reader.info

    async def read(self, picture: Picture) -> list[TextLine]:
        began = time.perf_counter()
        try:
            return await self._reader.read(picture)
        finally:
            self.seconds += time.perf_counter() - began

    async def close(self) -> None:
        await self._reader.close()


class _TimedLines(_Timed):
    """One that also reads single lines."""

    def __init__(self, reader: Reader, lines: LineReader) -> None:
        super().__init__(reader)
        self._lines = lines

    async def read_line(self, picture: Picture) -> TextLine | None:
        began = time.perf_counter()
        try:
            return await self._lines.read_line(picture)
        finally:
            self.seconds += time.perf_counter() - began


class _TimedGlances(_TimedLines):
    """One that also glances."""

    def __init__(self, reader: Reader, lines: LineReader, glances: GlancingReader) -> None:
        super().__init__(reader, lines)
        self._glances = glances

    async def glance(self, picture: Picture) -> list[TextLine]:
        began = time.perf_counter()
        try:
            return await self._glances.glance(picture)
        finally:
            self.seconds += time.perf_counter() - began


class _TimedFields(_TimedLines):
    """One that also says what a tag's texts are."""

    def __init__(self, reader: Reader, lines: LineReader, fields: FieldReader) -> None:
        super().__init__(reader, lines)
        self._fields = fields

    async def read_fields(self, picture: Picture) -> TagFields:
        began = time.perf_counter()
        try:
            return await self._fields.read_fields(picture)
        finally:
            self.seconds += time.perf_counter() - began


def _timed(reader: Reader) -> _Timed:
    if isinstance(reader, FieldReader) and isinstance(reader, LineReader):
        return _TimedFields(reader, reader, reader)
    if isinstance(reader, GlancingReader) and isinstance(reader, LineReader):
        return _TimedGlances(reader, reader, reader)
    return _TimedLines(reader, reader) if isinstance(reader, LineReader) else _Timed(reader)


@dataclass(frozen=True, slots=True)
class _Case:
    """A photo to be read.

    Attributes:
        name: of it.
        picture: loads or draws it.
        wanted: what it says; None where nothing is expected.
        currency: of where it hangs; None is the configured one.
        about: more of its row.
        fault: of its row in the manifest, for a person; empty for none.
    """

    name: str
    picture: Callable[[], Awaitable[Picture]]
    wanted: Expected | None
    currency: str | None
    about: Mapping[str, Any]
    fault: str = ""


def _of_folder(folder: Path, currency: str, camera: str | None, share: float) -> list[_Case]:
    wanted: dict[Path, Expected | None] = {}
    faults: dict[Path, str] = {}
    for name, text in expected(folder).items():
        try:
            wanted[folder / name] = parse_expected(text)
        except UsageError as error:
            faults[folder / name] = error.message
    named = {file for file, what in wanted.items() if what is not None} | faults.keys()
    files = sorted(named | {*photos(folder, needed=not named)})
    seen: Callable[[Path], Awaitable[Picture]] = partial(seen_by, camera, share) if camera else loaded
    about = {"camera": camera, "view": share} if camera else {}
    return [
        _Case(str(f.relative_to(folder)), partial(seen, f), wanted.get(f), currency or None, about, faults.get(f, ""))
        for f in files
    ]


def _generated(count: int, *, first: int) -> list[_Case]:
    """Made-up tags: every other seed, the conditions in turn."""
    conditions = tuple(Condition)
    cases = []
    for number in range(count):
        seed, condition = first + 2 * number, conditions[number % len(conditions)]
        spec = sampled(seed)
        photo = partial(photographed, laid_out(spec), condition, seed)
        about: dict[str, Any] = {"condition": str(condition), "layout": str(spec.layout)}
        wanted = Expected(spec.price, spec.currency)
        cases.append(_Case(f"{seed} {spec.layout}", partial(_drawn, photo, about), wanted, spec.currency, about))
    return cases


async def _drawn(photo: Callable[[], Photo], about: dict[str, Any]) -> Picture:
    made = await asyncio.to_thread(photo)
    about["legible"] = legible(made.seen)
    return made.picture


async def _measure(
    args: argparse.Namespace, cases: Sequence[_Case], line: Callable[[str], None]
) -> list[dict[str, Any]]:
    settings = load({"reader": args.reader}, os.environ, config_file())
    cpu: list[float] = []
    opened = await readers.open_tag_reader(settings, os.environ, language=args.language, on_cpu=cpu.append)
    line(f"{opened.reader.info.name}: {opened.reader.info.quality}")
    line("          seconds  reader     cpu   MiB         price      expected  name                          photo")
    rows = []
    try:
        reader, codes = _timed(opened.reader), readers.barcode_reader()
        for case in cases:
            cpu.clear()
            currency = settings.currency if case.currency is None else case.currency
            row = await _row(case, reader, codes, currency)
            row["cpu_s"] = round(row.get("cpu_s", 0.0) + sum(cpu), 3)
            rows.append(row)
            line(_words(row))
    finally:
        await opened.reader.close()
    rows.append(_total(rows))
    for text in _total_words(rows[-1]):
        line(text)
    return rows


def _glasses(text: str) -> str:
    if text.partition("?")[0] not in GLASSES:
        raise argparse.ArgumentTypeError(f"{text[:40]!a} is none of {', '.join(GLASSES)}")
    return text


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.05 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!a} is no share of the view, 0.05 to 1")
    return share


def _currency_of(country: str) -> str:
    currency = currency_of(f"und_{country}")
    if country and not currency:
        raise UsageError(f"{country[:40]!a} is no country", "Write its code of two letters, such as NO or JP")
    return currency


async def _row(case: _Case, reader: _Timed, codes: BarcodeReader, currency: str) -> dict[str, Any]:
    about = {"photo": case.name, "expected": _said(case.wanted), **({"manifest": case.fault} if case.fault else {})}
    try:
        began, ours, reader.seconds = time.perf_counter(), time.process_time(), 0.0
        picture = await case.picture()
        if case.about:  # it was drawn or photographed, which is not measured
            began, ours = time.perf_counter(), time.process_time()
        found = await read_tag(picture, reader, barcodes=codes, currency=currency)
    except (PhotoInputError, BackendError) as error:
        if isinstance(error, BackendError) and not error.retry:
            raise
        return about | {"error": error.message}
    return {
        **about,
        **case.about,
        "verdict": verdict(found.tag, case.wanted),
        **_told(found),
        "seconds": round(time.perf_counter() - began, 3),
        "reader_s": round(reader.seconds, 3),
        "cpu_s": time.process_time() - ours,
        "memory_mib": round(resident_bytes() / 2**20),
    }


def _told(found: TagReading) -> dict[str, Any]:
    tag = found.tag
    return {
        "amount": None if tag.price is None else str(tag.price),
        "currency": tag.currency,
        "reason": "" if tag.refusal is None else str(tag.refusal),
        "unit_price": None if tag.unit_price is None else str(tag.unit_price.amount),
        "name": tag.name,
        "confidence": tag.confidence,
        "evidence": list(tag.evidence),
        "advice": found.reading.advice or "",
    }


def _said(wanted: Expected | None) -> str | None:
    return None if wanted is None else f"{'-' if wanted.price is None else wanted.price} {wanted.currency}".strip()


def _words(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"  {row['error']}"
    fault = f"  (manifest: {row['manifest']})" if "manifest" in row else ""
    price = "-" if row["amount"] is None else f"{row['amount']} {row['currency'] or '???'}"
    why = f"  ({'; '.join(filter(None, (row['reason'], row['advice'])))})" if row["reason"] else ""
    name = "".join(c if c.isprintable() else " " for c in row["name"])[:_WORDS]
    return (
        f"{row['verdict']:8} {row['seconds']:8.2f} {row['reader_s']:7.2f} {row['cpu_s']:7.2f} {row['memory_mib']:5} "
        f"{price:>13} {row['expected'] or '':>13}  {name:{_WORDS}}  {row['photo']!a}{why}{fault}"
    )


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    read = [row for row in rows if "error" not in row]
    seconds = sorted(row["seconds"] for row in read)
    asked = [row for row in read if row["expected"] is not None]
    return {
        **({"conditions": _by("condition", read), "layouts": _by("layout", read)} if "legible" in rows[0] else {}),
        "photos": len(rows),
        "unreadable_files": len(rows) - len(read),
        "manifest_faults": sum("manifest" in row for row in rows),
        "with_expected_price": len(asked),
        **{name: sum(row["verdict"] == name for row in asked) for name in ("right", "refused", "wrong")},
        "seconds_median": seconds[len(seconds) // 2] if seconds else 0.0,
        "seconds_most": seconds[-1] if seconds else 0.0,
        "reader_s_mean": round(sum(row["reader_s"] for row in read) / max(1, len(read)), 3),
        "cpu_s_mean": round(sum(row["cpu_s"] for row in read) / max(1, len(read)), 3),
        "memory_mib_most": max((row["memory_mib"] for row in read), default=0),
    }


def _by(what: str, rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Of the made-up photos with each value of a column: how many there are, how many legible, right of those, ..."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        for group in (row[what], "all"):
            counts = found.setdefault(group, dict.fromkeys(_COUNTS, 0))
            counts["photos"] += 1
            counts["wrong"] += row["verdict"] == "wrong"
            counts["legible"] += row["legible"]
            counts["right of legible"] += row["legible"] and row["verdict"] == "right"
            counts["right of the rest"] += not row["legible"] and row["verdict"] == "right"
    return dict(sorted(found.items(), key=lambda pair: pair[0] == "all"))


def _total_words(total: dict[str, Any]) -> list[str]:
    counts = (
        f"{total['with_expected_price']} tags with a price to compare: {total['right']} right, "
        f"{total['refused']} refused, {total['wrong']} wrong; {total['unreadable_files']} unreadable files"
    )
    cost = (
        f"median {total['seconds_median']:.2f} s, most {total['seconds_most']:.2f} s, of it the reader "
        f"{total['reader_s_mean']:.2f} s; CPU {total['cpu_s_mean']:.2f} s each; at most {total['memory_mib_most']} MiB"
    )
    table = [f"{'':22}{'  '.join(_COUNTS)}"]
    for groups in (total.get("conditions", {}), total.get("layouts", {})):
        table += [
            f"{group:22}" + "  ".join(f"{count:{len(name)}}" for name, count in found.items())
            for group, found in groups.items()
        ]
    return [*(table if "conditions" in total else []), counts, cost]
