"""What the command line says: results on stdout, progress on stderr, one JSON object a line with `--json`.

Everything passes through `terminal.neutral`: speech, device names and server answers are data. On a terminal the last
line of stderr is live: a level meter and the words being spoken, redrawn in place; with `--plain`, or where
stderr is no terminal, there is no such line and only finished things are printed.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TextIO

from host.cli.installation import typed
from host.cli.terminal import fit_end, meter, neutral
from host.events import (
    ActionDone,
    Arrived,
    BatteryLevel,
    Bookmark,
    CompassCalibrated,
    CompassStep,
    Erased,
    ErrorReport,
    Event,
    Finding,
    Gap,
    Instruction,
    LinkState,
    Notice,
    Partial,
    PhotoRead,
    PlaceEntry,
    PositionFix,
    PositionState,
    PriceRead,
    Reroute,
    RouteFound,
    Saved,
    Sentence,
    SpeakerMerged,
    Translation,
    to_json,
)

__all__ = ["Output", "OutputClosedError", "OutputFailedError", "describe", "print_text", "with_hint"]

_ERASE_LINE = "\r\x1b[K"
_RED, _YELLOW, _DIM, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


_Watcher = tuple[Callable[[Event], None], Callable[[Any], None], Callable[[Callable[[str], str]], None]]


class OutputClosedError(Exception):
    """Whoever read our stdout went away (`sidelight ... | head`); the verb ends, quietly."""


class OutputFailedError(Exception):
    """Our stdout cannot be written, on a full disk say; the text is the system's reason."""


