"""Pictures of what the wearer of emulated glasses sees: a film of everything, and one picture a finished sentence."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware_bridge import Glasses, GlassesError
from host.errors import StoreError, UsageError
from host.events import Event, Sentence, Translation

__all__ = ["FILM", "LensPictures", "earlier_pictures", "picture_name", "require_pictures"]

FILM = "lens.gif"

_PICTURE = re.compile(r"lens-\d{3,}\.png")

_SHOWN_S = 0.3  # from a translation being reported to its being lit, twice over

_logger = logging.getLogger(__name__)


def picture_name(number: int) -> str:
    """Name of the picture of the `number`th sentence, from 1."""
    return f"lens-{number:03}.png"


def earlier_pictures(folder: Path) -> list[Path]:
    """Pictures and film that an earlier `LensPictures` left in a folder, which need not be there. Raises StoreError."""
    try:
        return [p for p in folder.iterdir() if (p.name == FILM or _PICTURE.fullmatch(p.name)) and p.is_file()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot use the folder {folder}: {error.strerror}", "Name another place") from error


def require_pictures(folder: Path | None, *, glasses: bool, recorded: bool, replace: bool) -> None:
    """Find out before anything is started whether the lens can be pictured.

    Args:
        folder: for the pictures; None for none.
        glasses: whether there are any.
        recorded: whether the link to them is recorded.
        replace: whether earlier pictures there may be replaced.

    Raises:
        UsageError: it cannot, or earlier pictures are there.
        StoreError: the folder cannot be looked at.
    """
    if folder is None:
        return
    if not glasses:
        raise UsageError("without glasses there is no lens to picture", "Leave --lens-out out, or name --glasses")
    if recorded:
        raise UsageError("the lens cannot be pictured while the link is recorded", "Leave --lens-out or --record out")
    if not replace and earlier_pictures(folder):
        raise UsageError(
            f"{folder} holds pictures of the lens already", "Name another folder, or add --force to replace them"
        )


class LensPictures:
    """Writes `lens.gif` and `lens-001.png`, `lens-002.png`... into a folder while it is entered.

    A picture is taken when the lens shows something new for the first time after a sentence was finished, its final
    wording, or at the end, if that looks as the lens did before. Looking on changes nothing on the glasses. What an
    earlier one left in the folder makes room; other files are not touched.
    """

    def __init__(self, glasses: Glasses, folder: Path) -> None:
        """Prepare; the glasses need not be connected yet.

        Raises:
            UsageError: these glasses are not emulated; nobody can see what their wearer sees.
        """
        display = getattr(getattr(glasses.source, "device", None), "display", None)
        if display is None:
            raise UsageError("the lens can be pictured on emulated glasses only", "Leave --lens-out out")
        self._display = display
        self._folder = folder
        self._film = contextlib.ExitStack()
        self._taken = 0
        self._wanted = False
        self._due: asyncio.TimerHandle | None = None

    def watching(self, report: Callable[[Event], None], *, translated: bool = False) -> Callable[[Event], None]:
        """`report`, and a picture after each sentence that is reported through it.

        With `translated` it is taken a moment after the translation instead: the sentence itself may still be on its
        way to the lens then.
        """

        def reported(event: Event) -> None:
            report(event)
            if not translated:
                self._wanted = self._wanted or isinstance(event, Sentence | Translation)
            elif isinstance(event, Translation):
                self._due = asyncio.get_running_loop().call_later(_SHOWN_S, self.take)

        return reported

    def take(self) -> None:
        """Take a picture of what the lens shows."""
        self._wanted = True
        self._take_wanted()

    def __enter__(self) -> Self:
        """Begin to film.

        Raises:
            StoreError: the folder cannot be made or cleared.
            InputError: the film cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in earlier_pictures(self._folder):
                path.unlink()
        except OSError as error:
            raise StoreError(f"cannot write to {self._folder}: {error.strerror}", "Name another place") from error
        from firmware_bridge.emulator import LensFilm  # noqa: PLC0415 - an extra

        self._film.enter_context(LensFilm(self._display, self._folder / FILM))
        self._display.observers.append(self._lit)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the film."""
        self._display.observers.remove(self._lit)
        self._film.close()
        if self._due is not None and not self._due.cancelled() and self._due.when() > asyncio.get_running_loop().time():
            self._due.cancel()
            self._wanted = True
        self._take_wanted()

    def _lit(self, _when_s: float, _picture: Callable[[], object]) -> None:
        self._take_wanted()

    def _take_wanted(self) -> None:
        if self._wanted:
            self._wanted = False
            self._taken += 1
            from firmware_bridge.emulator import save_png  # noqa: PLC0415 - an extra

            try:
                save_png(self._display, self._folder / picture_name(self._taken))
            except GlassesError as error:  # a picture that cannot be written must not stop the glasses
                _logger.warning("%s", error.message)
