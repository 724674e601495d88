"""The tests that glasses pass with their wearer: lens, microphone, camera, tap, compass."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from firmware_bridge import DeviceError, Glasses, LinkTimeoutError, RemoteProtocolError, Scene, Text
from host.app.setup.wearer import Wearer
from host.errors import BackendMissingError, PhotoInputError
from host.photo import decode_photo
from host.read.quality import advice, measure

__all__ = ["TESTS", "Result", "run_test"]

LISTEN_S: Final = 6.0
VOICE_DB: Final = 10.0  # a voice is so much louder than the quietest tenth of a second beside it
LOUD_ENOUGH_DB: Final = -50.0  # of full scale; ordinary speech into the glasses lies between -40 and -15
TAP_S: Final = 15.0
TURN_S: Final = 6.0
TURNED_COUNTS: Final = 30  # noise is a few counts, a quarter turn in the earth's field a hundred or more
_SILENT_DB: Final = -96.0
_RESTART: Final = "Restart the glasses: Frame in its cradle, Halo with its button"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a test: a phrase, and what to do where it failed. "unknown": nobody was there to say."""

    state: Literal["ok", "failed", "unknown"]
    detail: str
    hint: str = ""


async def run_test(name: str, glasses: Glasses, wearer: Wearer) -> Result:
    """One test; the lens says what it wants, and is dark again at the end.

    Raises:
        GlassesError: the glasses are out of reach for good.
    """
    try:
        return await _RUN[name](glasses, wearer)
    except (DeviceError, LinkTimeoutError, RemoteProtocolError) as error:
        return Result("failed", error.message, error.hint)
    finally:
        await glasses.clear()


async def _lens(glasses: Glasses, wearer: Wearer) -> Result:
    await _say(glasses, "Sidelight", "Can you read this?")
    if not wearer.answers:
        return Result("unknown", "it shows a picture; nobody was there to read it")
    answer = await wearer.ask("The lens shows 'Can you read this?'. Can you (y/n)?", "y")
    if answer.strip().lower() in {"y", "yes"}:
        return Result("ok", "read")
    return Result("failed", "nothing to be read on the lens", "Move the glasses on your nose, and try again")


async def _microphone(glasses: Glasses, wearer: Wearer) -> Result:
    await _say(glasses, "Say a sentence")
    wearer.tell(f"say a sentence, within {LISTEN_S:g} s")
    levels: list[float] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LISTEN_S + 2), contextlib.aclosing(glasses.microphone()) as sound:  # type: ignore[type-var]
            heard = 0.0
            async for chunk in sound:
                heard += len(chunk.samples) / chunk.rate_hz
                if chunk.lost_reason is None and len(chunk.samples):
                    levels.append(_level_db(chunk.samples))
                    wearer.level(levels[-1])
                if heard >= LISTEN_S:
                    break
    wearer.level(float("-inf"))
    if not levels or max(levels) <= _SILENT_DB + 1:
        return Result("failed", "no sound comes from it", _RESTART)
    loudest, floor = max(levels), float(np.percentile(levels, 10))
    if loudest >= LOUD_ENOUGH_DB and loudest - floor >= VOICE_DB:
        return Result("ok", f"a voice at {loudest:.0f} dB, quiet at {floor:.0f} dB")
    return Result("failed", f"no voice: between {floor:.0f} and {loudest:.0f} dB", "Speak up, and try again")


async def _camera(glasses: Glasses, wearer: Wearer) -> Result:
    await _say(glasses, "Look at something with print on it", "and hold still")
    wearer.tell("look at something with print on it, and hold still")
    photo = await glasses.take_photo()
    try:
        picture = decode_photo(photo.jpeg, orientation=photo.orientation, name="the photo of the glasses")
    except PhotoInputError as error:
        return Result("failed", error.message, error.hint)
    except BackendMissingError as error:
        return Result("unknown", f"a photo of {len(photo.jpeg):,} bytes came whole; {error.message}", error.hint)
    quality = measure(picture)
    seen = f"{picture.shape[1]} x {picture.shape[0]}, light {quality.light:.0%}, contrast {quality.contrast:.0%}"
    if quality.blur_px is not None:
        seen += f", edges {quality.blur_px:.1f} pixels"
    wrong = advice(quality)
    if wrong is None:
        return Result("ok", seen)
    return Result("failed", seen, f"{wrong.value.capitalize()}, and try again; a cover may be on the camera")


async def _tap(glasses: Glasses, wearer: Wearer) -> Result:
    await _say(glasses, "Tap the frame now")
    wearer.tell(f"tap the side of the frame with a finger, within {TAP_S:g} s")
    try:
        async with asyncio.timeout(TAP_S), contextlib.aclosing(glasses.taps()) as taps:  # type: ignore[type-var]
            async for _ in taps:
                return Result("ok", "felt")
    except TimeoutError:
        pass
    return Result("failed", f"no tap was felt in {TAP_S:g} s", "Tap firmly, beside the lens, and try again")


async def _compass(glasses: Glasses, wearer: Wearer) -> Result:
    await _say(glasses, "Turn your head", "to both sides")
    wearer.tell(f"turn your head slowly to both sides, for {TURN_S:g} s")
    seen: list[tuple[int, int, int]] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TURN_S), contextlib.aclosing(glasses.motion(0.1)) as samples:  # type: ignore[type-var]
            async for sample in samples:
                seen += [sample.compass]
    if not seen:
        return Result("failed", "the compass gives no values", _RESTART)
    moved = int(np.ptp(np.array(seen), axis=0).max())
    if moved >= TURNED_COUNTS:
        return Result("ok", f"its raw values move by {moved}; it is not calibrated")
    return Result("failed", f"its raw values move by {moved} only", "Turn further, away from iron, and try again")


async def _say(glasses: Glasses, *lines: str) -> None:
    await glasses.show(Scene(tuple(Text(n + 1, 40, 120 + 70 * n, line) for n, line in enumerate(lines))))


def _level_db(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    power = float(np.mean(np.square(samples.astype(np.float64)))) / 32768.0**2
    return max(_SILENT_DB, 10 * float(np.log10(power))) if power > 0 else _SILENT_DB


_RUN: Final[Mapping[str, Callable[[Glasses, Wearer], Awaitable[Result]]]] = {
    "lens": _lens,
    "microphone": _microphone,
    "camera": _camera,
    "tap": _tap,
    "compass": _compass,
}

TESTS: Final = tuple(_RUN)
"""Their names, in the order in which they are made."""
