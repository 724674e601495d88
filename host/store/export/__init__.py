"""A transcript as a file for people and other programs: txt, srt, vtt, json, md. Pure, but for `save`."""

from __future__ import annotations

from host.store.export.documents import Heading
from host.store.export.formats import FORMATS, Format, format_of, render
from host.store.export.save import save
from host.store.export.texts import TEXTS, Texts

__all__ = ["FORMATS", "TEXTS", "Format", "Heading", "Texts", "format_of", "render", "save"]
