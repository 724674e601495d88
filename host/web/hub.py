"""The board, the newest picture of the lens, and the browsers that look at them; in the page's loop only."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from host.events import Event
from host.web.board import Board
from host.web.controls import Controls, Json, Panel

__all__ = ["WAITING", "Client", "Hub", "Picture"]

Picture = Callable[[], bytes]
"""Makes a picture of the lens, PNG, when there is somebody to see it."""

WAITING: Final = 256  # events that wait for one browser before it is given the whole board instead
NEWS_S: Final = 0.25  # between two looks at what the emulated glasses say
WATCHED: Final = frozenset({"packets"})  # panels that are only made while somebody looks at them
PLAYED: Final[tuple[Panel, ...]] = ("wearer", "assistant")

_log = logging.getLogger(__name__)


class Client:
    """One browser: the events that wait for it, and whether it lacks the newest picture."""

    def __init__(self) -> None:
        self.events: deque[str] = deque()
        self.pictured = True
        self.watched: frozenset[str] = frozenset()
        self.more = asyncio.Event()

    def tell(self, text: str) -> None:
        """Send this when its turn comes."""
        self.events.append(text)
        self.more.set()


class Hub:
    """What the page's browsers are told."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.panels: dict[Panel, Controls] = {}
        self._values: dict[str, str] = {}  # of the live controls, newest
        self._board = Board()
        self._picture: Picture | None = None
        self._png: bytes | None = None

    def tell(self, event: Event) -> None:
        """Show what this event means."""
        self._pass_on(self._board.told(event))

    def see(self, picture: Picture) -> None:
        """The lens shows something new."""
        self._picture, self._png = picture, None
        for client in self.clients:
            client.pictured = False
            client.more.set()

    def offer(self, panel: Panel, controls: Controls | None) -> None:
        """From here on this may be done from a panel; nothing where it is None."""
        if (before := self.panels.pop(panel, None)) is not None:
            for one in before.offered:
                self._values.pop(str(one["do"]), None)
        if controls is not None:
            self.panels[panel] = controls
        self._pass_on(self._offered(panel))

    def who_does(self, do: object) -> Controls | None:
        """Whose control has that name; None where nobody's has."""
        return next((one for one in self.panels.values() if do in {spec["do"] for spec in one.offered}), None)

    def do(self, wanted: Json) -> str:
        """Have the wearer do something; what to say against it. What lasts is told to every browser."""
        if not self.panels:
            return "There is nobody to do that: these glasses are real, or not connected yet."
        controls = self.who_does(wanted.get("do"))
        if controls is None:
            return "That is not offered."
        if said := controls.do(wanted):
            return said
        spec = next(one for one in controls.offered if one["do"] == wanted["do"])
        if spec.get("live"):
            fields = spec["fields"]
            assert isinstance(fields, list | tuple)  # noqa: S101 - as Controls has it
            values = {one["name"]: wanted[one["name"]] for one in fields}
            text = self._values[str(spec["do"])] = _as_text({"event": "set", "do": spec["do"], "values": values})
            self._pass_on(text)
        return ""

    def whole(self) -> str:
        """The board, for somebody who knows nothing."""
        events = [*map(self._offered, PLAYED), *self._values.values(), *self._board.whole()]
        return '{"event":"board","events":[' + ",".join(events) + "]}"

    def joined(self) -> Client:
        """Somebody who looks from here on."""
        self.take_news()
        client = Client()
        client.tell(self.whole())
        client.pictured = self._picture is None
        self.clients.add(client)
        return client

    def png(self) -> bytes | None:
        """The newest picture, made once for all; None where there is none."""
        if self._png is None and self._picture is not None:
            try:
                self._png = self._picture()
            except Exception:  # noqa: BLE001 - whatever it is, the page goes on
                _log.exception("a picture of the lens could not be made for the page")
                self._picture = None
        return self._png

    async def follow(self) -> None:
        """Tell what the emulated glasses say, as long as somebody looks."""
        while True:
            await asyncio.sleep(NEWS_S)
            if self.clients:
                self.take_news()

    def take_news(self) -> None:
        """Tell what the emulated glasses have said since the last time."""
        watched = frozenset[str]().union(*(client.watched for client in self.clients)) & WATCHED
        for controls in self.panels.values():
            for event in controls.news(watched):
                self._pass_on(self._board.take(event))

    def _offered(self, panel: Panel) -> str:
        offered = self.panels[panel].offered if panel in self.panels else ()
        return _as_text({"event": "controls", "panel": panel, "controls": offered})

    def _pass_on(self, text: str) -> None:
        for client in self.clients:
            client.tell(text)
            if len(client.events) > WAITING:
                client.events = deque([self.whole()])


def _as_text(event: Json) -> str:
    return json.dumps(event, separators=(",", ":"))
