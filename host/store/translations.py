"""Translations of sentences as rows beside them; every function works within the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from host.contracts import Translation
from host.store.database import storable
from host.store.search import index_text

__all__ = ["COLUMNS", "keep_translation", "translation_of"]

COLUMNS = "translation.language, translation.text, translator, doubts, keep_source, missing"
"""What `translation_of` takes, of a query that joins `translation`."""


def keep_translation(connection: sqlite3.Connection, entry_id: int, translation: Translation) -> None:
    """Keep the translation of a sentence, in place of one that it has; found by its words, and counted if it has any.

    What is no Unicode text in it (lone surrogates) is replaced.
    """
    text = storable(translation.text)
    counted = connection.execute("SELECT text != '' FROM translation WHERE entry_id = ?", (entry_id,)).fetchone()
    connection.execute(
        "INSERT OR REPLACE INTO translation (entry_id, language, text, translator, doubts, keep_source, missing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            entry_id,
            storable(translation.language),
            text,
            storable(translation.translator),
            json.dumps([storable(doubt) for doubt in translation.doubts]),
            translation.keep_source,
            storable(translation.missing),
        ),
    )
    connection.execute(
        "UPDATE transcript SET translations = translations + ?"
        " WHERE id = (SELECT transcript_id FROM entry WHERE id = ?)",
        (int(bool(text)) - (counted[0] if counted else 0), entry_id),
    )
    connection.execute("UPDATE sentence_index SET translation = ? WHERE rowid = ?", (index_text(text), entry_id))


def translation_of(row: tuple[Any, ...]) -> Translation | None:
    """The translation in a row of `COLUMNS`; None where the sentence has none."""
    language, text, translator, doubts, keep_source, missing = row
    if language is None:
        return None
    return Translation(text, language, translator, tuple(json.loads(doubts)), bool(keep_source), missing)
