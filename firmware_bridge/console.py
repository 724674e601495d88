"""The glasses' Lua prompt: a closed set of our own statements, each answered with a mark of ours.

Frame holds one line at a time, drops text from print while the radio is busy, and swallows a break inside pcall
(device reference 1.4 to 1.7): so every statement may be sent again, its answer is recognised by its mark, and a break
is repeated until an answer comes. Nothing from outside ever becomes part of a statement: the only values are hashes
and numbers of our own.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

from firmware_bridge import gatt
from firmware_bridge.errors import DeviceError, LinkTimeoutError, LocalProtocolError
from firmware_bridge.link import Link

__all__ = ["Console", "answer_text"]

MARK: Final = "\x02sl:"  # not a control byte of Frame (1.4: only 01, 03 and 04 are) and not in ordinary output
BREAK_PAUSE_S: Final = 0.05
ANSWER_S: Final = 0.5  # the slowest statement removes a few files; a print may be lost (1.6), so waiting longer is vain
TRIES: Final = 6
_ERROR: Final = re.compile(r"\[string |\w+:\d+: |\?: |not enough memory")
"""How error texts begin: with a chunk that is text, with a part of our app, without debug information, without any."""


def answer_text(word: str) -> str:
    """Lua that prints one answer word."""
    return f"print('\\2sl:{word}')"


class Console:
    """Talks to the prompt over one link. The owner passes on every notification that is no data packet."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._answers: asyncio.Queue[str] = asyncio.Queue(64)

    def received(self, value: bytes) -> None:
        """Take text from the glasses. The oldest is dropped when nobody reads."""
        if self._answers.full():
            self._answers.get_nowait()
        self._answers.put_nowait(value.decode("utf-8", "replace"))

    async def interrupt(self) -> None:
        """Stop whatever runs, as far as one break can. Forgets what was answered before."""
        await self._link.write(bytes((gatt.BREAK,)))
        await asyncio.sleep(BREAK_PAUSE_S)
        while not self._answers.empty():
            self._answers.get_nowait()

    async def run(self, statement: str, word: str) -> None:
        """Send one statement, which is made to print `word`, and wait for that. It may be run more than once.

        Raises:
            DeviceError: the glasses answered with an error, and not better after `TRIES`.
            LinkTimeoutError: no answer after `TRIES`.
            LinkLostError: the connection is gone.
        """
        text = f"{statement} {answer_text(word)}".encode("ascii")
        if len(text) > min(gatt.FRAME_LUA_TEXT_BYTES, self._link.info.max_value_bytes):
            msg = f"a statement of {len(text)} bytes does not fit one packet"
            raise LocalProtocolError(msg)
        refusal: DeviceError | None = None
        for _ in range(TRIES):
            await self._link.write(text)
            try:
                if await self.answer(word, ANSWER_S):
                    return
            except DeviceError as error:
                refusal = error
        if refusal is not None:
            raise refusal
        msg = "the glasses do not answer"
        raise LinkTimeoutError(msg, "Put them into the cradle and out again, then try once more.")

    async def answer(self, word: str, timeout_s: float) -> bool:
        """Wait for an answer word; late answers to other statements are passed over. False after `timeout_s`.

        Raises:
            DeviceError: an error text came.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    text = await self._answers.get()
                    if text == MARK + word:
                        return True
                    if is_error(text):
                        msg = "the glasses refused a statement"
                        raise DeviceError(msg, "", text)
        except TimeoutError:
            return False


def is_error(text: str) -> bool:
    """True for a Lua error text, but not for what a break leaves and the note about a missing main.lua (5, Frame 5)."""
    return bool(_ERROR.match(text)) and "break signal" not in text and "cannot open file: main.lua" not in text
