"""The benchmark of tap to card: its stages and its limits."""

from __future__ import annotations

import argparse

import pytest

pytest.importorskip("lupa")
pytest.importorskip("PIL")
pytest.importorskip("babel")
pytest.importorskip("zxingcpp")

from sign_parts import ScriptedReader, line

from host.backends import readers
from host.bench import price_latency
from host.errors import BenchmarkError


@pytest.fixture
def read(monkeypatch):
    """What the reader says of the demo's tag."""
    said = [line("54.90", 200, 300, 300, 120)]

    async def open_tag_reader(*_args, on_cpu, **_options):
        reader = ScriptedReader([said])
        in_child = reader.read

        async def read(picture):
            on_cpu(0.25)
            return await in_child(picture)

        reader.read = read
        return readers.OpenedReader(reader, "as told")

    monkeypatch.setattr(readers, "open_tag_reader", open_tag_reader)
    return said


@pytest.mark.slow  # six starts of emulated glasses; pytest -m slow tests/host/bench/test_price_latency.py
def test_the_stages_add_up_and_the_reader_stands_apart(read):
    lines = []
    rows = price_latency.run(argparse.Namespace(looks=2), lines.append)
    heard = [row for row in rows if "samples" in row]
    assert len(rows) - len(heard) == 2 * 3 * len(price_latency.STAGES)
    assert {row["device"]: row["lost"] for row in heard if row["device"] == "nominal"} == {"nominal": 0}
    assert all(row["samples"] > 16000 for row in heard)
    warm = {row["stage"]: row["p50_s"] for row in rows if (row["camera"], row["device"]) == ("warm", "nominal")}
    parts = sum(seconds for stage, seconds in warm.items() if stage not in ("all but the reader", "reader", "all"))
    assert parts == pytest.approx(warm["all but the reader"], abs=0.01)
    assert warm["reader"] >= 0.25
    assert warm["all"] == pytest.approx(warm["all but the reader"] + warm["reader"], abs=0.01)
    cold = {row["stage"]: row["p50_s"] for row in rows if (row["camera"], row["device"]) == ("cold", "nominal")}
    assert cold["camera"] - warm["camera"] == pytest.approx(1.0, abs=0.2)  # ten exposures, in virtual time
    assert sum("at most" in text for text in lines) == 6


def test_a_tag_that_is_not_read_is_an_error(read):
    read.clear()
    with pytest.raises(BenchmarkError, match="the demo's tag was not read: no price found"):
        price_latency.run(argparse.Namespace(looks=2), lambda _text: None)
