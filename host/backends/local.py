"""A recogniser whose model runs in a process of its own: the half in this process, and the shape of the other half.

A backend is an `Engine` (in the child) and a function that starts it (here). The engine makes a session when sound
for it arrives, so that after a crash the next utterance finds a new process and needs no one to set it up.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Protocol

from host.backends.worker import Load, ModelProcess
from host.contracts import Hypothesis, RecogniserInfo, Samples
from host.errors import LanguageError

__all__ = ["RATE_HZ", "Engine", "LocalRecogniser", "require_language"]

RATE_HZ = 16_000


class Engine(Protocol):
    """A model in the child. Sessions are numbered by the other side; sound is 16 kHz."""

    def feed(self, session: int, position: int, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; `position` is its first sample in the recording."""
        ...

    def end(self, session: int) -> list[Hypothesis]:
        """Finish the utterance, if one has begun."""
        ...

    def close(self, session: int) -> None:
        """Forget the session, if there is one."""
        ...


class LocalRecogniser:
    """A loaded recogniser; its model is shared by the sessions it opens."""

    def __init__(self, info: RecogniserInfo, process: ModelProcess) -> None:
        self._info, self._process = info, process
        self._numbers = itertools.count()

    @classmethod
    async def start(
        cls,
        info: RecogniserInfo,
        make: Callable[..., Engine],
        *args: object,
        on_cpu: Callable[[float], None] | None = None,
    ) -> LocalRecogniser:
        """Load the model in a process of its own.

        Args:
            info: what it can do.
            make: makes the engine in the child; importable by name.
            *args: for `make`; picklable.
            on_cpu: called with the CPU seconds of each call, in the thread that made it, before its result arrives.

        Raises:
            HostError: as raised by `make`; BackendError if the process cannot start.
        """
        process = ModelProcess(make, *args, name=info.name, on_cpu=on_cpu)
        await process.start()
        return cls(info, process)

    @property
    def info(self) -> RecogniserInfo:
        """What it can do."""
        return self._info

    @property
    def load(self) -> Load:
        """What it has cost so far, and how far it is behind."""
        return self._process.load

    async def open(self, language: str, *, start_s: float = 0.0) -> LocalSession:
        """Start recognising. Raises LanguageError."""
        require_language(self._info, language)
        return LocalSession(self._process, next(self._numbers), round(start_s * RATE_HZ))

    async def close(self) -> None:
        """End the process. Repeated calls do nothing. Never raises."""
        await self._process.close()


class LocalSession:
    """One stream of sound being recognised."""

    def __init__(self, process: ModelProcess, number: int, position: int) -> None:
        self._process, self._number, self._position = process, number, position
        self._closed = False

    async def feed(self, samples: Samples) -> list[Hypothesis]:
        """Take the next stretch of sound; what is new, oldest first. Raises BackendError."""
        position, self._position = self._position, self._position + len(samples)
        return await self._call("feed", position, samples)

    async def end_utterance(self) -> list[Hypothesis]:
        """Finish the utterance. Raises BackendError."""
        return await self._call("end")

    async def close(self) -> None:
        """Forget the session. Repeated calls do nothing. Never raises."""
        if not self._closed:
            self._closed = True
            self._process.forget("close", self._number)

    async def _call(self, method: str, *args: object) -> list[Hypothesis]:
        found: Any = await self._process.call(method, self._number, *args)
        return list(found)


def require_language(info: RecogniserInfo, language: str) -> None:
    """Refuse a language that is not in `info`. Raises LanguageError."""
    if language == "auto" and language not in info.languages:
        raise LanguageError(
            f"{info.name} cannot tell which language is spoken",
            f"Name it with --language: {', '.join(info.languages)}; whisper and openai can tell",
        )
    if language not in info.languages:
        raise LanguageError(
            f"{info.name} does not recognise the language {language!r:.20}",
            f"It recognises {', '.join(info.languages)}; choose another recogniser with --transcriber",
        )
