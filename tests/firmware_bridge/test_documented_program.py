"""The program that docs/bluetooth-without-a-radio.md shows, run as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bumble", reason="Bumble is not installed: pip install 'sidelight[bumble]'")

from link_rigs import LentFrame

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bluetooth-without-a-radio.md").read_text(encoding="utf-8")


def test_the_documented_program_runs_unchanged_and_prints_what_the_page_says(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (says,) = re.findall(r"It prints `(.*?)`", PAGE)
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    frame = LentFrame("emulator:frame")
    try:
        words = ["-m", "firmware_bridge.bumble_radio", "--keys", str(tmp_path / "bonds.json"), frame.where]
        ran = subprocess.run(
            [sys.executable, *words, str(tmp_path / "program.py")],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        frame.close()
    assert ran.stderr == ""
    assert says in ran.stdout.splitlines()
