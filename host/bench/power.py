"""`sidelight bench power`: what each feature of everyday mode costs the glasses, a minute.

`sidelight run` on emulated glasses in virtual time, asked by taps, as a wearer asks: packets and bytes of the link, and
how long lens, camera and microphone are on. The floor, in the same run, is a link on which nothing is asked and the
lens is off. Speech is a script, one sentence in eight seconds; the tag, the town and the walk are those of the demo.
What the computer takes to recognise and to read is left out, during which the camera would be on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from firmware_bridge import Glasses
from host.app import demo_navigation
from host.app.demo_tag import COUNTRY, tag
from host.app.maps import add_map
from host.app.run import Request, everyday
from host.app.transcribe import Observer
from host.assistant.power import FRAME, HALO, Figures
from host.config import Settings
from host.paths import data_folder, kept_in
from host.store.saved_places import SavedPlace, save_place

__all__ = ["add_arguments", "current_ma", "run"]

BEGIN_S: Final = 20.0  # glasses are found, started, and what is measured has begun
EVERY_S: Final = 60.0  # from one price, or one look at the menu, to the next
SENTENCES: Final = ("Where is the station?", "How much does this cost?", "Do you speak English?", "Thank you.")
"""Of the phrasebook, so that they are translated without a model."""

SENTENCE_S: Final = 8.0
WORD_S: Final = 0.4  # 150 words a minute
MINUTES_MAX: Final = 2.3  # the demo's walk has 163 s

_BASE_MA: Final = {FRAME.name: (45.0, 80.0), HALO.name: (10.0, 10.0)}
_USED_MA: Final = {FRAME.name: (0.0, 20.0), HALO.name: (20.0, 20.0)}  # by Frame's lens or microphone; Halo's lens
_MICROPHONE_MA: Final = {FRAME.name: 0.0, HALO.name: 0.31}
_CAMERA_MA: Final = {FRAME.name: (35.0, 0.0), HALO.name: (10.8, 10.8)}  # Halo's 40 mW at 3.7 V
"""Device reference 4. Of Frame only 45 mA at least, 80 typically and 100 at most are known: with nothing used it is
taken to be between least and typical, with the camera between typical and most, else between least and most."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that is done for a while.

    Attributes:
        name: in the table.
        said: somebody speaks.
        settings: of the program, taps included.
        taps: when the wearer taps, in seconds; several close together are a double or triple tap.
        needs: a module without which it cannot be done.
    """

    name: str
    said: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    taps: tuple[float, ...] = ()
    needs: str = ""


@dataclass(slots=True)
class _Used:
    """Totals at a moment."""

    t_s: float
    packets: int
    size: int
    lens_s: float
    camera_s: float
    microphone_s: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the measurement."""
    parser.add_argument(
        "--minutes", type=_minutes, default=2.0, metavar="N", help="of each feature, 0.2 to 2.3 (default: %(default)s)"
    )
    parser.add_argument("--device", default="frame", choices=["frame", "halo"], help="the glasses")
    parser.add_argument("--only", default="", metavar="NAME", help="one feature beside the floor")


