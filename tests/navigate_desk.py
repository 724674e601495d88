"""The emulated Frame in virtual time, for somebody who is led through the made-up town by positions written down."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from town_map import at, town_folder

from firmware_bridge.emulator.source import EmulatorSource
from host.app import worn
from host.app.glasses import GlassesLens, built_in_font, run_on_clock
from host.app.navigate import Journey, navigate
from host.app.navigate_places import Numbers
from host.app.translate import Observer, Request
from host.app.wishes import Wishes
from host.bench.walks import fixes, walked
from host.config import Settings
from host.contracts.position import Fix, Lost
from host.lens.cards import FontOf
from host.lens.display_list import DisplayList, TextItem
from host.lens.shape import LensShape
from host.navigate.line import Line

__all__ = ["NavigateDesk", "Written", "way"]


def way(*corners: tuple[float, float], pace_mps: float = 2.8, sigma_m: float = 2.0, seed: int = 1) -> list[Fix]:
    """A fix a second of somebody who hurries from corner to corner, in blocks of the town."""
    line = Line([at(east, north) for east, north in corners])
    return list(fixes(walked(line, seed, pace_mps, steady=True), sigma_m, seed))


class Written:
    """Positions as they are written, on the event loop's clock."""

    name = "written"
    moves = True

    def __init__(self, reports: Sequence[Fix | Lost], begins_s: float = 0.0) -> None:
        """Give these, from that time on; a `Lost` 4 s after the fix before it."""
        self._reports, self._begins_s, self._start = reports, begins_s, 0.0

    def now_s(self) -> float:
        return asyncio.get_running_loop().time() - self._start

    async def reports(self):
        self._start = asyncio.get_running_loop().time() + self._begins_s
        last_s = 0.0
        for report in self._reports:
            last_s = report.time_s if isinstance(report, Fix) else last_s + 4.0
            await asyncio.sleep(max(0.0, last_s - self.now_s()))
            yield report


@dataclass
class NavigateDesk:
    """What the program is given and what it did."""

    folder: Path
    kind: str = "frame"
    """Of the glasses."""
    events: list = field(default_factory=list)
    shown: list[tuple[float, DisplayList]] = field(default_factory=list)
    """Each picture of the lens, and when."""
    wishes: Wishes = field(default_factory=Wishes)
    dark: bool = False
    """Whether the lens is off a second after the program has left the glasses."""

    def put_on(self, monkeypatch) -> None:
        """Let the program have the town, draw with the built-in font, and be looked at."""
        desk, switch_off = self, EmulatorSource.close

        class Lens(GlassesLens):
            async def show(self, picture):
                desk.shown.append((asyncio.get_running_loop().time(), picture))
                await super().show(picture)

        async def close(source):
            await asyncio.sleep(1.0)
            desk.dark = not np.asarray(source.device.display.picture()).any()
            await switch_off(source)

        shutil.copytree(town_folder() / "maps", self.folder / "home" / "data" / "maps")
        monkeypatch.setattr(EmulatorSource, "close", close)
        monkeypatch.setenv("SIDELIGHT_HOME", str(self.folder / "home"))
        monkeypatch.setattr(worn, "card_fonts", _built_in)
        monkeypatch.setattr(worn, "GlassesLens", Lens)

    @property
    def texts(self) -> list[list[str]]:
        """The texts of each picture of the lens."""
        return [texts_of(picture) for _, picture in self.shown]

    def told(self, name: str) -> list:
        """The events of that name."""
        return [event for event in self.events if event.name == name]

    def run(
        self,
        destination: str,
        positions: Written,
        *,
        via: tuple[str, ...] = (),
        number: int = 0,
        keys: tuple[tuple[float, int], ...] = (),
        taps: str = "",
        until: float = 3600.0,
        settings: Settings | None = None,
        **address: Any,
    ) -> bool | None:
        """Lead somebody there; what `navigate` returns, None where it was ended after so many seconds.

        `keys` are numbers that are pressed, each behind its time.
        """
        options = {"speed": "max", **address}
        if taps:
            (self.folder / "taps.txt").write_text(taps)
            options["taps"] = self.folder / "taps.txt"
        uri = f"emulator:{self.kind}?" + "&".join(f"{name}={quote(str(value))}" for name, value in options.items())
        observer = Observer(event=self.events.append, elapsed=lambda: asyncio.get_running_loop().time())
        request = Request(settings=settings or Settings(), glasses=uri)

        async def main() -> bool | None:
            numbers = Numbers() if keys else None
            for when_s, key in keys:
                asyncio.get_running_loop().call_later(when_s, numbers.typed, key)
            journey = Journey(destination=destination, via=via, number=number, typed=numbers)
            task = asyncio.create_task(navigate(journey, positions, request, observer, self.wishes))
            await asyncio.wait({task}, timeout=until)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            return None if task.cancelled() else task.result()

        return run_on_clock(main(), uri)


def texts_of(picture: DisplayList) -> list[str]:
    """The texts of a picture."""
    return [item.text for item in picture.items if isinstance(item, TextItem)]


def _built_in(_language: str, shape: LensShape, *_told: Any) -> FontOf:
    """The glasses' own letters."""
    return lambda _spoken, size: built_in_font(shape, size)
