"""`sidelight price history`, `export`, `forget` and `import`, as a user has them."""

from __future__ import annotations

import contextlib
import gzip
import json
import stat
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from open_data_server import MILK, place_row, price_row

from host.cli import main
from host.contracts.prices import SeenPrice
from host.store.database import DATABASE_NAME
from host.store.erasing import holdings
from host.store.prices import Prices
from host.store.prices_open import OpenPrices

pytest.importorskip("babel")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path))
    for name in ("LC_ALL", "LC_MONETARY", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def seen(price="24.90", day=1, **more) -> SeenPrice:
    given = {"currency": "NOK", "gtin": MILK, "name": "TINE Melk", "shop": "Kiwi", "country": "NO", **more}
    return SeenPrice(seen=datetime(2026, 10, day, 17, 30, tzinfo=UTC), price=Decimal(price), **given)


@pytest.fixture
def history(home):
    with contextlib.closing(Prices.open(home / "data")) as store:
        store.add(seen())
        store.add(seen("19.90", 2, name="=cmd|' /C calc'!A0 \x1b[31m\u202e", shop="Rema", gtin=""))
        store.add(seen("5", 3, unit_price=Decimal("49.9"), per="kg", name="牛奶"))


@pytest.fixture
def said(capsys, home):
    """Run with these words: exit code, standard output, standard error."""

    def run(*words):
        code = main(["price", *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_the_history_newest_first(history, said):
    code, out, _ = said("history")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["3", "2026-10-03", "17:30", "NOK", "5.00", "NOK", "49.90/kg", "牛奶", "Kiwi"]
    assert "TINE Melk" in lines[2]
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize(
    ("words", "numbers"), [(["melk"], [1]), (["rema"], [2]), (["奶"], [3]), (["tine", "kiwi"], [1])]
)
def test_the_history_of_a_product(history, said, words, numbers):
    assert [int(line.split()[0]) for line in said("history", *words)[1].splitlines()] == numbers


def test_the_history_as_events(history, said):
    events = [json.loads(line) for line in said("history", "--json", "melk")[1].splitlines()]
    assert events[0]["event"] == "kept"
    assert (events[0]["price"], events[0]["name"], events[0]["gtin"]) == ("24.90", "TINE Melk", MILK)


def test_a_history_that_is_empty_or_long(home, said):
    assert said("history") == (0, "", "no prices yet. This reads some: sidelight price --photo FILE\n")
    with contextlib.closing(Prices.open(home / "data")) as store:
        for day in range(1, 4):
            store.add(seen(day=day))
    assert said("history", "nothing", "like", "it")[2] == "nothing found\n"
    _, out, err = said("history", "--limit", "2")
    assert len(out.splitlines()) == 2
    assert err == "2 of 3 shown; --limit 3 shows all\n"


def test_an_export_is_private_whole_and_replaces_nothing(history, said, home):
    path = home / "prices.csv"
    assert said("export", path)[:2] == (0, f"3 prices written to {path}\n")
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_text(encoding="utf-8-sig")
    assert "'=cmd|" in content
    assert "\x1b" not in content
    code, _, err = said("export", path)
    assert (code, "is there already" in err) == (2, True)
    assert said("export", path, "--force", "--json")[0] == 0
    assert said("export", home / "prices.json")[0] == 0
    assert len(json.loads((home / "prices.json").read_text())) == 3


def test_an_export_to_standard_output(history, said):
    code, out, _ = said("export")
    assert code == 0
    assert out.splitlines()[0].startswith("id,seen,name,gtin,price,currency")
    assert len(out.splitlines()) == 4
    assert "\x1b" not in out
    assert len(json.loads(said("export", "--format", "json")[1])) == 3
    assert "cannot share standard output" in said("export", "--json")[1]


def test_an_export_to_a_place_that_cannot_be(history, said, home):
    assert "has no known extension. Use .csv or .json, or give --format" in said("export", home / "a.xls")[2]
    assert "there is no folder" in said("export", home / "no" / "a.csv")[2]


def test_forgetting(history, said, home):
    assert said("forget", 1, 2, "--yes")[:2] == (0, "2 prices forgotten\n")
    assert [int(line.split()[0]) for line in said("history")[1].splitlines()] == [3]
    assert said("forget", "--all", "--yes", "--json")[0] == 0
    assert said("history")[1] == ""
    left = b"".join(path.read_bytes() for path in (home / "data").glob(f"{DATABASE_NAME}*"))
    for secret in (b"TINE", b"Rema", b"cmd", "牛奶".encode()):
        assert secret not in left


def test_forgetting_takes_a_yes_and_a_number(history, said, monkeypatch):
    assert "there is no terminal to ask on" in said("forget", 1)[2]
    assert "which prices are to be forgotten?" in said("forget", "--yes")[2]
    assert "which prices are to be forgotten?" in said("forget", 1, "--all", "--yes")[2]
    assert "no price has the number 9" in said("forget", 9, "--yes")[2]
    assert "no price has the number 9" in said("forget", 9)[2]  # rather than that there is no terminal
    assert "is not a whole number from 1 on" in said("forget", "x", "--yes")[2]

    class Terminal:
        def __init__(self, answer):
            self.answer = answer

        def isatty(self):
            return True

        def readline(self):
            return self.answer

    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    code, _, err = said("forget", 1)
    assert (code, "forget 1 price for good? [y/N]" in err, "TINE Melk" in err) == (1, True, True)
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert said("forget", 1)[0] == 0
    assert len(said("history")[1].splitlines()) == 2


PLACES = (place_row(3), place_row(4, "SE"))


def dumped(home, *rows, places=PLACES):
    path = home / "prices.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows)))
    if places is not None:
        content = b"".join(json.dumps(row).encode() + b"\n" for row in places)
        (home / "locations.jsonl.gz").write_bytes(gzip.compress(content))
    return path


def imported(home) -> int:
    with contextlib.closing(OpenPrices.open(home / "data")) as public:
        return public.count()


def test_a_dump_is_imported_and_again_without_duplicates(home, said):
    path = dumped(home, price_row(1), price_row(2, 30), price_row(3, location_id=4))
    for _ in range(2):
        code, out, _ = said("import", path, "--country", "no")
        assert (code, out.startswith("2 prices of NO imported. Prices: Open Prices contributors, ODbL")) == (0, True)
        assert imported(home) == 2
    event = json.loads(said("import", path, "--country", "SE", "--json")[1])
    assert (event["event"], event["prices"], event["country"]) == ("imported", 1, "SE")
    assert imported(home) == 3


def test_a_malformed_dump_imports_nothing(home, said):
    path = dumped(home, *[price_row(n) for n in range(1, 99)], {"id": "x"})
    code, out, err = said("import", path, "--country", "NO")
    assert (code, out) == (1, "")
    assert err.startswith("error: prices.jsonl.gz, line 99: it has no id; nothing was imported. ")
    assert imported(home) == 0


def test_a_dump_without_places_or_country(home, said):
    path = dumped(home, price_row(1), places=None)
    assert "there is no locations.jsonl.gz" in said("import", path, "--country", "NO")[2]
    elsewhere = home / "places.jsonl"
    elsewhere.write_text(json.dumps(place_row(3)) + "\n")
    assert said("import", path, "--country", "NO", "--locations", elsewhere)[0] == 0
    code, _, err = said("import", path)
    assert (code, "of which country" in err) == (2, True)
    assert "is no country" in said("import", path, "--country", "Norway")[2]


def test_what_is_kept_is_erased_with_everything(history, home):
    held = {holding.path.name for holding in holdings(home / "data", home / "config")[0]}
    assert held >= {DATABASE_NAME}


def test_a_misspelt_word_is_none(said):
    code, _, err = said("histroy")
    assert (code, "did you mean history?" in err) == (2, True)
