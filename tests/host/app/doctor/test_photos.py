"""What reads photos, and what keeps them from being read."""

from __future__ import annotations

import sys

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
