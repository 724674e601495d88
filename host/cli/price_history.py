"""`sidelight price history`, `export`, `forget` and `import`: the prices that are kept on this computer."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from host.cli.options import add_output_options, add_settings, examples, settings_of
from host.cli.output import Output
from host.contracts.prices import SeenPrice
from host.errors import BackendMissingError, UsageError
from host.events import PriceKept, PricesExported, PricesForgotten, PricesImported
from host.paths import data_folder, named
from host.store.prices import Prices
from host.store.prices_export import FORMATS, price_fields, price_format

__all__ = ["add_verbs"]

_STDOUT: Final = "-"
_SHOWN: Final = 50
_CANCELLED: Final = 1
_MOST_DIGITS: Final = 20  # the largest number that the store can hold has 19


def add_verbs(verbs: Any) -> None:
    """Add the sub-verbs to those of `price`; each parser's `action` is a function of its arguments and the output.

    Args:
        verbs: what `add_subparsers` gave.
    """

    def sub_verb(name: str, action: Callable[..., int], text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text)
        parser.set_defaults(action=action)
        add_output_options(parser)
        return parser

    history = sub_verb("history", _history, "the prices that were read, newest first")
    history.add_argument("words", nargs="*", metavar="TEXT", help="only of this product, code, shop or currency")
    history.add_argument(
        "--limit", type=_number, default=_SHOWN, metavar="N", help="show at most so many (default: %(default)s)"
    )

    export = sub_verb("export", _export, "write the history to a file, for a spreadsheet or a program")
    export.add_argument(
        "file", nargs="?", default=_STDOUT, metavar="FILE", help=".csv or .json; - is standard output (the default)"
    )
    export.add_argument("--format", choices=tuple(FORMATS), help="instead of the file's extension (default: csv)")
    export.add_argument("--force", action="store_true", help="replace a file that is there")

    forget = sub_verb("forget", _forget, "delete prices from the history, for good")
    forget.add_argument("ids", type=_number, nargs="*", metavar="ID", help="their numbers in the history")
    forget.add_argument("--all", action="store_true", help="the whole history; imported dumps stay")
    forget.add_argument("--yes", action="store_true", help="do not ask")

    importing = sub_verb("import", _import, "compare with the prices of a country from a dump of Open Prices")
    importing.epilog = (
        "The dumps are at https://prices.openfoodfacts.org/data: prices.jsonl.gz, and locations.jsonl.gz, which is\n"
        "needed beside it, under the ODbL 1.0. Repeated with a newer one, nothing is there twice.\n\n"
        + examples("sidelight price import prices.jsonl.gz --country NO")
    )
    importing.add_argument("file", type=Path, metavar="FILE", help="prices.jsonl or prices.jsonl.gz")
    importing.add_argument(
        "--locations", type=Path, metavar="FILE", help="the dump of the places (default: the one beside FILE)"
    )
    add_settings(importing, "price.country")


def _history(args: argparse.Namespace, out: Output) -> int:
    with _store() as store:
        found = store.all(" ".join(args.words))
    if not found:
        if args.words:
            out.note("nothing found")
        else:
            out.note("no prices yet", "This reads some: sidelight price --photo FILE")
    write = _writing()
    for seen in found[: args.limit]:
        out.told(_event(seen, out), _row(seen, write))
    if len(found) > args.limit:
        out.note(f"{args.limit} of {len(found)} shown; --limit {len(found)} shows all")
    return 0


def _export(args: argparse.Namespace, out: Output) -> int:
    to_stdout = args.file == _STDOUT
    if to_stdout and out.json:
        raise UsageError("events and the history cannot share standard output", "Name a file")
    path = named(args.file)
    try:
        name = args.format or ("csv" if to_stdout else price_format(path))
    except UsageError as error:
        raise UsageError(error.message, f"{error.hint}, or give --format") from None
    with _store() as store:
        history = store.all()
    document = FORMATS[name](history)
    if to_stdout:
        for line in document.removeprefix("\ufeff").splitlines():
            out.line(line)
        return 0
    from host.store.export import save  # noqa: PLC0415 - the others need none of it

    save(document, path, replace=args.force)
    written = PricesExported(t=out.elapsed(), prices=len(history), path=str(path))
    out.told(written, f"{_count(len(history))} written to {path}")
    return 0


def _forget(args: argparse.Namespace, out: Output) -> int:
    if bool(args.ids) == args.all:
        raise UsageError("which prices are to be forgotten?", "Give their numbers in the history, or --all")
    with _store() as store:
        unknown = sorted(set(args.ids) - {seen.id for seen in store.all()})
        if unknown:
            raise UsageError(f"no price has the number {unknown[0]}", "sidelight price history shows them")
        if not args.yes and not _is_confirmed(args, store.all(), out):
            return _CANCELLED
        count = store.forget(None if args.all else args.ids)
    out.told(PricesForgotten(t=out.elapsed(), prices=count), f"{_count(count)} forgotten")
    return 0


def _import(args: argparse.Namespace, out: Output) -> int:
    from host.app.price_dump import import_dump  # noqa: PLC0415 - the others need none of it
    from host.backends.open_prices import LICENCE  # noqa: PLC0415 - as above

    country = settings_of(args).price_country
    told = -1

    def progress(share: float, found: int) -> None:
        nonlocal told
        tenth = int(share * 10)
        if tenth > told:
            told = tenth
            out.note(f"{share:.0%} read, {_count(found)} found")

    count = import_dump(data_folder(), args.file, country, args.locations, progress)
    event = PricesImported(t=out.elapsed(), prices=count, country=country, path=str(args.file), licence=LICENCE)
    out.told(event, f"{_count(count)} of {country} imported. {LICENCE}")
    return 0


def _store() -> contextlib.closing[Prices]:
    return contextlib.closing(Prices.open(data_folder()))


def _event(seen: SeenPrice, out: Output) -> PriceKept:
    fields: dict[str, Any] = price_fields(seen)
    return PriceKept(t=out.elapsed(), name_=fields.pop("name"), **fields)


def _writing() -> Callable[[Any, str], str]:
    """How the user writes amounts; plainly where the library for it is not installed."""
    from host.price.money import locale_of, money_shown  # noqa: PLC0415 - `export` needs none of it

    try:
        locale = locale_of(*(os.environ.get(name, "") for name in ("LC_ALL", "LC_MONETARY", "LANG")))
    except BackendMissingError:
        return lambda amount, currency: f"{amount:f} {currency}".strip()
    return lambda amount, currency: money_shown(amount, currency, locale)


def _row(seen: SeenPrice, write: Callable[[Any, str], str]) -> str:
    when = seen.seen.strftime("%Y-%m-%d %H:%M")
    unit = f"{write(seen.unit_price, seen.currency)}/{seen.per}" if seen.unit_price is not None else ""
    what = seen.name or seen.gtin or "(no name)"
    where = f"  {seen.shop}" if seen.shop else ""
    return f"{seen.id:>5}  {when}  {write(seen.price, seen.currency):>12}  {unit:>14}  {what}{where}"


def _is_confirmed(args: argparse.Namespace, history: list[SeenPrice], out: Output) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", "Add --yes to forget without being asked")
    write = _writing()
    chosen = history if args.all else [seen for seen in history if seen.id in args.ids]
    for seen in chosen[:_SHOWN]:
        out.note(_row(seen, write))
    out.note(f"forget {_count(len(chosen))} for good? [y/N]")
    if sys.stdin.readline().strip().lower() in {"y", "yes"}:
        return True
    out.note("nothing forgotten")
    return False


def _count(number: int) -> str:
    return f"{number} price{'s' * (number != 1)}"


def _number(text: str) -> int:
    """A number from 1; more digits than any has are a number that none has."""
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text[:_MOST_DIGITS])
