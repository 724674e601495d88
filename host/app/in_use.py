"""Real glasses are for one program at a time: two would draw over each other and take each other's sound."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator

from host.errors import UsageError
from host.paths import runtime_folder
from host.store.liveness import try_lock

__all__ = ["alone_with"]


@contextlib.contextmanager
def alone_with(uri: str) -> Iterator[None]:
    """Have the glasses of an address for oneself meanwhile; emulated ones always are.

    What is told apart is the address as it was written: `ble:` and `ble:Frame 4F` may be the same pair, and nobody
    knows before they are connected. Where no lock can be made nothing is told apart.

    Raises:
        UsageError: another program of this user has them.
    """
    written = uri.strip()
    if not written.lower().startswith("ble:"):
        yield
        return
    name = hashlib.sha256(written.encode()).hexdigest()[:16]
    try:
        runtime_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(runtime_folder() / f"glasses-{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        try:
            try_lock(descriptor)
        except OSError:
            raise UsageError(
                "these glasses are in use by another sidelight", "End that one first, or name another pair: --glasses"
            ) from None
        yield
    finally:
        os.close(descriptor)
