"""The demo: bundled speech, sign, text, tag and walk through all of Sidelight on emulated glasses, in virtual time.

Nothing is simplified for it: a recording goes into the emulated Frame's microphone, our program on it sends the sound
over the emulated radio, and `transcribe` does with it what it does with anybody's; so with the others. Computing is
charged to the clock as measured, so the latency figures are those of this computer.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Literal
from urllib.parse import quote

from firmware_bridge import Glasses, StartReport, loop_for
from host.app.demo_navigation import Led, led
from host.app.demo_price import ReadPrice, priced
from host.app.demo_speech import recording
from host.app.demo_translation import Heard, Translated, heard, seen, typed
from host.app.lens_pictures import FILM
from host.app.transcribe import Observer, Request, transcribe
from host.config import Settings
from host.errors import BackendError, StoreError, UsageError
from host.paths import kept_in
from host.transcribe.times import StageTimes

__all__ = ["DemoReport", "Latency", "Part", "run_demo"]

Part = Literal["captions", "heard", "seen", "typed", "priced", "led"]
"""What the demo shows, in this order; each has a folder of its own."""

_MARK = ".made-by-sidelight-demo"
_OURS = ("captions", "heard", "seen", "typed", "priced", "led", "home")


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took, in milliseconds: half of the times at most `median_ms`, 95 % at most `p95_ms`."""

    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, seconds: list[float]) -> Latency:
        """From at least two times."""
        return cls(median(seconds) * 1000, quantiles(seconds, n=20, method="inclusive")[-1] * 1000)


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What happened.

    Attributes:
        transcript: its number.
        start: how the glasses came to be ready: an upload to empty glasses.
        lost_samples: of the microphone, replaced by silence.
        hypotheses: partial and final wordings that reached the lens.
        to_lens: from the newest sound in a wording to the lens that shows the wording; the computing of our own stages,
            which `bench latency` measures, is not in it.
        radio: of that, from the microphone over the radio to this computer.
        recogniser: of that, voice activity and the recogniser, waiting for them included.
        lens: of that, from the picture to the lens that has it.
        home: folder to be named as SIDELIGHT_HOME to see the transcript.
        pictures: of the lens with captions, in order; the film last.
        heard: what came of the questions.
        seen: what came of the sign.
        typed: what came of the typed text.
        priced: what came of the shelf tag.
        led: what came of the walk.
    """

    transcript: int
    start: StartReport
    lost_samples: int
    hypotheses: int
    to_lens: Latency
    radio: Latency
    recogniser: Latency
    lens: Latency
    home: Path
    pictures: tuple[Path, ...]
    heard: Heard
    seen: Translated
    typed: Translated
    priced: ReadPrice
    led: Led


def run_demo(folder: Path, observer: Observer, begins: Callable[[Part], None]) -> DemoReport:
    """Run the demo, and leave pictures of the lens, the transcript and the store that holds it in `folder`.

    Args:
        folder: made if it is not there; what an earlier demo left in it is replaced.
        observer: is told what happens meanwhile.
        begins: called as each part begins, before its first event.

    Raises:
        UsageError: the folder holds something else.
        HostError, GlassesError: a part that the demo needs is missing, or failed.
    """
    uri = f"emulator:frame?speed=max&mic={quote(str(recording()))}"
    loop_for(uri)  # says what is missing, where the emulated glasses are not installed
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - an extra

    _make_room(folder)
    begins("captions")
    home = folder / "home"
    # The defaults, whatever is configured: a demo shows the same on every computer.
    settings = Settings(glasses=uri)
    lens_out = folder / "captions"
    request = Request(settings=settings, out=lens_out / "transcript.srt", lens_out=lens_out, title="Demo")
    opened: list[Glasses] = []
    times: list[StageTimes] = []
    watching = replace(observer, connected=opened.append, times=times.append)
    with kept_in(home):
        number = run_virtual(transcribe(request, watching), charge_compute=True)
        begins("heard")
        said = heard(folder / "heard", observer)
    shown = [t for t in times if t.shown_s]
    if len(shown) < 2:
        raise BackendError("nothing of the demo's speech was recognised", "Try sidelight demo --log debug")
    begins("seen")
    sign = seen(folder / "seen", observer.event, observer.elapsed)
    begins("typed")
    text = typed(folder / "typed", observer.event, observer.elapsed)
    begins("priced")
    with kept_in(home):
        price = priced(folder / "priced", observer.event, observer.elapsed)
        begins("led")
        way = led(folder / "led", observer.event, observer.elapsed)
    return DemoReport(
        transcript=number,
        start=opened[0].start,
        lost_samples=opened[0].lost_samples,
        hypotheses=len(shown),
        to_lens=Latency.of([t.shown_s - t.spoken_s for t in shown]),
        radio=Latency.of([t.arrived_s - t.spoken_s for t in shown]),
        recogniser=Latency.of([t.recognised_s - t.arrived_s for t in shown]),
        lens=Latency.of([t.shown_s - t.drawn_s for t in shown]),
        home=home,
        pictures=(*sorted(lens_out.glob("lens-*.png")), lens_out / FILM),
        heard=said,
        seen=sign,
        typed=text,
        priced=price,
        led=way,
    )


def _make_room(folder: Path) -> None:
    """An empty folder with our mark; what an earlier demo made is removed, and nothing else ever."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _MARK).is_file():
            raise UsageError(f"{folder} holds files that are not the demo's", "Name another folder with --out")
        (folder / _MARK).touch()
        for name in _OURS:
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in ("captions", "heard"):
            (folder / name).mkdir()
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"cannot write to {folder}: {reason}", "Name another folder with --out") from error