class Output:
    """The only way for a verb to say something.

    Attributes:
        json: True where stdout carries one event a line and nothing else.
        verbose: True where a bug is shown with its traceback.
    """

    def __init__(
        self,
        stdout: TextIO,
        stderr: TextIO,
        *,
        json: bool = False,
        plain: bool = False,
        colour: bool = False,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Write to these streams.

        Args:
            stdout: results.
            stderr: progress, notes, errors.
            json: one event a line on stdout.
            plain: nothing redrawn in place, no colour.
            colour: errors, notes and unfinished words in colour (ignored with `plain`).
            verbose: show tracebacks.
            clock: seconds; `elapsed` counts from its value at this call.
        """
        self.json, self.verbose = json, verbose
        self._stdout, self._stderr = stdout, stderr
        self._colour = colour and not plain
        self._redraws = stderr.isatty() and not plain and not json
        self._clock, self._start = clock, clock()
        self._partial, self._level_db = "", float("-inf")
        self._drawn = ""
        self._watchers: list[_Watcher] = []

    def elapsed(self) -> float:
        """Seconds since the program started: the `t` of events."""
        return self._clock() - self._start

    def event(self, event: Event) -> None:
        """Report an event: a JSON line on stdout, or what `describe` makes of it for a person.

        Raises:
            OutputClosedError, OutputFailedError: as `print_text`.
        """
        event = _typed(event)
        for told, *_ in self._watchers:
            told(event)
        if self.json:
            self._result(to_json(event))
        elif isinstance(event, PositionFix):
            return  # a line a second is nothing to read
        elif isinstance(event, Partial):
            self._partial = event.text
            self._redraw()
        elif isinstance(event, ErrorReport):
            self._problem(event)
        elif isinstance(event, Notice):
            self._said("note: " + with_hint(event.message, event.hint), _YELLOW)
        elif isinstance(event, LinkState | BatteryLevel | PhotoRead | ActionDone):
            self._said(describe(event), _DIM)
        else:
            if isinstance(event, Sentence | Translation):
                self._partial = ""
            self._result(describe(event))

    @contextlib.contextmanager
    def watched(
        self,
        told: Callable[[Event], None],
        connected: Callable[[Any], None],
        assisting: Callable[[Callable[[str], str]], None] = lambda _do: None,
    ) -> Iterator[None]:
        """Until left, somebody else is told every event, and given what the two methods are; none may block."""
        watcher = (told, connected, assisting)
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    def connected(self, glasses: Any) -> None:
        """The verb's glasses are ready: whoever watches is given them."""
        for _, given, _ in self._watchers:
            given(glasses)

    def assisting(self, do: Callable[[str], str]) -> None:
        """Everyday mode takes actions by their name: whoever watches may ask for them."""
        for _, _, given in self._watchers:
            given(do)

    @property
    def redraws(self) -> bool:
        """Whether somebody watches a terminal in which a line is redrawn in place."""
        return self._redraws

    def line(self, text: str) -> None:
        """A line of result on stdout; dropped with `--json`, where only events go there.

        Raises:
            OutputClosedError, OutputFailedError: as `print_text`.
        """
        if not self.json:
            self._result(text)

    def told(self, event: Event, text: str) -> None:
        """A result: the event for a script, the text for a person.

        Raises:
            OutputClosedError, OutputFailedError: as `print_text`.
        """
        if self.json:
            self.event(event)
        else:
            self.line(text)

    def note(self, text: str, hint: str = "") -> None:
        """A line of progress on stderr; `hint` says what to do next, its commands as they can be typed here."""
        self._said(with_hint(text, typed(hint)))

    def level(self, level_db: float) -> None:
        """Show how loud the microphone is, in dB below full scale, where there is a live line."""
        self._level_db = level_db
        self._redraw()

    def error(self, code: str, message: str, hint: str = "") -> None:
        """Report what ended the verb: one line on stderr, or an `error` event on stdout with `--json`.

        Raises:
            OutputClosedError, OutputFailedError: as `print_text`.
        """
        self.event(ErrorReport(t=self.elapsed(), code=code, message=message, hint=hint))

    def close(self) -> None:
        """Take the live line away. Repeated calls do nothing."""
        self._erase()
        self._redraws = False

    def _result(self, text: str) -> None:
        self._erase()
        print_text(neutral(text) + "\n", self._stdout)
        self._redraw()

    def _problem(self, report: ErrorReport) -> None:
        self._said("error: " + with_hint(report.message, report.hint), _RED)

    def _said(self, text: str, colour: str = "") -> None:
        self._erase()
        self._aside(self._coloured(neutral(text), colour) + "\n")
        self._redraw()

    def _redraw(self) -> None:
        if not self._redraws or (not self._partial and self._level_db == float("-inf")):
            return
        bar = meter(self._level_db)
        # One column stays free: a terminal that wraps at the last one could not be redrawn in place.
        words = fit_end(neutral(self._partial), shutil.get_terminal_size().columns - len(bar) - 2)
        drawn = f"{bar} {self._coloured(words, _DIM)}"
        if drawn != self._drawn:
            self._aside(_ERASE_LINE + drawn)
            self._drawn = drawn

    def _erase(self) -> None:
        if self._drawn:
            self._aside(_ERASE_LINE)
            self._drawn = ""

    def _aside(self, text: str) -> None:
        with contextlib.suppress(OSError):  # there is nowhere left to complain
            self._stderr.write(text)
            self._stderr.flush()

    def _coloured(self, text: str, colour: str) -> str:
        return f"{colour}{text}{_RESET}" if self._colour and colour else text


def print_text(text: str, stdout: TextIO) -> None:
    """Write text of our own as it is, and flush.

    Raises:
        OutputClosedError: whoever read this stream went away.
        OutputFailedError: it cannot be written.
    """
    try:
        stdout.write(text)
        stdout.flush()
    except BrokenPipeError as error:
        raise OutputClosedError from error
    except OSError as error:
        raise OutputFailedError((error.strerror or str(error)).lower()) from error


def _typed(event: Event) -> Event:
    """The event, with commands in its hints as they can be typed here."""
    if isinstance(event, Notice | ErrorReport):
        return replace(event, hint=typed(event.hint))
    return replace(event, fix=typed(event.fix)) if isinstance(event, Finding) else event


def describe(event: Event) -> str:
    """One line about an event for a person to read; text from outside is still as it came."""
    match event:
        case Sentence():
            speaker = f"{event.speaker}: " if event.speaker is not None else ""
            text = f"{_clock_time(event.start_s)}  {speaker}{event.text}"
        case Translation():
            text = _translated(event)
        case Bookmark() | SpeakerMerged() | PhotoRead() | PriceRead():
            text = _aside(event)
        case Gap():
            text = f"{_clock_time(event.start_s)}  ({event.end_s - event.start_s:.1f} s missing: {event.reason})"
        case RouteFound() | Instruction() | Reroute() | Arrived() | PositionState() | PlaceEntry():
            text = _on_the_way(event)
        case BatteryLevel() | LinkState() | CompassStep() | CompassCalibrated() | ActionDone():
            text = _glasses(event)
        case Erased():
            text = f"erased: {event.what}, {event.path}"
        case Finding():
            text = f"  {event.state:<8} {event.check}: {with_hint(event.message, event.fix)}"
        case Saved():
            text = f"saved: transcript {event.id}, {event.path}"
        case _:
            text = to_json(event)
    return text


def _translated(event: Translation) -> str:
    """The translation; the original before one that is not to be trusted, or behind one that must not stand alone.

    What was heard stands above it already.
    """
    if event.start_s is not None:
        doubted = f"? {event.target}  (uncertain: {event.reason})" if event.uncertain else event.target
        return f"{_clock_time(event.start_s)}  > {doubted or '(not translated)'}"
    if event.missing:
        return f"{event.source}  (not translated: {event.missing})"
    if event.uncertain:
        return f"{event.source}  ? {event.target}  (uncertain: {event.reason})"
    return f"{event.target}  ({event.source})" if event.keep_source else event.target


def _photo(event: PhotoRead) -> str:
    name = event.file or f"photo {event.attempt}"
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in event.seconds.items())
    return f"{name}: {stages}" + (f" ({event.advice})" if event.advice else "")


