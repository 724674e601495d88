"""Text in photos by PP-OCR's networks (rapidocr 3 on onnxruntime), with the models that its wheel brings.

They read Latin letters with accents, Chinese, and Japanese; no Korean, Cyrillic, Greek, Thai, Arabic, Hebrew or
Devanagari, nor the tone marks of Vietnamese. Nothing is fetched: the library is given the files beside it by path,
because by name it downloads what is not there; onnxruntime's own reports are off (`worker.py`). The network for
upside-down text is off, too: on price tags it turned more right lines wrong than wrong ones right.

The networks live in a process of their own, which holds 350 MB and takes about a second of CPU for a photo.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from host.backends.worker import Load, ModelProcess
from host.config import Settings
from host.errors import BackendError, ModelMissingError
from host.read.line import Corners, TextLine
from host.read.reader import Picture, ReaderInfo

__all__ = ["INFO", "RapidReader", "start"]

INFO: Final = ReaderInfo(
    name="rapidocr",
    scripts=("Latn", "Hani", "Jpan"),
    local=True,
    places=True,
    quality="good on sharp print; no Korean, Cyrillic, Greek, Thai, Arabic, Hebrew or Devanagari",
    licence="Apache-2.0, code and models",
)

READ_TIMEOUT_S: Final = 60.0  # a page of small print took 5 s on two busy cores
MAX_LINES: Final = 500  # of one photo
_THREADS: Final = 4
FULL_PX: Final = 736  # shorter side of what is searched for lines, at least: what the network was trained for
LONGEST: Final = 64  # sides to one: no line of text is longer, and the library would enlarge a strip to gigabytes
GLANCE_PX: Final = 416  # longer side of what a glance searches, in steps of 32: two fifths of the time of a full look
_REASON: Final = 200  # characters of what the library says that are worth reading


async def start(
    _language: str, _settings: Settings, _environment: Mapping[str, str], on_cpu: Callable[[float], None] | None
) -> RapidReader:
    """Load the networks in a process of their own.

    Raises:
        ModelMissingError: the installed library brings none.
        BackendError: they cannot be loaded.
    """
    detection, recognition = _bundled("det"), _bundled("rec")
    process = ModelProcess(
        _Engine, detection, recognition, name=INFO.name, call_timeout_s=READ_TIMEOUT_S, on_cpu=on_cpu
    )
    await process.start()
    return RapidReader(process)


class RapidReader:
    """The half in this process; a `Reader`."""

    def __init__(self, process: ModelProcess) -> None:
        self._process = process

    @property
    def info(self) -> ReaderInfo:
        """What it can do."""
        return INFO

    @property
    def load(self) -> Load:
        """What it has cost so far."""
        return self._process.load

    async def read(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a photo. Cancelling leaves it usable. Raises BackendError."""
        found: list[TextLine] = await self._asked("read", picture)
        return found

    async def glance(self, picture: Picture) -> list[TextLine]:
        """The lines of text whose letters are large, in two fifths of the time. Cancelling leaves it usable.

        Raises:
            BackendError: as `read`.
        """
        found: list[TextLine] = await self._asked("glance", picture)
        return found

    async def read_line(self, picture: Picture) -> TextLine | None:
        """One line that fills the picture. Cancelling leaves it usable. Raises BackendError."""
        found: TextLine | None = await self._asked("read_line", picture)
        return found

    async def _asked(self, method: str, picture: Picture) -> Any:
        try:
            return await self._process.call(method, picture)
        except BackendError as error:
            hint = "Take the photo again" if error.retry else "Choose another reader with --reader"
            raise BackendError(error.message, hint, retry=error.retry) from error

    async def close(self) -> None:
        """End the process. Repeated calls do nothing. Never raises."""
        await self._process.close()


class _Engine:
    """The half in the child process."""

    def __init__(self, detection: Path, recognition: Path) -> None:
        """Load both networks. Raises BackendError."""
        try:
            import numpy as np  # noqa: PLC0415 - with the library
            from rapidocr import RapidOCR  # noqa: PLC0415 - imported when used
            from rapidocr.inference_engine.onnxruntime import OrtInferSession  # noqa: PLC0415

            sessions: Any = OrtInferSession
            sessions._init_sess_opts = staticmethod(_Patient(sessions._init_sess_opts))  # noqa: SLF001 - its only way
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
            self._library: Any = RapidOCR(
                params={
                    "Global.use_cls": False,
                    "Global.log_level": "critical",
                    "Det.model_path": str(detection),
                    "Rec.model_path": str(recognition),
                    "EngineConfig.onnxruntime.intra_op_num_threads": min(_THREADS, os.cpu_count() or 1),
                }
            )
            # The library loads each network when it first needs it: here, so that what is wrong with one is said here.
            blank = np.full((64, 64, 3), 255, np.uint8)
            self._library(blank, use_det=False)
            self._library(blank, use_det=True)
        except Exception as error:
            raise BackendError(f"rapidocr cannot load its models: {_short(error)}", "Install it again") from error

    def read(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a photo; none in a strip, or below 8 pixels, which the library cannot scale."""
        return self._read(picture, "min", FULL_PX)

    def glance(self, picture: Picture) -> list[TextLine]:
        """The same, of a smaller picture: lines are found there, and read in the photo."""
        least, most = sorted(picture.shape[:2])
        if most > GLANCE_PX:
            return self._read(picture, "max", GLANCE_PX)
        return self._read(picture, "min", max(32, GLANCE_PX * least // max(1, most)))

    def _read(self, picture: Picture, side: str, pixels: int) -> list[TextLine]:
        """The lines of a photo, searched where its shorter ("min") or longer side ("max") has so many pixels."""
        least, most = sorted(picture.shape[:2])
        if least < 8 or most > LONGEST * least:
            return []
        detector = self._library.text_det
        detector.limit_type, detector.limit_side_len = side, pixels
        found = self._library(picture[:, :, ::-1].copy(), use_det=True)  # it takes blue, green, red
        if getattr(found, "boxes", None) is None or found.txts is None:
            return []
        lines = zip(found.boxes, found.txts, found.scores, strict=True)
        return [
            TextLine(" ".join(text.split()), _corners(box), round(float(score), 3))
            for box, text, score in list(lines)[:MAX_LINES]
            if text.strip()
        ]

    def read_line(self, picture: Picture) -> TextLine | None:
        """One line that fills the picture; None where it says nothing, or has fewer than 8 pixels either way."""
        height, width = picture.shape[:2]
        if min(height, width) < 8:
            return None
        found = self._library(picture[:, :, ::-1].copy(), use_det=False)
        if not getattr(found, "txts", None) or not found.txts[0].strip():
            return None
        corners: Corners = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
        return TextLine(" ".join(found.txts[0].split()), corners, round(float(found.scores[0]), 3))


class _Patient:
    """Makes sessions whose idle threads sleep: those of onnxruntime spin, a fifth of the CPU time on two cores."""

    def __init__(self, options: Callable[[Any], Any]) -> None:
        self._options = options

    def __call__(self, config: Any) -> Any:
        options = self._options(config)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return options


def _corners(box: Any) -> Corners:
    one, two, three, four = ((float(x), float(y)) for x, y in box)
    return one, two, three, four


def _bundled(task: str) -> Path:
    """The network for a task in the library's own folder; its name changes with the library's version."""
    spec = importlib.util.find_spec("rapidocr")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for folder in folders for path in Path(folder, "models").glob(f"*_{task}_*.onnx"))
    if not found:
        raise ModelMissingError(
            "this version of rapidocr brings no models", "Install the one that does: pip install 'sidelight[read]'"
        )
    return found[-1]


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:_REASON]
