"""`bench read`: any folder of photos, through the embedded reader."""

from __future__ import annotations

import argparse

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("rapidocr")
zxingcpp = pytest.importorskip("zxingcpp")

from drawn_photos import TAG, photo  # noqa: E402 - needs Pillow

from host.bench import read  # noqa: E402
from host.errors import UsageError  # noqa: E402


def measured(folder, *arguments):
    parser = argparse.ArgumentParser()
    read.add_arguments(parser)
    args = parser.parse_args(["--data", str(folder), *arguments])
    lines = []
    return read.run(args, lines.append), lines


def test_a_folder_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDELIGHT_HOME", str(tmp_path / "home"))
    picture = photo(TAG)
    made = zxingcpp.create_barcode("4006381333931", zxingcpp.BarcodeFormat.EAN13)
    code = np.array(made.to_image(scale=3))
    picture[500 : 500 + code.shape[0], 100 : 100 + code.shape[1]] = code[:, :, None]
    Image.fromarray(picture).save(tmp_path / "a.jpg", quality=60)
    (tmp_path / "b.png").write_text("no picture")
    (tmp_path / "manifest.tsv").write_text("file\texpected\na.jpg\t4006381333931\nb.png\tprice=29.90\n")
    rows, lines = measured(tmp_path, "--show")
    good, bad, total = rows
    assert "29.90" in good["text"]
    assert good["barcode_right"]
    assert not good["barcode_wrong"]
    assert "is no picture" in bad["error"]
    assert (total["photos"], total["unreadable_files"], total["barcodes_right"]) == (2, 1, 1)
    assert lines[0].startswith("rapidocr: good on sharp print")
    assert "    | 29.90" in lines
    assert lines[-1] == "barcodes of articles: 1 of 1 right, 0 wrong"


def test_a_folder_without_photos_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="there are no photos in"):
        measured(tmp_path)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        measured(tmp_path / "none")
