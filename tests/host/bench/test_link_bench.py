"""`sidelight bench link`: its table, its steps on the emulated Frame, and what it says where it cannot measure."""

from __future__ import annotations

import importlib.util
import logging
import math
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from firmware_bridge import Glasses, NotFoundError, NotInstalledError, UriError
from firmware_bridge.emulator.clock import run_virtual
from firmware_bridge.link import GlassesKind
from host.bench import link, link_hardware, link_peers, link_rig, link_steps, link_table
from host.bench.link_captions import Effort, forty, growing, spread
from host.bench.link_rig import STAGES, Conditions
from host.bench.link_steps import SIDELIGHT, STEPS, measure
from host.bench.link_table import ROWS, SWEPT, Row, at_most
from host.cli import main
from host.errors import UsageError
from host.link_record import LinkRecord

ON_HALO = ("starts", "captions", "picture", "photo")  # the steps that are tested there each time
TINY = Effort(captions=3, stream_s=1, interruptions=2, sound_s=6)
ROW = Row("", "x_s", "a figure", "ms", at_most(0.065, "65 ms"))

needs_bumble = pytest.mark.skipif(
    importlib.util.find_spec("bumble") is None, reason="Bumble is not installed: pip install 'sidelight[bumble]'"
)


def arguments(*texts: str) -> Namespace:
    parser = ArgumentParser()
    link.add_arguments(parser)
    return parser.parse_args(texts)


# --- the table ----------------------------------------------------------------------------------------------------


def test_ours_is_compared_with_the_best_of_the_others() -> None:
    assert link_table.cells(ROW, [0.06, 0.08, 0.075]) == ["a figure", "60 ms", "80 ms", "75 ms", "0.80", "65 ms", "yes"]
    assert link_table.cells(ROW, [0.07])[-2:] == ["65 ms", "NO"]


def test_what_a_package_cannot_do_is_said_and_never_the_best() -> None:
    assert link_table.cells(ROW, [0.06, math.inf, "fails: no"])[1:5] == ["60 ms", "never", "fails: no", "-"]
    assert link_table.best_of([math.inf, "fails: no"]) == math.inf
    assert link_table.best_of([]) is None


def test_half_of_the_best_is_not_known_without_others() -> None:
    row = next(row for row in ROWS if row.figure == "picture_s")
    assert link_table.values(row, ["sidelight"], [0.4])["met"] is None
    assert link_table.values(row, ["sidelight", "other"], [0.4, 0.7])["met"] is False
    assert link_table.values(row, ["sidelight", "other"], [0.4, math.inf]) == {
        "figure": "picture_s",
        "what": "24 kB to the glasses",
        "sidelight": 0.4,
        "other": None,
        "ratio": None,
        "target": "half of the best",
        "met": True,
    }


def test_ours_that_never_happens_meets_no_target() -> None:
    for row in ROWS:
        if row.target is not None:
            assert row.target.met(math.inf, 1.0) is False, row.label
            assert row.target.met("error", 1.0) is False, row.label


def test_markdown_has_a_rule_below_its_heading() -> None:
    assert link_table.titles(["", "sidelight"], as_markdown=True) == ["|  | sidelight |", "|---|---|"]


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    assert spread("d", [n / 100 for n in range(20, 0, -1)]) == {"d_p50_s": 0.10, "d_p95_s": 0.19, "d_max_s": 0.20}
    assert spread("d", [0.1, math.inf])["d_p95_s"] == math.inf


def test_captions_are_what_they_are_said_to_be() -> None:
    assert {len(text.replace("\n", "")) for text in forty(60)} == {40}
    assert len(set(forty(60))) == 60
    for before, after in zip(growing(), growing()[1:], strict=False):
        kept = before.split("\n")[1]
        assert after.split("\n")[1].startswith(kept) or after.startswith(kept + "\n")


def test_the_page_has_the_rows_that_the_command_prints() -> None:
    page = (Path(__file__).parents[3] / "docs" / "link-benchmark.md").read_text(encoding="utf-8")
    table = page.partition("--full --markdown")[2].partition("\n- ")[0]
    written = re.findall(r"^\| (\S.*?) \|.*\|$", table, re.MULTILINE)
    assert written == [row.label for step in STEPS for row in ROWS if row.step == step]
    targets = [row.target.says for step in STEPS for row in ROWS if row.step == step and row.target is not None]
    assert re.findall(r"\| ([^|]+) \| (?:yes|NO) \|$", table, re.MULTILINE) == targets


# --- the steps ----------------------------------------------------------------------------------------------------


@needs_bumble
@pytest.mark.parametrize(
    ("step", "device"),
    [
        pytest.param(step, device, marks=[pytest.mark.slow] if device == "halo" and step not in ON_HALO else [])
        for step in STEPS
        for device in STAGES
    ],
)
def test_every_step_gives_the_figures_of_its_rows(step: str, device: GlassesKind) -> None:
    figures = measure(SIDELIGHT, Conditions.of(device), TINY, step)
    for row in ROWS:
        if row.step == step:
            value = figures[row.figure]
            assert isinstance(value, str) or 0 <= value < math.inf, row.label


@needs_bumble
def test_two_runs_are_alike_and_the_radio_matters() -> None:
    def captions(conditions: Conditions) -> link_steps.Figures:
        return measure(SIDELIGHT, conditions, TINY, "captions")

    assert captions(Conditions(loss=0.05)) == captions(Conditions(loss=0.05))
    assert captions(Conditions(interval_ms=60))["caption_p50_s"] > captions(Conditions())["caption_p50_s"]


