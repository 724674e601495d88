"""Everyday mode on the emulated Frame in virtual time: a scripted recogniser, a reader that says what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from caption_parts import pause
from drawn_photos import TAG, photo
from glasses_end import write_wav
from PIL import Image
from sign_parts import ScriptedReader, line

from host.app import price, run, run_features
from host.app.glasses import GlassesLens, built_in_font, run_on_clock
from host.app.real_time import InRealTime
from host.app.run import Request, everyday
from host.app.run_assistant import Assistant
from host.app.transcribe import Observer
from host.audio import FileMicrophone
from host.backends.readers import OpenedReader
from host.config import Settings
from host.lens.display_list import RectItem, TextItem

__all__ = ["RunDesk", "tag"]


def tag(text: str = "29.90", confidence: float = 0.97) -> list:
    """What a reader finds on a shelf tag."""
    return [line("TOMATOES", 200, 240, 300, 40), line(text, 220, 320, 260, 90, confidence)]


@dataclass
class RunDesk:
    """What the program is given and what it did."""

    folder: Path
    reader: ScriptedReader = field(default_factory=lambda: ScriptedReader([tag()]))
    events: list = field(default_factory=list)
    """Each event after the time at which it came, in seconds since the program began."""
    lens: list = field(default_factory=list)
    """Likewise the texts of each picture that is asked for; "o" is the sign of recording."""
    assistant: Assistant | None = None
    heard_by_glasses: bool = False
    """Whether the sound crosses the radio, which costs ten times the computing of a recording heard beside it."""

    def put_on(self, monkeypatch) -> None:
        """Let the program draw with the built-in font, and be looked at."""
        desk = self

        class Lens(GlassesLens):
            async def show(self, picture):
                seen = [item.text if isinstance(item, TextItem) else _sign(item) for item in picture.items]
                if not desk.lens or desk.lens[-1][1] != seen:
                    desk.lens.append((_now(), seen))
                await super().show(picture)

        class Watched(Assistant):
            def __init__(self, *parts):
                super().__init__(*parts)
                desk.assistant = self

        async def open_reader(*_args, **_options):
            return OpenedReader(desk.reader, "as told")

        heard = run_features.microphone

        def microphone(settings, glasses, own):
            if not desk.heard_by_glasses:
                return InRealTime(FileMicrophone(desk.folder / "talk.wav"))
            return heard(settings, glasses, own)

        monkeypatch.setattr(run_features, "microphone", microphone)
        monkeypatch.setenv("SIDELIGHT_HOME", str(self.folder / "home"))
        monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
        monkeypatch.setattr(run, "GlassesLens", Lens)
        monkeypatch.setattr(run, "Assistant", Watched)
        monkeypatch.setattr(
            run_features, "card_fonts", lambda _code, shape, *_: lambda _language, size: built_in_font(shape, size)
        )
        monkeypatch.setattr(price, "open_tag_reader", open_reader)
        monkeypatch.setattr(price, "barcode_reader", lambda: None)

    def go(
        self,
        said: Sequence[tuple[float, str]] = (),
        *,
        lasts: float = 30.0,
        taps: Sequence[float] = (),
        at: Sequence[tuple[float, Callable[[], Any]]] = (),
        until: float = 300.0,
        settings: dict | None = None,
        device: str = "frame",
        sound: np.ndarray | None = None,
        **address: Any,
    ) -> RunDesk:
        """Run until the sound ends, or for `until` seconds.

        Args:
            said: sentences, each with when it begins, in seconds of the sound.
            lasts: seconds of sound.
            taps: when taps are made, in seconds since the glasses were switched on.
            at: calls, each with when it is made, in seconds since the program began.
            until: seconds after which it is interrupted.
            settings: changed ones.
            device: which glasses are emulated.
            sound: that is heard; None for one without words.
            address: options of the emulator's address.
        """
        script = "\n\n".join(f"{begins} {begins + 1} {text}" for begins, text in said)
        (self.folder / "script.txt").write_text(script + "\n")
        if sound is None:
            sound = np.concatenate([pause(0.3), np.full(round((lasts - 0.3) * 16000), 2000, np.int16)])
        Image.fromarray(photo(TAG)).save(self.folder / "seen.png")
        options = {
            "mic": write_wav(self.folder / "talk.wav", sound),
            "camera": self.folder / "seen.png",
            "speed": "max",
            **address,
        }
        if taps:
            options["taps"] = self.folder / "taps.txt"
            options["taps"].write_text("".join(f"{tap}\n" for tap in taps))
        uri = f"emulator:{device}?" + "&".join(f"{name}={quote(str(value))}" for name, value in options.items())
        wanted = Settings(
            **{"transcriber": "scripted", "model": str(self.folder / "script.txt"), "price_country": "NO"}
            | {"glasses": uri}
            | (settings or {})
        )

        async def main() -> None:
            observer = Observer(event=lambda event: self.events.append((_now(), event)), elapsed=_now)
            work = asyncio.create_task(everyday(Request(settings=wanted), observer))
            calls = [asyncio.get_running_loop().call_at(when, call) for when, call in at]
            await asyncio.wait({work}, timeout=until)
            for call in calls:
                call.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait({work})
            if not work.cancelled():
                work.result()

        run_on_clock(main(), uri)
        return self

    def do(self, name: str, by: str = "tap") -> Callable[[], Any]:
        """A call for `at`."""
        return lambda: self.assistant.do(name, by)

    def told(self, name: str) -> list:
        """The events of that name."""
        return [event for _, event in self.events if event.name == name]

    def when(self, name: str) -> list[float]:
        """When they came."""
        return [t for t, event in self.events if event.name == name]

    def seen_at(self, t: float) -> list[str]:
        """What is on the lens at that time."""
        return [seen for when, seen in self.lens if when <= t][-1]

    def saw(self, *texts: str) -> list[float]:
        """When each picture with all these texts came."""
        return [when for when, seen in self.lens if set(texts) <= set(seen)]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _sign(item: Any) -> str:
    return "o" if isinstance(item, RectItem) else type(item).__name__
