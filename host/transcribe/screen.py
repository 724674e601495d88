"""The last stages: what was heard or translated into pictures, and the newest of them onto the lens.

    [events] -> lay out -> [picture] -> show -> lens

Events wait for their turn; a picture is replaced by the next. Lines move, and the lens goes dark, by themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from host.channels import Channel, ChannelClosedError
from host.contracts import Lens
from host.errors import FontError, LensError
from host.lens.display_list import DisplayList
from host.transcribe import captions
from host.transcribe.bilingual_captions import BilingualCaptions, BilingualEvent, BilingualStyle
from host.transcribe.captions import Captions, Style
from host.transcribe.times import StageTimes

__all__ = ["Screen"]

_EVENTS = 64
"""Events that wait for the layout, which takes milliseconds."""

_ON_THE_WAY = 256
"""Hypotheses that are timed while they wait for the lens; the oldest are forgotten while the link is lost."""


class Screen:
    """The lens of one recording; without a style it only tells when something was written down."""

    def __init__(
        self,
        style: Style | BilingualStyle | None,
        *,
        clock: Callable[[], float],
        on_times: Callable[[StageTimes], None],
        on_error: Callable[[LensError | FontError], None],
    ) -> None:
        """Prepare.

        Args:
            style: how it looks; None where there is no lens.
            clock: the event loop's time.
            on_times: gets the way of each hypothesis once it is on the lens, or written down where there is no lens.
            on_error: told why the lens shows nothing, once a reason.
        """
        self._face = _face(style, clock()) if style else None
        self._clock, self._on_times, self._on_error = clock, on_times, on_error
        self._events: Channel[tuple[BilingualEvent, StageTimes | None] | None] = Channel(_EVENTS)
        self._pictures: Channel[DisplayList] = Channel(1, lambda _old, _new: True)
        self._picture = DisplayList()
        self._on_the_way: deque[StageTimes] = deque(maxlen=_ON_THE_WAY)

    async def take(self, event: BilingualEvent, times: StageTimes | None = None) -> None:
        """Show what this event makes of it; `times` is the way of the hypothesis that it comes from."""
        if self._face is not None:
            await self._events.put((event, times))
        elif times is not None:
            self._on_times(times)

    async def finish(self) -> None:
        """Nothing more comes: `lay_out` ends once everything has been shown that waits."""
        await self._events.put(None)

    def close(self) -> None:
        """Let `lay_out` end when it has taken what has come."""
        self._events.close()

    async def lay_out(self) -> None:
        """Turn events, and the time that passes, into pictures."""
        ending = False
        try:
            while not (ending and (self._face is None or not self._face.waits)):
                due_s = self._face.due_s() if self._face else None
                try:
                    came = await self._events.get(None if due_s is None else max(0.0, due_s - self._clock()))
                except TimeoutError:
                    await self._update(None, None)
                    continue
                except ChannelClosedError:
                    return
                if came is None:
                    ending = True
                else:
                    await self._update(*came)
        finally:
            self._pictures.close()

    async def show(self, lens: Lens | None) -> None:
        """Keep the lens at the newest picture."""
        told = ""
        async for picture in self._pictures:
            on_the_way = [self._on_the_way.popleft() for _ in range(len(self._on_the_way))]
            if lens is None:
                continue
            try:
                await lens.show(picture)
            except LensError as error:
                if error.message != told:
                    told = error.message
                    self._on_error(error)
                continue
            shown_s = self._clock()
            for times in on_the_way:
                self._on_times(replace(times, shown_s=shown_s))

    async def _update(self, event: BilingualEvent | None, times: StageTimes | None) -> None:
        if self._face is None:
            return
        try:
            self._face = self._face.updated(event, self._clock())
            picture = self._face.picture()
        except FontError as error:  # nothing can be laid out without a font; what is said is written down all the same
            self._face = None
            self._on_error(error)
            return
        if picture == self._picture:
            return
        self._picture = picture
        if times is not None:
            self._on_the_way.append(replace(times, drawn_s=self._clock()))
        await self._pictures.put(picture)


class _Face(Protocol):
    """What is on the lens, as a value that changes with events and with time."""

    @property
    def waits(self) -> bool: ...

    def updated(self, event: BilingualEvent | None, now: float) -> _Face: ...

    def due_s(self) -> float | None: ...

    def picture(self) -> DisplayList: ...


@dataclass(frozen=True, slots=True)
class _CaptionFace:
    """Captions in one language; nothing is translated."""

    state: Captions
    style: Style

    @property
    def waits(self) -> bool:
        return captions.waits(self.state)

    def updated(self, event: BilingualEvent | None, now: float) -> _CaptionFace:
        assert event is None or isinstance(event, captions.CaptionEvent), "nobody translates"  # noqa: S101
        return replace(self, state=captions.updated(self.state, event, now, self.style))

    def due_s(self) -> float | None:
        return captions.due_s(self.state, self.style)

    def picture(self) -> DisplayList:
        return captions.picture(self.state, self.style)


def _face(style: Style | BilingualStyle, now: float) -> _Face:
    if isinstance(style, Style):
        return _CaptionFace(captions.start(style, now), style)
    return BilingualCaptions(style, now)
