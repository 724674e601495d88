"""A transcript as a file for people and other programs: txt, srt, vtt, json, md. Pure, but for `save`."""

from __future__ import annotations

from host.store.export.documents import Heading
from host.store.export.formats import FORMATS, Format, format_of, render
from host.store.export.save import save

__all__ = ["FORMATS", "Format", "Heading", "format_of", "render", "save"]
