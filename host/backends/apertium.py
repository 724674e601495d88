"""Apertium's rules (Debian packages): a kept pipeline of its own stages, a few milliseconds a sentence, rough.

`apertium -z` kept open answers a sentence only when two more have come, since not every stage of its script passes a
flush on. So each stage of the mode is started here with its own -z, and each request ends with the full stop in a
superblank that Apertium's own deformatter adds, and NUL; every stage passes that on at once. A stage that dies or hangs
takes its pipeline with it, and the next text starts another.

The stages are programs of the system, run from an argument list. Their GPL stays theirs: nothing is linked.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from host.config import Settings
from host.contracts import Rendering, TranslatorInfo
from host.errors import BackendError, LanguageError
from host.iso639 import TWO_LETTERS

__all__ = ["ApertiumTranslator", "Pipeline", "modes", "sources", "stages", "start", "unready"]

FOLDERS: Final = (Path("/usr/share/apertium/modes"), Path("/usr/local/share/apertium/modes"))
ANSWER_TIMEOUT_S: Final = 10.0  # a sentence takes 3 ms, starting the stages 0.25 s
ANSWER_LIMIT: Final = 64 << 10  # bytes: many times what a text of `LONGEST` becomes
LONGEST: Final = 1000  # characters; the answer to as much fits the pipes' buffers, so that no stage waits for us

# The programs that modes are made of; each takes -z. Whatever else a mode names is not run.
_STAGES: Final = (
    "lt-proc lrx-proc lsx-proc cg-proc rtx-proc apertium-tagger apertium-pretransfer apertium-transfer "
    "apertium-interchunk apertium-postchunk apertium-anaphora apertium-posttransfer"
)
_PROGRAMS: Final = frozenset(_STAGES.split())
_SPECIAL: Final = re.compile(r"([\[\]{}^$/\\@<>~+#*])")
_SUPERBLANK: Final = re.compile(r"(?<!\\)\[(?:[^\[\]\\]|\\.)*+\]")
_UNKNOWN: Final = re.compile(r"(?<!\\)([*#@])([\w'-]+)")
_WORD: Final = re.compile(r"[\w'-]+")
_INSIDE: Final = re.compile(r"(?<=[\w.,;)] )[\w'-]+")  # words that begin neither a sentence nor a quotation
_CAPITALS: Final = 4  # letters; fewer may be an abbreviation
_NOUNS_IN_CAPITALS: Final = frozenset({"de", "lb"})
_NAMED: Final = 3  # unknown words that are named in a doubt
_END: Final = ".[]\n"


def unready(_settings: Settings, _environment: Mapping[str, str]) -> tuple[str, str] | None:
    """What is missing and how to get it; None where it can be used."""
    if shutil.which("apertium") is None or not modes():
        return "Apertium is not installed", "sudo apt install apertium apertium-eng-spa"
    return None


def sources(_settings: Settings, target: str) -> frozenset[str]:
    """Languages that an installed mode translates into `target`."""
    return frozenset(source for source, into in modes() if into == target)


def modes(folders: Sequence[Path] = FOLDERS) -> dict[tuple[str, str], Path]:
    """The installed pairs: ISO 639-1 codes to the file that names the stages."""
    found: dict[tuple[str, str], Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.mode"), key=lambda path: (len(path.name), path.name)):
            match = re.fullmatch(r"([a-z]{2,3})(?:_\w+)?-([a-z]{2,3})(?:_\w+)?", path.stem)
            if match:
                pair = TWO_LETTERS.get(match[1], match[1]), TWO_LETTERS.get(match[2], match[2])
                found.setdefault(pair, path)
    return found


def stages(mode: str) -> list[list[str]]:
    """The commands of a mode, each flushing at NUL, unknown words marked.

    Args:
        mode: what the file holds: commands with pipes between them, `$1` and `$2` for flags.

    Raises:
        ValueError: it names a program that is none of Apertium's.
    """
    lexer = shlex.shlex(mode, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands: list[list[str]] = [[]]
    for word in lexer:
        if word == "|":
            commands.append([])
        elif word == "$1":
            commands[-1].append("-g")
        elif word != "$2":
            commands[-1].append(word)
    for command in commands:
        if not command or command[0] not in _PROGRAMS:
            raise ValueError(f"{' '.join(command)!a:.60} is no stage of Apertium")
        command.insert(1, "-z")
    return commands


async def start(
    _settings: Settings, _environment: Mapping[str, str], _on_cpu: Callable[[float], None] | None
) -> ApertiumTranslator:
    """Prepare; a pair's stages start with its first text."""
    return ApertiumTranslator(modes())


