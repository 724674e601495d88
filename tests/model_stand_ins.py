"""Models that misbehave, for the process that models run in; they are made in the child, so they live in a module."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from host.contracts import Hypothesis
from host.errors import BackendError, LanguageError, ModelMissingError


class Calculator:
    """Does what it is told."""

    def __init__(self, marks: Path | None = None) -> None:
        if marks is not None:
            (marks / f"started-{os.getpid()}").touch()

    def add(self, first, second):
        return first + second

    def sum(self, samples):
        return int(np.sum(samples, dtype=np.int64))

    def compute(self, cpu_s):
        end = time.process_time() + cpu_s
        while time.process_time() < end:
            pass
        return os.getpid()

    def sleep(self, seconds):
        time.sleep(seconds)

    def pid(self):
        return os.getpid()

    def crash(self):
        os.kill(os.getpid(), signal.SIGSEGV)

    def leave(self, code):
        os._exit(code)

    def refuse(self):
        raise BackendError("the model is confused", "Speak slower", retry=True)

    def refuse_language(self):
        raise LanguageError("it does not speak Elvish", "Try English")

    def break_down(self):
        raise ZeroDivisionError("a mistake of ours")

    def chatter(self):
        sys.stdout.write("loading tensors\n")
        sys.stderr.write("warning: 3 nodes\n")
        sys.stdout.flush()
        os.write(2, b"straight to the terminal\n")


class NeedsModel:
    """Has no model to load."""

    def __init__(self, path: str) -> None:
        raise ModelMissingError(f"there is no model at {path}", "Give one with --model")


class DiesAtBirth:
    """A library that brings the process down when it is loaded."""

    def __init__(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class SlowToLoad:
    """Takes longer to load than anybody waits; leaves its process id as a file's name in a folder."""

    def __init__(self, folder: Path) -> None:
        (folder / str(os.getpid())).touch()
        time.sleep(60)


class Parrot:
    """An engine that counts samples; the sample value 13 kills it."""

    def __init__(self) -> None:
        self._sessions: dict[int, list[int]] = {}

    def feed(self, session, position, samples):
        if 13 in samples:
            os.kill(os.getpid(), signal.SIGSEGV)
        self._sessions.setdefault(session, [position, position])[1] = position + len(samples)
        return []

    def end(self, session):
        begun, end = self._sessions.pop(session, (0, 0))
        return [Hypothesis(f"{begun}-{end}", final=True, start_s=begun / 16000, end_s=end / 16000)]

    def close(self, session):
        self._sessions.pop(session, None)


class SlowVoices:
    """Tells a voice at once, but for sound that begins with the sample value 13."""

    def embed(self, samples):
        if samples[0] == 13:
            time.sleep(60)
        return [1.0, 0.0]
