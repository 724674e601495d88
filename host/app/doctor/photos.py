"""Whether text, barcodes and prices in photos can be read, and by what."""

from __future__ import annotations

from collections.abc import Iterator

from host.app.doctor.checkup import Checkup, in_a_row, missing, ok, wanted
from host.app.doctor.packages import EXTRAS, install, versions, wants
from host.backends.readers import choose, installed, languages_here
from host.errors import HostError
from host.events import Finding

__all__ = ["photos"]


def photos(checkup: Checkup) -> Iterator[Finding]:
    """What decodes photos, and the reader that would be taken; nothing is loaded."""
    settings = checkup.settings
    if lacking := wants(*EXTRAS["read"]):
        yield missing("photos and barcodes", in_a_row(lacking), install("read"))
    else:
        yield ok("photos and barcodes", versions(*EXTRAS["read"]))
    there, language = installed(), settings.translate_from
    packs = languages_here() if "tesseract" in there else ()
    try:
        choice = choose(
            settings.reader, language, installed=there, configured=bool(settings.vision_base_url), packs=packs
        )
    except HostError as error:
        yield wanted("reader", error.message, error.hint, needed=settings.reader != "auto")
    else:
        yield ok("reader", f"{choice.name} is taken: {choice.why}")
    if lacking := wants(*EXTRAS["price"]):
        yield missing("prices", in_a_row(lacking), install("price"))
    elif not settings.price_country:
        hint = 'Set it for those whose tags do not say theirs: price.country = "NO", say'
        yield missing("prices", "the country of the shops, and so their currency, is not set", hint)
    else:
        money = f", told in {settings.currency} too" if settings.currency else ""
        yield ok("prices", f"those of shops in {settings.price_country}{money}")
