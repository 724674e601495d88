"""A model in a process of its own, and calls to it from the event loop.

A decoder that computes for a second would stop the event loop, and one that crashes would take the program with it. So
each model lives in a child process. One thread of ours talks to it over a pipe, one call after another, through
`run_in_executor`: an event loop in virtual time sees that work is out and waits for it.

The child ends when its pipe does, also when this program is killed; Ctrl-C and SIGTERM, which reach whole groups of
processes, are not for it: it is wanted for the last sentence. If it dies, the call
under way fails with `retry`, and the next call starts it again. Only our own two ends pickle what crosses the pipe.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Final

from host.errors import BackendError, BackendMissingError, HostError, LanguageError, ModelMissingError

__all__ = ["Load", "ModelProcess"]

START_TIMEOUT_S: Final = 120.0  # a model of 300 MB from a slow disk
CALL_TIMEOUT_S: Final = 60.0  # many times the slowest call seen: 20 s of sound decoded on a machine four times slower
CLOSE_TIMEOUT_S: Final = 1.0  # an idle child ends within milliseconds
MAX_WAITING: Final = 32  # calls; a session makes one at a time, so more are a mistake
_NOT_FOR_THE_CHILD: Final = frozenset({signal.SIGINT, signal.SIGTERM})
MAX_CRASHES: Final = 3  # one after another without a good answer: it will not come back

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Load:
    """What a recogniser has cost so far, and how far it is behind.

    Attributes:
        calls: answered so far.
        cpu_s: CPU seconds spent on them in the child, all its threads; loading is not counted.
        waiting: calls that run or wait at this moment.
        starts: times the process was started; more than 1 after a crash.
    """

    calls: int = 0
    cpu_s: float = 0.0
    waiting: int = 0
    starts: int = 0


class ModelProcess:
    """A child process that holds one object and runs its methods; used once, from one event loop."""

    def __init__(
        self,
        make: Callable[..., object],
        *args: object,
        name: str,
        call_timeout_s: float = CALL_TIMEOUT_S,
        on_cpu: Callable[[float], None] | None = None,
        instead: str = "--transcriber",
    ) -> None:
        """Prepare; `start` starts it, or the first call.

        Args:
            make: makes the object in the child; importable by name, as its arguments must be picklable.
            *args: for `make`.
            name: what the model is called in messages.
            call_timeout_s: a call that takes longer has hung: the child is killed.
            on_cpu: called in the calling thread with the CPU seconds of each call, before its result arrives.
            instead: the flag that chooses another, for the hint when it will not come back.
        """
        self._instead = instead
        self._make, self._args, self._name = make, args, name
        self._call_timeout_s, self._on_cpu = call_timeout_s, on_cpu
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"model-{name}")
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._calls, self._cpu_s, self._waiting, self._starts, self._crashes = 0, 0.0, 0, 0, 0
        self._busy = False
        self._closed = False

    @property
    def load(self) -> Load:
        """What it has cost so far."""
        return Load(self._calls, self._cpu_s, self._waiting, self._starts)

    @property
    def busy(self) -> bool:
        """Whether the child works at this moment, perhaps for a call that nobody waits for any more."""
        return self._busy

    async def start(self) -> None:
        """Start the child and make the object.

        Raises:
            HostError: as raised by `make`.
            BackendError: it cannot be made, or takes too long.
        """
        try:
            await self._in_thread(self._started)
        except BaseException:
            await self.close()
            raise

    async def call(self, method: str, *args: object) -> Any:
        """Run a method of the object, after the calls before it.

        Cancelling does not stop the child; its answer is thrown away.

        Raises:
            HostError: as raised by the method.
            BackendError: the method failed, or the child died or hung; with `retry` the next call starts it again.
        """
        if self._closed:
            raise BackendError(f"{self._name} is closed")
        if self._waiting >= MAX_WAITING:
            raise BackendError(f"{self._name} is {self._waiting} calls behind", retry=True)
        return await self._in_thread(self._answered, method, args)

    def forget(self, method: str, *args: object) -> None:
        """Run a method after the calls before it, without waiting; nothing if the child is not running by then."""
        if not self._closed:
            asyncio.get_running_loop().run_in_executor(self._thread, self._attempted, method, args)

    async def close(self) -> None:
        """End the child, at once if it is computing. Repeated calls do nothing. Never raises."""
        if self._closed:
            return
        self._closed = True
        process = self._process
        if self._busy and process is not None:
            with contextlib.suppress(ValueError):  # the thread has just released it
                process.kill()  # nobody waits for the answer; this ends the thread's wait for it too
        ended = asyncio.get_running_loop().run_in_executor(self._thread, self._end)
        self._thread.shutdown(wait=False)
        await asyncio.shield(ended)

    async def _in_thread(self, work: Callable[..., Any], *args: object) -> Any:
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
        finally:
            self._waiting -= 1

    # --- in the thread --------------------------------------------------------------------------------------------

    def _started(self) -> Connection[Any, Any]:
        """The pipe to a child that runs."""
        if self._closed:
            raise BackendError(f"{self._name} is closed")
        if self._process is not None and self._pipe is not None and self._process.is_alive():
            return self._pipe
        self._bury()
        self._pipe, theirs = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=_serve,
            args=(theirs, self._make, self._args, _log.isEnabledFor(logging.DEBUG)),
            name=f"model-{self._name}",
            daemon=True,
        )
        failed = f"{self._name} cannot be loaded"
        try:
            with _interrupts_held():
                process.start()
        except (OSError, RuntimeError) as error:  # no memory, no more processes, a script without a main guard
            raise BackendError(f"{failed}: {error}") from error
        finally:
            theirs.close()
        self._process = process
        atexit.register(process.kill)  # if nobody closes this: Python would send SIGTERM, and wait
        self._starts += 1
        self._exchange(None, START_TIMEOUT_S, failed)
        return self._pipe

    def _answered(self, method: str, args: tuple[object, ...]) -> Any:
        self._started()
        value, cpu_s = self._exchange((method, args), self._call_timeout_s, f"{self._name} failed")
        self._crashes = 0
        self._calls += 1
        self._cpu_s += cpu_s
        if self._on_cpu is not None:
            self._on_cpu(cpu_s)
        return value

    def _attempted(self, method: str, args: tuple[object, ...]) -> None:
        if self._process is not None and self._process.is_alive():
            with contextlib.suppress(HostError):
                self._answered(method, args)

    def _exchange(self, request: object, timeout_s: float, failed: str) -> tuple[Any, float]:
        """Send the child a request, or nothing (None); its next answer: a value and the CPU seconds it took."""
        pipe, process = self._pipe, self._process
        assert pipe is not None, "started"  # noqa: S101
        assert process is not None, "started"  # noqa: S101
        self._busy = True  # before looking at `_closed`, which `close` sets before looking at this: one of us sees it
        try:
            with _killed_after(timeout_s, process) as late:
                if self._closed:
                    process.kill()
                if request is not None:
                    pipe.send(request)
                answer = pipe.recv()
        except (EOFError, OSError) as error:
            how = f"no answer in {timeout_s:.0f} s" if late.is_set() else "its process ended" + self._how_it_ended()
            raise self._crashed(failed, how) from error
        finally:
            self._busy = False
        if isinstance(answer, _Failure):
            raise answer.as_error(failed)
        return answer  # type: ignore[no-any-return]

    def _crashed(self, failed: str, how: str) -> BackendError:
        self._bury()
        self._crashes += 1
        again = self._crashes < MAX_CRASHES and not self._closed
        hint = "It is started again with the next sentence" if again else f"Choose another with {self._instead}"
        if not self._closed:
            _log.warning("%s: %s (%d in a row)", self._name, how, self._crashes)
        return BackendError(f"{failed}: {how}", hint, retry=again)

    def _how_it_ended(self) -> str:
        if self._process is None:
            return ""
        self._process.join(CLOSE_TIMEOUT_S)
        code = self._process.exitcode
        if code is None or code == 0:
            return ""
        if code > 0:
            return f" with exit code {code}"
        with contextlib.suppress(ValueError):
            return f" by {signal.Signals(-code).name}"
        return f" by signal {-code}"

    def _bury(self) -> None:
        """Release a child that is dead or not wanted."""
        pipe, self._pipe = self._pipe, None
        process, self._process = self._process, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            atexit.unregister(process.kill)
            process.kill()
            process.join(CLOSE_TIMEOUT_S)
            if not process.is_alive():
                process.close()

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(CLOSE_TIMEOUT_S)
        self._pipe = None
        self._bury()


@contextlib.contextmanager
def _killed_after(seconds: float, process: multiprocessing.process.BaseProcess) -> Iterator[threading.Event]:
    """Kill a child that takes longer, and set the event.

    That ends every wait for its pipe: for an answer, for the rest of one, and for room to send, as when it was stopped.
    """
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()  # whoever releases the process next must not meet it


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C and SIGTERM do not reach a child that is started meanwhile, until it asks for them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows: from its first statement on, see `_serve`
        yield
        return
    resource_tracker.ensure_running()  # else it is started by `Process.start`, which lets interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _NOT_FOR_THE_CHILD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in the child -----------------------------------------------------------------------------------------------------

# onnxruntime reports its use to Microsoft from 1.29 on, and keeps a number of this computer in the user's folder for
# it, unless this is set before it is initialised (its Privacy.md, "Disabling Telemetry").
_PRIVATE: Final = {"ORT_DISABLE_TELEMETRY": "1"}

_CROSSING: Final[dict[str, type[HostError]]] = {
    kind.__name__: kind for kind in (BackendMissingError, LanguageError, ModelMissingError)
}


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error on its way across the pipe."""

    kind: str
    message: str
    hint: str = ""
    retry: bool = False

    @classmethod
    def of(cls, error: Exception) -> _Failure:
        if isinstance(error, HostError):
            retry = isinstance(error, BackendError) and error.retry
            return cls(type(error).__name__, error.message, error.hint, retry)
        return cls("", f"{type(error).__name__}: {error}")

    def as_error(self, failed: str) -> HostError:
        if self.kind in _CROSSING:
            return _CROSSING[self.kind](self.message, self.hint)
        return BackendError(self.message if self.kind else f"{failed}: {self.message}", self.hint, retry=self.retry)


def _serve(pipe: Connection[Any, Any], make: Callable[..., object], args: tuple[object, ...], loud: bool) -> None:  # noqa: FBT001
    """The child's life."""
    os.environ.update(_PRIVATE)  # before a model library is imported
    for number in _NOT_FOR_THE_CHILD:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _NOT_FOR_THE_CHILD)
    if not loud:
        _silence()
    with contextlib.suppress(EOFError, OSError):  # the parent has gone or does not want us any more
        try:
            held = make(*args)
        except Exception as error:  # noqa: BLE001 - whatever it was, the parent is told
            pipe.send(_Failure.of(error))
            return
        pipe.send((None, 0.0))
        while True:
            method, arguments = pipe.recv()
            before = time.process_time()
            try:
                value = getattr(held, method)(*arguments)
            except Exception as error:  # noqa: BLE001 - as above
                pipe.send(_Failure.of(error))
            else:
                pipe.send((value, time.process_time() - before))


def _silence() -> None:
    """Model libraries write what they think straight to the terminal, in the middle of the captions."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