@needs_bumble
@pytest.mark.filterwarnings("default")  # the packages' own warnings are not ours to fix
@pytest.mark.parametrize("name", link_peers.PEERS)
def test_a_package_by_others_is_measured_on_the_same_frame(name: str) -> None:
    if importlib.util.find_spec(link_peers.PEERS[name]) is None:
        pytest.skip(f"{name} is not installed: pip install 'sidelight[peers]'")
    figures = measure(name, Conditions(), TINY, "captions")
    assert 0.02 < figures["caption_p50_s"] < 0.2
    assert measure(name, Conditions(), TINY, "lost packet")["lost_dead"] == "pictures"


@needs_bumble
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # as above
@pytest.mark.parametrize("step", STEPS)
def test_brilliant_msg_is_measured_on_the_same_halo(step: str) -> None:
    """pytest -m "slow or not slow" tests/host/bench/test_link_bench.py"""
    pytest.importorskip("brilliant_msg", reason="brilliant-msg is not installed: pip install 'sidelight[peers]'")
    figures = measure("brilliant-msg", Conditions.of("halo"), TINY, step)
    assert {row.figure for row in ROWS if row.step == step} <= figures.keys()
    assert figures.get("caption_p95_s", 0) < 0.2
    assert figures.get("stream_lost", 0) == figures.get("sound_unnoticed", 0) == 0
    assert figures.get("photo_lost", "unnoticed") == "unnoticed"


def test_halo_has_conditions_of_its_own() -> None:
    conditions = link.conditions_of(arguments("--device", "halo"))
    assert str(conditions) == "40 ms, 6 packets an event, loss 0%, nominal device, firmware later"
    assert conditions.uri == "emulator:halo?interval_ms=40&packets=6&loss=0&slow=0&firmware=later"
    assert "firmware=0.8.8" in link.conditions_of(arguments("--device", "halo", "--firmware", "0.8.8")).uri
    assert {(c.interval_ms, c.packets) for c in link.swept(conditions)} == {(30, 6), (50, 6), (40, 4), (40, 8)}
    assert link_peers.peers_for("halo") == ["brilliant-msg"]


def test_what_a_package_by_others_cannot_begin_stands_in_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str, *_args: object) -> link_steps.Figures:
        raise OSError("no such luck")

    monkeypatch.setattr(link, "measure", refused)
    rows = link._measured("frame-msg", Conditions(), TINY, "picture")
    assert set(rows.values()) == {"fails: no such luck"}
    with pytest.raises(OSError, match="luck"):
        link._measured(SIDELIGHT, Conditions(), TINY, "picture")


def test_a_sweep_goes_through_radios_and_devices() -> None:
    found = link.swept(Conditions())
    assert len(found) == len(set(found)) == 14
    assert {c.interval_ms for c in found} == {15, 30}
    assert {c.loss for c in found} == {0, 0.02, 0.1}
    assert {c.packets for c in found} == {2, 4, 6}
    assert {c.slow for c in found} == {False, True}
    assert all(any(row.figure == figure for row in ROWS) for figure in SWEPT)


@needs_bumble
def test_glasses_that_are_not_emulated_here_are_measured_by_what_they_acknowledge() -> None:
    async def steps() -> dict[str, link_table.Value]:
        async with link_rig.rig(Conditions()) as frame:
            return await link_hardware._steps(frame.source(), TINY)

    figures = run_virtual(steps())
    assert set(figures) >= {row.figure for row in link_hardware.ROWS}
    assert figures["again_rounds"] == 1
    assert figures["first_bytes"] > 5000 > figures["again_bytes"]


def test_glasses_are_the_bound_ones_and_their_link_is_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[str, LinkRecord | None]] = []

    def opened(address: str, record: LinkRecord | None) -> Glasses:
        asked.append((address, record))
        raise NotFoundError("none is in range", "Charge them")

    monkeypatch.setattr(link_hardware, "open_glasses", opened)
    with pytest.raises(NotFoundError):
        link.run(arguments("--glasses", "ble:", "--record", str(tmp_path / "link.jsonl")), print)
    assert asked == [("ble:", LinkRecord(tmp_path / "link.jsonl"))]


def test_a_link_that_is_emulated_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a link to real glasses is recorded"):
        link.run(arguments("--record", str(tmp_path / "link.jsonl")), print)


# --- where it cannot measure --------------------------------------------------------------------------------------


def test_a_package_that_is_missing_is_said_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_peers, "find_spec", lambda module: None if module == "frame_msg" else object())
    with pytest.raises(NotInstalledError, match=r"packages by others that are not installed: frame-msg$") as caught:
        link.run(arguments("--peers"), print)
    assert caught.value.hint == "Run: pip install 'sidelight[peers]'"


def test_a_missing_bluetooth_stack_is_said_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_rig, "find_spec", lambda name: None if name == "bumble" else object())
    with pytest.raises(NotInstalledError, match=r"not installed: bumble$") as caught:
        link.run(arguments(), lambda _line: None)
    assert caught.value.hint == "Run: pip install 'sidelight[emulator,bumble]'"


def test_values_out_of_range_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "link", "--interval-ms", "5"]) == 2
    assert "interval_ms=5 is not possible" in capsys.readouterr().err
    assert main(["bench", "link", "--loss", "2"]) == 2
    assert "0 to 0.9" in capsys.readouterr().err


def test_only_real_glasses_are_measured_by_their_address() -> None:
    with pytest.raises(UriError, match="'emulator:frame' is not measured") as caught:
        link.run(arguments("--glasses", "emulator:frame"), print)
    assert "leave --glasses out" in caught.value.hint


def test_importing_a_package_by_others_leaves_logging_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    before = list(root.handlers), root.level

    def imported(_module: str) -> None:
        root.addHandler(logging.NullHandler())
        root.setLevel(1)

    monkeypatch.setattr(link_peers.importlib, "import_module", imported)
    link_peers._quietly_imported("frame_msg")
    assert (root.handlers, root.level) == before
