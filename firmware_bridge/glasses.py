"""The glasses as a program uses them: lens, microphone, camera, taps, motion, battery.

    async with Glasses.open("ble:") as glasses:
        await glasses.show(Scene((Text(1, 20, 150, "Hello"),)))
        async for chunk in glasses.microphone():
            ...

A lost link is not the end: it is made again, the lens shows the same, the microphone goes on, and what was missed is
silence that says so. What is listened to (microphone, taps, motion) and what was set (picture, screen, camera
kept awake) holds on the next session; what is asked (photo, battery, sleep) is asked again there, until its time has
passed, lost links included: then `LinkTimeoutError`. Away for good, or closed, every call raises, waiting ones too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from firmware_bridge.ble_devices import BoundGlasses
from firmware_bridge.camera import CameraKeeper
from firmware_bridge.errors import DeviceError, GlassesError, LocalProtocolError
from firmware_bridge.feed import Feed
from firmware_bridge.glasses_info import GlassesInfo, info_of
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
    SensorSample,
    Sleep,
    TakePhoto,
    Tapped,
)
from firmware_bridge.microphone import MicrophoneKeeper
from firmware_bridge.photo import Photo
from firmware_bridge.reconnect import GIVE_UP_S, Reconnector, answered
from firmware_bridge.scene import Scene
from firmware_bridge.sensors import Button, SensorKeeper, Tap
from firmware_bridge.session import Session, SessionState
from firmware_bridge.sound import AudioChunk
from firmware_bridge.sources import open_source
from firmware_bridge.starting import StartReport
from firmware_bridge.trouble import Troubles
from firmware_bridge.wire import AudioPacket, PhotoPacket, SensorPacket

__all__ = ["Button", "Glasses", "GlassesInfo", "StateChange", "Tap"]

REPLY_S: Final = 10.0  # as in sensors.py; also more than a link takes to be lost when its other end falls asleep


@dataclass(frozen=True, slots=True)
class StateChange:
    """The link changed ("quality": the sound got worse), or the glasses report an error that no call waits for
    ("trouble": each kind once); `detail` says why, in one sentence.
    """

    state: Literal["connecting", "uploading", "ready", "lost", "quality", "trouble"]
    detail: str = ""


class Glasses:
    """A pair of glasses, connected. Made by `Glasses.open` or from a `LinkSource`; `async with` it.

    All methods may be called from several tasks of one event loop. Every call raises a `GlassesError` when the
    glasses are out of reach for good.
    """

    def __init__(self, source: LinkSource, *, give_up_s: float = GIVE_UP_S) -> None:
        """`source` is closed with the glasses. `give_up_s`: how long a lost link is tried again, if need be."""
        self.source = source
        self._lens = LensKeeper()
        self._microphone = MicrophoneKeeper(source, lambda text: self._states.put(StateChange("quality", text)))
        self._camera = CameraKeeper()
        self._sensors = SensorKeeper()
        self._states: Feed[StateChange] = Feed(32)
        self._screen = Screen(1, 0)  # as it was asked for last; whoever used them before may have left it off
        self._refusals: list[asyncio.Future[DeviceError]] = []  # of orders to sleep of this session, until they come
        self._troubles = Troubles()
        self._sessions = Reconnector(source, self, self._resume, self._session_lost, self._end, give_up_s=give_up_s)
        self._current: Session | None = None  # the newest, ready or not: to one that is over nothing is sent
        self._stack = contextlib.AsyncExitStack()
        self._info: GlassesInfo | None = None

    @classmethod
    def open(
        cls,
        uri: str,
        *,
        bound: Iterable[BoundGlasses] = (),
        record: Path | None = None,
        record_media: bool = False,
        any_bound: bool = False,
        give_up_s: float | None = None,
    ) -> Self:
        """Glasses by their address: "ble:", "ble:Frame 4F", "emulator:frame?mic=talk.wav", "replay:FILE".

        Args:
            uri: the address.
            bound: as for `open_source`.
            record: a file to record all traffic to, for a report; it must not exist.
            record_media: whether voice and pictures are in it, too.
            any_bound: as for `open_source`.
            give_up_s: how long a lost link is tried again; None for an hour.

        Raises:
            UriError, InputError, NotInstalledError: the address cannot be used.
        """
        source = open_source(uri, bound=bound, any_bound=any_bound)
        traced = source if record is None else TraceSource(source, record, include_media=record_media)
        return cls(traced, give_up_s=GIVE_UP_S if give_up_s is None else give_up_s)

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

    def watch_lens(self, observer: Callable[[Scene], None]) -> None:
        """Tell `observer` each picture that is asked for from now on; it must not block."""
        self._lens.observers.append(observer)

    async def clear(self) -> None:
        """Make the lens dark."""
        await self.show(Scene())

    async def screen(self, *, on: bool, brightness: int = 0) -> None:
        """Switch the lens on or off, on this session and those that follow; brightness -2 to 2. It keeps its picture.

        Raises:
            LocalProtocolError: no such brightness.
            LinkTimeoutError: no answer within 10 s.
        """
        if not -2 <= brightness <= 2:
            msg = f"the lens has no brightness {brightness}: -2 to 2"
            raise LocalProtocolError(msg)
        self._screen = Screen(int(on), brightness)
        async with answered(REPLY_S, "the glasses do not answer"):
            await self._sessions.send(self._screen)

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
        """Samples of the newest recording that were lost, wherever, and replaced by silence."""
        return self._microphone.lost_samples

    async def take_photo(
        self, *, resolution: int = 720, quality: Quality = Quality.VERY_HIGH, pan: int = 0, exposures: int = 10
    ) -> Photo:
        """Take a photo; calls wait for one another.

        Args:
            resolution: pixels of the square's side, 100 to 720, even; smaller is a narrower view. Halo's photos have
                one size, which their header says, and no `pan` or `exposures`.
            quality: of the JPEG.
            pan: -140 to 140, sideways shift of the view.
            exposures: runs of auto-exposure before, each 0.1 s; 10 to 30 after sleep, 0 while kept awake.

        Raises:
            LocalProtocolError: values that the camera does not have.
            DeviceError: the camera failed.
            RemoteProtocolError: the glasses sent what is no photo; the next may be one.
            LinkTimeoutError: no photo within a minute of its turn.
        """
        return await self._camera.take(
            self._sessions, resolution=resolution, quality=quality, pan=pan, exposures=exposures
        )

    async def keep_camera_awake(self, *, on: bool) -> None:
        """Keep the camera's exposure adjusted for quick photos, or not, on this session and those that follow.

        It costs battery. Without the link the camera goes to sleep after 6 s.

        Raises:
            LinkTimeoutError: no answer within 10 s.
        """
        await self._camera.keep_awake(self._sessions, on=on)

    def spare(self, *, sound: bool, motion: bool) -> None:
        """Let little charge last longer, now and on all sessions that follow.

        Args:
            sound: it comes with 8 bits a sample; Halo's, which is coded, as before.
            motion: no samples of it come.
        """
        self._microphone.limit(8 if sound else 16)
        self._sensors.spare(motion=motion)

    def taps(self) -> AsyncIterator[Tap]:
        """Taps, and presses of Halo's button, from when they are first waited for; those while the link is lost are not
        heard.

        A listener that is 16 taps behind loses the oldest.
        """
        return self._sensors.taps()

    def motion(self, period_s: float = 0.1) -> AsyncIterator[SensorSample]:
        """Raw motion samples from when they are first waited for; only the newest count.

        `period_s` 0.02 to 60; of several listeners the one with the shortest decides.
        """
        return self._sensors.motion(period_s)

    def states(self) -> AsyncIterator[StateChange]:
        """Changes of the link from when they are first waited for; a listener that is 32 behind loses the oldest."""
        return self._states.values()

    async def battery(self) -> int:
        """Charge in percent, 0 to 100.

        Raises:
            LinkTimeoutError: no answer within 10 s.
            DeviceError: the glasses cannot tell.
        """
        return await self._sensors.battery(self._sessions)

    async def sleep(self) -> None:
        """Send the glasses to sleep; the link drops. A tap or the cradle wakes Frame, its button Halo. Close them then.

        Raises:
            DeviceError: they refuse.
            LinkTimeoutError: they stay awake for 10 s.
        """
        refusal: asyncio.Future[DeviceError] = asyncio.get_running_loop().create_future()
        async with answered(REPLY_S, "the glasses do not go to sleep"):
            session = await self._sessions.session()
            session.post(Sleep())
            self._refusals.append(refusal)
            await asyncio.wait((session.over, refusal), return_when=asyncio.FIRST_COMPLETED)
        if refusal.done():
            raise refusal.result()

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
                self._sensors.on_tap(report)
            case BatteryLevel():
                self._sensors.on_level(report)
            case PhotoBlock() if session is not None:
                self._camera.on_block(report, session)
            case Failed():
                self._on_failed(report, session)

    def on_audio(self, packet: AudioPacket) -> None:
        """Sound arrived."""
        self._microphone.on_audio(packet)

    def on_photo(self, packet: PhotoPacket) -> None:
        """A piece of a photo arrived."""
        self._camera.on_packet(packet)

    def on_sensor(self, packet: SensorPacket) -> None:
        """A motion sample arrived."""
        self._sensors.on_sample(packet)

    def _on_failed(self, report: Failed, session: Session | None) -> None:
        match report.order:
            case TakePhoto.CODE:
                self._camera.on_failed(report)
            case Listen.CODE:
                self._microphone.on_failed(report)
            case Battery.CODE:
                self._sensors.on_battery_failed(report)
            case Sleep.CODE if self._refusals:
                detail = report.text.decode("utf-8", "replace")
                hint = "Put Frame into its cradle; hold the button of Halo."
                refusal = DeviceError("the glasses refuse to sleep", hint, detail)
                self._refusals.pop().set_result(refusal)
            case _:
                self._lens.on_failed(report)
                if session is not None and (told := self._troubles.told(report, session.link.info.glasses)) is not None:
                    self._states.put(StateChange("trouble", told))

    async def _resume(self, session: Session) -> None:
        self._current = session
        self._info = info_of(session)
        session.post(self._screen)
        self._lens.resume(session)
        self._camera.resume(session)
        self._sensors.resume(session)
        await self._microphone.resume(session)
        self._states.put(StateChange("ready"))

    def _session_lost(self, reason: GlassesError) -> None:
        self._refusals.clear()
        self._microphone.link_lost()
        self._states.put(StateChange("lost", reason.message))

    def _end(self, reason: GlassesError) -> None:
        """There will be no more sessions: whoever waits is told why."""
        self._lens.end(reason)
        self._microphone.end(reason)
        self._camera.end(reason)
        self._sensors.end(reason)
        self._states.end(reason)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