def _aside(event: Bookmark | SpeakerMerged | PhotoRead | PriceRead) -> str:
    if isinstance(event, PhotoRead):
        return _photo(event)
    if isinstance(event, PriceRead):
        return f"{event.file}: {event.text}" if event.file else event.text
    if isinstance(event, Bookmark):
        return f"{_clock_time(event.start_s)}  (bookmark)"
    return f"speaker {event.speaker} is {event.into}"


def _glasses(event: BatteryLevel | LinkState | CompassStep | CompassCalibrated | ActionDone) -> str:
    if isinstance(event, ActionDone):
        return f"{event.by}: {event.text}"
    if isinstance(event, CompassCalibrated):
        return event.text
    if isinstance(event, CompassStep):
        return f"{event.number} of {event.of}: {event.step}" + (f" ({event.advice})" if event.advice else "")
    if isinstance(event, BatteryLevel):
        return f"glasses: {event.text or f'battery {event.percent:.0f} %'}"
    return f"glasses: {event.state}" + (f" ({event.detail})" if event.detail else "")


def _on_the_way(event: RouteFound | Instruction | Reroute | Arrived | PositionState | PlaceEntry) -> str:
    match event:
        case RouteFound():
            return event.text
        case Instruction():
            return event.line
        case Reroute():
            return {
                "looking": f"{event.reason}: looking for another way",
                "found": "another way was found",
                "failed": f"no other way, the earlier one stays: {event.reason}",
            }[event.state]
        case Arrived():
            return f"arrived: {event.destination}" if event.last else f"stop reached: {event.destination}"
        case PositionState():
            return "positions come again" if event.state == "back" else with_hint(event.message, event.hint)
        case PlaceEntry():
            far = "" if event.distance_m is None else f"{event.distance_m:.0f} m"
            kind = event.kind.partition("=")[2].replace("_", " ")
            return f"{event.number}  " + ", ".join(filter(None, (event.title, kind, event.address, far)))


def with_hint(message: str, hint: str) -> str:
    """What happened and what to do next, as sentences in a line."""
    stop = "" if message.endswith((".", "?", "!")) else "."
    return f"{message}{stop} {hint}" if hint else message


def _clock_time(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
