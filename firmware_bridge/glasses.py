"""The glasses as a program uses them: lens, microphone, camera, taps, motion, battery.

    async with Glasses.open("ble:") as glasses:
        await glasses.show(Scene((Text(1, 20, 150, "Hello"),)))
        async for chunk in glasses.microphone():
            ...

A lost link is not the end: it is made again, the lens shows the same, the microphone goes on, and what was missed is
silence that says so. Only when the glasses stay away do calls raise.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, TypeVar

from firmware_bridge.camera import CameraKeeper
from firmware_bridge.errors import DeviceError, GlassesError, LinkTimeoutError, RemoteProtocolError
from firmware_bridge.feed import Feed
from firmware_bridge.lens import LensKeeper
from firmware_bridge.link import LinkSource
from firmware_bridge.link_trace import TraceSource
from firmware_bridge.messages import (
    Battery,
    BatteryLevel,
    Failed,
    Listen,
    PhotoBlock,
    Quality,
    Report,
    Screen,
    Sense,
    SensorSample,
    Sleep,
    TakePhoto,
    Tapped,
)
from firmware_bridge.microphone import MicrophoneKeeper
from firmware_bridge.motion import Heading, heading_of
from firmware_bridge.photo import Photo
from firmware_bridge.reconnect import GIVE_UP_S, Reconnector
from firmware_bridge.scene import Scene
from firmware_bridge.session import Session, SessionState
from firmware_bridge.sound import AudioChunk
from firmware_bridge.sources import open_source
from firmware_bridge.starting import StartReport
from firmware_bridge.wire import AudioPacket, PhotoPacket, SensorPacket

__all__ = ["Glasses", "GlassesInfo", "StateChange", "Tap"]

REPLY_S: Final = 10.0  # an answer that takes longer, lost links included, is not worth waiting for
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GlassesInfo:
    """What is connected.

    Attributes:
        name: as advertised; data from outside.
        kind: "frame".
        device: hardware and firmware version, as the glasses say.
        width: pixels across.
        height: pixels down.
        heap_bytes: memory that the device app had left when it started, at least.
        max_value_bytes: largest value of one write or notification.
    """

    name: str
    kind: Literal["frame"]
    device: str
    width: int
    height: int
    heap_bytes: int
    max_value_bytes: int


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap; `time_s` is the glasses' own clock, for telling a double tap from two."""

    time_s: float


@dataclass(frozen=True, slots=True)
class StateChange:
    """The link changed ("quality": the sound got worse); `detail` says why, in one sentence."""

    state: Literal["connecting", "uploading", "ready", "lost", "quality"]
    detail: str = ""


