"""`sidelight bench`: a table for a person, an event a row for a script."""

from __future__ import annotations

import json

from host.bench import link
from host.cli import main

ROWS = [{"step": "cold start", "bytes_out": 12517}, {"step": "warm start", "bytes_out": 60}]


def measured(args, line):
    line(f"a table at {args.interval_ms:g} ms")
    return ROWS


def test_a_person_gets_the_table(capsys, monkeypatch):
    monkeypatch.setattr(link, "run", measured)
    assert main(["bench", "link", "--interval-ms", "30"]) == 0
    assert capsys.readouterr().out == "a table at 30 ms\n"


def test_a_script_gets_an_event_a_row(capsys, monkeypatch):
    monkeypatch.setattr(link, "run", measured)
    assert main(["bench", "link", "--interval-ms", "30", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(e["event"], e["benchmark"]) for e in events] == [("measurement", "link")] * 2
    assert [e["values"] for e in events] == ROWS


def test_an_unknown_benchmark_is_wrong_usage(capsys):
    assert main(["bench", "lnik"]) == 2
    said = capsys.readouterr().err
    assert "'lnik' is none of captions, " in said
    assert "; did you mean link?" in said


def test_captions_without_recordings_says_so(capsys, tmp_path):
    assert main(["bench", "captions", "--data", str(tmp_path)]) == 2
    assert "manifest.tsv" in capsys.readouterr().err
