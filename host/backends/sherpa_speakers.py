"""What a voice sounds like, by a speaker embedding model on this computer (sherpa-onnx, k2-fsa).

A model is one ONNX file, or a folder with it, of those that its makers publish for "speaker recognition" (WeSpeaker,
3D-Speaker, NeMo). The library loads files by path and has no downloads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from host.backends.local import RATE_HZ
from host.backends.worker import ModelProcess
from host.contracts import EmbedderInfo, Samples
from host.errors import BackendError, ModelMissingError
from host.paths import named

__all__ = ["SherpaEmbedder", "SherpaVoices", "find_model", "start"]

_ALIKE: Final = 0.5  # above what its makers' example of online use takes (0.4), so that a doubt stays one
_UNLIKE: Final = 0.4  # theirs: python-api-examples/speaker-identification-with-vad-dynamic.py
_SHORTEST: Final = RATE_HZ // 2  # samples; theirs skips less than half a second, too
_LONGEST: Final = 10 * RATE_HZ  # samples: more tells nothing more of a voice, and takes longer
_ANSWER_S: Final = 3.0  # a finished sentence waits for its speaker no longer; ten seconds of sound take 0.3 s here
_REASON: Final = 200  # characters of what the library says that are worth reading
_HOW: Final = "sidelight models get wespeaker-en gets one; --speaker-model takes the file of your own"


async def start(path: str, on_cpu: Callable[[float], None] | None) -> SherpaEmbedder:
    """Load the model in a process of its own.

    Args:
        path: the model's file, or a folder with it.
        on_cpu: called with the CPU seconds of each call, in the thread that made it, before its result arrives.

    Raises:
        ModelMissingError: no model there.
        BackendError: it cannot be loaded.
    """
    model = find_model(path)
    process = ModelProcess(SherpaVoices, model, name="the model that tells voices apart", on_cpu=on_cpu)
    try:
        await process.start()
    except BackendError as error:
        # The library ends its process over a file that it does not understand.
        raise BackendError(
            f"sherpa cannot load the model in {str(model)!a}: {error.message}", "Get the model again"
        ) from error
    return SherpaEmbedder(EmbedderInfo(model.name, _ALIKE, _UNLIKE), process)


def find_model(path: str) -> Path:
    """The model's file. Raises ModelMissingError."""
    place = named(path)
    found = sorted(place.glob("*.onnx")) if place.is_dir() else [place]
    if not found or not found[0].is_file():
        raise ModelMissingError(f"there is no speaker embedding model at {path!a}", _HOW)
    if len(found) > 1:
        raise ModelMissingError(f"there are several models in {path!a}", "Name the file")
    return found[0]


class SherpaEmbedder:
    """A loaded model; the `SpeakerEmbedder` of `host/contracts`."""

    def __init__(self, info: EmbedderInfo, process: ModelProcess) -> None:
        self._info, self._process = info, process

    @property
    def info(self) -> EmbedderInfo:
        """What its figures mean."""
        return self._info

    async def embed(self, samples: Samples) -> tuple[float, ...]:
        """The embedding of an utterance; empty below half a second. Raises BackendError, after 3 s at the latest."""
        if len(samples) < _SHORTEST:
            return ()
        if self._process.busy:
            raise self._late()
        try:
            async with asyncio.timeout(_ANSWER_S):
                found: Any = await self._process.call("embed", samples[:_LONGEST])
        except TimeoutError as error:
            raise self._late() from error
        return tuple(found)

    async def close(self) -> None:
        """End the process. Repeated calls do nothing. Never raises."""
        await self._process.close()

    def _late(self) -> BackendError:
        return BackendError(
            f"{self._info.model} takes longer than {_ANSWER_S:g} s to tell a voice",
            "Sentences are kept without speakers meanwhile; --speakers off leaves it out",
            retry=True,
        )


class SherpaVoices:
    """The half in the child process."""

    def __init__(self, model: Path) -> None:
        """Load the model. Raises BackendError; a file that is no model ends the process."""
        try:
            import sherpa_onnx  # noqa: PLC0415 - imported when used

            config = sherpa_onnx.SpeakerEmbeddingExtractorConfig(model=str(model), num_threads=1)
            self._extractor: Any = sherpa_onnx.SpeakerEmbeddingExtractor(config)
        except Exception as error:
            raise BackendError(" ".join(str(error).split())[:_REASON]) from error

    def embed(self, samples: Samples) -> list[float]:
        """The embedding of an utterance; empty where the model wants more sound."""
        stream = self._extractor.create_stream()
        stream.accept_waveform(RATE_HZ, (samples / 32768).astype(np.float32))
        stream.input_finished()
        if not self._extractor.is_ready(stream):
            return []
        return [round(float(value), 6) for value in self._extractor.compute(stream)]
