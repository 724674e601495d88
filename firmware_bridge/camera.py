"""Takes photos through lost links and damaged packets; one at a time, as Frame's camera memory holds one."""

from __future__ import annotations

import asyncio
from typing import Final

from firmware_bridge.errors import DeviceError, GlassesError, LocalProtocolError, RemoteProtocolError
from firmware_bridge.messages import Camera, Failed, PhotoBlock, PhotoReceived, Quality, TakePhoto
from firmware_bridge.photo import ORIENTATIONS, Photo, PhotoAssembler
from firmware_bridge.reconnect import Reconnector, answered
from firmware_bridge.session import Session
from firmware_bridge.wire import PhotoPacket

__all__ = ["CameraKeeper"]

PHOTO_S: Final = 60.0  # exposure 3 s, capture, 64 kB at the slowest link, and a lost link in between
REPLY_S: Final = 10.0  # as in sensors.py
IDS: Final = 256
AWAKE_S: Final = 6  # that the glasses keep the camera awake by themselves: host or link may be gone for good
RENEWED_S: Final = 2.0  # before which they are told again; two times of three may be late


class CameraKeeper:
    """The photo that is being taken, and whether the camera is kept awake."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._order: TakePhoto | None = None
        self._photo: PhotoAssembler | None = None
        self._done: asyncio.Future[bytes] | None = None
        self._first_s: float | None = None  # when the first piece came
        self._next_id: int | None = None
        self._awake: Camera | None = None  # as it was asked for last, if ever
        self._session: Session | None = None  # the newest, ready or not: to one that is over nothing is sent
        self._renewal: asyncio.TimerHandle | None = None

    async def take(
        self, sessions: Reconnector, *, resolution: int, quality: Quality, pan: int, exposures: int
    ) -> Photo:
        """Take a photo. Cancelling leaves the camera free for the next.

        Raises:
            LocalProtocolError: values that the camera does not have.
            LinkTimeoutError: no photo within `PHOTO_S` from when the camera was free, lost links included.
            DeviceError: the glasses could not take it.
            RemoteProtocolError: what came is no photo.
            GlassesError: the glasses are out of reach for good.
        """
        if not (100 <= resolution <= 720 and resolution % 2 == 0 and -140 <= pan <= 140 and 0 <= exposures <= 255):
            msg = f"no photo of {resolution} pixels, pan {pan}, {exposures} exposures: 100 to 720 and even, -140 to 140"
            raise LocalProtocolError(msg)
        async with self._lock, answered(PHOTO_S, f"the glasses sent no photo within {PHOTO_S:.0f} s"):
            session = await sessions.session()
            # Not the number that another program used last on these glasses: the app keeps a photo for a while.
            first = session.link.info.nonce if self._next_id is None else self._next_id
            self._next_id = (first + 1) % IDS
            self._order = TakePhoto(self._next_id, resolution, quality, pan, exposures)
            self._photo = PhotoAssembler(self._next_id)
            loop = asyncio.get_running_loop()
            self._done, self._first_s, ordered_s = loop.create_future(), None, loop.time()
            session.post(self._order)
            try:
                jpeg = await self._done
                return Photo(jpeg, ORIENTATIONS[session.link.info.glasses], (self._first_s or ordered_s) - ordered_s)
            finally:
                self._order = self._photo = self._done = None

    async def keep_awake(self, sessions: Reconnector, *, on: bool) -> None:
        """Keep the camera awake and its exposure adjusted, or not, on this session and those that follow.

        Where the link stays lost it sleeps after `AWAKE_S`. Cancelling leaves it as was asked for last.

        Raises:
            LinkTimeoutError: the glasses do not have the order within `REPLY_S`, lost links included.
            GlassesError: the glasses are out of reach for good.
        """
        self._awake = Camera(AWAKE_S if on else 0)
        self._renew_later()
        async with answered(REPLY_S, "the glasses do not answer"):
            await sessions.send(self._awake)

    def resume(self, session: Session) -> None:
        """A new session is ready: the photo that was under way goes on where it was, or begins again."""
        self._session = session
        if self._awake is not None:
            session.post(self._awake)
        if self._order is not None and self._photo is not None:
            session.post(self._order)
            if session.start.was_running:
                for index in self._photo.missing:
                    session.post(PhotoReceived(self._photo.id, index, 0))
            else:
                self._photo = PhotoAssembler(self._photo.id)

    def on_packet(self, packet: PhotoPacket) -> None:
        """Take a piece."""
        if self._photo is not None:
            self._first_s = self._first_s or asyncio.get_running_loop().time()
            self._photo.packet(packet)

    def on_block(self, block: PhotoBlock, session: Session) -> None:
        """Check an announced block and answer."""
        answer = PhotoReceived(block.id, block.index, 1)  # nobody wants it: let the glasses forget it
        if self._photo is not None and block.id == self._photo.id:
            try:
                answer = self._photo.block(block)
            except RemoteProtocolError as error:
                self._fail(error)
            else:
                self._finish(self._photo.jpeg)
        session.post(answer)

    def on_failed(self, report: Failed) -> None:
        """The glasses could not take it, or one that was given up."""
        text = report.text.decode("utf-8", "replace")
        number, colon, why = text.partition(":")
        if colon and number.isdecimal():  # as in photo.lua; an order that fails at once has no number
            if self._order is None or int(number) != self._order.id:
                return
            text = why
        self._fail(DeviceError("the glasses could not take a photo", "Try again; restart them if it stays.", text))

    def end(self, reason: GlassesError) -> None:
        """There will be no more sessions: whoever waits for a photo is told why."""
        self._session = None
        if self._renewal is not None:
            self._renewal.cancel()
        self._fail(reason)

    def _renew_later(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        wanted = self._awake is not None and self._awake.seconds > 0
        self._renewal = asyncio.get_running_loop().call_later(RENEWED_S, self._renew) if wanted else None

    def _renew(self) -> None:
        if self._awake is not None and self._session is not None:
            self._session.post(self._awake)
            self._renew_later()

    def _fail(self, reason: GlassesError) -> None:
        self._order = self._photo = None
        if self._done is not None and not self._done.done():
            self._done.set_exception(reason)
            self._done.exception()  # whoever waits gets it; nobody need be waiting any more

    def _finish(self, jpeg: bytes | None) -> None:
        if jpeg is not None:
            self._order = self._photo = None
            if self._done is not None and not self._done.done():
                self._done.set_result(jpeg)
