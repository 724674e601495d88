"""Emulated glasses at the page: whoever looks plays their wearer, and sees what happens inside.

The page lives in a thread of its own. What is done goes to the loop of the glasses; what they say waits here, bounded,
until the page asks for it, and packets are only kept while somebody looks at them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Protocol

from firmware_bridge import GlassesError, MemoryTrace, Packet, PacketReader
from host.app.wearer_controls import FILES, act_of, offered
from host.web.controls import Controls, Json

if TYPE_CHECKING:
    from firmware_bridge.emulator.acts import Act
    from firmware_bridge.emulator.options import GlassesOptions
    from firmware_bridge.emulator.telemetry import DeviceObserver, LinkState

__all__ = ["controls_of"]

LINES: Final = 200  # that wait for the page; more are left out, which is said
PACKETS: Final = 1000
TEXT_CHARS: Final = 500
STREAMS: Final = ("audio", "photo", "sensor")  # packets that are told together


class Played(Protocol):
    """Glasses that can be played, with the air around them: `EmulatorSource`, `OnAir`."""

    def act(self, act: Act) -> None:
        """Do it; on the thread of the loop."""
        ...


def controls_of(
    played: Played,
    observers: list[DeviceObserver],
    options: GlassesOptions,
    elapsed: Callable[[], float],
    *,
    connected: bool,
) -> Controls:
    """What the page offers for emulated glasses; to be called on their loop.

    Args:
        played: the glasses.
        observers: theirs; one more from here on.
        options: that made them.
        elapsed: the time of events, seconds.
        connected: whether a program is connected to them.
    """
    from firmware_bridge.emulator.options import HaloOptions  # noqa: PLC0415 - an extra

    kind: Any = "halo" if isinstance(options, HaloOptions) else "frame"
    inside = _Inside(played, kind, options, elapsed, connected=connected)
    observers.append(inside.observer())
    return Controls(
        offered(kind, battery=options.battery, loss=options.radio.loss),
        inside.do,
        inside.take,
        inside.recording,
        inside.news,
    )


class _Inside:
    """What happens in one pair of glasses, and what is done to it. Public methods are called by the page's threads."""

    def __init__(
        self, played: Played, kind: Any, options: GlassesOptions, elapsed: Callable[[], float], *, connected: bool
    ) -> None:
        self._played, self._kind, self._options, self._elapsed = played, kind, options, elapsed
        self._loop = asyncio.get_running_loop()
        self._connected = connected
        self._lines: deque[Json] = deque(maxlen=LINES)
        self._lost = 0  # lines that were too many
        self._looked_at = False
        self._values: deque[tuple[float, bool, bytes]] = deque(maxlen=PACKETS)
        self._reader = PacketReader()
        self._trace: MemoryTrace | None = None
        self._recording = False
        self._told: str | None = None  # of the recording

    # --- of the page --------------------------------------------------------------------------------------------

    def do(self, wanted: Mapping[str, object]) -> str:
        """What is to be said against it; empty if nothing."""
        match wanted.get("do"):
            case "record":
                fresh, media = wanted.get("fresh") is True, wanted.get("media") is True
                return self._soon(self._record, fresh, media)
            case "end_recording":
                return self._soon(self._end_recording) if self._recording else "Nothing is recorded."
        try:
            act = act_of(wanted)
        except GlassesError as error:
            return f"{error.message}. {error.hint}"
        return self._soon(self._played.act, act)

    def take(self, do: str, name: str, content: bytes) -> str:
        """The same, of a file."""
        from firmware_bridge.emulator.inputs import picture_to_show, sound_to_play  # noqa: PLC0415 - an extra

        if do not in FILES:
            return "No file is wanted."
        try:
            act: Act = sound_to_play(name, content) if do == "hear" else picture_to_show(name, content)
        except GlassesError as error:
            return f"{error.message}. {error.hint}"
        return self._soon(self._played.act, act)

    def recording(self) -> bytes | None:
        """What was recorded so far."""
        return None if self._trace is None else self._trace.content()

    def news(self, watched: frozenset[str]) -> list[Json]:
        """What has happened since it was last asked."""
        lost, self._lost = self._lost, 0
        told: list[Json] = [self._line("failed", f"({lost} lines were left out)")] if lost else []
        told += [self._lines.popleft() for _ in range(len(self._lines))]
        told += self._packets() if "packets" in watched else []
        if not (looked_at := "packets" in watched) and self._looked_at:
            self._values.clear()
            self._reader = PacketReader()
        self._looked_at = looked_at
        if (state := self._state()) is not None and state != self._told:
            self._told = state
            told.append({"event": "recording", "t": self._elapsed(), "message": state})
        return told

    def _packets(self) -> list[Json]:
        if len(self._values) == PACKETS:
            self._reader = PacketReader()  # some are missing
        values = [self._values.popleft() for _ in range(len(self._values))]
        read = [(t, out, self._reader.read(value, out=out)) for t, out, value in values]
        rows: list[Json] = []
        for (out, kind), group in groupby(read, lambda one: (one[1], one[2].kind)):
            several = list(group)
            rows += _together(several, out=out) if kind in STREAMS else [_row(*one) for one in several]
        return rows

    def _state(self) -> str | None:
        if self._trace is None:
            return None
        if self._recording:
            full = ", and is full" if self._trace.full else ""
            return f"the link is being recorded{full}"
        return "the recording has ended and can be saved"

    def _soon(self, what: Callable[..., object], *arguments: object) -> str:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:  # the loop is closed
            return "The glasses are switched off."
        return ""

    # --- of the glasses' loop ------------------------------------------------------------------------------------

    def _record(self, fresh: bool, media: bool) -> None:  # noqa: FBT001 - given by call_soon
        from firmware_bridge.emulator.acts import Cut  # noqa: PLC0415 - an extra

        self._trace = MemoryTrace(self._kind, self._options.name, media=media)
        self._recording = True
        self._told = None
        if fresh and self._connected:
            self._played.act(Cut())
        elif self._connected:
            self._trace.connected(self._elapsed(), self._options.mtu)

    def _end_recording(self) -> None:
        self._recording = False

    def observer(self) -> DeviceObserver:
        """What the glasses tell."""
        from firmware_bridge.emulator.telemetry import DeviceObserver  # noqa: PLC0415 - an extra

        inside = self

        class Watch(DeviceObserver):
            def printed(self, when_s: float, text: bytes) -> None:  # noqa: ARG002
                inside._say("printed", text.decode("utf-8", "backslashreplace"))

            def failed(self, when_s: float, text: bytes) -> None:  # noqa: ARG002
                inside._say("failed", text.decode("utf-8", "backslashreplace"))

            def restarted(self, when_s: float, reason: str) -> None:  # noqa: ARG002
                inside._say("restarted", f"(start: {reason})")

            def linked(self, when_s: float, state: LinkState) -> None:  # noqa: ARG002
                inside._linked(state)

            def received(self, when_s: float, value: bytes) -> None:  # noqa: ARG002
                inside._passed(value, out=True)

            def sent(self, when_s: float, value: bytes) -> None:  # noqa: ARG002
                inside._passed(value, out=False)

        return Watch()

    def _say(self, kind: str, text: str) -> None:
        if len(self._lines) == LINES:
            self._lost += 1
        if text.strip():
            self._lines.append(self._line(kind, text[:TEXT_CHARS]))

    def _line(self, kind: str, text: str) -> Json:
        return {"event": "console", "t": round(self._elapsed(), 3), "kind": kind, "text": text}

    def _linked(self, state: LinkState) -> None:
        self._connected = state != "disconnected"
        self._say("restarted", f"({state})")
        if self._trace is not None and self._recording and state == "connected":
            self._trace.connected(self._elapsed(), self._options.mtu)
        elif self._trace is not None and self._recording and state == "disconnected":
            self._trace.ended(self._elapsed())

    def _passed(self, value: bytes, *, out: bool) -> None:
        if self._looked_at:
            self._values.append((self._elapsed(), out, value))
        if self._recording and self._trace is not None:
            self._trace.value(self._elapsed(), value, out=out)


def _row(t: float, out: bool, packet: Packet) -> Json:  # noqa: FBT001 - a direction
    return {"event": "packet", "t": round(t, 3), "out": out, "size": packet.size, "text": packet.text}


def _together(several: list[tuple[float, bool, Packet]], *, out: bool) -> Iterator[Json]:
    """Packets of one stream, as one row."""
    t, _, last = several[-1]
    text = last.text if len(several) == 1 else f"{len(several)} packets, the last: {last.text}"
    yield {
        "event": "packet",
        "t": round(t, 3),
        "out": out,
        "size": sum(packet.size for _, _, packet in several),
        "text": text,
    }