class ApertiumTranslator:
    """The installed pairs as a `Translator` of `host/contracts`; a pipeline for each that is used."""

    def __init__(self, modes: Mapping[tuple[str, str], Path], *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        """Prepare; nothing is started.

        Args:
            modes: pairs of ISO 639-1 codes to their mode files.
            timeout_s: for an answer; a pipeline that takes longer has hung, and is killed.
        """
        self._modes, self._timeout_s = modes, timeout_s
        self._pipelines: dict[tuple[str, str], Pipeline] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="apertium")
        self._closed = False

    @property
    def info(self) -> TranslatorInfo:
        """What it can do."""
        return TranslatorInfo(
            name="apertium",
            local=True,
            streaming=False,
            sentences=True,
            longest=LONGEST,
            complete=True,
            quality="rough",
            licence="GPL-2.0-or-later, programs and data",
        )

    async def translate(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        *,
        progress: Callable[[int, str], None] | None = None,  # noqa: ARG002 - the contract's
    ) -> list[Rendering | None]:
        """Each text, one after the other. Raises LanguageError, BackendError."""
        if (source, target) not in self._modes:
            raise LanguageError(
                f"the Apertium that is installed does not translate {source} to {target}",
                "See which pairs there are: apt search apertium-",
            )
        loop = asyncio.get_running_loop()
        return [await loop.run_in_executor(self._thread, self._rendered, text, source, target) for text in texts]

    async def close(self) -> None:
        """End the stages. Repeated calls do nothing. Never raises."""
        if not self._closed:
            self._closed = True
            for pipeline in tuple(self._pipelines.values()):  # the thread may be adding one
                pipeline.kill()  # ends the wait for it, too
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._release))
            self._thread.shutdown(wait=False)

    def _release(self) -> None:
        for pipeline in self._pipelines.values():
            pipeline.close()

    def _rendered(self, text: str, source: str, target: str) -> Rendering:
        capitals = _in_capitals(text)
        plain = text.capitalize() if capitals else text
        said = self._said(plain, source, target)
        unknown = {word.casefold() for _, word in _UNKNOWN.findall(said)}
        if unknown and (capitals or plain.islower()):  # as signs and recognisers write; a name is known by its capital
            named = _WORD.sub(lambda m: m[0].capitalize() if m[0].casefold() in unknown else m[0], plain)
            said = _UNKNOWN.sub(lambda m: m[0].lower(), self._said(named, source, target))
        found = _rendering(said, _names(plain, source))
        return replace(found, text=found.text.upper()) if capitals else found

    def _said(self, text: str, source: str, target: str) -> str:
        """What the stages make of a text, marks and all. Raises BackendError."""
        try:
            pipeline = self._pipelines.get((source, target))
            if self._closed:
                raise BrokenPipeError("it was closed")
            if pipeline is not None and not pipeline.alive:
                pipeline.close()
                pipeline = None
            if pipeline is None:
                commands = stages(self._modes[source, target].read_text(encoding="utf-8"))
                pipeline = self._pipelines[source, target] = Pipeline(commands)
            return pipeline.translate(text, self._timeout_s)
        except ValueError as error:
            raise BackendError(f"apertium cannot be used: {error}", "Install its package again") from error
        except OSError as error:
            raise BackendError(
                f"apertium stopped in the middle: {error}", "It is started again with the next text", retry=True
            ) from error


