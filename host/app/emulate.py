"""An emulated device for other programs: it runs until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from host.app.lens_view import Lending
from host.errors import StoreError

if TYPE_CHECKING:
    from firmware_bridge.emulator.observer import Lens

__all__ = ["FILM", "Emulation", "Lent", "Told", "emulate"]

FILM = "lens.gif"
SCHEME = "emulator:"

Told = Literal["connected", "paired", "disconnected", "restarted", "printed", "failed"]


@dataclass(frozen=True, slots=True)
class Emulation:
    """What is emulated.

    Attributes:
        device: what stands behind `emulator:` in the address of emulated glasses, as in "frame?mic=talk.wav".
        radio: how others reach it: tcp:127.0.0.1:PORT, or usb:0.
        lens_out: folder for a film of the lens; None for none.
        forget_bond: whether the button of the charging cradle is held at the start.
    """

    device: str
    radio: str
    lens_out: Path | None = None
    forget_bond: bool = False


@dataclass(frozen=True, slots=True)
class Lent:
    """How others reach it.

    Attributes:
        name: as it advertises.
        glasses: for --glasses of this program.
        command: runs another program that uses bleak; empty if every Bluetooth adapter in range reaches it.
    """

    name: str
    glasses: str
    command: str


async def emulate(
    emulation: Emulation,
    lent: Callable[[Lent], None],
    tell: Callable[[Told, str], None],
    looked_at: Callable[[Lending], None] = lambda _lending: None,
) -> None:
    """Emulate until cancelled.

    Args:
        emulation: what.
        lent: called once others can reach it.
        tell: called with what happens; the text comes from other programs.
        looked_at: called once with the glasses, for whoever wants to look at them and play their wearer.

    Raises:
        GlassesError: what was asked for is not possible.
        StoreError: the film cannot be kept where it should be.
    """
    # Loaded when used: the emulator is an extra.
    from firmware_bridge.emulator.on_air import on_air  # noqa: PLC0415
    from firmware_bridge.emulator.options import parse_uri  # noqa: PLC0415
    from firmware_bridge.emulator.telemetry import DeviceObserver, LinkState  # noqa: PLC0415

    class Teller(DeviceObserver):
        def linked(self, when_s: float, state: LinkState) -> None:  # noqa: ARG002
            tell(state, "")

        def restarted(self, when_s: float, reason: str) -> None:  # noqa: ARG002
            tell("restarted", reason)

        def printed(self, when_s: float, text: bytes) -> None:  # noqa: ARG002
            tell("printed", text.decode("utf-8", "replace"))

        def failed(self, when_s: float, text: bytes) -> None:  # noqa: ARG002
            tell("failed", text.decode("utf-8", "replace"))

    options = parse_uri(SCHEME + emulation.device.removeprefix(SCHEME))
    async with on_air(options, emulation.radio) as reached, contextlib.AsyncExitStack() as stack:
        if emulation.forget_bond:
            reached.frame.press_cradle_button()
        if emulation.lens_out is not None:
            _film(reached.glasses.watch_lens(), emulation.lens_out, stack)
        reached.glasses.observers.append(Teller())
        looked_at(Lending(reached, options))
        if reached.over_the_air:
            lent(Lent(options.name, f"ble:{options.name}", ""))
        else:
            command = f"{shlex.quote(sys.executable)} -m firmware_bridge.bumble_radio {shlex.quote(reached.where)}"
            lent(Lent(options.name, f"ble:?via={reached.where}", command))
        await asyncio.Event().wait()


def _film(lens: Lens, folder: Path, stack: contextlib.AsyncExitStack) -> None:
    from firmware_bridge.emulator import LensFilm  # noqa: PLC0415 - an extra

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {folder}: {error.strerror}", "Name another place") from error
    stack.enter_context(LensFilm(lens, folder / FILM))