def run(args: argparse.Namespace, line: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure; a row a feature, the floor first."""
    figures = HALO if args.device == "halo" else FRAME
    rows: list[dict[str, Any]] = []
    line(f"{figures.name}, {args.minutes:g} minutes each; a minute:")
    line(f"{'':17} packets    bytes  times  lens s  camera s  mic s          mA  times       hours")
    for feature in _features(args.minutes):
        if rows and args.only not in {"", feature.name}:
            continue
        if feature.needs and find_spec(feature.needs) is None:
            line(f"{feature.name:17} left out: {feature.needs} is not installed")
            continue
        row = _row(feature.name, _measured(feature, args.device, args.minutes), figures, rows[:1])
        rows.append(row)
        line(_line(row))
    return rows


def current_ma(figures: Figures, lens: float, microphone: float, camera: float) -> tuple[float, float]:
    """What glasses draw whose parts are on for these shares of the time, at least and at most, as the maker says."""
    name = figures.name
    used = lens if figures is HALO else max(lens, microphone)
    low, high = (
        base + used * more + microphone * _MICROPHONE_MA[name] + camera * seen
        for base, more, seen in zip(_BASE_MA[name], _USED_MA[name], _CAMERA_MA[name], strict=True)
    )
    return low, high


def _features(minutes: float) -> list[Feature]:
    times = [BEGIN_S + 2 + EVERY_S * n for n in range(int(minutes * 60 // EVERY_S) + 1)]
    triples = tuple(t + more for t in times for more in (0.0, 0.2, 0.4))
    doubles = tuple(t + 20 + more for t in times for more in (0.0, 0.2))
    stopped = (10.0, 10.2)
    way = {"navigate_map": demo_navigation.MAP, "navigate_position": f"gpx:{demo_navigation.walk()}"}
    begin = (14.0, 14.2, 14.4)
    quiet = {"taps_double": "stop-captions"}
    everything = {"taps_double": "price", "taps_triple": "navigate-home"}
    return [
        Feature("idle link"),
        Feature("nothing runs", settings=quiet, taps=stopped),
        Feature("menu", settings=quiet, taps=(*stopped, *triples)),
        Feature("captions, silence"),
        Feature("captions", said=True),
        Feature("captions, 8 bit", said=True, settings={"audio_bits": 8}),
        Feature(
            "translation",
            said=True,
            settings={"translate_to": "es", "translator": "phrasebook", "taps_double": "translate"},
            taps=stopped,
        ),
        Feature("price", settings=quiet | {"taps_triple": "price"}, taps=(*stopped, *triples), needs="rapidocr"),
        Feature(
            "way", settings=quiet | way | {"taps_triple": "navigate-home"}, taps=(*stopped, *begin), needs="valhalla"
        ),
        Feature("everything", said=True, settings=everything | way, taps=(*begin, *doubles), needs="valhalla"),
    ]


def _measured(feature: Feature, device: str, minutes: float) -> tuple[_Used, _Used]:
    """The totals at the beginning and at the end, of a run whose data go with it."""
    from firmware_bridge.emulator import run_virtual  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory(prefix="sidelight-bench-") as name, kept_in(Path(name)):
        folder = Path(name)
        uri = f"emulator:{device}?speed=max&camera={quote(str(tag()))}"
        if feature.name == "idle link":
            return run_virtual(_idle(uri, minutes))
        if feature.taps:
            (folder / "taps.txt").write_text("".join(f"{t}\n" for t in feature.taps))
            uri += f"&taps={quote(str(folder / 'taps.txt'))}"
        if "navigate_map" in feature.settings:
            add_map(str(demo_navigation.town_file()), demo_navigation.MAP, data_folder())
            line = demo_navigation.kept().line
            save_place(data_folder(), SavedPlace("home", line.at(line.length_m), ""))
        script = folder / "script.txt"
        script.write_text(_script(BEGIN_S + minutes * 60 if feature.said else 0.0))
        settings = replace(
            Settings(transcriber="scripted", model=str(script), price_country=COUNTRY, reader="rapidocr", glasses=uri),
            **feature.settings,
        )
        return run_virtual(_used(settings, minutes))


async def _idle(uri: str, minutes: float) -> tuple[_Used, _Used]:
    watched = _Watched()
    async with Glasses.open(uri) as glasses:
        watched.connected(glasses)
        await glasses.screen(on=False)
        await asyncio.sleep(BEGIN_S)
        before = watched.used()
        await asyncio.sleep(minutes * 60)
        return before, watched.used()


async def _used(settings: Settings, minutes: float) -> tuple[_Used, _Used]:
    watched = _Watched()
    clock = asyncio.get_running_loop().time
    observer = Observer(event=lambda _event: None, elapsed=clock, connected=watched.connected)
    work = asyncio.create_task(everyday(Request(settings=settings), observer))
    try:
        await asyncio.wait({work}, timeout=BEGIN_S)
        before = watched.used()
        await asyncio.wait({work}, timeout=minutes * 60)
        after = watched.used()
        if work.done():
            await work
        return before, after
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


class _Watched:
    """An eye on emulated glasses."""

    def __init__(self) -> None:
        self._device: Any = None
        self._packets = self._size = 0

    def connected(self, glasses: Glasses) -> None:
        from firmware_bridge.emulator.telemetry import DeviceObserver  # noqa: PLC0415 - an extra

        watched = self

        class Values(DeviceObserver):
            def received(self, when_s: float, value: bytes) -> None:  # noqa: ARG002
                watched._crossed(value)

            def sent(self, when_s: float, value: bytes) -> None:  # noqa: ARG002
                watched._crossed(value)

        self._device = glasses.source.device  # type: ignore[attr-defined] # they are emulated
        self._device.observers.append(Values())

    def used(self) -> _Used:
        """Up to this moment."""
        device = self._device
        return _Used(
            asyncio.get_running_loop().time(),
            self._packets,
            self._size,
            device.display.on_time.seconds,
            device.camera.on_time.seconds,
            device.microphone.on_time.seconds,
        )

    def _crossed(self, value: bytes) -> None:
        self._packets += 1
        self._size += len(value)


def _script(end_s: float) -> str:
    """What the recogniser hears, up to then."""
    lines, begins = [], 4.0
    while begins < end_s:
        words = SENTENCES[round(begins / SENTENCE_S) % len(SENTENCES)].split()
        lines += [f"{begins + n * WORD_S:.2f} {begins + (n + 1) * WORD_S:.2f} {word}" for n, word in enumerate(words)]
        lines.append("")
        begins += SENTENCE_S
    return "\n".join(lines) + "\n"


def _row(name: str, totals: tuple[_Used, _Used], figures: Figures, floor: Sequence[dict[str, Any]]) -> dict[str, Any]:
    before, after = totals
    minutes = (after.t_s - before.t_s) / 60

    def each(what: str) -> float:
        return float(getattr(after, what) - getattr(before, what)) / minutes

    lens, camera, microphone = each("lens_s"), each("camera_s"), each("microphone_s")
    low, high = current_ma(figures, lens / 60, microphone / 60, camera / 60)
    middle = (low + high) / 2
    return {
        "feature": name,
        "device": figures.name,
        "minutes": round(minutes, 2),
        "packets": round(each("packets"), 1),
        "bytes": round(each("size")),
        "lens_s": round(lens, 1),
        "camera_s": round(camera, 1),
        "microphone_s": round(microphone, 1),
        "least_ma": round(low, 1),
        "most_ma": round(high, 1),
        "mah": round(middle / 60, 3),
        "bytes_times_floor": round(each("size") / max(1, floor[0]["bytes"]), 1) if floor else 1.0,
        "current_times_floor": round(middle / ((floor[0]["least_ma"] + floor[0]["most_ma"]) / 2), 2) if floor else 1.0,
        "least_hours": round(figures.capacity_mah / high, 1),
        "most_hours": round(figures.capacity_mah / low, 1),
    }


def _line(row: dict[str, Any]) -> str:
    current = _range(row["least_ma"], row["most_ma"])
    hours = _range(row["least_hours"], row["most_hours"])
    return (
        f"{row['feature']:17} {row['packets']:7.0f} {row['bytes']:8d} {row['bytes_times_floor']:6.0f}"
        f" {row['lens_s']:7.1f} {row['camera_s']:9.1f} {row['microphone_s']:6.1f}"
        f" {current:>11} {row['current_times_floor']:6.2f} {hours:>11}"
    )


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _minutes(text: str) -> float:
    value = float(text)
    if not 0.2 <= value <= MINUTES_MAX:
        msg = f"0.2 to {MINUTES_MAX}"
        raise argparse.ArgumentTypeError(msg)
    return value