class Pipeline:
    """The stages of one pair as processes; used by one thread, and killed by any."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        """Start them. Raises OSError: one is not there."""
        self._stages: list[subprocess.Popen[bytes]] = []
        try:
            before: IO[bytes] | int | None = subprocess.PIPE
            for command in commands:
                stage = subprocess.Popen(
                    command,
                    stdin=before,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for us: the last sentence is still to be translated
                )
                if isinstance(before, int):
                    self._in = stage.stdin
                elif before is not None:
                    before.close()
                self._stages.append(stage)
                before = stage.stdout
            self._out = self._stages[-1].stdout
        except OSError:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether every stage runs."""
        return all(stage.poll() is None for stage in self._stages)

    def translate(self, text: str, timeout_s: float) -> str:
        """A text through all stages; what comes out, marks and escapes included.

        Raises:
            OSError: a stage has died, or there was no answer in time; the pipeline is dead then.
        """
        timer = threading.Timer(timeout_s, self.kill)
        timer.daemon = True
        timer.start()
        assert self._in is not None, "opened as a pipe"  # noqa: S101
        assert self._out is not None, "opened as a pipe"  # noqa: S101
        try:
            self._in.write(_deformatted(text).encode() + b"\0")
            self._in.flush()
            answer = bytearray()
            while not answer.endswith(b"\0"):
                piece = self._out.read1()  # type: ignore[attr-defined]  # a buffered pipe
                if not piece:
                    raise BrokenPipeError("one of its programs ended, or took too long")
                answer += piece
                if len(answer) > ANSWER_LIMIT:
                    raise BrokenPipeError("it answers without end")
            return answer[:-1].decode(errors="replace")
        except OSError:
            self.close()
            raise
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End every stage; from any thread."""
        for stage in self._stages:
            stage.kill()

    def close(self) -> None:
        """End every stage and let go of the pipes; not while another thread is translating."""
        self.kill()
        for stage in self._stages:
            for pipe in (stage.stdin, stage.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # what was not written cannot be any more
                        pipe.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                stage.wait(1.0)


def _deformatted(text: str) -> str:
    """The text as the stages take it: no control characters, what means something to them escaped, an end."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return _SPECIAL.sub(r"\\\1", plain) + _END


def _in_capitals(text: str) -> bool:
    """Whether it is written in capitals, as signs are: its words are looked up as a sentence has them."""
    return text.isupper() and sum(map(str.isalpha, text)) >= _CAPITALS


def _names(text: str, source: str) -> frozenset[str]:
    """Words that are names by their capital, where the language writes only those so inside a sentence."""
    if source in _NOUNS_IN_CAPITALS:
        return frozenset()
    return frozenset(word for word in _INSIDE.findall(text) if word[0].isupper())


def _rendering(said: str, names: Collection[str] = ()) -> Rendering:
    """What the stages gave, without superblanks, escapes and marks.

    Words that it does not know are a reason to doubt it, but for names and codes, which stay as they are.
    """
    plain = _SUPERBLANK.sub("", said.removesuffix("\n").removesuffix("[]").removesuffix("."))
    unknown = [
        word
        for mark, word in dict.fromkeys(_UNKNOWN.findall(plain))
        if mark != "*" or not (word in names or any(map(str.isdecimal, word)))
    ]
    text = " ".join(re.sub(r"\\(.)", r"\1", _UNKNOWN.sub(r"\2", plain)).split())
    return Rendering(re.sub(r" ([.,])(?!\S)", r"\1", text), doubt=_unknown(unknown))


def _unknown(words: Sequence[str]) -> str:
    """Which words it does not know, as a phrase; empty for none."""
    if not words:
        return ""
    named = ", ".join(map(repr, words[:_NAMED])) + (f" and {len(words) - _NAMED} more" if words[_NAMED:] else "")
    return f"{named} {'are' if words[1:] else 'is'} unknown to it"
