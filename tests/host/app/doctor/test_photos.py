"""What reads photos, and what keeps them from being read."""

from __future__ import annotations

import sys

import pytest
from checkups import found

from host.app.doctor import photos as photos_file
from host.app.doctor.photos import photos


def test_the_reader_that_is_taken(monkeypatch):
    monkeypatch.setattr(photos_file, "installed", lambda: frozenset({"rapidocr"}))
    assert found(photos)["reader"].message == "rapidocr is taken: it is the best on this computer"


def test_no_reader(monkeypatch):
    monkeypatch.setattr(photos_file, "installed", frozenset)
    assert found(photos)["reader"].state == "missing"
    asked = found(photos, reader="tesseract")["reader"]
    assert asked.state == "broken"
    assert asked.fix
    unknown = found(photos, reader="rapidorc")["reader"]
    assert (unknown.state, "did you mean rapidocr?" in unknown.message) == ("broken", True)


def test_packages_that_are_not_there(monkeypatch):
    for name in ("rapidocr", "zxingcpp"):
        monkeypatch.setitem(sys.modules, name, None)
    finding = found(photos)["photos and barcodes"]
    assert (finding.state, finding.fix) == ("missing", "Run: pip install 'sidelight[read]'")
    assert finding.message == "rapidocr is not installed and zxing-cpp is not installed"


@pytest.mark.parametrize(
    ("settings", "state", "said"),
    [
        ({}, "missing", "the country of the shops, and so their currency, is not set"),
        ({"price_country": "NO"}, "ok", "those of shops in NO"),
        ({"price_country": "NO", "currency": "EUR"}, "ok", "those of shops in NO, told in EUR too"),
    ],
)
def test_prices_need_the_country_of_the_shops(settings, state, said):
    pytest.importorskip("babel")
    finding = found(photos, **settings)["prices"]
    assert (finding.state, finding.message) == (state, said)


def test_what_writes_prices_is_not_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel", None)
    finding = found(photos)["prices"]
    assert (finding.state, finding.fix) == ("missing", "Run: pip install 'sidelight[price]'")
