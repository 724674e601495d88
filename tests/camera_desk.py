"""The emulated Frame in virtual time, for what photographs: its camera sees one picture, a reader says what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import numpy as np
from drawn_photos import TAG, photo
from PIL import Image
from sign_parts import ScriptedReader

from firmware_bridge.emulator.source import EmulatorSource
from host.app import worn
from host.app.glasses import GlassesLens, built_in_font, run_on_clock
from host.app.translate import Observer, Request
from host.app.wishes import Wishes
from host.backends.readers import OpenedReader
from host.config import Settings
from host.lens.cards import FontOf
from host.lens.display_list import TextItem
from host.lens.shape import LensShape

__all__ = ["CameraDesk"]

Work = Callable[[Request, Observer, Wishes], Coroutine[Any, Any, Any]]


@dataclass
class CameraDesk:
    """What the program is given and what it did."""

    AFTER_S: ClassVar = 3.0
    """How long the glasses go on after the program has left them."""

    folder: Path
    reader: ScriptedReader
    kind: str = "frame"
    """Of the glasses."""
    events: list = field(default_factory=list)
    shown: list = field(default_factory=list)
    """The texts of each picture of the lens."""
    wishes: Wishes = field(default_factory=Wishes)
    dark: bool = False
    """Whether lens and camera are off when the glasses end."""

    def __post_init__(self) -> None:
        """Lay the picture that the camera sees."""
        self.sees(photo(TAG))

    @property
    def picture(self) -> Path:
        """The file of what the camera sees."""
        return self.folder / "seen.png"

    def sees(self, pixels: np.ndarray) -> None:
        """The camera sees this."""
        Image.fromarray(pixels).save(self.picture)

    def told(self, name: str) -> list:
        """The events of that name."""
        return [event for event in self.events if event.name == name]

    def put_on(self, monkeypatch) -> None:
        """Let the program draw with the built-in font, and be looked at."""
        desk, switch_off = self, EmulatorSource.close

        class Lens(GlassesLens):
            async def show(self, picture):
                desk.shown.append([item.text for item in picture.items if isinstance(item, TextItem)])
                await super().show(picture)

        async def close(source):
            await asyncio.sleep(desk.AFTER_S)
            desk.dark = source.device.camera.asleep and not np.asarray(source.device.display.picture()).any()
            await switch_off(source)

        monkeypatch.setattr(EmulatorSource, "close", close)
        monkeypatch.setenv("SIDELIGHT_HOME", str(self.folder / "home"))
        monkeypatch.setattr(worn, "card_fonts", _built_in)
        monkeypatch.setattr(worn, "GlassesLens", Lens)

    async def open_reader(self, *_args, **_options) -> OpenedReader:
        """Its reader, in place of what opens one."""
        return OpenedReader(self.reader, "as told")

    def run(self, work: Work, settings: Settings, *, taps: str = "", until: float, **address: Any) -> Any:
        """Run in virtual time, for so many seconds where it does not end by itself; what it returns.

        Args:
            work: the program.
            settings: of its request.
            taps: as the emulator reads them.
            until: seconds.
            address: options of the emulator's address.
        """
        options = {"camera": self.picture, "speed": "max", **address}
        if taps:
            options["taps"] = self.folder / "taps.txt"
            options["taps"].write_text(taps)
        uri = f"emulator:{self.kind}?" + "&".join(f"{name}={quote(str(value))}" for name, value in options.items())
        observer = Observer(event=self.events.append, elapsed=lambda: 0.0)
        request = Request(settings=settings, glasses=uri)

        async def main() -> Any:
            task = asyncio.create_task(work(request, observer, self.wishes))
            await asyncio.wait({task}, timeout=until)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            return None if task.cancelled() else task.result()

        return run_on_clock(main(), uri)


def _built_in(_language: str, shape: LensShape, *_told: Any) -> FontOf:
    """The glasses' own letters."""
    return lambda _spoken, size: built_in_font(shape, size)
