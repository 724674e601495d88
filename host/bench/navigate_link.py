"""What being led costs on the link: `sidelight navigate` on an emulated Frame, along the beginning of a route.

In virtual time, with a walk of `walks.py`: cards with arrow and sketch before turns and where something changed, a
small distance between them. Bytes are those of the values, both ways, without what starting takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from firmware_bridge import Glasses
from host.app.navigate import Journey, navigate
from host.app.translate import Observer, Request
from host.app.wishes import Wishes
from host.bench.walks import fixes, walked
from host.config import Settings
from host.contracts import Mode, Place, Route, RouterInfo
from host.contracts.position import Fix, Lost

__all__ = ["measured"]

WALK_S: Final = 300.0
NOISE_M: Final = 5.0
SEED: Final = 3


def measured(route: Route, map_name: str, info: RouterInfo) -> dict[str, Any]:
    """A row: bytes and pictures a minute, and milliseconds from a fix to the lens that shows what is new.

    Args:
        route: to be led along, for five minutes at most.
        map_name: of the map that it is on, in the data folder.
        info: of the router that found it.
    """
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - an extra

    walk = [fix for fix in fixes(walked(route.line, SEED), NOISE_M, SEED) if fix.time_s <= WALK_S]
    source = _Walked(walk)
    end = route.line.at(route.length_m)
    journey = Journey(destination=f"{end.lat:.6f},{end.lon:.6f}", router=_OneRoute(route, info))
    request = Request(settings=Settings(navigate_map=map_name), glasses="emulator:frame?speed=max")
    observer = Observer(event=lambda _event: None, elapsed=lambda: 0.0, connected=source.connected)
    run_virtual(navigate(journey, source, request, observer, Wishes()), charge_compute=True)
    minutes = walk[-1].time_s / 60
    row = {
        "what": "link",
        "minutes": round(minutes, 1),
        "bytes_per_minute": round(source.bytes / minutes),
        "pictures_per_minute": round(len(source.lit_s) / minutes, 1),
    }
    if source.lit_s:
        lit_s = sorted(source.lit_s)
        row |= {
            "lit_p50_ms": round(lit_s[len(lit_s) // 2] * 1000),
            "lit_p95_ms": round(lit_s[int(len(lit_s) * 0.95)] * 1000),
        }
    return row


class _Walked:
    """A walk as a `PositionSource`, and an eye on the glasses meanwhile."""

    name: Final = "walk"
    moves: Final = True

    def __init__(self, walk: Sequence[Fix]) -> None:
        self._walk, self._begun_s = walk, 0.0
        self._glasses: Glasses | None = None
        self._told_s = 0.0
        self.lit_s: list[float] = []
        """Seconds from a fix to each picture that the lens shows."""
        self.bytes = 0
        """That crossed the link from the first fix to the last."""

    def connected(self, glasses: Glasses) -> None:
        """Look at these."""
        self._glasses = glasses
        device = getattr(glasses.source, "device", None)
        if device is not None:
            device.display.observers.append(self._lit)

    def now_s(self) -> float:
        """As in the contract."""
        return asyncio.get_running_loop().time() - self._begun_s

    async def reports(self) -> AsyncGenerator[Fix | Lost, None]:
        """As in the contract."""
        self._begun_s, before = asyncio.get_running_loop().time(), self._crossed()
        for fix in self._walk:
            await asyncio.sleep(max(0.0, fix.time_s - self.now_s()))
            self._told_s = asyncio.get_running_loop().time()
            yield fix
            self.bytes = self._crossed() - before

    def _crossed(self) -> int:
        session = None if self._glasses is None else self._glasses.session
        return 0 if session is None else session.traffic.bytes_out + session.traffic.bytes_in

    def _lit(self, _at: float, _picture: object) -> None:
        if self._told_s:
            self.lit_s.append(asyncio.get_running_loop().time() - self._told_s)


class _OneRoute:
    """A `Router` that knows one route."""

    def __init__(self, route: Route, info: RouterInfo) -> None:
        self._route, self.info = route, info

    async def route(
        self,
        places: Sequence[Place],  # noqa: ARG002 - the contract's; it knows one route
        mode: Mode,  # noqa: ARG002
        language: str,  # noqa: ARG002
        *,
        avoid: Sequence[Place] = (),  # noqa: ARG002
        heading_deg: float | None = None,  # noqa: ARG002
    ) -> Route:
        """The route, whatever is asked."""
        return self._route

    async def close(self) -> None:
        """Nothing to do."""
