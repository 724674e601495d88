"""Calls from the machine to this computer: one JSON list a line there, one JSON object a line back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any


class CallError(Exception):
    """The far side could not do it."""


class Caller:
    """The side that calls; calls wait for one another."""

    def __init__(self, reader: asyncio.StreamReader, write: Callable[[bytes], object]) -> None:
        self._reader = reader
        self._write = write
        self._turn = asyncio.Lock()

    async def __call__(self, name: str, *arguments: Any) -> Any:
        async with self._turn:
            self._write(json.dumps([name, *arguments]).encode() + b"\n")
            answer = json.loads(await self._reader.readline())
        if "error" in answer:
            raise CallError(answer["error"])
        return answer["result"]


async def answer_calls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: object) -> None:
    """Answer with the methods of `target`, all of which are coroutines, until the caller hangs up."""
    while line := await reader.readline():
        name, *arguments = json.loads(line)
        try:
            answer = {"result": await getattr(target, name)(*arguments)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller hears of it
            answer = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
