"""Checks that a built wheel holds every file that the program needs at run time, and none that it does not.

    pip wheel --no-deps --wheel-dir dist . && python tools/check_contents.py dist/*.whl

Needed is every file that git knows below the packages. Exit code 1 with a list if the wheel differs.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("firmware_bridge", "host")


def main() -> int:
    """Compare; the exit code."""
    wheel = sys.argv[1]
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True)
    needed = set(filter(None, listed.stdout.split("\0")))
    for name in sorted(needed - held):
        print(f"missing from the wheel: {name}")
    for name in sorted(held - needed):
        print(f"in the wheel, but not in the repository: {name}")
    print(f"{Path(wheel).name}: {len(held)} files")
    return 1 if needed != held else 0


if __name__ == "__main__":
    sys.exit(main())
