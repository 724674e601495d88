"""`--web`: the local page, for every verb that uses glasses."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from host.cli.interrupts import at_once
from host.cli.options import add_settings, is_given, settings_of
from host.cli.output import Output

__all__ = ["add_page_options", "page_shown"]


def add_page_options(
    parser: argparse.ArgumentParser,
    *names: str,
    about: str = "show lens, captions, prices and the way on a page of this computer, too",
) -> None:
    """Add --web, or what else it is called, and the settings of the page."""
    parser.add_argument(*(names or ("--web",)), dest="web", action="store_true", help=about)
    add_settings(parser, "web.address", "web.certificate", "web.key_file")


@contextlib.contextmanager
def page_shown(args: argparse.Namespace, out: Output) -> Iterator[None]:
    """Serve the page while the verb runs, if that is wanted, which an address for it says too, and tell where it is.

    Raises:
        UsageError: its address or its certificate cannot be used.
        BackendMissingError: its server is not installed.
    """
    if not getattr(args, "web", False) and not is_given(args, "web.address"):
        yield
        return
    with at_once():  # loaded when used
        from host.app.lens_view import follow_glasses  # noqa: PLC0415
        from host.app.page_actions import actions_offered  # noqa: PLC0415
        from host.web.address import address_of  # noqa: PLC0415
        from host.web.server import serving  # noqa: PLC0415

    settings = settings_of(args)
    address = address_of(settings.web_address, settings.web_certificate, settings.web_key_file)
    with serving(address) as page, contextlib.ExitStack() as stack:

        def connected(glasses: Any) -> None:
            follow_glasses(glasses, page.see, page.offer, out.elapsed)

        def assisting(do: Callable[[str], str]) -> None:
            page.offer(actions_offered(do, lambda error: out.error(error.code, error.message, error.hint)), "assistant")

        stack.enter_context(out.watched(page.tell, connected, assisting))
        out.note(f"page: {page.url}")
        yield