class Glasses:
    """A pair of glasses, connected. Made by `Glasses.open` or from a `LinkSource`; `async with` it.

    All methods may be called from several tasks of one event loop. Every call raises a `GlassesError` when the
    glasses are out of reach for good.
    """

    def __init__(self, source: LinkSource, *, give_up_s: float = GIVE_UP_S) -> None:
        """`source` is closed with the glasses. `give_up_s`: how long a lost link is tried again."""
        self.source = source
        self._lens = LensKeeper()
        self._microphone = MicrophoneKeeper(source, self._quality_changed)
        self._camera = CameraKeeper()
        self._taps: Feed[Tap] = Feed(16)
        self._motion: Feed[SensorSample] = Feed(4)
        self._states: Feed[StateChange] = Feed(32)
        self._period_ms = 0
        self._battery: asyncio.Future[int] | None = None
        self._sessions = Reconnector(source, self, self._resume, self._session_lost, self._gave_up, give_up_s=give_up_s)
        self._current: Session | None = None
        self._stack = contextlib.AsyncExitStack()
        self._info: GlassesInfo | None = None

    @classmethod
    def open(cls, uri: str, *, record: Path | None = None) -> Self:
        """Glasses by their address: "ble:", "ble:Frame 4F", "emulator:frame?mic=talk.wav", "replay:FILE".

        Args:
            uri: the address.
            record: a file to record all traffic to, voice and pictures left out.

        Raises:
            UriError, InputError, NotInstalledError: the address cannot be used.
        """
        source = open_source(uri)
        return cls(TraceSource(source, record) if record is not None else source)

    async def __aenter__(self) -> Self:
        """Connect and make the device app ready. Cancelling leaves nothing connected.

        Raises:
            LinkError, UploadError, DeviceError: the glasses cannot be reached or used.
        """
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self.source.close)
            await stack.enter_async_context(self._sessions)
            lens = asyncio.create_task(self._lens.run(self._sessions), name="lens")
            stack.push_async_callback(_stop, lens)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Clear the lens if the link is there, and disconnect. The device app stays, for a quick start next time."""
        try:
            if self._sessions.ready is not None:
                with contextlib.suppress(GlassesError, TimeoutError):
                    async with asyncio.timeout(1):
                        await self.clear()
        finally:
            await self._stack.aclose()

    @property
    def info(self) -> GlassesInfo:
        """What is connected. Raises RuntimeError before `async with`."""
        if self._info is None:
            msg = "the glasses are not open"
            raise RuntimeError(msg)
        return self._info

    @property
    def session(self) -> Session | None:
        """The session that is ready, for its counters; None while the link is lost."""
        return self._sessions.ready

    @property
    def start(self) -> StartReport:
        """How the newest session came to be ready."""
        return self._current.start if self._current is not None else StartReport()

    async def show(self, scene: Scene) -> None:
        """Make the lens show this and nothing else; only what changed crosses the link.

        Returns when the glasses have it or a newer picture. Cancelling leaves the old or the new picture, whole.

        Raises:
            LocalProtocolError: the scene cannot be drawn.
        """
        await self._lens.show(scene)

    async def clear(self) -> None:
        """Make the lens dark."""
        await self.show(Scene())

    async def screen(self, *, on: bool, brightness: int = 0) -> None:
        """Switch the lens on or off; brightness -2 to 2. It keeps its picture."""
        session = await self._sessions.session()
        await session.send(Screen(on, brightness))

    def microphone(self, rate_hz: int = 16000, bits: int = 16) -> AsyncIterator[AudioChunk]:
        """Sound from now on, contiguous; what was lost is silence that says so. One listener at a time.

        It ends only where the source of sound ends (a recording); close the iterator to stop the microphone. A link
        too slow for 16 bits goes on with 8, which `states` tells.

        Args:
            rate_hz: 8000 or 16000.
            bits: 8 or 16.

        Raises:
            LocalProtocolError: somebody listens already, or values that the glasses do not have.
        """
        return self._microphone.chunks(self._sessions, rate_hz, bits)

    @property
    def lost_samples(self) -> int:
        """Samples of the running recording that were lost and replaced by silence."""
        return self._microphone.lost_samples

    async def take_photo(
        self, *, resolution: int = 720, quality: Quality = Quality.VERY_HIGH, pan: int = 0, exposures: int = 10
    ) -> Photo:
        """Take a photo; calls wait for one another.

        Args:
            resolution: pixels of the square's side, 100 to 720, even; smaller is a narrower view.
            quality: of the JPEG.
            pan: -140 to 140, sideways shift of the view.
            exposures: runs of auto-exposure before, each 0.1 s; 10 to 30 after sleep, 0 while kept awake.

        Raises:
            DeviceError: the camera failed.
            LinkTimeoutError: no photo within a minute.
        """
        return await self._camera.take(
            self._sessions, resolution=resolution, quality=quality, pan=pan, exposures=exposures
        )

    async def keep_camera_awake(self, *, on: bool) -> None:
        """Keep the camera's exposure adjusted for quick photos; costs battery."""
        await self._camera.keep_awake(self._sessions, on=on)

    async def taps(self) -> AsyncIterator[Tap]:
        """Taps from now on. A listener that is 16 taps behind loses the oldest."""
        async for tap in self._listen(self._taps):
            yield tap

    async def motion(self, period_s: float = 0.1) -> AsyncIterator[SensorSample]:
        """Raw motion samples from now on; only the newest count. `period_s` 0.02 to 60."""
        self._period_ms = round(min(max(period_s, 0.02), 60) * 1000)
        async for sample in self._listen(self._motion):
            yield sample

    async def heading(self, period_s: float = 0.1) -> AsyncIterator[Heading]:
        """Where the glasses point, uncalibrated (see motion.py); samples without a direction are left out."""
        async for sample in self.motion(period_s):
            heading = heading_of(sample)
            if heading is not None:
                yield heading

    def states(self) -> AsyncIterator[StateChange]:
        """Changes of the link from now on."""
        return self._states.values()

    async def battery(self) -> int:
        """Charge in percent, 0 to 100.

        Raises:
            LinkTimeoutError: no answer within 10 s.
        """
        if self._battery is None or self._battery.done():
            self._battery = asyncio.get_running_loop().create_future()
        answer = self._battery
        try:
            async with asyncio.timeout(REPLY_S):
                session = await self._sessions.session()
                await session.send(Battery())
                return await asyncio.shield(answer)
        except TimeoutError:
            msg = "the glasses do not say how full their battery is"
            raise LinkTimeoutError(msg, "Come closer to the computer.") from None

    async def sleep(self) -> None:
        """Send the glasses to sleep; the link drops, and a tap or the cradle wakes them. Close them afterwards."""
        session = await self._sessions.session()
        session.post(Sleep())
        await session.over

    # --- what comes from the session --------------------------------------------------------------------------

    def on_state(self, state: SessionState) -> None:
        """A session moved on."""
        match state:
            case SessionState.CONNECTING:
                self._states.put(StateChange("connecting"))
            case SessionState.UPLOADING:
                self._states.put(StateChange("uploading"))

    def on_report(self, report: Report) -> None:
        """A message arrived."""
        session = self._current
        match report:
            case Tapped():
                self._taps.put(Tap(report.time_ms / 1000))
            case BatteryLevel():
                if self._battery is not None and not self._battery.done():
                    self._battery.set_result(report.percent)
            case PhotoBlock() if session is not None:
                self._camera.on_block(report, session)
            case Failed() if report.order == TakePhoto.CODE:
                self._camera.on_failed(report)
            case Failed() if report.order == Listen.CODE:
                text = report.text.decode("utf-8", "replace")
                msg = "the glasses' microphone does not start"
                self._microphone.failed(DeviceError(msg, "Restart the glasses in their cradle.", text))

    def on_audio(self, packet: AudioPacket) -> None:
        """Sound arrived."""
        self._microphone.on_audio(packet, self._current)

    def on_photo(self, packet: PhotoPacket) -> None:
        """A piece of a photo arrived."""
        self._camera.on_packet(packet)

    def on_sensor(self, packet: SensorPacket) -> None:
        """A motion sample arrived."""
        with contextlib.suppress(RemoteProtocolError):
            self._motion.put(SensorSample.decode(packet.data))

    async def _resume(self, session: Session) -> None:
        self._current = session
        ready = session.greeting
        self._info = GlassesInfo(
            name=session.link.info.name,
            kind="frame",
            device=ready.device.decode("utf-8", "replace"),
            width=640,
            height=400,
            heap_bytes=ready.heap_kib * 1024,
            max_value_bytes=session.link.info.max_value_bytes,
        )
        self._lens.resume(session)
        await self._microphone.resume(session)
        await self._camera.resume(session)
        await self._sense(session)
        self._states.put(StateChange("ready"))

    def _session_lost(self, reason: GlassesError) -> None:
        self._current = None
        self._microphone.link_lost()
        self._states.put(StateChange("lost", reason.message))

    def _gave_up(self, error: GlassesError) -> None:
        self._microphone.failed(error)
        self._camera.failed(error)
        self._taps.put(error)
        self._motion.put(error)
        self._states.put(error)

    def _quality_changed(self, text: str) -> None:
        self._states.put(StateChange("quality", text))

    async def _listen(self, feed: Feed[T]) -> AsyncIterator[T]:
        """Values of a sensor, which runs while somebody listens."""
        values = feed.values()
        first = asyncio.ensure_future(anext(values))
        await asyncio.sleep(0)
        try:
            if self._sessions.ready is not None:
                await self._sense(self._sessions.ready)
            yield await first
            async for value in values:
                yield value
        finally:
            first.cancel()
            await values.aclose()  # type: ignore[attr-defined]
            if self._sessions.ready is not None:
                self._sessions.ready.post(self._sense_order())

    async def _sense(self, session: Session) -> None:
        if self._taps.listeners or self._motion.listeners:
            await session.send(self._sense_order())

    def _sense_order(self) -> Sense:
        return Sense(bool(self._taps.listeners), self._period_ms if self._motion.listeners else 0)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
