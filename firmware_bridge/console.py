"""The glasses' Lua prompt: a closed set of our own statements, each answered with a mark of ours.

Frame holds one line at a time, drops text from print while the radio is busy, and swallows a break inside pcall
(device reference 1.4 to 1.7): so every statement may be sent again, its answer is recognised by its mark, and a break
is repeated until an answer comes. Nothing from outside ever becomes part of a statement: the only values are hashes
and numbers of our own.

A statement that is longer than one value of the link goes in numbered pieces, which a helper on the glasses keeps until
the whole is run; errors then come cut to their end, because Frame loses text that is longer than a value (1.6).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Final

from firmware_bridge import gatt
from firmware_bridge.errors import RESTART_HINT, DeviceError, LinkTimeoutError
from firmware_bridge.link import Link

__all__ = ["Console", "answer_text"]

MARK: Final = "\x02sl:"  # not a control byte of Frame (1.4: only 01, 03 and 04 are) and not in ordinary output
BREAK_PAUSE_S: Final = 0.05
ANSWER_S: Final = 0.5  # the slowest statement removes a few files; a print may be lost (1.6), so waiting longer is vain
TRIES: Final = 6
_CUT_ERROR: Final = "\x02e:"
_CUT_ERROR_BYTES: Final = 17  # with the mark it fits the smallest value, and holds a file's name or "not enough memory"
_REPL_PAUSE_S: Final = 0.03  # three polls of the prompt (1.5), which keeps one line at a time
_HELPER: Final = (
    "T={}", "C=table.concat",
    "a='local n,s=...'", "b=' T[n]=s'", "c=' print(\"\\2sl:'", "d='\"..n)'", "A=load(a..b..c..d)",
)  # fmt: skip
"""Makes A(n,s), which keeps piece n of a statement and answers n; each line fits the smallest value, 20 bytes."""
_RUNNER: Final = (
    "function R(k)local f,e=load(C(T,'',1,k))if f then f,e=pcall(f)end "
    f"if not f then print('\\2e:'..tostring(e):sub(-{_CUT_ERROR_BYTES}))end end"
)
"""Runs the pieces kept; an error is told by its end. Comes in pieces itself."""
_ERROR: Final = re.compile(r"\[string |\w+:\d+: |\?:(?:-1:)? |not enough memory")
"""How error texts begin: with a chunk that is text, with a part of our app, without debug information, without any."""


def answer_text(word: str) -> str:
    """Lua that prints one answer word."""
    return f"print('\\2sl:{word}')"


class Console:
    """Talks to the prompt over one link. The owner passes on every notification that is no data packet."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._answers: asyncio.Queue[str] = asyncio.Queue(64)
        self._largest = min(gatt.FRAME_LUA_TEXT_BYTES, link.info.max_value_bytes)
        self._helped = False  # the glasses have the helper for pieces
        self.lines = 0  # written to the prompt

    def received(self, value: bytes) -> None:
        """Take text from the glasses. The oldest is dropped when nobody reads."""
        if self._answers.full():
            self._answers.get_nowait()
        self._answers.put_nowait(value.decode("utf-8", "replace"))

    async def interrupt(self) -> None:
        """Stop whatever runs, as far as one break can. Forgets what was answered before."""
        await self._link.write(bytes((gatt.BREAK,)))
        await asyncio.sleep(BREAK_PAUSE_S)
        self._forget()

    async def send(self, statement: str) -> bool:
        """Have one statement run, ASCII; its end is not waited for. False if it is too long for one value and the
        prompt does not take its pieces.

        Raises:
            LinkLostError: the connection is gone.
        """
        if len(statement) <= self._largest:
            await self._write(statement)
            return True
        if not self._helped:
            for line in _HELPER:
                await self._write(line, response=True)
                await asyncio.sleep(_REPL_PAUSE_S)
            count = await self._keep(_RUNNER)
            if not count:
                return False
            await self._write(f"load(C(T,'',1,{count}))()")
            await asyncio.sleep(_REPL_PAUSE_S)
        count = await self._keep(statement)
        self._helped = count > 0
        if count:
            await self._write(f"R({count})")
        return self._helped

    async def run(self, statement: str, word: str) -> None:
        """Send one statement, which is made to print `word`, and wait for that. It may be run more than once.

        Raises:
            DeviceError: the glasses answered with an error, and not better after `TRIES`.
            LinkTimeoutError: no answer after `TRIES`.
            LinkLostError: the connection is gone.
        """
        refusal: DeviceError | None = None
        for _ in range(TRIES):
            try:
                if await self.send(f"{statement} {answer_text(word)}") and await self.answer(word, ANSWER_S):
                    return
            except DeviceError as error:
                refusal = error
        if refusal is not None:
            raise refusal
        msg = "the glasses do not answer"
        raise LinkTimeoutError(msg, RESTART_HINT)

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
                        raise DeviceError(msg, "", text.removeprefix(_CUT_ERROR))
        except TimeoutError:
            return False

    async def _keep(self, statement: str) -> int:
        """Have the glasses keep a statement in pieces; how many, 0 if they did not take one."""
        self._forget()
        room = self._largest - len("A(99,'')")
        count = repeated = 0
        for count, piece in enumerate(_pieces(statement, room), 1):
            line = f"A({count},'{piece}')"
            try:
                await self._write(line)
                if await self.answer(str(count), ANSWER_S):
                    continue
                repeated += 1
                await self._write(line)
                if not await self.answer(str(count), ANSWER_S):
                    return 0
            except DeviceError:
                return 0
        if repeated:
            await asyncio.sleep(ANSWER_S)  # until no late answer can be taken for one to the next statement
        return count

    async def _write(self, line: str, *, response: bool = False) -> None:
        self.lines += 1
        await self._link.write(line.encode("ascii"), response=response)

    def _forget(self) -> None:
        while not self._answers.empty():
            self._answers.get_nowait()


def _pieces(statement: str, room: int) -> Iterator[str]:
    """A text as the insides of Lua strings in single quotes, none longer than `room`."""
    piece = ""
    for character in statement:
        escaped = "\\" + character if character in "\\'" else character
        if len(piece) + len(escaped) > room:
            yield piece
            piece = ""
        piece += escaped
    yield piece


def is_break(text: str) -> bool:
    """True for what a break leaves, on Frame or on Halo (1.6)."""
    return "break signal" in text or text.endswith("interrupted")


def is_error(text: str) -> bool:
    """True for a Lua error text, but not for what a break leaves and the note about a missing main.lua (5, Frame 5)."""
    if is_break(text) or "cannot open file: main.lua" in text:
        return False
    return text.startswith(_CUT_ERROR) or bool(_ERROR.match(text))
