"""Units of systemd, looked at: one setting of a text, and what systemd itself says of a file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

__all__ = ["value", "verify"]


def value(text: str, key: str) -> str:
    (found,) = re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)
    return found


def verify(path: Path) -> str:
    """What systemd has to say about this unit; skips where it is not installed."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed: apt install systemd")
    with tempfile.TemporaryDirectory() as short:  # sockets of other units must fit in 108 bytes
        environment = {**os.environ, "XDG_RUNTIME_DIR": short, "HOME": short}
        command = [program, "verify", "--user", "--man=no", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    return "".join(line for line in done.stderr.splitlines(keepends=True) if path.name in line)
