"""What the battery of each pair of glasses takes an hour, learned in everyday mode: one small file.

It is no more than an estimate, so a file that cannot be read counts as none, and is replaced the next time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from host.contracts.battery import Learned
from host.store.private import explained, make_private_folder, write_private_file

__all__ = ["DRAINS_NAME", "learn", "learned_of"]

DRAINS_NAME: Final = "batteries.json"

_PAIRS: Final = 32  # more glasses than anybody has; those learned last stay
_LONGEST: Final = 64 * 1024  # bytes; 32 pairs take some 4 000

_log = logging.getLogger(__name__)


def learned_of(folder: Path, address: str) -> Learned | None:
    """What was learned of the glasses with this address; None where nothing was."""
    return _read(folder).get(address)


def learn(folder: Path, learned: Mapping[str, Learned]) -> None:
    """Keep what was learned of these glasses, by address, beside what is known of others.

    Raises:
        StoreError, DiskFullError: it cannot be kept.
    """
    if not learned:
        return
    known = {address: one for address, one in _read(folder).items() if address not in learned}
    kept = dict([*known.items(), *learned.items()][-_PAIRS:])
    content = {
        address: {"drain": round(one.drain, 2), "drain_sd": round(one.drain_sd, 2), "hours": round(one.hours, 2)}
        for address, one in kept.items()
    }
    make_private_folder(folder)
    path = folder / DRAINS_NAME
    with explained(str(path)):
        write_private_file(path, json.dumps(content, indent=1).encode(), replace=True)


def _read(folder: Path) -> dict[str, Learned]:
    try:
        with (folder / DRAINS_NAME).open("rb") as file:
            content: Any = json.loads(file.read(_LONGEST))
        return {
            address: Learned(float(one["drain"]), float(one["drain_sd"]), float(one["hours"]))
            for address, one in content.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        _log.warning("what was learned of batteries cannot be read, and is learned again: %s", error)
        return {}
