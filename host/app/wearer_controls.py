"""What may be done to emulated glasses from the page, and what each of it means; pure.

What comes from a browser is data: every field is checked here for its type, and by the act itself for its range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from firmware_bridge import InputError

if TYPE_CHECKING:
    from firmware_bridge.emulator.acts import Act

__all__ = ["FILES", "act_of", "offered"]

FILE_MAX_BYTES: Final = 64 << 20
FILES: Final = ("hear", "see")
_LARGEST: Final = 1e9  # of a number: whole ones may have more digits than a float

Spec = Mapping[str, object]


def offered(kind: str, *, battery: float, loss: float) -> tuple[Spec, ...]:
    """What is offered for "frame" or "halo" that begin with so much in the battery and on so bad a link."""
    return (
        _control("tap", "Tap", _choice("kind", "kind", *((one, one) for one in ("single", "double", "triple")))),
        *([_BUTTON] if kind == "halo" else []),
        _control(
            "turn",
            "Head",
            _slider("heading", "heading, degrees", 0, 359, 0),
            _slider("pitch", "pitch, degrees", -90, 90, 0),
            _slider("roll", "roll, degrees", -180, 180, 0),
            live=True,
        ),
        _control("hear", "Microphone", _file("audio/*,.flac", "recording, WAV or FLAC"), button="Play the recording"),
        _control("silence", "Quiet room", button="Be quiet"),
        _control("see", "Camera", _file("image/*", "picture"), button="Hold up the picture"),
        _control("test_card", "Test card", button="Hold up the test card"),
        _control("charge", "Battery", _slider("percent", "charge, per cent", 0, 100, battery), live=True),
        _control(
            "disturb",
            "Link",
            _slider("loss", "packets lost, per cent", 0, 90, round(loss * 100)),
            _slider("delay_ms", "delay, ms", 0, 2000, 0, step=10),
            live=True,
        ),
        _control("cut", "Cut", _number("away_s", "out of range, s", 0, 600, 0), button="Cut the link now"),
        _control(
            "record",
            "Recording of the link",
            _check("fresh", "cut the link first, so that it can be played as glasses", checked=True),
            _check("media", "with voice and pictures"),
            button="Start the recording",
        ),
        _control("end_recording", "End of the recording", button="End the recording"),
        _control("save", "Recording so far", button="Save the recording", download="recording"),
    )


def act_of(wanted: Mapping[str, object]) -> Act:
    """What is to be done; `wanted` is {"do": ..., and its fields}.

    Raises:
        InputError: there is no such thing, or a field is not what it should be; the message says which.
    """
    from firmware_bridge.emulator import acts  # noqa: PLC0415 - an extra

    made: dict[object, Callable[[], Act]] = {
        "tap": lambda: acts.Tap(str(wanted.get("kind"))),
        "press": lambda: acts.Press(_HELD.get(str(wanted.get("held")), float("nan"))),
        "turn": lambda: acts.Turn(*(_number_in(wanted, name) for name in ("heading", "pitch", "roll"))),
        "silence": acts.Hear,
        "test_card": acts.See,
        "charge": lambda: acts.Charge(_number_in(wanted, "percent")),
        "disturb": lambda: acts.Disturb(_number_in(wanted, "loss") / 100, _number_in(wanted, "delay_ms") / 1000),
        "cut": lambda: acts.Cut(_number_in(wanted, "away_s")),
    }
    do = wanted.get("do")
    if not isinstance(do, str) or do not in made:
        raise InputError("that is not understood", "Load the page again.")
    return made[do]()


def _number_in(wanted: Mapping[str, object], name: str) -> float:
    value = wanted.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise InputError(f"{name.replace('_', ' ')} is no number", "Give one.")
    return float(value)


_HELD: Final = {"click": 0.0, "double": -1.0, "long": 1.5, "sleep": 3.0, "pair": 6.0, "ship": 16.0}


def _control(do: str, label: str, *fields: Spec, **more: Any) -> Spec:
    return {"do": do, "label": label, "fields": fields, **more}


def _choice(name: str, label: str, *options: tuple[str, str]) -> Spec:
    return {"name": name, "label": label, "type": "select", "options": options}


def _slider(name: str, label: str, low: float, high: float, value: float, **more: float) -> Spec:
    return {"name": name, "label": label, "type": "range", "min": low, "max": high, "value": value, **more}


def _number(name: str, label: str, low: float, high: float, value: float) -> Spec:
    return {"name": name, "label": label, "type": "number", "min": low, "max": high, "value": value, "step": "any"}


def _check(name: str, label: str, *, checked: bool = False) -> Spec:
    return {"name": name, "label": label, "type": "checkbox", "value": checked}


def _file(accept: str, label: str) -> Spec:
    return {"name": "file", "label": label, "type": "file", "accept": accept, "max_bytes": FILE_MAX_BYTES}


_BUTTON: Final = _control(
    "press",
    "Button",
    _choice(
        "held",
        "how",
        ("click", "click"),
        ("double", "double click"),
        ("long", "hold 1.5 s: long press"),
        ("sleep", "hold 3 s: sleep"),
        ("pair", "hold 6 s: let pair"),
        ("ship", "hold 16 s: wipe everything"),
    ),
    button="Press the button",
)
